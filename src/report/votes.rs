//! Which lane's answers were chosen over those of others, and how sure that is. Asks nobody to choose.

use crate::domain::{
    figures,
    stats::{Interval, Outcome, Standing, Vote},
};
use serde::Serialize;

/// How often a lane's answers were chosen.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneVotes {
    /// The lane.
    pub lane: String,
    /// Votes won.
    pub wins: u64,
    /// Votes tied: neither was better, or the judge chose by the order.
    pub ties: u64,
    /// Votes lost.
    pub losses: u64,
    /// Strength by Bradley and Terry, on the scale of chess ratings; the lanes' mean is 0.
    pub elo: f64,
    /// Its bootstrap interval over votes; `None` where the votes do not decide.
    pub interval: Option<Interval>,
}

impl LaneVotes {
    /// Of votes between lanes: the first, the second, and how the first one did. The strongest comes first.
    pub fn of<'v>(votes: impl Iterator<Item = (&'v str, &'v str, Outcome)>) -> Vec<Self> {
        let mut names: Vec<&str> = Vec::new();
        let mut place = |name| {
            names
                .iter()
                .position(|known| *known == name)
                .unwrap_or_else(|| {
                    names.push(name);
                    names.len() - 1
                })
        };
        let votes: Vec<Vote> = votes
            .map(|(first, second, outcome)| Vote {
                first: place(first),
                second: place(second),
                outcome,
            })
            .collect();
        let standing = Standing::of(names.len(), &votes);
        let scale = 400.0 / std::f64::consts::LN_10;
        let mut lanes: Vec<Self> = names
            .iter()
            .zip(&standing.lanes)
            .map(|(name, strength)| Self {
                lane: (*name).to_owned(),
                wins: strength.wins,
                ties: strength.ties,
                losses: strength.losses,
                elo: strength.elo(),
                interval: strength.interval.map(|interval| Interval {
                    low: interval.low * scale,
                    high: interval.high * scale,
                }),
            })
            .collect();
        lanes.sort_by(|a, b| b.elo.total_cmp(&a.elo));
        lanes
    }

    /// The cells of its row: won, tied, lost, strength.
    pub(super) fn cells(&self) -> [String; 4] {
        let interval = self.interval.map_or_else(String::new, |interval| {
            format!(" [{:+.0}, {:+.0}]", interval.low, interval.high)
        });
        [
            figures::count(self.wins),
            figures::count(self.ties),
            figures::count(self.losses),
            format!("{:+.0}{interval}", self.elo),
        ]
    }
}

/// The headings of the rows.
pub(super) const HEADS: [&str; 5] = ["Lane", "Won", "Tied", "Lost", "Strength"];

/// What the rows mean.
pub(super) const MEANING: &str = "Of every two answers to a prompt a judge chose the better one, asked in both orders; where \
    the orders disagree it is a tie. Strength: Bradley and Terry's, on the scale of chess ratings (400 points are odds of ten \
    to one, the mean is 0), with a bootstrap interval of 95 % over votes; without one the votes do not decide it.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wins_more_stands_first_and_who_never_lost_has_no_interval() {
        let votes = [
            ("small", "flagship", Outcome::Loss),
            ("small", "flagship", Outcome::Loss),
            ("small", "flagship", Outcome::Win),
            ("small", "flagship", Outcome::Tie),
        ];
        let lanes = LaneVotes::of(votes.into_iter());
        assert_eq!(lanes[0].lane, "flagship");
        assert_eq!((lanes[0].wins, lanes[0].ties, lanes[0].losses), (2, 1, 1));
        assert!(lanes[0].elo > 0.0 && (lanes[0].elo + lanes[1].elo).abs() < 1e-6);
        assert!(lanes[0].interval.is_some());
        let never = LaneVotes::of([("a", "b", Outcome::Win)].into_iter());
        assert_eq!(never[0].lane, "a");
        assert!(never[0].interval.is_none() && never[0].elo.is_finite());
        assert!(LaneVotes::of(std::iter::empty()).is_empty());
    }
}
