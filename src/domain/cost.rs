//! Prices, what an answer cost, and sums of costs. A price that is missing makes the cost unknown, never 0.

use super::usage::Usage;
use serde::{Deserialize, Serialize};

/// US dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Price {
    /// Prompt tokens that came from no cache.
    pub input: Option<f64>,
    /// Completion tokens, reasoning included.
    pub output: Option<f64>,
    /// Prompt tokens that came from a cache.
    pub cached_input: Option<f64>,
    /// Prompt tokens that were written into a cache.
    pub cache_write: Option<f64>,
    /// Reasoning tokens, where they cost otherwise than the rest of the completion.
    pub reasoning: Option<f64>,
    /// Other prices for long prompts.
    pub above: Vec<LongPrice>,
    /// The day on which these prices were true, as `2026-11-01`.
    pub as_of: Option<String>,
}

/// US dollars per million tokens of a request whose prompt is longer than so many tokens: the whole of it, prompt and
/// completion, as the vendors that have such prices document it.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LongPrice {
    /// Prompts with more tokens than this, cached ones included.
    pub prompt_tokens: u64,
    /// As in [`Price`].
    pub input: Option<f64>,
    /// As in [`Price`].
    pub output: Option<f64>,
    /// As in [`Price`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cached_input: Option<f64>,
    /// As in [`Price`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// As in [`Price`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
}

/// The prices of one request.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rates {
    /// As in [`Price`].
    pub input: Option<f64>,
    /// As in [`Price`].
    pub output: Option<f64>,
    /// As in [`Price`].
    pub cached_input: Option<f64>,
    /// As in [`Price`].
    pub cache_write: Option<f64>,
    /// As in [`Price`].
    pub reasoning: Option<f64>,
}

impl Price {
    /// Whether the keys of a configuration can say all of it.
    pub fn is_plain(&self) -> bool {
        self.cache_write.is_none() && self.reasoning.is_none() && self.above.is_empty()
    }

    /// The prices of a request with a prompt of so many tokens.
    pub fn rates(&self, prompt_tokens: u64) -> Rates {
        let longest = self
            .above
            .iter()
            .filter(|long| prompt_tokens > long.prompt_tokens)
            .max_by_key(|long| long.prompt_tokens);
        match longest {
            Some(long) => Rates {
                input: long.input,
                output: long.output,
                cached_input: long.cached_input,
                cache_write: long.cache_write,
                reasoning: long.reasoning,
            },
            None => Rates {
                input: self.input,
                output: self.output,
                cached_input: self.cached_input,
                cache_write: self.cache_write,
                reasoning: self.reasoning,
            },
        }
    }

    /// What these tokens cost; `None` when a needed price or count is missing, or when the counts contradict each other.
    ///
    /// Cached, written and reasoning tokens that nobody reported are taken for none, but where reasoning has a price of
    /// its own its count is needed.
    pub fn cost_usd(&self, usage: &Usage) -> Option<f64> {
        let prompt = usage.prompt_tokens?;
        let completion = usage.completion_tokens?;
        let rates = self.rates(prompt);
        let cached = usage.cached_prompt_tokens.unwrap_or(0);
        let written = usage.cache_write_tokens.unwrap_or(0);
        let fresh = prompt.checked_sub(cached)?.checked_sub(written)?;
        let thought = match rates.reasoning {
            Some(_) => usage.reasoning_tokens?,
            None => 0,
        };
        let said = completion.checked_sub(thought)?;
        let part = |tokens: u64, rate: Option<f64>| match tokens {
            0 => Some(0.0),
            _ => rate.map(|rate| tokens as f64 * rate),
        };
        let micros = fresh as f64 * rates.input?
            + part(cached, rates.cached_input)?
            + part(written, rates.cache_write)?
            + said as f64 * rates.output?
            + part(thought, rates.reasoning)?;
        Some((micros * 1e6).round() / 1e12)
    }

    /// The most that a request costs whose prompt and completion have at most so many tokens; `None` when a needed price
    /// is missing. Nothing is taken to come from a cache, and the dearer price counts where two may.
    pub fn at_most_usd(&self, prompt_tokens: u64, completion_tokens: u64) -> Option<f64> {
        let rates = self.rates(prompt_tokens);
        let dearer = |one: Option<f64>, other: Option<f64>| Some(one?.max(other.unwrap_or(0.0)));
        let micros = prompt_tokens as f64 * dearer(rates.input, rates.cache_write)?
            + completion_tokens as f64 * dearer(rates.output, rates.reasoning)?;
        Some((micros * 1e6).round() / 1e12)
    }
}

/// A sum of costs, some of which may not be known.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct CostSum {
    /// US dollars of what is known; `None` where nothing is.
    pub known_usd: Option<f64>,
    /// A part of the whole is not known: the sum is at least this.
    pub has_unknown: bool,
    /// A part of what is known is an estimate.
    pub is_estimated: bool,
    /// What the parts that nobody told the cost of are at the most, where that has a bound.
    pub untold_at_most_usd: f64,
}

impl CostSum {
    /// One more part, known or not.
    pub fn add(&mut self, cost_usd: Option<f64>, is_estimated: bool) {
        match cost_usd {
            Some(cost) => {
                self.known_usd = Some(self.known_usd.unwrap_or_default() + cost);
                self.is_estimated |= is_estimated;
            }
            None => self.has_unknown = true,
        }
    }

    /// Parts whose cost nobody told, and which are at most so much together.
    pub fn add_untold(&mut self, at_most_usd: f64) {
        self.has_unknown = true;
        self.untold_at_most_usd += at_most_usd;
    }

    /// Both together.
    #[must_use]
    pub fn with(mut self, other: Self) -> Self {
        if let Some(cost) = other.known_usd {
            self.add(Some(cost), other.is_estimated);
        }
        self.has_unknown |= other.has_unknown;
        self.untold_at_most_usd += other.untold_at_most_usd;
        self
    }

    /// Whether anything is known to cost, or may have cost, something.
    pub const fn is_empty(&self) -> bool {
        self.known_usd.is_none() && !self.has_unknown
    }
}

#[cfg(test)]
mod tests;
