//! What is there: batches as a list, and what an id, or its beginning, means.

use super::{History, HistoryError};
use crate::domain::id::{BatchId, RunId};
use rusqlite::{Row, params};
use serde::Serialize;

/// One batch in a list.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BatchRow {
    /// Its id.
    pub id: BatchId,
    /// When it began.
    pub started_at: String,
    /// When it was over; `None` while it goes on or where it was interrupted.
    pub ended_at: Option<String>,
    /// `replay`, `sitting` or `ask`.
    pub kind: String,
    /// The suite's title.
    pub suite: Option<String>,
    /// Its lanes by name, in their order.
    pub lanes: Vec<String>,
    /// Runs.
    pub runs: u64,
    /// Cells that are there.
    pub cells: u64,
    /// Cells that there are when all is done.
    pub planned_cells: Option<u64>,
    /// Cells of lanes that failed.
    pub failed: u64,
    /// Cells whose checks passed.
    pub checks_passed: u64,
    /// Cells whose checks did not pass.
    pub checks_failed: u64,
    /// What is known of the cost of its answers; `None` where nothing is.
    pub cost_usd: Option<f64>,
    /// A part of that rests on token counts that are estimates.
    pub is_cost_estimated: bool,
    /// Answers for which a host may want money, and nobody knows how much.
    pub unknown_costs: u64,
    /// What is known of the cost of having answers judged and compared; `None` where nothing is.
    pub judge_cost_usd: Option<f64>,
    /// Answers, and pairs of them, of which nobody knows what judging them cost.
    pub unknown_judge_costs: u64,
    /// How the first prompt begins.
    pub prompt: Option<String>,
    /// Where it is of parts of a replay: which parts it lacks, in words; `None` where it lacks none.
    pub missing_parts: Option<String>,
}

/// What an id means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// A batch.
    Batch(BatchId),
    /// One run of a batch.
    Run(RunId),
}

/// What [`History::row`] reads.
const ROW: &str = "SELECT id, started_at, ended_at, kind, suite, planned,
    (SELECT count(*) FROM run WHERE batch = batch.id),
    (SELECT head FROM run WHERE batch = batch.id ORDER BY position, id LIMIT 1), part
 FROM batch";
/// Of a cell: its host may want money for it, for it let the request in or counted tokens, and there is no price. Servers of
/// one's own machine want none.
const IS_UNKNOWN_COST: &str = "CASE WHEN cost_usd IS NOT NULL THEN 0
    WHEN json_extract(record, '$.access') <> 'api' THEN 0
    WHEN json_extract(record, '$.provider') IN ('tape', 'ollama', 'llama-server', 'vllm', 'lmstudio') THEN 0
    ELSE coalesce(json_extract(record, '$.usage.completion_tokens'), json_extract(record, '$.usage.prompt_tokens'),
        json_extract(record, '$.timing.ttfb_ms')) IS NOT NULL END";
/// Characters of a prompt that a list needs.
const PROMPT_CHARS: usize = 200;

impl History {
    /// The batches, the latest first.
    pub fn batches(&self, most: Option<u64>) -> Result<Vec<BatchRow>, HistoryError> {
        let mut found = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut select = self
                .connection
                .prepare(&format!("{ROW} ORDER BY started_at DESC, id DESC LIMIT ?1"))?;
            let most = most.map_or(-1, super::record::as_integer);
            let mut rows = select.query([most])?;
            while let Some(row) = rows.next()? {
                found.push(self.row(row)?);
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))?;
        Ok(found)
    }

    /// One batch as it stands in that list.
    pub fn batch_row(&self, id: &BatchId) -> Result<BatchRow, HistoryError> {
        let select = format!("{ROW} WHERE id = ?1");
        let read = |row: &Row<'_>| self.row(row);
        self.connection
            .query_row(&select, [&id.0], read)
            .map_err(|source| match source {
                rusqlite::Error::QueryReturnedNoRows => HistoryError::NoSuch(id.0.clone()),
                source => self.error(source),
            })
    }

    fn row(&self, row: &Row<'_>) -> rusqlite::Result<BatchRow> {
        let id = BatchId(row.get(0)?);
        let mut cells = self.connection.prepare_cached(
            &format!(
                "SELECT count(*), coalesce(sum(status = 'failed'), 0), coalesce(sum(passed = 1), 0),
                    coalesce(sum(passed = 0), 0), sum(cost_usd), coalesce(sum({IS_UNKNOWN_COST}), 0), sum(judge_cost_usd),
                    coalesce(sum(instr(record, '\"judge_cost_unknown\":true') > 0), 0),
                    coalesce(max(cost_usd IS NOT NULL AND instr(record, '\"source\":\"estimated\"') > 0), 0)
                 FROM run JOIN cell ON cell.run = run.id WHERE batch = ?1"
            ),
        )?;
        let mut votes = self.connection.prepare_cached(
            "SELECT sum(cost_usd) FROM (SELECT run, cost_usd FROM vote UNION ALL SELECT run, cost_usd FROM half_vote) AS said
             JOIN run ON said.run = run.id WHERE batch = ?1",
        )?;
        let votes_usd: Option<f64> = votes.query_row([&id.0], |row| row.get(0))?;
        let unshown = self.unshown(&id)?;
        let mut lanes = self.connection.prepare_cached(
            "SELECT lane FROM run JOIN cell ON cell.run = run.id WHERE batch = ?1
             GROUP BY lane ORDER BY min(cell.position), lane",
        )?;
        let head: Option<String> = row.get(7)?;
        cells.query_row([&id.0], |sums| {
            Ok(BatchRow {
                id: id.clone(),
                started_at: row.get(1)?,
                ended_at: row.get(2)?,
                kind: row.get(3)?,
                suite: row.get(4)?,
                lanes: lanes
                    .query_map([&id.0], |row| row.get(0))?
                    .collect::<rusqlite::Result<_>>()?,
                runs: count(row.get(6)?),
                cells: count(sums.get(0)?),
                planned_cells: row.get::<_, Option<i64>>(5)?.map(count),
                failed: count(sums.get(1)?),
                checks_passed: count(sums.get(2)?),
                checks_failed: count(sums.get(3)?),
                cost_usd: both(sums.get(4)?, unshown.lanes_usd),
                is_cost_estimated: sums.get::<_, bool>(8)? || unshown.is_estimated,
                unknown_costs: count(sums.get(5)?) + unshown.lanes_untold,
                judge_cost_usd: both(both(sums.get(6)?, votes_usd), unshown.judges_usd),
                unknown_judge_costs: count(sums.get(7)?) + unshown.judges_untold,
                prompt: head.as_deref().and_then(prompt_of),
                missing_parts: row
                    .get::<_, Option<String>>(8)?
                    .as_deref()
                    .and_then(super::parts::missing),
            })
        })
    }

    /// What an id, or the beginning of one, means; without one the latest batch that has a cell.
    pub fn find(&self, id: Option<&str>) -> Result<Found, HistoryError> {
        let Some(id) = id else {
            return self.latest();
        };
        // The beginning of an id, never a pattern.
        let pattern = id
            .replace('\\', "\\\\")
            .replace('%', "\\%")
            .replace('_', "\\_")
            + "%";
        let like = |sql: &str| -> rusqlite::Result<Vec<String>> {
            self.connection
                .prepare(sql)?
                .query_map(params![pattern], |row| row.get(0))?
                .collect()
        };
        let read = || -> rusqlite::Result<(Vec<String>, Vec<String>)> {
            Ok((
                like("SELECT id FROM batch WHERE id LIKE ?1 ESCAPE '\\' LIMIT 4")?,
                like("SELECT id FROM run WHERE id LIKE ?1 ESCAPE '\\' LIMIT 4")?,
            ))
        };
        let (batches, runs) = read().map_err(|source| self.error(source))?;
        if let Some(exact) = batches.iter().find(|found| *found == id) {
            return Ok(Found::Batch(BatchId(exact.clone())));
        }
        match (batches.as_slice(), runs.as_slice()) {
            ([batch], []) => Ok(Found::Batch(BatchId(batch.clone()))),
            ([], [run]) => Ok(Found::Run(RunId(run.clone()))),
            ([], []) => Err(HistoryError::NoSuch(id.to_owned())),
            (batches, runs) => {
                if let Some(exact) = runs.iter().find(|found| *found == id) {
                    return Ok(Found::Run(RunId(exact.clone())));
                }
                let all: Vec<&str> = batches.iter().chain(runs).map(String::as_str).collect();
                Err(HistoryError::Ambiguous(id.to_owned(), all.join(", ")))
            }
        }
    }

    fn latest(&self) -> Result<Found, HistoryError> {
        self.connection
            .query_row(
                "SELECT id FROM batch WHERE EXISTS (SELECT 1 FROM run WHERE batch = batch.id)
                 ORDER BY started_at DESC, id DESC LIMIT 1",
                [],
                |row| row.get(0),
            )
            .map(|id| Found::Batch(BatchId(id)))
            .map_err(|source| match source {
                rusqlite::Error::QueryReturnedNoRows => HistoryError::Empty,
                source => self.error(source),
            })
    }

    /// The last run of a batch.
    pub fn last_run(&self, batch: &BatchId) -> Result<RunId, HistoryError> {
        self.connection
            .query_row(
                "SELECT id FROM run WHERE batch = ?1 ORDER BY position DESC, id DESC LIMIT 1",
                [&batch.0],
                |row| row.get(0).map(RunId),
            )
            .map_err(|source| match source {
                rusqlite::Error::QueryReturnedNoRows => HistoryError::Empty,
                source => self.error(source),
            })
    }

    /// The latest batch of the same suite that is over, other than this one.
    pub fn batch_before(&self, batch: &BatchId) -> Result<Option<BatchId>, HistoryError> {
        let read = self.connection.query_row(
            "SELECT other.id FROM batch AS other JOIN batch AS own ON own.id = ?1
             WHERE other.suite = own.suite AND other.kind = own.kind AND other.id <> own.id
                AND other.ended_at IS NOT NULL AND other.started_at <= own.started_at
             ORDER BY other.started_at DESC, other.id DESC LIMIT 1",
            [&batch.0],
            |row| row.get(0).map(BatchId),
        );
        match read {
            Ok(id) => Ok(Some(id)),
            Err(rusqlite::Error::QueryReturnedNoRows) => Ok(None),
            Err(source) => Err(self.error(source)),
        }
    }
}

fn both(one: Option<f64>, other: Option<f64>) -> Option<f64> {
    match (one, other) {
        (None, None) => None,
        (one, other) => Some(one.unwrap_or_default() + other.unwrap_or_default()),
    }
}

fn count(value: i64) -> u64 {
    u64::try_from(value).unwrap_or(0)
}

fn prompt_of(head: &str) -> Option<String> {
    let head: serde_json::Value = serde_json::from_str(head).ok()?;
    let text = head.pointer("/prompt/text")?.as_str()?;
    Some(text.chars().take(PROMPT_CHARS).collect())
}
