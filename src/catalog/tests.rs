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
    let labs: BTreeSet<_> = catalog
        .models
        .iter()
        .map(|model| model.lab.as_deref())
        .collect();
    assert!(!labs.contains(&None));
    for model in &catalog.models {
        let facts = [model.family.is_some(), model.generation.is_some()];
        let kinds = [
            model.tier.is_some(),
            model.reasoning.is_some(),
            model.access.is_some(),
        ];
        assert!(
            facts.iter().chain(&kinds).all(|known| *known),
            "{}",
            model.id
        );
    }
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
        let Some(prices) = &model.price else {
            assert_eq!(model.price_as_of, None, "{id}");
            continue;
        };
        assert!(
            model.price_as_of.is_some() && model.price_source.is_some(),
            "{id}"
        );
        assert!(
            prices.all().all(|price| price > 0.0),
            "{id}: a price of nothing is a missing one"
        );
        for long in &prices.above {
            assert!(long.prompt_tokens >= 1_000, "{id}");
            assert!(long.input >= prices.input, "{id}: {prices:?}");
            assert!(long.output >= prices.output, "{id}: {prices:?}");
            assert_eq!(
                (long.cached_input.is_some(), long.cache_write.is_some()),
                (prices.cached_input.is_some(), prices.cache_write.is_some()),
                "{id}: {prices:?}"
            );
        }
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
        for (_, name) in usual_models(*provider) {
            let price = price(*provider, name);
            assert!(price.is_some_and(|price| price.output.is_some()), "{name}");
        }
    }
    assert_eq!(usual_models(ProviderId::Anthropic).count(), 3);
}

#[test]
fn usual_models_are_not_about_to_be_switched_off() {
    for name in [
        "claude-sonnet-4-5",
        "gemini-2.5-flash",
        "gemini-2.5-pro",
        "gpt-5-mini",
        "gpt-5",
        "gpt-5-nano",
        "o3",
    ] {
        assert!(!find(name).unwrap().usual, "{name}");
    }
}

#[test]
fn long_prompts_and_cache_writes_have_their_prices() {
    let pro = price(ProviderId::Gemini, "gemini-2.5-pro").unwrap();
    assert_eq!(pro.rates(200_000).input, Some(1.25));
    assert_eq!(pro.rates(200_001).input, Some(2.5));
    assert_eq!(pro.rates(200_001).output, Some(15.0));
    let haiku = price(ProviderId::Anthropic, "claude-haiku-4-5").unwrap();
    assert_eq!(haiku.cache_write, Some(1.25));
    let kimi = find("kimi-k3").unwrap();
    assert!(kimi.price.is_some() && kimi.hosts.is_empty());
}

fn news(entry: news::Entry) -> News {
    News {
        schema: news::SCHEMA,
        day: "2027-01-01".to_owned(),
        source: "https://example.com/t.json".to_owned(),
        models: vec![entry],
    }
}

fn dearer(id: &str) -> news::Entry {
    news::Entry {
        id: id.to_owned(),
        key: id.to_owned(),
        price: Some(Prices {
            input: Some(9.0),
            output: Some(90.0),
            ..Prices::default()
        }),
        ..news::Entry::default()
    }
}

#[test]
fn newer_prices_stand_over_the_built_in_ones_and_older_ones_do_not() {
    let catalog = Catalog::built_in().with(news(dearer("gpt-4o")));
    let model = catalog.named("gpt-4o").unwrap();
    assert_eq!(model.price.as_ref().unwrap().input, Some(9.0));
    assert_eq!(model.price_as_of.as_deref(), Some("2027-01-01"));
    assert_eq!(
        model.price_source.as_deref(),
        Some("https://example.com/t.json: gpt-4o")
    );
    assert_eq!(
        (model.tier, model.context_tokens),
        (Some(Tier::Flagship), Some(128_000))
    );
    let old = News {
        day: "2020-01-01".to_owned(),
        ..news(dearer("gpt-4o"))
    };
    let catalog = Catalog::built_in().with(old);
    let model = catalog.named("gpt-4o").unwrap();
    assert_eq!(model.price.as_ref().unwrap().input, Some(2.5));
}

#[test]
fn what_a_later_table_does_not_tell_keeps_its_day_and_source() {
    let mut later = News {
        day: "2027-02-02".to_owned(),
        source: "small.json".to_owned(),
        ..news(dearer("gpt-4o"))
    };
    let mut first = news(dearer("GPT-4o"));
    first.models.push(dearer("gpt-4.1"));
    assert_eq!(later.put_over(first), 1);
    let mut last = News {
        day: "2027-03-03".to_owned(),
        ..news(dearer("o3"))
    };
    assert_eq!(last.put_over(later), 2);
    assert_eq!(last.complaint(), None);
    let catalog = Catalog::built_in().with(last);
    for (name, day, source) in [
        ("o3", "2027-03-03", "https://example.com/t.json: o3"),
        ("gpt-4o", "2027-02-02", "small.json: gpt-4o"),
        (
            "gpt-4.1",
            "2027-01-01",
            "https://example.com/t.json: gpt-4.1",
        ),
    ] {
        let model = catalog.named(name).unwrap();
        let found = (model.price_as_of.as_deref(), model.price_source.as_deref());
        assert_eq!(found, (Some(day), Some(source)), "{name}");
    }
}

#[test]
fn prices_that_can_no_longer_be_told_are_unknown() {
    let entry = news::Entry {
        price: None,
        is_unusable: true,
        ..dearer("gpt-4o")
    };
    let catalog = Catalog::built_in().with(news(entry));
    let model = catalog.named("gpt-4o").unwrap();
    assert_eq!((&model.price, &model.price_as_of), (&None, &None));
}

#[test]
fn what_is_kept_comes_back_and_what_is_damaged_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache").join(FILE_NAME);
    assert_eq!(store::load(&path).unwrap(), None);
    let kept = news(dearer("gpt-4o"));
    save(&path, &kept).unwrap();
    assert_eq!(store::load(&path).unwrap(), Some(kept.clone()));
    assert!(path.exists());
    let free = News {
        models: vec![news::Entry {
            price: Some(Prices {
                input: Some(0.0),
                ..Prices::default()
            }),
            ..dearer("gpt-4o")
        }],
        ..kept.clone()
    };
    for damaged in [
        "{".to_owned(),
        serde_json::to_string(&free).unwrap(),
        serde_json::to_string(&News { schema: 99, ..kept }).unwrap(),
    ] {
        std::fs::write(&path, damaged).unwrap();
        assert!(store::load(&path).is_err());
    }
}
