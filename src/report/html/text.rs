//! Text inside of a page. All that comes from outside goes through here, and nothing of it acts: no tag, no control
//! character, no character that turns the direction of others.

use crate::domain::sanitise::{sanitise, sanitise_line};

/// Untrusted text over several lines.
pub(super) fn block(text: &str) -> String {
    escape(&sanitise(text))
}

/// Untrusted text on one line; also for values of attributes.
pub(super) fn line(text: &str) -> String {
    escape(&sanitise_line(text))
}

/// A sentence of ours, with names between backticks.
pub(super) fn prose(sentence: &str) -> String {
    let mut out = String::with_capacity(sentence.len() + 32);
    for (place, part) in sentence.split('`').enumerate() {
        if place % 2 == 1 {
            out.push_str("<code>");
            out.push_str(&line(part));
            out.push_str("</code>");
        } else {
            out.push_str(&escape(&sanitise(part)));
        }
    }
    out
}

/// Text that is already safe.
pub(super) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// The first sentence of several, and the others; a full stop in a name ends none.
pub(super) fn first_sentence(sentences: &str) -> (&str, &str) {
    let mut is_name = false;
    for (place, c) in sentences.char_indices() {
        is_name ^= c == '`';
        let rest = sentences.get(place..).unwrap_or_default();
        if !is_name && rest.starts_with(". ") {
            let (first, rest) = sentences.split_at(place + 1);
            return (first, rest.trim_start());
        }
    }
    (sentences, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_ends_no_sentence() {
        assert_eq!(
            first_sentence("`a. b` is 1.5× as fast. It passes."),
            ("`a. b` is 1.5× as fast.", "It passes.")
        );
        assert_eq!(first_sentence("One."), ("One.", ""));
    }

    #[test]
    fn names_in_sentences_are_code_and_all_is_escaped() {
        assert_eq!(
            prose("`a<b>` is < 2 & more."),
            "<code>a&lt;b&gt;</code> is &lt; 2 &amp; more."
        );
        assert_eq!(line("a\n\u{202e}\"b'"), "a &quot;b&#39;");
    }
}
