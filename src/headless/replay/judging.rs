//! Has answers judged: a lane is asked what another lane's answer is worth. Reads no rating itself.

use super::{
    Bench, Replay,
    bench::Said,
    cell::{Asked, Question},
    queue::Place,
};
use crate::{
    check::{
        Answer, Checker,
        judge::{rating_prompt, read_rating},
    },
    domain::{
        batch::CellRecord,
        case::Case,
        check::{JudgeSpec, Opinion},
        cost::CostSum,
        forecast,
        plan::{LanePlan, Schedule},
        usage::UsageSource,
    },
    run::Lane,
};
use std::collections::HashMap;

/// Who judges, and where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Court<'a> {
    /// The lanes that judge, by name.
    pub(super) judges: &'a HashMap<String, Lane>,
    /// The one that judges where a check names none.
    pub(super) judge: Option<&'a str>,
    pub(super) schedule: Schedule,
    pub(super) bench: &'a Bench,
}

/// An answer that is to be judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Judged<'a> {
    /// Who gave it.
    pub(super) plan: &'a LanePlan,
    pub(super) answer: &'a Answer<'a>,
}

impl<'a> Court<'a> {
    pub(super) fn of(replay: &'a Replay) -> Self {
        Self {
            judges: &replay.judges,
            judge: replay.judge.as_deref(),
            schedule: replay.schedule,
            bench: &replay.bench,
        }
    }

    /// Whether a judge would be asked about this answer.
    pub(super) fn is_wanted(&self, case: &Case, checker: &Checker, of: Judged<'_>) -> bool {
        let judges = case.check.as_ref().map(|check| check.judges());
        let mut judges = judges.unwrap_or_default().into_iter();
        checker.needs_judge(of.answer, &[])
            && judges.any(|judge| self.judge_of(judge, of.plan).is_ok())
    }

    /// What the judges of a case say of an answer, in the order of its checks. One whose opinion changes nothing any more
    /// is not asked: it would be paid for nothing.
    pub(super) async fn opinions(
        &self,
        case: &Case,
        checker: &Checker,
        of: Judged<'_>,
    ) -> Vec<Opinion> {
        let mut opinions = Vec::new();
        let judges = case.check.as_ref().map(|check| check.judges());
        for judge in judges.unwrap_or_default() {
            let opinion = if checker.needs_judge(of.answer, &opinions) {
                match self.judge_of(judge, of.plan) {
                    Ok(lane) => self.opinion(lane, case, of, judge).await,
                    Err(reason) => unjudged(reason),
                }
            } else {
                unjudged("the judge was not asked, for the other checks decide")
            };
            opinions.push(opinion);
        }
        opinions
    }

    /// The lane that judges an answer; else why none does.
    fn judge_of(&self, spec: &JudgeSpec, answered: &LanePlan) -> Result<&'a Lane, &'static str> {
        let name = spec.lane.as_deref().or(self.judge);
        let lane = name.and_then(|name| self.judges.get(name));
        let lane = lane.ok_or("no lane judges; --judge NAME, or `lane` in the check, names one")?;
        if is_same(&lane.plan, answered) && !spec.is_self_allowed {
            return Err(
                "a model does not judge its own answers, unless the check has `allow_self = true`",
            );
        }
        Ok(lane)
    }

    async fn opinion(&self, lane: &Lane, case: &Case, of: Judged<'_>, spec: &JudgeSpec) -> Opinion {
        let prompt = rating_prompt(&spec.rubric, case.prompt(), of.answer.text);
        let question = || Question {
            place: Place { run: 0, lane: 0 },
            case: None,
            prompt: prompt.user.clone(),
            earlier: Vec::new(),
            system: Some(prompt.system.clone()),
            max_tokens: None,
            schedule: self.schedule,
            keeps_tape: false,
        };
        let Said::Asked(all) = self.bench.ask(lane, question).await else {
            return unjudged("the replay was stopped before it was judged; --resume has it judged");
        };
        let costs = all.iter().map(cost);
        let cost = costs.fold(CostSum::default(), CostSum::with);
        let Some(said) = all.last() else {
            return unjudged("no judge was asked");
        };
        let name = &lane.plan.name;
        if let Some(failure) = said.failure() {
            return Opinion {
                cost,
                ..unjudged(&format!("the judge `{name}` failed: {failure}"))
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
                ..unjudged(&format!("the judge `{name}` gave no rating: {error}"))
            },
        }
    }
}

/// Has an answer judged, puts the verdicts into its record, and gives what that cost.
pub(super) async fn put(
    court: Court<'_>,
    case: &Case,
    checker: &Checker,
    plan: &LanePlan,
    record: &mut CellRecord,
) -> CostSum {
    let answer = Answer::from(&record.lane);
    let of = Judged {
        plan,
        answer: &answer,
    };
    let opinions = court.opinions(case, checker, of).await;
    let checks = checker.verdicts(&answer, &opinions);
    let costs = opinions.iter().map(|opinion| opinion.cost);
    let cost = costs.fold(CostSum::default(), CostSum::with);
    record.checks = checks;
    cost
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
