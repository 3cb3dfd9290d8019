//! Has a judge choose the better of every two answers to a prompt, in both orders; what the orders disagree about is a
//! tie. Reads the answers from the history, and stores each vote there, with what it cost.

mod money;
mod pair;

use super::judging::is_same;
use crate::{
    domain::{
        cost::CostSum,
        id::{BatchId, RunId},
        stats::Outcome,
    },
    headless::ask::Signal,
    history::{History, HistoryError, SpendKind, StoredVote},
    run::{self, Lane},
};
use futures_util::stream::{BoxStream, StreamExt};
use money::Purse;
use pair::{Pair, Said};
use std::collections::{BTreeSet, HashMap, VecDeque};
use tokio::task::JoinSet;

/// What to have chosen.
#[derive(Debug)]
pub struct Pairs {
    /// Where the answers are.
    pub history: History,
    /// Whose.
    pub batch: BatchId,
    /// Who chooses.
    pub judge: Lane,
    /// What makes an answer good, by the ids of prompts.
    pub rubrics: HashMap<String, String>,
    /// Pairs at once.
    pub concurrency: usize,
    /// The most that the batch may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// What it has cost before.
    pub spent_usd: f64,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Chosen {
    /// Votes that were made now.
    pub votes: usize,
    /// Those of them that are ties.
    pub ties: usize,
    /// Pairs that the judge said nothing usable about, and why the first of them.
    pub failed: usize,
    /// The first reason.
    pub why: Option<String>,
    /// What it cost.
    pub cost: CostSum,
    /// A signal stopped it.
    pub stopped: Option<Signal>,
    /// The next pair might have cost more than allowed.
    pub is_spent: bool,
}

/// Has all pairs chosen that have no vote of this judge yet.
///
/// # Errors
/// The history cannot be read or written.
pub async fn choose(
    pairs: Pairs,
    mut signals: BoxStream<'static, Signal>,
) -> Result<Chosen, HistoryError> {
    let mut waiting = Waiting::of(&pairs)?;
    let mut purse = Purse::of(&pairs);
    let mut work = JoinSet::new();
    let mut chosen = Chosen::default();
    loop {
        while chosen.stopped.is_none() && !chosen.is_spent && work.len() < pairs.concurrency {
            let Some(pair) = waiting.next(&pairs)? else {
                break;
            };
            let most = pair.most_usd(&pairs.judge.plan);
            if purse.reserve(&pairs, most)? {
                let judge = pairs.judge.clone();
                work.spawn(async move { (pair.ask(judge).await, most) });
            } else {
                // What is in flight may turn out to cost less than it might have.
                chosen.is_spent = work.is_empty();
                waiting.pairs.push_front(pair);
                break;
            }
        }
        if work.is_empty() {
            break;
        }
        tokio::select! {
            biased;
            Some(signal) = signals.next() => {
                if chosen.stopped.is_some() {
                    work.shutdown().await;
                    break;
                }
                chosen.stopped = Some(signal);
            }
            Some(asked) = work.join_next() => {
                // One that panicked was told in the log, and stays reserved.
                let Ok((asked, most)) = asked else { continue };
                keep(&pairs, asked, &mut chosen, |sum| purse.spent(sum, most))?;
            }
        }
    }
    purse.close(&pairs)?;
    Ok(chosen)
}

/// Keeps what came of a pair, and what it cost.
fn keep(
    pairs: &Pairs,
    asked: pair::Chosen,
    chosen: &mut Chosen,
    spent: impl FnOnce(CostSum),
) -> Result<(), HistoryError> {
    let pair::Chosen {
        pair,
        said,
        half_cost,
        cost,
    } = asked;
    let both = half_cost.with(cost);
    chosen.cost = chosen.cost.with(both);
    let vote = |outcome, reason: String, cost_usd| StoredVote {
        run: pair.run.clone(),
        voter: pairs.judge.plan.name.clone(),
        first: pair.first.lane.clone(),
        second: pair.second.lane.clone(),
        outcome,
        reason,
        cost_usd,
    };
    let rest = match said {
        Said::Both(outcome, reason) => {
            chosen.votes += 1;
            chosen.ties += usize::from(outcome == Outcome::Tie);
            let before = pair.half.as_ref().and_then(|half| half.cost_usd);
            let cost_usd = [before, both.known_usd]
                .into_iter()
                .flatten()
                .reduce(|a, b| a + b);
            pairs
                .history
                .store_vote(&vote(outcome, reason, cost_usd), &run::now())?;
            CostSum {
                known_usd: None,
                ..both
            }
        }
        Said::Half(outcome, reason, why) => {
            chosen.failed += 1;
            chosen.why.get_or_insert(why);
            let half = vote(outcome, reason, half_cost.known_usd);
            pairs.history.store_half_vote(&half)?;
            CostSum {
                known_usd: cost.known_usd,
                ..both
            }
        }
        Said::Nothing(why) => {
            chosen.failed += 1;
            chosen.why.get_or_insert(why);
            both
        }
    };
    money::note(pairs, SpendKind::Choosing, rest)?;
    spent(both);
    Ok(())
}

/// The pairs that are to be chosen, run by run.
struct Waiting {
    /// Pairs that have a vote.
    there: BTreeSet<(RunId, String, String)>,
    /// What was said of the others in one order.
    halves: HashMap<(RunId, String, String), StoredVote>,
    runs: VecDeque<RunId>,
    pairs: VecDeque<Pair>,
}

impl Waiting {
    fn of(pairs: &Pairs) -> Result<Self, HistoryError> {
        let (history, batch) = (&pairs.history, &pairs.batch);
        let own = |vote: &StoredVote| vote.voter == pairs.judge.plan.name;
        let key = |vote: StoredVote| (vote.run, vote.first, vote.second);
        let made = history.votes(batch)?.into_iter().filter(own);
        let halves = history.half_votes(batch)?.into_iter().filter(own);
        Ok(Self {
            there: made.map(key).collect(),
            halves: halves.map(|half| (key(half.clone()), half)).collect(),
            runs: history.run_ids(batch)?.into(),
            pairs: VecDeque::new(),
        })
    }

    fn next(&mut self, pairs: &Pairs) -> Result<Option<Pair>, HistoryError> {
        while self.pairs.is_empty() {
            let Some(run) = self.runs.pop_front() else {
                return Ok(None);
            };
            let stored = pairs.history.run(&run)?;
            for mut pair in pair::of_run(&stored, pairs) {
                let key = pair.key();
                if !self.there.contains(&key) {
                    pair.half = self.halves.remove(&key);
                    self.pairs.push_back(pair);
                }
            }
        }
        Ok(self.pairs.pop_front())
    }
}

/// Whether this judge is none of these lanes' models: else there may be nothing to choose.
pub fn is_apart(judge: &Lane, lanes: &[Lane]) -> bool {
    lanes.iter().all(|lane| !is_same(&judge.plan, &lane.plan))
}
