//! Two answers to a prompt, and how a judge is asked about them: in both orders. Stores nothing.

use super::Pairs;
use crate::{
    check::judge::{Choice, JudgePrompt, pairwise_prompt, read_choice, settle},
    domain::{
        cost::CostSum,
        forecast::{Forecast, asking::Asking},
        id::RunId,
        plan::{LanePlan, Schedule},
        record::{LaneRecord, LaneStatus},
        request::{Message, Role},
        stats::Outcome,
    },
    headless::replay::{
        cell::{self, Question},
        judging::cost,
        queue::Place,
    },
    history::{StoredRun, StoredVote},
    run::Lane,
};

/// What makes an answer better where a prompt says nothing.
const RUBRIC: &str =
    "The better answer is right, does what the question asks, and says no more than it needs to.";

/// Two answers to one prompt.
pub(super) struct Pair {
    pub(super) run: RunId,
    rubric: String,
    question: String,
    pub(super) first: LaneRecord,
    pub(super) second: LaneRecord,
    /// What the judge said of it in the first order, before.
    pub(super) half: Option<StoredVote>,
}

/// What came of a pair.
pub(super) struct Chosen {
    pub(super) pair: Pair,
    pub(super) said: Said,
    /// What the first order cost now.
    pub(super) half_cost: CostSum,
    /// What the second one did.
    pub(super) cost: CostSum,
}

/// What a judge said.
pub(super) enum Said {
    Both(Outcome, String),
    /// Only in the first order; and why not in the second.
    Half(Outcome, String, String),
    Nothing(String),
}

pub(super) fn of_run(stored: &StoredRun, pairs: &Pairs) -> Vec<Pair> {
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
                half: None,
            });
        }
    }
    found
}

impl Pair {
    pub(super) fn key(&self) -> (RunId, String, String) {
        (
            self.run.clone(),
            self.first.lane.clone(),
            self.second.lane.clone(),
        )
    }

    fn answers(&self) -> (&str, &str) {
        (self.first.answer.trim(), self.second.answer.trim())
    }

    fn prompt(&self, first: &str, second: &str) -> JudgePrompt {
        pairwise_prompt(&self.rubric, &self.question, first, second)
    }

    /// What the judge may cost at the most for it; nothing where that has no bound.
    pub(super) fn most_usd(&self, judge: &LanePlan) -> f64 {
        let (first, second) = self.answers();
        if first == second {
            return 0.0;
        }
        let prompt = self.prompt(first, second);
        let asking = Asking {
            plan: judge,
            system: Some(&prompt.system),
            messages: &[Message {
                role: Role::User,
                content: prompt.user,
            }],
            max_tokens: None,
        };
        let orders = if self.half.is_some() { 1.0 } else { 2.0 };
        match asking.most() {
            Forecast::AtMost(cost) => orders * cost,
            Forecast::Free | Forecast::Unknown => 0.0,
        }
    }

    /// Asks in both orders, or in the one that is missing. Two answers that are the same need no judge.
    pub(super) async fn ask(self, judge: Lane) -> Chosen {
        let (mut half_cost, mut cost) = (CostSum::default(), CostSum::default());
        let said = self.said(&judge, &mut half_cost, &mut cost).await;
        Chosen {
            pair: self,
            said,
            half_cost,
            cost,
        }
    }

    async fn said(&self, judge: &Lane, half_cost: &mut CostSum, cost: &mut CostSum) -> Said {
        let (first, second) = self.answers();
        if first == second {
            return Said::Both(Outcome::Tie, StoredVote::SAME.to_owned());
        }
        let ahead = match &self.half {
            Some(half) => Ok((choice_of(half.outcome), half.reason.clone())),
            None => self.choice(judge, first, second, half_cost).await,
        };
        let (ahead, reason) = match ahead {
            Ok(ahead) => ahead,
            Err(why) => return Said::Nothing(why),
        };
        let behind = match self.choice(judge, second, first, cost).await {
            Ok((behind, _)) => behind,
            Err(why) => return Said::Half(outcome_of(ahead), reason, why),
        };
        let is_swayed = ahead != Choice::Tie && ahead == behind;
        let reason = if is_swayed {
            "the judge chose the place, not the answer".to_owned()
        } else {
            reason
        };
        Said::Both(settle(ahead, behind), reason)
    }

    async fn choice(
        &self,
        judge: &Lane,
        first: &str,
        second: &str,
        sum: &mut CostSum,
    ) -> Result<(Choice, String), String> {
        let prompt = self.prompt(first, second);
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
        *sum = sum.with(cost(&said));
        match said.failure() {
            Some(failure) => Err(failure.to_string()),
            None => read_choice(&said.state.answer).map_err(|error| error.to_string()),
        }
    }
}

const fn outcome_of(choice: Choice) -> Outcome {
    match choice {
        Choice::First => Outcome::Win,
        Choice::Second => Outcome::Loss,
        Choice::Tie => Outcome::Tie,
    }
}

const fn choice_of(outcome: Outcome) -> Choice {
    match outcome {
        Outcome::Win => Choice::First,
        Outcome::Loss => Choice::Second,
        Outcome::Tie => Choice::Tie,
    }
}
