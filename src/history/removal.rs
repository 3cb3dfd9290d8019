//! Takes batches and runs away for good, and gives the disk back what they took. Leaves alone what others work on.

use super::{Claim, Found, History, HistoryError};
use crate::domain::id::{BatchId, RunId};
use rusqlite::{Transaction, TransactionBehavior};
use std::{collections::BTreeSet, fs, path::PathBuf, time::Duration};

const HOURS_A_DAY: i64 = 24;
/// How long giving space back may wait for others: it can be done later, too.
const SHORT: Duration = Duration::from_millis(500);
/// What `PRAGMA auto_vacuum` says of a file that can be made smaller bit by bit.
const INCREMENTAL: i64 = 2;

/// What was taken away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Removed {
    /// Batches.
    pub batches: usize,
    /// Runs that were named; those of the batches are not counted.
    pub runs: usize,
    /// Batches that are still there, because another process works on them.
    pub kept: usize,
    /// What became of the file.
    pub space: Space,
}

/// What became of the space that rows took.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Space {
    /// So many bytes are free again.
    Freed(u64),
    /// Somebody reads the file: it shrinks when the last one closes it.
    InUse,
    /// Somebody works on it, and it was made before files could shrink meanwhile: the next removal makes it smaller.
    Later,
    /// The disk has no room for the smaller copy that this takes once.
    NoRoom,
}

impl History {
    /// Takes batches and runs away, and a batch whose last run goes; all or none where another process works on one.
    pub fn remove(&mut self, found: &[Found]) -> Result<Removed, HistoryError> {
        let mut batches = BTreeSet::new();
        let mut runs: Vec<(RunId, BatchId)> = Vec::new();
        for found in found {
            match found {
                Found::Batch(batch) => _ = batches.insert(batch.0.clone()),
                Found::Run(run) => runs.push((run.clone(), self.batch_of(run)?)),
            }
        }
        // Kept until all is gone: nobody begins to work on one meanwhile.
        let mut claims = Vec::new();
        let of_runs = runs.iter().map(|(_, batch)| batch.0.clone());
        for batch in of_runs.chain(batches.clone()).collect::<BTreeSet<_>>() {
            claims.push(self.claim(&BatchId(batch))?);
        }
        self.taken_away(claims, |transaction| {
            let mut removed = (0, 0, 0);
            for batch in &batches {
                removed.0 += transaction.execute("DELETE FROM batch WHERE id = ?1", [batch])?;
            }
            for (run, batch) in &runs {
                removed.1 += transaction.execute("DELETE FROM run WHERE id = ?1", [&run.0])?;
                removed.0 += transaction.execute(
                    "DELETE FROM batch WHERE id = ?1 AND ended_at IS NOT NULL
                        AND NOT EXISTS (SELECT 1 FROM run WHERE batch = batch.id)",
                    [&batch.0],
                )?;
            }
            Ok(removed)
        })
    }

    /// Takes away what is older than so many days; nothing where all is to be kept.
    pub fn forget(&mut self, keep_days: Option<u32>) -> Result<Removed, HistoryError> {
        let nothing = Removed {
            batches: 0,
            runs: 0,
            kept: 0,
            space: Space::Freed(0),
        };
        let Some(days) = keep_days else {
            return Ok(nothing);
        };
        let hours = jiff::Span::new().try_hours(i64::from(days) * HOURS_A_DAY);
        let before = hours.and_then(|span| jiff::Timestamp::now().checked_sub(span));
        match before {
            Ok(before) => self.remove_before(&before.to_string()),
            // Before time began nothing was kept.
            Err(_) => Ok(nothing),
        }
    }

    /// Takes away what began before this time, but for what others work on.
    pub fn remove_before(&mut self, time: &str) -> Result<Removed, HistoryError> {
        self.taken_away(Vec::new(), |transaction| {
            let old: Vec<String> = transaction
                .prepare("SELECT id FROM batch WHERE started_at < ?1")?
                .query_map([time], |row| row.get(0))?
                .collect::<rusqlite::Result<_>>()?;
            let (mut gone, mut kept) = (0, 0);
            for id in old {
                let id = BatchId(id);
                if self.is_claimed(&id) {
                    kept += 1;
                } else {
                    gone += transaction.execute("DELETE FROM batch WHERE id = ?1", [&id.0])?;
                }
            }
            Ok((gone, 0, kept))
        })
    }

    /// Deletes in one transaction, which says how many batches and runs are gone, and how many batches are kept.
    fn taken_away(
        &self,
        claims: Vec<Claim>,
        delete: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<(usize, usize, usize)>,
    ) -> Result<Removed, HistoryError> {
        let before = self.bytes();
        let take = || -> rusqlite::Result<(usize, usize, usize)> {
            let immediate = TransactionBehavior::Immediate;
            let transaction = Transaction::new_unchecked(&self.connection, immediate)?;
            let removed = delete(&transaction)?;
            transaction.commit()?;
            Ok(removed)
        };
        let (batches, runs, kept) = take().map_err(|source| self.error(source))?;
        drop(claims);
        let space = if batches + runs == 0 {
            Space::Freed(0)
        } else {
            self.give_back(before)
        };
        Ok(Removed {
            batches,
            runs,
            kept,
            space,
        })
    }

    /// Makes the file smaller by what is not used any more, and empties the log beside it, in which the old rows are still
    /// to be read. What fails leaves the history as good as it was.
    fn give_back(&self, before: u64) -> Space {
        let _ = self.connection.busy_timeout(SHORT);
        let shrunk = self.shrunk();
        let is_emptied = self
            .connection
            .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                row.get::<_, i64>(0)
            })
            .is_ok_and(|is_busy| is_busy == 0);
        let _ = self.connection.busy_timeout(super::PATIENCE);
        match shrunk {
            _ if !is_emptied => Space::InUse,
            Ok(Space::Freed(_)) => Space::Freed(before.saturating_sub(self.bytes())),
            Ok(space) => space,
            Err(source) => match self.error(source) {
                HistoryError::Full(_) => Space::NoRoom,
                _ => Space::Later,
            },
        }
    }

    fn shrunk(&self) -> rusqlite::Result<Space> {
        let connection = &self.connection;
        let mode: i64 = connection.pragma_query_value(None, "auto_vacuum", |row| row.get(0))?;
        if mode == INCREMENTAL {
            let mut shrink = connection.prepare("PRAGMA incremental_vacuum")?;
            let mut steps = shrink.query([])?;
            // One step frees one page.
            while steps.next()?.is_some() {}
            return Ok(Space::Freed(0));
        }
        // An older file is written anew once, which keeps all others from writing.
        if self.is_worked_on()? {
            return Ok(Space::Later);
        }
        if !self.has_room() {
            return Ok(Space::NoRoom);
        }
        connection.pragma_update(None, "auto_vacuum", INCREMENTAL)?;
        connection.execute_batch("VACUUM")?;
        Ok(Space::Freed(0))
    }

    fn is_worked_on(&self) -> rusqlite::Result<bool> {
        let mut open = self
            .connection
            .prepare("SELECT id FROM batch WHERE ended_at IS NULL")?;
        let mut rows = open.query([])?;
        while let Some(row) = rows.next()? {
            if self.is_claimed(&BatchId(row.get(0)?)) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The file and the log beside it.
    fn bytes(&self) -> u64 {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let of = |path: PathBuf| fs::metadata(path).map_or(0, |facts| facts.len());
        of(self.path.clone()) + of(PathBuf::from(log))
    }

    /// Whether the disk has room for the file once more in the log, and once in the temporary file.
    #[cfg(unix)]
    fn has_room(&self) -> bool {
        rustix::fs::statvfs(&self.path)
            .is_ok_and(|disk| disk.f_bavail.saturating_mul(disk.f_frsize) / 2 > self.bytes())
    }

    #[cfg(not(unix))]
    fn has_room(&self) -> bool {
        true
    }
}
