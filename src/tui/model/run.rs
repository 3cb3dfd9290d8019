//! The run on the screen: its lanes folded from their events, and its clock. Starts and cancels nothing.

use super::RunNumber;
use crate::domain::{
    event::LaneEvent,
    figures,
    id::LaneId,
    lane::{LaneState, Phase},
    plan::Schedule,
    run::RunState,
};
use std::time::Duration;

/// The run on the screen.
#[derive(Debug)]
pub struct ActiveRun {
    pub(in crate::tui) number: RunNumber,
    pub(in crate::tui) prompt: String,
    pub(in crate::tui) schedule: Schedule,
    /// Positions of its lanes among all lanes, in the order of their ids in the run.
    pub(in crate::tui) lanes: Vec<usize>,
    pub(in crate::tui) state: RunState,
    /// When its clock began, on the playground's own clock.
    pub(in crate::tui) origin: Option<Duration>,
    /// The time of the latest event.
    last: Duration,
}

impl ActiveRun {
    pub(in crate::tui) fn new(
        number: RunNumber,
        prompt: &str,
        schedule: Schedule,
        lanes: Vec<usize>,
    ) -> Self {
        Self {
            number,
            prompt: prompt.to_owned(),
            schedule,
            state: RunState::new(lanes.len()),
            lanes,
            origin: None,
            last: Duration::ZERO,
        }
    }

    /// Takes events.
    pub(in crate::tui) fn apply(&mut self, events: &[LaneEvent]) {
        for event in events {
            self.state.apply(event);
            self.last = self.last.max(event.at);
        }
    }

    /// Whether a lane has not ended.
    pub(in crate::tui) fn is_running(&self) -> bool {
        !self.state.is_settled()
    }

    /// Lanes whose answer has not ended.
    pub(in crate::tui) fn lanes_left(&self) -> usize {
        let lanes = self.state.lanes.iter();
        lanes.filter(|lane| !lane.phase.is_terminal()).count()
    }

    /// The id of a lane in this run, if it takes part.
    pub(in crate::tui) fn place_of(&self, lane: usize) -> Option<LaneId> {
        self.lanes
            .iter()
            .position(|other| *other == lane)
            .map(LaneId)
    }

    /// The state of a lane in this run, if it takes part.
    pub(in crate::tui) fn lane(&self, lane: usize) -> Option<&LaneState> {
        self.state.lanes.get(self.place_of(lane)?.0)
    }

    /// The time since the run began, at `now` of the playground's clock; the time of its end when it has ended.
    pub(in crate::tui) fn clock(&self, now: Duration) -> Duration {
        match (self.origin, self.is_running()) {
            (Some(origin), true) => now.saturating_sub(origin).max(self.last),
            _ => self
                .state
                .lanes
                .iter()
                .filter_map(|lane| lane.timeline.ended)
                .max()
                .unwrap_or(self.last),
        }
    }

    /// How long until a clock of this run shows something else; none runs when it has ended.
    pub(super) fn next_clock(&self, now: Duration) -> Option<Duration> {
        let running = self.origin.is_some() && self.is_running();
        let clock = running.then(|| self.clock(now))?;
        let lanes = self.state.lanes.iter().filter_map(|lane| match lane.phase {
            Phase::Thinking => {
                let since = lane.timeline.reasoning.first()?;
                Some(figures::clock_step(clock.saturating_sub(since)))
            }
            _ => None,
        });
        lanes.chain([figures::clock_step(clock)]).min()
    }
}
