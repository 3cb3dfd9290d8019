//! Anthropic's messages: events of blocks. Reads what clones of it send too.

use super::{flow::Flow, json, reading::Format};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::LaneFailure,
    usage::Usage,
};
use serde_json::Value;

/// Reads the events of one message.
#[derive(Debug, Default)]
pub struct Anthropic {
    input: Input,
    output_tokens: Option<u64>,
    thinking_tokens: Option<u64>,
    /// A block of thinking is open in which nothing has been shown.
    is_blank_thinking: bool,
}

/// The three disjoint parts of the prompt.
#[derive(Debug, Default)]
struct Input {
    fresh: Option<u64>,
    cache_written: Option<u64>,
    cache_read: Option<u64>,
}

impl Format for Anthropic {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        event: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let null = Value::Null;
        let part = |field| event.get(field).unwrap_or(&null);
        match json::text(event, "type").unwrap_or_default() {
            "message_start" => {
                flow.know();
                let reported = part("message").get("usage").unwrap_or(&null);
                self.input.take(reported);
                // Its count of output is of the first moment only: unknown is nearer to the truth.
                flow.usage(self.usage(), out);
            }
            "content_block_start" => {
                flow.know();
                self.start_block(part("content_block"), flow, out);
            }
            "content_block_delta" => {
                flow.know();
                self.take_delta(part("delta"), flow, out);
            }
            "content_block_stop" => {
                flow.know();
                if std::mem::take(&mut self.is_blank_thinking) {
                    flow.hidden_reasoning(out);
                }
            }
            "message_delta" => {
                flow.know();
                if let Some(reason) = json::text(part("delta"), "stop_reason") {
                    flow.finish(finish_reason(reason), out);
                }
                self.take_final_usage(part("usage"));
                flow.usage(self.usage(), out);
            }
            "message_stop" => {
                flow.know();
                if !flow.is_finishing() {
                    flow.finish(FinishReason::Stop, out);
                }
                flow.conclude(out)?;
            }
            "ping" => flow.know(),
            _ => {}
        }
        Ok(())
    }
}

impl Anthropic {
    fn start_block(&mut self, block: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        match json::text(block, "type").unwrap_or_default() {
            "text" => flow.content(json::text(block, "text").unwrap_or_default(), out),
            "thinking" => {
                self.is_blank_thinking = true;
                self.think(json::text(block, "thinking").unwrap_or_default(), flow, out);
            }
            "redacted_thinking" => flow.hidden_reasoning(out),
            _ => {}
        }
    }

    fn take_delta(&mut self, delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        match json::text(delta, "type").unwrap_or_default() {
            "text_delta" => flow.content(json::text(delta, "text").unwrap_or_default(), out),
            "thinking_delta" => {
                self.think(json::text(delta, "thinking").unwrap_or_default(), flow, out);
            }
            _ => {}
        }
    }

    fn think(&mut self, text: &str, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        self.is_blank_thinking &= text.is_empty();
        flow.reasoning(text, ReasoningForm::Summary, out);
    }

    /// Figures of the end are totals: they replace those of the start, field by field.
    fn take_final_usage(&mut self, reported: &Value) {
        self.input.take(reported);
        replace(
            &mut self.output_tokens,
            json::count(reported, "output_tokens"),
        );
        let thinking = reported
            .get("output_tokens_details")
            .and_then(|details| json::count(details, "thinking_tokens"));
        replace(&mut self.thinking_tokens, thinking);
    }

    fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: self.input.total(),
            cached_prompt_tokens: self.input.cache_read,
            completion_tokens: self.output_tokens,
            reasoning_tokens: self.thinking_tokens,
            source: None,
        }
    }
}

impl Input {
    fn take(&mut self, reported: &Value) {
        replace(&mut self.fresh, json::count(reported, "input_tokens"));
        let written = json::count(reported, "cache_creation_input_tokens");
        replace(&mut self.cache_written, written);
        let read = json::count(reported, "cache_read_input_tokens");
        replace(&mut self.cache_read, read);
    }

    fn total(&self) -> Option<u64> {
        let cached = [self.cache_written, self.cache_read].map(|part| part.unwrap_or(0));
        let [written, read] = cached;
        self.fresh
            .map(|fresh| fresh.saturating_add(written).saturating_add(read))
    }
}

fn replace(known: &mut Option<u64>, now: Option<u64>) {
    *known = now.or(*known);
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "refusal" => FinishReason::Refusal,
        _ => FinishReason::Other,
    }
}
