//! Where a figure of a lane lies, and how sure that is: shares, medians and means with their intervals. Judges none.

use super::evidence::{LaneEvidence, RunFigures};
use crate::domain::{
    record::LaneStatus,
    stats::{Cluster, Interval, PassRate, Z_95, effective_size, quantile},
};
use std::collections::BTreeMap;

/// Fewer prompts than this give no interval.
const LEAST_PROMPTS: usize = 6;

/// How often a lane failed, of the cells that were not stopped, with the interval of that by prompts.
pub(super) fn failures(lane: &LaneEvidence) -> (Option<f64>, Option<Interval>) {
    let ended = lane
        .cells
        .iter()
        .filter(|cell| cell.status != LaneStatus::Cancelled);
    let rate =
        PassRate::of(ended.map(|cell| (cell.prompt, Some(cell.status == LaneStatus::Failed))));
    (rate.share(), rate.interval())
}

/// The median of a figure and its interval by order statistics: the ranks m/2 ± 1.96 √m/2 (Conover, "Practical Nonparametric
/// Statistics", 3.2), where m is how many independent values say as much as these, of which several may be of one prompt
/// (Woodruff, "Confidence intervals for medians and other position measures", JASA 47, 1952). Fewer than 6 independent values give none: then even the extremes cover less than 95 %.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // ranks lie between 0 and the length
pub(super) fn median(
    lane: &LaneEvidence,
    of: fn(&RunFigures) -> Option<f64>,
) -> (Option<f64>, Option<Interval>) {
    let known = lane.done().filter_map(|cell| {
        let value = of(&cell.figures).filter(|value| value.is_finite())?;
        Some((cell.prompt, value))
    });
    let mut values: Vec<(usize, f64)> = known.collect();
    values.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let (prompts, values): (Vec<usize>, Vec<f64>) = values.into_iter().unzip();
    let middle = quantile(&values, 0.5);
    let mut clusters: BTreeMap<usize, Cluster> = BTreeMap::new();
    for (prompt, value) in prompts.iter().zip(&values) {
        let cluster = clusters.entry(*prompt).or_default();
        cluster.size += 1;
        cluster.hits += u64::from(middle.is_some_and(|middle| *value <= middle));
    }
    let independent = effective_size(&clusters.into_values().collect::<Vec<_>>());
    let reach = Z_95 * independent.sqrt() / 2.0;
    // Ranks among so many independent values, and where they are among all of these.
    let times = values.len() as f64 / independent.max(1.0);
    let low = (independent / 2.0 - reach).floor().max(1.0) - 1.0;
    let low = (low * times).floor() as usize;
    let high = (independent / 2.0 + 1.0 + reach).ceil() * times;
    let high = (high.ceil() as usize).min(values.len());
    let interval = (independent >= 6.0 - 1e-9).then(|| {
        let high = high.checked_sub(1)?;
        Some(Interval {
            low: *values.get(low)?,
            high: *values.get(high)?,
        })
    });
    (middle, interval.flatten())
}

/// The interval of what a prompt costs on average: that of a ratio of sums over prompts, by its linearised variance (Cochran,
/// "Sampling Techniques", 6.3). `None` with few prompts, for then it says little.
pub(super) fn mean_cost(lane: &LaneEvidence, mean: f64) -> Option<Interval> {
    let mut prompts: BTreeMap<usize, (f64, f64)> = BTreeMap::new();
    for cell in &lane.cells {
        let (cost, ended) = prompts.entry(cell.prompt).or_default();
        *cost += cell.figures.cost_usd.unwrap_or_default();
        *ended += f64::from(u8::from(cell.status != LaneStatus::Cancelled));
    }
    let many = prompts.len() as f64;
    let ended: f64 = prompts.values().map(|(_, ended)| ended).sum();
    if prompts.len() < LEAST_PROMPTS || ended <= 0.0 {
        return None;
    }
    let rests = prompts.values().map(|(cost, ended)| cost - mean * ended);
    let squares: f64 = rests.map(|rest| rest * rest).sum();
    let reach = Z_95 * (squares * many / (many - 1.0)).sqrt() / ended;
    // What arithmetic leaves behind where all cost the same is no doubt.
    let reach = if reach < mean * 1e-9 { 0.0 } else { reach };
    Some(Interval {
        low: (mean - reach).max(0.0),
        high: mean + reach,
    })
}
