//! The summary in a sentence: which lane is enough, and what it saves. Says only what the figures say.

use super::{
    asked, quoted,
    reservations::{failures, others, reservations, untold},
    sharing,
    summary::{LaneSummary, MOST_FAILED_SHARE},
    unjudged, words,
};
use std::fmt::Write as _;

/// A lane that passes so many points less often than the best is still good enough for the sentence.
pub const WITHIN_POINTS: f64 = 5.0;

/// A lane whose answers were judged, and the percentage that passed.
pub(super) type Judged<'a> = (&'a LaneSummary, f64);

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
    let judged = judged(lanes);
    if judged.is_empty() {
        return unjudged::summary(lanes);
    }
    if judged.iter().all(|(lane, _)| lane.checks.passed == 0) {
        let answers: u64 = judged.iter().map(|(lane, _)| lane.checks.judged).sum();
        let answers = words::counted(answers, "answer was judged", "answers were judged");
        return format!("No lane passed a check ({answers}).") + &failures(lanes.iter());
    }
    let ranked = ranked(&judged);
    let Some(best) = best(&ranked) else {
        return unranked(&judged) + &failures(lanes.iter()) + &untold(lanes);
    };
    let said = if ranked.len() == 1 {
        format!("{} passes {}.", quoted(&best.0.lane), passes(best))
    } else {
        compared(&ranked, best)
    };
    said + &reservations(&ranked, lanes) + &others(&judged, &ranked)
}

/// The name of the lane that passes most often of those that can be ranked; `None` where there is none.
pub fn best_lane(lanes: &[LaneSummary]) -> Option<String> {
    best(&ranked(&judged(lanes))).map(|(lane, _)| lane.lane.clone())
}

fn judged(lanes: &[LaneSummary]) -> Vec<Judged<'_>> {
    let lanes = lanes.iter();
    lanes
        .filter_map(|lane| Some((lane, lane.checks.pass_rate? * 100.0)))
        .collect()
}

/// Whether its figures do not speak for it: it often fails where that does not count as not passed.
pub(super) fn is_left_out(lane: &LaneSummary) -> bool {
    lane.uncounted_failed_share() > MOST_FAILED_SHARE
}

/// Those that can be held against each other. One alone, of one lane that was judged, is its own.
fn ranked<'a>(judged: &[Judged<'a>]) -> Vec<Judged<'a>> {
    let sound = judged.iter().map(|(lane, _)| *lane);
    let sound: Vec<&LaneSummary> = sound.filter(|lane| !is_left_out(lane)).collect();
    let alike = asked::comparable(&sound);
    let judged = judged.iter().copied();
    judged
        .filter(|(lane, _)| alike.iter().any(|ranked| ranked.lane == lane.lane))
        .collect()
}

/// How often each passes, where none can be held against another.
fn unranked(judged: &[Judged<'_>]) -> String {
    let why = if judged.iter().all(|(lane, _)| is_left_out(lane)) {
        "Every lane often failed on prompts without checks"
    } else {
        "The lanes were not judged on the same prompts"
    };
    let mut said = String::new();
    for (place, lane) in judged.iter().enumerate() {
        let verb = if place == 0 { " passes" } else { "" };
        let comma = if place == 0 { "" } else { ", " };
        let _ = write!(
            said,
            "{comma}{}{verb} {}",
            quoted(&lane.0.lane),
            passes(*lane)
        );
    }
    format!("{why}, so none is ranked: {said}.")
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
        format!(": {}", gains.join(", "))
    };
    let equal = enough.iter().map(|(lane, _)| *lane);
    let equal = equal.filter(|lane| lane.lane != chosen.0.lane && key(lane) <= key(chosen.0));
    format!(
        "{} is{} the {} {within}{gains}{reason}. It passes {}, {} {}.",
        quoted(&chosen.0.lane),
        asked::beside(&equal.collect::<Vec<_>>()),
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

/// What lanes are called cheap by: what all prompts cost together, as a month does.
pub(super) fn cost(lane: &LaneSummary) -> Option<f64> {
    lane.mean_cost_usd()
}

pub(super) fn time(lane: &LaneSummary) -> Option<f64> {
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
    Some(format!("{mark}{times} on average"))
}

fn speed(chosen: &LaneSummary, best: &LaneSummary) -> Option<String> {
    let (own, other) = time(chosen).zip(time(best))?;
    let times = times(other, own, "faster", "slower")?;
    Some(format!("{times} at the median"))
}

pub(super) fn passes((lane, rate): Judged<'_>) -> String {
    let checks = &lane.checks;
    let interval = checks.interval;
    let interval = interval.map_or_else(String::new, |interval| {
        format!(" {}", words::interval(interval))
    });
    format!(
        "{}{interval} of {}",
        words::percent(rate / 100.0),
        words::answers(checks)
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
        Some(format!("{} {better}", words::factor(ratio)))
    } else if ratio <= 1.0 / 1.05 {
        Some(format!("{} {worse}", words::factor(1.0 / ratio)))
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
