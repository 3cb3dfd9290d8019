//! The reducer of a run: hands each event to its lane.

use super::{event::LaneEvent, lane::LaneState};

/// One prompt at its lanes, folded from their events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct RunState {
    /// The lanes in the order of the run.
    pub lanes: Vec<LaneState>,
}

impl RunState {
    /// A run of this many lanes to which nothing has happened yet.
    pub fn new(lanes: usize) -> Self {
        Self {
            lanes: vec![LaneState::default(); lanes],
        }
    }

    /// Takes one event; one that names a lane that is not there is ignored.
    pub fn apply(&mut self, event: &LaneEvent) {
        if let Some(lane) = self.lanes.get_mut(event.lane.0) {
            lane.apply(event.at, &event.kind);
        }
    }

    /// Whether every lane has ended and nothing more will come.
    pub fn is_settled(&self) -> bool {
        self.lanes.iter().all(|lane| lane.settled)
    }
}
