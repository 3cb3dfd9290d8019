//! What the next cell may cost at the most, its judging included, and whether that stays within the limit.

use super::{Conductor, Place};
use crate::{
    domain::forecast::{Forecast, asking::Asking},
    headless::replay::cell::Untold,
    spool::SpoolError,
};

/// What a cell in flight may cost at the most, in US dollars.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Reserve {
    own: f64,
    judging: f64,
}

impl Reserve {
    fn all(&self) -> f64 {
        self.own + self.judging
    }
}

impl Conductor {
    /// A cell came back, some attempts of which nobody told the cost: each counts with the most that it may have cost.
    pub(super) fn hold(&mut self, place: Place, untold: Untold) {
        let own = self.reserved.get(&place).map_or(0.0, |reserve| reserve.own);
        for _ in 0..untold.attempts {
            self.held_usd += own;
            self.tally.lost(place.lane, None);
        }
        if untold.is_last {
            // What is known the tally has.
            self.held_usd += (own - untold.at_least_usd.unwrap_or_default()).max(0.0);
            self.tally.lost(place.lane, untold.at_least_usd);
        }
    }

    /// The same for its judging.
    pub(super) fn hold_judging(&mut self, place: Place, known_usd: Option<f64>) {
        if let Some(reserve) = self.reserved.get(&place) {
            self.held_usd += (reserve.judging - known_usd.unwrap_or_default()).max(0.0);
        }
    }

    /// Whether the next cell of a lane surely stays within the limit.
    pub(super) fn reserve_for(&mut self, lane: usize) -> Result<bool, SpoolError> {
        let Some(limit) = self.replay.max_cost_usd else {
            return Ok(true);
        };
        let Some(next) = self.queue.peek(lane) else {
            return Ok(true);
        };
        let most = self.most_cost(next)?;
        let reserved: f64 = self.reserved.values().map(Reserve::all).sum();
        let spent = self.replay.spent_usd + self.tally.cost_so_far() + self.held_usd;
        if spent + reserved + most.all() > limit {
            return Ok(false);
        }
        self.reserved.insert(next, most);
        Ok(true)
    }

    /// What a cell may cost at the most; nothing where no price is known.
    fn most_cost(&self, place: Place) -> Result<Reserve, SpoolError> {
        let Some((lane, question)) = self.question(place)? else {
            return Ok(Reserve::default());
        };
        let case = question.case.as_deref();
        let asking = Asking {
            plan: &lane.plan,
            system: question.system.as_deref(),
            messages: case.map_or(&[], |case| &case.messages),
            max_tokens: question.max_tokens,
        };
        let own = match asking.most() {
            Forecast::AtMost(cost) => cost,
            Forecast::Free | Forecast::Unknown => 0.0,
        };
        let judges = case.and_then(|case| case.check.as_ref());
        let judges = judges.map(|check| check.judges()).unwrap_or_default();
        let judges = judges.iter().filter_map(|judge| {
            let name = judge.lane.as_ref().or(self.replay.judge.as_ref())?;
            Some(&*self.replay.judges.get(name)?.plan)
        });
        let judging = asking.most_judging(judges).known_usd.unwrap_or_default();
        Ok(Reserve { own, judging })
    }
}
