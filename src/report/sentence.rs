//! The summary in a sentence: which lane is enough, and what it saves. Says only what the figures say.

use super::{
    quoted, sharing,
    summary::{LaneSummary, MOST_FAILED_SHARE},
};
use crate::domain::{figures, usage::UsageSource};
use std::fmt::Write as _;

/// A lane that passes so many points less often than the best is still good enough for the sentence.
pub const WITHIN_POINTS: f64 = 5.0;

/// A lane whose answers were judged, and the percentage that passed.
type Judged<'a> = (&'a LaneSummary, f64);

/// What lanes are chosen by.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Cost,
    /// A price is missing.
    Time,
    /// No answer has a time, either.
    Nothing,
}

/// The sentence, or why there is none.
pub fn summary(lanes: &[LaneSummary]) -> String {
    let judged: Vec<Judged<'_>> = lanes
        .iter()
        .filter_map(|lane| Some((lane, lane.checks.pass_rate? * 100.0)))
        .collect();
    let Some(best) = best(&judged) else {
        return unjudged(lanes);
    };
    if best.0.checks.passed == 0 {
        let answers: u64 = judged.iter().map(|(lane, _)| lane.checks.judged).sum();
        let answers = super::words::counted(answers, "answer was judged", "answers were judged");
        return format!("No lane passed a check ({answers}).") + &failures(lanes);
    }
    let said = if judged.len() == 1 {
        format!("{} passes {}.", quoted(&best.0.lane), passes(best))
    } else {
        compared(&judged, best)
    };
    said + &reservations(&judged, lanes)
}

/// The name of the lane that passes most often; `None` where nothing was judged.
pub fn best_lane(lanes: &[LaneSummary]) -> Option<String> {
    let judged: Vec<Judged<'_>> = lanes
        .iter()
        .filter_map(|lane| Some((lane, lane.checks.pass_rate? * 100.0)))
        .collect();
    best(&judged).map(|(lane, _)| lane.lane.clone())
}

/// The lane that passes most often; of equal ones the cheapest, then the fastest.
fn best<'a>(judged: &[Judged<'a>]) -> Option<Judged<'a>> {
    let least = |figure: Option<f64>| figure.unwrap_or(f64::INFINITY);
    judged.iter().copied().min_by(|a, b| {
        (b.1.total_cmp(&a.1))
            .then(least(cost(a.0)).total_cmp(&least(cost(b.0))))
            .then(least(time(a.0)).total_cmp(&least(time(b.0))))
    })
}

fn compared(judged: &[Judged<'_>], best: Judged<'_>) -> String {
    let enough: Vec<Judged<'_>> = judged
        .iter()
        .copied()
        .filter(|(_, rate)| best.1 - rate <= WITHIN_POINTS + 1e-9)
        .collect();
    let by = if enough.iter().all(|(lane, _)| cost(lane).is_some()) {
        By::Cost
    } else if enough.iter().all(|(lane, _)| time(lane).is_some()) {
        By::Time
    } else {
        By::Nothing
    };
    let key = |lane: &LaneSummary| match by {
        By::Cost => cost(lane).unwrap_or(f64::INFINITY),
        By::Time => time(lane).unwrap_or(f64::INFINITY),
        By::Nothing => 0.0,
    };
    // Of equal keys the one that passes more often, then the one that is faster.
    let chosen = enough.iter().copied().min_by(|a, b| {
        let time = |lane| time(lane).unwrap_or(f64::INFINITY);
        (key(a.0).total_cmp(&key(b.0)))
            .then(b.1.total_cmp(&a.1))
            .then(time(a.0).total_cmp(&time(b.0)))
    });
    let chosen = chosen.unwrap_or(best);
    if chosen.0.lane == best.0.lane || by == By::Nothing {
        return alone(&enough, judged, best, by);
    }
    let within = if best.1 - chosen.1 < 1e-9 {
        format!(
            "lane that passes as often as any; {} does, too",
            quoted(&best.0.lane)
        )
    } else {
        let gap = points(best.1 - chosen.1);
        format!("lane within {gap} of the best, {}", quoted(&best.0.lane))
    };
    let speed = speed(chosen.0, best.0);
    let reason = match by {
        By::Cost if speed.is_some() => {
            let condition = sharing::condition(&[chosen.0, best.0]);
            condition.map_or_else(String::new, |condition| format!(" ({condition})"))
        }
        By::Cost => String::new(),
        By::Time | By::Nothing => by_time(&lanes_of(&enough)),
    };
    let gains: Vec<String> = price(chosen.0, best.0).into_iter().chain(speed).collect();
    let gains = if gains.is_empty() {
        String::new()
    } else {
        format!(": {} at the median", gains.join(", "))
    };
    format!(
        "{} is the {} {within}{gains}{reason}. It passes {}, {} {}.",
        quoted(&chosen.0.lane),
        by.superlative(),
        passes(chosen),
        quoted(&best.0.lane),
        passes(best)
    ) + overlap(chosen.0, best.0)
}

/// No other lane that is good enough is cheaper, or faster, than the best one.
fn alone(enough: &[Judged<'_>], judged: &[Judged<'_>], best: Judged<'_>, by: By) -> String {
    let is_shared = enough
        .iter()
        .any(|lane| lane.0.lane != best.0.lane && best.1 - lane.1 < 1e-9);
    let most = if is_shared {
        "as often as any"
    } else {
        "most often"
    };
    let points = points(WITHIN_POINTS);
    let others = match (enough.len(), by) {
        (1, _) => format!(", and no other lane comes within {points} of it"),
        (_, By::Nothing) => String::new(),
        (_, By::Cost) => format!(", and no lane within {points} of it is cheaper"),
        (_, By::Time) => format!(
            ", and no lane within {points} of it is faster{}",
            by_time(&lanes_of(enough))
        ),
    };
    let said = format!(
        "{} passes {most}: {}{others}.",
        quoted(&best.0.lane),
        passes(best)
    );
    let next = judged.iter().filter(|lane| lane.0.lane != best.0.lane);
    let is_close = next.map(|lane| overlap(lane.0, best.0)).max();
    said + is_close.unwrap_or_default()
}

impl By {
    const fn superlative(self) -> &'static str {
        match self {
            Self::Cost => "cheapest",
            Self::Time | Self::Nothing => "fastest",
        }
    }
}

fn lanes_of<'a>(judged: &[Judged<'a>]) -> Vec<&'a LaneSummary> {
    judged.iter().map(|(lane, _)| *lane).collect()
}

/// Why these lanes are compared by their times, and what limits that.
pub(super) fn by_time(lanes: &[&LaneSummary]) -> String {
    let why = if lanes.iter().any(|lane| cost(lane).is_some()) {
        "not every price is known"
    } else {
        "no price is known"
    };
    match sharing::condition(lanes) {
        Some(condition) => format!(" ({why}; {condition})"),
        None => format!(" ({why})"),
    }
}

/// What limits the comparison: lanes that failed, and lanes that were judged on other numbers of answers.
fn reservations(judged: &[Judged<'_>], lanes: &[LaneSummary]) -> String {
    let out = failures(lanes);
    let mut numbers = judged.iter().map(|(lane, _)| lane.checks.counted());
    let first = numbers.next();
    if out.is_empty() && numbers.any(|number| Some(number) != first) {
        return " Not every lane was judged on the same number of answers.".to_owned();
    }
    out
}

/// Which lanes failed, how often, and whether that counts.
fn failures(lanes: &[LaneSummary]) -> String {
    let mut out = String::new();
    for lane in lanes.iter().filter(|lane| lane.failed > 0) {
        let counts = match lane.checks.failed {
            0 => String::new(),
            failed if failed == lane.failed => {
                if failed == 1 {
                    ", which counts as not passed".to_owned()
                } else {
                    ", which count as not passed".to_owned()
                }
            }
            failed => format!(", {} of which count as not passed", figures::count(failed)),
        };
        let _ = write!(
            out,
            " {} failed on {} of {} cells{counts}.",
            quoted(&lane.lane),
            figures::count(lane.failed),
            figures::count(lane.cells)
        );
    }
    out
}

/// Without checks: who is fast and who is cheap.
fn unjudged(lanes: &[LaneSummary]) -> String {
    if lanes.is_empty() {
        return "There is no cell to report.".to_owned();
    }
    if lanes.iter().all(|lane| lane.done == 0) {
        return "No cell is done, so there is nothing to compare.".to_owned();
    }
    let is_unjudged = lanes.iter().any(|lane| lane.checks.unjudged > 0);
    let what = if is_unjudged {
        "could be judged"
    } else {
        "was checked"
    };
    let mut out = format!("No answer {what}, so nothing can be said about quality.");
    let least = |of: fn(&LaneSummary) -> Option<f64>| {
        // Who fails often is fast and cheap on what is left.
        let known = lanes.iter().filter(|lane| !lane.is_unreliable());
        let known = known.filter_map(|lane| Some((lane, of(lane)?)));
        known.min_by(|a, b| a.1.total_cmp(&b.1))
    };
    if lanes.len() < 2 {
        return out + &failures(lanes);
    }
    if let Some((lane, value)) = least(time) {
        let time = figures::time(Some(value));
        let timed = lanes.iter().filter(|lane| !lane.is_unreliable());
        let timed: Vec<&LaneSummary> = timed.filter(|lane| lane.e2e_ms.is_some()).collect();
        let condition = sharing::condition(&timed);
        let condition = condition.map_or_else(String::new, |said| format!(" ({said})"));
        let _ = write!(
            out,
            " {} was the fastest to the end, {time} at the median{condition}.",
            quoted(&lane.lane)
        );
    }
    let mut compared = lanes.iter().filter(|lane| !lane.is_unreliable());
    let is_every_price_known = compared.all(|lane| cost(lane).is_some());
    if let Some((lane, value)) = least(cost).filter(|_| is_every_price_known) {
        let source = lane.is_estimated.then_some(UsageSource::Estimated);
        let _ = write!(
            out,
            " {} was the cheapest, {} a prompt at the median.",
            quoted(&lane.lane),
            figures::usd(Some(value), source)
        );
    }
    for lane in lanes.iter().filter(|lane| lane.is_unreliable()) {
        let share = super::words::percent(lane.failed_share().unwrap_or_default());
        let most = super::words::percent(MOST_FAILED_SHARE);
        let _ = write!(
            out,
            " {} failed on {share} of its cells, more than {most}, and is not among those compared.",
            quoted(&lane.lane)
        );
    }
    let rest: Vec<LaneSummary> = lanes
        .iter()
        .filter(|lane| !lane.is_unreliable())
        .cloned()
        .collect();
    out + &failures(&rest)
}

fn cost(lane: &LaneSummary) -> Option<f64> {
    lane.cost_usd.map(|spread| spread.median)
}

fn time(lane: &LaneSummary) -> Option<f64> {
    lane.e2e_ms.map(|spread| spread.median)
}

fn price(chosen: &LaneSummary, best: &LaneSummary) -> Option<String> {
    let (own, other) = cost(chosen).zip(cost(best))?;
    if own == 0.0 && other > 0.0 {
        return Some("free".to_owned());
    }
    let mark = if chosen.is_estimated || best.is_estimated {
        "~"
    } else {
        ""
    };
    let times = times(other, own, "cheaper", "dearer")?;
    Some(format!("{mark}{times}"))
}

fn speed(chosen: &LaneSummary, best: &LaneSummary) -> Option<String> {
    let (own, other) = time(chosen).zip(time(best))?;
    times(other, own, "faster", "slower")
}

fn passes((lane, rate): Judged<'_>) -> String {
    let checks = &lane.checks;
    let interval = checks.interval.map_or_else(String::new, |interval| {
        format!(
            " [{:.0}, {:.0}]",
            interval.low * 100.0,
            interval.high * 100.0
        )
    });
    format!(
        "{}{interval} of {}",
        super::words::percent(rate / 100.0),
        super::words::answers(checks)
    )
}

/// Rounded up, so that it is never said to be nearer than it is.
fn points(gap: f64) -> String {
    let gap = (gap - 1e-9).ceil().max(0.0);
    if (gap - 1.0).abs() < f64::EPSILON {
        "1 point".to_owned()
    } else {
        format!("{gap:.0} points")
    }
}

fn times(other: f64, own: f64, better: &str, worse: &str) -> Option<String> {
    if other <= 0.0 || own <= 0.0 {
        return None;
    }
    let ratio = other / own;
    if ratio >= 1.05 {
        Some(format!("{} {better}", super::words::factor(ratio)))
    } else if ratio <= 1.0 / 1.05 {
        Some(format!("{} {worse}", super::words::factor(1.0 / ratio)))
    } else {
        None
    }
}

fn overlap(chosen: &LaneSummary, best: &LaneSummary) -> &'static str {
    match (chosen.checks.interval, best.checks.interval) {
        (Some(own), Some(other)) if own.high >= other.low => {
            " The intervals overlap: more prompts may change the order."
        }
        _ => "",
    }
}
