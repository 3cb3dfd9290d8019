//! What one prompt costs at one lane at the most, its judging included. Pure arithmetic; asks nobody.

use super::{Forecast, most_completion_tokens, sum};
use crate::domain::{cost::CostSum, plan::LanePlan, request::Message, usage::Estimator};

/// About the tokens of what a judge is told besides the rubric, the question and the answer.
const JUDGE_TOKENS: u64 = 400;

/// A prompt that a lane is to be asked.
#[derive(Debug, Clone, Copy)]
pub struct Asking<'a> {
    /// The lane.
    pub plan: &'a LanePlan,
    /// Instructions instead of the lane's own.
    pub system: Option<&'a str>,
    /// The conversation.
    pub messages: &'a [Message],
    /// The most tokens of an answer, instead of the lane's own.
    pub max_tokens: Option<u32>,
}

impl Asking<'_> {
    /// Tokens of the instructions and the conversation, guessed.
    pub fn prompt_tokens(&self) -> u64 {
        let mut estimate = Estimator::default();
        let own = self.plan.system.as_deref();
        estimate.push(self.system.or(own).unwrap_or_default());
        for (at, message) in self.messages.iter().enumerate() {
            if at > 0 {
                estimate.push("\n");
            }
            estimate.push(&message.content);
        }
        estimate.tokens()
    }

    /// What it costs at the most, without its judging.
    pub fn most(&self) -> Forecast {
        Forecast::limited(self.plan, self.prompt_tokens(), self.max_tokens)
    }

    /// What it costs at the most to have the answer judged by these lanes, one after another.
    pub fn most_judging<'j>(&self, judges: impl IntoIterator<Item = &'j LanePlan>) -> CostSum {
        let answer = most_completion_tokens(self.plan, self.max_tokens).unwrap_or(0);
        let tokens = self.prompt_tokens() + answer + JUDGE_TOKENS;
        let of_judge = |judge: &LanePlan| Forecast::of(judge, tokens);
        sum(judges.into_iter().map(of_judge))
    }

    /// What it costs with an answer of so many tokens; `None` where a price is missing.
    pub fn usd_with(&self, completion_tokens: f64) -> Option<f64> {
        let price = self.plan.price.as_ref()?;
        let prompt = self.prompt_tokens();
        // A price is linear in the tokens of an answer, and an average has a fraction.
        let without = price.at_most_usd(prompt, 0)?;
        let million = price.at_most_usd(prompt, 1_000_000)?;
        Some(without + (million - without) * completion_tokens / 1e6)
    }
}
