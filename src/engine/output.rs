//! The child's way to its parent: standard output, taken away from everything else in the process.
//!
//! Libraries print. What they print to standard output goes to standard error, which the parent keeps as the log; the
//! protocol has a descriptor of its own.

use super::protocol::Event;
use std::{
    fs::File,
    io::{self, Write},
};

/// Writes events. What is sent lies in a buffer until it is flushed.
#[derive(Debug)]
pub(super) struct Output {
    pipe: File,
    buffer: Vec<u8>,
    /// The generation that the events are of.
    turn: Option<u64>,
}

impl Output {
    /// Takes standard output; once in the life of the process.
    pub(super) fn claim() -> io::Result<Self> {
        Ok(Self {
            pipe: claim_stdout()?,
            buffer: Vec::with_capacity(4096),
            turn: None,
        })
    }

    /// A generation begins: it is told at once, and what follows is of it.
    pub(super) fn start(&mut self, id: u64) -> io::Result<()> {
        self.turn = Some(id);
        self.send(&Event::Started(id))
    }

    /// What follows is of this generation.
    pub(super) fn turn_to(&mut self, id: u64) -> io::Result<()> {
        if self.turn.replace(id) == Some(id) {
            return Ok(());
        }
        self.push(&Event::Turn(id))
    }

    /// Adds an event to the buffer.
    pub(super) fn push(&mut self, event: &Event) -> io::Result<()> {
        event.write_line(&mut self.buffer).map_err(io::Error::other)
    }

    /// Writes what is in the buffer, in one piece.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        if self.buffer.is_empty() {
            return Ok(());
        }
        let written = self.pipe.write_all(&self.buffer);
        self.buffer.clear();
        written
    }

    /// Writes an event at once.
    pub(super) fn send(&mut self, event: &Event) -> io::Result<()> {
        self.push(event)?;
        self.flush()
    }
}

#[cfg(unix)]
fn claim_stdout() -> io::Result<File> {
    // Above the three standard ones, and closed for anything that llama.cpp might start.
    let pipe = rustix::io::fcntl_dupfd_cloexec(io::stdout(), 3)?;
    rustix::stdio::dup2_stdout(io::stderr())?;
    Ok(File::from(pipe))
}

#[cfg(windows)]
fn claim_stdout() -> io::Result<File> {
    use std::os::windows::io::AsHandle;
    // Rust and the C runtime look the handle up on their own; stray prints are not kept off here.
    Ok(File::from(io::stdout().as_handle().try_clone_to_owned()?))
}
