//! Prices and what an answer cost. A price that is missing makes the cost unknown, never 0.

use super::usage::Usage;
use serde::{Deserialize, Serialize};

/// US dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Price {
    /// Prompt tokens that came from no cache.
    pub input: Option<f64>,
    /// Completion tokens, reasoning included.
    pub output: Option<f64>,
    /// Prompt tokens that came from a cache.
    pub cached_input: Option<f64>,
    /// The day on which these prices were true, as `2026-11-01`.
    pub as_of: Option<String>,
}

impl Price {
    /// What these tokens cost; `None` when a needed price or count is missing, or when the counts contradict each other.
    pub fn cost_usd(&self, usage: &Usage) -> Option<f64> {
        let cached = usage.cached_prompt_tokens.unwrap_or(0);
        let fresh = usage.prompt_tokens?.checked_sub(cached)?;
        let cached_cost = match cached {
            0 => 0.0,
            _ => cached as f64 * self.cached_input?,
        };
        let micros = fresh as f64 * self.input?
            + cached_cost
            + usage.completion_tokens? as f64 * self.output?;
        Some((micros * 1e6).round() / 1e12)
    }
}
