//! Error bodies: what a server says when it does not answer, in all the envelopes that are in use, before a stream and
//! inside of it. Reads no stream.

mod envelope;
mod kind;
mod vendors;
mod wait;

use crate::domain::failure::{FailureKind, LaneFailure};
use envelope::Envelope;
use serde_json::Value;

/// The longest message that is kept, in characters.
const MOST_MESSAGE_CHARS: usize = 2000;

/// The longest excerpt of text that is no message, in characters.
const MOST_EXCERPT_CHARS: usize = 200;

/// The failure that a response with a status other than 2xx stands for: its kind by the status first, then by the words
/// of the body, whatever the content type says.
///
/// `header` gives the value of a header by its lower-case name. `body` may be cut; what is kept of it is its message.
pub fn classify<'a>(
    status: u16,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
) -> LaneFailure {
    let text = String::from_utf8_lossy(body);
    let mut envelope = serde_json::from_str(&text)
        .ok()
        .and_then(|value: Value| Envelope::of(&value))
        .unwrap_or_else(|| Envelope::of_text(said_by_page(&text)));
    if let Some(name) = header("x-amzn-errortype") {
        envelope.add_word(name);
    }
    let reset = || {
        let is_limit = status == 429;
        is_limit.then(|| wait::until_reset(&header)).flatten()
    };
    let wait = wait::asked(&header).or(envelope.wait).or_else(reset);
    let kind = kind::by_status(status, &envelope);
    let message = if envelope.message.is_empty() {
        format!("the server answered with status {status} and said nothing about it")
    } else {
        clipped(&envelope.message, MOST_MESSAGE_CHARS)
    };
    let failure = LaneFailure::new(kind, message).with_status(status);
    match wait {
        Some(wait) => failure.with_retry_after(wait.min(wait::LONGEST)),
        None => failure,
    }
}

/// What a body says about a limit that lasts for the rest of a day, whatever wait it names; `None` where it names none.
///
/// Google names its quotas (`GenerateRequestsPerDayPerProjectPerModel-FreeTier`) and sends a short `retryDelay` for all of
/// them; OpenRouter says `free-models-per-day`. Limits "per day" that roll on (OpenAI, Groq) end within minutes and are
/// not meant.
pub fn daily_limit(body: &[u8]) -> Option<&'static str> {
    let value: Value = serde_json::from_slice(body).ok()?;
    let envelope = Envelope::of(&value)?;
    if envelope.quotas.contains("perday") {
        // https://ai.google.dev/gemini-api/docs/rate-limits: "reset at midnight Pacific time".
        return Some(
            "a quota of this day is used up: possible again after midnight in California, when Google resets it",
        );
    }
    let said = [&envelope.message, &envelope.words, &envelope.quotas];
    let is_daily = |text: &&String| {
        let text = text.to_lowercase();
        text.contains("per-day") || text.contains("per_day")
    };
    said.iter()
        .any(is_daily)
        .then_some("a limit of this day is reached: possible again when the day is over there")
}

/// The failure that a JSON value of a stream stands for; `None` when it is no error.
pub fn in_stream(value: &Value) -> Option<LaneFailure> {
    if !envelope::is_error(value) {
        return None;
    }
    Some(failure_of(&Envelope::of(value)?))
}

/// The failure that a JSON value stands for which comes after parts of an answer: there, a message that nothing marks as
/// an error is a remark.
pub fn amid_answer(value: &Value) -> Option<LaneFailure> {
    if envelope::is_remark(value) {
        return None;
    }
    in_stream(value)
}

/// The failure that an exception of a framed stream stands for: its name tells the kind, and the message of its payload
/// where the name says no more than that the request was wrong, or the server.
pub fn named(name: &str, payload: &str) -> LaneFailure {
    let value = serde_json::from_str(payload).ok();
    let mut envelope = value.as_ref().and_then(Envelope::of).unwrap_or_default();
    envelope.add_word(name);
    if envelope.message.is_empty() {
        envelope.message = format!("the server broke off: {}", excerpt(name));
    }
    let mut failure = failure_of(&envelope);
    let mut alone = Envelope::default();
    alone.add_word(name);
    match kind::by_words(&alone) {
        FailureKind::Rejected | FailureKind::Server => {}
        kind => failure.kind = kind,
    }
    failure
}

/// The failure that a text stands for which is known to be an error.
pub fn spoken(text: &str) -> LaneFailure {
    let value = serde_json::from_str(text).ok();
    let envelope = value.as_ref().and_then(Envelope::of);
    failure_of(&envelope.unwrap_or_else(|| Envelope::of_text(excerpt(text))))
}

/// The failure that the beginning of an error object stands for; `None` when it does not look like one.
pub fn cut(text: &str) -> Option<LaneFailure> {
    let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
    let is_error = compact.starts_with("{\"error\":") || compact.starts_with("[{\"error\":");
    is_error.then(|| failure_of(&Envelope::of_text(excerpt(text))))
}

/// The beginning of a text that is no message, on one line.
pub fn excerpt(text: &str) -> String {
    clipped(&line_of(text.split_whitespace()), MOST_EXCERPT_CHARS)
}

/// As many of the words as an excerpt can hold: there may be millions.
fn line_of<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let words: Vec<&str> = words.take(MOST_EXCERPT_CHARS).collect();
    words.join(" ")
}

fn failure_of(envelope: &Envelope) -> LaneFailure {
    let kind = kind::by_words(envelope);
    let message = if envelope.message.is_empty() {
        "the server broke off with an error that it did not name".to_owned()
    } else {
        clipped(&envelope.message, MOST_MESSAGE_CHARS)
    };
    let failure = LaneFailure::new(kind, message);
    match envelope.wait {
        Some(wait) if kind == FailureKind::RateLimited => {
            failure.with_retry_after(wait.min(wait::LONGEST))
        }
        _ => failure,
    }
}

/// What a body that is not JSON says: the title of a page, else its beginning.
fn said_by_page(text: &str) -> String {
    let title = text
        .split_once("<title>")
        .and_then(|(_, rest)| rest.split_once("</title>"))
        .map(|(title, _)| excerpt(title))
        .filter(|title| !title.is_empty());
    title.unwrap_or_else(|| excerpt(text))
}

fn clipped(text: &str, most_chars: usize) -> String {
    match text.char_indices().nth(most_chars) {
        Some((at, _)) => format!("{}…", text.split_at(at).0),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests;
