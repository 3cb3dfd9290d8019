//! All that can happen to the playground. Says nothing about what follows from it.

use crate::{
    domain::event::LaneEvent,
    provider::Readiness,
    tui::model::{LaneEntry, RunNumber},
};
use ratatui::crossterm::event::KeyEvent;
use std::time::Duration;

/// One thing that happened. Times are those of the playground's own clock unless they say otherwise.
#[derive(Debug, Clone)]
pub enum Msg {
    /// A key was pressed or repeats; releases are not handed on.
    Key {
        /// Which.
        key: KeyEvent,
        /// When, since the playground began.
        at: Duration,
    },
    /// The next prepared prompt is sent without a key.
    AskPrepared,
    /// Text was pasted, line ends as they came.
    Paste(String),
    /// The terminal has this size now; also sent once at the start, which makes the lanes get ready.
    Resize {
        /// Columns.
        columns: u16,
        /// Rows.
        rows: u16,
    },
    /// The terminal's window gained or lost the focus.
    WindowFocus {
        /// It has it now.
        has_focus: bool,
    },
    /// A run that was asked for stands.
    RunStarted {
        /// Which, as in [`super::effect::Effect::StartRun`].
        run: RunNumber,
        /// When the clock of the run began, since the playground began.
        origin: Duration,
    },
    /// Things happened on the lanes of a run, in order.
    RunEvents {
        /// Which run; events of an earlier run than the one on the screen are ignored.
        run: RunNumber,
        /// What happened; times since the run began.
        events: Vec<LaneEvent>,
    },
    /// Nothing more will come from a run.
    RunClosed {
        /// Which run.
        run: RunNumber,
        /// When, since the run began.
        at: Duration,
    },
    /// Progress of getting a lane ready before the first prompt.
    Readiness {
        /// Position among the lanes of the playground.
        lane: usize,
        /// How far it is.
        readiness: Readiness,
    },
    /// Where a lane runs became known, or changed.
    Place {
        /// Position among the lanes of the playground.
        lane: usize,
        /// The device, or the host.
        place: String,
    },
    /// More lanes were found; they take the next positions. Whoever sends this has left out names that are taken.
    LanesFound(Vec<LaneEntry>),
    /// An answer could not be stored, and why.
    NotKept(String),
    /// The person's editor was closed: its text, or why there is none.
    EditorClosed(Result<String, String>),
    /// Something went wrong, or is worth knowing; shown until the next key.
    Notice(String),
    /// The process was asked to end (SIGTERM, SIGHUP, SIGINT): stops all lanes and quits.
    Terminate,
}
