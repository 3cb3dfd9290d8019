//! The top line, the tabs and the line of hints. One line each.

use super::{put, put_right};
use crate::{
    domain::{figures, metrics, sanitise::sanitise_line, summary, wording},
    tui::{
        keymap::{Action, Binding, Context, KEYMAP},
        model::{Focus, Model, Overlay},
        theme::Theme,
        view::pane,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use std::time::Duration;

/// The most columns of a name in the tabs.
const TAB_NAME: usize = 16;

/// The name of the program, the schedule, the lanes; the clock and the cost of the run.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect, clock: Duration) {
    let theme = model.theme;
    let lanes = match model.shown().len() {
        1 => "1 lane".to_owned(),
        lanes => format!("{lanes} lanes"),
    };
    let left = Line::from(vec![
        Span::styled(" tierscope", theme.strong()),
        Span::raw(format!("  {} · {lanes}", schedule(model))),
    ]);
    put(buffer, area, 0, 0, &left);
    let help = Line::from(vec![
        Span::styled(" F1", theme.strong()),
        Span::styled(" help ", theme.dim()),
    ]);
    let Some(run) = &model.run else {
        put_right(buffer, area, 0, left.width(), &help);
        return;
    };
    let lanes = run.lanes.iter().zip(&run.state.lanes);
    let cost = wording::total_cost(
        lanes.filter_map(|(lane, state)| Some((model.plan(*lane)?, state))),
        Some(run.prompt_estimate),
    );
    let mut right = Line::from(vec![
        Span::raw(format!("{:>9}", run_time(run.is_running(), clock))),
        Span::raw(format!("  {cost:>9} ")),
    ]);
    let room = usize::from(area.width).saturating_sub(left.width() + 1);
    if right.width() + help.width() <= room {
        right.extend(help);
    }
    put_right(buffer, area, 0, left.width() + 1, &right);
}

/// A run's clock in tenths of a second while it runs, as precise as the panes when it has ended.
fn run_time(is_running: bool, clock: Duration) -> String {
    if is_running {
        figures::clock(clock)
    } else {
        figures::time(Some(metrics::ms(clock)))
    }
}

/// The schedule of the run under way, and the next one's where that differs.
fn schedule(model: &Model) -> String {
    let next = model.schedule.name();
    match model.run.as_ref().filter(|run| run.is_running()) {
        Some(run) if run.schedule != model.schedule => {
            format!("{}, next {next}", run.schedule.name())
        }
        Some(_) | None => next.to_owned(),
    }
}

/// One name per lane, where not every pane has a place of its own.
pub(super) fn draw_tabs(model: &Model, buffer: &mut Buffer, area: Rect, clock: Duration) {
    if area.is_empty() {
        return;
    }
    let theme = model.theme;
    let mut tabs = Vec::new();
    for (place, lane) in model.shown().into_iter().enumerate() {
        let name = summary::cut(&sanitise_line(&model.panes[lane].entry.plan.name), TAB_NAME);
        let words = pane::words(model, lane, clock);
        let style = match (lane == model.focused, model.focus) {
            (true, Focus::Panes) => theme.focus(),
            (true, Focus::Prompt) => theme.strong(),
            (false, _) => theme.dim(),
        };
        let tab = format!(" {} {name} {} ", place + 1, words.symbol);
        tabs.push((lane, Span::styled(tab, style)));
    }
    // The focused tab is always on the line: earlier ones give way.
    let room = usize::from(area.width);
    let upto: usize = tabs
        .iter()
        .take_while(|(lane, _)| *lane != model.focused)
        .chain(tabs.iter().find(|(lane, _)| *lane == model.focused))
        .map(|(_, span)| span.width())
        .sum();
    let mut over = upto.saturating_sub(room);
    while over > 0 && tabs.len() > 1 {
        let (_, gone) = tabs.remove(0);
        over = over.saturating_sub(gone.width());
    }
    let line: Line<'_> = tabs.into_iter().map(|(_, span)| span).collect();
    put(buffer, area, 0, 0, &line);
}

/// What the person should know, else the keys that matter here.
pub(super) fn draw_hints(model: &Model, buffer: &mut Buffer, area: Rect) {
    let theme = model.theme;
    if let Some(notice) = &model.notice {
        let line = Line::from(vec![
            Span::styled(" ! ", theme.warning()),
            Span::raw(summary::cut(
                notice,
                usize::from(area.width).saturating_sub(4),
            )),
        ]);
        put(buffer, area, 0, 0, &line);
        return;
    }
    let context = match (model.overlay, model.focus) {
        (Some(Overlay::Lanes { .. }), _) => Context::Lanes,
        (Some(_), _) => Context::Page,
        (None, Focus::Prompt) => Context::Prompt,
        (None, Focus::Panes) => Context::Panes,
    };
    let hints = |context| {
        KEYMAP
            .iter()
            .filter(move |binding| binding.context == context && !binding.hint.is_empty())
    };
    // Help has its place before all others: it leads to every other key.
    let reserved: usize = hints(Context::Everywhere)
        .filter(|binding| binding.action == Action::Help)
        .flat_map(|binding| hint(theme, binding))
        .map(|span| span.width())
        .sum();
    let mut room = usize::from(area.width).saturating_sub(reserved);
    let mut line = Line::default();
    for binding in hints(context).chain(hints(Context::Everywhere)) {
        if binding.action == Action::Help {
            room += reserved;
        }
        let hint = hint(theme, binding);
        let width: usize = hint.iter().map(Span::width).sum();
        let is_named = line.spans.iter().any(|span| *span == hint[1]);
        if !is_named && line.width() + width <= room {
            line.extend(hint);
        }
    }
    put(buffer, area, 0, 0, &line);
}

/// A key and what it does.
fn hint(theme: Theme, binding: &Binding) -> [Span<'static>; 2] {
    let key = binding.keys.first();
    let key = key.map(|key| key.name()).unwrap_or_default();
    [
        Span::styled(format!(" {key}"), theme.strong()),
        Span::styled(format!(" {} ", binding.hint), theme.dim()),
    ]
}
