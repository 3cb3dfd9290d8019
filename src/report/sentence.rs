//! The summary in a sentence: which lane is enough, and what it saves. Says only what the figures say.

use super::summary::LaneSummary;

/// A lane that passes so many points less often than the best is still good enough for the sentence.
pub const WITHIN_POINTS: f64 = 5.0;

/// The sentence, or why there is none.
pub fn summary(lanes: &[LaneSummary]) -> String {
    let rate = |lane: &LaneSummary| lane.checks.pass_rate.map(|rate| rate * 100.0);
    let judged: Vec<(&LaneSummary, f64)> = lanes
        .iter()
        .filter_map(|lane| Some((lane, rate(lane)?)))
        .collect();
    let Some((best, best_rate)) = judged.iter().copied().max_by(|a, b| {
        let by_time =
            |lane: &LaneSummary| lane.e2e_ms.map_or(f64::INFINITY, |spread| spread.median);
        a.1.total_cmp(&b.1)
            .then(by_time(b.0).total_cmp(&by_time(a.0)))
    }) else {
        return "No answer was checked, so nothing can be said about quality.".to_owned();
    };
    if best.checks.passed == 0 {
        return format!(
            "No lane passed a check ({} answers were judged).",
            judged
                .iter()
                .map(|(lane, _)| lane.checks.judged)
                .sum::<u64>()
        );
    }
    let enough: Vec<(&LaneSummary, f64)> = judged
        .iter()
        .copied()
        .filter(|(_, rate)| best_rate - rate <= WITHIN_POINTS)
        .collect();
    let cost = |lane: &LaneSummary| lane.cost_usd.map(|spread| spread.median);
    let time = |lane: &LaneSummary| lane.e2e_ms.map(|spread| spread.median);
    let is_by_cost = judged.iter().all(|(lane, _)| cost(lane).is_some());
    let by = |lane: &LaneSummary| if is_by_cost { cost(lane) } else { time(lane) };
    let Some((chosen, chosen_rate)) = enough.into_iter().min_by(|a, b| {
        let key = |lane: &LaneSummary| by(lane).unwrap_or(f64::INFINITY);
        key(a.0).total_cmp(&key(b.0)).then(b.1.total_cmp(&a.1))
    }) else {
        return String::new();
    };
    let how = if is_by_cost { "cheapest" } else { "fastest" };
    let why = if is_by_cost {
        ""
    } else {
        " (not every price is known)"
    };
    if chosen.lane == best.lane {
        let only = if judged.len() > 1 {
            ", and no lane within 5 points of it is "
        } else {
            ""
        };
        let than = match (judged.len() > 1, is_by_cost) {
            (false, _) => "",
            (true, true) => "cheaper",
            (true, false) => "faster",
        };
        return format!(
            "`{}` passes most: {}{only}{than}{why}.",
            best.lane,
            passes(best, best_rate)
        );
    }
    let mut gains = Vec::new();
    if let (Some(own), Some(other)) = (cost(chosen), cost(best)) {
        gains.extend(times(other, own, "cheaper", "dearer"));
    }
    if let (Some(own), Some(other)) = (time(chosen), time(best)) {
        gains.extend(times(other, own, "faster", "slower"));
    }
    let gains = if gains.is_empty() {
        String::new()
    } else {
        format!(": {} at the median", gains.join(", "))
    };
    format!(
        "`{}` is the {how} lane within {} of the best, `{}`{gains}{why}. It passes {}, `{}` {}.{}",
        chosen.lane,
        points(best_rate - chosen_rate),
        best.lane,
        passes(chosen, chosen_rate),
        best.lane,
        passes(best, best_rate),
        overlap(chosen, best)
    )
}

fn passes(lane: &LaneSummary, rate: f64) -> String {
    let checks = &lane.checks;
    let interval = checks.interval.map_or_else(String::new, |interval| {
        format!(
            " [{:.0}, {:.0}]",
            interval.low * 100.0,
            interval.high * 100.0
        )
    });
    format!("{rate:.0} %{interval} of {}", checks.judged)
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
    let written = |ratio: f64| {
        if ratio < 9.95 {
            format!("{ratio:.1}×")
        } else {
            format!("{ratio:.0}×")
        }
    };
    if ratio >= 1.05 {
        Some(format!("{} {better}", written(ratio)))
    } else if ratio <= 1.0 / 1.05 {
        Some(format!("{} {worse}", written(1.0 / ratio)))
    } else {
        None
    }
}

fn overlap(chosen: &LaneSummary, best: &LaneSummary) -> String {
    match (chosen.checks.interval, best.checks.interval) {
        (Some(own), Some(other)) if own.high >= other.low => {
            " The intervals overlap: more prompts may change the order.".to_owned()
        }
        _ => String::new(),
    }
}
