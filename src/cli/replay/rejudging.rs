//! When a batch goes on: has its answers judged that were not. Asks no lane for an answer.

use super::{ReplayArgs, Stage, past::Past, signals};
use crate::{
    cli::{context::Context, history::refused},
    domain::wording,
    failure::{CliError, Exit},
    headless::{
        ask::Signal,
        replay::rejudge::{Rejudge, RejudgeError, rejudge},
    },
    history::History,
    provider::USUAL_CONCURRENCY,
};

/// Judges what is left to judge. A status where a signal stopped it.
pub(super) async fn run(
    context: &Context,
    args: &ReplayArgs,
    stage: &Stage,
    past: &mut Past,
    limit: Option<f64>,
) -> Result<Option<Exit>, CliError> {
    let Some(path) = past.file.clone().filter(|_| past.may_be_judged(stage)) else {
        return Ok(None);
    };
    let opened = History::open(&path).map_err(|error| refused(&error))?;
    let signals = signals::signals()
        .map_err(|error| CliError::failed("cannot listen for signals").caused_by(error))?;
    let of = Rejudge {
        history: &opened.history,
        batch: &past.head.id,
        cases: &stage.suite.cases,
        lanes: &stage.lanes,
        judges: &stage.judges,
        judge: args.judge.as_deref(),
        schedule: stage.settings.schedule,
        concurrency: args
            .concurrency
            .map_or(USUAL_CONCURRENCY, |most| most as usize),
        left_usd: limit.map(|limit| limit - past.spent_usd),
    };
    let came = rejudge(of, signals).await.map_err(|error| match error {
        RejudgeError::History(error) => refused(&error),
        RejudgeError::Spool(error) => super::aside(error),
        RejudgeError::Check(error) => CliError::failed("a check cannot be used").caused_by(error),
    })?;
    past.spent_usd += came.cost.known_usd.unwrap_or_default() + came.untold_usd;
    past.judged = came.judged;
    if came.judged > 0 {
        let cost = if came.cost.is_empty() {
            String::new()
        } else {
            format!(", {}", wording::sum(&came.cost))
        };
        let answers = if came.judged == 1 {
            "answer that was"
        } else {
            "answers that were"
        };
        context.say(&format!(
            "{} {answers} not judged before {} now{cost}.",
            came.judged,
            if came.judged == 1 { "is" } else { "are" }
        ));
    }
    if came.is_spent {
        context.insist("The next answer's judging might cost more than is allowed; --resume with a higher --max-cost goes on.");
        return Ok(Some(Exit::Failed));
    }
    Ok(came.stopped.map(|signal| {
        context.insist("Stopped; the same command with --resume goes on.");
        match signal {
            Signal::Interrupt => Exit::Interrupted,
            Signal::Terminate => Exit::Terminated,
        }
    }))
}
