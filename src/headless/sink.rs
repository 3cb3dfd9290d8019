//! Writes to standard output and standard error on a thread of its own, in order: a reader that is slow, or a terminal
//! that is stopped, holds up neither the lanes nor a signal. Formats nothing.

use std::{
    collections::VecDeque,
    fmt,
    io::{self, Write},
    thread,
};
use tokio::sync::{
    mpsc::{self, error::SendError},
    oneshot,
};

/// Pieces handed to the thread at once. What waits beyond that is joined before it is handed over.
const PIECES: usize = 4;

/// Bytes that may wait before no more should be taken: a reader that stopped must not fill the memory.
const MAX_WAITING_BYTES: usize = 4 << 20;

/// Something to write.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Data, for standard output.
    Out(String),
    /// Anything else, for standard error.
    Err(String),
}

impl Piece {
    const fn bytes(&self) -> usize {
        match self {
            Self::Out(text) | Self::Err(text) => text.len(),
        }
    }
}

/// The way to the two outputs. Everything is flushed as it is written.
#[derive(Debug)]
pub struct Sink {
    pieces: mpsc::Sender<Piece>,
    outcome: oneshot::Receiver<io::Result<()>>,
    waiting: VecDeque<Piece>,
    waiting_bytes: usize,
}

/// The two outputs.
pub struct Outputs {
    /// Data.
    pub out: Box<dyn Write + Send>,
    /// Anything else. What cannot be written here is dropped.
    pub err: Box<dyn Write + Send>,
}

impl fmt::Debug for Outputs {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Outputs")
    }
}

impl Sink {
    /// Starts the thread. It ends when the sink is dropped or closed, or when the data cannot be written.
    pub fn new(outputs: Outputs) -> io::Result<Self> {
        let (pieces, queue) = mpsc::channel(PIECES);
        let (report, outcome) = oneshot::channel();
        thread::Builder::new()
            .name("output".to_owned())
            .spawn(move || {
                let _ = report.send(write_all(queue, outputs));
            })?;
        Ok(Self {
            pieces,
            outcome,
            waiting: VecDeque::new(),
            waiting_bytes: 0,
        })
    }

    /// Takes data without waiting.
    pub fn out(&mut self, text: &str) {
        self.waiting_bytes += text.len();
        match self.waiting.back_mut() {
            Some(Piece::Out(last)) => last.push_str(text),
            Some(Piece::Err(_)) | None if text.is_empty() => {}
            Some(Piece::Err(_)) | None => self.waiting.push_back(Piece::Out(text.to_owned())),
        }
    }

    /// Takes anything else without waiting.
    pub fn err(&mut self, text: &str) {
        self.waiting_bytes += text.len();
        match self.waiting.back_mut() {
            Some(Piece::Err(last)) => last.push_str(text),
            Some(Piece::Out(_)) | None if text.is_empty() => {}
            Some(Piece::Out(_)) | None => self.waiting.push_back(Piece::Err(text.to_owned())),
        }
    }

    /// Hands over as much of what waits as there is room for now.
    pub fn offer(&mut self) {
        while !self.waiting.is_empty()
            && let Ok(room) = self.pieces.try_reserve()
            && let Some(piece) = self.waiting.pop_front()
        {
            self.waiting_bytes -= piece.bytes();
            room.send(piece);
        }
    }

    /// Hands over what waits: everything, or as much as there was room for when this is dropped. An error means that
    /// nothing more can be written; [`Sink::close`] says why.
    pub async fn drain(&mut self) -> Result<(), SendError<()>> {
        while !self.waiting.is_empty() {
            let room = self.pieces.reserve().await?;
            if let Some(piece) = self.waiting.pop_front() {
                self.waiting_bytes -= piece.bytes();
                room.send(piece);
            }
        }
        Ok(())
    }

    /// Whether something waits to be handed over.
    pub fn is_waiting(&self) -> bool {
        !self.waiting.is_empty()
    }

    /// Whether so much waits that nothing more should be made before some of it is handed over.
    pub const fn is_full(&self) -> bool {
        self.waiting_bytes > MAX_WAITING_BYTES
    }

    /// Writes what waits and ends. A closed pipe is an error of the kind [`io::ErrorKind::BrokenPipe`].
    pub async fn close(mut self) -> io::Result<()> {
        let _ = self.drain().await;
        drop(self.pieces);
        self.outcome
            .await
            .unwrap_or_else(|_| Err(io::Error::other("the thread that writes has ended early")))
    }
}

fn write_all(mut queue: mpsc::Receiver<Piece>, mut outputs: Outputs) -> io::Result<()> {
    while let Some(piece) = queue.blocking_recv() {
        match piece {
            Piece::Out(text) => {
                outputs.out.write_all(text.as_bytes())?;
                outputs.out.flush()?;
            }
            Piece::Err(text) => {
                let _ = outputs.err.write_all(text.as_bytes());
                let _ = outputs.err.flush();
            }
        }
    }
    Ok(())
}
