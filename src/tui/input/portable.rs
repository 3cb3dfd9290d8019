//! The thread that reads the terminal, where there is no `poll`. Cannot be interrupted: it ends with the process.

use super::Read;
use std::{io, thread};
use tokio::sync::mpsc;

/// What is typed faster than it is read waits in the terminal.
const CAPACITY: usize = 256;

/// Reads the terminal until it is dropped.
#[derive(Debug)]
pub struct Reader {
    receiver: mpsc::Receiver<Read>,
}

impl Reader {
    /// Starts the thread.
    pub fn start() -> io::Result<Self> {
        let (sender, receiver) = mpsc::channel(CAPACITY);
        thread::Builder::new()
            .name("keys".to_owned())
            .spawn(move || {
                loop {
                    let read = crossterm::event::read().map_or(Read::Gone, Read::Event);
                    let is_last = read == Read::Gone;
                    if sender.blocking_send(read).is_err() || is_last {
                        return;
                    }
                }
            })?;
        Ok(Self { receiver })
    }

    /// Waits for input and takes all that is there, up to `limit`; 0 when the thread has ended. Cancel-safe.
    pub async fn recv_many(&mut self, burst: &mut Vec<Read>, limit: usize) -> usize {
        self.receiver.recv_many(burst, limit).await
    }
}
