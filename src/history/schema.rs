//! The tables, and how an older file becomes a newer one. A step is added, never changed.

use super::{History, HistoryError};
use std::path::PathBuf;

/// One step per version; the number of steps is the version.
const STEPS: &[&str] = &["
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

fn found(history: &History) -> Result<i64, HistoryError> {
    history
        .connection
        .pragma_query_value(None, "user_version", |row| row.get(0))
        .map_err(|source| history.error(source))
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
