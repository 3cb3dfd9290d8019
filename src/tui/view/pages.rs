//! Pages of text over the screen, which scroll: help and details. Does not know what they say.

use super::{details, help, put};
use crate::{
    domain::metrics::Speed,
    tui::{
        layout::middle,
        model::{Model, Overlay},
        wrap::{self, Row},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    text::{Line, Span},
    widgets::{Block, Clear, Widget},
};
use std::time::Duration;

/// A page is not wider than this: longer lines are hard to read.
const MAX_COLUMNS: u16 = 110;
/// The frame and a column of air on both sides.
const FRAME: u16 = 4;

/// The place for what lies over the screen: all between the top line and the line of hints.
pub(super) fn place(header: Rect, hints: Rect) -> Rect {
    Rect {
        y: header.bottom(),
        height: hints.y.saturating_sub(header.bottom()),
        ..header
    }
}

/// How many lines the open page has.
pub(in crate::tui) fn rows(model: &Model) -> usize {
    lines(model, columns(model), &Speed::default(), Duration::ZERO).len()
}

/// How many lines of it have room.
pub(in crate::tui) fn room(model: &Model) -> usize {
    let screen = model.current_screen().unwrap_or_default();
    usize::from(place(screen.header, screen.hints).height.saturating_sub(2))
}

fn columns(model: &Model) -> u16 {
    model.size.0.min(MAX_COLUMNS).saturating_sub(FRAME)
}

fn lines(model: &Model, columns: u16, speed: &Speed, clock: Duration) -> Vec<Line<'static>> {
    match model.overlay {
        Some(Overlay::Help { .. }) => help::lines(model.theme, columns),
        Some(Overlay::Details { .. }) => details::lines(model, columns, speed, clock),
        Some(Overlay::Lanes { .. }) | None => Vec::new(),
    }
}

/// Draws the open page.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect, speed: &Speed, clock: Duration) {
    let (title, top) = match model.overlay {
        Some(Overlay::Help { top }) => (" keys and signs ", top),
        Some(Overlay::Details { top }) => (" details ", top),
        Some(Overlay::Lanes { .. }) | None => return,
    };
    let width = area.width.min(MAX_COLUMNS);
    let lines = lines(model, width.saturating_sub(FRAME), speed, clock);
    let height = u16::try_from(lines.len())
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let inner = draw_box(model, buffer, middle(area, width, height), title);
    let room = usize::from(inner.height);
    let top = top.min(lines.len().saturating_sub(room));
    for (row, line) in (0..inner.height).zip(lines.iter().skip(top)) {
        put(buffer, inner, row, 0, line);
    }
    let below = lines.len().saturating_sub(top + room);
    if below > 0 {
        let frame = Rect {
            height: inner.height + 1,
            ..inner
        };
        let more = Line::styled(format!(" ↓ {below} more "), model.theme.dim());
        super::put_right(buffer, frame, inner.height, 0, &more);
    }
}

/// Clears a place, frames it, and gives what is inside.
pub(super) fn draw_box(model: &Model, buffer: &mut Buffer, area: Rect, title: &str) -> Rect {
    let area = area.intersection(buffer.area);
    Clear.render(area, buffer);
    let block = Block::bordered()
        .border_style(model.theme.focus())
        .title(Span::styled(title, model.theme.strong()));
    let inner = block.inner(area);
    block.render(area, buffer);
    Rect {
        x: inner.x.saturating_add(1),
        width: inner.width.saturating_sub(2),
        ..inner
    }
}

/// A text in rows of so many columns, each set in by some.
pub(super) fn paragraph(text: &str, columns: u16, indent: u16, style: Style) -> Vec<Line<'static>> {
    let width = usize::from(columns.saturating_sub(indent));
    let mut rows: Vec<Row> = Vec::new();
    wrap::wrap(text, 0, width, wrap::columns, &mut rows);
    rows.iter()
        .map(|row| {
            let text = text.get(row.start..row.end).unwrap_or("").trim_end();
            Line::styled(format!("{}{text}", " ".repeat(usize::from(indent))), style)
        })
        .collect()
}
