//! After a replay: has the judge choose between answers, and says what came of it.

use super::{ReplayArgs, Stage, budget, past::Past, signals};
use crate::{
    cli::{context::Context, history::refused},
    domain::{forecast::Forecast, wording},
    failure::{CliError, Exit},
    headless::{
        ask::Signal,
        replay::pairs::{self, Chosen, Pairs},
    },
    history::History,
    run::Lane,
    spool::SpoolError,
};
use std::collections::HashMap;

/// What is to be chosen; nothing where nobody asked for it.
pub(super) struct Choosing {
    judge: Option<Lane>,
    rubrics: HashMap<String, String>,
    is_apart: bool,
    concurrency: usize,
}

impl Choosing {
    /// What the command line asks for.
    pub(super) fn of(args: &ReplayArgs, stage: &Stage) -> Result<Self, SpoolError> {
        let judge = args.judge.as_ref().filter(|_| args.pairs);
        let judge = judge.and_then(|name| stage.judges.get(name)).cloned();
        let mut rubrics = HashMap::new();
        if judge.is_some() {
            for case in stage.suite.cases.iter() {
                let case = case?;
                let judges = case.check.as_ref().map(|check| check.judges());
                if let Some(judge) = judges.unwrap_or_default().first() {
                    rubrics.insert(case.id.clone(), judge.rubric.clone());
                }
            }
        }
        let usual = crate::provider::USUAL_CONCURRENCY;
        Ok(Self {
            rubrics,
            is_apart: judge
                .as_ref()
                .is_none_or(|judge| pairs::is_apart(judge, &stage.lanes)),
            concurrency: args.concurrency.map_or(usual, |most| most as usize),
            judge,
        })
    }

    /// Has the pairs of a batch chosen that have no vote yet. Gives the status to end with, where that is not the one of
    /// the replay.
    pub(super) async fn run(
        self,
        context: &Context,
        past: &Past,
        max_cost_usd: Option<f64>,
        spent_usd: f64,
    ) -> Result<Option<Exit>, CliError> {
        let (Some(judge), Some(path)) = (self.judge, &past.file) else {
            return Ok(None);
        };
        if let (Some(limit), Forecast::Unknown) = (max_cost_usd, Forecast::of(&judge.plan, 0)) {
            return Err(budget::unheld(limit, &[&judge.plan.name]));
        }
        if !self.is_apart {
            context.warn(&[format!(
                "`{}` does not choose between its own answers and those of others",
                judge.plan.name
            )]);
        }
        let opened = History::open(path).map_err(|error| refused(&error))?;
        let signals = signals::signals()
            .map_err(|error| CliError::failed("cannot listen for signals").caused_by(error))?;
        let pairs = Pairs {
            history: opened.history,
            batch: past.head.id.clone(),
            judge,
            rubrics: self.rubrics,
            concurrency: self.concurrency,
            max_cost_usd,
            spent_usd,
        };
        let chosen = pairs::choose(pairs, signals)
            .await
            .map_err(|error| refused(&error))?;
        let cost = if chosen.cost.is_empty() {
            String::new()
        } else {
            format!(", {}", wording::sum(&chosen.cost))
        };
        context.say(&format!(
            "{} pairs chosen, {} of them tied{cost}.",
            chosen.votes, chosen.ties
        ));
        if let Some(why) = &chosen.why {
            context.warn(&[format!("{} pairs have no vote: {why}", chosen.failed)]);
        }
        if chosen.stopped.is_some() {
            context.insist("Stopped; the same command with --resume chooses between the rest.");
        }
        if chosen.is_spent {
            context.insist(
                "The next pair might cost more than is allowed; the same command with --resume and a higher --max-cost chooses between the rest.",
            );
        }
        Ok(exit(&chosen))
    }
}

/// The status that choosing ends with, where it did not go well.
fn exit(chosen: &Chosen) -> Option<Exit> {
    match chosen.stopped {
        Some(Signal::Interrupt) => Some(Exit::Interrupted),
        Some(Signal::Terminate) => Some(Exit::Terminated),
        None if chosen.is_spent => Some(Exit::Failed),
        None if chosen.failed > 0 && chosen.votes == 0 => Some(Exit::LaneFailed),
        None => None,
    }
}
