//! Has a judge choose the better of every two answers to a prompt, in both orders; what the orders disagree about is a
//! tie. Reads the answers from the history, and stores each vote there.

use super::{
    cell::{self, Question},
    judging::{cost, is_same},
    queue::Place,
};
use crate::{
    check::judge::{Choice, pairwise_prompt, read_choice, settle},
    domain::{
        cost::CostSum,
        id::{BatchId, RunId},
        plan::Schedule,
        record::{LaneRecord, LaneStatus},
    },
    headless::ask::Signal,
    history::{History, HistoryError, StoredRun, StoredVote},
    run::{self, Lane},
};
use futures_util::stream::{BoxStream, StreamExt};
use std::collections::{BTreeSet, HashMap, VecDeque};
use tokio::task::JoinSet;

/// What makes an answer better where a prompt says nothing.
const RUBRIC: &str =
    "The better answer is right, does what the question asks, and says no more than it needs to.";

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
}

/// Has all pairs chosen that have no vote of this judge yet.
///
/// # Errors
/// The history cannot be read or written.
pub async fn choose(
    pairs: Pairs,
    mut signals: BoxStream<'static, Signal>,
) -> Result<Chosen, HistoryError> {
    let voter = pairs.judge.plan.name.clone();
    let made = pairs.history.votes(&pairs.batch)?.into_iter();
    let there: BTreeSet<(RunId, String, String)> = made
        .filter(|vote| vote.voter == voter)
        .map(|vote| (vote.run, vote.first, vote.second))
        .collect();
    let mut runs: VecDeque<RunId> = pairs.history.run_ids(&pairs.batch)?.into();
    let mut waiting: VecDeque<Pair> = VecDeque::new();
    let mut work = JoinSet::new();
    let mut chosen = Chosen::default();
    loop {
        while chosen.stopped.is_none() && work.len() < pairs.concurrency {
            if let Some(pair) = waiting.pop_front() {
                work.spawn(pair.ask(pairs.judge.clone()));
            } else if let Some(run) = runs.pop_front() {
                let stored = pairs.history.run(&run)?;
                let of_run = of_run(&stored, &pairs);
                waiting.extend(
                    of_run
                        .into_iter()
                        .filter(|pair| !there.contains(&pair.key())),
                );
            } else {
                break;
            }
        }
        if work.is_empty() {
            return Ok(chosen);
        }
        tokio::select! {
            biased;
            Some(signal) = signals.next() => {
                if chosen.stopped.is_some() {
                    work.shutdown().await;
                    return Ok(chosen);
                }
                chosen.stopped = Some(signal);
            }
            Some(asked) = work.join_next() => {
                let Ok((pair, said, cost)) = asked else { continue };
                chosen.cost = chosen.cost.with(cost);
                match said {
                    Ok((outcome, reason)) => {
                        chosen.votes += 1;
                        chosen.ties += usize::from(outcome == crate::domain::stats::Outcome::Tie);
                        let vote = StoredVote {
                            run: pair.run,
                            voter: voter.clone(),
                            first: pair.first.lane,
                            second: pair.second.lane,
                            outcome,
                            reason,
                            cost_usd: cost.known_usd,
                        };
                        pairs.history.store_vote(&vote, &run::now())?;
                    }
                    Err(why) => {
                        chosen.failed += 1;
                        chosen.why.get_or_insert(why);
                    }
                }
            }
        }
    }
}

/// Two answers to one prompt.
struct Pair {
    run: RunId,
    rubric: String,
    question: String,
    first: LaneRecord,
    second: LaneRecord,
}

fn of_run(stored: &StoredRun, pairs: &Pairs) -> Vec<Pair> {
    let id = stored.run.prompt_id.as_ref();
    let rubric = id.and_then(|id| pairs.rubrics.get(id));
    let rubric = rubric.map_or(RUBRIC, String::as_str);
    // A model does not choose between itself and others.
    let judge = &pairs.judge.plan;
    let is_others = |lane: &LaneRecord| {
        lane.lane != judge.name
            && !(lane.provider == judge.provider.name() && lane.model == judge.model)
    };
    let lanes: Vec<&LaneRecord> = stored
        .cells
        .iter()
        .map(|cell| &cell.record.lane)
        .filter(|lane| lane.status == LaneStatus::Done && is_others(lane))
        .collect();
    let mut found = Vec::new();
    for (at, first) in lanes.iter().enumerate() {
        for second in lanes.iter().skip(at + 1) {
            found.push(Pair {
                run: stored.run.head.id.clone(),
                rubric: rubric.to_owned(),
                question: stored.run.head.prompt.text.clone(),
                first: (*first).clone(),
                second: (*second).clone(),
            });
        }
    }
    found
}

type Said = Result<(crate::domain::stats::Outcome, String), String>;

impl Pair {
    fn key(&self) -> (RunId, String, String) {
        (
            self.run.clone(),
            self.first.lane.clone(),
            self.second.lane.clone(),
        )
    }

    /// Asks in both orders. Two answers that are the same need no judge.
    async fn ask(self, judge: Lane) -> (Self, Said, CostSum) {
        let mut sum = CostSum::default();
        let (first, second) = (self.first.answer.trim(), self.second.answer.trim());
        if first == second {
            let same = (
                crate::domain::stats::Outcome::Tie,
                StoredVote::SAME.to_owned(),
            );
            return (self, Ok(same), sum);
        }
        let ahead = self.choice(&judge, first, second, &mut sum).await;
        let behind = match &ahead {
            Ok(_) => self.choice(&judge, second, first, &mut sum).await,
            Err(why) => Err(why.clone()),
        };
        let said = match (ahead, behind) {
            (Ok((ahead, reason)), Ok((behind, _))) => {
                let outcome = settle(ahead, behind);
                let is_swayed = ahead != Choice::Tie && ahead == behind;
                let reason = if is_swayed {
                    "the judge chose the place, not the answer".to_owned()
                } else {
                    reason
                };
                Ok((outcome, reason))
            }
            (Err(why), _) | (_, Err(why)) => Err(why),
        };
        (self, said, sum)
    }

    async fn choice(
        &self,
        judge: &Lane,
        first: &str,
        second: &str,
        sum: &mut CostSum,
    ) -> Result<(Choice, String), String> {
        let prompt = pairwise_prompt(&self.rubric, &self.question, first, second);
        let question = Question {
            place: Place { run: 0, lane: 0 },
            case: None,
            prompt: prompt.user,
            earlier: Vec::new(),
            system: Some(prompt.system),
            max_tokens: None,
            schedule: Schedule::Race,
            keeps_tape: false,
        };
        let said = cell::ask(judge.clone(), question).await;
        *sum = sum.with(cost(judge, &said.state));
        match said.failure() {
            Some(failure) => Err(failure.to_string()),
            None => read_choice(&said.state.answer).map_err(|error| error.to_string()),
        }
    }
}

/// Whether this judge is none of these lanes' models: else there may be nothing to choose.
pub fn is_apart(judge: &Lane, lanes: &[Lane]) -> bool {
    lanes.iter().all(|lane| !is_same(&judge.plan, &lane.plan))
}
