//! Writes batches and cells. A cell is one transaction, and is stored exactly once.

use super::{
    History, HistoryError, pack,
    spend::{self, IS_LOST},
};
use crate::domain::{
    batch::{BatchHead, BatchRun, CellRecord},
    id::{BatchId, RunId},
    record::LaneStatus,
};
use rusqlite::{OptionalExtension, Transaction, TransactionBehavior, params};
use serde_json::Value;

/// What `SQLite` says where the row is gone that another one belongs to.
const NO_PARENT: i32 = rusqlite::ffi::SQLITE_CONSTRAINT_FOREIGNKEY;

/// A batch that begins.
#[derive(Debug, Clone, PartialEq)]
pub struct NewBatch {
    /// What is kept of it.
    pub head: BatchHead,
    /// What another replay must have in common with it to continue it.
    pub fingerprint: Option<String>,
    /// Where it is a share of a replay: the fingerprint of the whole, and which share, such as `2/4`.
    pub part: Option<(String, String)>,
    /// Cells that it has when all is done; `None` where nobody knows.
    pub planned: Option<u64>,
}

/// A cell that has ended.
#[derive(Debug, Clone, PartialEq)]
pub struct NewCell {
    /// Its batch.
    pub batch: BatchId,
    /// Its prompt. Where the batch has a run of this prompt and repetition, the cell joins that one.
    pub run: BatchRun,
    /// Where the run stands in the batch.
    pub run_position: u64,
    /// Where the lane stands in the run.
    pub lane_position: u64,
    /// RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// What the lane made of the prompt.
    pub record: CellRecord,
    /// What it cost to have the answer judged.
    pub judge_cost_usd: Option<f64>,
    /// What the lane asks for one attempt at the most, without judging; nothing where no price is known.
    pub at_most_usd: f64,
    /// The lane's events as lines of JSON; empty where none are kept.
    pub tape: Vec<u8>,
    /// Whether a cell that it replaces is the same attempt as far as it had come, whose cost is in this one's.
    pub is_same_attempt: bool,
}

/// A cell that is in the history already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DoneCell {
    /// The case.
    pub prompt_id: String,
    /// Counted from 1.
    pub repetition: u32,
    /// The lane's name.
    pub lane: String,
    /// How it ended.
    pub status: LaneStatus,
    /// What it cost is not known, and may be something: it was answered, or broke in a way that leaves that open.
    pub is_lost: bool,
}

impl History {
    /// Begins a batch; one that has begun stays as it is.
    pub fn begin_batch(&self, batch: &NewBatch) -> Result<(), HistoryError> {
        let head = &batch.head;
        self.connection
            .prepare_cached(
                "INSERT OR IGNORE INTO batch (id, started_at, kind, suite, fingerprint, planned, settings, version, whole, part)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    head.id.0,
                    head.started_at,
                    head.kind.name(),
                    head.suite,
                    batch.fingerprint,
                    batch.planned.map(as_integer),
                    head.settings.to_string(),
                    env!("CARGO_PKG_VERSION"),
                    batch.part.as_ref().map(|(whole, _)| whole),
                    batch.part.as_ref().map(|(_, part)| part),
                ])
            })
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// Replaces what a batch says about how it was run.
    pub fn set_settings(&self, batch: &BatchId, settings: &Value) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "UPDATE batch SET settings = ?2 WHERE id = ?1",
                params![batch.0, settings.to_string()],
            )
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// Says that a batch is over, or, without a time, that it goes on.
    pub fn end_batch(&self, batch: &BatchId, ended_at: Option<&str>) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "UPDATE batch SET ended_at = ?2 WHERE id = ?1",
                params![batch.0, ended_at],
            )
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// Stores a cell and gives the run that it belongs to. One that is done is never replaced.
    pub fn store_cell(&mut self, cell: &NewCell) -> Result<RunId, HistoryError> {
        let json = |value: serde_json::Result<String>| {
            value.map_err(|error| self.unreadable(error.to_string()))
        };
        let head = json(serde_json::to_string(&cell.run.head))?;
        let tags = json(serde_json::to_string(&cell.run.tags))?;
        let record = json(serde_json::to_string(&cell.record))?;
        let tape = match cell.tape.as_slice() {
            [] => None,
            lines => Some(pack::packed(lines).map_err(|error| self.unreadable(error.to_string()))?),
        };
        let path = self.path.clone();
        let mut store = || -> rusqlite::Result<RunId> {
            let transaction = self
                .connection
                .transaction_with_behavior(TransactionBehavior::Immediate)?;
            let run = {
                transaction
                    .prepare_cached(
                        "INSERT INTO run (id, batch, position, prompt_id, repetition, head, tags)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT DO NOTHING",
                    )?
                    .execute(params![
                        cell.run.head.id.0,
                        cell.batch.0,
                        as_integer(cell.run_position),
                        cell.run.prompt_id,
                        cell.run.repetition,
                        head,
                        tags
                    ])?;
                let of_case: Option<String> = transaction
                    .prepare_cached(
                        "SELECT id FROM run WHERE batch = ?1 AND prompt_id = ?2 AND repetition = ?3",
                    )?
                    .query_row(
                        params![cell.batch.0, cell.run.prompt_id, cell.run.repetition],
                        |row| row.get(0),
                    )
                    .optional()?;
                let run = of_case.unwrap_or_else(|| cell.run.head.id.0.clone());
                insert_cell(&transaction, &run, cell, &record, tape.as_deref())?;
                run
            };
            transaction.commit()?;
            Ok(RunId(run))
        };
        store().map_err(|source| match source.sqlite_extended_error_code() {
            Some(NO_PARENT) => HistoryError::Gone(cell.batch.0.clone()),
            _ => super::error(&path, source),
        })
    }

    /// The batch to continue: the latest with this fingerprint, or of parts of what has it, that is not over; else the
    /// latest that is. And whether it is over.
    pub fn resumable(&self, fingerprint: &str) -> Result<Option<(BatchId, bool)>, HistoryError> {
        self.with_fingerprint(
            fingerprint,
            "ended_at IS NOT NULL, started_at DESC, id DESC",
        )
    }

    /// The latest batch with this fingerprint, and whether it is over.
    pub fn latest_with(&self, fingerprint: &str) -> Result<Option<(BatchId, bool)>, HistoryError> {
        self.with_fingerprint(fingerprint, "started_at DESC, id DESC")
    }

    fn with_fingerprint(
        &self,
        fingerprint: &str,
        order: &str,
    ) -> Result<Option<(BatchId, bool)>, HistoryError> {
        let sql = format!(
            "SELECT id, ended_at IS NOT NULL FROM batch WHERE fingerprint = ?1 OR whole = ?1
             ORDER BY {order} LIMIT 1"
        );
        self.connection
            .query_row(&sql, [fingerprint], |row| {
                Ok((BatchId(row.get(0)?), row.get(1)?))
            })
            .optional()
            .map_err(|source| self.error(source))
    }

    /// Hands over the cells of a batch that are there, whatever came of them, run by run, until the caller has an error.
    pub fn each_done<E: From<HistoryError>>(
        &self,
        batch: &BatchId,
        mut take: impl FnMut(DoneCell) -> Result<(), E>,
    ) -> Result<(), E> {
        let broken = |source| self.error(source);
        let mut select = self
            .connection
            .prepare(&format!(
                "SELECT prompt_id, repetition, lane, status, {IS_LOST} FROM run JOIN cell ON cell.run = run.id
                 WHERE batch = ?1 AND prompt_id IS NOT NULL ORDER BY run.position, run.id"
            ))
            .map_err(broken)?;
        let mut rows = select.query([&batch.0]).map_err(broken)?;
        while let Some(row) = rows.next().map_err(broken)? {
            let read = || -> rusqlite::Result<DoneCell> {
                Ok(DoneCell {
                    prompt_id: row.get(0)?,
                    repetition: row.get(1)?,
                    lane: row.get(2)?,
                    status: status_of(&row.get::<_, String>(3)?),
                    is_lost: row.get(4)?,
                })
            };
            take(read().map_err(broken)?)?;
        }
        Ok(())
    }
}

/// Inserts a cell, or replaces one that is not done.
fn insert_cell(
    transaction: &Transaction<'_>,
    run: &str,
    cell: &NewCell,
    record: &str,
    tape: Option<&[u8]>,
) -> rusqlite::Result<()> {
    let lane = &cell.record.lane;
    if !cell.is_same_attempt {
        spend::keep_replaced(transaction, run, cell)?;
    }
    transaction
                    .prepare_cached(
                        "INSERT INTO cell (run, lane, position, started_at, status, error_kind, passed, e2e_ms,
                            cost_usd, judge_cost_usd, record, tape)
                         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)
                         ON CONFLICT (run, lane) DO UPDATE SET started_at = excluded.started_at,
                            status = excluded.status, error_kind = excluded.error_kind, passed = excluded.passed,
                            e2e_ms = excluded.e2e_ms, cost_usd = excluded.cost_usd,
                            judge_cost_usd = excluded.judge_cost_usd, record = excluded.record, tape = excluded.tape
                         WHERE cell.status <> 'done'",
                    )?
                    .execute(params![
                        run,
                        lane.lane,
                        as_integer(cell.lane_position),
                        cell.started_at,
                        status_name(lane.status),
                        lane.error.as_ref().map(|error| error.kind.name()),
                        cell.record.is_passed(),
                        lane.timing.e2e_ms,
                        lane.cost_usd,
                        cell.judge_cost_usd,
                        record,
                        tape
                    ])
        .map(drop)
}

/// `SQLite` knows signed integers only.
pub(super) fn as_integer(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

const fn status_name(status: LaneStatus) -> &'static str {
    match status {
        LaneStatus::Done => "done",
        LaneStatus::Failed => "failed",
        LaneStatus::Cancelled => "cancelled",
    }
}

fn status_of(name: &str) -> LaneStatus {
    match name {
        "done" => LaneStatus::Done,
        "failed" => LaneStatus::Failed,
        _ => LaneStatus::Cancelled,
    }
}
