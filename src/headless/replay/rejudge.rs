//! Has answers judged that are in the history and were not: their replay was stopped before, or the judge failed. Asks no
//! lane for an answer, and reads the answers from the history.

use super::{
    Bench,
    judging::{self, Court, Judged},
};
use crate::{
    check::{Answer, CheckError, Checker, Checkers},
    domain::{
        batch::CellRecord,
        case::Case,
        cost::CostSum,
        forecast::asking::Asking,
        id::BatchId,
        plan::{LanePlan, Schedule},
    },
    headless::ask::Signal,
    history::{History, HistoryError, NewVerdicts, Unjudged},
    run::Lane,
    spool::SpoolError,
    suite::Cases,
};
use futures_util::{
    FutureExt,
    stream::{BoxStream, FuturesUnordered, StreamExt},
};
use std::{collections::HashMap, sync::Arc};

/// What to have judged.
#[derive(Debug)]
pub struct Rejudge<'a> {
    /// Where the answers are.
    pub history: &'a History,
    /// Whose.
    pub batch: &'a BatchId,
    /// The prompts.
    pub cases: &'a Cases,
    /// Who answered.
    pub lanes: &'a [Lane],
    /// Lanes that judge, by name.
    pub judges: &'a HashMap<String, Lane>,
    /// The one that judges where a check names none.
    pub judge: Option<&'a str>,
    /// How lanes are scheduled.
    pub schedule: Schedule,
    /// Answers at once.
    pub concurrency: usize,
    /// What may still be spent, in US dollars.
    pub left_usd: Option<f64>,
}

/// What done of it.
#[derive(Debug, Default)]
pub struct Rejudged {
    /// Answers that judges were asked about.
    pub judged: usize,
    /// What it cost.
    pub cost: CostSum,
    /// What of it nobody told may have cost so much at the most.
    pub untold_usd: f64,
    /// The limit was reached.
    pub is_spent: bool,
    /// A signal stopped it.
    pub stopped: Option<Signal>,
}

/// Why it cannot go on.
#[derive(Debug, thiserror::Error)]
pub enum RejudgeError {
    /// The history cannot be read or written.
    #[error(transparent)]
    History(#[from] HistoryError),
    /// A prompt cannot be read back.
    #[error(transparent)]
    Spool(#[from] SpoolError),
    /// A check cannot be used.
    #[error(transparent)]
    Check(#[from] CheckError),
}

/// Judges all of it.
///
/// # Errors
/// The history or a prompt cannot be read.
pub async fn rejudge(
    of: Rejudge<'_>,
    mut signals: BoxStream<'static, Signal>,
) -> Result<Rejudged, RejudgeError> {
    let bench = Bench::new(of.concurrency);
    let court = Court {
        judges: of.judges,
        judge: of.judge,
        schedule: of.schedule,
        bench: &bench,
    };
    let mut waiting = waiting(&of)?.into_iter();
    let (mut done, mut work) = (Rejudged::default(), FuturesUnordered::new());
    let (mut reserved, mut checkers) = (0.0, Checkers::default());
    loop {
        while work.len() < of.concurrency && done.stopped.is_none() && !done.is_spent {
            let Some((case, cell)) = waiting.next() else {
                break;
            };
            let Some((plan, checker, mut record)) =
                wanted(&of, court, &mut checkers, &case, &cell)?
            else {
                continue;
            };
            let most = most(&of, &case, &plan);
            let spent = done.cost.known_usd.unwrap_or_default() + done.untold_usd;
            if of
                .left_usd
                .is_some_and(|left| spent + reserved + most > left)
            {
                done.is_spent = true;
                break;
            }
            reserved += most;
            work.push(
                async move {
                    let cost = judging::put(court, &case, &checker, &plan, &mut record).await;
                    (cell.run, record, cost, most)
                }
                .boxed_local(),
            );
        }
        if work.is_empty() {
            return Ok(done);
        }
        tokio::select! {
            biased;
            Some(signal) = signals.next() => {
                if done.stopped.is_some() {
                    return Ok(done);
                }
                done.stopped = Some(signal);
                bench.close();
            }
            Some((run, record, cost, most)) = work.next() => {
                reserved -= most;
                done.judged += usize::from(record.is_passed().is_some());
                done.cost = done.cost.with(cost);
                if cost.has_unknown {
                    done.untold_usd += (most - cost.known_usd.unwrap_or_default()).max(0.0);
                }
                of.history.store_verdicts(&NewVerdicts { run, record, judge_cost_usd: cost.known_usd })?;
            }
        }
    }
}

/// Who answered, what to hold the answer against, and the answer, where a judge is to be asked about it.
fn wanted(
    of: &Rejudge<'_>,
    court: Court<'_>,
    checkers: &mut Checkers,
    case: &Case,
    cell: &Unjudged,
) -> Result<Option<(Arc<LanePlan>, Checker, CellRecord)>, RejudgeError> {
    let lane = of.lanes.iter().find(|lane| lane.plan.name == cell.lane);
    let (Some(lane), Some(check)) = (lane, &case.check) else {
        return Ok(None);
    };
    let mut stored = of.history.run(&cell.run)?.cells.into_iter();
    let Some(stored) = stored.find(|stored| stored.record.lane.lane == cell.lane) else {
        return Ok(None);
    };
    let checker = checkers.checker(check)?;
    let answer = Answer::from(&stored.record.lane);
    let judged = Judged {
        plan: &lane.plan,
        answer: &answer,
    };
    let is_wanted = court.is_wanted(case, &checker, judged);
    Ok(is_wanted.then(|| (Arc::clone(&lane.plan), checker, stored.record)))
}

/// The answers with their prompts; only of prompts that are there.
fn waiting(of: &Rejudge<'_>) -> Result<Vec<(Arc<Case>, Unjudged)>, RejudgeError> {
    let mut by_prompt: HashMap<String, Vec<Unjudged>> = HashMap::new();
    for cell in of.history.unjudged(of.batch)? {
        by_prompt
            .entry(cell.prompt_id.clone())
            .or_default()
            .push(cell);
    }
    let mut all = Vec::new();
    if by_prompt.is_empty() {
        return Ok(all);
    }
    for case in of.cases.iter() {
        let case = Arc::new(case?);
        let cells = by_prompt.remove(&case.id).unwrap_or_default();
        all.extend(cells.into_iter().map(|cell| (Arc::clone(&case), cell)));
    }
    Ok(all)
}

/// What judging an answer costs at the most; nothing where no price is known.
fn most(of: &Rejudge<'_>, case: &Case, plan: &LanePlan) -> f64 {
    let judges = case.check.as_ref().map(|check| check.judges());
    let judges = judges.unwrap_or_default().into_iter();
    let judges = judges.filter_map(|judge| {
        let name = judge.lane.as_deref().or(of.judge)?;
        Some(&*of.judges.get(name)?.plan)
    });
    let asking = Asking {
        plan,
        system: case.system.as_deref(),
        messages: &case.messages,
        max_tokens: case.max_tokens,
    };
    asking.most_judging(judges).known_usd.unwrap_or_default()
}
