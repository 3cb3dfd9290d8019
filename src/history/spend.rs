//! What a batch cost, or may have cost, that stands on none of its cells and votes: what was asked again, cut off, or
//! never told. Only added to, so that a limit holds however often a batch is continued. Prices nothing.

use super::{History, HistoryError, NewCell};
use crate::domain::id::BatchId;
use rusqlite::{Transaction, params};

/// Of a cell: what it cost is not known, and may be something.
pub(super) const IS_LOST: &str = "(cost_usd IS NULL AND (error_kind IS NULL
    OR error_kind IN ('timeout', 'truncated', 'protocol')
    OR json_extract(record, '$.timing.ttfb_ms') IS NOT NULL
    OR (json_extract(record, '$.timing.connect_ms') IS NOT NULL AND json_extract(record, '$.error.status') IS NULL)))";

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct Spend {
    /// A later one with the same replaces its amounts.
    pub id: String,
    /// Its batch.
    pub batch: BatchId,
    /// RFC 3339 in UTC with milliseconds.
    pub at: String,
    /// What for.
    pub kind: SpendKind,
    /// US dollars that are known of it, or estimated; `None` where nothing is.
    pub usd: Option<f64>,
    /// What it is at the most.
    pub usd_at_most: f64,
}

/// What something was spent for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SpendKind {
    /// An attempt that another one followed.
    Attempt,
    /// What was being asked, as long as nobody says what became of it: after a kill, for ever.
    InFlight,
    /// Judging an answer.
    Judging,
    /// Choosing between two answers.
    Choosing,
}

impl SpendKind {
    const fn name(self) -> &'static str {
        match self {
            Self::Attempt => "attempt",
            Self::InFlight => "in_flight",
            Self::Judging => "judging",
            Self::Choosing => "choosing",
        }
    }
}

/// What the cells and votes of a batch do not show.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Unshown {
    /// Known, or estimated, for lanes.
    pub lanes_usd: Option<f64>,
    /// A part of that is an estimate.
    pub is_estimated: bool,
    /// Entries for lanes that may be more than what is known of them.
    pub lanes_untold: u64,
    /// Known for judges.
    pub judges_usd: Option<f64>,
    /// Entries for judges that may be more; but for judging, which each cell says itself.
    pub judges_untold: u64,
    /// What a limit counts of all that.
    pub at_most_usd: f64,
}

impl Unshown {
    /// What is known of it, or estimated.
    pub fn known_usd(&self) -> f64 {
        self.lanes_usd.unwrap_or_default() + self.judges_usd.unwrap_or_default()
    }
}

impl History {
    /// Adds an entry, or brings one up to date.
    pub fn store_spend(&self, spend: &Spend) -> Result<(), HistoryError> {
        self.connection
            .prepare_cached(
                "INSERT INTO spend (id, batch, at, kind, usd, usd_at_most) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
                 ON CONFLICT (id) DO UPDATE SET usd = excluded.usd, usd_at_most = excluded.usd_at_most",
            )
            .and_then(|mut insert| {
                insert.execute(params![
                    spend.id,
                    spend.batch.0,
                    spend.at,
                    spend.kind.name(),
                    spend.usd,
                    spend.usd_at_most
                ])
            })
            .map(drop)
            .map_err(|source| self.error(source))
    }

    /// What a batch has cost, in US dollars: its answers, their judging, the votes, and all entries at their most. Cells
    /// that nobody told the cost of are not in it.
    pub fn spent_usd(&self, batch: &BatchId) -> Result<f64, HistoryError> {
        self.connection
            .query_row(
                "SELECT coalesce((SELECT sum(coalesce(cost_usd, 0) + coalesce(judge_cost_usd, 0))
                        FROM run JOIN cell ON cell.run = run.id WHERE batch = ?1), 0)
                    + coalesce((SELECT sum(cost_usd) FROM run JOIN vote ON vote.run = run.id WHERE batch = ?1), 0)
                    + coalesce((SELECT sum(cost_usd) FROM run JOIN half_vote ON half_vote.run = run.id
                        WHERE batch = ?1), 0)
                    + coalesce((SELECT sum(usd_at_most) FROM spend WHERE batch = ?1), 0)",
                [&batch.0],
                |row| row.get(0),
            )
            .map_err(|source| self.error(source))
    }

    /// What of that no cell and no vote shows.
    pub fn unshown_spend(&self, batch: &BatchId) -> Result<Unshown, HistoryError> {
        self.unshown(batch).map_err(|source| self.error(source))
    }

    pub(super) fn unshown(&self, batch: &BatchId) -> rusqlite::Result<Unshown> {
        self.connection
            .prepare_cached(
                "SELECT sum(usd) FILTER (WHERE is_lanes),
                    coalesce(max(kind = 'attempt' AND usd > 0), 0),
                    count(*) FILTER (WHERE is_lanes AND is_untold),
                    sum(usd) FILTER (WHERE NOT is_lanes),
                    count(*) FILTER (WHERE kind = 'choosing' AND is_untold),
                    coalesce(sum(usd_at_most), 0)
                 FROM (SELECT kind, usd, usd_at_most, kind IN ('attempt', 'replaced', 'in_flight') AS is_lanes,
                        usd_at_most > coalesce(usd, 0) AS is_untold FROM spend WHERE batch = ?1)",
            )?
            .query_row([&batch.0], |row| {
                let count = |at| row.get(at).map(|many: i64| u64::try_from(many).unwrap_or(0));
                Ok(Unshown {
                    lanes_usd: row.get(0)?,
                    is_estimated: row.get(1)?,
                    lanes_untold: count(2)?,
                    judges_usd: row.get(3)?,
                    judges_untold: count(4)?,
                    at_most_usd: row.get(5)?,
                })
            })
    }
}

/// What a cell cost that is about to be replaced is kept. How it ended is taken from the cell, what it cost at the most
/// from the one that takes its place: both ask the same.
pub(super) fn keep_replaced(
    transaction: &Transaction<'_>,
    run: &str,
    cell: &NewCell,
) -> rusqlite::Result<()> {
    transaction
        .prepare_cached(&format!(
            "INSERT INTO spend (id, batch, at, kind, usd, usd_at_most)
             SELECT lower(hex(randomblob(16))), ?3, started_at, 'replaced',
                CASE WHEN cost_usd IS NULL THEN judge_cost_usd ELSE cost_usd + coalesce(judge_cost_usd, 0) END,
                coalesce(judge_cost_usd, 0) + CASE WHEN {IS_LOST} THEN ?4 ELSE coalesce(cost_usd, 0) END
             FROM cell WHERE run = ?1 AND lane = ?2 AND status <> 'done'
                AND (cost_usd > 0 OR judge_cost_usd > 0 OR ({IS_LOST} AND ?4 > 0))"
        ))?
        .execute(params![
            run,
            cell.record.lane.lane,
            cell.batch.0,
            cell.at_most_usd
        ])
        .map(drop)
}
