//! Reads runs, cells and tapes back, a run at a time: a batch may be larger than the memory.

use super::{History, HistoryError, pack};
use crate::domain::{
    batch::{BatchHead, BatchKind, BatchRun, CellRecord},
    event::LaneEventKind,
    id::{BatchId, RunId},
    record::SCHEMA,
    tape::{TapeHeader, TapeLane, TapeLine},
};
use rusqlite::{Row, params};

/// A run with its cells.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredRun {
    /// What was asked.
    pub run: BatchRun,
    /// What came back, in the order of the lanes.
    pub cells: Vec<StoredCell>,
}

/// A cell, and what its answer's judging cost.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredCell {
    /// What the lane made of the prompt.
    pub record: CellRecord,
    /// When it was asked.
    pub started_at: String,
    /// What it cost to have the answer judged.
    pub judge_cost_usd: Option<f64>,
}

impl History {
    /// The head of a batch.
    pub fn batch(&self, id: &BatchId) -> Result<BatchHead, HistoryError> {
        let read = |row: &Row<'_>| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, String>(1)?,
                row.get::<_, Option<String>>(2)?,
                row.get::<_, String>(3)?,
            ))
        };
        let (started_at, kind, suite, settings) = self
            .connection
            .query_row(
                "SELECT started_at, kind, suite, settings FROM batch WHERE id = ?1",
                [&id.0],
                read,
            )
            .map_err(|source| match source {
                rusqlite::Error::QueryReturnedNoRows => HistoryError::NoSuch(id.0.clone()),
                source => self.error(source),
            })?;
        Ok(BatchHead {
            id: id.clone(),
            started_at,
            kind: match kind.as_str() {
                "sitting" => BatchKind::Sitting,
                "ask" => BatchKind::Ask,
                _ => BatchKind::Replay,
            },
            suite,
            settings: serde_json::from_str(&settings)
                .map_err(|error| self.unreadable(format!("the settings of {id}: {error}")))?,
        })
    }

    /// Hands over the runs of a batch in their order, one at a time, until the caller has an error.
    pub fn each_run<E: From<HistoryError>>(
        &self,
        batch: &BatchId,
        mut take: impl FnMut(StoredRun) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut select = self
            .connection
            .prepare("SELECT id FROM run WHERE batch = ?1 ORDER BY position, id")
            .map_err(|source| self.error(source))?;
        let ids = select
            .query_map([&batch.0], |row| row.get::<_, String>(0))
            .map_err(|source| self.error(source))?;
        for id in ids {
            let id = RunId(id.map_err(|source| self.error(source))?);
            take(self.run(&id)?)?;
        }
        Ok(())
    }

    /// One run.
    pub fn run(&self, id: &RunId) -> Result<StoredRun, HistoryError> {
        let (prompt_id, repetition, head, tags) = self
            .connection
            .prepare_cached("SELECT prompt_id, repetition, head, tags FROM run WHERE id = ?1")
            .and_then(|mut select| {
                select.query_row([&id.0], |row| {
                    Ok((
                        row.get::<_, Option<String>>(0)?,
                        row.get::<_, u32>(1)?,
                        row.get::<_, String>(2)?,
                        row.get::<_, String>(3)?,
                    ))
                })
            })
            .map_err(|source| match source {
                rusqlite::Error::QueryReturnedNoRows => HistoryError::NoSuch(id.0.clone()),
                source => self.error(source),
            })?;
        let broken = |what: &str, error: serde_json::Error| {
            self.unreadable(format!("the {what} of run {id}: {error}"))
        };
        let mut cells = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut select = self.connection.prepare_cached(
                "SELECT record, started_at, judge_cost_usd FROM cell WHERE run = ?1 ORDER BY position, lane",
            )?;
            let mut rows = select.query([&id.0])?;
            while let Some(row) = rows.next()? {
                cells.push((row.get::<_, String>(0)?, row.get(1)?, row.get(2)?));
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))?;
        let cells = cells
            .into_iter()
            .map(|(record, started_at, judge_cost_usd)| {
                let record =
                    serde_json::from_str(&record).map_err(|error| broken("record", error))?;
                Ok(StoredCell {
                    record,
                    started_at,
                    judge_cost_usd,
                })
            });
        Ok(StoredRun {
            cells: cells.collect::<Result<_, HistoryError>>()?,
            run: BatchRun {
                head: serde_json::from_str(&head).map_err(|error| broken("head", error))?,
                prompt_id,
                repetition,
                tags: serde_json::from_str(&tags).map_err(|error| broken("tags", error))?,
            },
        })
    }

    /// The batch of a run.
    pub fn batch_of(&self, run: &RunId) -> Result<BatchId, HistoryError> {
        self.connection
            .query_row("SELECT batch FROM run WHERE id = ?1", [&run.0], |row| {
                row.get(0).map(BatchId)
            })
            .map_err(|source| self.error(source))
    }

    /// The tape of a run: all its lanes, each from its own beginning, in the order of time.
    pub fn tape(&self, id: &RunId) -> Result<(TapeHeader, Vec<TapeLine>), HistoryError> {
        let run = self.run(id)?;
        let mut told = Vec::new();
        for cell in &run.cells {
            let name = &cell.record.lane.lane;
            let tape: Option<Vec<u8>> = self
                .connection
                .query_row(
                    "SELECT tape FROM cell WHERE run = ?1 AND lane = ?2",
                    params![id.0, name],
                    |row| row.get(0),
                )
                .map_err(|source| self.error(source))?;
            let broken = |what: String| self.unreadable(format!("the tape of run {id}: {what}"));
            let text = pack::unpacked(&tape.unwrap_or_default())
                .map_err(|error| broken(error.to_string()))?;
            for line in text.lines() {
                let event: StoredEvent =
                    serde_json::from_str(line).map_err(|error| broken(error.to_string()))?;
                told.push(TapeLine {
                    lane: name.clone(),
                    at_us: event.at_us,
                    event: event.event,
                });
            }
        }
        told.sort_by_key(|line| line.at_us);
        let lanes = run.cells.iter().map(|cell| TapeLane {
            lane: cell.record.lane.lane.clone(),
            tier: cell.record.lane.tier,
            provider: cell.record.lane.provider.clone(),
            model: cell.record.lane.model.clone(),
            access: cell.record.lane.access.clone(),
            price: None,
            cost_usd: cell.record.lane.cost_usd,
        });
        let header = TapeHeader {
            schema: SCHEMA,
            lanes: lanes.collect(),
            run: run.run.head,
        };
        Ok((header, told))
    }
}

/// An event of a stored tape; the lane is known.
#[derive(serde::Deserialize)]
struct StoredEvent {
    at_us: u64,
    #[serde(flatten)]
    event: LaneEventKind,
}
