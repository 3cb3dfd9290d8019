//! Everything the playground knows. Changed by [`super::update`] alone, shown by [`super::view`]; does no I/O and reads
//! no clock.

use super::theme::{Colors, Theme};
use crate::{
    domain::{
        plan::{LanePlan, Schedule},
        run::RunState,
    },
    provider::Readiness,
};
use std::{sync::Arc, time::Duration};

/// What the playground starts with.
#[derive(Debug, Clone, Default)]
pub struct ModelSpec {
    /// The lanes that are known at once, in the order of their panes.
    pub lanes: Vec<LaneEntry>,
    /// How lanes are scheduled until the person says otherwise.
    pub schedule: Schedule,
    /// Whether colours may be used.
    pub colors: Colors,
    /// Earlier prompts, oldest first.
    pub history: Vec<String>,
    /// Columns and rows of the terminal.
    pub size: (u16, u16),
}

/// A lane as the playground knows it. Its position among the lanes never changes.
#[derive(Debug, Clone)]
pub struct LaneEntry {
    /// What was planned; [`LanePlan::is_enabled`] says whether it is switched on at first.
    pub plan: Arc<LanePlan>,
    /// Where it runs: the device, or the host.
    pub place: String,
}

/// Counts the runs of a sitting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RunNumber(pub u64);

/// How soon a change should be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum Urgency {
    /// Nothing on the screen changed.
    #[default]
    None,
    /// Something from outside arrived: with the next frame of a stream.
    Stream,
    /// The person did something: at once.
    Input,
}

/// Everything the playground knows.
#[derive(Debug)]
pub struct Model {
    pub(super) size: (u16, u16),
    pub(super) lanes: Vec<LaneEntry>,
    pub(super) readiness: Vec<Option<Readiness>>,
    pub(super) schedule: Schedule,
    pub(super) theme: Theme,
    pub(super) run: Option<ActiveRun>,
    pub(super) change: Urgency,
}

/// The run on the screen.
#[derive(Debug)]
pub(super) struct ActiveRun {
    pub(super) number: RunNumber,
    pub(super) origin: Option<Duration>,
    pub(super) state: RunState,
}

impl Model {
    /// Before the first message.
    pub fn new(spec: ModelSpec) -> Self {
        Self {
            size: spec.size,
            readiness: vec![None; spec.lanes.len()],
            lanes: spec.lanes,
            schedule: spec.schedule,
            theme: Theme::new(spec.colors),
            run: None,
            change: Urgency::Input,
        }
    }

    /// How soon what changed since the last call should be seen.
    pub fn take_change(&mut self) -> Urgency {
        std::mem::take(&mut self.change)
    }

    /// When a clock on the screen will show something else, if nothing happens before; none runs when idle.
    pub fn next_clock(&self, now: Duration) -> Option<Duration> {
        let run = self.run.as_ref()?;
        (run.origin.is_some() && !run.state.is_settled()).then(|| now + Duration::from_millis(100))
    }
}
