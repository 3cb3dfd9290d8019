//! The table of the catalogue. Prices are US dollars per million tokens; each was held against the public price table
//! that the Python package litellm 1.109.1 carries.

use crate::domain::{plan::ProviderId, tier::Tier};

/// The day on which the prices below were checked.
pub(super) const PRICES_AS_OF: &str = "2026-11-22";

/// One model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fact {
    /// Its name without a snapshot's day.
    pub(super) model: &'static str,
    /// The lab's own API.
    pub(super) provider: ProviderId,
    /// Its tier.
    pub(super) tier: Tier,
    /// Stands for its tier where nobody chose a model.
    pub(super) is_usual: bool,
    /// Input, output, cached input.
    pub(super) price: Option<(f64, f64, Option<f64>)>,
}

impl Fact {
    /// Whether the price of the lab holds at this provider.
    pub(super) fn is_sold_by(&self, provider: ProviderId) -> bool {
        provider == self.provider
            || (self.provider == ProviderId::OpenAi && provider == ProviderId::OpenAiResponses)
    }

    const fn usual(mut self) -> Self {
        self.is_usual = true;
        self
    }
}

const fn fact(provider: ProviderId, model: &'static str, tier: Tier) -> Fact {
    Fact {
        model,
        provider,
        tier,
        is_usual: false,
        price: None,
    }
}

const fn priced(fact: Fact, input: f64, output: f64, cached_input: Option<f64>) -> Fact {
    Fact {
        price: Some((input, output, cached_input)),
        ..fact
    }
}

const fn openai(model: &'static str, tier: Tier) -> Fact {
    fact(ProviderId::OpenAi, model, tier)
}

const fn anthropic(model: &'static str, tier: Tier) -> Fact {
    fact(ProviderId::Anthropic, model, tier)
}

const fn gemini(model: &'static str, tier: Tier) -> Fact {
    fact(ProviderId::Gemini, model, tier)
}

/// The usual models of a provider stand in the order of their tiers.
pub(super) const FACTS: &[Fact] = &[
    priced(openai("gpt-4o-mini", Tier::Small), 0.15, 0.60, Some(0.075)).usual(),
    priced(openai("gpt-4.1-mini", Tier::Mid), 0.40, 1.60, Some(0.10)).usual(),
    priced(openai("gpt-4o", Tier::Flagship), 2.50, 10.00, Some(1.25)).usual(),
    priced(
        openai("gpt-5-mini", Tier::Reasoning),
        0.25,
        2.00,
        Some(0.025),
    )
    .usual(),
    priced(openai("gpt-4.1-nano", Tier::Small), 0.10, 0.40, Some(0.025)),
    priced(openai("gpt-4.1", Tier::Flagship), 2.00, 8.00, Some(0.50)),
    priced(
        openai("gpt-5-nano", Tier::Reasoning),
        0.05,
        0.40,
        Some(0.005),
    ),
    priced(openai("gpt-5", Tier::Reasoning), 1.25, 10.00, Some(0.125)),
    priced(openai("o3", Tier::Reasoning), 2.00, 8.00, Some(0.50)),
    priced(openai("o4-mini", Tier::Reasoning), 1.10, 4.40, Some(0.275)),
    priced(
        anthropic("claude-haiku-4-5", Tier::Small),
        1.00,
        5.00,
        Some(0.10),
    )
    .usual(),
    priced(
        anthropic("claude-sonnet-4-5", Tier::Mid),
        3.00,
        15.00,
        Some(0.30),
    )
    .usual(),
    priced(
        anthropic("claude-opus-4-5", Tier::Flagship),
        5.00,
        25.00,
        Some(0.50),
    )
    .usual(),
    priced(
        anthropic("claude-opus-4-1", Tier::Flagship),
        15.00,
        75.00,
        Some(1.50),
    ),
    anthropic("claude-sonnet-4", Tier::Mid),
    anthropic("claude-opus-4", Tier::Flagship),
    priced(
        gemini("gemini-2.5-flash-lite", Tier::Small),
        0.10,
        0.40,
        Some(0.01),
    )
    .usual(),
    priced(
        gemini("gemini-2.5-flash", Tier::Mid),
        0.30,
        2.50,
        Some(0.03),
    )
    .usual(),
    // The price of long prompts differs, and the prompt is not known here.
    gemini("gemini-2.5-pro", Tier::Flagship).usual(),
];
