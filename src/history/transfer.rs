//! Parts of a history as files of their own, and histories put together: what several machines did becomes one.

use super::{History, HistoryError, error, immutable, parts::join_parts, schema, theirs::Theirs};
use crate::domain::id::BatchId;
use rusqlite::params;
use std::path::Path;

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Batches that were new here.
    pub batches: u32,
    /// Cells that were new here.
    pub cells: u32,
    /// Cells that were not done here, and are now.
    pub replaced: u32,
}

const REPLACED: &str = "SELECT count(*) FROM main.cell AS ours
    JOIN other.cell AS theirs ON theirs.run = ours.run AND theirs.lane = ours.lane
    WHERE ours.status <> 'done' AND theirs.status = 'done'";

const COPY: [&str; 7] = [
    "INSERT INTO {to}.batch SELECT * FROM {from}.batch WHERE id IN ({ids}) ON CONFLICT DO NOTHING",
    "INSERT INTO {to}.run SELECT * FROM {from}.run WHERE batch IN ({ids}) ON CONFLICT DO NOTHING",
    // What was asked again there and is done now.
    "DELETE FROM {to}.cell WHERE status <> 'done' AND EXISTS (SELECT 1 FROM {from}.cell AS theirs
        WHERE theirs.run = {to}.cell.run AND theirs.lane = {to}.cell.lane AND theirs.status = 'done')",
    "INSERT INTO {to}.cell SELECT * FROM {from}.cell
        WHERE run IN (SELECT id FROM {from}.run WHERE batch IN ({ids}))
          AND run IN (SELECT id FROM {to}.run) ON CONFLICT DO NOTHING",
    "INSERT INTO {to}.vote (run, voted_at, voter, first, second, outcome, reason, cost_usd)
        SELECT run, voted_at, voter, first, second, outcome, reason, cost_usd FROM {from}.vote
        WHERE run IN (SELECT id FROM {from}.run WHERE batch IN ({ids}))
          AND run IN (SELECT id FROM {to}.run) ON CONFLICT DO NOTHING",
    "INSERT INTO {to}.half_vote SELECT * FROM {from}.half_vote AS half
        WHERE run IN (SELECT id FROM {from}.run WHERE batch IN ({ids}))
          AND run IN (SELECT id FROM {to}.run)
          AND NOT EXISTS (SELECT 1 FROM {to}.vote WHERE vote.run = half.run AND vote.voter = half.voter
            AND vote.first = half.first AND vote.second = half.second) ON CONFLICT DO NOTHING",
    // Where the runs of a batch were joined to another one, what they cost goes there, too.
    "INSERT INTO {to}.spend SELECT id, coalesce((SELECT ours.batch FROM {from}.run AS theirs
            JOIN {to}.run AS ours ON ours.id = theirs.id WHERE theirs.batch = spent.batch LIMIT 1), spent.batch),
        at, kind, usd, usd_at_most FROM {from}.spend AS spent WHERE batch IN ({ids})
        ON CONFLICT (id) DO UPDATE SET usd = excluded.usd, usd_at_most = excluded.usd_at_most",
];

impl History {
    /// Takes over what another history holds and this one does not. The other one is only read.
    pub fn import(&mut self, other: &Path) -> Result<Imported, HistoryError> {
        self.import_by(other, schema::STEPS)
    }

    /// The same where these steps make a history.
    pub(super) fn import_by(
        &mut self,
        other: &Path,
        steps: &[&str],
    ) -> Result<Imported, HistoryError> {
        let theirs = Theirs::of(other, self, steps)?;
        let other = theirs.path.as_path();
        let counts = |history: &Self| -> rusqlite::Result<(u32, u32)> {
            let count = |table: &str| {
                let sql = format!("SELECT count(*) FROM main.{table}");
                history
                    .connection
                    .query_row(&sql, [], |row| row.get::<_, u32>(0))
            };
            Ok((count("batch")?, count("cell")?))
        };
        let before = counts(self).map_err(|source| self.error(source))?;
        let mut replaced = 0;
        self.attached(other, |history| {
            replaced = history
                .connection
                .query_row(REPLACED, [], |row| row.get(0))?;
            copy(history, "other", "main", "SELECT id FROM other.batch")?;
            // What was joined to another batch before has its runs there.
            history.connection.execute(
                "DELETE FROM main.batch WHERE id IN (SELECT batch FROM other.run)
                    AND NOT EXISTS (SELECT 1 FROM main.run WHERE main.run.batch = main.batch.id)",
                [],
            )?;
            join_parts(history)
        })?;
        let after = counts(self).map_err(|source| self.error(source))?;
        Ok(Imported {
            batches: after.0 - before.0,
            cells: after.1 - before.1,
            replaced,
        })
    }

    /// Writes batches into a history file of their own, which must not be there yet.
    pub fn export(&mut self, batches: &[BatchId], to: &Path) -> Result<(), HistoryError> {
        if to.exists() {
            return Err(HistoryError::File {
                path: to.to_owned(),
                source: std::io::ErrorKind::AlreadyExists.into(),
            });
        }
        drop(Self::open(to)?);
        let ids: Vec<String> = batches
            .iter()
            .map(|id| format!("'{}'", id.0.replace('\'', "''")))
            .collect();
        let ids = ids.join(", ");
        self.attached(to, |history| {
            copy(history, "main", "other", &ids)?;
            // One file, that can be moved as it is.
            history.connection.pragma_update_and_check(
                Some("other"),
                "journal_mode",
                "delete",
                |_| Ok(()),
            )
        })
    }

    fn attach(&self, other: &Path, address: &str) -> Result<(), HistoryError> {
        let attach = || -> rusqlite::Result<()> {
            let connection = &self.connection;
            connection.execute("ATTACH DATABASE ?1 AS other", params![address])?;
            // Only a look into it shows whether it can be read.
            connection.query_row("SELECT count(*) FROM other.sqlite_schema", [], |_| Ok(()))
        };
        attach().map_err(|source| {
            let _ = self.connection.execute("DETACH DATABASE other", []);
            error(other, source)
        })
    }

    fn attached(
        &mut self,
        other: &Path,
        work: impl FnOnce(&Self) -> rusqlite::Result<()>,
    ) -> Result<(), HistoryError> {
        match self.attach(other, &other.display().to_string()) {
            // It lies where nothing can be written.
            Err(HistoryError::ReadOnly(_)) => self.attach(other, &immutable(other))?,
            attached => attached?,
        }
        let done = work(self);
        let _ = self.connection.execute("DETACH DATABASE other", []);
        done.map_err(|source| self.error(source))
    }
}

fn copy(history: &History, from: &str, to: &str, ids: &str) -> rusqlite::Result<()> {
    let transaction = history.connection.unchecked_transaction()?;
    for statement in COPY {
        let statement = statement
            .replace("{from}", from)
            .replace("{to}", to)
            .replace("{ids}", ids);
        transaction.execute(&statement, [])?;
    }
    transaction.commit()
}
