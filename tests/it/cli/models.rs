//! Tests of `tierscope models`.

use super::Home;
use crate::{
    loopback::{Loopback, Reply},
    named::NAMED,
};
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

#[test]
fn every_named_model_stands_with_tier_context_and_price_or_a_question_mark() {
    let all = listed(&[]);
    let table = Home::new().run(&["models"]).out;
    for (name, _) in NAMED {
        let is_it = |model: &&Value| model["id"].as_str().unwrap().eq_ignore_ascii_case(name);
        let model = all.iter().find(is_it);
        let model = model.unwrap_or_else(|| panic!("{name} is not listed"));
        let tier = model["tier"].as_str().unwrap();
        assert!(model["context_tokens"].as_u64() > Some(0), "{name}");
        let id = model["id"].as_str().unwrap();
        let column = table.find("MODEL").unwrap();
        let row = table
            .lines()
            .find(|row| {
                row.get(column..)
                    .is_some_and(|rest| rest.starts_with(&format!("{id} ")))
            })
            .unwrap_or_else(|| panic!("{name} has no row"));
        let cells: Vec<_> = row.split_whitespace().collect();
        assert!(cells.contains(&tier), "{row}");
        let price = &cells[cells.len() - 3..];
        match model["price"]["output"].as_f64() {
            Some(output) => {
                let shown: f64 = price[1].trim_end_matches('+').parse().unwrap();
                assert!((shown - output).abs() < 1e-9, "{row}");
            }
            None => assert_eq!(price, ["?", "?", "?"], "{row}"),
        }
    }
}

const TABLE: &str = r#"{
    "gpt-4o": { "litellm_provider": "openai", "mode": "chat", "max_input_tokens": 128000,
        "input_cost_per_token": 9e-6, "output_cost_per_token": 9.5e-5 },
    "xai/grok-99": { "litellm_provider": "xai", "mode": "chat", "max_input_tokens": 3000000,
        "input_cost_per_token": 1e-6, "output_cost_per_token": 2e-6 },
    "mistral/free-9b": { "litellm_provider": "mistral", "mode": "chat", "input_cost_per_token": 0,
        "output_cost_per_token": 0 },
    "gpt-4.1": { "litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 2,
        "output_cost_per_token": 8 } }"#;

fn only(home: &Home, name: &str) -> Value {
    let ended = home.run(&["models", "--json", name]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let found: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    let is_it = |model: &Value| model["id"] == name;
    found.into_iter().find(is_it).unwrap()
}

fn is_refreshed(home: &Home, source: &str) {
    let model = only(home, "gpt-4o");
    assert_eq!(model["price"]["input"], 9.0);
    assert_eq!(model["price"]["output"], 95.0);
    let day = model["price_as_of"].as_str().unwrap();
    assert_eq!(day.len(), 10, "{day}");
    assert_eq!(model["price_source"], format!("{source}: gpt-4o"));
    let new = only(home, "grok-99");
    assert_eq!((&new["lab"], &new["tier"]), (&Value::Null, &Value::Null));
    assert_eq!(new["context_tokens"], 3_000_000);
    assert_eq!(only(home, "free-9b")["price"], Value::Null);
    assert_eq!(only(home, "gpt-4.1")["price"]["input"], 2.0);
}

#[test]
fn a_newer_table_of_a_file_counts_for_later_runs() {
    let home = Home::new();
    let path = home.path().join("table.json");
    std::fs::write(&path, TABLE).unwrap();
    let path = path.to_str().unwrap();
    let ended = home.run(&["models", "--refresh", path]);
    assert_eq!(
        (ended.status, ended.out.as_str()),
        (Some(0), ""),
        "{ended:?}"
    );
    for said in [
        "1 known models changed, 0 stayed the same, 2 are new",
        "1 were refused:",
        "gpt-4.1: input_cost_per_token is 2, which is no price per token",
    ] {
        assert!(ended.err.contains(said), "{}", ended.err);
    }
    is_refreshed(&home, path);
    let ended = home.run(&["models", "grok-99"]);
    assert!(ended.err.contains(&format!("from {path}")), "{}", ended.err);
    assert!(
        ended.out.lines().nth(1).unwrap().starts_with('?'),
        "{}",
        ended.out
    );
}

#[test]
fn a_newer_table_of_an_address_is_fetched_past_redirects() {
    let home = Home::new();
    let server = Loopback::route(|request| match request.path.as_str() {
        "/old?token=secret" => Reply::redirect(302, "/table.json"),
        "/table.json" => Reply::json(200, TABLE),
        "/away" => Reply::redirect(302, "http://example.com/table.json"),
        "/page" => Reply::html(200, "<html>"),
        _ => Reply::status(404),
    });
    let refresh = |path: &str| home.run(&["models", "--refresh", &server.url(path)]);
    assert_eq!(refresh("/old?token=secret").status, Some(0));
    is_refreshed(&home, &server.url("/old"));
    for (path, complaint) in [
        ("/nothing", "404"),
        ("/away", "http://example.com/table.json is not asked"),
        ("/page", "it is no JSON"),
    ] {
        let ended = refresh(path);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.err.contains(complaint), "{}", ended.err);
    }
    is_refreshed(&home, &server.url("/old"));
    let ended = home.run(&["models", "--refresh", "http://example.com/t.json"]);
    assert_eq!(ended.status, Some(2), "{ended:?}");
    assert!(ended.err.contains("over https"), "{}", ended.err);
}

#[test]
fn new_prices_are_shown_at_once_and_a_smaller_table_leaves_the_others() {
    let home = Home::new();
    let small = r#"{ "gpt-4o": { "litellm_provider": "openai", "mode": "chat", "input_cost_per_token": 8e-6,
        "output_cost_per_token": 9.5e-5 } }"#;
    let server = Loopback::route(move |request| match request.path.as_str() {
        "/whole" => Reply::json(200, TABLE),
        _ => Reply::json(200, small),
    });
    let refreshed = |path: &str| {
        let address = server.url(path);
        let ended = home.run(&["models", "--json", "gpt-4o", "--refresh", &address]);
        let found: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
        let is_it = |model: &Value| model["id"] == "gpt-4o";
        let price = found.into_iter().find(is_it).unwrap()["price"]["input"].as_f64();
        (price, ended.err)
    };
    assert_eq!(refreshed("/whole").0, Some(9.0));
    let (price, said) = refreshed("/small");
    assert_eq!(price, Some(8.0));
    assert!(
        said.contains("2 models of which it says nothing keep"),
        "{said}"
    );
    let other = only(&home, "grok-99");
    assert_eq!(other["price"]["input"], 1.0);
    assert_eq!(
        other["price_source"],
        format!("{}: xai/grok-99", server.url("/whole"))
    );
    assert_eq!(refreshed("/small").0, Some(8.0));
    assert_eq!(only(&home, "grok-99")["price"]["input"], 1.0);
}

#[cfg(unix)]
#[test]
fn a_table_that_is_no_file_is_not_waited_for() {
    let home = Home::new();
    let pipe = home.path().join("pipe");
    rustix::fs::mknodat(
        rustix::fs::CWD,
        &pipe,
        rustix::fs::FileType::Fifo,
        rustix::fs::Mode::RUSR | rustix::fs::Mode::WUSR,
        0,
    )
    .unwrap();
    for path in [pipe.to_str().unwrap(), "/dev/zero", "/"] {
        let ended = home.run(&["models", "--refresh", path]);
        assert_eq!(ended.status, Some(1), "{ended:?}");
        assert!(ended.err.contains("it is no regular file"), "{}", ended.err);
    }
}

#[test]
fn damaged_prices_are_told_and_do_not_count() {
    let home = Home::new();
    let kept = home.path().join("cache/catalog.json");
    std::fs::create_dir_all(kept.parent().unwrap()).unwrap();
    std::fs::write(&kept, "{ half").unwrap();
    let ended = home.run(&["models", "--json", "gpt-4o"]);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    assert!(
        ended.err.contains("warning: the refreshed prices at"),
        "{}",
        ended.err
    );
    assert!(ended.out.contains("\"input\": 2.5"), "{}", ended.out);
    let missing = home.path().join("missing.json");
    let ended = home.run(&["models", "--refresh", missing.to_str().unwrap()]);
    assert_eq!(ended.status, Some(1), "{ended:?}");
    assert!(kept.exists(), "what brings nothing takes nothing away");
    let path = home.path().join("table.json");
    std::fs::write(&path, TABLE).unwrap();
    home.run(&["models", "--refresh", path.to_str().unwrap()]);
    let ended = home.run(&["models", "--json", "gpt-4o"]);
    assert!(!ended.err.contains("warning"), "{}", ended.err);
}

#[test]
fn a_price_of_the_configuration_wins_over_a_newer_table() {
    let home = Home::with(
        "[[lane]]\nname = \"own\"\nprovider = \"openai\"\nmodel = \"gpt-4o\"\nprice = { input = 1.0, output = 2.0 }\n\
         [[lane]]\nname = \"listed\"\nprovider = \"openai\"\nmodel = \"gpt-4o\"\n",
    );
    let path = home.path().join("table.json");
    std::fs::write(&path, TABLE).unwrap();
    home.run(&["models", "--refresh", path.to_str().unwrap()]);
    let shown = home.run(&["config", "show"]).out;
    assert!(
        shown.contains("input = 1.0") && shown.contains("input = 9.0"),
        "{shown}"
    );
}
