//! What the next cell may cost at the most, its judging included, and whether that stays within the limit.

use super::{Conductor, Place};
use crate::domain::{
    forecast::{self, Forecast},
    plan::LanePlan,
};

/// About the tokens of what a judge is told besides the rubric, the question and the answer.
const JUDGE_TOKENS: u64 = 400;

impl Conductor {
    /// Whether the next cell of a lane surely stays within the limit.
    pub(super) fn reserve_for(&mut self, lane: usize) -> bool {
        let Some(limit) = self.replay.max_cost_usd else {
            return true;
        };
        let Some(next) = self.queue.peek(lane) else {
            return true;
        };
        let most = self.most_cost(next);
        let reserved: f64 = self.reserved.values().sum();
        let spent = self.replay.spent_usd + self.tally.cost_so_far();
        if spent + reserved + most > limit {
            return false;
        }
        self.reserved.insert(next, most);
        true
    }

    /// What a cell may cost at the most; nothing where no price is known.
    fn most_cost(&self, place: Place) -> f64 {
        let Some((plan, question)) = self.question(place) else {
            return 0.0;
        };
        let mut plan = (*plan.plan).clone();
        plan.sampling.max_tokens = question.max_tokens.or(plan.sampling.max_tokens);
        if question.system.is_some() {
            plan.system.clone_from(&question.system);
        }
        let tokens = question
            .earlier
            .iter()
            .map(|message| forecast::prompt_tokens(&plan, &message.content));
        let tokens = tokens.sum::<u64>() + forecast::prompt_tokens(&plan, &question.prompt);
        let own = match Forecast::of(&plan, tokens) {
            Forecast::AtMost(cost) => cost,
            Forecast::Free | Forecast::Unknown => 0.0,
        };
        own + self.most_judging(place, tokens + answer_tokens(&plan))
    }

    /// What it may cost at the most to have a cell judged, whose prompt and answer have so many tokens.
    fn most_judging(&self, place: Place, tokens: u64) -> f64 {
        let replay = &self.replay;
        let case = replay
            .runs
            .get(place.run)
            .and_then(|(case, _)| replay.cases.get(*case));
        let check = case.and_then(|(case, _)| case.check.as_ref());
        let judges = check.map(|check| check.judges()).unwrap_or_default();
        let names = judges
            .iter()
            .map(|judge| judge.lane.as_ref().or(replay.judge.as_ref()));
        names
            .filter_map(|name| replay.judges.get(name?))
            .map(
                |judge| match Forecast::of(&judge.plan, tokens + JUDGE_TOKENS) {
                    Forecast::AtMost(cost) => cost,
                    Forecast::Free | Forecast::Unknown => 0.0,
                },
            )
            .sum()
    }
}

/// The most tokens of an answer, where anybody says.
fn answer_tokens(plan: &LanePlan) -> u64 {
    plan.sampling.max_tokens.map_or(0, u64::from)
}
