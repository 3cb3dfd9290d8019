//! One pane: its frame with the names, the phase, the visible rows of the text. Costs no more as the text grows.

use super::{numbers, put, put_right};
use crate::{
    domain::{
        failure::LaneFailure,
        figures,
        lane::{LaneState, Phase},
        plan::LaneSource,
        sanitise::sanitise_line,
        summary,
        wording::{self, Words},
    },
    provider::Readiness,
    tui::{
        layout::PaneParts,
        model::{DocRow, Focus, Model},
        theme::Theme,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Alignment, Rect},
    style::Style,
    text::{Line, Span},
    widgets::{Block, Widget},
};
use std::time::Duration;

/// Draws the pane of a lane; `clock` is the time since the run began.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect, lane: usize, clock: Duration) {
    let state = model.run.as_ref().and_then(|run| run.lane(lane));
    let parts = PaneParts::of(area);
    draw_frame(model, buffer, area, lane);
    let style = border_style(model, lane);
    if !parts.rule.is_empty() && area.width >= 2 {
        let rule = format!("├{}┤", "─".repeat(usize::from(area.width) - 2));
        put(buffer, parts.rule, 0, 0, &Line::styled(rule, style));
    }
    draw_phase(model, buffer, parts, lane, clock);
    draw_text(model, buffer, parts.text, lane, state);
    if let Some(state) = state {
        numbers::draw(model, buffer, parts.numbers, lane, state);
    }
}

/// What a lane does, in words.
pub(super) fn words(model: &Model, lane: usize, clock: Duration) -> Words {
    let pane = &model.panes[lane];
    let plan = &pane.entry.plan;
    if let Some(state) = model.run.as_ref().and_then(|run| run.lane(lane)) {
        return wording::phase(plan, state, clock);
    }
    match (&pane.readiness, &plan.source) {
        (Some(Readiness::Loading { percent }), _) => {
            Words::new('◌', format!("loading {percent} %"))
        }
        (Some(Readiness::Failed(failure)), _) => Words::new('✗', wording::failed(plan, failure)),
        (None, LaneSource::Local(_)) => Words::new('·', "not loaded yet"),
        (Some(Readiness::Ready) | None, _) => Words::new('·', "ready"),
    }
}

fn border_style(model: &Model, lane: usize) -> Style {
    let is_focused = lane == model.focused && model.focus == Focus::Panes;
    if is_focused {
        model.theme.focus()
    } else {
        model.theme.dim()
    }
}

/// The frame: tier, lane and model on the left, where it runs on the right.
fn draw_frame(model: &Model, buffer: &mut Buffer, area: Rect, lane: usize) {
    let theme = model.theme;
    let entry = &model.panes[lane].entry;
    let name = sanitise_line(&entry.plan.name);
    let model_name = sanitise_line(&entry.plan.model);
    let room = usize::from(area.width).saturating_sub(4);
    let name_style = if lane == model.focused {
        theme.strong()
    } else {
        theme.text()
    };
    let mut title = vec![Span::raw(" ")];
    if let Some(tier) = entry.plan.tier {
        title.push(Span::styled(tier.name(), theme.tier(Some(tier))));
    }
    // Two fifths of the line are kept for the place, where that needs it.
    let place = sanitise_line(&entry.place);
    let place_room = Span::raw(place.as_str()).width().min(room * 2 / 5) + 3;
    // A lane that is named after its tier need not say so twice.
    if entry.plan.tier.is_none_or(|tier| tier.name() != name) {
        if title.len() > 1 {
            title.push(Span::styled(" · ", theme.dim()));
        }
        let used: usize = title.iter().map(Span::width).sum();
        let name = summary::cut(&name, room.saturating_sub(used + place_room));
        title.push(Span::styled(name, name_style));
    }
    let used: usize = title.iter().map(Span::width).sum();
    let place = summary::cut(&place, room.saturating_sub(used + 3));
    let place_width = Span::raw(place.as_str()).width();
    let left = room.saturating_sub(used + place_width + 6);
    if model_name != name && left >= 6 {
        title.push(Span::styled(" · ", theme.dim()));
        title.push(Span::styled(summary::cut(&model_name, left), theme.dim()));
    }
    title.push(Span::raw(" "));
    let mut block = Block::bordered()
        .border_style(border_style(model, lane))
        .title(Line::from(title));
    if place_width > 0 {
        let place = Line::styled(format!(" {place} "), theme.text());
        block = block.title(place.alignment(Alignment::Right));
    }
    block.render(area, buffer);
}

/// The phase, and on its right how much text is below.
fn draw_phase(model: &Model, buffer: &mut Buffer, parts: PaneParts, lane: usize, clock: Duration) {
    let area = parts.phase;
    let pane = &model.panes[lane];
    let words = words(model, lane, clock);
    let state = model.run.as_ref().and_then(|run| run.lane(lane));
    let mut text = words.text;
    if let Some(state) = state.filter(|state| state.phase == Phase::Thinking) {
        text = format!("{text} · {} tok", thought_tokens(state));
    }
    let rows = parts.text.height;
    if let Some(failure) = failure(model, lane).filter(|_| pane.tells_phase_below(rows)) {
        text = wording::failed_in_brief(failure);
    }
    let below = pane
        .doc_rows()
        .saturating_sub(pane.top(rows) + usize::from(rows));
    let below = match below {
        0 => Line::default(),
        below => Line::styled(
            format!(" ↓ {} more ", figures::count(below as u64)),
            model.theme.dim(),
        ),
    };
    let style = symbol_style(model.theme, words.symbol);
    let room = usize::from(area.width).saturating_sub(2 + below.width());
    let phase = Line::from(vec![
        Span::styled(words.symbol.to_string(), style),
        Span::raw(" "),
        Span::raw(summary::cut(&text, room)),
    ]);
    put(buffer, area, 0, 0, &phase);
    put_right(buffer, area, 0, phase.width(), &below);
}

/// The keys that end a lane's wait for another attempt, from where the focus is.
fn how_to_give_up(model: &Model, lane: usize) -> String {
    let place = model.shown().iter().position(|shown| *shown == lane);
    let digit = place.map(|place| place + 1).filter(|digit| *digit <= 9);
    match (model.focus, digit) {
        (Focus::Panes, _) if lane == model.focused => "x gives up this lane".to_owned(),
        (Focus::Panes, Some(digit)) => format!("{digit}, then x gives up this lane"),
        (Focus::Prompt, Some(digit)) => format!("Tab, {digit}, x gives up this lane"),
        (Focus::Panes | Focus::Prompt, None) => "x gives it up from there".to_owned(),
    }
}

/// Why a lane failed, or would.
fn failure(model: &Model, lane: usize) -> Option<&LaneFailure> {
    match model.run.as_ref().and_then(|run| run.lane(lane)) {
        Some(state) => state.failure(),
        None => match &model.panes[lane].readiness {
            Some(Readiness::Failed(failure)) => Some(failure),
            Some(Readiness::Loading { .. } | Readiness::Ready) | None => None,
        },
    }
}

fn symbol_style(theme: Theme, symbol: char) -> Style {
    match symbol {
        '✓' => theme.success(),
        '✗' => theme.failure(),
        '✂' | '⊘' | '↻' | '■' => theme.warning(),
        _ => theme.text(),
    }
}

fn draw_text(
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
    lane: usize,
    state: Option<&LaneState>,
) {
    let theme = model.theme;
    let pane = &model.panes[lane];
    if state.is_some_and(|state| state.retry.is_some()) {
        let hint = Line::styled(how_to_give_up(model, lane), theme.dim());
        put(buffer, area, 0, 0, &hint);
    }
    let top = pane.top(area.height);
    let rows = pane.doc_rows();
    for row in 0..area.height {
        let index = top + usize::from(row);
        if index >= rows {
            break;
        }
        match pane.doc_row(index) {
            DocRow::ThoughtHead => {
                let head = Line::styled(thought_head(model, lane, state), theme.dim());
                put(buffer, area, row, 0, &head);
            }
            DocRow::Thought(text) => put(buffer, area, row, 2, &Line::styled(text, theme.dim())),
            DocRow::Answer(text) => put(buffer, area, row, 0, &Line::styled(text, theme.text())),
            DocRow::Remark(text) => {
                let remark = Line::styled(text, theme.warning());
                put(buffer, area, row, 0, &remark);
            }
            DocRow::Gap => {}
        }
    }
}

/// The line above the thoughts: how long, how many; and where the key would fold them, how.
fn thought_head(model: &Model, lane: usize, state: Option<&LaneState>) -> String {
    let (sign, key) = if model.panes[lane].is_unfolded() {
        ('▾', "  t folds")
    } else {
        ('▸', "  t unfolds")
    };
    let has_keys = lane == model.focused && model.focus == Focus::Panes;
    let key = if has_keys { key } else { "" };
    let Some(state) = state else {
        return format!("{sign} thought{key}");
    };
    let tokens = thought_tokens(state);
    match state.timing().thinking_ms {
        Some(ms) => {
            let time = figures::time(Some(ms));
            format!("{sign} thought {time} · {tokens} tok{key}")
        }
        None => format!("{sign} thought · {tokens} tok{key}"),
    }
}

fn thought_tokens(state: &LaneState) -> String {
    let usage = state.usage();
    figures::tokens(usage.reasoning_tokens, usage.source)
}
