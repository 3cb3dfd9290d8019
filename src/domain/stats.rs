//! What may be said about many cells: pass rates, spreads, comparisons on the same prompts, votes. Every figure comes with
//! an interval or not at all. Holds no record and writes no word; the same input always gives the same figures.
//!
//! All intervals are of 95 %. What is not finite is left out and counted, never a panic.

mod bootstrap;
mod clusters;
mod passes;
mod random;
mod ratio;
mod spread;
mod votes;

pub use self::{
    clusters::{Cluster, effective_size, score_interval},
    passes::{PairedPasses, PassRate, wilson},
    ratio::PairedRatio,
    spread::{MIN_VALUES_FOR_P95, Spread, quantile},
    votes::{Outcome, Standing, Strength, Vote},
};

use serde::{Deserialize, Serialize};

/// The 97.5th percentile of the standard normal distribution: 95 % lie between it and its negative.
pub const Z_95: f64 = 1.959_963_984_540_054;

/// Where a figure lies with 95 % confidence; both ends belong to it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

impl Interval {
    /// Whether a value lies in it.
    pub fn has(self, value: f64) -> bool {
        self.low <= value && value <= self.high
    }
}

#[cfg(test)]
mod tests;
