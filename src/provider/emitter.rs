//! Turns straight-line async code into a stream: the code emits, the stream hands on. Starts no task, so that dropping
//! the stream drops the code and all that it holds.

use super::LaneStream;
use crate::domain::event::{LaneEventKind, Timed};
use futures_util::{Stream, stream::StreamExt};
use std::{
    collections::VecDeque,
    future::{Future, poll_fn},
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
    time::Duration,
};

type Queue = VecDeque<Timed<LaneEventKind>>;

/// What the code emits with.
#[derive(Debug)]
pub(super) struct Emitter(Arc<Mutex<Queue>>);

impl Emitter {
    /// Runs `code` as a stream: it is polled only when all that it has emitted was taken.
    pub(super) fn run<F>(code: impl FnOnce(Self) -> F) -> LaneStream
    where
        F: Future<Output = ()> + Send + 'static,
    {
        let queue = Arc::default();
        Emitted {
            code: Some(Box::pin(code(Self(Arc::clone(&queue))))),
            queue,
        }
        .boxed()
    }

    /// Notes an event; it is handed on when the code next waits for anything.
    pub(super) fn note(&self, at: Duration, value: LaneEventKind) {
        lock(&self.0).push_back(Timed { at, value });
    }

    /// Waits until everything noted was taken. Code that never waits for anything else must call this.
    pub(super) async fn flush(&self) {
        // No waker: the stream polls the code again when it is asked for more.
        poll_fn(|_| {
            if lock(&self.0).is_empty() {
                Poll::Ready(())
            } else {
                Poll::Pending
            }
        })
        .await;
    }
}

struct Emitted {
    code: Option<Pin<Box<dyn Future<Output = ()> + Send>>>,
    queue: Arc<Mutex<Queue>>,
}

impl Stream for Emitted {
    type Item = Timed<LaneEventKind>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let taken = lock(&self.queue).pop_front();
        if taken.is_some() {
            return Poll::Ready(taken);
        }
        let Some(code) = &mut self.code else {
            return Poll::Ready(None);
        };
        if code.as_mut().poll(cx).is_ready() {
            self.code = None;
        }
        let taken = lock(&self.queue).pop_front();
        match (taken, &self.code) {
            (None, Some(_)) => Poll::Pending,
            (taken, _) => Poll::Ready(taken),
        }
    }
}

fn lock(queue: &Mutex<Queue>) -> MutexGuard<'_, Queue> {
    queue.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;

    fn loading(percent: u8) -> LaneEventKind {
        LaneEventKind::Loading { percent }
    }

    #[tokio::test]
    async fn hands_on_in_order_and_ends() {
        let events: Vec<_> = Emitter::run(|out| async move {
            out.note(Duration::ZERO, loading(1));
            out.note(Duration::ZERO, loading(2));
            tokio::task::yield_now().await;
            out.note(Duration::ZERO, loading(3));
        })
        .map(|event| event.value)
        .collect()
        .await;
        assert_eq!(events, [loading(1), loading(2), loading(3)]);
    }

    #[tokio::test]
    async fn the_code_waits_for_its_reader() {
        let mut stream = Emitter::run(|out| async move {
            for percent in 0.. {
                out.note(Duration::ZERO, loading(percent));
                out.flush().await;
            }
        });
        for percent in 0..3 {
            let event = stream.next().now_or_never().unwrap().unwrap();
            assert_eq!(event.value, loading(percent));
        }
    }
}
