//! JSON lines: one prompt a line, with the keys that TOML has. Renders no template.

use super::{
    Parsed,
    draft::{Defaults, prompt},
    error::{Findings, shorten_to_line},
    fields::Fields,
    node,
    source::Source,
};

/// Reads one prompt a line; blank lines are skipped.
pub(super) fn read(source: &Source, findings: &mut Findings) -> Parsed {
    let mut parsed = Parsed::default();
    let lines = source
        .text
        .lines()
        .enumerate()
        .filter(|(_, line)| !line.trim().is_empty());
    for (index, line) in lines {
        let place = source.place(index + 1);
        let draft = match node::of_json(line, index + 1) {
            Ok(node) => Fields::of(&node, "the line", place, findings)
                .and_then(|fields| prompt(fields, &Defaults::default(), findings)),
            Err(error) => {
                findings.refuse(&place, problem(&error));
                None
            }
        };
        parsed.drafts.extend(draft);
    }
    parsed
}

/// What serde says, with the place inside the line in our words.
fn problem(error: &serde_json::Error) -> String {
    let words = shorten_to_line(&error.to_string());
    let words = words.split(" at line 1 column ").next().unwrap_or_default();
    format!("is no JSON object: column {}: {words}", error.column())
}
