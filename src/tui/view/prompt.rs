//! The prompt: its sign, the rows around the cursor, the cursor's cell.

use super::put;
use crate::{
    domain::{sanitise::sanitise_line, summary},
    tui::model::{Focus, Model},
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
};

/// Columns before the text.
const SIGN: u16 = 3;

/// Draws the prompt; the cell of the cursor, when the prompt has the focus.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect) -> Option<Position> {
    let theme = model.theme;
    let has_focus = model.focus == Focus::Prompt;
    let style = if has_focus {
        theme.focus()
    } else {
        theme.dim()
    };
    let (row, column) = model.editor.cursor_cell();
    let rows = usize::from(area.height);
    let top = (row + 1).saturating_sub(rows);
    put(
        buffer,
        area,
        0,
        0,
        &Line::styled(if top == 0 { " >" } else { " ↑" }, style),
    );
    if model.editor.text().is_empty() {
        let text = summary::cut(
            &placeholder(model),
            usize::from(area.width.saturating_sub(SIGN)),
        );
        put(buffer, area, 0, SIGN, &Line::styled(text, theme.dim()));
    }
    for (line, index) in (0..area.height).zip(top..model.editor.rows()) {
        put(
            buffer,
            area,
            line,
            SIGN,
            &Line::raw(model.editor.shown(index)),
        );
    }
    let column = u16::try_from(column)
        .unwrap_or(u16::MAX)
        .saturating_add(SIGN);
    let cell = Position {
        x: area.x + column.min(area.width.saturating_sub(1)),
        y: area.y + u16::try_from(row - top).unwrap_or(0),
    };
    (has_focus && area.contains(cell)).then_some(cell)
}

/// What stands in an empty prompt: what was asked last.
fn placeholder(model: &Model) -> String {
    match &model.run {
        Some(run) => format!("asked: {}", sanitise_line(&run.prompt)),
        None if !model.prepared.is_empty() => "one prompt for all lanes; F7 tries one".to_owned(),
        None => "one prompt for all lanes".to_owned(),
    }
}
