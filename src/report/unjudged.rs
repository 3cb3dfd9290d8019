//! The summary where nothing was judged: who is fast and who is cheap. Says nothing of quality.

use super::{
    asked,
    reservations::{failures, left_out, untold},
    sentence::{cost, time},
    sharing,
    summary::LaneSummary,
};
use crate::domain::{figures, usage::UsageSource};
use std::fmt::Write as _;

/// The sentence.
pub(super) fn summary(lanes: &[LaneSummary]) -> String {
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
    if lanes.len() < 2 {
        return out + &failures(lanes.iter());
    }
    // Who fails often is fast and cheap on what is left.
    let compared: Vec<&LaneSummary> = lanes.iter().filter(|lane| !lane.is_unreliable()).collect();
    if asked::is_same(compared.iter().copied()) {
        out += &fastest(&compared);
        out += &cheapest(&compared);
    } else {
        out += " The lanes were not asked the same prompts, so none is called the fastest or the cheapest.";
    }
    for lane in lanes.iter().filter(|lane| lane.is_unreliable()) {
        out += &left_out(lane);
    }
    out + &failures(compared.iter().copied()) + &untold(lanes)
}

/// Those with the least of a figure, and that; none where nobody has it.
fn least<'a>(
    lanes: &[&'a LaneSummary],
    of: fn(&LaneSummary) -> Option<f64>,
) -> Option<(Vec<&'a LaneSummary>, f64)> {
    let value = lanes
        .iter()
        .filter_map(|lane| of(lane))
        .min_by(f64::total_cmp)?;
    let equal = lanes.iter().copied();
    let equal = equal.filter(|lane| of(lane).is_some_and(|own| own <= value));
    Some((equal.collect(), value))
}

fn fastest(lanes: &[&LaneSummary]) -> String {
    let timed: Vec<&LaneSummary> = lanes
        .iter()
        .copied()
        .filter(|lane| time(lane).is_some())
        .collect();
    let Some((first, value)) = least(&timed, time) else {
        return String::new();
    };
    let condition = sharing::condition(&timed);
    let condition = condition.map_or_else(String::new, |said| format!(" ({said})"));
    let time = figures::time(Some(value));
    if first.len() > 1 && first.len() == timed.len() {
        return format!(
            " No lane was faster to the end than another, {time} at the median{condition}."
        );
    }
    let were = if first.len() == 1 { "was" } else { "were" };
    format!(
        " {} {were} the fastest to the end, {time} at the median{condition}.",
        asked::names(&first)
    )
}

fn cheapest(lanes: &[&LaneSummary]) -> String {
    let Some((first, value)) =
        least(lanes, cost).filter(|_| lanes.iter().all(|lane| cost(lane).is_some()))
    else {
        return String::new();
    };
    let is_estimated = first.iter().any(|lane| lane.is_estimated);
    let cost = figures::usd(Some(value), is_estimated.then_some(UsageSource::Estimated));
    if first.len() > 1 && first.len() == lanes.len() {
        return format!(" No lane was cheaper than another, {cost} a prompt on average.");
    }
    let mut out = format!(" {}", asked::names(&first));
    let were = if first.len() == 1 { "was" } else { "were" };
    let _ = write!(out, " {were} the cheapest, {cost} a prompt on average.");
    out
}
