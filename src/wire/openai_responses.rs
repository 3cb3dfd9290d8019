//! Responses, as OpenAI began them and xAI, OpenRouter, Azure, DeepSeek and local servers speak them: events of items.
//! The last event says how it ended and what it cost.

mod items;

use super::{
    body::{BodyOptions, Told, finished, plain_messages, put},
    error_body,
    flow::Flow,
    json,
    reading::Format,
};
use crate::domain::{
    event::{FinishReason, StreamEvent},
    failure::{FailureKind, LaneFailure},
    request::ChatRequest,
    usage::Usage,
};
use items::{Channel, Items, part_of};
use serde_json::{Map, Value, json};

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
    items: Items,
    /// Some of the answer has come.
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
        let text = |field| json::text(event, field).unwrap_or_default();
        match kind {
            "response.output_text.delta" | "response.refusal.delta" => {
                self.items.note(event, Channel::Answer, part_of(event));
                self.answer(kind, text("delta"), flow, out);
            }
            "response.output_text.done" => self.answer_whole(event, "text", flow, out),
            "response.refusal.done" => self.answer_whole(event, "refusal", flow, out),
            "response.reasoning_text.delta" => {
                self.think(event, Channel::Raw, text("delta"), flow, out);
            }
            "response.reasoning_summary_text.delta" => {
                self.think(event, Channel::Summary, text("delta"), flow, out);
            }
            "response.reasoning_text.done" => {
                self.think_whole(event, Channel::Raw, part_of(event), text("text"), flow, out);
            }
            "response.reasoning_summary_text.done" => {
                let part = part_of(event);
                self.think_whole(event, Channel::Summary, part, text("text"), flow, out);
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
    /// Text of the answer, or of a refusal, as the type of the event or of the part tells.
    fn answer(&mut self, kind: &str, text: &str, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        self.has_answered |= !text.is_empty();
        if kind.contains("refusal") {
            flow.refusal(text, out);
        } else {
            flow.content(text, out);
        }
    }

    /// A part of the answer is complete: it is shown where it did not come piece by piece.
    fn answer_whole(
        &mut self,
        event: &Value,
        field: &str,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) {
        let text = json::text(event, field).unwrap_or_default();
        let part = part_of(event);
        if !text.is_empty() && !self.items.has(event, Channel::Answer, part) {
            self.items.note(event, Channel::Answer, part);
            self.answer(field, text, flow, out);
        }
    }

    /// A piece of thinking. What comes in full and as a summary says the same twice: the form that came first stays.
    fn think(
        &mut self,
        event: &Value,
        channel: Channel,
        text: &str,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) {
        if text.is_empty() || self.items.has_other_form(event, channel) {
            return;
        }
        self.items.note(event, channel, part_of(event));
        flow.reasoning(text, channel.form(), out);
    }

    /// A part of the thinking is complete: it is shown where it did not come piece by piece.
    fn think_whole(
        &mut self,
        event: &Value,
        channel: Channel,
        part: u64,
        text: &str,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) {
        let is_told = self.items.has(event, channel, part);
        if text.is_empty() || is_told || self.items.has_other_form(event, channel) {
            return;
        }
        self.items.note(event, channel, part);
        flow.reasoning(text, channel.form(), out);
    }

    /// An item is complete: what nothing was shown of is shown now, or was hidden.
    fn end_item(&mut self, event: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        let item = event.get("item").unwrap_or(&Value::Null);
        match json::text(item, "type") {
            Some("reasoning") => {
                for (field, channel) in [("content", Channel::Raw), ("summary", Channel::Summary)] {
                    for (part, thought) in (0..).zip(parts(item, field)) {
                        let text = json::text(thought, "text").unwrap_or_default();
                        self.think_whole(event, channel, part, text, flow, out);
                    }
                }
                let channels = [Channel::Raw, Channel::Summary];
                if !channels
                    .iter()
                    .any(|channel| self.items.has(event, *channel, 0))
                {
                    flow.hidden_reasoning(out);
                }
            }
            Some("message") => {
                for (part, said) in (0..).zip(parts(item, "content")) {
                    if !self.items.has(event, Channel::Answer, part) {
                        self.items.note(event, Channel::Answer, part);
                        self.answer_part(said, flow, out);
                    }
                }
            }
            _ => {}
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
                self.answer_part(part, flow, out);
            }
        }
    }

    /// One part of a whole message.
    fn answer_part(&mut self, part: &Value, flow: &mut Flow, out: &mut Vec<StreamEvent>) {
        let field = match json::text(part, "type") {
            Some("output_text") => "text",
            Some("refusal") => "refusal",
            _ => return,
        };
        self.answer(
            field,
            json::text(part, field).unwrap_or_default(),
            flow,
            out,
        );
    }
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
