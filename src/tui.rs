//! The playground: a terminal UI over runs. Opens no socket and loads no model itself: lanes bring their own providers.

pub mod editor;
pub mod effect;
pub mod input;
pub mod keymap;
pub mod layout;
pub mod model;
pub mod msg;
pub mod pacer;
pub mod runtime;
pub mod terminal;
pub mod theme;
pub mod transcript;
pub mod update;
pub mod view;
pub mod wrap;

use crate::{
    domain::plan::Schedule,
    run::{Lane, keep::Keep, playback::Playback},
};
use futures_util::future::BoxFuture;
use model::Prepared;
use std::{fmt, io, path::PathBuf};
use theme::Colors;

/// What the playground starts with.
#[derive(Default)]
pub struct TuiSpec {
    /// The lanes that are known at once, in the order of their panes.
    pub lanes: Vec<Lane>,
    /// Lanes that are still being looked for; awaited on a worker thread, beside the first frame.
    pub later: Option<BoxFuture<'static, Vec<Lane>>>,
    /// Replaces the lanes' own system text.
    pub system: Option<String>,
    /// How lanes are scheduled until the person says otherwise.
    pub schedule: Schedule,
    /// Whether colours may be used.
    pub colors: Colors,
    /// Earlier prompts, oldest first.
    pub history: Vec<String>,
    /// The command line of the person's editor (`$VISUAL`, else `$EDITOR`).
    pub editor: Option<String>,
    /// Where standard error goes while the screen is up; its folder exists.
    pub log: Option<PathBuf>,
    /// The most that a sitting may cost without asking first, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// Prompts to try, for the key that asks the next one.
    pub prepared: Prepared,
    /// Where the runs of the sitting are kept.
    pub keep: Option<Keep>,
    /// A past run, played at the start and whenever its prompt is sent.
    pub playback: Option<Playback>,
    /// What the person should know about the configuration; shown at the start.
    pub notices: Vec<String>,
}

/// How the playground ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExitSummary {
    /// What was measured, as lines for the normal screen; empty when nothing ran or nobody can read it any more.
    pub text: String,
    /// Why it ended.
    pub exit: Exit,
    /// Every answer is in the history, or was not to be kept.
    pub is_kept: bool,
}

/// Why the playground ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// The person quit: status 0.
    Quit,
    /// SIGINT from outside: status 130.
    Interrupted,
    /// SIGTERM, SIGHUP, or the terminal is gone: status 143.
    Terminated,
}

/// Why the playground could not run.
#[derive(Debug, thiserror::Error)]
pub enum TuiError {
    /// There is no terminal to draw on, or none to read keys from.
    #[error("the playground needs a terminal, and {0} is none")]
    NotATerminal(&'static str),
    /// The terminal could not be prepared.
    #[error("the terminal could not be prepared")]
    Terminal(#[source] io::Error),
    /// The signals of the process could not be watched.
    #[error("the signals of the process could not be watched")]
    Signals(#[source] io::Error),
}

impl TuiError {
    /// What to do about it.
    pub const fn hint(&self) -> Option<&'static str> {
        match self {
            Self::NotATerminal(_) => Some("use `tierscope ask` in scripts and pipes"),
            Self::Terminal(_) | Self::Signals(_) => None,
        }
    }
}

impl fmt::Debug for TuiSpec {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("TuiSpec")
            .field("lanes", &self.lanes)
            .field("schedule", &self.schedule)
            .finish_non_exhaustive()
    }
}

pub use runtime::run;
