//! Token counts, normalised over all providers, and the server's own timings. Reads no wire format.
//!
//! Prompt tokens include cached ones and completion tokens include reasoning ones, whatever a provider reports; the
//! dialects convert. Where no count comes, [`Estimator`] gives one that says of itself that it is an estimate.

use serde::{Deserialize, Serialize};

/// Token counts of one lane; what is not known is `None`, never 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Usage {
    /// Tokens of the prompt, cached ones included.
    pub prompt_tokens: Option<u64>,
    /// The part of the prompt that came from a cache.
    pub cached_prompt_tokens: Option<u64>,
    /// The part of the prompt that was written into a cache, where the provider charges for that. In the JSON only where
    /// there are any.
    #[serde(skip_serializing_if = "is_none_or_zero")]
    pub cache_write_tokens: Option<u64>,
    /// Tokens generated, reasoning included.
    pub completion_tokens: Option<u64>,
    /// The part of the completion that was thinking.
    pub reasoning_tokens: Option<u64>,
    /// Where the figures come from; `None` when nothing is known.
    pub source: Option<UsageSource>,
}

impl Usage {
    /// These figures, where earlier ones were reported: a count is not replaced by a later 0 or by none, as proxies and some
    /// servers send them at the end. Those of the completion are, where text has come since.
    #[must_use]
    pub fn after(self, before: &Self, has_grown: bool) -> Self {
        let kept = |now: Option<u64>, before: Option<u64>| match now {
            Some(0) | None => before.filter(|count| *count > 0).or(now),
            now => now,
        };
        let (completion_tokens, reasoning_tokens) = if has_grown {
            (self.completion_tokens, self.reasoning_tokens)
        } else {
            (
                kept(self.completion_tokens, before.completion_tokens),
                kept(self.reasoning_tokens, before.reasoning_tokens),
            )
        };
        Self {
            prompt_tokens: kept(self.prompt_tokens, before.prompt_tokens),
            cached_prompt_tokens: kept(self.cached_prompt_tokens, before.cached_prompt_tokens),
            cache_write_tokens: kept(self.cache_write_tokens, before.cache_write_tokens),
            completion_tokens,
            reasoning_tokens,
            source: self.source.or(before.source),
        }
    }

    /// Warnings about parts that are larger than their whole; the figures themselves are kept as reported.
    pub fn inconsistencies(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut check = |part: Option<u64>,
                         part_name: &str,
                         whole: Option<u64>,
                         whole_name: &str| {
            if let (Some(part), Some(whole)) = (part, whole)
                && part > whole
            {
                found.push(format!(
                    "the provider reports more {part_name} tokens ({part}) than {whole_name} tokens ({whole})"
                ));
            }
        };
        check(
            self.cached_prompt_tokens,
            "cached",
            self.prompt_tokens,
            "prompt",
        );
        check(
            self.reasoning_tokens,
            "reasoning",
            self.completion_tokens,
            "completion",
        );
        found
    }

    /// Whether any count is known.
    pub const fn is_known(&self) -> bool {
        self.prompt_tokens.is_some() || self.completion_tokens.is_some()
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, clippy::ref_option)] // serde hands over a reference
const fn is_none_or_zero(count: &Option<u64>) -> bool {
    matches!(count, None | Some(0))
}

/// Where token counts come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum UsageSource {
    /// The server said so.
    Reported,
    /// Counted with the model's own tokenizer.
    Counted,
    /// Guessed from the text by [`Estimator`]; shown with `~`.
    Estimated,
}

/// What the server says about its own time; milliseconds. Fields that it does not report are `None`.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ServerTimings {
    /// Time spent on the prompt.
    pub prefill_ms: Option<f64>,
    /// Time spent on generating.
    pub decode_ms: Option<f64>,
    /// Time before the server began.
    pub queue_ms: Option<f64>,
    /// Time to the first token as the server saw it.
    pub ttft_ms: Option<f64>,
    /// Time in which the server loaded the model inside of the request; absent where it does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub load_ms: Option<f64>,
    /// Time for the whole answer, of which no part is told apart; absent where it does not tell.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total_ms: Option<f64>,
    /// Prompts that the engine answered together with this one at the most, this one included; absent where it was
    /// alone, or where nobody tells. Its times hold their share of the others' work.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequences: Option<u32>,
}

impl ServerTimings {
    /// The same times, to the microsecond: seconds turned into milliseconds leave digits that were never measured.
    #[must_use]
    pub fn rounded(self) -> Self {
        let round = |time: Option<f64>| time.map(|time| (time * 1_000.0).round() / 1_000.0);
        Self {
            prefill_ms: round(self.prefill_ms),
            decode_ms: round(self.decode_ms),
            queue_ms: round(self.queue_ms),
            ttft_ms: round(self.ttft_ms),
            load_ms: round(self.load_ms),
            total_ms: round(self.total_ms),
            sequences: self.sequences,
        }
    }

    /// These times, and those of before where there is none now.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            prefill_ms: self.prefill_ms.or(before.prefill_ms),
            decode_ms: self.decode_ms.or(before.decode_ms),
            queue_ms: self.queue_ms.or(before.queue_ms),
            ttft_ms: self.ttft_ms.or(before.ttft_ms),
            load_ms: self.load_ms.or(before.load_ms),
            total_ms: self.total_ms.or(before.total_ms),
            sequences: self.sequences.or(before.sequences),
        }
    }
}

/// Estimates tokens from text as it arrives, in constant time per character.
///
/// A rule of thumb for current byte-pair tokenizers: four ASCII characters a token, two of other alphabets, one
/// ideograph or emoji. It is off by tens of percent on code and on rare languages, so every figure made from it is
/// marked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Estimator {
    quarters: u64,
}

impl Estimator {
    /// Takes more text.
    pub fn push(&mut self, text: &str) {
        self.quarters += text.chars().map(quarters).sum::<u64>();
    }

    /// Takes text away that was pushed before.
    pub fn remove(&mut self, text: &str) {
        let quarters = text.chars().map(quarters).sum::<u64>();
        self.quarters = self.quarters.saturating_sub(quarters);
    }

    /// Tokens of this text and of another one behind it, rounded up.
    pub const fn tokens_with(&self, other: Self) -> u64 {
        (self.quarters + other.quarters).div_ceil(4)
    }

    /// Tokens so far, rounded up.
    pub const fn tokens(&self) -> u64 {
        self.quarters.div_ceil(4)
    }
}

/// Quarters of a token that one character weighs.
const fn quarters(c: char) -> u64 {
    match c as u32 {
        0..=0x7f => 1,
        0x80..=0x2e7f => 2,
        _ => 4,
    }
}
