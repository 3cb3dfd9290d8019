//! Tells cells that somebody wants to stop: what only waits for its host ends, what is in flight is finished. Ends nothing
//! itself.

use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::watch;

/// Whether somebody wants to stop, and how many cells only wait.
#[derive(Debug)]
pub(super) struct Stop {
    said: watch::Sender<bool>,
    waiting: AtomicUsize,
}

impl Default for Stop {
    fn default() -> Self {
        Self {
            said: watch::Sender::new(false),
            waiting: AtomicUsize::new(0),
        }
    }
}

impl Stop {
    /// Says it. Gives how many cells only wait, which end now.
    pub(super) fn say(&self) -> usize {
        let waiting = self.waiting.load(Ordering::SeqCst);
        self.said.send_replace(true);
        waiting
    }

    /// Ready when it is said.
    pub(super) async fn said(&self) {
        // The sender lives as long as this.
        let _ = self.said.subscribe().wait_for(|is_said| *is_said).await;
    }

    /// A cell waits until this is dropped.
    pub(super) fn wait(&self) -> Waiting<'_> {
        self.waiting.fetch_add(1, Ordering::SeqCst);
        Waiting(self)
    }
}

/// A cell that only waits.
#[derive(Debug)]
pub(super) struct Waiting<'s>(&'s Stop);

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::SeqCst);
    }
}
