//! What is said about one lane: how often it passed, how long it took, what it cost. Computes; writes nothing.

use super::evidence::{Evidence, LaneEvidence, RunFigures};
use crate::domain::{
    record::LaneStatus,
    stats::{Interval, PassRate, Spread},
    tier::Tier,
    usage::UsageSource,
};
use serde::Serialize;
use std::convert::Infallible;

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
    /// US dollars of all its cells; `None` where the price of one is not known.
    pub total_cost_usd: Option<f64>,
    /// Some of its token counts, and so of its costs, are estimates.
    pub is_estimated: bool,
    /// The day of the prices.
    pub price_as_of: Option<String>,
    /// US dollars of having its answers judged.
    pub judge_cost_usd: Option<f64>,
}

/// How often the checks of a lane passed.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ChecksSummary {
    /// Cells whose checks passed.
    pub passed: u64,
    /// Cells whose checks passed or did not.
    pub judged: u64,
    /// Cells that are done, have checks and could not be judged, or have none.
    pub unknown: u64,
    /// Passed of judged, 0 to 1.
    pub pass_rate: Option<f64>,
    /// The Wilson interval of that.
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
    passes: PassRate,
    /// Tokens of the thinking and of all completions; `None` where one of them is not known.
    thought: Option<(u64, u64)>,
    /// `None` where that of one cell is not known.
    cost_usd: Option<f64>,
    is_estimated: bool,
}

impl Default for Counts {
    fn default() -> Self {
        Self {
            cells: 0,
            done: 0,
            failed: 0,
            cancelled: 0,
            passes: PassRate::default(),
            thought: Some((0, 0)),
            cost_usd: Some(0.0),
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
        if status != LaneStatus::Done {
            return;
        }
        match passed {
            Some(passed) => {
                self.passes.passed += u64::from(passed);
                self.passes.judged += 1;
            }
            None => self.passes.unknown += 1,
        }
        let tokens = figures.reasoning_tokens.zip(figures.completion_tokens);
        let so_far = self.thought.zip(tokens);
        self.thought =
            so_far.map(|((thought, all), (reasoning, tokens))| (thought + reasoning, all + tokens));
        self.cost_usd = self
            .cost_usd
            .zip(figures.cost_usd)
            .map(|(sum, cost)| sum + cost);
        self.is_estimated |= figures.source == Some(UsageSource::Estimated);
    }
}

impl LaneSummary {
    /// Sums up a lane.
    pub fn of(lane: &LaneEvidence) -> Self {
        let mut counts = Counts::default();
        for cell in &lane.cells {
            counts.add(cell.status, cell.passed, &cell.figures);
        }
        let spread = |column: Column| {
            let figures = lane.done().filter_map(|cell| column.of(&cell.figures));
            Ok::<_, Infallible>(Spread::of(figures))
        };
        match Self::with(lane, &counts, spread) {
            Ok(summary) => summary,
            Err(never) => match never {},
        }
    }

    /// The same of what was counted, and of the spreads that are handed in. The lane's cells are not looked at.
    pub(super) fn with<E>(
        lane: &LaneEvidence,
        counts: &Counts,
        mut spread: impl FnMut(Column) -> Result<Option<Spread>, E>,
    ) -> Result<Self, E> {
        let cost_usd = spread(Column::Cost)?;
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
            checks: ChecksSummary {
                passed: counts.passes.passed,
                judged: counts.passes.judged,
                unknown: counts.passes.unknown,
                pass_rate: counts.passes.share(),
                interval: counts.passes.interval(),
            },
            ttft_ms: spread(Column::Ttft)?,
            ttfa_ms: spread(Column::Ttfa)?,
            e2e_ms: spread(Column::E2e)?,
            decode_tokens_per_sec: spread(Column::DecodeRate)?,
            completion_tokens: spread(Column::CompletionTokens)?,
            thinking_share: (all > 0).then(|| thought as f64 / all as f64),
            cost_usd: cost_usd.filter(|_| counts.cost_usd.is_some()),
            total_cost_usd: counts.cost_usd.filter(|_| counts.done > 0),
            is_estimated: counts.is_estimated,
            price_as_of: lane.price_as_of.clone(),
            judge_cost_usd: lane.judge_cost_usd,
        })
    }
}

impl Evidence {
    /// All lanes, summed up.
    pub fn summaries(&self) -> Vec<LaneSummary> {
        self.lanes.iter().map(LaneSummary::of).collect()
    }
}
