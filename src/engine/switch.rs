//! The stop switch of the child: set by the thread that reads commands, asked by llama.cpp between two operations.
//!
//! Static, because llama.cpp asks through a plain function and the child runs one generation at a time.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

static CURRENT: AtomicU64 = AtomicU64::new(u64::MAX);
static CANCELLED: AtomicU64 = AtomicU64::new(0);
static CLOSING: AtomicBool = AtomicBool::new(false);

/// A generation begins; its id grows from 1.
pub(super) fn begin(id: u64) {
    CURRENT.store(id, Ordering::Relaxed);
}

/// No generation runs; only closing stops what happens now.
pub(super) fn end() {
    CURRENT.store(u64::MAX, Ordering::Relaxed);
}

/// Stops the generation of this id and all before it, also when it has not begun.
pub(super) fn cancel(id: u64) {
    CANCELLED.fetch_max(id, Ordering::Relaxed);
}

/// The parent is gone, or wants this child to go.
pub(super) fn close() {
    CLOSING.store(true, Ordering::Relaxed);
}

/// Whether the child should end.
pub(super) fn is_closing() -> bool {
    CLOSING.load(Ordering::Relaxed)
}

/// Whether what is running now should stop.
pub(super) fn is_stopped() -> bool {
    CANCELLED.load(Ordering::Relaxed) >= CURRENT.load(Ordering::Relaxed) || is_closing()
}
