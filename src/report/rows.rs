//! What stands in the rows about a lane and about two lanes, the same in Markdown and on a page. Writes no table.

use super::{
    compare::{Free, Paired},
    findings::Findings,
    mixing, quoted,
    sharing::{UNEQUAL, UNEQUAL_MARK},
    summary::LaneSummary,
    words::{self, Figure},
};
use crate::domain::{
    figures,
    stats::{PairedRatio, Spread},
};
use std::fmt::Write as _;

/// Marks a ratio of means.
const MEANS_MARK: &str = "‡";

/// The figures of a lane: passed, first piece, first answer, time, rate, cost, thinking, cells.
pub(super) fn lane(lane: &LaneSummary) -> [Figure; 8] {
    let mut passed = words::pass_rate(lane);
    if let (Some(range), 1..) = (&mut passed.range, lane.checks.counted()) {
        let _ = write!(range, " of {}", words::short_answers(&lane.checks));
    }
    let counted = |figure: Figure, of: Option<Spread>| match missing(lane, of) {
        Some(count) => noted(figure, &format!("({})", figures::count(count))),
        None => figure,
    };
    [
        passed,
        counted(words::time(lane.ttft_ms), lane.ttft_ms),
        counted(words::time(lane.ttfa_ms), lane.ttfa_ms),
        counted(words::time(lane.e2e_ms), lane.e2e_ms),
        counted(words::rate(lane), lane.decode_tokens_per_sec),
        counted(words::cost(lane), lane.cost_usd),
        Figure::bare(words::thinking(lane)),
        Figure::bare(words::cells(lane)),
    ]
}

/// How many cells a figure is of, where that is fewer than are done.
fn missing(lane: &LaneSummary, of: Option<Spread>) -> Option<u64> {
    let count = of?.count as u64;
    (count < lane.done).then_some(count)
}

fn noted(mut figure: Figure, note: &str) -> Figure {
    figure.range = Some(match figure.range {
        Some(range) => format!("{range} {note}"),
        None => note.to_owned(),
    });
    figure
}

/// Explains the number behind a figure, where one stands behind a figure of these.
pub(super) fn count_note(lanes: &[LaneSummary]) -> &'static str {
    let has_missing = |lane: &LaneSummary| {
        let columns = [
            lane.ttft_ms,
            lane.ttfa_ms,
            lane.e2e_ms,
            lane.decode_tokens_per_sec,
            lane.cost_usd,
        ];
        columns.iter().any(|of| missing(lane, *of).is_some())
    };
    if lanes.iter().any(has_missing) {
        " `(4)`: only so many of the cells that are done have the figure, as one that said nothing has no times."
    } else {
        ""
    }
}

/// Whose prices are of which days.
pub(super) fn price_days(findings: &Findings) -> Vec<String> {
    let lanes = findings.evidence.lanes.iter();
    let days = lanes.filter(|lane| !lane.price_days.is_empty());
    let days = days.map(|lane| format!("{} as of {}", quoted(&lane.lane), mixing::days(lane)));
    days.collect()
}

/// The titles of [`paired`].
pub(super) const PAIRED: [&str; 6] = [
    "Lane",
    "Time to the end",
    "First answer",
    "Cost",
    "Passed, points",
    "p",
];

/// A comparison in words, without the lane.
pub(super) fn paired(paired: &Paired) -> [String; 5] {
    let checks = paired.checks;
    let of = |figure: Figure, prompts: usize| {
        if prompts < paired.prompts {
            let (prompts, all) = (prompts as u64, paired.prompts as u64);
            let note = format!("({} of {})", figures::count(prompts), figures::count(all));
            noted(figure, &note).line()
        } else {
            figure.line()
        }
    };
    let ratio = |of_ratio: Option<PairedRatio>, less: &str, more: &str, is_equal: bool| {
        let mut figure = words::ratio(of_ratio, less, more);
        let Some(ratio) = of_ratio else {
            return figure.line();
        };
        if !is_equal {
            figure.middle.push_str(UNEQUAL_MARK);
        }
        if ratio.is_of_means {
            figure.middle.push_str(MEANS_MARK);
        }
        of(figure, ratio.prompts)
    };
    let time = |ratio_of| ratio(ratio_of, "faster", "slower", paired.has_equal_shares);
    let cost = match (paired.cost_ratio, paired.free) {
        (None, Some((free, prompts))) => of(Figure::bare(free.words()), prompts),
        (cost, _) => {
            let is_marked = cost.is_some() && paired.is_cost_estimated;
            let mark = if is_marked { "~" } else { "" };
            format!("{mark}{}", ratio(cost, "cheaper", "dearer", true))
        }
    };
    [
        time(paired.e2e_ratio),
        time(paired.ttfa_ratio),
        cost,
        checks.map_or_else(
            || figures::UNKNOWN.to_owned(),
            |checks| {
                let judged = usize::try_from(checks.prompts.cells()).unwrap_or(usize::MAX);
                of(words::points(checks.difference, checks.interval), judged)
            },
        ),
        checks.map_or_else(
            || figures::UNKNOWN.to_owned(),
            |checks| words::p_value(checks.p_value),
        ),
    ]
}

/// Explains the marks of [`paired`] that stand in one of these.
pub(super) fn paired_notes<'a>(
    pairs: &(impl Iterator<Item = &'a Paired> + Clone),
) -> Vec<&'static str> {
    let has = |is_there: fn(&Paired) -> bool| pairs.clone().any(is_there);
    let ratios = |pair: &Paired| [pair.e2e_ratio, pair.ttfa_ratio, pair.cost_ratio];
    let is_of_means = |ratio: &Option<PairedRatio>| ratio.is_some_and(|ratio| ratio.is_of_means);
    let mut notes = Vec::new();
    if has(|pair| !pair.has_equal_shares) {
        notes.push(UNEQUAL);
    }
    if pairs
        .clone()
        .any(|pair| ratios(pair).iter().any(is_of_means))
    {
        notes.push(
            "‡ A figure of some prompts is 0, as where an answer is free: this is the ratio of the means over the prompts.",
        );
    }
    if has(is_partial) {
        notes.push(
            "`(10 of 20)`: on so many of the prompts; the others have no such figure at one of the two.",
        );
    }
    notes
}

/// Whether a figure is of fewer prompts than there are.
fn is_partial(pair: &Paired) -> bool {
    let ratios = [pair.e2e_ratio, pair.ttfa_ratio, pair.cost_ratio];
    let mut counts = ratios.iter().flatten().map(|ratio| ratio.prompts);
    let of_checks = pair.checks.map(|checks| checks.prompts.cells());
    counts.any(|prompts| prompts < pair.prompts)
        || of_checks.is_some_and(|judged| judged < pair.prompts as u64)
        || pair.free.is_some_and(|(_, prompts)| prompts < pair.prompts)
}

impl Free {
    /// Instead of a ratio.
    const fn words(self) -> &'static str {
        match self {
            Self::Both => "both free",
            Self::First => "free, the other is not",
            Self::Second => "–, as the other is free",
        }
    }
}
