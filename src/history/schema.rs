//! The tables, and how an older file becomes a newer one. A step is added, never changed.

use super::{History, HistoryError};
use std::{collections::BTreeSet, path::PathBuf};

/// One step per version; the number of steps is the version.
pub(super) const STEPS: &[&str] = &["
CREATE TABLE batch (
    id TEXT PRIMARY KEY NOT NULL,
    started_at TEXT NOT NULL,
    ended_at TEXT,
    kind TEXT NOT NULL,
    suite TEXT,
    -- What a batch must have in common with a replay to be continued by it.
    fingerprint TEXT,
    -- The same without the share of the work, and which share it is, such as 2/4.
    whole TEXT,
    part TEXT,
    -- Cells that it has when all is done.
    planned INTEGER,
    -- JSON: lanes, schedule, build.
    settings TEXT NOT NULL,
    version TEXT NOT NULL
);
CREATE INDEX batch_started ON batch (started_at);
CREATE INDEX batch_fingerprint ON batch (fingerprint, started_at);
CREATE TABLE run (
    id TEXT PRIMARY KEY NOT NULL,
    batch TEXT NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    prompt_id TEXT,
    repetition INTEGER NOT NULL,
    -- JSON: id, started_at, schedule, prompt, version.
    head TEXT NOT NULL,
    -- JSON: a list of texts.
    tags TEXT NOT NULL
);
CREATE INDEX run_batch ON run (batch, position);
CREATE UNIQUE INDEX run_case ON run (batch, prompt_id, repetition);
CREATE TABLE cell (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    lane TEXT NOT NULL,
    position INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    status TEXT NOT NULL,
    error_kind TEXT,
    passed INTEGER,
    e2e_ms REAL,
    cost_usd REAL,
    -- What it cost to have the answer judged.
    judge_cost_usd REAL,
    -- JSON: the lane of a run, with its checks.
    record TEXT NOT NULL,
    -- The lane's events as lines of JSON, deflated.
    tape BLOB,
    PRIMARY KEY (run, lane)
);
CREATE TABLE vote (
    id INTEGER PRIMARY KEY,
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    voted_at TEXT NOT NULL,
    -- The lane that judges.
    voter TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    -- first, second or tie.
    outcome TEXT NOT NULL,
    reason TEXT,
    cost_usd REAL,
    UNIQUE (run, voter, first, second)
);
", "
-- What was spent, or may have been, and stands on no cell and no vote. Nothing is taken out while its batch is there.
CREATE TABLE spend (
    id TEXT PRIMARY KEY NOT NULL,
    batch TEXT NOT NULL REFERENCES batch (id) ON DELETE CASCADE,
    at TEXT NOT NULL,
    -- attempt, replaced, in_flight, judging or choosing.
    kind TEXT NOT NULL,
    -- What is known of it.
    usd REAL,
    -- What a limit counts.
    usd_at_most REAL NOT NULL
);
CREATE INDEX spend_batch ON spend (batch);
-- What a judge said of a pair in the first of two orders, until it has said something in the second.
CREATE TABLE half_vote (
    run TEXT NOT NULL REFERENCES run (id) ON DELETE CASCADE,
    voter TEXT NOT NULL,
    first TEXT NOT NULL,
    second TEXT NOT NULL,
    outcome TEXT NOT NULL,
    reason TEXT,
    cost_usd REAL,
    PRIMARY KEY (run, voter, first, second)
);
"];

/// The version of the tables that this program writes.
pub(super) fn known() -> i64 {
    i64::try_from(STEPS.len()).unwrap_or(i64::MAX)
}

pub(super) fn found(history: &History) -> Result<i64, HistoryError> {
    history
        .connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|source| history.error(source))
}

/// The tables of a file; views and what only looks like a table are none.
pub(super) fn tables(history: &History) -> rusqlite::Result<BTreeSet<String>> {
    history
        .connection
        .prepare("SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table'")?
        .query_map([], |row| row.get(0))?
        .collect()
}

/// The columns of a table in their order.
pub(super) fn columns(history: &History, table: &str) -> rusqlite::Result<Vec<String>> {
    history
        .connection
        .prepare("SELECT name FROM pragma_table_info(?1) ORDER BY cid")?
        .query_map([table], |row| row.get(0))?
        .collect()
}

/// Refuses what a newer version wrote, and what has no tables.
pub(super) fn check(history: &History) -> Result<(), HistoryError> {
    let (found, known) = (found(history)?, known());
    if found > known {
        return Err(HistoryError::Newer {
            path: history.path.clone(),
            found,
            known,
        });
    }
    if found < known {
        return Err(history.unreadable(format!(
            "its schema is {found}, and it cannot be brought to {known} where it lies"
        )));
    }
    Ok(())
}

/// Refuses a file that another program made: it has tables, and none of ours.
pub(super) fn refuse_foreign(history: &History) -> Result<(), HistoryError> {
    if found(history)? > known() || is_ours(history)? {
        return Ok(());
    }
    Err(HistoryError::Foreign {
        path: history.path.clone(),
        what: "it is an SQLite file of another program, and is left as it is".to_owned(),
    })
}

/// Whether it is empty, or has our tables.
pub(super) fn is_ours(history: &History) -> Result<bool, HistoryError> {
    let (all, ours): (u32, u32) = history
        .connection
        .query_row(
            "SELECT count(*), coalesce(sum(type = 'table' AND name IN ('batch', 'run', 'cell')), 0) FROM sqlite_master",
            [],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .map_err(|source| history.error(source))?;
    Ok(ours == 3 || (all == 0 && found(history)? == 0))
}

/// Brings an older file to the version of this program, after a copy of it was made.
pub(super) fn bring_forward(
    history: &mut History,
    notices: &mut Vec<String>,
) -> Result<(), HistoryError> {
    walk(history, STEPS, notices)
}

/// Takes the steps that a file lacks.
pub(super) fn walk(
    history: &mut History,
    steps: &[&str],
    notices: &mut Vec<String>,
) -> Result<(), HistoryError> {
    let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
    let was = found(history)?;
    if was == known {
        return Ok(());
    }
    if was > known {
        return check(history);
    }
    if was > 0 {
        let backup = backed_up(history, was)?;
        notices.push(format!(
            "the history was brought from schema {was} to {known}; {} is how it was",
            backup.display()
        ));
    }
    let path = history.path.clone();
    let mut take = || -> rusqlite::Result<()> {
        let transaction = history
            .connection
            .transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
        // Another process may have been faster.
        let now: i64 = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
        for step in steps.iter().skip(usize::try_from(now).unwrap_or(0)) {
            transaction.execute_batch(step)?;
        }
        transaction.pragma_update(None, "user_version", known)?;
        transaction.commit()
    };
    take().map_err(|source| super::error(&path, source))
}

fn backed_up(history: &History, version: i64) -> Result<PathBuf, HistoryError> {
    let mut name = history.path.as_os_str().to_owned();
    name.push(format!(".schema-{version}"));
    let backup = PathBuf::from(name);
    if !backup.exists() {
        history
            .connection
            .execute("VACUUM INTO ?1", [backup.display().to_string()])
            .map_err(|source| history.error(source))?;
    }
    Ok(backup)
}
