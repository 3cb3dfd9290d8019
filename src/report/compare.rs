//! Two lanes on the same prompts, and two batches of one suite: how many times slower and dearer, and what passes now
//! and then. One pair a prompt: repetitions of it are not independent.

mod batches;

pub use batches::{BatchComparison, Change, ChangeKind, LaneChange, Standing};

use super::evidence::{Evidence, LaneEvidence, RunFigures};
use crate::domain::stats::{Interval, PairedPasses, PairedRatio, quantile};
use serde::Serialize;
use std::collections::BTreeMap;

/// One lane held against another on the prompts that both have done.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneComparison {
    /// The lane.
    pub lane: String,
    /// What it is held against.
    pub base: String,
    /// Its figures to those of the base.
    #[serde(flatten)]
    pub paired: Paired,
}

/// Figures of the same prompts, first to second.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Paired {
    /// Time to the end.
    pub e2e_ratio: Option<PairedRatio>,
    /// Time to the first piece of the answer.
    pub ttfa_ratio: Option<PairedRatio>,
    /// Cost.
    pub cost_ratio: Option<PairedRatio>,
    /// Both sides had as much of the machine; where not, the ratios of times are of unequal conditions.
    pub has_equal_shares: bool,
    /// The costs rest on token counts that are estimates.
    pub is_cost_estimated: bool,
    /// Checks; `None` where no prompt of both was judged.
    pub checks: Option<PassComparison>,
    /// The prompts that there are: a figure may be of fewer.
    pub prompts: usize,
    /// Who cost nothing on all of the prompts with two costs, and how many those are: that has no ratio.
    #[serde(skip)]
    pub free: Option<(Free, usize)>,
}

/// Whose answers cost nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Free {
    /// Those of both.
    Both,
    /// Those of the first alone.
    First,
    /// Those of the second alone.
    Second,
}

/// How often the checks of the same prompts passed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PassComparison {
    /// Prompts by who passed them.
    pub prompts: PairedPasses,
    /// Pass rate of the first minus that of the second, −1 to 1.
    pub difference: Option<f64>,
    /// Where that lies with 95 % confidence (Newcombe's method 10).
    pub interval: Option<Interval>,
    /// `McNemar`'s exact test, two-sided.
    pub p_value: f64,
}

impl LaneComparison {
    /// The first lane held against the second, both of this evidence.
    pub fn of(evidence: &Evidence, lane: &LaneEvidence, base: &LaneEvidence) -> Self {
        let same = |prompt: usize| Some(prompt);
        Self {
            lane: lane.lane.clone(),
            base: base.lane.clone(),
            paired: Paired::of((lane, evidence), (base, evidence), same),
        }
    }

    /// Every lane but the base held against it.
    pub fn all(evidence: &Evidence, base: &str) -> Vec<Self> {
        let Some(base) = evidence.lane(base) else {
            return Vec::new();
        };
        let others = evidence.lanes.iter().filter(|lane| lane.lane != base.lane);
        others.map(|lane| Self::of(evidence, lane, base)).collect()
    }
}

impl Paired {
    /// Pairs the prompts of two lanes; `place` gives the second lane's place of a prompt of the first.
    fn of(
        (first, own): (&LaneEvidence, &Evidence),
        (second, other): (&LaneEvidence, &Evidence),
        place: impl Fn(usize) -> Option<usize>,
    ) -> Self {
        let ratio = |of: fn(&RunFigures) -> Option<f64>| {
            PairedRatio::of(pairs(medians(first, of), &medians(second, of), &place))
        };
        let prompts = PairedPasses::of(pairs(passes(first, own), &passes(second, other), &place));
        Self {
            e2e_ratio: ratio(|figures| figures.e2e_ms),
            ttfa_ratio: ratio(|figures| figures.ttfa_ms),
            cost_ratio: ratio(|figures| figures.cost_usd),
            has_equal_shares: first.share(own) == second.share(other),
            is_cost_estimated: first.is_estimated() || second.is_estimated(),
            checks: (prompts.cells() > 0).then(|| PassComparison {
                prompts,
                difference: prompts.difference(),
                interval: prompts.interval(),
                p_value: prompts.p_value(),
            }),
            prompts: (0..own.prompts.len())
                .filter(|prompt| place(*prompt).is_some())
                .count(),
            free: Free::of(pairs(
                medians(first, |figures| figures.cost_usd),
                &medians(second, |figures| figures.cost_usd),
                &place,
            )),
        }
    }
}

impl Free {
    fn of(pairs: impl Iterator<Item = (f64, f64)>) -> Option<(Self, usize)> {
        let (mut is_first, mut is_second, mut prompts) = (true, true, 0);
        for (first, second) in pairs {
            is_first &= first <= 0.0;
            is_second &= second <= 0.0;
            prompts += 1;
        }
        let free = match (is_first, is_second) {
            (true, true) => Self::Both,
            (true, false) => Self::First,
            (false, true) => Self::Second,
            (false, false) => return None,
        };
        (prompts > 0).then_some((free, prompts))
    }
}

fn pairs<T: Copy>(
    first: BTreeMap<usize, T>,
    second: &BTreeMap<usize, T>,
    place: impl Fn(usize) -> Option<usize>,
) -> impl Iterator<Item = (T, T)> {
    first
        .into_iter()
        .filter_map(move |(prompt, value)| Some((value, *second.get(&place(prompt)?)?)))
}

/// The median of a figure over the repetitions of each prompt.
fn medians(lane: &LaneEvidence, of: fn(&RunFigures) -> Option<f64>) -> BTreeMap<usize, f64> {
    let mut values: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
    for cell in lane.done() {
        let value = of(&cell.figures).filter(|value| value.is_finite());
        values.entry(cell.prompt).or_default().extend(value);
    }
    let medians = values.into_iter().filter_map(|(prompt, mut values)| {
        values.sort_unstable_by(f64::total_cmp);
        Some((prompt, quantile(&values, 0.5)?))
    });
    medians.collect()
}

/// Whether each prompt passed: more than half of its repetitions that were judged or failed.
fn passes(lane: &LaneEvidence, evidence: &Evidence) -> BTreeMap<usize, bool> {
    let mut counts: BTreeMap<usize, (u32, u32)> = BTreeMap::new();
    for (prompt, passed) in lane.outcomes(evidence) {
        if let Some(passed) = passed {
            let (passes, counted) = counts.entry(prompt).or_default();
            *passes += u32::from(passed);
            *counted += 1;
        }
    }
    let majority = |(passes, counted): (u32, u32)| passes * 2 > counted;
    counts
        .into_iter()
        .map(|(prompt, counts)| (prompt, majority(counts)))
        .collect()
}
