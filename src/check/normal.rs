//! One form for texts that are compared: Unicode's normal form C (<https://unicode.org/reports/tr15/>), in which `é` is one
//! character however it was typed. And words for differences that nobody can see.

use crate::domain::sanitise::{is_safe, sanitise_line};
use icu_normalizer::ComposingNormalizerBorrowed;
use std::borrow::Cow;

/// Characters that are named at the most.
const MOST_NAMED: usize = 4;

/// A text in normal form C; borrows where it is in it already.
pub(super) fn nfc(text: &str) -> Cow<'_, str> {
    if text.is_ascii() {
        return Cow::Borrowed(text);
    }
    const { ComposingNormalizerBorrowed::new_nfc() }.normalize(text)
}

/// What to add to a reason where two texts look the same and are not: the characters that cannot be seen, and in which of
/// the two they are; nothing where a difference can be seen.
pub(super) fn unseen(answer: &str, wanted: &str) -> String {
    if answer == wanted || sanitise_line(answer) != sanitise_line(wanted) {
        return String::new();
    }
    let named = |text: &str, other: &str, of: &str| {
        let extra = text
            .chars()
            .filter(|c| !is_safe(*c) || c.is_whitespace() && *c != ' ')
            .filter(|c| !other.contains(*c));
        let names: Vec<String> = extra
            .take(MOST_NAMED)
            .map(|c| format!("U+{:04X}", u32::from(c)))
            .collect();
        (!names.is_empty()).then(|| format!("{of} has {}", names.join(", ")))
    };
    let sides = [
        named(answer, wanted, "the answer"),
        named(wanted, answer, "the check"),
    ];
    match sides.into_iter().flatten().collect::<Vec<_>>().as_slice() {
        [] => "; they differ in white space alone".to_owned(),
        sides => format!("; they look the same, but {}", sides.join(" and ")),
    }
}
