//! Regular expressions of a suite, compiled so that none of them can run for ever.
//!
//! The `regex` crate searches in time linear in the answer, whatever the pattern; how large a pattern may become when it is
//! compiled is limited here, for the time per character grows with that. Back-references and look-around, which
//! cannot be searched for in linear time, are not in its language.

use super::wording::quote;
use regex::{Regex, RegexBuilder};

/// The largest compiled pattern: some eighty `\w`, or tens of thousands of plain characters.
pub(super) const MOST_BYTES: usize = 4 << 20;
/// What a search may keep beside it.
pub(super) const MOST_CACHE_BYTES: usize = 1 << 18;

/// Compiles a pattern, or says why not; the sentence goes on after the place of the check.
pub(super) fn compile(pattern: &str) -> Result<Regex, String> {
    let built = RegexBuilder::new(pattern)
        .size_limit(MOST_BYTES)
        .dfa_size_limit(MOST_CACHE_BYTES)
        .build();
    built.map_err(|error| {
        let quoted = quote(pattern);
        match error {
            regex::Error::CompiledTooBig(_) => format!(
                "has the pattern {quoted}, which needs more than {} MiB when it is compiled; repeat less in it, or write `\\S` for `\\w`",
                MOST_BYTES >> 20
            ),
            error => format!("has the pattern {quoted}, which cannot be used: {}", reason(&error.to_string())),
        }
    })
}

/// The last line of the crate's message, which draws the pattern with an arrow below before it comes to the point.
fn reason(message: &str) -> String {
    let last = message.lines().last().unwrap_or_default();
    let last = last.strip_prefix("error: ").unwrap_or(last);
    match last {
        _ if last.contains("look-around") || last.contains("backreferences") => {
            format!("{last}, so that no pattern can run for ever")
        }
        _ => last.to_owned(),
    }
}
