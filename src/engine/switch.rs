//! The stop switch of the child: set by the thread that reads commands, asked by llama.cpp between two operations.
//!
//! Static, because llama.cpp asks through a plain function.

use std::{
    collections::BTreeSet,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

static GENERATIONS: Mutex<Generations> = Mutex::new(Generations::new());
static STOPPED: AtomicBool = AtomicBool::new(false);
static CLOSING: AtomicBool = AtomicBool::new(false);

/// Which generations run, and which of them nobody wants any more. Ids grow in the order in which generations begin.
#[derive(Debug)]
struct Generations {
    running: BTreeSet<u64>,
    cancelled: BTreeSet<u64>,
}

impl Generations {
    const fn new() -> Self {
        Self {
            running: BTreeSet::new(),
            cancelled: BTreeSet::new(),
        }
    }

    fn begin(&mut self, id: u64) {
        self.running.insert(id);
        // What ended before its cancellation came is not heard of again.
        let running = &self.running;
        self.cancelled
            .retain(|old| *old >= id || running.contains(old));
    }

    fn end(&mut self, id: u64) {
        self.running.remove(&id);
        self.cancelled.remove(&id);
    }

    /// Whether nobody wants anything of what runs: what others want is not broken off for one that was cancelled.
    fn is_stopped(&self) -> bool {
        !self.running.is_empty() && self.running.is_subset(&self.cancelled)
    }
}

/// A generation begins.
pub(super) fn begin(id: u64) {
    change(|all| all.begin(id));
}

/// A generation is over.
pub(super) fn end(id: u64) {
    change(|all| all.end(id));
}

/// Stops the generation of this id, also when it has not begun.
pub(super) fn cancel(id: u64) {
    change(|all| {
        all.cancelled.insert(id);
    });
}

/// Whether this generation was cancelled, or all end.
pub(super) fn is_cancelled(id: u64) -> bool {
    is_closing() || all().cancelled.contains(&id)
}

/// The parent is gone, or wants this child to go.
pub(super) fn close() {
    CLOSING.store(true, Ordering::Relaxed);
}

/// Whether the child should end.
pub(super) fn is_closing() -> bool {
    CLOSING.load(Ordering::Relaxed)
}

/// Whether what is computed now should be broken off.
pub(super) fn is_stopped() -> bool {
    STOPPED.load(Ordering::Relaxed) || is_closing()
}

fn change(what: impl FnOnce(&mut Generations)) {
    let mut all = all();
    what(&mut all);
    STOPPED.store(all.is_stopped(), Ordering::Relaxed);
}

fn all() -> MutexGuard<'static, Generations> {
    GENERATIONS.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_computed_is_broken_off_only_when_nobody_wants_it() {
        let mut all = Generations::new();
        all.cancelled.insert(2);
        assert!(!all.is_stopped(), "nothing runs");
        all.begin(1);
        all.begin(2);
        assert!(!all.is_stopped(), "the first one goes on");
        all.cancelled.insert(1);
        assert!(all.is_stopped());
        all.end(1);
        all.end(2);
        assert!(!all.is_stopped() && all.cancelled.is_empty());
    }

    #[test]
    fn a_cancellation_that_came_too_late_is_forgotten() {
        let mut all = Generations::new();
        all.begin(1);
        all.end(1);
        all.cancelled.insert(1);
        all.begin(2);
        assert!(all.cancelled.is_empty() && !all.is_stopped());
    }
}
