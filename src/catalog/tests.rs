//! Tests of the catalogue: the file itself, and how names are found in it. Asks no host.

use super::*;
use std::collections::BTreeSet;

#[test]
fn the_file_is_read_and_no_name_stands_twice() {
    let catalog = Catalog::read(include_str!("../../assets/catalog.toml")).unwrap();
    let mut seen = BTreeSet::new();
    for name in catalog.models.iter().flat_map(Model::names) {
        assert!(seen.insert(name.to_lowercase()), "{name} stands twice");
    }
    let labs: BTreeSet<_> = catalog.models.iter().map(|model| &model.lab).collect();
    assert!(
        catalog.models.len() >= 150,
        "{} models",
        catalog.models.len()
    );
    assert!(labs.len() >= 12, "{labs:?}");
}

#[test]
fn what_a_model_says_of_itself_is_consistent() {
    for model in models() {
        let id = &model.id;
        if let (Some(context), Some(output)) = (model.context_tokens, model.output_tokens) {
            assert!(
                0 < output && output <= context,
                "{id}: {output} of {context}"
            );
        }
        let Some(prices) = model.price else {
            assert_eq!(model.price_as_of, None, "{id}");
            continue;
        };
        assert!(!model.hosts.is_empty(), "{id}: who asks that price?");
        assert!(
            model.price_as_of.is_some() && model.price_source.is_some(),
            "{id}"
        );
        let all = [
            prices.input,
            prices.output,
            prices.cached_input,
            prices.reasoning,
        ];
        assert!(
            all.iter().flatten().all(|price| *price > 0.0),
            "{id}: a price of nothing is a missing one"
        );
        assert!(prices.input <= prices.output, "{id}: {prices:?}");
        assert!(prices.cached_input <= prices.input, "{id}: {prices:?}");
    }
}

#[test]
fn what_a_model_was_distilled_from_is_there() {
    for source in models()
        .iter()
        .filter_map(|model| model.distilled_from.as_deref())
    {
        assert!(find(source).is_some(), "{source}");
    }
}

#[test]
fn hosts_are_those_of_the_configuration() {
    for host in models().iter().flat_map(|model| &model.hosts) {
        assert!(
            ProviderId::ALL
                .iter()
                .any(|provider| provider.name() == host),
            "{host}"
        );
    }
}

#[test]
fn the_models_that_everyone_speaks_of_are_there() {
    for name in [
        "gpt-4",
        "gpt-4-turbo",
        "gpt-4o",
        "gpt-4o-mini",
        "o1",
        "o1-mini",
        "o3",
        "o3-mini",
        "claude-3-opus-20240229",
        "claude-3-sonnet-20240229",
        "claude-3-haiku-20240307",
        "claude-3-5-sonnet-20241022",
        "claude-3-5-haiku-20241022",
        "claude-3-7-sonnet-20250219",
        "claude-opus-4-20250514",
        "claude-sonnet-4-20250514",
        "gemini-2.5-pro",
        "gemini-2.5-flash",
        "gemini-2.5-flash-lite",
        "meta-llama/Llama-3.1-8B-Instruct",
        "meta-llama/Llama-3.1-70B-Instruct",
        "meta-llama/Llama-3.1-405B-Instruct",
        "meta-llama/Llama-3.1-8B",
        "mistral-large-latest",
        "deepseek-v3",
        "deepseek-r1",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-1.5B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-7B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-14B",
        "deepseek-ai/DeepSeek-R1-Distill-Qwen-32B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-8B",
        "deepseek-ai/DeepSeek-R1-Distill-Llama-70B",
    ] {
        assert!(find(name).is_some(), "{name}");
    }
}

#[test]
fn snapshots_and_aggregators_names_are_recognised() {
    let tiers = [
        "gpt-4o-mini",
        "GPT-4o-mini",
        "gpt-4o-mini-2024-07-18",
        "openai/gpt-4o",
        "claude-haiku-4-5-20251001",
        "claude-haiku-4-5@20251001",
        "gpt-4o-audio",
        "llama3",
        "gpt-4o-mini-",
        "gpt-4o-mini-2024-07-18-",
    ]
    .map(tier);
    let (small, flagship) = (Some(Tier::Small), Some(Tier::Flagship));
    assert_eq!(
        tiers,
        [
            small, small, small, flagship, small, small, None, None, None, None
        ]
    );
}

#[test]
fn a_price_belongs_to_the_labs_own_api() {
    let mini = price(ProviderId::OpenAi, "gpt-4o-mini").unwrap();
    assert_eq!(
        (mini.input, mini.output, mini.cached_input),
        (Some(0.15), Some(0.60), Some(0.075))
    );
    assert_eq!(mini.as_of, find("gpt-4o-mini").unwrap().price_as_of);
    assert_eq!(
        price(ProviderId::OpenAiResponses, "gpt-4o-mini"),
        Some(mini)
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
