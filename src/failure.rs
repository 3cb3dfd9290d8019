//! The one error of the command line: what failed, with which value, what to do next, and the exit status.
//! Prints nothing but itself, and only to the writer it is given.

use crate::domain::sanitise::sanitise;
use std::{
    error::Error,
    fmt,
    io::{self, Write},
    process::ExitCode,
};

/// Why a command ended early.
///
/// Printed as `error:`, then `caused by:` for each source, then `hint:` for each hint.
#[derive(Debug)]
pub struct CliError {
    /// What class of failure: decides the exit status.
    pub kind: CliErrorKind,
    /// What failed, with which value.
    pub message: String,
    /// What it came from.
    pub source: Option<Box<dyn Error + Send + Sync>>,
    /// What to do next.
    pub hints: Vec<String>,
}

/// The classes of failure that have an exit status of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CliErrorKind {
    /// The command line asks for something that cannot be.
    Usage,
    /// The configuration is wrong.
    Configuration,
    /// Anything else.
    Failed,
    /// Whoever read standard output has gone: no error, but nothing more can be written.
    OutputClosed,
}

impl CliError {
    /// A mistake on the command line.
    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(CliErrorKind::Usage, message)
    }

    /// A mistake in the configuration.
    pub fn configuration(message: impl Into<String>) -> Self {
        Self::new(CliErrorKind::Configuration, message)
    }

    /// A failure of anything else.
    pub fn failed(message: impl Into<String>) -> Self {
        Self::new(CliErrorKind::Failed, message)
    }

    /// A failure in the words of an error, whose own sources are the causes.
    pub fn from_error(error: impl Error + Send + Sync + 'static) -> Self {
        Self::failed(error.to_string()).caused_by(error)
    }

    /// A write to standard output that failed; a closed pipe is no error.
    pub fn output(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::BrokenPipe => Self::new(CliErrorKind::OutputClosed, "output closed"),
            _ => Self::failed("cannot write to standard output").caused_by(error),
        }
    }

    fn new(kind: CliErrorKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            source: None,
            hints: Vec::new(),
        }
    }

    /// The same error with what it came from.
    #[must_use]
    pub fn caused_by(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// The same error with one more thing to try.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hints.push(hint.into());
        self
    }

    /// The status that the process ends with.
    pub const fn exit(&self) -> Exit {
        match self.kind {
            CliErrorKind::Usage | CliErrorKind::Configuration => Exit::Usage,
            CliErrorKind::Failed => Exit::Failed,
            CliErrorKind::OutputClosed => Exit::Success,
        }
    }

    /// Writes the error for a person; nothing where it is no error.
    pub fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        if self.kind == CliErrorKind::OutputClosed {
            return Ok(());
        }
        writeln!(out, "error: {}", sanitise(&self.message))?;
        let mut said = self.message.clone();
        let mut source = self.source();
        while let Some(cause) = source {
            let words = cause.to_string();
            // An error that only wraps another one has nothing to add.
            if words != said {
                writeln!(out, "caused by: {}", sanitise(&words))?;
            }
            said = words;
            source = cause.source();
        }
        for hint in &self.hints {
            writeln!(out, "hint: {}", sanitise(hint))?;
        }
        Ok(())
    }
}

impl fmt::Display for CliError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.message)
    }
}

impl Error for CliError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        self.source
            .as_deref()
            .map(|source| source as &(dyn Error + 'static))
    }
}

/// How the process ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All well.
    Success,
    /// An error.
    Failed,
    /// A mistake on the command line or in the configuration.
    Usage,
    /// Finished, but at least one lane failed.
    LaneFailed,
    /// Interrupted with Ctrl-C (SIGINT).
    Interrupted,
    /// Terminated (SIGTERM).
    Terminated,
}

impl Exit {
    /// The status that scripts rely on.
    pub const fn code(self) -> u8 {
        match self {
            Self::Success => 0,
            Self::Failed => 1,
            Self::Usage => 2,
            Self::LaneFailed => 3,
            Self::Interrupted => 130,
            Self::Terminated => 143,
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(error: &CliError) -> String {
        let mut out = Vec::new();
        error.print(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_error_says_what_why_and_what_to_do() {
        let cause = io::Error::other("disk on fire");
        let error = CliError::failed("cannot write `x`")
            .caused_by(cause)
            .hint("try `y`")
            .hint("or `z`");
        assert_eq!(
            printed(&error),
            "error: cannot write `x`\ncaused by: disk on fire\nhint: try `y`\nhint: or `z`\n"
        );
        assert_eq!(error.exit().code(), 1);
    }

    #[test]
    fn a_wrapped_error_is_not_said_twice_and_its_escapes_are_gone() {
        let error = CliError::from_error(io::Error::other("bad \u{1b}[31mred"));
        assert_eq!(printed(&error), "error: bad red\n");
    }

    #[test]
    fn a_closed_pipe_is_no_error() {
        let error = CliError::output(io::ErrorKind::BrokenPipe.into());
        assert_eq!(printed(&error), "");
        assert_eq!(error.exit().code(), 0);
        let error = CliError::output(io::ErrorKind::StorageFull.into());
        assert_eq!(error.exit().code(), 1);
    }

    #[test]
    fn every_ending_has_its_status() {
        let codes = [
            CliError::usage("").exit(),
            CliError::configuration("").exit(),
            Exit::LaneFailed,
            Exit::Interrupted,
            Exit::Terminated,
        ]
        .map(Exit::code);
        assert_eq!(codes, [2, 2, 3, 130, 143]);
    }
}
