//! Bodies of our own in the shapes that servers use, each one read under every split of its bytes.

mod anthropic;
mod bedrock;
mod cohere;
mod gemini;
mod ollama;
mod openai;
mod openai_figures;
mod responses;

use super::{Outcome, assert_same_under_every_split, read_whole};
use serde_json::Value;
use tierscope::{
    domain::{
        event::{FinishReason, ReasoningForm, StreamEvent},
        failure::FailureKind,
        usage::{Usage, UsageSource},
    },
    wire::DialectKind,
};

/// Events of these values, as `data:` lines.
pub fn events(values: &[Value]) -> String {
    let event = |value| format!("data: {value}\n\n");
    values.iter().map(event).collect::<Vec<_>>().concat()
}

/// Reads a body whole and under every split.
#[track_caller]
pub fn outcome(kind: DialectKind, body: impl AsRef<[u8]>) -> Outcome {
    let body = body.as_ref();
    let whole = read_whole(kind, body);
    whole.assert_in_order();
    assert_same_under_every_split(kind, body, &whole);
    whole
}

pub fn reported(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt_tokens: Some(prompt),
        completion_tokens: Some(completion),
        source: Some(UsageSource::Reported),
        ..Usage::default()
    }
}

pub fn answer(text: &str) -> StreamEvent {
    StreamEvent::answer(text)
}

pub fn thought(text: &str) -> StreamEvent {
    StreamEvent::reasoning(text)
}

pub fn hidden() -> StreamEvent {
    StreamEvent::Reasoning {
        text: String::new(),
        form: ReasoningForm::Hidden,
    }
}

pub fn usage(usage: Usage) -> StreamEvent {
    StreamEvent::Usage { usage }
}

pub fn finished(reason: FinishReason) -> StreamEvent {
    StreamEvent::Finished { reason }
}

/// Holds that a body fails in this way after these events.
#[track_caller]
pub fn assert_fails(
    kind: DialectKind,
    body: impl AsRef<[u8]>,
    failure: FailureKind,
    words: &str,
    before: &[StreamEvent],
) {
    let outcome = outcome(kind, body);
    let found = outcome.end.unwrap_err();
    assert_eq!(found.kind, failure, "{found:?}");
    assert!(found.message.contains(words), "{found:?}");
    assert_eq!(outcome.events, before);
}
