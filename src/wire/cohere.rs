//! Cohere's chat, version 2: events of contents. The last one says how it ended and what it cost.

use super::{
    body::{BodyOptions, Told, finished, messages_with_system, put, put_stop},
    error_body,
    flow::Flow,
    json,
    reading::Format,
};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::{FailureKind, LaneFailure},
    request::ChatRequest,
    usage::Usage,
};
use serde_json::{Map, Value, json};

/// Body of Cohere's chat. `min_p` does not exist there.
/// Source: <https://docs.cohere.com/reference/chat-stream>.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let messages = messages_with_system(request);
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    put(&mut body, "max_tokens", sampling.max_tokens);
    put(&mut body, "temperature", sampling.temperature);
    put(&mut body, "p", sampling.top_p);
    put(&mut body, "k", sampling.top_k);
    put(&mut body, "seed", sampling.seed);
    put_stop(&mut body, "stop_sequences", &sampling.stop);
    put(&mut body, "thinking", thinking(&options.told));
    finished(body, request, options)
}

fn thinking(told: &Told) -> Option<Value> {
    match told {
        Told::Nothing => None,
        Told::Off => Some(json!({"type": "disabled"})),
        Told::Budget(tokens) => Some(json!({"type": "enabled", "token_budget": tokens})),
        Told::On | Told::Word(_) | Told::Adaptive(_) => Some(json!({"type": "enabled"})),
    }
}

/// Reads events.
#[derive(Debug, Default)]
pub struct Cohere;

impl Format for Cohere {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        event: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let delta = event.get("delta").unwrap_or(&Value::Null);
        match json::text(event, "type").unwrap_or_default() {
            "content-start" | "content-delta" => {
                flow.know();
                take_content(delta, flow, out);
            }
            "message-end" => {
                flow.know();
                return end(delta, flow, out);
            }
            "message-start" | "content-end" | "tool-plan-delta" | "tool-call-start"
            | "tool-call-delta" | "tool-call-end" | "citation-start" | "citation-end" => {
                flow.know();
            }
            // Every event has a type: a message without one is an error, wherever it stands.
            "" => return error_body::in_stream(event).map_or(Ok(()), Err),
            _ => {}
        }
        Ok(())
    }
}

fn take_content(delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
    let content = delta
        .get("message")
        .and_then(|message| message.get("content"));
    let content = content.unwrap_or(&Value::Null);
    let thought = json::text(content, "thinking").unwrap_or_default();
    flow.reasoning(thought, ReasoningForm::Raw, out);
    flow.content(json::text(content, "text").unwrap_or_default(), out);
}

/// The end, with its reason; `[DONE]` comes after it.
fn end(delta: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
    if let Some(reported) = delta.get("usage") {
        flow.usage(usage(reported), out);
    }
    let error = json!({"error": delta.get("error")});
    if let Some(failure) = error_body::in_stream(&error) {
        return Err(failure);
    }
    let failed = |kind, message: &str| Err(LaneFailure::new(kind, message));
    match json::text(delta, "finish_reason").unwrap_or_default() {
        // It never said why: what follows must not make it a whole answer.
        "" => Ok(()),
        "ERROR_TOXIC" => {
            flow.finish(FinishReason::ContentFilter, out);
            Ok(())
        }
        reason if reason.starts_with("ERROR") => failed(
            FailureKind::Server,
            "the server ended the answer with an error that it did not name",
        ),
        "TIMEOUT" => failed(
            FailureKind::Timeout,
            "the server took longer than it allows itself, and ended the answer",
        ),
        reason => {
            flow.finish(finish_reason(reason), out);
            Ok(())
        }
    }
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "COMPLETE" | "STOP_SEQUENCE" => FinishReason::Stop,
        "MAX_TOKENS" => FinishReason::Length,
        "TOOL_CALL" => FinishReason::ToolCalls,
        _ => FinishReason::Other,
    }
}

/// Tokens as the model saw them; those that are billed leave out what Cohere adds to the prompt.
fn usage(reported: &Value) -> Usage {
    let part = |field| reported.get(field).unwrap_or(&Value::Null);
    let count = |field| {
        json::count(part("tokens"), field).or_else(|| json::count(part("billed_units"), field))
    };
    Usage {
        prompt_tokens: count("input_tokens"),
        cached_prompt_tokens: json::count(reported, "cached_tokens"),
        cache_write_tokens: None,
        completion_tokens: count("output_tokens"),
        reasoning_tokens: json::count(part("tokens"), "reasoning_tokens"),
        source: None,
    }
}
