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
