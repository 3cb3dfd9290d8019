//! How many times one lane's figure is the other's, over the same prompts. Compares no lanes on different prompts.

use super::{Interval, Z_95, bootstrap};
use serde::{Deserialize, Serialize};

/// Resamples of up to 10,000 prompts.
const RESAMPLES: usize = 10_000;
/// From here on the bootstrap's own limit is taken instead of it: the central limit theorem for the mean logarithm.
const MANY_PROMPTS: usize = 20_000;

/// The geometric mean of the per-prompt ratios: what Fleming and Wallace, "How not to lie with statistics", CACM 29 (1986),
/// show to be the only mean of ratios that does not depend on which lane is the base.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedRatio {
    /// First to second; above 1 where the first has more.
    pub ratio: f64,
    /// Percentile bootstrap over prompts; `None` below 2 prompts. Narrower than the truth below some ten.
    pub interval: Option<Interval>,
    /// Prompts that were compared; at least 1.
    pub prompts: usize,
    /// Prompts left out, because one of the two figures was not a positive number.
    pub left_out: usize,
}

impl PairedRatio {
    /// Of one pair of figures per prompt, first lane and second lane: where a prompt was asked several times, the medians
    /// of its repetitions, for they are not independent. `None` where no pair can be compared.
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let is_usable = |figure: f64| figure.is_finite() && figure > 0.0;
        let mut left_out = 0;
        let mut logs = Vec::new();
        for (first, second) in pairs {
            if is_usable(first) && is_usable(second) {
                logs.push(first.ln() - second.ln());
            } else {
                left_out += 1;
            }
        }
        if logs.is_empty() {
            return None;
        }
        Some(Self {
            ratio: mean(logs.iter().copied(), logs.len()).exp(),
            interval: mean_interval(&logs).map(|logs| Interval {
                low: logs.low.exp(),
                high: logs.high.exp(),
            }),
            prompts: logs.len(),
            left_out,
        })
    }
}

fn mean(values: impl Iterator<Item = f64>, count: usize) -> f64 {
    values.sum::<f64>() / count as f64
}

/// The interval of the mean of values.
fn mean_interval(values: &[f64]) -> Option<Interval> {
    let count = values.len();
    if count < 2 {
        return None;
    }
    if count >= MANY_PROMPTS {
        let middle = mean(values.iter().copied(), count);
        let variance = values
            .iter()
            .map(|value| (value - middle).powi(2))
            .sum::<f64>()
            / (count - 1) as f64;
        let reach = Z_95 * (variance / count as f64).sqrt();
        return Some(Interval {
            low: middle - reach,
            high: middle + reach,
        });
    }
    let mut random = bootstrap::random();
    let means = (0..bootstrap::resamples(count, RESAMPLES))
        .map(|_| mean((0..count).map(|_| values[random.index(count)]), count))
        .collect();
    bootstrap::percentile_interval(means)
}
