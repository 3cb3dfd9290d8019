//! The top line, the tabs and the line of hints. One line each.

use super::{put, put_right};
use crate::{
    domain::{
        figures, metrics, sanitise::sanitise_line, shortened::common_start, summary, wording,
    },
    tui::{
        keymap::{Action, Binding, Context, KEYMAP},
        model::{AtEnd, Focus, Model, Overlay},
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
/// And where they do not fit like that.
const SHORT_TAB_NAME: usize = 8;

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
        Span::styled(
            if model.unkept.is_some() {
                " · ! not kept"
            } else {
                ""
            },
            theme.warning(),
        ),
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
    let cost =
        wording::total_cost(lanes.filter_map(|(lane, state)| Some((model.plan(*lane)?, state))));
    let mut right = Line::from(vec![
        Span::raw(format!("{:>9}", run_time(run.is_running(), clock))),
        Span::raw(format!("  {cost:>9} ")),
    ]);
    let room = usize::from(area.width).saturating_sub(left.width() + 1);
    // All of the sitting, from its second prompt on.
    if model.runs > 1 && !model.sitting().is_empty() {
        let sitting = Span::raw(format!(" Σ {} ", wording::sum(&model.sitting())));
        if right.width() + sitting.width() <= room {
            right.push_span(sitting);
        }
    }
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

/// One name per lane, where not every pane has a place of its own. Names get shorter before lanes are left out; the
/// focused lane never is, and signs at the ends count the others.
pub(super) fn draw_tabs(model: &Model, buffer: &mut Buffer, area: Rect, clock: Duration) {
    if area.is_empty() {
        return;
    }
    let room = usize::from(area.width);
    let shown = model.shown();
    let focused = shown.iter().position(|lane| *lane == model.focused);
    let focused = focused.unwrap_or(0);
    let all = tabs(model, TAB_NAME, clock);
    if all.iter().map(Span::width).sum::<usize>() <= room {
        put(buffer, area, 0, 0, &all.into_iter().collect());
        return;
    }
    let tabs = tabs(model, SHORT_TAB_NAME, clock);
    let before = |from: usize| match from {
        0 => String::new(),
        left_out => format!(" ‹{left_out}"),
    };
    let behind = |to: usize| match tabs.len() - to {
        0 => String::new(),
        left_out => format!(" {left_out}›"),
    };
    let fits = |from: usize, to: usize| {
        let inner = tabs[from..to].iter().map(Span::width).sum::<usize>();
        Line::raw(before(from)).width() + inner + Line::raw(behind(to)).width() <= room
    };
    let mut to = (focused + 1).min(tabs.len());
    let from = (0..focused).find(|from| fits(*from, to)).unwrap_or(focused);
    while to < tabs.len() && fits(from, to + 1) {
        to += 1;
    }
    let (before, behind) = (before(from), behind(to));
    let mut line = Line::styled(before, model.theme.dim());
    line.extend(tabs.into_iter().skip(from).take(to - from));
    put(buffer, area, 0, 0, &line);
    let taken = line.width();
    put_right(
        buffer,
        area,
        0,
        taken,
        &Line::styled(behind, model.theme.dim()),
    );
}

/// The tabs of all lanes, their names in at most so many columns.
fn tabs(model: &Model, columns: usize, clock: Duration) -> Vec<Span<'static>> {
    let theme = model.theme;
    let shown = model.shown();
    let name_of = |lane: usize| sanitise_line(&model.panes[lane].entry.plan.name);
    let names: Vec<String> = shown.iter().map(|lane| name_of(*lane)).collect();
    let is_cut = names.iter().any(|name| name.chars().count() > columns);
    let common = if is_cut { common_start(&names) } else { "" };
    let tab = |(place, lane): (usize, usize)| {
        let name = name_of(lane);
        let name = summary::cut(name.strip_prefix(common).unwrap_or(&name), columns);
        let words = pane::words(model, lane, clock);
        let style = match (lane == model.focused, model.focus) {
            (true, Focus::Panes) => theme.focus(),
            (true, Focus::Prompt) => theme.strong(),
            (false, _) => theme.dim(),
        };
        Span::styled(format!(" {} {name} {} ", place + 1, words.symbol), style)
    };
    shown.iter().copied().enumerate().map(tab).collect()
}

/// What the person should know, else the keys that matter here.
pub(super) fn draw_hints(model: &Model, buffer: &mut Buffer, area: Rect) {
    let theme = model.theme;
    if let Some(question) = &model.question {
        let room = usize::from(area.width).saturating_sub(4);
        let line = Line::from(vec![
            Span::styled(" ? ", theme.warning()),
            Span::styled(summary::cut(&question.text, room), theme.strong()),
        ]);
        put(buffer, area, 0, 0, &line);
        return;
    }
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
    if model.at_end == AtEnd::Quits {
        let line = Line::from(vec![
            Span::styled(" ! ", theme.warning()),
            Span::raw("quits when the lanes have ended · Esc stays"),
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
            .filter(|binding| binding.action != Action::AskPrepared || !model.prepared.is_empty())
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
