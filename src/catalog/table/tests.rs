//! Tests of reading a newer table: what is taken, what is passed over, and what is refused by name.

use super::*;
use crate::catalog::Prices;
use serde_json::json;

fn taken(table: &Value) -> (News, Tally) {
    let bytes = serde_json::to_vec(table).unwrap();
    read(&bytes, &Catalog::built_in(), "2027-01-01", "t.json").unwrap()
}

fn chat(provider: &str, input: f64, output: f64) -> Value {
    json!({
        "litellm_provider": provider,
        "mode": "chat",
        "input_cost_per_token": input,
        "output_cost_per_token": output,
    })
}

fn with(mut entry: Value, more: &Value) -> Value {
    let more = more.as_object().unwrap().clone();
    entry.as_object_mut().unwrap().extend(more);
    entry
}

#[test]
fn known_models_get_new_prices_and_new_ones_are_added_without_guesses() {
    let (news, tally) = taken(&json!({
        "sample_spec": { "mode": "one of: chat, …" },
        "gpt-4o": with(chat("openai", 3e-6, 12e-6), &json!({ "max_input_tokens": 128_000 })),
        "xai/grok-9": with(chat("xai", 1e-6, 2e-6), &json!({ "max_input_tokens": 2_000_000.0, "supports_reasoning": true })),
        "groq/strange-7b": chat("groq", 1e-7, 2e-7),
        "dall-e-9": { "litellm_provider": "openai", "mode": "image_generation", "input_cost_per_token": 1e-6 },
        "groq/openai/gpt-oss-20b": chat("groq", 1e-7, 2e-7),
        "somewhere/gpt-4o": chat("somewhere", 1e-7, 2e-7),
    }));
    let ids: Vec<_> = news.models.iter().map(|entry| entry.id.as_str()).collect();
    assert_eq!(ids, ["gpt-4o", "grok-9", "strange-7b"]);
    assert_eq!(
        (
            tally.entries,
            tally.changed,
            tally.same,
            tally.new,
            tally.passed_over
        ),
        (6, 1, 0, 2, 3)
    );
    let catalog = Catalog::built_in().with(news);
    let new = catalog.named("grok-9").unwrap();
    assert_eq!((&new.lab, new.tier, new.reasoning), (&None, None, None));
    assert_eq!(new.context_tokens, Some(2_000_000));
    assert_eq!(new.hosts, ["xai"]);
    let price = catalog.named("gpt-4o").unwrap().price.as_ref().unwrap();
    assert_eq!((price.input, price.output), (Some(3.0), Some(12.0)));
}

#[test]
fn steps_cache_writes_and_reasoning_are_read() {
    let (news, _) = taken(
        &json!({ "gemini/gemini-2.5-pro": with(chat("gemini", 1.25e-6, 1e-5), &json!({
        "cache_read_input_token_cost": 1.25e-7,
        "cache_creation_input_token_cost": 1.5e-6,
        "output_cost_per_reasoning_token": 2e-5,
        "input_cost_per_token_above_200k_tokens": 2.5e-6,
        "output_cost_per_token_above_200k_tokens": 1.5e-5,
        "cache_read_input_token_cost_above_200k_tokens": 2.5e-7,
        "input_cost_per_token_above_200k_tokens_priority": 9e-6,
        "input_cost_per_token_batches": 1e-9,
    })) }),
    );
    let price = news.models[0].price.clone().unwrap();
    assert_eq!(
        price,
        Prices {
            input: Some(1.25),
            output: Some(10.0),
            cached_input: Some(0.125),
            cache_write: Some(1.5),
            reasoning: Some(20.0),
            above: vec![crate::domain::cost::LongPrice {
                prompt_tokens: 200_000,
                input: Some(2.5),
                output: Some(15.0),
                cached_input: Some(0.25),
                ..Default::default()
            }],
        }
    );
}

#[test]
fn what_cannot_be_right_is_refused_by_name() {
    let (_, tally) = taken(&json!({
        "gpt-4o": chat("openai", 3e-6, 12e-6),
        "a": 7,
        "b": chat("openai", 3.0, 12.0),
        "c": chat("openai", -1e-6, 1e-6),
        "d": with(chat("openai", 1e-6, 1e-6), &json!({ "max_input_tokens": "many" })),
        "e": with(chat("openai", 1e-6, 1e-6), &json!({ "cache_read_input_token_cost": 2e-6 })),
        "f\u{1b}[31m": chat("openai", 1e-6, 1e-6),
        "g": with(chat("openai", 1e-6, 1e-6), &json!({ "input_cost_per_token": "cheap" })),
    }));
    let reasons: BTreeMap<_, _> = tally.refused.into_iter().collect();
    let expected = [
        ("a", "it is no object"),
        (
            "b",
            "input_cost_per_token is 3.0, which is no price per token",
        ),
        ("c", "input_cost_per_token is -1e-6"),
        (
            "d",
            "max_input_tokens is \"many\", which is no number of tokens",
        ),
        ("e", "cached tokens are dearer"),
        ("f\u{1b}[31m", "not printable"),
        ("g", "input_cost_per_token is \"cheap\""),
    ];
    assert_eq!(reasons.len(), expected.len(), "{reasons:?}");
    for (name, reason) in expected {
        assert!(reasons[name].contains(reason), "{}", reasons[name]);
    }
}

#[test]
fn a_price_of_nothing_and_one_that_depends_on_the_hour_are_unknown() {
    let (news, _) = taken(&json!({
        "mistral/free-9b": chat("mistral", 0.0, 0.0),
        "gpt-4o": with(chat("openai", 3e-6, 12e-6), &json!({ "off_peak_pricing": {} })),
    }));
    let catalog = Catalog::built_in().with(news);
    for name in ["free-9b", "gpt-4o"] {
        assert_eq!(catalog.named(name).unwrap().price, None, "{name}");
    }
}

#[test]
fn an_input_window_does_not_shorten_a_context_window() {
    let (news, tally) = taken(
        &json!({ "gpt-5-mini": with(chat("openai", 2.5e-7, 2e-6), &json!({
        "max_input_tokens": 272_000, "max_output_tokens": 128_000, "cache_read_input_token_cost": 2.5e-8,
    })) }),
    );
    assert_eq!(news.models[0].context_tokens, Some(400_000));
    assert_eq!((tally.changed, tally.same), (0, 1), "{news:?}");
}

#[test]
fn an_output_limit_is_taken_for_new_models_and_only_where_it_says_something() {
    let sizes = json!({ "max_input_tokens": 100_000, "max_output_tokens": 100_000 });
    let smaller = json!({ "max_input_tokens": 100_000, "max_output_tokens": 8_000 });
    let (news, _) = taken(&json!({
        "xai/grok-4.7": with(chat("xai", 2e-6, 6e-6), &smaller),
        "xai/grok-98": with(chat("xai", 2e-6, 6e-6), &sizes),
        "xai/grok-99": with(chat("xai", 2e-6, 6e-6), &smaller),
    }));
    let limits: Vec<_> = news
        .models
        .iter()
        .map(|entry| entry.output_tokens)
        .collect();
    assert_eq!(limits, [None, None, Some(8_000)]);
}

#[test]
fn other_forms_are_no_tables() {
    let catalog = Catalog::built_in();
    let refused = |text: &str| {
        let refused = read(text.as_bytes(), &catalog, "2027-01-01", "t");
        refused.unwrap_err().to_string()
    };
    assert!(refused("<html>").contains("no JSON"));
    assert!(refused("[]").contains("no object of model names"));
    assert!(refused("{}").contains("no object of model names"));
    assert!(refused(r#"{"x": {"mode": "embedding"}}"#).contains("none of its 1 entries"));
}
