//! The middle of repeated values and how far they lie apart. Assumes no distribution.

use serde::{Deserialize, Serialize};

/// Fewer values than this give no 95th percentile: it would be the largest by another name.
pub const MIN_VALUES_FOR_P95: usize = 20;

/// Median and quartiles of repeated values, in their own unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Spread {
    /// How many values; at least 1.
    pub count: usize,
    /// The median.
    pub median: f64,
    /// The 25th percentile.
    pub p25: f64,
    /// The 75th percentile.
    pub p75: f64,
    /// The 95th percentile; `None` below [`MIN_VALUES_FOR_P95`] values.
    pub p95: Option<f64>,
    /// The smallest value.
    pub least: f64,
    /// The largest value.
    pub most: f64,
}

impl Spread {
    /// Of the values that are finite; `None` where none is.
    pub fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut sorted: Vec<f64> = values
            .into_iter()
            .filter(|value| value.is_finite())
            .collect();
        sorted.sort_unstable_by(f64::total_cmp);
        Some(Self {
            count: sorted.len(),
            median: quantile(&sorted, 0.5)?,
            p25: quantile(&sorted, 0.25)?,
            p75: quantile(&sorted, 0.75)?,
            p95: quantile(&sorted, 0.95).filter(|_| sorted.len() >= MIN_VALUES_FOR_P95),
            least: *sorted.first()?,
            most: *sorted.last()?,
        })
    }
}

/// The value below which a share of the sorted values lies, with linear interpolation between the two nearest ranks:
/// type 7 of Hyndman and Fan, "Sample quantiles in statistical packages", The American Statistician 50 (1996), the one
/// that `NumPy` and R take when nothing is said. `None` for no values, and for a share outside 0 to 1.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // ranks lie between 0 and the length
pub fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    if !(0.0..=1.0).contains(&share) {
        return None;
    }
    let rank = share * (sorted.len().checked_sub(1)? as f64);
    let (low, high) = (
        *sorted.get(rank.floor() as usize)?,
        *sorted.get(rank.ceil() as usize)?,
    );
    if low >= high || rank.fract() == 0.0 {
        return Some(low);
    }
    // Not `low + (high − low) × …`: the difference of two huge values is infinite.
    Some((low * (1.0 - rank.fract()) + high * rank.fract()).clamp(low, high))
}
