//! How a verdict quotes an answer, and writes a number. Judges nothing.

use crate::domain::{sanitise::sanitise_line, summary::cut};

/// The most columns of an answer, a pattern or a value that a reason quotes.
const MOST_COLUMNS: usize = 60;
/// The same for a sentence.
const MOST_COLUMNS_OF_A_SENTENCE: usize = 240;

/// A text on one line, in backticks, cut where it is long.
pub(super) fn quote(text: &str) -> String {
    match excerpt(text).as_str() {
        "" => "nothing".to_owned(),
        excerpt => format!("`{excerpt}`"),
    }
}

/// A text on one line, cut where it is long.
pub(super) fn excerpt(text: &str) -> String {
    on_one_line(text, MOST_COLUMNS)
}

/// What another said, such as a library or a judge, on one line.
pub(super) fn sentence(text: &str) -> String {
    on_one_line(text, MOST_COLUMNS_OF_A_SENTENCE)
}

fn on_one_line(text: &str, columns: usize) -> String {
    // No more of a long text is looked at than can be shown.
    let start: String = text.chars().take(8 * columns).collect();
    cut(&sanitise_line(&start), columns)
}

/// A number as a person writes it, without digits that say nothing.
pub(super) fn plain(value: f64) -> String {
    let size = value.abs();
    if size == 0.0 || (1e-6..1e15).contains(&size) {
        format!("{}", value + 0.0)
    } else {
        format!("{value:e}")
    }
}

/// One of a few, with the word that fits: `1 check`, `2 checks`.
pub(super) fn counted(count: usize, word: &str) -> String {
    format!("{count} {word}{}", if count == 1 { "" } else { "s" })
}
