//! What is said about one lane: how often it passed, how long it took, what it cost. Computes; writes nothing.

use super::evidence::{Evidence, LaneEvidence};
use crate::domain::{
    record::LaneStatus,
    stats::{Interval, PassRate, Spread},
    tier::Tier,
};
use serde::Serialize;

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

impl LaneSummary {
    /// Sums up a lane.
    pub fn of(lane: &LaneEvidence) -> Self {
        let ended = |status: LaneStatus| {
            let cells = lane.cells.iter().filter(|cell| cell.status == status);
            cells.count() as u64
        };
        let passes = PassRate::of(lane.done().map(|cell| cell.passed));
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
            checks: ChecksSummary {
                passed: passes.passed,
                judged: passes.judged,
                unknown: passes.unknown,
                pass_rate: passes.share(),
                interval: passes.interval(),
            },
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
        }
    }
}

impl Evidence {
    /// All lanes, summed up.
    pub fn summaries(&self) -> Vec<LaneSummary> {
        self.lanes.iter().map(LaneSummary::of).collect()
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
