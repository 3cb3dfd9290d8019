//! Checks from the prompt file to the verdict.

mod judged;
mod limits;
mod normal;
mod numbers;
mod parsing;
mod texts;

use super::*;
use crate::domain::check::{Opinion, Verdict};
use serde_json::{Value, json};

/// A finished answer of which nothing but the text is known.
const fn answer(text: &str) -> Answer<'_> {
    Answer {
        status: LaneStatus::Done,
        text,
        completion_tokens: None,
        tokens_source: None,
        e2e_ms: None,
        cost_usd: None,
    }
}

/// The verdict of a check as a prompt file writes it.
#[track_caller]
fn verdict(check: &Value, answer: &Answer<'_>, opinions: &[Opinion]) -> Verdict {
    let spec = parse(check).unwrap();
    Checkers::default()
        .checker(&spec)
        .unwrap()
        .evaluate(answer, opinions)
}

/// Whether a text passes, and the reason.
#[track_caller]
fn found(check: &Value, text: &str) -> (Option<bool>, String) {
    let verdict = verdict(check, &answer(text), &[]);
    (verdict.passed, verdict.reason)
}

#[track_caller]
fn assert_passes(check: &Value, text: &str, reason: &str) {
    assert_eq!(found(check, text), (Some(true), reason.to_owned()));
}

#[track_caller]
fn assert_fails(check: &Value, text: &str, reason: &str) {
    assert_eq!(found(check, text), (Some(false), reason.to_owned()));
}
