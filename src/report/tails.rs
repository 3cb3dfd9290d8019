//! Where a lane is cheaper than another one prompt by prompt and dearer on average, as few prompts cost much: says so. Ranks
//! none.

use super::{compare::LaneComparison, quoted, summary::LaneSummary};

/// A ratio so near to 1 is said to be none.
const HARDLY: f64 = 0.005;

/// A sentence for each two lanes of which that is true.
pub(super) fn remarks(comparisons: &[LaneComparison], lanes: &[LaneSummary]) -> Vec<String> {
    let mean = |name: &str| {
        let lane = lanes.iter().find(|lane| lane.lane == name);
        lane.and_then(LaneSummary::mean_cost_usd)
    };
    let said = comparisons.iter().filter_map(|comparison| {
        let ratio = comparison.paired.cost_ratio?.ratio;
        let (own, base) = mean(&comparison.lane).zip(mean(&comparison.base))?;
        let (typical, average) = if ratio < 1.0 - HARDLY && own > base {
            ("cheaper", "dearer")
        } else if ratio > 1.0 + HARDLY && own < base {
            ("dearer", "cheaper")
        } else {
            return None;
        };
        Some(format!(
            "{} is {typical} than {} prompt by prompt and {average} on average, which is what a month costs: some prompts cost \
             far more than others.",
            quoted(&comparison.lane),
            quoted(&comparison.base)
        ))
    });
    said.collect()
}
