//! What the next cell may cost at the most, its judging included, and whether that stays within the limit.

use super::{Conductor, Place};
use crate::{
    domain::{
        check::CheckSpec,
        forecast::{self, Forecast},
        plan::LanePlan,
    },
    spool::SpoolError,
};

/// About the tokens of what a judge is told besides the rubric, the question and the answer.
const JUDGE_TOKENS: u64 = 400;

impl Conductor {
    /// Whether the next cell of a lane surely stays within the limit.
    pub(super) fn reserve_for(&mut self, lane: usize) -> Result<bool, SpoolError> {
        let Some(limit) = self.replay.max_cost_usd else {
            return Ok(true);
        };
        let Some(next) = self.queue.peek(lane) else {
            return Ok(true);
        };
        let most = self.most_cost(next)?;
        let reserved: f64 = self.reserved.values().sum();
        let spent = self.replay.spent_usd + self.tally.cost_so_far();
        if spent + reserved + most > limit {
            return Ok(false);
        }
        self.reserved.insert(next, most);
        Ok(true)
    }

    /// What a cell may cost at the most; nothing where no price is known.
    fn most_cost(&self, place: Place) -> Result<f64, SpoolError> {
        let Some((plan, question)) = self.question(place)? else {
            return Ok(0.0);
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
        let check = question.case.as_ref().and_then(|case| case.check.as_ref());
        Ok(own + self.most_judging(check, tokens + answer_tokens(&plan)))
    }

    /// What it may cost at the most to have a cell judged, whose prompt and answer have so many tokens.
    fn most_judging(&self, check: Option<&CheckSpec>, tokens: u64) -> f64 {
        let replay = &self.replay;
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
