//! Where a lane is cheaper than another one prompt by prompt, or at the median, and dearer on average, as few prompts cost much: says so. Ranks
//! none.

use super::{compare::LaneComparison, quoted, summary::LaneSummary};

/// A ratio so near to 1 is said to be none.
const HARDLY: f64 = 0.005;

/// A sentence for each two lanes of which that is true.
pub(super) fn remarks(comparisons: &[LaneComparison], lanes: &[LaneSummary]) -> Vec<String> {
    let lane = |name: &str| lanes.iter().find(|lane| lane.lane == name);
    let said = comparisons.iter().filter_map(|comparison| {
        let (own, base) = lane(&comparison.lane).zip(lane(&comparison.base))?;
        let mean = own.mean_cost_usd()? / base.mean_cost_usd()?;
        let ratio = comparison.paired.cost_ratio.map(|ratio| ratio.ratio);
        let medians = own.cost_usd.zip(base.cost_usd);
        let medians = medians.map(|(own, base)| own.median / base.median);
        let (of, by) = [(ratio, "prompt by prompt"), (medians, "at the median")]
            .into_iter()
            .find(|(of, _)| of.is_some_and(|of| is_opposite(of, mean)))?;
        let (typical, average) = if of? < 1.0 {
            ("cheaper", "dearer")
        } else {
            ("dearer", "cheaper")
        };
        Some(format!(
            "{} is {typical} than {} {by} and {average} on average, which is what a month costs: some prompts cost far more than \
             others.",
            quoted(&own.lane),
            quoted(&base.lane)
        ))
    });
    said.collect()
}

/// Whether one says cheaper and the other dearer.
fn is_opposite(typical: f64, mean: f64) -> bool {
    typical < 1.0 - HARDLY && mean > 1.0 || typical > 1.0 + HARDLY && mean < 1.0
}
