//! What a lane did before, in replays that ran it the same way: its last cells. Works nothing out.

use super::{History, HistoryError};
use rusqlite::params;
use serde_json::Value;

/// Batches that are looked at, the latest first, and runs of each, the last first: what is older is of another day.
const MOST_BATCHES: u32 = 100;
const MOST_RUNS: u32 = 400;

/// Completion tokens and milliseconds to the last piece of a cell that is done; `None` is unknown.
pub type PastCell = (Option<u64>, Option<f64>);

impl History {
    /// The last cells of a lane that are done, at most so many, out of batches whose settings this lets pass.
    pub fn past_cells(
        &self,
        lane: &str,
        most: usize,
        is_same: impl Fn(&Value) -> bool,
    ) -> Result<Vec<PastCell>, HistoryError> {
        let mut found = Vec::new();
        let mut read = || -> rusqlite::Result<()> {
            let mut batches = self.connection.prepare_cached(
                "SELECT id, settings FROM batch WHERE kind = 'replay' ORDER BY started_at DESC, id DESC LIMIT ?1",
            )?;
            let mut cells = self.connection.prepare_cached(
                "SELECT json_extract(record, '$.usage.completion_tokens'), e2e_ms
                 FROM (SELECT id, position FROM run WHERE batch = ?1 ORDER BY position DESC LIMIT ?2) AS last
                 JOIN cell ON cell.run = last.id AND cell.lane = ?3
                 WHERE status = 'done' ORDER BY last.position DESC LIMIT ?4",
            )?;
            let mut rows = batches.query([MOST_BATCHES])?;
            while let Some(row) = rows.next()? {
                if found.len() >= most {
                    break;
                }
                let (batch, settings): (String, String) = (row.get(0)?, row.get(1)?);
                let settings = serde_json::from_str(&settings).unwrap_or_default();
                if !is_same(&settings) {
                    continue;
                }
                let left = super::record::as_integer((most - found.len()) as u64);
                let mut of_batch = cells.query(params![batch, MOST_RUNS, lane, left])?;
                while let Some(cell) = of_batch.next()? {
                    let tokens: Option<i64> = cell.get(0)?;
                    found.push((
                        tokens.and_then(|tokens| tokens.try_into().ok()),
                        cell.get(1)?,
                    ));
                }
            }
            Ok(())
        };
        read().map_err(|source| self.error(source))?;
        Ok(found)
    }
}
