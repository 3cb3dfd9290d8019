//! Draws the model. Changes nothing but its own cache.

mod details;
mod forecast;
mod header;
mod help;
mod lanes;
mod numbers;
pub(super) mod pages;
mod pane;
mod prompt;
mod strip;

use super::{
    layout::{MIN_COLUMNS, MIN_ROWS, Screen},
    model::{ActiveRun, Model, Overlay, RunNumber},
};
use crate::domain::{lane::LaneState, metrics::Speed, plan::LanePlan, run, summary, wording};
use ratatui::{Frame, buffer::Buffer, layout::Rect, text::Line};
use std::time::Duration;

/// What the view keeps between frames so that a frame does not cost more as answers grow.
#[derive(Debug, Default)]
pub struct ViewCache {
    /// The rates of the lane whose details are open, and what they were computed from.
    speed: Option<(SpeedKey, Speed)>,
}

/// Rates only change when a lane gets a piece or its counts.
#[derive(Debug, Clone, Copy, PartialEq)]
struct SpeedKey {
    run: RunNumber,
    lane: usize,
    chunks: u64,
    tokens: Option<u64>,
    has_ended: bool,
}

/// Draws one frame as of `now`, on the playground's own clock. Never draws outside of the frame, whatever its size.
pub fn view(model: &Model, cache: &mut ViewCache, frame: &mut Frame<'_>, now: Duration) {
    let area = frame.area();
    let Some(screen) = model.screen(area) else {
        too_small(model, frame.buffer_mut(), area);
        return;
    };
    let clock = model
        .run
        .as_ref()
        .map_or(Duration::ZERO, |run| run.clock(now));
    let buffer = frame.buffer_mut();
    header::draw(model, buffer, screen.header, clock);
    header::draw_tabs(model, buffer, screen.tabs, clock);
    draw_panes(model, buffer, &screen, clock);
    strip::draw(model, buffer, screen.strip, clock);
    forecast::draw(model, buffer, screen.forecast);
    header::draw_hints(model, buffer, screen.hints);
    let cursor = prompt::draw(model, buffer, screen.prompt);
    match model.overlay {
        Some(Overlay::Lanes { selected }) => {
            let place = pages::place(screen.header, screen.hints);
            lanes::draw(model, buffer, place, selected, clock);
        }
        Some(Overlay::Help { .. } | Overlay::Details { .. }) => {
            let speed = cache.speed(model);
            pages::draw(
                model,
                buffer,
                pages::place(screen.header, screen.hints),
                &speed,
                clock,
            );
        }
        None => {
            if let Some(cursor) = cursor {
                frame.set_cursor_position(cursor);
            }
        }
    }
}

/// What is left on the normal screen after quitting: the last prompt and the table of its run; empty when nothing ran.
pub fn quit_summary(model: &Model) -> String {
    let Some(run) = &model.run else {
        return String::new();
    };
    let rows = rows(model, run);
    let width = match model.size.0 {
        0 => 80,
        columns => usize::from(columns),
    };
    let prompt = crate::domain::sanitise::sanitise_line(&run.prompt);
    let table = summary::table(rows, width);
    let sitting = model.sitting();
    let sitting = if model.runs > 1 && !sitting.is_empty() {
        let (runs, cost) = (model.runs, wording::sum(&sitting));
        format!("Σ {runs} prompts of this sitting: {cost}\n")
    } else {
        String::new()
    };
    let unkept = model.unkept.as_ref().map_or_else(String::new, |reason| {
        format!("! not every answer of this sitting is in the history: {reason}\n")
    });
    format!(
        "> {}\n{table}{sitting}{unkept}",
        summary::cut(&prompt, width.saturating_sub(2))
    )
}

/// The lanes of the run with their plans.
fn rows<'a>(model: &'a Model, run: &'a ActiveRun) -> Vec<(&'a LanePlan, &'a LaneState)> {
    let lanes = run.lanes.iter().zip(&run.state.lanes);
    lanes
        .filter_map(|(lane, state)| Some((model.plan(*lane)?, state)))
        .collect()
}

/// Whether the figures of a lane were measured while other local lanes were at work.
fn is_contended(model: &Model, lane: usize) -> bool {
    let place = |run: &ActiveRun| Some(run::is_contended(run.place_of(lane)?.0, &rows(model, run)));
    model.run.as_ref().and_then(place).unwrap_or_default()
}

impl ViewCache {
    /// The rates of the focused lane; its gaps are sorted only when there are new ones.
    fn speed(&mut self, model: &Model) -> Speed {
        let found = model.run.as_ref().and_then(|run| {
            let lane = run.lane(model.focused)?;
            let key = SpeedKey {
                run: run.number,
                lane: model.focused,
                chunks: lane.timeline.all.chunks(),
                tokens: lane.usage().completion_tokens,
                has_ended: lane.settled,
            };
            Some((key, lane))
        });
        match (found, self.speed) {
            (None, _) => Speed::default(),
            (Some((key, _)), Some((known, speed))) if key == known => speed,
            (Some((key, lane)), _) => {
                let speed = lane.speed();
                self.speed = Some((key, speed));
                speed
            }
        }
    }
}

fn draw_panes(model: &Model, buffer: &mut Buffer, screen: &Screen, clock: Duration) {
    let shown = model.shown();
    for (place, area) in &screen.panes {
        if let Some(lane) = shown.get(*place) {
            pane::draw(model, buffer, *area, *lane, clock);
        }
    }
    if shown.is_empty() {
        let lines = [
            Line::from("No lane is switched on."),
            Line::styled(
                "F2 lists the lanes; `tierscope lanes` says what others lack.",
                model.theme.dim(),
            ),
        ];
        for (row, line) in (1..).zip(&lines) {
            put(buffer, screen.body, row, 2, line);
        }
    }
}

fn too_small(model: &Model, buffer: &mut Buffer, area: Rect) {
    let (width, height) = (area.width, area.height);
    let lines = [
        format!("Need {MIN_COLUMNS}×{MIN_ROWS}, have {width}×{height}."),
        "Ctrl-C stops and quits.".to_owned(),
    ];
    let style = model.theme.text();
    let rows = lines
        .iter()
        .flat_map(|line| pages::paragraph(line, width, 0, style));
    for (row, line) in (0..height).zip(rows) {
        put(buffer, area, row, 0, &line);
    }
}

/// Puts a line into a row of an area, from a column on; what has no room is left out.
fn put(buffer: &mut Buffer, area: Rect, row: u16, column: u16, line: &Line<'_>) {
    let area = area.intersection(buffer.area);
    if row < area.height && column < area.width {
        buffer.set_line(area.x + column, area.y + row, line, area.width - column);
    }
}

/// Puts a line at the right end of a row, when it fits beside so many columns; tells whether it did.
fn put_right(buffer: &mut Buffer, area: Rect, row: u16, taken: usize, line: &Line<'_>) -> bool {
    let width = line.width();
    let room = usize::from(area.width);
    let fits = width > 0 && taken + width <= room;
    if fits {
        let column = u16::try_from(room - width).unwrap_or(0);
        put(buffer, area, row, column, line);
    }
    fits
}

#[cfg(test)]
pub(super) mod tests;
