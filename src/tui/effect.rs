//! All that the playground can ask of the outside world. Does none of it.

use crate::{
    domain::{id::LaneId, plan::Schedule},
    tui::model::RunNumber,
};

/// One thing to do, in the order of the list that [`super::update::update`] returns.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Effect {
    /// Load these lanes' models ahead of the first prompt; answered by `Msg::Readiness` and `Msg::Place`.
    Prepare {
        /// Positions among the lanes of the playground.
        lanes: Vec<usize>,
    },
    /// Ask. Answered by `Msg::RunStarted`, `Msg::RunEvents` and `Msg::RunClosed`. A run that is still under way has been
    /// cancelled by an effect before this one.
    StartRun {
        /// The number that messages about this run carry.
        run: RunNumber,
        /// What is asked.
        prompt: String,
        /// Whether local lanes run together.
        schedule: Schedule,
        /// Positions among the lanes of the playground; a lane's place in this list is its [`LaneId`] in the run.
        lanes: Vec<usize>,
    },
    /// Stop one lane of the run.
    CancelLane {
        /// Which run.
        run: RunNumber,
        /// Which lane of that run.
        lane: LaneId,
    },
    /// Stop every lane of the run.
    CancelAll {
        /// Which run.
        run: RunNumber,
    },
    /// Leave the screen to the person's editor with this text; answered by `Msg::EditorClosed`.
    OpenEditor(String),
    /// Draw everything again, whatever the terminal shows now.
    Repaint,
    /// Leave the screen and stop the process until the shell continues it.
    Suspend,
    /// Leave the screen and end.
    Quit,
}
