//! The list of lanes, to switch them on and off.

use super::{pages::draw_box, pane, put};
use crate::{
    domain::{sanitise::sanitise_line, summary},
    tui::{
        layout::middle,
        model::{LaneEntry, Model},
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use std::time::Duration;

/// The list is not wider than this.
const COLUMNS: u16 = 110;
/// The widest name and the widest place.
const TEXT: usize = 24;
const TIER: usize = 9;
/// Whether a lane is on.
const SWITCH: usize = 6;
/// What the state of a lane needs to say something: places give way to it.
const STATE: usize = 24;

/// The columns of what differs in width.
struct Columns {
    name: usize,
    /// None where there is no room for it.
    place: Option<usize>,
    state: usize,
}

impl Columns {
    fn of(model: &Model, width: u16) -> Self {
        let widest = |text: fn(&LaneEntry) -> &str| {
            let entries = model.panes.iter().map(|pane| &pane.entry);
            let widths = entries.map(|entry| Span::raw(sanitise_line(text(entry))).width());
            widths.max().unwrap_or(0).min(TEXT)
        };
        let room = usize::from(width).saturating_sub(SWITCH + TIER + 1);
        let name = widest(|entry| &entry.plan.name).min(room / 2);
        let room = room.saturating_sub(name + 1);
        let place = Some(widest(|entry| &entry.place)).filter(|place| place + 1 + STATE <= room);
        Self {
            name,
            place,
            state: room.saturating_sub(place.map_or(0, |place| place + 1)),
        }
    }
}

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
    let columns = Columns::of(model, inner.width);
    let room = usize::from(inner.height);
    let top = (selected + 1).saturating_sub(room);
    for (row, lane) in (0..inner.height).zip(top..model.panes.len()) {
        let mut line = entry(model, &columns, lane, clock);
        if lane == selected {
            line = line.style(model.theme.selected());
        }
        put(buffer, inner, row, 0, &line);
    }
}

fn entry(model: &Model, columns: &Columns, lane: usize, clock: Duration) -> Line<'static> {
    let theme = model.theme;
    let pane = &model.panes[lane];
    let plan = &pane.entry.plan;
    let cell = |text: &str, width: usize| {
        let text = summary::cut(&sanitise_line(text), width);
        let space = (width + 1).saturating_sub(Span::raw(text.as_str()).width());
        format!("{text}{}", " ".repeat(space))
    };
    let state = pane::words(model, lane, clock).to_string();
    let place = columns
        .place
        .map(|columns| cell(&pane.entry.place, columns));
    Line::from(vec![
        Span::raw(if pane.is_on { "[on]  " } else { "[off] " }),
        Span::raw(cell(&plan.name, columns.name)),
        Span::styled(
            cell(plan.tier.map_or("–", |tier| tier.name()), TIER),
            theme.tier(plan.tier),
        ),
        Span::styled(place.unwrap_or_default(), theme.dim()),
        Span::raw(summary::cut(&state, columns.state)),
    ])
}
