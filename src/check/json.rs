//! The JSON of an answer, bare or in a fence. Repairs none.

use serde::de::IgnoredAny;
use serde_json::Value;

/// The text that should be JSON: the whole answer, or what stands inside where the whole answer is one fenced block that
/// says `json` or nothing.
pub(super) fn text_of(answer: &str) -> &str {
    let answer = answer.trim();
    fenced(answer).unwrap_or(answer)
}

fn fenced(answer: &str) -> Option<&str> {
    let rest = answer.trim_start_matches('`');
    let ticks = answer.len() - rest.len();
    if ticks < 3 {
        return None;
    }
    let (word, body) = rest.split_once('\n')?;
    let is_json = word.trim().is_empty() || word.trim().eq_ignore_ascii_case("json");
    let body = body.strip_suffix(answer.get(..ticks)?)?;
    // The closing fence stands on a line of its own.
    let is_closed = body.is_empty() || body.trim_end_matches([' ', '\t']).ends_with('\n');
    (is_json && is_closed).then_some(body)
}

/// Whether the answer is JSON by the grammar of RFC 8259, else why not. A key that comes twice is fine.
pub(super) fn check(answer: &str) -> Result<(), String> {
    serde_json::from_str::<IgnoredAny>(text_of(answer))
        .map(|_| ())
        .map_err(|error| complaint(answer, &error))
}

/// The answer's JSON as a value; of keys that come twice the last one counts.
pub(super) fn value(answer: &str) -> Result<Value, String> {
    serde_json::from_str(text_of(answer)).map_err(|error| complaint(answer, &error))
}

fn complaint(answer: &str, error: &serde_json::Error) -> String {
    if answer.trim().is_empty() {
        return "the answer is empty".to_owned();
    }
    let has_fence = text_of(answer).contains("```");
    let hint = if has_fence {
        "; text stands beside the fenced block"
    } else {
        ""
    };
    format!("not valid JSON: {error}{hint}")
}
