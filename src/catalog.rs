//! Facts about models: tier, price, and which model of a provider stands for a tier. Built in; fetches nothing.
//!
//! What is not known for certain is not here: a missing price makes a cost unknown, never wrong.

mod facts;

use crate::domain::{cost::Price, plan::ProviderId, tier::Tier};
use facts::{FACTS, Fact, PRICES_AS_OF};

/// The tier of a model, whatever host serves it.
pub fn tier(model: &str) -> Option<Tier> {
    find(model).map(|fact| fact.tier)
}

/// What the lab that made a model asks for it on its own API; `None` for other hosts.
pub fn price(provider: ProviderId, model: &str) -> Option<Price> {
    let fact = find(model).filter(|fact| fact.is_sold_by(provider))?;
    let (input, output, cached_input) = fact.price?;
    Some(Price {
        input: Some(input),
        output: Some(output),
        cached_input,
        as_of: Some(PRICES_AS_OF.to_owned()),
    })
}

/// The models that stand for the tiers of a provider, in the order of the tiers.
pub fn usual_models(provider: ProviderId) -> impl Iterator<Item = (Tier, &'static str)> {
    FACTS
        .iter()
        .filter(move |fact| fact.is_usual && fact.provider == provider)
        .map(|fact| (fact.tier, fact.model))
}

fn find(model: &str) -> Option<&'static Fact> {
    // Aggregators write `lab/model`; labs add a day or `latest` to name a snapshot.
    let name = model.rsplit_once('/').map_or(model, |(_, name)| name);
    FACTS
        .iter()
        .find(|fact| name.strip_prefix(fact.model).is_some_and(is_snapshot))
}

fn is_snapshot(ending: &str) -> bool {
    let is_date = |text: &str| {
        text.chars().filter(char::is_ascii_digit).count() == 8
            && text.chars().all(|c| c.is_ascii_digit() || c == '-')
    };
    match ending.strip_prefix('-') {
        None => ending.is_empty(),
        Some(rest) => rest == "latest" || is_date(rest),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn snapshots_and_aggregators_names_are_recognised() {
        let tiers = [
            "gpt-4o-mini",
            "gpt-4o-mini-2024-07-18",
            "openai/gpt-4o",
            "claude-haiku-4-5-20251001",
            "gpt-4o-audio",
            "llama3",
            "gpt-4o-mini-",
        ]
        .map(tier);
        assert_eq!(
            tiers,
            [
                Some(Tier::Small),
                Some(Tier::Small),
                Some(Tier::Flagship),
                Some(Tier::Small),
                None,
                None,
                None
            ]
        );
    }

    #[test]
    fn a_price_belongs_to_the_labs_own_api() {
        assert_eq!(
            price(ProviderId::OpenAi, "gpt-4o-mini"),
            Some(Price {
                input: Some(0.15),
                output: Some(0.60),
                cached_input: Some(0.075),
                as_of: Some(PRICES_AS_OF.to_owned()),
            })
        );
        assert_eq!(price(ProviderId::OpenRouter, "openai/gpt-4o-mini"), None);
        assert_eq!(price(ProviderId::OpenAi, "gpt-unheard-of"), None);
    }

    #[test]
    fn a_provider_has_one_usual_model_per_tier() {
        for provider in ProviderId::ALL {
            let tiers: Vec<_> = usual_models(*provider).map(|(tier, _)| tier).collect();
            let mut sorted = tiers.clone();
            sorted.sort();
            sorted.dedup();
            assert_eq!(tiers, sorted, "{provider}");
        }
        assert_eq!(usual_models(ProviderId::Anthropic).count(), 3);
    }
}
