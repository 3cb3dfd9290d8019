//! Percentile intervals by resampling with replacement (Efron 1979; Efron and Tibshirani, "An Introduction to the
//! Bootstrap", 1993, chapter 13). Knows no statistic: who resamples brings it.

use super::{Interval, quantile, random::Random};

/// Draws altogether, a tenth of a second's work: of 10,000 resamples, sets above 10,000 values get fewer.
const MOST_DRAWS: usize = 100_000_000;
/// Below this the ends of an interval would themselves be noise.
const LEAST_RESAMPLES: usize = 1_000;
/// The same everywhere, so that two reports over the same cells agree to the last digit.
const SEED: u64 = 0x7469_6572_7363_6f70;

/// The generator of every bootstrap.
pub(super) const fn random() -> Random {
    Random::new(SEED)
}

/// How many resamples a set of so many values gets: `most`, or fewer for a large set, but 1,000 at the least.
pub(super) fn resamples(values: usize, most: usize) -> usize {
    (MOST_DRAWS / values.max(1)).clamp(LEAST_RESAMPLES, most.max(LEAST_RESAMPLES))
}

/// The 2.5th to the 97.5th percentile of what the resamples gave; `None` where they gave nothing.
pub(super) fn percentile_interval(mut figures: Vec<f64>) -> Option<Interval> {
    figures.sort_unstable_by(f64::total_cmp);
    Some(Interval {
        low: quantile(&figures, 0.025)?,
        high: quantile(&figures, 0.975)?,
    })
}
