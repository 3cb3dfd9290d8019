//! Pass rates, one lane's and the difference of two on the same prompts. Decides no check.

use super::{
    Interval,
    clusters::{Cluster, effective_size, score_interval},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// How many cells passed.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct PassRate {
    /// Cells that passed.
    pub passed: u64,
    /// Cells that passed or did not.
    pub judged: u64,
    /// Cells of which nobody can say it; counted nowhere else.
    pub unknown: u64,
    /// Prompts of the cells that passed or did not.
    pub prompts: u64,
    /// How many independent cells say as much as those that were judged: [`effective_size`] by prompt.
    pub effective: f64,
}

impl PassRate {
    /// Counts cells: each with its prompt, and whether it passed; `None` is one that could not be judged.
    pub fn of(cells: impl IntoIterator<Item = (usize, Option<bool>)>) -> Self {
        let mut prompts: BTreeMap<usize, Cluster> = BTreeMap::new();
        let mut unknown = 0;
        for (prompt, passed) in cells {
            match passed {
                Some(passed) => {
                    let cluster = prompts.entry(prompt).or_default();
                    cluster.hits += u64::from(passed);
                    cluster.size += 1;
                }
                None => unknown += 1,
            }
        }
        let clusters: Vec<Cluster> = prompts.into_values().collect();
        Self::of_prompts(&clusters, unknown)
    }

    /// The same of what was counted by prompt.
    pub fn of_prompts(clusters: &[Cluster], unknown: u64) -> Self {
        Self {
            passed: clusters.iter().map(|cluster| cluster.hits).sum(),
            judged: clusters.iter().map(|cluster| cluster.size).sum(),
            unknown,
            prompts: clusters.len() as u64,
            effective: effective_size(clusters),
        }
    }

    /// The same where each prompt was asked once.
    pub fn of_cells(passed: u64, judged: u64, unknown: u64) -> Self {
        Self {
            passed,
            judged,
            unknown,
            prompts: judged,
            effective: judged as f64,
        }
    }

    /// 0 to 1; `None` where none was judged.
    pub fn share(self) -> Option<f64> {
        (self.judged > 0).then(|| self.passed as f64 / self.judged as f64)
    }

    /// [`score_interval`] of it, with the prompts as clusters.
    pub fn interval(self) -> Option<Interval> {
        score_interval(self.share()?, self.effective)
    }
}

/// [`score_interval`] of independent cells. `None` where nothing was counted, or more passed than there were.
pub fn wilson(passed: u64, judged: u64) -> Option<Interval> {
    if judged == 0 || passed > judged {
        return None;
    }
    score_interval(passed as f64 / judged as f64, judged as f64)
}

/// Two lanes on the same cells, each of which both passed, one passed, or neither.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PairedPasses {
    /// Both passed.
    pub both: u64,
    /// Only the first lane passed.
    pub only_first: u64,
    /// Only the second lane passed.
    pub only_second: u64,
    /// Neither passed.
    pub neither: u64,
}

impl PairedPasses {
    /// Counts cells that both lanes were judged on: (first passed, second passed).
    pub fn of(cells: impl IntoIterator<Item = (bool, bool)>) -> Self {
        let mut counts = Self::default();
        for cell in cells {
            match cell {
                (true, true) => counts.both += 1,
                (true, false) => counts.only_first += 1,
                (false, true) => counts.only_second += 1,
                (false, false) => counts.neither += 1,
            }
        }
        counts
    }

    /// Cells that were compared.
    pub const fn cells(self) -> u64 {
        self.both + self.only_first + self.only_second + self.neither
    }

    /// The first lane's pass rate minus the second's, −1 to 1; `None` without cells.
    pub fn difference(self) -> Option<f64> {
        let cells = self.cells();
        (cells > 0).then(|| (self.only_first as f64 - self.only_second as f64) / cells as f64)
    }

    /// The interval of that difference: method 10 of Newcombe, "Improved confidence intervals for the difference between
    /// binomial proportions based on paired data", Statistics in Medicine 17 (1998) 2635–2650. It joins the two lanes'
    /// Wilson intervals by the correlation of their passes, that corrected for continuity; it stays within −1 to 1 and
    /// has a width where the lanes agree on every cell, too.
    pub fn interval(self) -> Option<Interval> {
        let cells = self.cells();
        let (first, second) = (self.both + self.only_first, self.both + self.only_second);
        let (one, other) = (wilson(first, cells)?, wilson(second, cells)?);
        let (p1, p2) = (first as f64 / cells as f64, second as f64 / cells as f64);
        let correlation = self.correlation();
        let reach = |one: f64, other: f64| {
            (one * one - 2.0 * correlation * one * other + other * other)
                .max(0.0)
                .sqrt()
        };
        let difference = self.difference()?;
        Some(Interval {
            low: (difference - reach(p1 - one.low, other.high - p2)).max(-1.0),
            high: (difference + reach(one.high - p1, p2 - other.low)).min(1.0),
        })
    }

    /// φ of the four counts, corrected for continuity as Newcombe's method 10 has it; 0 where a lane passed all or none.
    fn correlation(self) -> f64 {
        let [both, only_first, only_second, neither] =
            [self.both, self.only_first, self.only_second, self.neither].map(|count| count as f64);
        let margins = (both + only_first)
            * (only_second + neither)
            * (both + only_second)
            * (only_first + neither);
        if margins <= 0.0 {
            return 0.0;
        }
        let association = both * neither - only_first * only_second;
        let corrected = if association > 0.0 {
            (association - self.cells() as f64 / 2.0).max(0.0)
        } else {
            association
        };
        corrected / margins.sqrt()
    }

    /// How likely so unequal a split of the cells that only one lane passed is, or a more unequal one, if both lanes were
    /// equally good: `McNemar`'s test in its exact form, two-sided, min(1, 2 P(X ≤ min(b, c))) with X binomial of b + c and
    /// ½ (`McNemar`, Psychometrika 12, 1947; Agresti, "Categorical Data Analysis", 10.1). 1 where there is no such cell.
    pub fn p_value(self) -> f64 {
        let less = self.only_first.min(self.only_second);
        let split = self.only_first + self.only_second;
        if self.only_first == self.only_second {
            return 1.0;
        }
        // ln C(split, less), then each smaller term from the one before: nothing overflows.
        let log_choices: f64 = (1..=less)
            .map(|step| ((split - less + step) as f64 / step as f64).ln())
            .sum();
        let largest = (log_choices - split as f64 * std::f64::consts::LN_2).exp();
        let (mut term, mut sum) = (largest, largest);
        for count in (0..less).rev() {
            term *= (count + 1) as f64 / (split - count) as f64;
            sum += term;
            if term < sum * f64::EPSILON {
                break;
            }
        }
        (2.0 * sum).min(1.0)
    }
}
