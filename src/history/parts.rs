//! Parts of one replay that were done in several places: how they become one batch, and which of them are not here.

use super::{History, HistoryError};
use crate::domain::id::BatchId;
use rusqlite::{OptionalExtension, params};
use std::collections::{BTreeMap, BTreeSet};

/// Missing parts that are named one by one.
const NAMED: usize = 5;

impl History {
    /// Puts the parts together that are here, but for those that another process works on.
    pub fn join(&self) -> Result<(), HistoryError> {
        join_parts(self).map_err(|source| self.error(source))
    }

    /// Which parts of a replay its batch lacks, such as `part 2 of 3 is missing`; `None` where it lacks none.
    pub fn missing_parts(&self, batch: &BatchId) -> Result<Option<String>, HistoryError> {
        let part: Option<Option<String>> = self
            .connection
            .query_row("SELECT part FROM batch WHERE id = ?1", [&batch.0], |row| {
                row.get(0)
            })
            .optional()
            .map_err(|source| self.error(source))?;
        Ok(part.flatten().as_deref().and_then(missing))
    }

    /// Makes a batch of parts the batch of the whole, of which so many cells are planned: what its parts lack is asked here.
    pub fn make_whole(
        &self,
        batch: &BatchId,
        fingerprint: &str,
        planned: u64,
    ) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "UPDATE batch SET fingerprint = ?2, planned = ?3, whole = NULL, part = NULL WHERE id = ?1",
                params![batch.0, fingerprint, super::record::as_integer(planned)],
            )
            .map(drop)
            .map_err(|source| self.error(source))
    }
}

/// What `1/3+3/3` lacks, in words.
pub(super) fn missing(part: &str) -> Option<String> {
    let mut here = BTreeSet::new();
    let mut many = 0;
    for one in part.split('+') {
        let (index, of) = one.split_once('/')?;
        here.insert(index.parse::<u64>().ok()?);
        many = of.parse::<u64>().ok()?;
    }
    here.retain(|index| (1..=many).contains(index));
    let lacks = many.saturating_sub(here.len() as u64);
    let first: Vec<String> = (1..=many)
        .filter(|index| !here.contains(index))
        .take(NAMED)
        .map(|index| index.to_string())
        .collect();
    let more = lacks.saturating_sub(first.len() as u64);
    match (first.as_slice(), more) {
        ([], _) => None,
        ([only], _) => Some(format!("part {only} of {many} is missing")),
        ([some @ .., last], 0) => Some(format!(
            "parts {} and {last} of {many} are missing",
            some.join(", ")
        )),
        (some, more) => Some(format!(
            "parts {} and {more} more of {many} are missing",
            some.join(", ")
        )),
    }
}

/// A batch that takes parts.
struct Taker {
    id: String,
    parts: BTreeSet<String>,
    began_s: i64,
}

/// Parts of one replay, done in several places, become one batch: that of the first of them. One that is being worked on
/// waits until the next time.
pub(super) fn join_parts(history: &History) -> rusqlite::Result<()> {
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
        // Whoever writes into it must find it again.
        if history.is_claimed(&BatchId(id.clone())) {
            continue;
        }
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
