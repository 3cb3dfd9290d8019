//! Strengths out of pairwise choices. Asks nobody which answer is better.

mod fit;

use self::fit::Table;
use super::{Interval, bootstrap};
use serde::{Deserialize, Serialize};

/// Resamples of up to 50,000 votes.
const RESAMPLES: usize = 2_000;
/// The largest change of a strength, as a part of it, at which a fit has settled.
const SETTLED: f64 = 1e-10;
/// The same for resamples, which are many.
const ROUGHLY_SETTLED: f64 = 1e-5;

/// How one lane did against another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Outcome {
    /// The first one is better.
    Win,
    /// The second one is better.
    Loss,
    /// Neither is, or the two orders of asking disagree.
    Tie,
}

impl Outcome {
    /// How the second one did.
    #[must_use]
    pub const fn turned(self) -> Self {
        match self {
            Self::Win => Self::Loss,
            Self::Loss => Self::Win,
            Self::Tie => Self::Tie,
        }
    }
}

/// One choice between two lanes, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Vote {
    /// The first lane.
    pub first: usize,
    /// The second lane.
    pub second: usize,
    /// How the first one did.
    pub outcome: Outcome,
}

/// Strengths of lanes by Bradley and Terry, "Rank analysis of incomplete block designs", Biometrika 39 (1952): a lane beats
/// another with probability 1 / (1 + exp(its strength less)). Ties are half a win for each.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Standing {
    /// In the order of the lanes.
    pub lanes: Vec<Strength>,
    /// Whether the votes alone decide it: every lane can be reached from every other over lanes that it beat or tied with
    /// (Ford, "Solution of a ranking problem", 1957). Where they do not, as where a lane never lost, the best fit is
    /// infinite; strengths are then held finite by a tenth of an imagined vote, and there are no intervals.
    pub is_decided: bool,
}

/// One lane of a [`Standing`].
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Strength {
    /// Natural logarithm of the odds against a middling lane; the lanes' mean is 0.
    pub strength: f64,
    /// Percentile bootstrap over votes; `None` where the votes do not decide.
    pub interval: Option<Interval>,
    /// Votes won.
    pub wins: u64,
    /// Votes lost.
    pub losses: u64,
    /// Votes tied.
    pub ties: u64,
}

impl Strength {
    /// How likely an answer of this lane is chosen over one of the other, 0 to 1; a tie counts half.
    pub fn chance_against(&self, other: &Self) -> f64 {
        1.0 / (1.0 + (other.strength - self.strength).exp())
    }

    fn count(&mut self, outcome: Outcome) {
        match outcome {
            Outcome::Win => self.wins += 1,
            Outcome::Loss => self.losses += 1,
            Outcome::Tie => self.ties += 1,
        }
    }

    /// On the scale of chess ratings, where 400 points are odds of ten to one; the lanes' mean is 0.
    pub fn elo(&self) -> f64 {
        self.strength * 400.0 / std::f64::consts::LN_10
    }
}

impl Standing {
    /// Fits so many lanes to votes. A vote that names a lane beyond them, or one lane twice, is left out.
    pub fn of(lanes: usize, votes: &[Vote]) -> Self {
        let is_usable =
            |vote: &Vote| vote.first != vote.second && vote.first.max(vote.second) < lanes;
        let votes: Vec<Vote> = votes.iter().copied().filter(is_usable).collect();
        let table = Table::of(lanes, &votes);
        let fitted = table.fit(&vec![0.0; lanes], SETTLED);
        let is_decided = table.is_decided();
        let intervals = if is_decided && lanes > 1 {
            intervals(&votes, &fitted)
        } else {
            vec![None; lanes]
        };
        let mut lanes: Vec<Strength> = fitted
            .into_iter()
            .zip(intervals)
            .map(|(strength, interval)| Strength {
                strength,
                interval,
                ..Strength::default()
            })
            .collect();
        for vote in votes {
            lanes[vote.first].count(vote.outcome);
            lanes[vote.second].count(vote.outcome.turned());
        }
        Self { lanes, is_decided }
    }
}

/// The interval of each strength: votes are drawn again, and the model fitted again. A resample without a finite fit is
/// held finite as in [`Standing::is_decided`]: it lies far out, where it belongs.
fn intervals(votes: &[Vote], fitted: &[f64]) -> Vec<Option<Interval>> {
    let mut random = bootstrap::random();
    let mut found = vec![Vec::new(); fitted.len()];
    for _ in 0..bootstrap::resamples(votes.len(), RESAMPLES) {
        let drawn = (0..votes.len()).map(|_| &votes[random.index(votes.len())]);
        let strengths = Table::of(fitted.len(), drawn).fit(fitted, ROUGHLY_SETTLED);
        for (list, strength) in found.iter_mut().zip(strengths) {
            list.push(strength);
        }
    }
    found
        .into_iter()
        .map(bootstrap::percentile_interval)
        .collect()
}
