//! Writes cells on a thread of its own, one after another, and acknowledges each when it is on the disk.

use super::{History, HistoryError, NewCell};
use crate::domain::id::{BatchId, RunId};
use std::{io, thread};
use tokio::sync::{mpsc, oneshot};

/// Cells that may wait to be written; whoever has more waits.
const WAITING: usize = 64;

type Answer = oneshot::Sender<Result<RunId, HistoryError>>;

enum Job {
    Store(Box<NewCell>, Answer),
    End(BatchId, String, oneshot::Sender<Result<(), HistoryError>>),
}

/// The way to the thread; clones share it. It ends when the last one is dropped and all is written.
#[derive(Debug, Clone)]
pub struct Recorder {
    jobs: mpsc::Sender<Job>,
}

impl Recorder {
    /// Starts the thread.
    pub fn start(history: History) -> io::Result<Self> {
        let (jobs, queue) = mpsc::channel(WAITING);
        thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || work(history, queue))?;
        Ok(Self { jobs })
    }

    /// Stores a cell; ready when it is on the disk. `None` where the thread is gone.
    pub async fn store(&self, cell: NewCell) -> Option<Result<RunId, HistoryError>> {
        let (answer, stored) = oneshot::channel();
        self.jobs
            .send(Job::Store(Box::new(cell), answer))
            .await
            .ok()?;
        stored.await.ok()
    }

    /// Says that a batch is over.
    pub async fn end(&self, batch: BatchId, at: String) -> Option<Result<(), HistoryError>> {
        let (answer, ended) = oneshot::channel();
        self.jobs.send(Job::End(batch, at, answer)).await.ok()?;
        ended.await.ok()
    }
}

impl std::fmt::Debug for Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Store(..) => "Store",
            Self::End(..) => "End",
        })
    }
}

fn work(mut history: History, mut queue: mpsc::Receiver<Job>) {
    while let Some(job) = queue.blocking_recv() {
        match job {
            Job::Store(cell, answer) => {
                let _ = answer.send(history.store_cell(&cell));
            }
            Job::End(batch, at, answer) => {
                let _ = answer.send(history.end_batch(&batch, Some(&at)));
            }
        }
    }
}
