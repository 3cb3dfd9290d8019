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
    /// Stores a vote; one that is there stays as it is. What was half of it goes.
    pub fn store_vote(&self, vote: &StoredVote, voted_at: &str) -> Result<(), HistoryError> {
        let store = || -> rusqlite::Result<()> {
            let transaction = self.connection.unchecked_transaction()?;
            transaction.execute(
                "INSERT OR IGNORE INTO vote (run, voted_at, voter, first, second, outcome, reason, cost_usd)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                params![
                    vote.run.0,
                    voted_at,
                    vote.voter,
                    vote.first,
                    vote.second,
                    name_of(vote.outcome),
                    vote.reason,
                    vote.cost_usd
                ],
            )?;
            transaction.execute(
                "DELETE FROM half_vote WHERE run = ?1 AND voter = ?2 AND first = ?3 AND second = ?4",
                [&vote.run.0, &vote.voter, &vote.first, &vote.second],
            )?;
            transaction.commit()
        };
        store().map_err(|source| self.error(source))
    }

    /// Keeps what a judge said in the first of two orders; what is there stays as it is.
    pub fn store_half_vote(&self, half: &StoredVote) -> Result<(), HistoryError> {
        self.connection
            .execute(
                "INSERT OR IGNORE INTO half_vote (run, voter, first, second, outcome, reason, cost_usd)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                params![
                    half.run.0,
                    half.voter,
                    half.first,
                    half.second,
                    name_of(half.outcome),
                    half.reason,
                    half.cost_usd
                ],
            )
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// The votes on the runs of a batch.
    pub fn votes(&self, batch: &BatchId) -> Result<Vec<StoredVote>, HistoryError> {
        self.votes_in("vote", batch)
    }

    /// The same of which there is only the first half.
    pub fn half_votes(&self, batch: &BatchId) -> Result<Vec<StoredVote>, HistoryError> {
        self.votes_in("half_vote", batch)
    }

    fn votes_in(&self, table: &str, batch: &BatchId) -> Result<Vec<StoredVote>, HistoryError> {
        let sql = format!(
            "SELECT run, voter, first, second, outcome, reason, cost_usd FROM {table} AS vote
             JOIN run ON run.id = vote.run WHERE batch = ?1 ORDER BY position, vote.rowid"
        );
        let read = || -> rusqlite::Result<Vec<StoredVote>> {
            self.connection
                .prepare(&sql)?
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

const fn name_of(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Win => "first",
        Outcome::Loss => "second",
        Outcome::Tie => "tie",
    }
}
