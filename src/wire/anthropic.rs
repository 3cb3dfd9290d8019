//! Anthropic's messages: events of blocks. Reads what clones of it send too.

use super::{
    body::{BodyOptions, Told, finished, plain_messages, put, put_stop},
    flow::Flow,
    json,
    reading::Format,
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::LaneFailure,
    request::ChatRequest,
    usage::Usage,
};
use serde_json::{Map, Value, json};

/// Body of Anthropic's messages. Seeds and `min_p` do not exist there.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let max_tokens = sampling.max_tokens.unwrap_or(options.default_max_tokens);
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    body.insert("max_tokens".to_owned(), json!(max_tokens));
    put(&mut body, "system", request.system.as_deref());
    let messages = plain_messages(request);
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    put_stop(&mut body, "stop_sequences", &sampling.stop);
    put(&mut body, "temperature", sampling.temperature);
    put(&mut body, "top_p", sampling.top_p);
    put(&mut body, "top_k", sampling.top_k);
    put_thinking(&mut body, &options.told);
    finished(body, request, options)
}

/// Puts how much to think into a body, or into the part of another body that is Claude's own.
pub(super) fn put_thinking(body: &mut Map<String, Value>, told: &Told) {
    let thinking = match told {
        Told::Nothing => return,
        Told::Off => json!({"type": "disabled"}),
        Told::Budget(tokens) => json!({"type": "enabled", "budget_tokens": tokens}),
        Told::On | Told::Word(_) | Told::Adaptive(_) => json!({"type": "adaptive"}),
    };
    put(body, "thinking", Some(thinking));
    if let Told::Word(word) | Told::Adaptive(word) = told {
        put(body, "output_config", Some(json!({"effort": word})));
    }
}

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
            cache_write_tokens: self.input.cache_written.filter(|written| *written > 0),
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
