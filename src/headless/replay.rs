//! A suite at all lanes, without a screen: sends cells as fast as their hosts allow, has them checked and stored, and says
//! how far it is. Reads no file, builds no lanes, decides no exit status.
//!
//! A cell is over when it is stored; what is in flight when somebody stops it is finished, a second time is at once.

mod bench;
mod cell;
mod closing;
mod conductor;
mod judging;
pub mod pairs;
mod progress;
mod queue;
pub mod rejudge;
mod runs;
mod shift;
mod station;
mod stop;
mod tally;
#[cfg(test)]
mod tests;

pub use bench::Bench;
pub use progress::Face;
pub use runs::{Marks, Runs};
pub use tally::{LaneTally, Tally};

use super::{
    ask::Signal,
    sink::{Outputs, Sink},
};
use crate::{
    check::Checkers,
    domain::{
        batch::BatchHead,
        failure::LaneFailure,
        plan::{LaneSource, Schedule},
    },
    history::{HistoryError, Recorder},
    report::Totals,
    run::Lane,
    spool::SpoolError,
    suite::Cases,
};
use conductor::Conductor;
use futures_util::stream::BoxStream;
use std::{collections::HashMap, io, sync::Mutex};

/// What to replay.
#[derive(Debug)]
pub struct Replay {
    /// The batch that the cells belong to.
    pub batch: BatchHead,
    /// The prompts.
    pub cases: Cases,
    /// What their checks are compiled with.
    pub checkers: Mutex<Checkers>,
    /// The prompts in the order in which they are asked.
    pub runs: Runs,
    /// The lanes; a record lists them in this order.
    pub lanes: Vec<Lane>,
    /// Lanes that judge answers, by name.
    pub judges: HashMap<String, Lane>,
    /// The one that judges where a check names none.
    pub judge: Option<String>,
    /// Where judges are asked.
    pub bench: Bench,
    /// Whether local lanes work at the same time.
    pub schedule: Schedule,
    /// For each lane the place where it is worked on, and how many cells it takes at once.
    pub posts: Vec<Post>,
    /// Cells there is nothing to do for.
    pub is_done: Marks,
    /// The most that all of it may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// What the batch has cost before.
    pub spent_usd: f64,
    /// What the command line says goes before what the suite says.
    pub is_system_fixed: bool,
    /// The same for the most tokens of an answer.
    pub is_max_tokens_fixed: bool,
    /// Where cells are kept; `None` where they are not.
    pub recorder: Option<Recorder>,
    /// How progress is shown.
    pub face: Face,
}

/// Where a lane is worked on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Post {
    /// Lanes with the same one share it.
    pub key: String,
    /// Cells at once.
    pub most: u32,
    /// Whether its lanes have it to themselves, one after another.
    pub is_in_turns: bool,
}

/// How it ended.
#[derive(Debug)]
pub enum Outcome {
    /// Every cell is done.
    Done,
    /// A signal stopped it.
    Stopped(Signal),
    /// The next cell might have cost more than allowed.
    Spent,
    /// Lanes were given up; the rest is done.
    GivenUp,
    /// The history cannot be written any more.
    Unstored(HistoryError),
    /// The prompts cannot be read back.
    Unread(SpoolError),
}

/// What came of it.
#[derive(Debug)]
pub struct Report {
    /// How it ended.
    pub outcome: Outcome,
    /// Figures by lane.
    pub tally: Tally,
    /// Where nothing is kept, what the cells came to.
    pub totals: Totals,
    /// Cells that were not done.
    pub left: usize,
    /// Lanes that were given up, and why.
    pub given_up: Vec<(String, LaneFailure)>,
    /// What the batch has cost by now, as a limit counts it.
    pub spent_usd: f64,
}

/// Replays, and returns when nothing is in flight any more.
///
/// # Errors
/// The output's thread could not be started.
pub async fn replay(
    replay: Replay,
    outputs: Outputs,
    signals: BoxStream<'static, Signal>,
) -> io::Result<Report> {
    let mut conductor = Conductor::new(replay, Sink::new(outputs)?);
    let outcome = conductor.conduct(signals).await;
    Ok(conductor.end(outcome).await)
}

/// The place where a lane is worked on: its host's address, where it has one, or this machine.
pub fn post(
    lane: &Lane,
    schedule: Schedule,
    address: Option<String>,
    concurrency: impl Fn(&Lane) -> u32,
) -> Post {
    let plan = &lane.plan;
    let own = || format!("lane {}", plan.name);
    match &plan.source {
        LaneSource::Local(local) => Post {
            key: match schedule {
                Schedule::Fair => "this machine".to_owned(),
                Schedule::Race => own(),
            },
            most: local.parallel,
            is_in_turns: schedule == Schedule::Fair,
        },
        LaneSource::Remote(_) => Post {
            // Whoever is asked there, and by which path: it is one host, and gets so many requests at once in all.
            key: address.map_or_else(own, |address| format!("at {address}")),
            most: concurrency(lane),
            is_in_turns: false,
        },
        LaneSource::Tape(_) | LaneSource::Played(_) => Post {
            key: own(),
            most: concurrency(lane),
            is_in_turns: false,
        },
    }
}
