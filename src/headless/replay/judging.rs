//! Has answers judged: a lane is asked what another lane's answer is worth. Reads no rating itself.

use super::{
    Replay,
    cell::{self, Asked, Question},
    queue::Place,
};
use crate::{
    check::{
        Answer, Checker,
        judge::{rating_prompt, read_rating},
    },
    domain::{
        case::Case,
        check::{JudgeSpec, Opinion},
        cost::CostSum,
        forecast,
        plan::LanePlan,
        usage::UsageSource,
    },
};

/// What the judges of a case say of an answer, in the order of its checks. One whose opinion changes nothing any more is
/// not asked: it would be paid for nothing.
pub(super) async fn opinions(
    replay: &Replay,
    case: &Case,
    checker: &Checker,
    asked: &Asked,
    answer: &Answer<'_>,
) -> Vec<Opinion> {
    let mut opinions = Vec::new();
    let judges = case.check.as_ref().map(|check| check.judges());
    for judge in judges.unwrap_or_default() {
        let opinion = if checker.needs_judge(answer, &opinions) {
            opinion(replay, case, asked, judge).await
        } else {
            unjudged("the judge was not asked, for the other checks decide")
        };
        opinions.push(opinion);
    }
    opinions
}

async fn opinion(replay: &Replay, case: &Case, asked: &Asked, spec: &JudgeSpec) -> Opinion {
    let name = spec.lane.as_ref().or(replay.judge.as_ref());
    let lane = name.and_then(|name| replay.judges.get(name));
    let Some(lane) = lane else {
        return unjudged("no lane judges; --judge NAME, or `lane` in the check, names one");
    };
    if is_same(&lane.plan, &asked.lane.plan) && !spec.is_self_allowed {
        return unjudged(
            "a model does not judge its own answers, unless the check has `allow_self = true`",
        );
    }
    let prompt = rating_prompt(&spec.rubric, case.prompt(), &asked.state.answer);
    let question = Question {
        place: Place { run: 0, lane: 0 },
        case: None,
        prompt: prompt.user,
        earlier: Vec::new(),
        system: Some(prompt.system),
        max_tokens: None,
        schedule: replay.schedule,
        keeps_tape: false,
    };
    let said = cell::ask(lane.clone(), question).await;
    let cost = cost(&said);
    if let Some(failure) = said.failure() {
        return Opinion {
            cost,
            ..unjudged(&format!("the judge `{}` failed: {failure}", lane.plan.name))
        };
    }
    match read_rating(&said.state.answer) {
        Ok((score, reason)) => Opinion {
            score: Some(score),
            reason,
            cost,
        },
        Err(error) => Opinion {
            cost,
            ..unjudged(&format!(
                "the judge `{}` gave no rating: {error}",
                lane.plan.name
            ))
        },
    }
}

fn unjudged(reason: &str) -> Opinion {
    Opinion {
        score: None,
        reason: reason.to_owned(),
        cost: CostSum::default(),
    }
}

/// Whether two lanes are the same model.
pub(super) fn is_same(a: &LanePlan, b: &LanePlan) -> bool {
    a.name == b.name || (a.provider == b.provider && a.model == b.model)
}

/// What a judge's answer cost, and the attempts before it. What was refused, or never got there, cost nothing.
pub(super) fn cost(said: &Asked) -> CostSum {
    let (plan, state) = (&said.lane.plan, &said.state);
    let mut sum = CostSum::default();
    let mut untold = said.untold;
    if let Some(cost) = said.cost_usd() {
        let is_estimated = state.usage().source == Some(UsageSource::Estimated);
        sum.add(Some(cost), is_estimated);
    } else {
        untold += u32::from(state.may_be_charged());
    }
    if untold > 0 && (plan.price.is_some() || !forecast::is_own(plan)) {
        sum.add_untold(f64::from(untold) * said.at_most_usd);
    }
    sum
}
