//! Responses, as OpenAI began them and xAI, OpenRouter, Azure, DeepSeek and local servers speak them: events of items.
//! The last event says how it ended and what it cost.

use super::{
    body::{BodyOptions, Told, finished, plain_messages, put},
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
use std::collections::BTreeMap;

/// Body of Responses. Seeds, stop texts, `top_k` and `min_p` do not exist there.
pub(super) fn body(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    put(&mut body, "instructions", request.system.as_deref());
    let input = plain_messages(request);
    body.insert("input".to_owned(), Value::Array(input));
    body.insert("stream".to_owned(), json!(true));
    // Unasked, the server would keep the answer for a month.
    body.insert("store".to_owned(), json!(false));
    put(&mut body, "max_output_tokens", sampling.max_tokens);
    put(&mut body, "temperature", sampling.temperature);
    put(&mut body, "top_p", sampling.top_p);
    let reasoning = match &options.told {
        Told::Nothing | Told::On | Told::Budget(_) => None,
        Told::Off => Some(json!({"effort": "none"})),
        // Summaries are not asked for: organisations that OpenAI has not verified are refused them.
        Told::Word(word) | Told::Adaptive(word) => Some(json!({"effort": word})),
    };
    put(&mut body, "reasoning", reasoning);
    finished(body, request, options)
}

/// Reads events.
#[derive(Debug, Default)]
pub struct OpenAiResponses {
    /// What was shown of the thinking, by its item's place in the output.
    thoughts: BTreeMap<Option<u64>, ReasoningForm>,
    /// Some of the answer has come piece by piece.
    has_answered: bool,
}

impl Format for OpenAiResponses {
    const SETTLES: bool = true;

    fn take(
        &mut self,
        event: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        // Some servers leave out the names of events, so the type inside of the data counts.
        let kind = json::text(event, "type").unwrap_or_default();
        if kind.starts_with("response.") {
            flow.know();
        }
        let delta = json::text(event, "delta").unwrap_or_default();
        match kind {
            "response.output_text.delta" => self.answer(delta, flow, out),
            "response.refusal.delta" => self.refuse(delta, flow, out),
            "response.reasoning_text.delta" => {
                self.think(event, delta, ReasoningForm::Raw, flow, out);
            }
            "response.reasoning_summary_text.delta" => {
                self.think(event, delta, ReasoningForm::Summary, flow, out);
            }
            "response.output_item.done" => self.end_item(event, flow, out),
            "response.completed" | "response.incomplete" | "response.failed" => {
                return self.end(kind, event, flow, out);
            }
            _ => {}
        }
        Ok(())
    }
}

impl OpenAiResponses {
    fn answer(&mut self, text: &str, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        self.has_answered |= !text.is_empty();
        flow.content(text, out);
    }

    fn refuse(&mut self, text: &str, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        self.has_answered |= !text.is_empty();
        flow.refusal(text, out);
    }

    /// A piece of thinking. The summary of what is shown in full says it a second time, and is left out.
    fn think(
        &mut self,
        event: &Value,
        text: &str,
        form: ReasoningForm,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) {
        if text.is_empty() {
            return;
        }
        let shown = self.thoughts.entry(place(event)).or_insert(form);
        if *shown == ReasoningForm::Raw && form != ReasoningForm::Raw {
            return;
        }
        *shown = form;
        flow.reasoning(text, form, out);
    }

    /// An item is complete: thinking of which nothing was shown is shown now, or was hidden.
    fn end_item(&mut self, event: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        let item = event.get("item").unwrap_or(&Value::Null);
        let is_shown = [place(event), None]
            .iter()
            .any(|place| self.thoughts.contains_key(place));
        if json::text(item, "type") != Some("reasoning") || is_shown {
            return;
        }
        for (field, form) in [
            ("content", ReasoningForm::Raw),
            ("summary", ReasoningForm::Summary),
        ] {
            for part in parts(item, field) {
                let text = json::text(part, "text").unwrap_or_default();
                self.think(event, text, form, flow, out);
            }
        }
        if !self.thoughts.contains_key(&place(event)) {
            flow.hidden_reasoning(out);
        }
    }

    /// The last event.
    fn end(
        &mut self,
        kind: &str,
        event: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let response = event.get("response").unwrap_or(&Value::Null);
        if !self.has_answered {
            self.answer_at_once(response, flow, out);
        }
        if let Some(reported) = response.get("usage") {
            flow.usage(usage(reported), out);
        }
        if let Some(failure) = failure(kind, response) {
            return Err(failure);
        }
        let details = response.get("incomplete_details").unwrap_or(&Value::Null);
        let reason = match (json::text(details, "reason"), kind) {
            (Some(reason), _) => finish_reason(reason),
            (None, "response.completed") => FinishReason::Stop,
            (None, _) => FinishReason::Other,
        };
        flow.finish(reason, out);
        flow.conclude(out)
    }

    /// A server that sent no pieces has the whole answer in its last event.
    fn answer_at_once(&mut self, response: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        for item in parts(response, "output").filter(|item| is_kind(item, "message")) {
            for part in parts(item, "content") {
                let text = json::text(part, "text").unwrap_or_default();
                match json::text(part, "type") {
                    Some("output_text") => self.answer(text, flow, out),
                    Some("refusal") => {
                        let text = json::text(part, "refusal").unwrap_or_default();
                        self.refuse(text, flow, out);
                    }
                    _ => {}
                }
            }
        }
    }
}

/// The place in the output of the item that an event belongs to.
fn place(event: &Value) -> Option<u64> {
    json::count(event, "output_index")
}

fn parts<'a>(holder: &'a Value, field: &str) -> impl Iterator<Item = &'a Value> {
    let list = holder.get(field).and_then(Value::as_array);
    list.into_iter().flatten()
}

fn is_kind(value: &Value, kind: &str) -> bool {
    json::text(value, "type") == Some(kind)
}

/// What a response failed with, if it did.
fn failure(kind: &str, response: &Value) -> Option<LaneFailure> {
    let said = response
        .get("error")
        .and_then(|error| error_body::in_stream(&json!({"error": error})));
    if said.is_some() || kind != "response.failed" {
        return said;
    }
    Some(LaneFailure::new(
        FailureKind::Server,
        "the server ended the answer with an error that it did not name",
    ))
}

fn finish_reason(reason: &str) -> FinishReason {
    match reason {
        "max_output_tokens" | "max_tokens" => FinishReason::Length,
        "content_filter" => FinishReason::ContentFilter,
        _ => FinishReason::Other,
    }
}

/// Reasoning is part of the output, and what came from a cache part of the input, at every host of this form.
fn usage(reported: &Value) -> Usage {
    let details = |field| reported.get(field).unwrap_or(&Value::Null);
    Usage {
        prompt_tokens: json::count(reported, "input_tokens"),
        cached_prompt_tokens: json::count(details("input_tokens_details"), "cached_tokens"),
        cache_write_tokens: json::count(details("input_tokens_details"), "cache_write_tokens"),
        completion_tokens: json::count(reported, "output_tokens"),
        reasoning_tokens: json::count(details("output_tokens_details"), "reasoning_tokens"),
        source: None,
    }
}
