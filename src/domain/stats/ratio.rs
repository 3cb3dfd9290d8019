//! How many times one lane's figure is the other's, over the same prompts. Compares no lanes on different prompts.

use super::{Interval, Z_95, bootstrap};
use serde::{Deserialize, Serialize};

/// Resamples of up to 10,000 prompts.
const RESAMPLES: usize = 10_000;
/// From here on the bootstrap's own limit is taken instead of it: the central limit theorem for the mean logarithm.
const MANY_PROMPTS: usize = 20_000;

/// The geometric mean of the per-prompt ratios: what Fleming and Wallace, "How not to lie with statistics", CACM 29 (1986),
/// show to be the only mean of ratios that does not depend on which lane is the base. It knows no 0: where a figure is one,
/// as the cost of a free answer, it is the ratio of the means instead, of which that is true as well.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PairedRatio {
    /// First to second; above 1 where the first has more.
    pub ratio: f64,
    /// Percentile bootstrap over prompts; `None` below 2 prompts, and where all that is not 0 is of a few of them. Narrower
    /// than the truth below some ten.
    pub interval: Option<Interval>,
    /// Prompts that were compared; at least 1.
    pub prompts: usize,
    /// Prompts left out, because one of the two figures was below 0 or no number.
    pub left_out: usize,
    /// It is the ratio of the means, for one figure or several are 0.
    pub is_of_means: bool,
}

impl PairedRatio {
    /// Of one pair of figures per prompt, first lane and second lane: where a prompt was asked several times, the medians
    /// of its repetitions, for they are not independent. `None` where no pair can be compared, or one side is 0 throughout.
    pub fn of(pairs: impl IntoIterator<Item = (f64, f64)>) -> Option<Self> {
        let is_usable = |figure: f64| figure.is_finite() && figure >= 0.0;
        let all: Vec<(f64, f64)> = pairs.into_iter().collect();
        let mut pairs = all.clone();
        pairs.retain(|(first, second)| is_usable(*first) && is_usable(*second));
        let is_of_means = pairs.iter().any(|pair| pair.0 <= 0.0 || pair.1 <= 0.0);
        let (ratio, interval) = if is_of_means {
            (ratio_of_means(&pairs)?, means_interval(&pairs))
        } else {
            let logs: Vec<f64> = pairs.iter().map(|pair| pair.0.ln() - pair.1.ln()).collect();
            let of_logs = mean_interval(&logs).map(|logs| Interval {
                low: logs.low.exp(),
                high: logs.high.exp(),
            });
            (mean(logs.iter().copied(), logs.len()).exp(), of_logs)
        };
        (!pairs.is_empty()).then_some(Self {
            ratio,
            interval,
            prompts: pairs.len(),
            left_out: all.len() - pairs.len(),
            is_of_means,
        })
    }
}

/// `None` where it is 0 or has no end.
fn ratio_of_means(pairs: &[(f64, f64)]) -> Option<f64> {
    let firsts: f64 = pairs.iter().map(|pair| pair.0).sum();
    let seconds: f64 = pairs.iter().map(|pair| pair.1).sum();
    Some(firsts / seconds).filter(|ratio| ratio.is_finite() && *ratio > 0.0)
}

/// The interval of the ratio of means; `None` where it would reach 0 or have no end.
fn means_interval(pairs: &[(f64, f64)]) -> Option<Interval> {
    let count = pairs.len();
    if count < 2 {
        return None;
    }
    let interval = if count >= MANY_PROMPTS {
        let ratio = ratio_of_means(pairs)?;
        let second = mean(pairs.iter().map(|pair| pair.1), count);
        let squares = pairs.iter().map(|pair| (pair.0 - ratio * pair.1).powi(2));
        let variance = squares.sum::<f64>() / (count - 1) as f64 / count as f64;
        // The delta method, for the logarithm.
        let reach = Z_95 * variance.sqrt() / (second * ratio);
        Interval {
            low: ratio * (-reach).exp(),
            high: ratio * reach.exp(),
        }
    } else {
        let mut random = bootstrap::random();
        let ratios = (0..bootstrap::resamples(count, RESAMPLES)).map(|_| {
            let drawn = (0..count).map(|_| pairs[random.index(count)]);
            let (first, second) =
                drawn.fold((0.0, 0.0), |sum, pair| (sum.0 + pair.0, sum.1 + pair.1));
            first / second
        });
        bootstrap::percentile_interval(ratios.filter(|ratio| !ratio.is_nan()).collect())?
    };
    Some(interval).filter(|ends| ends.low > 0.0 && ends.high.is_finite())
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
