//! The list of lanes, to switch them on and off.

use super::{pages::draw_box, pane, put};
use crate::{
    domain::{sanitise::sanitise_line, summary},
    tui::{layout::middle, model::Model},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use std::time::Duration;

const COLUMNS: u16 = 76;
const NAME: usize = 16;
const TIER: usize = 9;
const PLACE: usize = 12;

/// Draws the list.
pub(super) fn draw(
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
    selected: usize,
    clock: Duration,
) {
    let rows = u16::try_from(model.panes.len().max(1))
        .unwrap_or(u16::MAX)
        .saturating_add(2);
    let inner = draw_box(model, buffer, middle(area, COLUMNS, rows), " lanes ");
    if model.panes.is_empty() {
        put(
            buffer,
            inner,
            0,
            0,
            &Line::raw("There is none: see `tierscope lanes`."),
        );
    }
    let room = usize::from(inner.height);
    let top = (selected + 1).saturating_sub(room);
    for (row, lane) in (0..inner.height).zip(top..model.panes.len()) {
        let mut line = entry(model, lane, clock);
        if lane == selected {
            line = line.style(model.theme.selected());
        }
        put(buffer, inner, row, 0, &line);
    }
}

fn entry(model: &Model, lane: usize, clock: Duration) -> Line<'static> {
    let theme = model.theme;
    let pane = &model.panes[lane];
    let plan = &pane.entry.plan;
    let cell = |text: &str, width: usize| {
        let text = summary::cut(&sanitise_line(text), width);
        let space = (width + 1).saturating_sub(Span::raw(text.as_str()).width());
        format!("{text}{}", " ".repeat(space))
    };
    Line::from(vec![
        Span::raw(if pane.is_on { "[on]  " } else { "[off] " }),
        Span::raw(cell(&plan.name, NAME)),
        Span::styled(
            cell(plan.tier.map_or("–", |tier| tier.name()), TIER),
            theme.tier(plan.tier),
        ),
        Span::styled(cell(&pane.entry.place, PLACE), theme.dim()),
        Span::raw(pane::words(model, lane, clock).to_string()),
    ])
}
