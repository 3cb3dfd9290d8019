//! The fit of Bradley and Terry's model to a table of wins. Knows no lane's name.

use super::{Outcome, Vote};

/// Steps of one fit; by then nothing moves that a report could show.
const MOST_STEPS: usize = 20_000;
/// Votes that each lane is given against an imaginary lane of strength 1, half won and half lost, where the votes alone
/// have no finite fit.
const IMAGINED_VOTES: f64 = 0.1;

/// How often each lane won against each other one; a tie is half a win for both.
#[derive(Debug, Clone)]
pub(super) struct Table {
    lanes: usize,
    /// `won[i * lanes + j]`: by `i` against `j`.
    won: Vec<f64>,
}

impl Table {
    /// Counts votes whose lanes lie below `lanes`.
    pub(super) fn of<'a>(lanes: usize, votes: impl IntoIterator<Item = &'a Vote>) -> Self {
        let mut won = vec![0.0; lanes * lanes];
        for vote in votes {
            let (there, back) = match vote.outcome {
                Outcome::Win => (1.0, 0.0),
                Outcome::Loss => (0.0, 1.0),
                Outcome::Tie => (0.5, 0.5),
            };
            won[vote.first * lanes + vote.second] += there;
            won[vote.second * lanes + vote.first] += back;
        }
        Self { lanes, won }
    }

    fn won(&self, lane: usize, against: usize) -> f64 {
        self.won[lane * self.lanes + against]
    }

    /// Whether a finite fit exists: the graph of wins is strongly connected (Ford 1957).
    pub(super) fn is_decided(&self) -> bool {
        self.lanes < 2
            || self.reaches_all(|from, to| self.won(from, to) > 0.0)
                && self.reaches_all(|from, to| self.won(to, from) > 0.0)
    }

    /// Whether every lane can be reached from the first one.
    fn reaches_all(&self, is_step: impl Fn(usize, usize) -> bool) -> bool {
        let mut is_reached = vec![false; self.lanes];
        let mut open = vec![0];
        is_reached[0] = true;
        while let Some(from) = open.pop() {
            for (to, is_reached) in is_reached.iter_mut().enumerate() {
                if !*is_reached && is_step(from, to) {
                    *is_reached = true;
                    open.push(to);
                }
            }
        }
        is_reached.into_iter().all(|is_reached| is_reached)
    }

    /// The strengths of greatest likelihood as logarithms whose mean is 0, by the MM steps of Hunter, "MM algorithms for
    /// generalized Bradley-Terry models", Annals of Statistics 32 (2004), equation 3: each strength becomes its wins by
    /// Σ votes / (own + other strength). Begins at `start`; ends when no strength changes by more than a part `settled`.
    pub(super) fn fit(&self, start: &[f64], settled: f64) -> Vec<f64> {
        let imagined = if self.is_decided() {
            0.0
        } else {
            IMAGINED_VOTES
        };
        let mut strengths: Vec<f64> = start.iter().map(|log| log.exp()).collect();
        for _ in 0..MOST_STEPS {
            let next: Vec<f64> = (0..self.lanes)
                .map(|lane| self.step(lane, &strengths, imagined))
                .collect();
            let largest = strengths
                .iter()
                .zip(&next)
                .map(|(old, new)| (new / old - 1.0).abs())
                .fold(0.0, f64::max);
            strengths = next;
            if largest <= settled {
                break;
            }
        }
        let logs: Vec<f64> = strengths.iter().map(|strength| strength.ln()).collect();
        let middle = logs.iter().sum::<f64>() / logs.len().max(1) as f64;
        logs.into_iter().map(|log| log - middle).collect()
    }

    fn step(&self, lane: usize, strengths: &[f64], imagined: f64) -> f64 {
        let own = strengths[lane];
        let mut wins = imagined / 2.0;
        let mut weight = imagined / (own + 1.0);
        for (other, strength) in strengths.iter().enumerate() {
            wins += self.won(lane, other);
            weight += (self.won(lane, other) + self.won(other, lane)) / (own + strength);
        }
        if weight > 0.0 { wins / weight } else { own }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn strengths_are_finite_centred_and_turn_with_the_outcomes(
            cast in prop::collection::vec((0usize..4, 1usize..4, 0usize..3), 0..40)
        ) {
            const OUTCOMES: [Outcome; 3] = [Outcome::Win, Outcome::Loss, Outcome::Tie];
            let votes: Vec<Vote> = cast
                .into_iter()
                .map(|(first, ahead, outcome)| Vote {
                    first,
                    second: (first + ahead) % 4,
                    outcome: OUTCOMES[outcome],
                })
                .collect();
            let turned: Vec<Vote> = votes
                .iter()
                .map(|vote| Vote { outcome: vote.outcome.turned(), ..*vote })
                .collect();
            let fit = |votes: &[Vote]| Table::of(4, votes).fit(&[0.0; 4], 1e-9);
            let (strengths, negative) = (fit(&votes), fit(&turned));
            prop_assert!(strengths.iter().sum::<f64>().abs() < 1e-6);
            for (strength, negative) in strengths.iter().zip(negative) {
                prop_assert!(strength.is_finite());
                prop_assert!((strength + negative).abs() < 1e-3, "{} {}", strength, negative);
            }
        }
    }
}
