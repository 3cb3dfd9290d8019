//! The line settings of a terminal (what it shows of what is typed, and what keys do), changed for a while. Reads nothing.

use rustix::{
    fd::AsFd,
    termios::{self, OptionalActions, Termios},
};
use std::io;

/// A terminal with other settings; as it was when this is dropped.
pub(super) struct LineModes<T: AsFd> {
    terminal: T,
    before: Termios,
}

impl<T: AsFd> LineModes<T> {
    /// Changes them. What was typed and not read yet is dropped, here and at the end.
    ///
    /// # Errors
    /// It is no terminal.
    pub(super) fn changed(terminal: T, change: impl FnOnce(&mut Termios)) -> io::Result<Self> {
        let before = termios::tcgetattr(&terminal)?;
        let mut changed = before.clone();
        change(&mut changed);
        termios::tcsetattr(&terminal, OptionalActions::Flush, &changed)?;
        Ok(Self { terminal, before })
    }
}

impl<T: AsFd> Drop for LineModes<T> {
    fn drop(&mut self) {
        // The terminal may be gone, and then so is what there was to restore.
        let _ = termios::tcsetattr(&self.terminal, OptionalActions::Flush, &self.before);
    }
}
