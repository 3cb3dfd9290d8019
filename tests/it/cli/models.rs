//! Tests of `tierscope models`.

use super::Home;
use serde_json::Value;

fn listed(arguments: &[&str]) -> Vec<Value> {
    let ended = Home::new().run(&[&["models", "--json"], arguments].concat());
    assert_eq!(
        (ended.status, ended.err.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
    serde_json::from_str(&ended.out).unwrap()
}

#[test]
fn the_json_has_what_the_contract_names() {
    let models = listed(&["gpt-4o-mini", "--access", "api"]);
    let mini = models
        .iter()
        .find(|model| model["id"] == "gpt-4o-mini")
        .unwrap();
    for key in [
        "id",
        "aliases",
        "lab",
        "family",
        "generation",
        "version",
        "tier",
        "reasoning",
        "access",
        "context_tokens",
        "price",
        "price_as_of",
    ] {
        assert!(mini.get(key).is_some(), "{key}");
    }
    assert_eq!(mini["tier"], "small");
    assert_eq!(mini["price"]["input"], 0.15);
}

#[test]
fn an_unknown_price_is_null_and_a_question_mark() {
    let model = &listed(&["Llama-3.1-8B-Instruct"])[0];
    assert_eq!(
        (&model["price"], &model["price_as_of"]),
        (&Value::Null, &Value::Null)
    );
    let ended = Home::new().run(&["models", "Llama-3.1-8B-Instruct"]);
    let row = ended.out.lines().nth(1).unwrap();
    assert!(row.ends_with('?'), "{row}");
    assert!(!row.contains("0.00"), "{row}");
}

#[test]
fn filters_hold_together_and_orders_hold() {
    let all = listed(&[]);
    let open = listed(&["--access", "open-weights", "--tier", "reasoning"]);
    assert!(!open.is_empty() && open.len() < all.len());
    assert!(
        open.iter()
            .all(|model| model["access"] == "open-weights" && model["tier"] == "reasoning")
    );
    let windows: Vec<_> = listed(&["--sort", "context"])
        .iter()
        .map(|model| model["context_tokens"].as_u64())
        .collect();
    assert!(windows.is_sorted_by(|a, b| a >= b), "{windows:?}");
    let prices: Vec<_> = listed(&["--sort", "price"])
        .iter()
        .map(|model| model["price"]["output"].as_f64().unwrap_or(f64::INFINITY))
        .collect();
    assert!(prices.is_sorted(), "{prices:?}");
}

#[test]
fn words_that_fit_nothing_are_an_error_that_helps() {
    let ended = Home::new().run(&["models", "no-such-model"]);
    assert_eq!((ended.status, ended.out.as_str()), (Some(1), ""));
    assert!(
        ended
            .err
            .contains("no model of the catalogue matches `no-such-model`"),
        "{}",
        ended.err
    );
    assert!(ended.err.contains("OpenAI"), "{}", ended.err);
}

#[test]
fn the_table_is_data_and_the_explanation_is_not() {
    let ended = Home::new().run(&["models"]);
    assert!(ended.out.starts_with("LAB "));
    assert!(ended.err.contains("cheapest one that is good enough"));
    assert_eq!(Home::new().run(&["models", "--quiet"]).err, "");
}
