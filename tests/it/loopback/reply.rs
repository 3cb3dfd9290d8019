//! What the loopback server answers: heads, bodies in timed steps, and ways to break off. Writes nothing itself.

use super::connection::Request;
use std::{sync::Arc, time::Duration};
use tokio::sync::watch;

/// Chooses the reply to a request.
pub type Route = dyn Fn(&Request) -> Reply + Send + Sync;

/// The answer to one request.
#[derive(Debug, Clone)]
pub struct Reply {
    /// Time between the request and the head.
    pub delay: Duration,
    /// What stands before the body.
    pub head: Head,
    /// How the body's length is told.
    pub framing: Framing,
    /// The body, piece by piece.
    pub steps: Vec<Step>,
}

/// What stands before a body.
#[derive(Debug, Clone)]
pub enum Head {
    /// A status line and headers; the framing adds its own.
    Http {
        /// Such as 200.
        status: u16,
        /// Names and values, in order.
        headers: Vec<(String, String)>,
    },
    /// Nothing: the steps are the whole answer, as raw bytes.
    Raw,
}

/// How the client learns where a body ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Framing {
    /// `transfer-encoding: chunked`, one chunk per [`Step::Send`]; the connection is kept.
    Chunked,
    /// Ends with the connection.
    UntilClose,
    /// `content-length` with the true length of all sends; the connection is kept.
    Length,
    /// `content-length` with this number, true or not.
    ClaimedLength(u64),
}

/// One step of a body.
#[derive(Debug, Clone)]
pub enum Step {
    /// One write, which is one chunk where the framing is chunked.
    Send(Vec<u8>),
    /// One write of many copies, 64 KiB and more at a time.
    Repeat {
        /// What is repeated.
        bytes: Vec<u8>,
        /// How often.
        times: usize,
    },
    /// Repeats this write until the client closes, with this much time between two.
    Endless(Vec<u8>, Duration),
    /// Waits.
    Wait(Duration),
    /// Waits until this long after the head was written; goes on at once when that is past.
    At(Duration),
    /// Waits until the test opens the gate.
    Gate(Gate),
    /// Sends nothing more until the client closes.
    Stall,
    /// Closes the connection in order, but without the end that the framing promised.
    Cut,
    /// Closes the connection with a reset.
    Reset,
}

impl Reply {
    /// An empty answer with this status.
    pub fn status(status: u16) -> Self {
        Self {
            delay: Duration::ZERO,
            head: Head::Http {
                status,
                headers: Vec::new(),
            },
            framing: Framing::Chunked,
            steps: Vec::new(),
        }
    }

    /// A 200 with `text/event-stream`.
    pub fn events() -> Self {
        Self::status(200).header("content-type", "text/event-stream")
    }

    /// A 200 with `application/x-ndjson`.
    pub fn lines() -> Self {
        Self::status(200).header("content-type", "application/x-ndjson")
    }

    /// A whole JSON body.
    pub fn json(status: u16, body: impl Into<String>) -> Self {
        Self::status(status)
            .header("content-type", "application/json")
            .framing(Framing::Length)
            .send(body.into())
    }

    /// A whole HTML page.
    pub fn html(status: u16, body: &str) -> Self {
        Self::status(status)
            .header("content-type", "text/html; charset=utf-8")
            .framing(Framing::Length)
            .send(body)
    }

    /// A redirect to this address.
    pub fn redirect(status: u16, location: &str) -> Self {
        Self::status(status)
            .header("location", location)
            .framing(Framing::Length)
    }

    /// These bytes in place of an HTTP answer, then the end of the connection.
    pub fn raw(bytes: impl AsRef<[u8]>) -> Self {
        Self::nothing().send(bytes)
    }

    /// Closes the connection without an answer. Add [`Step::Reset`] or [`Step::Stall`] for other ways to say nothing.
    pub fn nothing() -> Self {
        Self {
            head: Head::Raw,
            framing: Framing::UntilClose,
            ..Self::status(0)
        }
    }

    /// With one more header.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        if let Head::Http { headers, .. } = &mut self.head {
            headers.push((name.to_owned(), value.to_owned()));
        }
        self
    }

    /// With this framing.
    #[must_use]
    pub fn framing(mut self, framing: Framing) -> Self {
        self.framing = framing;
        self
    }

    /// With this much time before the head.
    #[must_use]
    pub fn after(mut self, delay: Duration) -> Self {
        self.delay = delay;
        self
    }

    /// With one more step.
    #[must_use]
    pub fn step(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// With one more write.
    #[must_use]
    pub fn send(self, bytes: impl AsRef<[u8]>) -> Self {
        self.step(Step::Send(bytes.as_ref().to_vec()))
    }

    /// With this much time before the next step.
    #[must_use]
    pub fn wait(self, time: Duration) -> Self {
        self.step(Step::Wait(time))
    }

    /// With all writes cut into parts of this many bytes, each a write of its own.
    #[must_use]
    pub fn split(mut self, size: usize) -> Self {
        self.steps = self
            .steps
            .into_iter()
            .flat_map(|step| match step {
                Step::Send(bytes) => bytes
                    .chunks(size)
                    .map(|part| Step::Send(part.to_vec()))
                    .collect(),
                other => vec![other],
            })
            .collect();
        self
    }

    /// With only the first `keep` steps, and then this one.
    #[must_use]
    pub fn broken_after(mut self, keep: usize, end: Step) -> Self {
        self.steps.truncate(keep);
        self.step(end)
    }

    /// Bytes of all plain writes.
    pub(super) fn length(&self) -> u64 {
        self.steps
            .iter()
            .map(|step| match step {
                Step::Send(bytes) => bytes.len() as u64,
                Step::Repeat { bytes, times } => (bytes.len() * times) as u64,
                _ => 0,
            })
            .sum()
    }
}

/// Holds a reply until the test opens it; all copies are one gate.
#[derive(Debug, Clone)]
pub struct Gate(Arc<watch::Sender<bool>>);

impl Gate {
    /// A closed one.
    pub fn closed() -> Self {
        Self(Arc::new(watch::Sender::new(false)))
    }

    /// Lets all through that wait, now and later.
    pub fn open(&self) {
        self.0.send_replace(true);
    }

    pub(super) async fn passed(&self) {
        let mut state = self.0.subscribe();
        let _ = state.wait_for(|open| *open).await;
    }
}
