//! Which lane's answers were chosen over those of others, and how sure that is. Asks nobody to choose.

use super::{quoted, words::counted};
use crate::domain::{
    cost::CostSum,
    figures,
    stats::{Interval, Outcome, Standing, Vote},
    wording,
};
use serde::Serialize;
use std::{collections::BTreeSet, fmt::Write as _};

/// All votes together: how many there are, of whom, and what they cost.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Asking {
    /// Who was asked, or would have been.
    pub voters: BTreeSet<String>,
    /// Pairs of answers that have a vote.
    pub pairs: u64,
    /// Those that a judge was asked about.
    pub asked: u64,
    /// Those that are ties without asking, for the two answers are the same.
    pub equal: u64,
    /// US dollars of asking; `None` where none is known.
    pub cost_usd: Option<f64>,
    /// A part of that is not known.
    pub is_cost_partial: bool,
}

impl Asking {
    /// One more vote; `is_free` where who votes has no price, as a model that runs here.
    pub fn add(&mut self, voter: &str, was_asked: bool, cost_usd: Option<f64>, is_free: bool) {
        if !self.voters.contains(voter) {
            self.voters.insert(voter.to_owned());
        }
        self.pairs += 1;
        if !was_asked {
            self.equal += 1;
            return;
        }
        self.asked += 1;
        match cost_usd {
            Some(cost) => *self.cost_usd.get_or_insert(0.0) += cost,
            None => self.is_cost_partial |= !is_free,
        }
    }

    /// What was asked and what it cost, then what the rows mean.
    pub(super) fn meaning(&self) -> String {
        let names: Vec<String> = self.voters.iter().map(|name| quoted(name)).collect();
        let mut out = format!(
            "Of {} of answers to a prompt, {} was asked about {}, each in both orders, which answer is the better one; where \
             the orders disagree it is a tie.",
            counted(self.pairs, "pair", "pairs"),
            names.join(" or "),
            figures::count(self.asked)
        );
        if self.equal > 0 {
            let are = counted(self.equal, "pair is", "pairs are");
            let _ = write!(
                out,
                " {are} of equal answers, a tie that nobody was asked about."
            );
        }
        let cost = CostSum {
            known_usd: self.cost_usd,
            has_unknown: self.is_cost_partial,
            is_estimated: false,
            untold_at_most_usd: 0.0,
        };
        if !cost.is_empty() {
            let _ = write!(out, " Asking cost {} besides.", wording::sum(&cost));
        }
        format!("{out} {STRENGTH}")
    }
}

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
            format!(" [{}, {}]", signed(interval.low), signed(interval.high))
        });
        [
            figures::count(self.wins),
            figures::count(self.ties),
            figures::count(self.losses),
            signed(self.elo) + &interval,
        ]
    }
}

/// The headings of the rows.
pub(super) const HEADS: [&str; 5] = ["Lane", "Won", "Tied", "Lost", "Strength"];

/// What the last column means.
const STRENGTH: &str = "Strength: Bradley and Terry's, on the scale of chess ratings (400 points are odds of ten to one, the \
    mean is 0), with a bootstrap interval of 95 % over votes; without one the votes do not decide it.";

/// With a sign where it is not 0, the same as in the other tables.
fn signed(points: f64) -> String {
    if points.round() == 0.0 {
        return "0".to_owned();
    }
    format!("{points:+.0}").replace('-', "−")
}

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
        let [.., strength] = lanes[1].cells();
        assert!(
            strength.starts_with('−') && !strength.contains('-'),
            "{strength}"
        );
    }

    #[test]
    fn nothing_has_no_sign() {
        let written = [-0.4, 0.4, -7.6, 7.6].map(signed);
        assert_eq!(written, ["0", "0", "−8", "+8"]);
    }

    #[test]
    fn what_was_asked_and_what_it_cost_is_said() {
        let mut asking = Asking::default();
        for (was_asked, cost) in [(true, Some(0.001)), (true, Some(0.002)), (false, None)] {
            asking.add("judge", was_asked, cost, false);
        }
        let expected = "Of 3 pairs of answers to a prompt, `judge` was asked about 2, each in both orders, which answer is the \
            better one; where the orders disagree it is a tie. 1 pair is of equal answers, a tie that nobody was asked about. \
            Asking cost $0.0030 besides. Strength:";
        let said = asking.meaning();
        assert!(said.starts_with(expected), "{said}");
        asking.add("other", true, None, false);
        let said = asking.meaning();
        assert!(
            said.contains("`judge` or `other`") && said.contains("cost $0.0030 + ? besides"),
            "{said}"
        );
        let mut here = Asking::default();
        here.add("own", true, None, true);
        let said = here.meaning();
        assert!(!said.contains("cost") && !said.contains("equal"), "{said}");
    }
}
