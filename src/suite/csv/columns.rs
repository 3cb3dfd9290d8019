//! Columns that are variables by their place and are used as none: those that look like something else, and those that no
//! template uses. Reads no file.

use super::{
    super::{
        error::{Findings, Place, shorten},
        template::is_template,
    },
    COLUMNS,
};

/// Keys of a prompt in other forms, which have no column.
const KEYS: [&str; 4] = ["messages", "max_tokens", "repeat", "vars"];
/// The columns whose cells may be templates.
const TEXTS: [&str; 3] = ["prompt", "system", "expected"];

/// The columns of a file, as far as they are variables.
#[derive(Debug)]
pub(super) struct Columns {
    /// Those that no template has used so far.
    unused: Vec<String>,
    has_templates: bool,
}

impl Columns {
    pub(super) fn of(names: &[String]) -> Self {
        let variables = names
            .iter()
            .filter(|name| !COLUMNS.contains(&name.as_str()));
        Self {
            unused: variables.cloned().collect(),
            has_templates: false,
        }
    }

    /// Looks at a row.
    pub(super) fn look_at(&mut self, names: &[String], cells: &[String]) {
        let texts = names.iter().zip(cells);
        let texts = texts.filter(|(name, _)| TEXTS.contains(&name.as_str()));
        for (_, text) in texts.filter(|(_, text)| is_template(text)) {
            self.has_templates = true;
            self.unused.retain(|name| !text.contains(name.as_str()));
        }
    }

    /// Says what is wrong with the columns.
    pub(super) fn tell(self, place: &Place, findings: &mut Findings) {
        for name in self.unused {
            let shown = shorten(&name);
            if let Some(advice) = advice(&name) {
                findings.refuse(place, format!("the column `{shown}` {advice}"));
            } else if self.has_templates {
                findings.warn(
                    place,
                    format_args!("the column `{shown}` is used in no prompt, system or check"),
                );
            }
        }
    }
}

/// What to do about a column that was probably meant otherwise.
fn advice(name: &str) -> Option<String> {
    let folded = name.to_lowercase();
    if let Some(meant) = COLUMNS.iter().find(|column| **column == folded) {
        return Some(format!("is only a variable; did you mean `{meant}`?"));
    }
    if folded == "check" || folded == "assert" || folded.starts_with("__expected") {
        return Some(
            "is no check here: checks stand in `expected`, as a text, a number, or JSON such as {\"regex\": \"^yes\"}"
                .to_owned(),
        );
    }
    if KEYS.contains(&folded.as_str()) || folded.starts_with("__") {
        return Some(
            "has no meaning in CSV, and no template uses it as a variable; JSON lines (.jsonl) have it, if it is a key of a prompt"
                .to_owned(),
        );
    }
    None
}
