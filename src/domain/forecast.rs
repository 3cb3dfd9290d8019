//! What a prompt will cost at the most, before it is sent. Estimates tokens; knows no price list and sends nothing.

pub mod asking;
pub mod expected;

use super::{
    cost::CostSum,
    plan::{LanePlan, LaneSource},
    usage::Estimator,
};
use serde_json::Value;

/// What one lane will cost at the most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Forecast {
    /// It runs on the person's own machine and has no price.
    Free,
    /// A price is missing, or nothing bounds the answer.
    Unknown,
    /// US dollars: the estimated tokens of the prompt and the most tokens of an answer, at their prices.
    AtMost(f64),
}

impl Forecast {
    /// For a prompt of so many tokens, the lane's own system text included.
    pub fn of(plan: &LanePlan, prompt_tokens: u64) -> Self {
        Self::limited(plan, prompt_tokens, None)
    }

    /// The same with another limit of the answer's tokens than the lane's own, where there is one.
    pub fn limited(plan: &LanePlan, prompt_tokens: u64, max_tokens: Option<u32>) -> Self {
        let Some(price) = &plan.price else {
            return if is_own(plan) {
                Self::Free
            } else {
                Self::Unknown
            };
        };
        let most = most_completion_tokens(plan, max_tokens);
        most.and_then(|most| price.at_most_usd(prompt_tokens, most))
            .map_or(Self::Unknown, Self::AtMost)
    }
}

/// What several lanes will cost together at the most.
pub fn sum(forecasts: impl IntoIterator<Item = Forecast>) -> CostSum {
    let mut sum = CostSum::default();
    for forecast in forecasts {
        match forecast {
            Forecast::Free => {}
            Forecast::Unknown => sum.add(None, true),
            Forecast::AtMost(cost) => sum.add(Some(cost), true),
        }
    }
    sum
}

/// Tokens of a prompt with the lane's system text, guessed.
pub fn prompt_tokens(plan: &LanePlan, prompt: &str) -> u64 {
    let mut estimate = Estimator::default();
    estimate.push(plan.system.as_deref().unwrap_or_default());
    estimate.push(prompt);
    estimate.tokens()
}

/// Whether a lane runs on this machine, so that nobody asks a price for it: a GGUF, a tape, or a local server at its
/// usual address.
pub fn is_own(plan: &LanePlan) -> bool {
    match &plan.source {
        LaneSource::Local(_) | LaneSource::Tape(_) => true,
        LaneSource::Played(played) => played.is_own,
        LaneSource::Remote(remote) => {
            plan.provider.is_local_server() && remote.base_url.as_deref().is_none_or(is_loopback)
        }
    }
}

/// Whether an address leads to this machine.
fn is_loopback(url: &str) -> bool {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(rest) => rest.split(']').next().unwrap_or_default(),
        None => authority.split(':').next().unwrap_or_default(),
    };
    let octets: Vec<Option<u8>> = host.split('.').map(|part| part.parse().ok()).collect();
    host.eq_ignore_ascii_case("localhost")
        || host == "::1"
        || matches!(octets.as_slice(), [Some(127), Some(_), Some(_), Some(_)])
}

/// The most tokens of an answer: what the body's own fields say, which are merged in last, else the plan; times the
/// number of answers.
fn most_completion_tokens(plan: &LanePlan, max_tokens: Option<u32>) -> Option<u64> {
    const FIELDS: [&str; 6] = [
        "/max_completion_tokens",
        "/max_output_tokens",
        "/max_tokens",
        "/generationConfig/maxOutputTokens",
        "/inferenceConfig/maxTokens",
        "/options/num_predict",
    ];
    let extra = &plan.extra;
    let at = |pointer: &str| {
        let mut steps = pointer.split('/').skip(1);
        let first = extra.get(steps.next()?)?;
        steps.try_fold(first, |value, step| value.get(step))
    };
    let own = FIELDS.iter().filter_map(|field| at(field));
    let own = own.filter_map(Value::as_u64).max();
    let planned = max_tokens.or(plan.sampling.max_tokens);
    let most = own.or(planned.map(u64::from))?;
    let answers = extra.get("n").and_then(Value::as_u64).unwrap_or(1);
    Some(most.saturating_mul(answers.max(1)))
}

#[cfg(test)]
mod tests;
