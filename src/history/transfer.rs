//! Parts of a history as files of their own, and histories put together: what several machines did becomes one.

use super::{History, HistoryError, schema};
use crate::domain::id::BatchId;
use rusqlite::params;
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

/// What came of an import.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Imported {
    /// Batches that were new here.
    pub batches: u32,
    /// Cells that were new here.
    pub cells: u32,
}

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
        // Checks that it is one of ours, and brings an older one forward.
        let theirs = Self::open_to_read(other)?;
        schema::check(&theirs)?;
        drop(theirs);
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
        self.attached(other, |history| {
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

    fn attached(
        &mut self,
        other: &Path,
        work: impl FnOnce(&Self) -> rusqlite::Result<()>,
    ) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "ATTACH DATABASE ?1 AS other",
                params![other.display().to_string()],
            )
            .map_err(|source| super::error(other, source))?;
        let done = work(self);
        let _ = self.connection.execute("DETACH DATABASE other", []);
        done.map_err(|source| self.error(source))
    }
}

/// A batch that takes parts.
struct Taker {
    id: String,
    parts: BTreeSet<String>,
    began_s: i64,
}

/// Parts of one replay, done in several places, become one batch: that of the first of them.
fn join_parts(history: &History) -> rusqlite::Result<()> {
    let transaction = history.connection.unchecked_transaction()?;
    let parts: Vec<(String, String, String, i64)> = transaction
        .prepare(
            "SELECT id, whole, part, CAST(strftime('%s', started_at) AS INTEGER) FROM main.batch
             WHERE part IS NOT NULL AND whole IS NOT NULL ORDER BY started_at, id",
        )?
        .query_map([], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
        })?
        .collect::<rusqlite::Result<_>>()?;
    // By what they are parts of, and of how many: the batches that take parts, each with those that it has.
    let mut whole: BTreeMap<(String, String), Vec<Taker>> = BTreeMap::new();
    for (id, of, part, began_s) in parts {
        let many = part
            .rsplit_once('/')
            .map_or("", |(_, many)| many)
            .to_owned();
        let has: BTreeSet<String> = part.split('+').map(str::to_owned).collect();
        let takers = whole.entry((of, many)).or_default();
        // Of several replays of one suite, the one that began at about the same time.
        let nearest = takers
            .iter_mut()
            .filter(|taker| taker.parts.is_disjoint(&has))
            .min_by_key(|taker| taker.began_s.abs_diff(began_s));
        let Some(Taker {
            id: taker,
            parts: its,
            ..
        }) = nearest
        else {
            takers.push(Taker {
                id,
                parts: has,
                began_s,
            });
            continue;
        };
        its.extend(has);
        let all: Vec<&str> = its.iter().map(String::as_str).collect();
        transaction.execute(
            "UPDATE main.run SET batch = ?1 WHERE batch = ?2",
            [&*taker, &id],
        )?;
        transaction.execute(
            "UPDATE main.spend SET batch = ?1 WHERE batch = ?2",
            [&*taker, &id],
        )?;
        transaction.execute(
            "UPDATE main.batch SET part = ?2,
                planned = planned + (SELECT planned FROM main.batch WHERE id = ?3),
                ended_at = CASE WHEN (SELECT ended_at FROM main.batch WHERE id = ?3) IS NULL THEN NULL
                    ELSE max(ended_at, (SELECT ended_at FROM main.batch WHERE id = ?3)) END
             WHERE id = ?1",
            [&*taker, &all.join("+"), &id],
        )?;
        transaction.execute("DELETE FROM main.batch WHERE id = ?1", [&id])?;
    }
    transaction.commit()
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
