//! Batches of the same suite that were run otherwise. Compares nothing.

use super::{History, HistoryError};
use crate::domain::id::BatchId;
use rusqlite::OptionalExtension;
use serde_json::Value;

impl History {
    /// The latest replay of a suite of this title, and how it was run.
    pub fn latest_of_suite(&self, suite: &str) -> Result<Option<(BatchId, Value)>, HistoryError> {
        self.connection
            .query_row(
                "SELECT id, settings FROM batch WHERE kind = 'replay' AND suite = ?1
                 ORDER BY started_at DESC, id DESC LIMIT 1",
                [suite],
                |row| {
                    let settings: String = row.get(1)?;
                    Ok((
                        BatchId(row.get(0)?),
                        serde_json::from_str(&settings).unwrap_or_default(),
                    ))
                },
            )
            .optional()
            .map_err(|source| self.error(source))
    }
}
