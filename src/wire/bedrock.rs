//! Bedrock's `ConverseStream`: one form for the models of many labs. Reads the events; their framing is that of
//! [`super::eventstream`].
//!
//! Source: <https://docs.aws.amazon.com/bedrock/latest/APIReference/API_runtime_ConverseStream.html>.

use super::{
    anthropic,
    body::{BodyOptions, Told, finished, put, put_stop},
    flow::Flow,
    json,
    reading::Format,
    segment::segment,
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::LaneFailure,
    request::{ChatRequest, Role},
    usage::{ServerTimings, Usage},
};
use serde_json::{Map, Value, json};

/// Path of a model: its id, or the name of one of its profiles, holds colons and slashes.
pub(super) fn path(model: &str) -> String {
    format!("/model/{}/converse-stream", segment(model))
}

/// Body of `ConverseStream`, which does not name the model. Seeds, `top_k` and `min_p` are each model's own business.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    if let Some(system) = &request.system {
        body.insert("system".to_owned(), json!([{"text": system}]));
    }
    let messages = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": [{"text": message.content}]})
    });
    body.insert("messages".to_owned(), messages.collect());
    let mut own = Map::new();
    put_thinking(&mut own, &request.model, &options.told);
    let mut inference = Map::new();
    put(&mut inference, "maxTokens", sampling.max_tokens);
    put(&mut inference, "temperature", sampling.temperature);
    put(&mut inference, "topP", sampling.top_p);
    put_stop(&mut inference, "stopSequences", &sampling.stop);
    for (field, part) in [
        ("inferenceConfig", inference),
        ("additionalModelRequestFields", own),
    ] {
        if !part.is_empty() {
            body.insert(field.to_owned(), Value::Object(part));
        }
    }
    finished(body, request, options)
}

/// Puts how much to think into a model's own fields, as its lab names them.
fn put_thinking(own: &mut Map<String, Value>, model: &str, told: &Told) {
    let is_of = |lab: &str| model.contains(lab);
    if is_of("anthropic.") {
        return anthropic::put_thinking(own, told);
    }
    let word = match told {
        Told::Word(word) | Told::Adaptive(word) => Some(word.as_str()),
        Told::Nothing | Told::Off | Told::On | Told::Budget(_) => None,
    };
    if is_of("amazon.nova-2") {
        let config = match (told, word) {
            (Told::Off, _) => Some(json!({"type": "disabled"})),
            (_, Some(word)) => Some(json!({"type": "enabled", "maxReasoningEffort": word})),
            _ => None,
        };
        put(own, "reasoningConfig", config);
    } else if is_of("openai.") {
        put(own, "reasoning_effort", word);
    }
}

/// Reads events: each one an object with its type as the only key.
#[derive(Debug, Default)]
pub struct Bedrock {
    /// Some thinking of the open block was shown.
    has_thought: bool,
}

impl Format for Bedrock {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        event: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let first = event.as_object().and_then(|object| object.iter().next());
        let Some((kind, payload)) = first else {
            return Ok(());
        };
        match kind.as_str() {
            "contentBlockDelta" => {
                flow.know();
                self.take_delta(payload.get("delta").unwrap_or(&Value::Null), flow, out);
            }
            "contentBlockStop" => {
                flow.know();
                self.has_thought = false;
            }
            "messageStop" => {
                flow.know();
                let reason = json::text(payload, "stopReason").unwrap_or_default();
                flow.finish(finish_reason(reason), out);
            }
            "metadata" => {
                flow.know();
                flow.usage(usage(payload.get("usage").unwrap_or(&Value::Null)), out);
                let metrics = payload.get("metrics").unwrap_or(&Value::Null);
                let times = ServerTimings {
                    total_ms: json::scaled(metrics, "latencyMs", 1.0),
                    ..ServerTimings::default()
                };
                flow.server(times, out);
                if flow.is_finishing() {
                    return flow.conclude(out);
                }
            }
            "messageStart" | "contentBlockStart" => flow.know(),
            _ => {}
        }
        Ok(())
    }
}

impl Bedrock {
    fn take_delta(&mut self, delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        flow.content(json::text(delta, "text").unwrap_or_default(), out);
        let Some(thinking) = delta.get("reasoningContent") else {
            return;
        };
        // Some of the labs behind it send summaries, and no stream says which: a rate of them would be a guess.
        if let Some(text) = json::text(thinking, "text") {
            self.has_thought = true;
            flow.reasoning(text, ReasoningForm::Summary, out);
        } else if !self.has_thought {
            let is_said = |field| json::text(thinking, field).is_some();
            if is_said("signature") || is_said("redactedContent") {
                flow.hidden_reasoning(out);
            }
        }
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "end_turn" | "stop_sequence" => FinishReason::Stop,
        "max_tokens" | "model_context_window_exceeded" => FinishReason::Length,
        "tool_use" => FinishReason::ToolCalls,
        "guardrail_intervened" | "content_filtered" => FinishReason::ContentFilter,
        "refusal" => FinishReason::Refusal,
        _ => FinishReason::Other,
    }
}

/// Tokens that came from a cache, or went into it, are not in `inputTokens`.
/// Source: <https://docs.aws.amazon.com/bedrock/latest/userguide/prompt-caching.html>.
fn usage(reported: &Value) -> Usage {
    let read = json::count(reported, "cacheReadInputTokens");
    let written = json::count(reported, "cacheWriteInputTokens");
    let cached = read.unwrap_or(0).saturating_add(written.unwrap_or(0));
    let fresh = json::count(reported, "inputTokens");
    Usage {
        prompt_tokens: fresh.map(|fresh| fresh.saturating_add(cached)),
        cached_prompt_tokens: read,
        cache_write_tokens: written,
        completion_tokens: json::count(reported, "outputTokens"),
        reasoning_tokens: None,
        source: None,
    }
}
