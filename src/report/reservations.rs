//! What limits the summary in a sentence: lanes that failed, lanes that are not ranked, costs that nobody told. Ranks none.

use super::{
    asked, quoted,
    sentence::{Judged, is_left_out, passes},
    summary::{LaneSummary, MOST_FAILED_SHARE},
    words,
};
use crate::domain::figures;
use std::fmt::Write as _;

/// Those that were judged and are not ranked, and why.
pub(super) fn others(judged: &[Judged<'_>], ranked: &[Judged<'_>]) -> String {
    let mut out = String::new();
    for (lane, rate) in judged {
        if ranked.iter().any(|(ranked, _)| ranked.lane == lane.lane) {
            continue;
        }
        if is_left_out(lane) {
            out += &left_out(lane);
            continue;
        }
        let is_asked = ranked.iter().any(|(ranked, _)| ranked.asked == lane.asked);
        let on = if is_asked {
            "as many answers"
        } else {
            "the same prompts"
        };
        let _ = write!(
            out,
            " {} was not judged on {on} and is not ranked: it passes {}.",
            quoted(&lane.lane),
            passes((lane, *rate))
        );
    }
    out
}

/// Of a lane that fails too often.
pub(super) fn left_out(lane: &LaneSummary) -> String {
    format!(
        " {} failed on {} of its cells, more than {}, and is not among those compared.",
        quoted(&lane.lane),
        words::percent(lane.failed_share().unwrap_or_default()),
        words::percent(MOST_FAILED_SHARE)
    )
}

/// Of lanes of which a part of the cost is not known.
pub(super) fn untold(lanes: &[LaneSummary]) -> String {
    let partial: Vec<&LaneSummary> = lanes
        .iter()
        .filter(|lane| lane.is_total_cost_partial)
        .collect();
    if partial.is_empty() {
        return String::new();
    }
    format!(
        " What some cells of {} cost nobody told; it is in no price above.",
        asked::names(&partial)
    )
}

/// What limits the comparison: lanes that failed, lanes that were judged on other numbers of answers, and costs that nobody
/// told.
pub(super) fn reservations(ranked: &[Judged<'_>], lanes: &[LaneSummary]) -> String {
    let named = lanes.iter().filter(|lane| {
        ranked.iter().any(|(ranked, _)| ranked.lane == lane.lane) || !is_left_out(lane)
    });
    let mut out = failures(named);
    let mut numbers = ranked.iter().map(|(lane, _)| lane.checks.counted());
    let first = numbers.next();
    let is_missing = |lane: &LaneSummary| lane.checks.unjudged + lane.cancelled > 0;
    if numbers.any(|number| Some(number) != first) {
        out += " Not every lane was judged on the same number of answers.";
    } else if ranked.len() > 1 && ranked.iter().any(|(lane, _)| is_missing(lane)) {
        out += " Some answers are missing or were not judged: the lanes may have been judged on different prompts.";
    }
    out + &untold(lanes)
}

/// Which lanes failed, how often, and whether that counts.
pub(super) fn failures<'a>(lanes: impl Iterator<Item = &'a LaneSummary>) -> String {
    let mut out = String::new();
    for lane in lanes.filter(|lane| lane.failed > 0) {
        let _ = write!(
            out,
            " {} failed on {} of {} cells{}.",
            quoted(&lane.lane),
            figures::count(lane.failed),
            figures::count(lane.cells),
            counting(lane.failed, lane.checks.failed)
        );
    }
    out
}

/// Whether cells that failed count as not passed.
pub(super) fn counting(failed: u64, counted: u64) -> String {
    match counted {
        0 => String::new(),
        1 if failed == 1 => ", which counts as not passed".to_owned(),
        _ if counted == failed => ", which count as not passed".to_owned(),
        1 => ", 1 of which counts as not passed".to_owned(),
        _ => format!(", {} of which count as not passed", figures::count(counted)),
    }
}
