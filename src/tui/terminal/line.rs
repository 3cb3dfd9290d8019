//! The line settings of the terminal, kept while another program has it: one that is killed leaves them as it used them.

use std::io;

/// The line settings as they were at one time.
#[derive(Debug)]
pub struct Line {
    #[cfg(unix)]
    saved: Option<rustix::termios::Termios>,
}

impl Line {
    /// The present ones.
    #[cfg(unix)]
    pub fn saved() -> Self {
        Self {
            saved: rustix::termios::tcgetattr(rustix::stdio::stdout()).ok(),
        }
    }

    /// Nothing: a console has no such thing.
    #[cfg(not(unix))]
    pub fn saved() -> Self {
        Self {}
    }

    /// Puts them back.
    #[cfg(unix)]
    pub fn give_back(self) -> io::Result<()> {
        use rustix::{
            stdio::stdout,
            termios::{OptionalActions, tcsetattr},
        };
        match self.saved {
            Some(saved) => Ok(tcsetattr(stdout(), OptionalActions::Now, &saved)?),
            None => Ok(()),
        }
    }

    /// Does nothing.
    #[cfg(not(unix))]
    pub fn give_back(self) -> io::Result<()> {
        Ok(())
    }
}

/// Whether the process may change the terminal: one in the background would be stopped, and the shell has it then.
#[cfg(unix)]
pub fn is_in_foreground() -> bool {
    rustix::termios::tcgetpgrp(rustix::stdio::stdout())
        .map_or(true, |group| group == rustix::process::getpgrp())
}

/// Whether the process may change the terminal.
#[cfg(not(unix))]
pub fn is_in_foreground() -> bool {
    true
}
