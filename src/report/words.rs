//! How the figures of a report are written, the same in every form of it. Computes none.

use super::summary::{ChecksSummary, LaneSummary};
use crate::domain::{
    batch::CellRecord,
    figures,
    record::LaneStatus,
    stats::{Interval, PairedRatio, Spread},
    usage::UsageSource,
};

/// A figure with its spread or interval, or with nothing where there is none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Figure {
    /// The figure.
    pub(super) middle: String,
    /// Where it lies, in brackets.
    pub(super) range: Option<String>,
}

impl Figure {
    pub(super) fn bare(middle: impl Into<String>) -> Self {
        Self {
            middle: middle.into(),
            range: None,
        }
    }

    /// Both on one line.
    pub(super) fn line(&self) -> String {
        match &self.range {
            Some(range) => format!("{} {range}", self.middle),
            None => self.middle.clone(),
        }
    }
}

/// Median and quartiles; one value alone has none.
fn spread(spread: Option<Spread>, unknown: &str, write: impl Fn(f64) -> String) -> Figure {
    let Some(spread) = spread else {
        return Figure::bare(unknown);
    };
    Figure {
        middle: write(spread.median),
        range: (spread.count > 1)
            .then(|| format!("[{}, {}]", write(spread.p25), write(spread.p75))),
    }
}

/// A time.
pub(super) fn time(of: Option<Spread>) -> Figure {
    spread(of, figures::UNKNOWN, |ms| figures::time(Some(ms)))
}

/// A lane's decode rate.
pub(super) fn rate(lane: &LaneSummary) -> Figure {
    let source = source(lane);
    let of = lane.decode_tokens_per_sec;
    spread(of, figures::UNKNOWN, |rate| {
        figures::rate(Some(rate), source)
    })
}

/// A lane's cost of a prompt.
pub(super) fn cost(lane: &LaneSummary) -> Figure {
    let source = source(lane);
    spread(lane.cost_usd, unknown_cost(lane), |cost| {
        figures::usd(Some(cost), source)
    })
}

/// Nobody asks the price of a local lane, and what was never done cost nothing that is known.
pub(super) fn unknown_cost(lane: &LaneSummary) -> &'static str {
    if lane.access == "local" || lane.done == 0 {
        figures::UNKNOWN
    } else {
        figures::UNKNOWN_PRICE
    }
}

/// An amount of a lane in US dollars, of all its cells or worked out from that: with `+ ?` where a part is not known.
pub(super) fn usd(lane: &LaneSummary, cost: Option<f64>) -> String {
    match cost {
        Some(_) if lane.is_total_cost_partial => {
            format!(
                "{} + {}",
                figures::usd(cost, source(lane)),
                figures::UNKNOWN_PRICE
            )
        }
        Some(_) => figures::usd(cost, source(lane)),
        None => unknown_cost(lane).to_owned(),
    }
}

/// The part of a lane's tokens that was thinking.
pub(super) fn thinking(lane: &LaneSummary) -> String {
    let mark = if lane.is_estimated { "~" } else { "" };
    lane.thinking_share.map_or_else(
        || figures::UNKNOWN.to_owned(),
        |share| format!("{mark}{}", percent(share)),
    )
}

/// How often a lane passed, with Wilson's interval.
pub(super) fn pass_rate(lane: &LaneSummary) -> Figure {
    let checks = &lane.checks;
    let Some(rate) = checks.pass_rate else {
        return Figure::bare(figures::UNKNOWN);
    };
    Figure {
        middle: percent(rate),
        range: checks.interval.map(interval),
    }
}

/// How many answers a pass rate is of: `120`, or with repetitions `120 (40 prompts × 3)`.
pub fn answers(checks: &ChecksSummary) -> String {
    answers_of(checks, &counted(checks.prompts, "prompt", "prompts"))
}

/// The same for a table that says what stands in it: `120 (40 × 3)`.
pub(super) fn short_answers(checks: &ChecksSummary) -> String {
    answers_of(checks, &figures::count(checks.prompts))
}

/// The same beside the number of a lane's cells: `40 × 3` where those are all of them.
pub fn of_cells(checks: &ChecksSummary, cells: u64) -> String {
    let counted = checks.counted();
    match counted.checked_rem(checks.prompts) {
        Some(0) if counted == cells && counted > checks.prompts => format!(
            "{} × {}",
            figures::count(checks.prompts),
            figures::count(counted / checks.prompts)
        ),
        _ => short_answers(checks),
    }
}

fn answers_of(checks: &ChecksSummary, prompts: &str) -> String {
    let counted = checks.counted();
    let all = figures::count(counted);
    match counted.checked_rem(checks.prompts) {
        None => all,
        Some(_) if counted == checks.prompts => all,
        Some(0) => format!(
            "{all} ({prompts} × {})",
            figures::count(counted / checks.prompts)
        ),
        Some(_) => format!(
            "{all} ({})",
            self::counted(checks.prompts, "prompt", "prompts")
        ),
    }
}

/// How the cells of a lane ended, without what is 0.
pub(super) fn cells(lane: &LaneSummary) -> String {
    let mut parts = vec![format!("{} done", figures::count(lane.done))];
    for (number, word) in [
        (lane.failed, "failed"),
        (lane.cancelled, "stopped"),
        (lane.checks.unjudged, "not judged"),
    ] {
        if number > 0 {
            parts.push(format!("{} {word}", figures::count(number)));
        }
    }
    parts.join(", ")
}

/// How a cell ended, in a symbol and words.
pub fn outcome(cell: &CellRecord) -> &'static str {
    match (cell.lane.status, cell.is_passed()) {
        (LaneStatus::Failed, _) => "✗ failed",
        (LaneStatus::Cancelled, _) => "■ stopped",
        (LaneStatus::Done, Some(true)) => "✓ passed",
        (LaneStatus::Done, Some(false)) => "✗ not passed",
        (LaneStatus::Done, None) if cell.checks.is_empty() => "✓ done",
        (LaneStatus::Done, None) => "? not judged",
    }
}

/// A share as a percentage; never 0 or 100 where it is not.
pub fn percent(share: f64) -> String {
    let is_near_an_end = !(0.01..=0.99).contains(&share);
    let digits = digits(share, usize::from(is_near_an_end));
    match digits.split_at_checked(1) {
        Some((sign @ ("<" | ">"), rest)) => format!("{sign} {rest} %"),
        _ => format!("{digits} %"),
    }
}

/// Where a share lies, in percent: `[84, 98]`, `[90, 99.6]`; never 0 or 100 where it is not.
pub fn interval(of: Interval) -> String {
    format!("[{}, {}]", digits(of.low, 0), digits(of.high, 0))
}

/// A percentage without its sign, with so many digits behind the point, or with as many as it takes not to be 0 or 100.
fn digits(share: f64, least: usize) -> String {
    let percent = share * 100.0;
    // What arithmetic leaves behind is no part of a share.
    if !(1e-9..=100.0 - 1e-9).contains(&percent) {
        return format!("{percent:.0}");
    }
    let is_end = |written: &str| {
        let read: Result<f64, _> = written.parse();
        read.is_ok_and(|read| read <= 0.0 || read >= 100.0)
    };
    let written = (least..=4).map(|digits| format!("{percent:.digits$}"));
    let mut written = written.filter(|written| !is_end(written));
    let end = if percent < 1.0 { "<0.0001" } else { ">99.9999" };
    written.next().unwrap_or_else(|| end.to_owned())
}

/// How many times: `1.3×`, `12×`.
pub(super) fn factor(ratio: f64) -> String {
    if ratio < 9.95 {
        format!("{ratio:.1}×")
    } else {
        format!("{ratio:.0}×")
    }
}

/// How many times as much, in words such as `3.1× faster [2.2, 4.0]`.
pub(super) fn ratio(of: Option<PairedRatio>, less: &str, more: &str) -> Figure {
    let Some(of) = of else {
        return Figure::bare(figures::UNKNOWN);
    };
    let turn = |value: f64| if of.ratio < 1.0 { 1.0 / value } else { value };
    let word = if of.ratio < 1.0 { less } else { more };
    let number = |value: f64| {
        if value < 9.95 {
            format!("{value:.2}")
        } else {
            format!("{value:.0}")
        }
    };
    let ends = |interval: Interval| {
        let (a, b) = (turn(interval.low), turn(interval.high));
        format!("[{}, {}]", number(a.min(b)), number(a.max(b)))
    };
    let times = number(turn(of.ratio));
    Figure {
        middle: if times == "1.00" {
            "the same".to_owned()
        } else {
            format!("{times}× {word}")
        },
        range: of.interval.map(ends),
    }
}

/// A number with its word: `1 prompt`, `2 prompts`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", figures::count(number))
}

/// A difference of pass rates in points.
pub(super) fn points(difference: Option<f64>, interval: Option<Interval>) -> Figure {
    let Some(difference) = difference else {
        return Figure::bare(figures::UNKNOWN);
    };
    let signed = |share: f64| {
        let points = (share * 100.0).round();
        if points == 0.0 {
            "0".to_owned()
        } else {
            format!("{points:+.0}").replace('-', "−")
        }
    };
    Figure {
        middle: signed(difference),
        range: interval
            .map(|interval| format!("[{}, {}]", signed(interval.low), signed(interval.high))),
    }
}

/// How likely chance alone is.
pub(super) fn p_value(p: f64) -> String {
    if p < 0.001 {
        "< 0.001".to_owned()
    } else {
        format!("{p:.3}")
    }
}

/// An estimate is marked wherever a person sees it.
pub(super) fn source(lane: &LaneSummary) -> Option<UsageSource> {
    lane.is_estimated.then_some(UsageSource::Estimated)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_0_or_100_only_where_it_is() {
        for (share, written) in [
            (0.0, "0 %"),
            (1e-9, "< 0.0001 %"),
            (0.0001, "0.01 %"),
            (0.004, "0.4 %"),
            (0.01, "1 %"),
            (0.896, "90 %"),
            (0.996, "99.6 %"),
            (0.9997, "99.97 %"),
            (0.999_96, "99.996 %"),
            (1.0 - 1e-8, "> 99.9999 %"),
            (1.0, "100 %"),
        ] {
            assert_eq!(percent(share), written);
        }
        let of = |low, high| interval(Interval { low, high });
        assert_eq!(of(0.84, 0.98), "[84, 98]");
        assert_eq!(of(0.9, 0.996), "[90, 99.6]");
        assert_eq!(of(0.0003, 0.992), "[0.03, 99]");
        assert_eq!(of(0.0, 1.0), "[0, 100]");
    }
}
