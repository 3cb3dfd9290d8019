//! What judges say of cells that are stored already. Judges nothing.

use super::{History, HistoryError};
use crate::domain::{
    batch::CellRecord,
    id::{BatchId, RunId},
};
use rusqlite::params;

/// What was said of a cell after it was stored.
#[derive(Debug, Clone, PartialEq)]
pub struct NewVerdicts {
    /// The run that it belongs to.
    pub run: RunId,
    /// The cell with its verdicts.
    pub record: CellRecord,
    /// What that cost in US dollars, besides what it has cost before.
    pub judge_cost_usd: Option<f64>,
}

/// A cell that is done, of which nobody has said whether its checks pass.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unjudged {
    /// Its run.
    pub run: RunId,
    /// The case.
    pub prompt_id: String,
    /// Its lane.
    pub lane: String,
}

impl History {
    /// Stores verdicts. A cell that is gone, or was judged by somebody else, stays as it is.
    pub fn store_verdicts(&self, verdicts: &NewVerdicts) -> Result<(), HistoryError> {
        let record = serde_json::to_string(&verdicts.record)
            .map_err(|error| self.unreadable(error.to_string()))?;
        self.connection
            .prepare_cached(
                "UPDATE cell SET passed = ?3, record = ?4,
                    judge_cost_usd = CASE WHEN ?5 IS NULL THEN judge_cost_usd ELSE coalesce(judge_cost_usd, 0) + ?5 END
                 WHERE run = ?1 AND lane = ?2 AND passed IS NULL",
            )
            .and_then(|mut update| {
                update.execute(params![
                    verdicts.run.0,
                    verdicts.record.lane.lane,
                    verdicts.record.is_passed(),
                    record,
                    verdicts.judge_cost_usd
                ])
            })
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// The cells of a batch that are done and have checks, and nobody knows whether they pass.
    pub fn unjudged(&self, batch: &BatchId) -> Result<Vec<Unjudged>, HistoryError> {
        let broken = |source| self.error(source);
        let mut select = self
            .connection
            .prepare(
                "SELECT run.id, prompt_id, lane FROM run JOIN cell ON cell.run = run.id
                 WHERE batch = ?1 AND prompt_id IS NOT NULL AND status = 'done' AND passed IS NULL
                    AND json_array_length(record, '$.checks') > 0
                 ORDER BY run.position, run.id, cell.position",
            )
            .map_err(broken)?;
        let rows = select
            .query_map([&batch.0], |row| {
                Ok(Unjudged {
                    run: RunId(row.get(0)?),
                    prompt_id: row.get(1)?,
                    lane: row.get(2)?,
                })
            })
            .map_err(broken)?;
        rows.collect::<Result<_, _>>().map_err(broken)
    }
}
