//! The reducer of a run: hands each event to its lane, and tells which lanes shared this machine.

use super::{
    event::LaneEvent,
    lane::LaneState,
    plan::{LanePlan, LaneSource},
};
use std::time::Duration;

/// What to say about a lane that is [`is_contended`].
pub const CONTENDED: &str = "measured beside other local lanes, which share this machine";

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

/// Whether the figures of one of these lanes were measured while another local lane was at work: they share a machine.
pub fn is_contended(lane: usize, lanes: &[(&LanePlan, &LaneState)]) -> bool {
    let span = |(plan, state): &(&LanePlan, &LaneState)| {
        matches!(plan.source, LaneSource::Local(_))
            .then_some(&state.timeline)
            .and_then(|timeline| Some((timeline.sent?, timeline.ended.unwrap_or(Duration::MAX))))
    };
    let measured = lanes
        .get(lane)
        .filter(|(_, state)| !state.timeline.all.is_empty())
        .and_then(span);
    measured.is_some_and(|(begun, ended)| {
        lanes
            .iter()
            .enumerate()
            .filter(|(position, _)| *position != lane)
            .filter_map(|(_, other)| span(other))
            .any(|(other_begun, other_ended)| begun < other_ended && other_begun < ended)
    })
}
