//! A lane's way out: its events to whoever reads the run, and the word to stop that comes back. Judges no event.

use crate::{
    domain::{
        event::{LaneEvent, LaneEventKind},
        id::LaneId,
    },
    provider::Stopwatch,
};
use std::time::Duration;
use tokio::sync::{
    mpsc::{self, error::TrySendError},
    watch,
};

/// Sends the events of one lane.
#[derive(Debug)]
pub(super) struct Outbox {
    id: LaneId,
    events: mpsc::Sender<LaneEvent>,
    watch: Stopwatch,
    latest: Duration,
    waiting: Option<LaneEvent>,
    is_disturbed: bool,
}

impl Outbox {
    /// An outbox that has sent nothing.
    pub(super) const fn new(id: LaneId, events: mpsc::Sender<LaneEvent>, watch: Stopwatch) -> Self {
        Self {
            id,
            events,
            watch,
            latest: Duration::ZERO,
            waiting: None,
            is_disturbed: false,
        }
    }

    /// The clock of the run.
    pub(super) const fn watch(&self) -> Stopwatch {
        self.watch
    }

    /// Whether the lane had to wait for the reader: its provider was not polled meanwhile, so a number may have moved.
    pub(super) const fn is_disturbed(&self) -> bool {
        self.is_disturbed
    }

    /// Sends at once where there is room; else marks the lane disturbed and waits. Dropped while it waits, it keeps the
    /// event for the next call.
    pub(super) async fn send(&mut self, at: Duration, kind: LaneEventKind) {
        let at = whole_micros(at);
        self.latest = self.latest.max(at);
        let lane = self.id;
        match self.events.try_send(LaneEvent { lane, at, kind }) {
            // Without a reader there is nobody left to tell; the brake ends the lane.
            Ok(()) | Err(TrySendError::Closed(_)) => {}
            Err(TrySendError::Full(event)) => {
                self.is_disturbed = true;
                self.waiting = Some(event);
                self.flush().await;
            }
        }
    }

    /// Sends an event of the run itself, after what still waits; waits for room without blaming the lane. Without a time
    /// it happens now, and never before what went out earlier.
    pub(super) async fn send_last(&mut self, at: Option<Duration>, kind: LaneEventKind) {
        self.flush().await;
        let at = whole_micros(at.unwrap_or_else(|| self.watch.elapsed())).max(self.latest);
        self.latest = at;
        let lane = self.id;
        let _ = self.events.send(LaneEvent { lane, at, kind }).await;
    }

    async fn flush(&mut self) {
        if self.waiting.is_some()
            && let Ok(room) = self.events.reserve().await
            && let Some(event) = self.waiting.take()
        {
            room.send(event);
        }
    }
}

/// A tape holds microseconds; cut here, every face has the same times as one that reads the tape.
const fn whole_micros(time: Duration) -> Duration {
    Duration::new(time.as_secs(), time.subsec_micros() * 1_000)
}

/// Tells a lane to stop: on request, or because nobody reads the run any more.
#[derive(Debug)]
pub(super) struct Brake {
    stop: watch::Receiver<bool>,
    events: mpsc::Sender<LaneEvent>,
}

impl Brake {
    /// Pulled when `stop` turns true or is dropped, or when the reader of `events` is.
    pub(super) const fn new(stop: watch::Receiver<bool>, events: mpsc::Sender<LaneEvent>) -> Self {
        Self { stop, events }
    }

    /// Waits until the lane is to stop; from then on it is ready at once. Safe to drop.
    pub(super) async fn pulled(&mut self) {
        tokio::select! {
            biased;
            _ = self.stop.wait_for(|stop| *stop) => {}
            () = self.events.closed() => {}
        }
    }
}
