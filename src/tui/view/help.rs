//! The help: every key of the one table, and what the signs mean.

use super::pages::paragraph;
use crate::tui::{
    keymap::{Context, KEYMAP},
    theme::Theme,
};
use ratatui::text::{Line, Span};

/// What the signs on a pane mean.
const SIGNS: &[(&str, &str)] = &[
    ("· ◌ … ▸", "waiting, loading, thinking, answering"),
    (
        "✓ ✂ ✗ ■ ↻",
        "done, cut at the token limit, failed, stopped, trying again",
    ),
    (
        "first",
        "time from sending to the first piece, thinking or answer",
    ),
    (
        "answer",
        "time from sending to the first piece of the answer",
    ),
    (
        "tok/s",
        "tokens after the first piece over the time that they took",
    ),
    (
        "…N, N of them thinking",
        "thinking tokens, part of the tokens beside them",
    ),
    (
        "~",
        "an estimate: the server has not said yet, or never does",
    ),
    (
        "–, ?",
        "a figure that is not known; a price that is not known",
    ),
    (
        "Σ",
        "what all prompts of this sitting cost; `+ ?` where a part is not known",
    ),
    (
        "at most",
        "what the prompt will cost: its tokens, guessed, and the longest answer, at their prices",
    ),
    ("!", "our own back-pressure may have moved the number"),
    (
        "░ ▒ █",
        "in the strip of timelines: waiting, thinking, answering",
    ),
];

/// The lines of the help.
pub(super) fn lines(theme: Theme, columns: u16) -> Vec<Line<'static>> {
    let left = if columns >= 80 { 34 } else { 20 };
    let mut lines = Vec::new();
    for context in Context::ALL {
        lines.push(Line::styled(context.title(), theme.strong()));
        for binding in KEYMAP.iter().filter(|binding| binding.context == context) {
            lines.extend(entry(
                theme,
                columns,
                left,
                &binding.key_names(),
                binding.help,
            ));
        }
        lines.push(Line::default());
    }
    lines.push(Line::styled("Signs", theme.strong()));
    for (sign, meaning) in SIGNS {
        lines.extend(entry(theme, columns, left, sign, meaning));
    }
    lines
}

/// A term on the left and its meaning on the right, both wrapped.
fn entry(theme: Theme, columns: u16, left: u16, term: &str, meaning: &str) -> Vec<Line<'static>> {
    let terms = paragraph(term, left - 2, 1, theme.focus());
    let meanings = paragraph(meaning, columns.saturating_sub(left), 0, theme.text());
    let rows = terms.len().max(meanings.len());
    (0..rows)
        .map(|row| {
            let term = terms.get(row).cloned().unwrap_or_default();
            let space = usize::from(left).saturating_sub(term.width());
            let meaning = meanings.get(row).cloned().unwrap_or_default();
            let style = term.style;
            let mut spans = vec![Span::styled(term.to_string(), style)];
            spans.push(Span::raw(" ".repeat(space)));
            spans.push(Span::raw(meaning.to_string()));
            Line::from(spans)
        })
        .collect()
}
