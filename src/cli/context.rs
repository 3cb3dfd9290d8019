//! What every command is given: the environment and the options of the whole program. Reads no file by itself.

use super::options::{Color, GlobalOptions};
use crate::{
    config::Settings,
    domain::{batch::BatchKind, environment::Environment, sanitise::sanitise_line},
    failure::CliError,
    logging::{self, Verbosity},
    places::Places,
    run::keep::Keep,
};
use std::{
    io::{self, Write},
    path::PathBuf,
};

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub struct Context {
    /// The variables of the process.
    pub environment: Environment,
    /// The options of every command.
    pub global: GlobalOptions,
}

impl Context {
    /// Where this person's files are.
    pub fn places(&self) -> Result<Places, CliError> {
        Places::of(&self.environment).map_err(|error| {
            CliError::failed(error.to_string())
                .hint("set TIERSCOPE_HOME to a folder for configuration, history, log and cache")
        })
    }

    /// Starts the log and gives its file; `None` where it cannot be written, which stops nobody from working.
    pub fn start_log(&self) -> Option<PathBuf> {
        let verbosity = match (self.global.quiet, self.global.verbose) {
            (true, _) => Verbosity::Quiet,
            (false, 0) => Verbosity::Normal,
            (false, 1) => Verbosity::Verbose,
            (false, _) => Verbosity::Everything,
        };
        let path = self.places().ok()?.log_file;
        logging::start(&path, verbosity).ok()?;
        Some(path)
    }

    /// Where runs are kept; `None` where they are not to be.
    ///
    /// # Errors
    /// They are to be, and cannot be.
    pub fn keep(&self, kind: BatchKind, settings: &Settings) -> Result<Option<Keep>, CliError> {
        let history = &settings.history;
        if !history.is_enabled {
            return Ok(None);
        }
        let path = self.places()?.history_file;
        let how = serde_json::json!({ "schedule": settings.schedule.name() });
        Keep::new(path, history.keep_days, kind, how)
            .map(Some)
            .map_err(|error| {
                CliError::failed("the history cannot be written: its thread does not start")
                    .caused_by(error)
                    .hint("`--no-history` works without one")
            })
    }

    /// Writes warnings to standard error, unless only the necessary is wanted.
    pub fn warn(&self, warnings: &[String]) {
        if self.global.quiet {
            return;
        }
        let mut out = io::stderr().lock();
        for warning in warnings {
            // Without a reader there is nobody to warn.
            let _ = writeln!(out, "warning: {}", sanitise_line(warning));
        }
    }

    /// Writes warnings about what is measured, which none may miss: where only the necessary is wanted, their number and the
    /// first of them. The last one may stand for several, `more` of them.
    pub fn warn_of_changes(&self, warnings: &[String], more: usize) {
        let [first, rest @ ..] = warnings else { return };
        if !self.global.quiet {
            return self.warn(warnings);
        }
        let more = match rest.len() + more.saturating_sub(1) {
            0 => String::new(),
            count => format!(" (and {count} more, which are shown without --quiet)"),
        };
        let _ = writeln!(
            io::stderr().lock(),
            "warning: {}{more}",
            sanitise_line(first)
        );
    }

    /// Says what was done, on standard error, unless only the necessary is wanted.
    pub fn say(&self, sentence: &str) {
        if !self.global.quiet {
            let _ = writeln!(io::stderr().lock(), "{}", sanitise_line(sentence));
        }
    }

    /// Says what must be known even where only the necessary is wanted, on standard error.
    pub fn insist(&self, sentence: &str) {
        // Without a reader there is nobody to tell.
        let _ = writeln!(io::stderr().lock(), "{}", sanitise_line(sentence));
    }

    /// Whether to use colours on an output; `is_terminal` says whether that output is one.
    pub fn is_colored(&self, is_terminal: bool) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal
                    && self.environment.var("NO_COLOR").is_none()
                    && self.environment.var("TERM") != Some("dumb")
            }
        }
    }
}

/// The columns of the terminal behind standard output.
#[cfg(unix)]
pub(super) fn columns() -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(io::stdout()).ok()?;
    (size.ws_col > 0).then(|| size.ws_col.into())
}

/// The columns of the terminal behind standard output; not asked for on this system.
#[cfg(not(unix))]
pub(super) fn columns() -> Option<usize> {
    None
}
