//! JSON lines: one prompt a line, with the keys that TOML has. Renders no template.

use super::{
    draft::{Defaults, Draft, prompt},
    error::{Findings, shorten_to_line},
    fields::Fields,
    node,
    source::Source,
};
use std::io::{self, BufRead};

/// Reads one prompt a line and hands each over; blank lines are skipped.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(
    source: &Source,
    findings: &mut Findings,
    take: &mut dyn FnMut(Draft),
) -> io::Result<()> {
    for (index, line) in source.reader()?.lines().enumerate() {
        let line = line?;
        if line.trim().is_empty() {
            continue;
        }
        let place = source.place(index + 1);
        let draft = match node::of_json(&line, index + 1) {
            Ok(node) => Fields::of(&node, "the line", place, findings)
                .and_then(|fields| prompt(fields, &Defaults::default(), findings)),
            Err(error) => {
                findings.refuse(&place, problem(&error));
                None
            }
        };
        draft.into_iter().for_each(&mut *take);
    }
    Ok(())
}

/// What serde says, with the place inside the line in our words.
fn problem(error: &serde_json::Error) -> String {
    let words = shorten_to_line(&error.to_string());
    let words = words.split(" at line 1 column ").next().unwrap_or_default();
    format!("is no JSON object: column {}: {words}", error.column())
}
