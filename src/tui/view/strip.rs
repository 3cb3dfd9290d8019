//! The strip of timelines: one row per lane on a common scale, so that waiting, thinking and answering can be compared
//! at a glance.

use super::{put, put_right};
use crate::{
    domain::{
        figures, lane::LaneState, plan::LanePlan, sanitise::sanitise_line, summary,
        timeline::Timeline, wording,
    },
    tui::model::Model,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};
use std::time::Duration;
use unicode_width::UnicodeWidthStr;

/// Columns of the names: at least, at most.
const NAME: [usize; 2] = [8, 20];
/// Columns of the comparison on the right, where there is room.
const REMARK: u16 = 30;
/// The same in a narrow terminal.
const NARROW_REMARK: u16 = 14;
/// From this width on there is room.
const WIDE: u16 = 100;
/// Steps between the marks of the scale, in milliseconds; the scale ends at a mark, so that it stands still for a while.
const STEPS_MS: [u64; 19] = [
    2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000, 120_000,
    300_000, 600_000, 3_600_000,
];
/// A scale has at most this many steps.
const MARKS: u64 = 8;

/// Draws the strip; `clock` is the time since the run began.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect, clock: Duration) {
    let Some(run) = model.run.as_ref().filter(|_| !area.is_empty()) else {
        return;
    };
    let beside = if area.width >= WIDE {
        REMARK
    } else {
        NARROW_REMARK
    };
    let lanes: Vec<(usize, &LaneState)> = model
        .shown()
        .into_iter()
        .filter_map(|lane| Some((lane, run.lane(lane)?)))
        .collect();
    let names = name_columns(model, &lanes);
    let bars = Rect {
        x: area.x + names,
        width: area.width.saturating_sub(names + beside),
        ..area
    };
    let (step, scale) = scale(clock);
    draw_axis(model, buffer, area, bars, [step, scale]);
    // One that failed is no measure for the others.
    let first = lanes
        .iter()
        .position(|(_, state)| state.failure().is_none())
        .unwrap_or(0);
    let baseline = lanes
        .get(first)
        .and_then(|(lane, state)| Some((model.plan(*lane)?, *state)));
    for (row, (index, (lane, state))) in (1..).zip(lanes.iter().enumerate()) {
        let Some(plan) = model.plan(*lane) else {
            continue;
        };
        let name = summary::cut(&sanitise_line(&plan.name), usize::from(names) - 2);
        put(
            buffer,
            area,
            row,
            1,
            &Line::styled(name, model.theme.tier(plan.tier)),
        );
        let end = match (state.timeline.ended, state.settled) {
            (Some(ended), _) => ended,
            (None, true) => state.timeline.all.last().unwrap_or_default(),
            (None, false) => clock,
        };
        let bar = bar(&state.timeline, end, bars.width, scale);
        put(buffer, bars, row, 0, &Line::raw(bar));
        let remark = match baseline {
            Some(baseline) if index != first => compared(baseline, (plan, state)),
            Some(_) | None => "baseline".to_owned(),
        };
        let remark = Line::styled(remark, model.theme.dim());
        let taken = usize::from(bars.right() - area.x);
        put_right(buffer, area, row, taken, &remark);
    }
}

/// Columns for the names of the lanes, with air on both sides.
fn name_columns(model: &Model, lanes: &[(usize, &LaneState)]) -> u16 {
    let [least, most] = NAME;
    let widest = lanes
        .iter()
        .filter_map(|(lane, _)| Some(sanitise_line(&model.plan(*lane)?.name).width()))
        .max();
    let columns = widest.unwrap_or(0).clamp(least, most) + 2;
    u16::try_from(columns).unwrap_or(u16::MAX)
}

/// Marks of the time, and the legend.
fn draw_axis(
    model: &Model,
    buffer: &mut Buffer,
    area: Rect,
    bars: Rect,
    [step, scale]: [Duration; 2],
) {
    let mut free = 0;
    let mut at = Duration::ZERO;
    while at < scale {
        let share = at.as_secs_f64() / scale.as_secs_f64();
        let column = (0..bars.width)
            .find(|column| f64::from(*column) >= share * f64::from(bars.width))
            .unwrap_or(bars.width);
        let mark = mark(at, step);
        if column >= free {
            let line = Line::styled(mark.as_str(), model.theme.dim());
            put(buffer, bars, 0, column, &line);
            free = column + u16::try_from(mark.len()).unwrap_or(0) + 1;
        }
        at += step;
    }
    let legend = Line::from(vec![Span::styled(
        "░ wait ▒ think █ answer",
        model.theme.dim(),
    )]);
    put_right(buffer, area, 0, usize::from(bars.right() - area.x), &legend);
}

/// The step between marks, and the end of the scale: the smallest on which the time has room.
fn scale(time: Duration) -> (Duration, Duration) {
    let ms = u64::try_from(time.as_micros().div_ceil(1_000)).unwrap_or(u64::MAX);
    let step = STEPS_MS
        .into_iter()
        .find(|step| ms <= step * MARKS)
        .unwrap_or_else(|| ms.div_ceil(MARKS));
    let steps = ms.div_ceil(step).max(1);
    (
        Duration::from_millis(step),
        Duration::from_millis(steps.saturating_mul(step)),
    )
}

/// How a mark is written: the first one with the unit of all.
fn mark(at: Duration, step: Duration) -> String {
    let seconds = at.as_secs();
    match step.as_secs() {
        0 if at.is_zero() => "0 ms".to_owned(),
        0 => at.as_millis().to_string(),
        _ if at.is_zero() => "0 s".to_owned(),
        60.. => format!("{}:00", seconds / 60),
        _ if seconds >= 60 => format!("{}:{:02}", seconds / 60, seconds % 60),
        _ => seconds.to_string(),
    }
}

/// What a lane did until `end`, one sign per column of the scale.
fn bar(line: &Timeline, end: Duration, columns: u16, scale: Duration) -> String {
    let time_of = |column: u16| scale.mul_f64(f64::from(column) / f64::from(columns.max(1)));
    (0..columns)
        .map(|column| sign(line, end, time_of(column), time_of(column + 1)))
        .collect()
}

/// The furthest that a lane came while a column lasted: so even the shortest answer shows.
fn sign(line: &Timeline, end: Duration, from: Duration, to: Duration) -> char {
    let has_begun = |at: Option<Duration>| at.is_some_and(|at| at < to);
    match () {
        () if from > end => ' ',
        () if has_begun(line.answer.first()) => '█',
        () if has_begun(line.reasoning.first()) => '▒',
        () if has_begun(line.sent) => '░',
        () if has_begun(line.queued) || has_begun(line.loading) => '·',
        () => ' ',
    }
}

/// A lane beside the first one: how much slower, how much dearer.
fn compared(baseline: (&LanePlan, &LaneState), lane: (&LanePlan, &LaneState)) -> String {
    let (plan, state) = lane;
    if let Some(failure) = state.failure() {
        return failure.words().to_owned();
    }
    let end = |state: &LaneState| {
        state.finish()?;
        state.timing().e2e_ms.filter(|ms| *ms > 0.0)
    };
    let mut parts = Vec::new();
    match (end(baseline.1), end(state)) {
        (Some(first), Some(this)) if this >= first => {
            parts.push(format!("{}× slower", ratio(this / first)));
        }
        (Some(first), Some(this)) => parts.push(format!("{}× faster", ratio(first / this))),
        _ => {}
    }
    let cost = |(plan, state): (&LanePlan, &LaneState)| wording::cost_usd(plan, state);
    if let (Some(first), Some(this)) = (cost(baseline), cost((plan, state))) {
        let (sign, difference) = if this >= first {
            ('+', this - first)
        } else {
            ('-', first - this)
        };
        parts.push(format!(
            "{sign}{}",
            figures::usd(Some(difference), state.usage().source)
        ));
    }
    parts.join("  ")
}

fn ratio(value: f64) -> String {
    match value {
        _ if value < 9.95 => format!("{value:.1}"),
        _ => format!("{value:.0}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scales_hold_the_time() {
        let scales = [0, 900, 1_001, 8_000, 10_740, 12_400, 3_600_000, 40_000_000]
            .map(|ms| scale(Duration::from_millis(ms)))
            .map(|(step, end)| (step.as_millis(), end.as_millis()));
        assert_eq!(
            scales,
            [
                (2, 2),
                (200, 1_000),
                (200, 1_200),
                (1_000, 8_000),
                (2_000, 12_000),
                (2_000, 14_000),
                (600_000, 3_600_000),
                (5_000_000, 40_000_000)
            ]
        );
    }

    #[test]
    fn every_column_says_what_happened_then() {
        let s = Duration::from_secs;
        let mut line = Timeline {
            queued: Some(s(0)),
            ..Timeline::default()
        };
        line.restart(s(1));
        line.push_reasoning(s(3), 10);
        line.push_answer(s(5), 10);
        line.push_answer(s(6), 10);
        line.ended = Some(s(7));
        assert_eq!(bar(&line, s(7), 10, s(10)), "·░░▒▒███  ");
        assert_eq!(bar(&line, s(7), 2, s(60)), "█ ");
    }
}
