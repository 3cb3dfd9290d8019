//! What is said about one lane: how often it passed, how long it took, what it cost. Computes; writes nothing.

use super::{
    evidence::{Evidence, LaneEvidence, RunFigures},
    sharing::Share,
};
use crate::domain::{
    cost::CostSum,
    record::LaneStatus,
    stats::{Interval, PassRate, Spread},
    tier::Tier,
    usage::UsageSource,
};
use serde::Serialize;
use std::convert::Infallible;

/// A lane that fails more often than this is not chosen for its speed or its price: those are figures of the cells that it did
/// not fail on.
pub const MOST_FAILED_SHARE: f64 = 0.05;

/// One lane over all its cells. Times and costs are of cells that are done; a spread of nothing is `None`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneSummary {
    /// Name.
    pub lane: String,
    /// Tier, where it is known.
    pub tier: Option<Tier>,
    /// Provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// `local` or `api`.
    pub access: String,
    /// Its cells.
    pub cells: u64,
    /// Those that are done.
    pub done: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were stopped.
    pub cancelled: u64,
    /// How often its checks passed.
    pub checks: ChecksSummary,
    /// To the first piece.
    pub ttft_ms: Option<Spread>,
    /// To the first piece of the answer.
    pub ttfa_ms: Option<Spread>,
    /// To the last piece.
    pub e2e_ms: Option<Spread>,
    /// Decode rate.
    pub decode_tokens_per_sec: Option<Spread>,
    /// Completion tokens of an answer, thinking included.
    pub completion_tokens: Option<Spread>,
    /// The part of all completion tokens that was thinking, 0 to 1; `None` where that split is not known for every cell.
    pub thinking_share: Option<f64>,
    /// US dollars of a prompt.
    pub cost_usd: Option<Spread>,
    /// US dollars of all its cells, those that failed or were stopped among them; `None` where the cost of one that is done
    /// is not known.
    pub total_cost_usd: Option<f64>,
    /// One that failed or was stopped may have cost something besides that nobody told.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_total_cost_partial: bool,
    /// Some of its token counts, and so of its costs, are estimates.
    pub is_estimated: bool,
    /// The day of the prices, the latest where there are several.
    pub price_as_of: Option<String>,
    /// US dollars of having its answers judged.
    pub judge_cost_usd: Option<f64>,
    /// A part of that is not known.
    pub is_judge_cost_partial: bool,
    /// The most prompts that it answered together: then its times and speeds are those of a share of the machine. `None`
    /// where each was alone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequences: Option<u32>,
    /// Local lanes that computed at the same time as it, it included; 0 where none did.
    #[serde(skip)]
    pub raced: u32,
    /// Stands for the prompts that it was asked: lanes were asked the same where these are equal.
    #[serde(skip)]
    pub(super) asked: u64,
}

/// How often the checks of a lane passed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChecksSummary {
    /// Cells whose checks passed.
    pub passed: u64,
    /// Cells that are done and whose checks passed or did not.
    pub judged: u64,
    /// Cells that failed, of prompts that have checks: they count as not passed.
    pub failed: u64,
    /// Cells that are done and have checks, and nobody can say whether they pass.
    pub unjudged: u64,
    /// Cells that are done, have checks and could not be judged, or have none.
    pub unknown: u64,
    /// Prompts of the cells that were judged or failed.
    pub prompts: u64,
    /// How many independent answers say as much as these, of which several may be to the same prompt.
    pub effective: f64,
    /// Passed of those that were judged or failed, 0 to 1.
    pub pass_rate: Option<f64>,
    /// The Wilson interval of that, with the prompts as clusters.
    pub interval: Option<Interval>,
}

/// A figure of each cell that is done, of which the summary says how it is spread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Ttft,
    Ttfa,
    E2e,
    DecodeRate,
    CompletionTokens,
    Cost,
}

impl Column {
    /// All of them.
    pub(super) const ALL: [Self; 6] = [
        Self::Ttft,
        Self::Ttfa,
        Self::E2e,
        Self::DecodeRate,
        Self::CompletionTokens,
        Self::Cost,
    ];

    /// The figure of a cell.
    pub(super) fn of(self, figures: &RunFigures) -> Option<f64> {
        match self {
            Self::Ttft => figures.ttft_ms,
            Self::Ttfa => figures.ttfa_ms,
            Self::E2e => figures.e2e_ms,
            Self::DecodeRate => figures.decode_tokens_per_sec,
            Self::CompletionTokens => figures.completion_tokens.map(|tokens| tokens as f64),
            Self::Cost => figures.cost_usd,
        }
    }
}

/// What is counted over the cells of a lane, one after another.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Counts {
    cells: u64,
    done: u64,
    failed: u64,
    cancelled: u64,
    /// Those that are done and passed or did not.
    judged: u64,
    /// Tokens of the thinking and of all completions; `None` where one of them is not known.
    thought: Option<(u64, u64)>,
    /// `None` where none is known.
    cost_usd: Option<f64>,
    /// That of a cell that is done is not known.
    is_cost_unknown: bool,
    /// That of another one is not.
    is_cost_partial: bool,
    is_estimated: bool,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            cells: 0,
            done: 0,
            failed: 0,
            cancelled: 0,
            judged: 0,
            thought: Some((0, 0)),
            cost_usd: None,
            is_cost_unknown: false,
            is_cost_partial: false,
            is_estimated: false,
        }
    }
}

impl Counts {
    /// One more cell.
    pub(super) fn add(&mut self, status: LaneStatus, passed: Option<bool>, figures: &RunFigures) {
        self.cells += 1;
        match status {
            LaneStatus::Done => self.done += 1,
            LaneStatus::Failed => self.failed += 1,
            LaneStatus::Cancelled => self.cancelled += 1,
        }
        if let Some(cost) = figures.cost_usd {
            *self.cost_usd.get_or_insert(0.0) += cost;
            self.is_estimated |= figures.source == Some(UsageSource::Estimated);
        }
        self.is_cost_partial |= figures.is_cost_untold;
        if status != LaneStatus::Done {
            return;
        }
        self.is_cost_unknown |= figures.cost_usd.is_none();
        self.judged += u64::from(passed.is_some());
        let tokens = figures.reasoning_tokens.zip(figures.completion_tokens);
        let so_far = self.thought.zip(tokens);
        self.thought =
            so_far.map(|((thought, all), (reasoning, tokens))| (thought + reasoning, all + tokens));
        self.is_estimated |= figures.source == Some(UsageSource::Estimated);
    }
}

impl ChecksSummary {
    fn of(passes: PassRate, judged: u64, unjudged: u64) -> Self {
        Self {
            passed: passes.passed,
            judged,
            failed: passes.judged.saturating_sub(judged),
            unjudged,
            unknown: passes.unknown,
            prompts: passes.prompts,
            effective: passes.effective,
            pass_rate: passes.share(),
            interval: passes.interval(),
        }
    }

    /// Cells that passed or did not, those that failed among them.
    pub const fn counted(&self) -> u64 {
        self.judged + self.failed
    }

    /// Cells that are done and did not pass.
    pub const fn not_passed(&self) -> u64 {
        self.judged.saturating_sub(self.passed)
    }
}

impl LaneSummary {
    /// Sums up a lane of this evidence.
    pub fn of(lane: &LaneEvidence, evidence: &Evidence) -> Self {
        let mut counts = Counts::default();
        for cell in &lane.cells {
            counts.add(cell.status, cell.passed, &cell.figures);
        }
        let passes = PassRate::of(lane.outcomes(evidence));
        let spread = |column: Column| {
            let figures = lane.done().filter_map(|cell| column.of(&cell.figures));
            Ok::<_, Infallible>(Spread::of(figures))
        };
        match Self::with(lane, &counts, passes, spread) {
            Ok(summary) => Self {
                raced: evidence.raced(&lane.lane),
                asked: lane.asked(evidence),
                ..summary
            },
            Err(never) => match never {},
        }
    }

    /// The same of what was counted, and of the spreads that are handed in. The lane's cells are not looked at, nor who
    /// computed at the same time.
    pub(super) fn with<E>(
        lane: &LaneEvidence,
        counts: &Counts,
        passes: PassRate,
        mut spread: impl FnMut(Column) -> Result<Option<Spread>, E>,
    ) -> Result<Self, E> {
        let cost_usd = spread(Column::Cost)?;
        let total_cost_usd = counts.cost_usd.filter(|_| !counts.is_cost_unknown);
        let (thought, all) = counts.thought.unwrap_or_default();
        Ok(Self {
            lane: lane.lane.clone(),
            tier: lane.tier,
            provider: lane.provider.clone(),
            model: lane.model.clone(),
            access: lane.access.clone(),
            cells: counts.cells,
            done: counts.done,
            failed: counts.failed,
            cancelled: counts.cancelled,
            checks: ChecksSummary::of(passes, counts.judged, lane.unjudged),
            ttft_ms: spread(Column::Ttft)?,
            ttfa_ms: spread(Column::Ttfa)?,
            e2e_ms: spread(Column::E2e)?,
            decode_tokens_per_sec: spread(Column::DecodeRate)?,
            completion_tokens: spread(Column::CompletionTokens)?,
            thinking_share: (all > 0).then(|| thought as f64 / all as f64),
            cost_usd: cost_usd.filter(|_| !counts.is_cost_unknown),
            total_cost_usd,
            is_total_cost_partial: counts.is_cost_partial && total_cost_usd.is_some(),
            is_estimated: counts.is_estimated,
            price_as_of: lane.price_days.last().cloned(),
            judge_cost_usd: lane.judge_cost_usd,
            is_judge_cost_partial: lane.is_judge_cost_partial,
            sequences: lane.sequences,
            raced: 0,
            asked: 0,
        })
    }

    /// What of the machine it had.
    pub(super) fn share(&self) -> Share {
        Share::of(self.sequences, self.raced)
    }

    /// What judging its answers cost; empty where that is nothing.
    pub const fn judging(&self) -> CostSum {
        CostSum {
            known_usd: self.judge_cost_usd,
            has_unknown: self.is_judge_cost_partial,
            is_estimated: false,
            untold_at_most_usd: 0.0,
        }
    }

    /// What a prompt costs on average: all that its cells cost, over those that ended by themselves. Means add up to what is
    /// paid, medians do not.
    pub fn mean_cost_usd(&self) -> Option<f64> {
        let ended = self.done + self.failed;
        let total = self.total_cost_usd.filter(|_| ended > 0)?;
        let mean = total / ended as f64;
        // A sum of thousandths is not quite their number of them: far below the least that a price can be, nothing is meant.
        let rounded = (mean * 1e15).round() / 1e15;
        Some(if rounded > 0.0 && rounded.is_finite() {
            rounded
        } else {
            mean
        })
    }

    /// What all its cells cost.
    pub const fn total_cost(&self) -> CostSum {
        CostSum {
            known_usd: self.total_cost_usd,
            has_unknown: self.is_total_cost_partial,
            is_estimated: self.is_estimated,
            untold_at_most_usd: 0.0,
        }
    }

    /// The part of its cells that failed; those that were stopped are not counted. `None` without cells.
    pub fn failed_share(&self) -> Option<f64> {
        let ended = self.done + self.failed;
        (ended > 0).then(|| self.failed as f64 / ended as f64)
    }

    /// The same of those that failed on a prompt without checks: they are not in its pass rate.
    pub(super) fn uncounted_failed_share(&self) -> f64 {
        let ended = self.done + self.failed;
        let uncounted = self.failed.saturating_sub(self.checks.failed);
        uncounted as f64 / ended.max(1) as f64
    }

    /// Whether it fails so often that its figures, which are those of the others, do not speak for it.
    pub fn is_unreliable(&self) -> bool {
        self.failed_share()
            .is_some_and(|share| share > MOST_FAILED_SHARE)
    }
}

impl Evidence {
    /// All lanes, summed up.
    pub fn summaries(&self) -> Vec<LaneSummary> {
        let lanes = self.lanes.iter();
        lanes.map(|lane| LaneSummary::of(lane, self)).collect()
    }
}
