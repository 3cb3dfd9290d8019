//! What the next cell may cost at the most, its judging included, and whether that stays within the limit. What no cell will
//! show is noted in the history, before anything depends on it.

use super::{Asked, Came, Conductor, Place};
use crate::{
    domain::{
        cost::CostSum,
        forecast::{Forecast, asking::Asking},
    },
    headless::replay::cell::Untold,
    history::{HistoryError, Spend, SpendKind},
    run,
    spool::SpoolError,
};
use std::path::PathBuf;

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

/// Whether a cell may be sent.
pub(super) enum Room {
    Enough,
    /// Not before the history knows of it.
    Noting,
    TooLittle,
}

/// What the history knows of money that no cell shows.
#[derive(Debug)]
pub(super) struct Ledger {
    /// The entry for all that is in flight.
    id: String,
    /// What it says: at least what is in flight, so that it need not be written for every cell.
    noted_usd: f64,
    is_raising: bool,
    /// What is on its way there, and in how many entries.
    unwritten_usd: f64,
    unwritten: usize,
}

impl Ledger {
    pub(super) fn new() -> Self {
        Self {
            id: new_id(),
            noted_usd: 0.0,
            is_raising: false,
            unwritten_usd: 0.0,
            unwritten: 0,
        }
    }

    /// Entries that are being written.
    pub(super) fn on_its_way(&self) -> usize {
        self.unwritten + usize::from(self.is_raising)
    }
}

/// An entry that was written.
pub(super) struct Noted {
    kind: SpendKind,
    usd_at_most: f64,
    stored: Result<(), HistoryError>,
}

impl Conductor {
    /// A cell came back: attempts before the last one count with the most that each may have cost. The last one is more
    /// than was reserved where the answer is longer than it may be.
    pub(super) fn hold_attempts(&mut self, asked: &Asked) {
        let (place, untold) = (asked.place, asked.untold());
        for _ in 0..untold.attempts {
            self.tally.lost(place.lane, None);
        }
        let held = f64::from(untold.attempts) * untold.each_at_most_usd;
        self.held_usd += held;
        self.note(SpendKind::Attempt, None, held);
        if let (Some(reserve), Some(cost)) = (self.reserved.get_mut(&place), asked.cost_usd()) {
            reserve.own = reserve.own.max(cost);
        }
    }

    /// What the last attempt of a cell cost that is asked once more.
    pub(super) fn hold_for_another(&mut self, asked: &Asked) {
        let untold = asked.untold();
        self.hold_last(asked.place, untold);
        if let Some(cost) = asked.cost_usd().filter(|cost| *cost > 0.0) {
            self.tally.paid(asked.place.lane, cost);
            self.note(SpendKind::Attempt, Some(cost), cost);
        } else if untold.is_last {
            let known = untold.at_least_usd;
            let most = untold.last_at_most_usd() + known.unwrap_or_default();
            self.note(SpendKind::Attempt, known, most);
        }
    }

    /// The same of a cell that is over: its own record says the rest.
    pub(super) fn hold_last(&mut self, place: Place, untold: Untold) {
        if untold.is_last {
            // What is known the tally has.
            self.held_usd += untold.last_at_most_usd();
            self.tally.lost(place.lane, untold.at_least_usd);
        }
    }

    /// What nobody told of its judging.
    pub(super) fn hold_judging(&mut self, judging: CostSum) {
        self.held_usd += judging.untold_at_most_usd;
        self.note(SpendKind::Judging, None, judging.untold_at_most_usd);
    }

    /// What was spent so far, as a limit counts it.
    pub(super) fn spent_usd(&self) -> f64 {
        self.replay.spent_usd + self.tally.cost_so_far() + self.held_usd
    }

    fn reserved_usd(&self) -> f64 {
        self.reserved.values().map(Reserve::all).sum()
    }

    /// Whether the next cell of a lane surely stays within the limit.
    pub(super) fn reserve_for(&mut self, lane: usize) -> Result<Room, SpoolError> {
        let Some(limit) = self.replay.max_cost_usd else {
            return Ok(Room::Enough);
        };
        let Some(next) = self.queue.peek(lane) else {
            return Ok(Room::Enough);
        };
        let most = self.most_cost(next)?;
        let needed = self.reserved_usd() + most.all();
        let left = limit - self.spent_usd();
        if needed > left {
            return Ok(Room::TooLittle);
        }
        // How many more of the kind would be within the limit.
        let fitting = ((left - needed) / most.all()).floor();
        let needed = needed + self.ledger.unwritten_usd;
        if self.replay.recorder.is_some() && needed > self.ledger.noted_usd {
            if !self.ledger.is_raising {
                self.ledger.is_raising = true;
                // Enough for all that its host takes at once, so that this is not done for each of them.
                let more = f64::from(self.free_slots(lane)).min(fitting) * most.all();
                let raised = needed + more;
                self.write(SpendKind::InFlight, self.ledger.id.clone(), None, raised);
            }
            return Ok(Room::Noting);
        }
        self.reserved.insert(next, most);
        Ok(Room::Enough)
    }

    /// How many cells a lane's place takes besides the next one.
    fn free_slots(&self, lane: usize) -> u32 {
        let most = self.replay.posts.get(lane).map_or(1, |post| post.most);
        let sent = u32::try_from(self.reserved.len() + 1).unwrap_or(u32::MAX);
        most.saturating_sub(sent)
    }

    /// Notes what no cell will show.
    fn note(&mut self, kind: SpendKind, usd: Option<f64>, usd_at_most: f64) {
        if usd_at_most > 0.0 && self.replay.recorder.is_some() {
            self.ledger.unwritten_usd += usd_at_most;
            self.ledger.unwritten += 1;
            self.write(kind, new_id(), usd, usd_at_most);
        }
    }

    fn write(&mut self, kind: SpendKind, id: String, usd: Option<f64>, usd_at_most: f64) {
        let Some(recorder) = self.replay.recorder.clone() else {
            return;
        };
        let spend = self.entry(kind, id, usd, usd_at_most);
        self.work.spawn(async move {
            let stored = recorder.spend(spend).await;
            let gone = || Err(HistoryError::Damaged(PathBuf::from("history")));
            Came::Noted(Noted {
                kind,
                usd_at_most,
                stored: stored.unwrap_or_else(gone),
            })
        });
    }

    fn entry(&self, kind: SpendKind, id: String, usd: Option<f64>, usd_at_most: f64) -> Spend {
        Spend {
            id,
            batch: self.replay.batch.id.clone(),
            at: run::now(),
            kind,
            usd,
            usd_at_most,
        }
    }

    pub(super) fn take_noted(&mut self, noted: Noted) -> Option<HistoryError> {
        let is_in_flight = noted.kind == SpendKind::InFlight;
        if is_in_flight {
            self.ledger.is_raising = false;
        } else {
            self.ledger.unwritten -= 1;
        }
        match noted.stored {
            Ok(()) if is_in_flight => self.ledger.noted_usd = noted.usd_at_most,
            // No rest of a rounding stays.
            Ok(()) if self.ledger.unwritten == 0 => self.ledger.unwritten_usd = 0.0,
            Ok(()) => self.ledger.unwritten_usd -= noted.usd_at_most,
            Err(error) => return Some(error),
        }
        None
    }

    /// Nothing is asked any more: what was in flight and did not come back may have cost what was reserved for it.
    pub(super) async fn settle(&self) {
        let Some(recorder) = &self.replay.recorder else {
            return;
        };
        let left = (self.reserved_usd() + self.ledger.unwritten_usd).max(0.0);
        if self.ledger.noted_usd > 0.0 || left > 0.0 {
            let id = self.ledger.id.clone();
            // Where that fails the entry says more than it must.
            let _ = recorder
                .spend(self.entry(SpendKind::InFlight, id, None, left))
                .await;
        }
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

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
