//! Writes cells on a thread of its own, one after another, and acknowledges each when it is on the disk.

use super::{History, HistoryError, NewBatch, NewCell, NewVerdicts, Opened, Spend, doubt};
use crate::domain::id::{BatchId, RunId};
use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
    thread,
    time::Duration,
};
use tokio::sync::{mpsc, oneshot};

/// Cells that may wait to be written; whoever has more waits.
const WAITING: usize = 64;

/// How often a cell is tried again while another process holds the file; each time waits for seconds.
const TRIES: usize = 30;

type Answer = oneshot::Sender<Result<RunId, HistoryError>>;

enum Job {
    Keep(Arc<NewBatch>, Box<NewCell>, Answer),
    Flush(oneshot::Sender<()>),
    Begin(Arc<NewBatch>, oneshot::Sender<Result<(), HistoryError>>),
    Store(Box<NewCell>, Answer),
    Judged(Box<NewVerdicts>, oneshot::Sender<Result<(), HistoryError>>),
    Spend(Spend, oneshot::Sender<Result<(), HistoryError>>),
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

    /// The same with a file that is opened when there is something to write; what is older than it is to be kept is taken
    /// out then.
    pub fn later(path: PathBuf, keep_days: Option<u32>) -> io::Result<Self> {
        let (jobs, mut queue) = mpsc::channel::<Job>(WAITING);
        thread::Builder::new()
            .name("history".to_owned())
            .spawn(move || {
                while let Some(first) = queue.blocking_recv() {
                    match opened(&path, keep_days) {
                        Ok(mut history) => {
                            first.work(&mut history);
                            return work(history, queue);
                        }
                        // The next one may find it writable again.
                        Err(error) => first.refuse(error),
                    }
                }
            })?;
        Ok(Self { jobs })
    }

    /// One whose thread has ended.
    #[cfg(test)]
    pub(crate) fn dead() -> Self {
        let (jobs, _) = mpsc::channel(1);
        Self { jobs }
    }

    /// Begins a batch, unless it has begun.
    pub async fn begin(&self, batch: Arc<NewBatch>) -> Option<Result<(), HistoryError>> {
        let (answer, begun) = oneshot::channel();
        self.jobs.send(Job::Begin(batch, answer)).await.ok()?;
        begun.await.ok()
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

    /// Hands over a cell, and its batch where that has not begun yet, without waiting. The receipt says what became of it.
    /// Where the queue is full, the cell is sent by a task of its own.
    pub fn keep(&self, batch: Arc<NewBatch>, cell: NewCell) -> Receipt {
        let (answer, stored) = oneshot::channel();
        let job = Job::Keep(batch, Box::new(cell), answer);
        if let Err(mpsc::error::TrySendError::Full(job)) = self.jobs.try_send(job)
            && let Ok(runtime) = tokio::runtime::Handle::try_current()
        {
            let jobs = self.jobs.clone();
            runtime.spawn(async move { _ = jobs.send(job).await });
        }
        Receipt(stored)
    }

    /// Hands over what a cell holds so far, unless the queue is full; whether it took it. Nobody is told what became of it:
    /// the whole cell follows.
    pub fn keep_so_far(&self, batch: Arc<NewBatch>, cell: NewCell) -> bool {
        let (answer, _) = oneshot::channel();
        let job = Job::Keep(batch, Box::new(cell), answer);
        self.jobs.try_send(job).is_ok()
    }

    /// Waits until all that was handed over before is written, or refused; at most this long. Not for asynchronous code:
    /// blocks the thread. Whether that came about in time, or the thread has ended.
    pub fn flush(&self, limit: Duration) -> bool {
        let (said, heard) = std::sync::mpsc::sync_channel(1);
        let jobs = self.jobs.clone();
        let waiting = thread::Builder::new()
            .name("history-end".to_owned())
            .spawn(move || {
                let (flushed, done) = oneshot::channel();
                if jobs.blocking_send(Job::Flush(flushed)).is_ok() {
                    let _ = done.blocking_recv();
                }
                let _ = said.send(());
            });
        waiting.is_ok() && heard.recv_timeout(limit).is_ok()
    }

    /// Stores what judges said of a cell that is stored; ready when it is on the disk. `None` where the thread is gone.
    pub async fn judged(&self, verdicts: NewVerdicts) -> Option<Result<(), HistoryError>> {
        let (answer, stored) = oneshot::channel();
        self.jobs
            .send(Job::Judged(Box::new(verdicts), answer))
            .await
            .ok()?;
        stored.await.ok()
    }

    /// Stores what was spent; ready when it is on the disk.
    pub async fn spend(&self, spend: Spend) -> Option<Result<(), HistoryError>> {
        let (answer, stored) = oneshot::channel();
        self.jobs.send(Job::Spend(spend, answer)).await.ok()?;
        stored.await.ok()
    }

    /// Says that a batch is over.
    pub async fn end(&self, batch: BatchId, at: String) -> Option<Result<(), HistoryError>> {
        let (answer, ended) = oneshot::channel();
        self.jobs.send(Job::End(batch, at, answer)).await.ok()?;
        ended.await.ok()
    }
}

/// What becomes of a cell that was handed over.
#[derive(Debug)]
pub struct Receipt(oneshot::Receiver<Result<RunId, HistoryError>>);

impl Receipt {
    /// Ready when the cell is on the disk, or will never be.
    ///
    /// # Errors
    /// It was not stored; [`HistoryError::WriterGone`] where the writing thread has ended.
    pub async fn stored(self) -> Result<(), HistoryError> {
        match self.0.await {
            Ok(stored) => stored.map(drop),
            Err(_) => Err(HistoryError::WriterGone),
        }
    }
}

impl Job {
    fn work(self, history: &mut History) {
        match self {
            Self::Begin(batch, answer) => {
                let _ = answer.send(history.begin_batch(&batch));
            }
            Self::Keep(batch, cell, answer) => {
                let stored = patiently(|| {
                    history.begin_batch(&batch)?;
                    history.store_cell(&cell)
                });
                let _ = answer.send(stored);
            }
            Self::Flush(answer) => _ = answer.send(()),
            Self::Store(cell, answer) => {
                let _ = answer.send(patiently(|| history.store_cell(&cell)));
            }
            Self::Judged(verdicts, answer) => {
                let _ = answer.send(patiently(|| history.store_verdicts(&verdicts)));
            }
            Self::Spend(spend, answer) => {
                let _ = answer.send(patiently(|| history.store_spend(&spend)));
            }
            Self::End(batch, at, answer) => {
                let _ = answer.send(history.end_batch(&batch, Some(&at)));
            }
        }
    }

    fn refuse(self, error: HistoryError) {
        match self {
            Self::Store(_, answer) | Self::Keep(_, _, answer) => _ = answer.send(Err(error)),
            Self::Flush(answer) => _ = answer.send(()),
            Self::Begin(_, answer)
            | Self::Judged(_, answer)
            | Self::Spend(_, answer)
            | Self::End(_, _, answer) => {
                let _ = answer.send(Err(error));
            }
        }
    }
}

/// What was paid for is worth waiting for whoever holds the file.
fn patiently<T>(mut store: impl FnMut() -> Result<T, HistoryError>) -> Result<T, HistoryError> {
    let mut stored = store();
    for _ in 0..TRIES {
        if !matches!(stored, Err(HistoryError::Locked(_))) {
            break;
        }
        stored = store();
    }
    if let Err(error) = &stored {
        doubt::note(error);
    }
    stored
}

impl std::fmt::Debug for Job {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str(match self {
            Self::Keep(..) => "Keep",
            Self::Flush(..) => "Flush",
            Self::Begin(..) => "Begin",
            Self::Store(..) => "Store",
            Self::Judged(..) => "Judged",
            Self::Spend(..) => "Spend",
            Self::End(..) => "End",
        })
    }
}

fn opened(path: &Path, keep_days: Option<u32>) -> Result<History, HistoryError> {
    let Opened {
        mut history,
        notices,
    } = History::open(path)?;
    for notice in notices {
        tracing::warn!(%notice, "the history");
    }
    history.forget(keep_days)?;
    Ok(history)
}

fn work(mut history: History, mut queue: mpsc::Receiver<Job>) {
    while let Some(job) = queue.blocking_recv() {
        job.work(&mut history);
    }
}
