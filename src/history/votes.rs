//! Votes: which of two answers to a prompt is better, as a judge or a person says. Counts nothing.

use super::{History, HistoryError};
use crate::domain::{
    id::{BatchId, RunId},
    stats::Outcome,
};
use rusqlite::params;

/// One vote.
#[derive(Debug, Clone, PartialEq)]
pub struct StoredVote {
    /// The prompt.
    pub run: RunId,
    /// Who votes: the name of the lane that judges.
    pub voter: String,
    /// The first lane.
    pub first: String,
    /// The second lane.
    pub second: String,
    /// How the first one did.
    pub outcome: Outcome,
    /// Why.
    pub reason: String,
    /// What it cost to ask.
    pub cost_usd: Option<f64>,
}

impl StoredVote {
    /// The reason of a tie between two answers that are the same: nobody was asked about them.
    pub const SAME: &'static str = "the answers are the same";

    /// Whether somebody was asked.
    pub fn was_asked(&self) -> bool {
        self.cost_usd.is_some() || self.outcome != Outcome::Tie || self.reason != Self::SAME
    }
}

impl History {
    /// Stores a vote; one that is there stays as it is.
    pub fn store_vote(&self, vote: &StoredVote, voted_at: &str) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO vote (run, voted_at, voter, first, second, outcome, reason, cost_usd)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    vote.run.0,
                    voted_at,
                    vote.voter,
                    vote.first,
                    vote.second,
                    match vote.outcome {
                        Outcome::Win => "first",
                        Outcome::Loss => "second",
                        Outcome::Tie => "tie",
                    },
                    vote.reason,
                    vote.cost_usd
                ],
            )
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// The votes on the runs of a batch.
    pub fn votes(&self, batch: &BatchId) -> Result<Vec<StoredVote>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<StoredVote>> {
            self.connection
                .prepare(
                    "SELECT run, voter, first, second, outcome, reason, cost_usd FROM vote
                     JOIN run ON run.id = vote.run WHERE batch = ?1 ORDER BY position, vote.id",
                )?
                .query_map([&batch.0], |row| {
                    Ok(StoredVote {
                        run: RunId(row.get(0)?),
                        voter: row.get(1)?,
                        first: row.get(2)?,
                        second: row.get(3)?,
                        outcome: match row.get::<_, String>(4)?.as_str() {
                            "first" => Outcome::Win,
                            "second" => Outcome::Loss,
                            _ => Outcome::Tie,
                        },
                        reason: row.get::<_, Option<String>>(5)?.unwrap_or_default(),
                        cost_usd: row.get(6)?,
                    })
                })?
                .collect()
        };
        read().map_err(|source| self.error(source))
    }

    /// The runs of a batch, in their order.
    pub fn run_ids(&self, batch: &BatchId) -> Result<Vec<RunId>, HistoryError> {
        let read = || -> rusqlite::Result<Vec<RunId>> {
            self.connection
                .prepare("SELECT id FROM run WHERE batch = ?1 ORDER BY position, id")?
                .query_map([&batch.0], |row| row.get(0).map(RunId))?
                .collect()
        };
        read().map_err(|source| self.error(source))
    }
}
