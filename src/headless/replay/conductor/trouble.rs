//! What is done about a cell that came back: kept, tried again, or a sign that its lane is beyond help.

use super::{Asked, Conductor, Place};
use crate::{
    domain::{
        failure::{FailureKind, LaneFailure},
        figures,
        plan::LaneSource,
    },
    headless::replay::station::Blame,
};
use std::time::Duration;
use tokio::time::Instant;

/// How often a cell is tried again where something broke, and where its host turned it away.
const CHANCES: u32 = 3;
const TURNED_AWAY: u32 = 10;
/// A lane is given up after so many cells in a row that no prompt is to blame for, though it worked before.
const ALL_OF_A_SUDDEN: usize = 10;
/// A lane of which nothing ever got through is given up after so many cells.
const HOPELESS: usize = 3;

/// After so many breaks in a row chance is no explanation any more.
const NO_CHANCE: u32 = 3;
/// A lane that goes on breaking is given up after so many rounds, and after fewer where nothing ever got through.
const BROKEN: u32 = 8;
const BROKEN_FROM_THE_START: u32 = 3;

/// How often a cell was tried.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Tries {
    all: u32,
    /// Those during which others got through: it is this prompt then, and not the host.
    alone: u32,
    /// What had got through at its station when it was sent the last time.
    pub(super) successes: u64,
    /// The rounds that its lane had behind it then.
    pub(super) rounds: u32,
}

/// What broke at a lane since something got through.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Broken {
    in_a_row: u32,
    /// Times that it broke after it was known that it does: what was in flight together counts once.
    pub(super) rounds: u32,
}

impl Tries {
    /// Whether the host may be asked once more after a failure that it is to blame for; `is_said` where it answered.
    const fn may_go_on(self, is_said: bool) -> bool {
        self.all < TURNED_AWAY && (is_said || self.alone < CHANCES)
    }
}

impl Conductor {
    pub(super) fn take_asked(&mut self, asked: Asked) {
        let place = asked.place;
        self.tally.came_back(place.lane);
        let failure = asked.failure().cloned();
        let Some(tries) = self.count(place, failure.as_ref()) else {
            return;
        };
        let is_again = match &failure {
            // It waits where it was until the batch goes on.
            None if asked.is_cancelled() => true,
            None => {
                self.succeeded(place, asked.had_to_wait());
                false
            }
            Some(failure) if may_be_anothers_fault(&asked, failure, tries) => {
                self.ask_alone(place);
                true
            }
            Some(failure) => self.is_worth_another(&asked, failure, tries),
        };
        self.hold_attempts(&asked);
        if is_again {
            self.hold_for_another(&asked);
            self.reserved.remove(&place);
            self.queue.give_back(place);
        } else {
            self.tries.remove(&place);
            self.alone.remove(&place);
            self.close(asked);
        }
    }

    /// Has a cell asked once more while nothing else is in flight at its lane's place: whatever comes of that is its own.
    fn ask_alone(&mut self, place: Place) {
        self.alone.insert(place);
        // One death of an engine is one sign that the lane is beyond help, however many prompts it had in hand; whether it
        // is one is seen when they are asked again.
        if let Some(in_a_row) = self.in_a_row.get_mut(place.lane) {
            *in_a_row = in_a_row.saturating_sub(1);
        }
    }

    /// Counts a cell that came back.
    fn count(&mut self, place: Place, failure: Option<&LaneFailure>) -> Option<Tries> {
        let is_of_lane = failure.is_some_and(|failure| Blame::of(failure.kind) == Blame::Lane);
        let in_a_row = self.in_a_row.get_mut(place.lane)?;
        *in_a_row = if is_of_lane { *in_a_row + 1 } else { 0 };
        let broken = self.broken.get_mut(place.lane)?;
        match failure.map(|failure| Blame::of(failure.kind)) {
            Some(Blame::Chance) => broken.in_a_row += 1,
            // Neither tells whether it works again.
            Some(Blame::Host | Blame::Lane) => {}
            Some(Blame::Prompt) | None => *broken = Broken::default(),
        }
        let station = *self.station_of.get(place.lane)?;
        let (station, _) = self.stations.get_mut(station)?;
        station.came_back(place.lane);
        let tries = self.tries.entry(place).or_default();
        tries.all += 1;
        tries.alone += u32::from(station.successes() > tries.successes);
        Some(*tries)
    }

    fn succeeded(&mut self, place: Place, had_to_wait: bool) {
        let station = self.station_of.get(place.lane).copied();
        if let Some((station, _)) = station.and_then(|at| self.stations.get_mut(at)) {
            station.success(had_to_wait);
        }
    }

    fn is_worth_another(&mut self, asked: &Asked, failure: &LaneFailure, tries: Tries) -> bool {
        // Who wants no retries gets none.
        let is_patient = asked.lane.plan.max_retries > 0;
        match Blame::of(failure.kind) {
            Blame::Host => {
                let is_there = self.pause(asked, failure);
                is_there && is_patient && tries.may_go_on(failure.status.is_some())
            }
            Blame::Chance => {
                let is_there = self.may_be_chance(asked, failure, tries);
                is_there && is_patient && asked.is_empty() && tries.all < CHANCES
            }
            Blame::Prompt => false,
            // No prompt is answered until somebody pays: it stays unasked, so that the batch can go on with it then.
            Blame::Lane if failure.kind == FailureKind::Quota => {
                self.give_up(asked.place.lane, failure);
                true
            }
            Blame::Lane => {
                let lane = asked.place.lane;
                let in_a_row = self.in_a_row.get(lane).copied().unwrap_or(0);
                let done = self.tally.lanes.get(lane).map_or(0, |lane| lane.done);
                if in_a_row >= if done == 0 { HOPELESS } else { ALL_OF_A_SUDDEN } {
                    self.give_up(lane, failure);
                }
                false
            }
        }
    }

    /// Whether a lane that broke may still come back. It is left alone for a while where it breaks each time, and given up
    /// where that goes on.
    fn may_be_chance(&mut self, asked: &Asked, failure: &LaneFailure, tries: Tries) -> bool {
        let lane = asked.place.lane;
        let Some(broken) = self.broken.get_mut(lane) else {
            return true;
        };
        // What was sent before the last round was counted is part of that one.
        if broken.in_a_row < NO_CHANCE || tries.rounds < broken.rounds {
            return !self.is_given_up(lane);
        }
        broken.rounds += 1;
        let done = self.tally.lanes.get(lane).map_or(0, |lane| lane.done);
        let most = if done == 0 {
            BROKEN_FROM_THE_START
        } else {
            BROKEN
        };
        if broken.rounds >= most {
            self.give_up(lane, failure);
            return false;
        }
        let at = self
            .station_of
            .get(lane)
            .and_then(|at| self.stations.get(*at));
        // Where other lanes get through, the host is not to be left alone.
        if at.is_some_and(|(station, _)| station.successes() > tries.successes) {
            return true;
        }
        self.pause(asked, failure)
    }

    fn is_given_up(&self, lane: usize) -> bool {
        self.given_up.iter().any(|(given_up, _)| *given_up == lane)
    }

    /// Leaves a host alone for a while. Whether it may still come back; else its lanes are given up.
    fn pause(&mut self, asked: &Asked, failure: &LaneFailure) -> bool {
        let now = Instant::now();
        let at = self.station_of.get(asked.place.lane).copied().unwrap_or(0);
        let Some((station, lanes)) = self.stations.get_mut(at) else {
            return false;
        };
        station.trouble(now, failure.retry_after_ms.map(Duration::from_millis));
        if let Some(trouble) = self.trouble.get_mut(at) {
            let provider = asked.lane.plan.provider;
            *trouble = Some(format!("{provider}: {}", failure.words()));
        }
        let is_there = !station.is_given_up(now);
        if !is_there {
            for lane in lanes.clone() {
                self.give_up(lane, failure);
            }
        }
        is_there
    }

    fn give_up(&mut self, lane: usize, failure: &LaneFailure) {
        if self.is_given_up(lane) {
            return;
        }
        self.queue.give_up(lane);
        self.given_up.push((lane, failure.clone()));
    }

    /// Why nothing is sent to a place, and for how long.
    pub(super) fn waiting(&self) -> Option<String> {
        let now = Instant::now();
        let paused = self.stations.iter().zip(&self.trouble);
        let paused =
            paused.filter_map(|((station, _), why)| Some((station.opens_at(now)?, why.as_ref()?)));
        let Some((until, why)) = paused.min_by_key(|(until, _)| *until) else {
            return self.replay.bench.waiting(now);
        };
        Some(format!("{why}, again in {}", figures::clock(until - now)))
    }
}

/// Whether a cell may have failed for another one: an engine that dies fails all that it has in hand.
fn may_be_anothers_fault(asked: &Asked, failure: &LaneFailure, tries: Tries) -> bool {
    let is_shared = match &asked.lane.plan.source {
        LaneSource::Local(local) => local.parallel > 1,
        LaneSource::Remote(_) | LaneSource::Tape(_) | LaneSource::Played(_) => false,
    };
    is_shared && failure.kind == FailureKind::Engine && tries.all == 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_prompt_is_to_blame_where_others_get_through_and_the_host_where_none_does() {
        let tried = |all, alone| Tries {
            all,
            alone,
            successes: 0,
            rounds: 0,
        };
        assert!(tried(2, 2).may_go_on(false));
        assert!(
            !tried(3, 3).may_go_on(false),
            "others got through each time"
        );
        assert!(tried(3, 3).may_go_on(true), "the host said to come back");
        assert!(tried(9, 0).may_go_on(false));
        assert!(!tried(10, 0).may_go_on(true), "not for ever");
    }
}
