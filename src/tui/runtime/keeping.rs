//! The run under way and what the history makes of it: a run that another one takes the place of is followed to its end,
//! receipts are waited for, and what was handed over is written before the program ends.

use super::{LAST_WORDS, News};
use crate::{
    domain::event::LaneEvent,
    history::Receipt,
    run::{
        RunHandle,
        keep::{Keep, Keeping},
    },
    tui::model::RunNumber,
};
use std::future;
use tokio::sync::mpsc;

/// Most events of a run that are folded before keys are looked at again: a frame's worth of a fast machine.
const EVENTS_AT_ONCE: usize = 512;

/// The run under way.
pub(super) struct Run {
    pub(super) number: RunNumber,
    pub(super) handle: RunHandle,
    /// The lanes of the run as positions among the lanes of the playground.
    pub(super) lanes: Vec<usize>,
    /// Keeps it, unless it was kept before.
    pub(super) keeping: Option<Keeping>,
}

impl Run {
    /// Takes what still comes, and tells the loop of it.
    pub(super) async fn follow_to_end(mut self, tell: mpsc::Sender<News>) {
        let mut events = Vec::new();
        while self
            .handle
            .events
            .recv_many(&mut events, EVENTS_AT_ONCE)
            .await
            > 0
        {
            if let Some(keeping) = &mut self.keeping {
                for event in &events {
                    keeping.apply(event);
                }
            }
            let news = News::Overtaken(self.number, std::mem::take(&mut events));
            // Nobody listens any more: the playground has ended.
            let _ = tell.send(news).await;
        }
        let receipts = self.keeping.take().map(Keeping::finish);
        let news = News::OvertakenClosed(self.number, self.handle.watch.elapsed());
        let _ = tell.send(news).await;
        confirm(receipts.unwrap_or_default(), tell).await;
    }
}

/// Waits for the history, and tells the loop what it did not take.
pub(super) async fn confirm(receipts: Vec<Receipt>, tell: mpsc::Sender<News>) {
    for receipt in receipts {
        if let Err(error) = receipt.stored().await {
            tracing::warn!(%error, "an answer is not kept");
            // Nobody listens any more: the playground has ended.
            let _ = tell.send(News::NotKept(error.to_string())).await;
        }
    }
}

pub(super) async fn follow(run: Option<&mut Run>, events: &mut Vec<LaneEvent>) -> usize {
    match run {
        Some(run) => run.handle.events.recv_many(events, EVENTS_AT_ONCE).await,
        None => future::pending().await,
    }
}

/// What was handed to the history is written before the program ends, also after a panic.
pub(super) struct Flushed(pub(super) Keep);

impl Drop for Flushed {
    fn drop(&mut self) {
        if !self.0.flush(LAST_WORDS) {
            tracing::error!("the history did not take everything in time");
        }
    }
}
