//! What is said about one lane: how often it passed, how long it took, what it cost. Computes; writes nothing.

use super::evidence::{Evidence, LaneEvidence};
use crate::domain::{
    cost::CostSum,
    record::LaneStatus,
    stats::{Interval, PassRate, Spread},
    tier::Tier,
};
use serde::Serialize;

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
    /// US dollars of all its cells; `None` where the price of one is not known.
    pub total_cost_usd: Option<f64>,
    /// Some of its token counts, and so of its costs, are estimates.
    pub is_estimated: bool,
    /// The day of the prices.
    pub price_as_of: Option<String>,
    /// US dollars of having its answers judged.
    pub judge_cost_usd: Option<f64>,
    /// A part of that is not known.
    pub is_judge_cost_partial: bool,
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

impl ChecksSummary {
    fn of(lane: &LaneEvidence, evidence: &Evidence) -> Self {
        let passes = PassRate::of(lane.outcomes(evidence));
        let judged = lane.done().filter(|cell| cell.passed.is_some()).count() as u64;
        Self {
            passed: passes.passed,
            judged,
            failed: passes.judged - judged,
            unjudged: lane.unjudged,
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
        let ended = |status: LaneStatus| {
            let cells = lane.cells.iter().filter(|cell| cell.status == status);
            cells.count() as u64
        };
        let costs: Option<Vec<f64>> = lane.done().map(|cell| cell.figures.cost_usd).collect();
        Self {
            lane: lane.lane.clone(),
            tier: lane.tier,
            provider: lane.provider.clone(),
            model: lane.model.clone(),
            access: lane.access.clone(),
            cells: lane.cells.len() as u64,
            done: ended(LaneStatus::Done),
            failed: ended(LaneStatus::Failed),
            cancelled: ended(LaneStatus::Cancelled),
            checks: ChecksSummary::of(lane, evidence),
            ttft_ms: Spread::of(lane.values(|figures| figures.ttft_ms)),
            ttfa_ms: Spread::of(lane.values(|figures| figures.ttfa_ms)),
            e2e_ms: Spread::of(lane.values(|figures| figures.e2e_ms)),
            decode_tokens_per_sec: Spread::of(lane.values(|figures| figures.decode_tokens_per_sec)),
            completion_tokens: Spread::of(
                lane.values(|figures| figures.completion_tokens.map(|tokens| tokens as f64)),
            ),
            thinking_share: thinking_share(lane),
            cost_usd: costs
                .as_ref()
                .and_then(|costs| Spread::of(costs.iter().copied())),
            total_cost_usd: costs
                .filter(|costs| !costs.is_empty())
                .map(|costs| costs.iter().sum()),
            is_estimated: lane.is_estimated(),
            price_as_of: lane.price_as_of.clone(),
            judge_cost_usd: lane.judge_cost_usd,
            is_judge_cost_partial: lane.is_judge_cost_partial,
        }
    }

    /// What judging its answers cost; empty where that is nothing.
    pub const fn judging(&self) -> CostSum {
        CostSum {
            known_usd: self.judge_cost_usd,
            has_unknown: self.is_judge_cost_partial,
            is_estimated: false,
        }
    }

    /// The part of its cells that failed; those that were stopped are not counted. `None` without cells.
    pub fn failed_share(&self) -> Option<f64> {
        let ended = self.done + self.failed;
        (ended > 0).then(|| self.failed as f64 / ended as f64)
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

fn thinking_share(lane: &LaneEvidence) -> Option<f64> {
    let (mut thought, mut all) = (0, 0);
    for cell in lane.done() {
        thought += cell.figures.reasoning_tokens?;
        all += cell.figures.completion_tokens?;
    }
    (all > 0).then(|| thought as f64 / all as f64)
}
