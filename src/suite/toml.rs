//! TOML: a title, what holds for all prompts, and `[[prompt]]` tables. Renders no template.

use super::{
    Parsed,
    draft::{defaults, prompt},
    error::Findings,
    fields::{Fields, word},
    node,
    source::Source,
};

/// Reads a suite.
pub(super) fn read(source: &Source, findings: &mut Findings) -> Parsed {
    let mut parsed = Parsed::default();
    let document = match node::of_toml(&source.text) {
        Ok(document) => document,
        Err((line, problem)) => {
            findings.refuse(&source.place(line), super::error::shorten_to_line(&problem));
            return parsed;
        }
    };
    let Some(mut top) = Fields::of(&document, "the file", source.place(0), findings) else {
        return parsed;
    };
    parsed.title = top.read("title", findings, word);
    let defaults = defaults(&mut top, findings);
    match top.take("prompt") {
        Some((node, place)) => match node.as_list() {
            Some(items) => {
                for item in items {
                    let place = place.at(item.line);
                    let fields = Fields::of(item, "[[prompt]]", place, findings);
                    let draft = fields.and_then(|fields| prompt(fields, &defaults, findings));
                    parsed.drafts.extend(draft);
                }
            }
            None => findings.refuse(&place, "`prompt` must be written as [[prompt]]"),
        },
        None => findings.refuse(&source.place(0), "holds no prompt: it needs a [[prompt]]"),
    }
    top.finish(findings);
    parsed
}
