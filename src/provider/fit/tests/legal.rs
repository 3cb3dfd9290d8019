//! Every model of the catalogue gets a request that its host accepts.

use super::*;

#[test]
fn every_model_of_the_catalogue_gets_a_request_that_it_accepts() {
    for model in catalog::models() {
        for host in model
            .hosts
            .iter()
            .filter_map(|name| hosts::find(name.parse().unwrap()))
        {
            for effort in [None].into_iter().chain(Effort::ALL.map(Some)) {
                let (body, notes) = fitted(host.provider, &demanding(&model.id, effort));
                let case = format!(
                    "{} {} {effort:?}: {body} {notes:?}",
                    host.provider, model.id
                );
                assert_legal(host.provider, model, &case, &body);
                assert_said(&case, &body, &notes);
            }
        }
    }
}

/// The rules that no request may break, held against the body that goes out and not against the table of habits.
fn assert_legal(provider: ProviderId, model: &catalog::Model, case: &str, body: &Value) {
    match provider {
        ProviderId::OpenAi => assert_openai(model, case, body),
        ProviderId::Anthropic => assert_anthropic(model, case, body),
        ProviderId::Gemini => assert_gemini(model, case, body),
        ProviderId::Mistral => assert_mistral(model, case, body),
        ProviderId::Xai => assert_xai(model, case, body),
        _ => {}
    }
}

fn assert_openai(model: &catalog::Model, case: &str, body: &Value) {
    let id = model.id.as_str();
    let has = |field: &str| body.get(field).is_some();
    assert!(
        !has("max_tokens") && !has("top_k") && !has("min_p"),
        "{case}"
    );
    let always = ["o1", "o3", "o4", "gpt-5-", "gpt-6-astra", "gpt-6.1-sol"];
    let thinks =
        (always.iter().any(|part| id.starts_with(part)) || id == "gpt-5") && !id.contains("chat");
    assert!(!thinks || !has("temperature") && !has("top_p"), "{case}");
    assert!(
        !id.starts_with("gpt-4") || !has("reasoning_effort"),
        "{case}"
    );
    let stops = body["stop"].as_array().map_or(0, Vec::len);
    assert!(
        stops
            <= if id.starts_with("o3") || thinks && id.starts_with("gpt") {
                0
            } else {
                4
            },
        "{case}"
    );
    let old = ["o1-mini", "o1-preview"].contains(&id);
    assert!(
        !old || !has("reasoning_effort") && body["messages"][0]["role"] == "user",
        "{case}"
    );
}

fn assert_anthropic(model: &catalog::Model, case: &str, body: &Value) {
    let id = model.id.as_str();
    let has = |field: &str| body.get(field).is_some();
    let limit = body["max_tokens"].as_u64().unwrap();
    assert!(limit <= model.output_tokens.unwrap_or(u64::MAX), "{case}");
    assert!(!has("seed") && !has("min_p") && !has("stop"), "{case}");
    let thinking = body["thinking"]["type"].as_str();
    let budget = body["thinking"]["budget_tokens"].as_u64();
    assert_eq!(budget.is_some(), thinking == Some("enabled"), "{case}");
    assert!(
        budget.is_none_or(|budget| budget >= 1024 && budget < limit),
        "{case}"
    );
    let thinks = matches!(thinking, Some("enabled" | "adaptive"));
    assert!(
        !thinks || !has("temperature") && !has("top_p") && !has("top_k"),
        "{case}"
    );
    let is_new = ["-4-7", "-4-8", "-5"]
        .iter()
        .any(|part| id.ends_with(part) && !id.ends_with("-4-5"));
    assert!(!is_new || budget.is_none() && !has("temperature"), "{case}");
    assert!(
        !id.starts_with("claude-3-5") && !id.ends_with("3-haiku") || thinking.is_none(),
        "{case}"
    );
}

fn assert_gemini(model: &catalog::Model, case: &str, body: &Value) {
    let id = model.id.as_str();
    let config = &body["generationConfig"]["thinkingConfig"];
    assert!(
        !id.contains("2.5-pro") || config["thinkingBudget"] != 0,
        "{case}"
    );
    assert!(
        !id.contains("pro") || config["thinkingLevel"] != "minimal",
        "{case}"
    );
    let is_one = config.get("thinkingBudget").is_none() || config.get("thinkingLevel").is_none();
    assert!(
        is_one && (config.is_null() || !id.starts_with("gemini-2.0")),
        "{case}"
    );
}

fn assert_mistral(model: &catalog::Model, case: &str, body: &Value) {
    let has = |field: &str| body.get(field).is_some();
    assert!(
        !has("seed") && !has("stream_options") && !has("top_k"),
        "{case}"
    );
    assert!(
        model.reasoning == Some(catalog::Reasoning::Hybrid) || !has("reasoning_effort"),
        "{case}"
    );
}

fn assert_xai(model: &catalog::Model, case: &str, body: &Value) {
    let id = model.id.as_str();
    let has = |field: &str| body.get(field).is_some();
    let is_strict = !id.contains("non-reasoning") && id.starts_with("grok-4")
        || id.starts_with("grok-3-mini")
        || id.contains("code");
    assert!(!is_strict || !has("stop"), "{case}");
    assert!(
        !has("reasoning_effort") || model.reasoning != Some(catalog::Reasoning::None),
        "{case}"
    );
}

/// What was asked for and is not sent is said.
fn assert_said(case: &str, body: &Value, notes: &[String]) {
    for (field, names) in [
        ("temperature", &["temperature"][..]),
        ("top_p", &["top_p", "topP", "p"]),
        ("top_k", &["top_k", "topK", "k"]),
        ("min_p", &["min_p"]),
        ("seed", &["seed", "random_seed"]),
        ("stop", &["stop", "stop_sequences", "stopSequences"]),
    ] {
        let value = names.iter().find_map(|name| found(body, name));
        let is_whole = value.is_some_and(|value| value.as_array().is_none_or(|all| all.len() == 6));
        let names_it = |note: &&String| note.contains(&format!("`{field}`"));
        // Another setting may be left out because of this one, which is sent.
        let is_other =
            |note: &&String| note.ends_with("beside `temperature`") && field == "temperature";
        let is_said = notes.iter().filter(names_it).any(|note| !is_other(&note));
        assert!(is_whole != is_said, "{field} of {case}");
    }
}

/// The value of a field, however deep.
fn found<'a>(value: &'a Value, field: &str) -> Option<&'a Value> {
    let object = value.as_object()?;
    let inner = || object.values().find_map(|value| found(value, field));
    object.get(field).or_else(inner)
}
