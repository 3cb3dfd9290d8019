//! Requests before and after they are fitted.

mod effort;
mod legal;

use super::*;
use crate::domain::request::{Message, Role};
use serde_json::{Value, json};

fn request(model: &str) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        messages: vec![Message {
            role: Role::User,
            content: "Hi".to_owned(),
        }],
        ..ChatRequest::default()
    }
}

/// Everything that can be asked for.
fn demanding(model: &str, effort: Option<Effort>) -> ChatRequest {
    ChatRequest {
        system: Some("Be terse".to_owned()),
        sampling: Sampling {
            max_tokens: Some(4000),
            temperature: Some(0.5),
            top_p: Some(0.9),
            top_k: Some(40),
            min_p: Some(0.05),
            seed: Some(7),
            stop: (1..=6).map(|n| format!("END{n}")).collect(),
        },
        effort,
        ..request(model)
    }
}

#[track_caller]
fn fitted(provider: ProviderId, request: &ChatRequest) -> (Value, Vec<String>) {
    let host = hosts::find(provider).unwrap();
    let fitted = fit(host, request);
    let body = host.dialect.body(&fitted.request, &fitted.options);
    (body, fitted.notes)
}

/// The body of a request with nothing but an effort and a limit.
#[track_caller]
fn with_effort(
    provider: ProviderId,
    model: &str,
    effort: Effort,
    max_tokens: u32,
) -> (Value, Vec<String>) {
    let mut request = request(model);
    request.effort = Some(effort);
    request.sampling.max_tokens = Some(max_tokens);
    fitted(provider, &request)
}

#[test]
fn what_a_model_refuses_is_left_out_and_said() {
    let (body, notes) = fitted(ProviderId::OpenAi, &demanding("gpt-5-mini", None));
    let expected = json!({"model": "gpt-5-mini", "stream": true, "stream_options": {"include_usage": true}, "seed": 7,
        "max_completion_tokens": 4000,
        "messages": [{"role": "system", "content": "Be terse"}, {"role": "user", "content": "Hi"}]});
    assert_eq!(body, expected);
    assert_eq!(
        notes,
        [
            "left out: `temperature`, `top_p` and `top_k`, which gpt-5-mini does not take",
            "left out: `min_p`, which openai does not take",
            "left out: `stop`, which gpt-5-mini does not take",
        ]
    );

    let (body, notes) = fitted(ProviderId::OpenAi, &demanding("gpt-4o", None));
    assert_eq!(body["temperature"], 0.5);
    assert_eq!(body["stop"], json!(["END1", "END2", "END3", "END4"]));
    assert_eq!(
        notes,
        [
            "left out: `top_k` and `min_p`, which openai does not take",
            "left out: 2 of 6 texts of `stop`: gpt-4o takes 4",
        ]
    );

    let (body, notes) = fitted(ProviderId::OpenAi, &demanding("o1-mini", None));
    let user = json!([{"role": "user", "content": "Be terse\n\nHi"}]);
    assert_eq!(body["messages"], user);
    let note = "the system text went before the prompt: o1-mini takes no system message";
    assert!(notes.iter().any(|found| found == note), "{notes:?}");
}

#[test]
fn sampling_is_refused_only_while_the_model_thinks() {
    for (model, effort, is_sent) in [
        ("gpt-5.1", None, true),
        ("gpt-5.1", Some(Effort::Low), false),
        ("gpt-5.5", None, false),
        ("gpt-5.5", Some(Effort::None), true),
    ] {
        let (body, _) = fitted(ProviderId::OpenAi, &demanding(model, effort));
        assert_eq!(
            body.get("temperature").is_some(),
            is_sent,
            "{model} {effort:?}"
        );
        assert_eq!(body.get("top_p").is_some(), is_sent, "{model} {effort:?}");
    }
    let (body, notes) = fitted(ProviderId::DeepSeek, &demanding("deepseek-v4-flash", None));
    assert_eq!(body.get("temperature"), None);
    assert!(
        notes.concat().contains("ignores while it thinks"),
        "{notes:?}"
    );
}

#[test]
fn claude_takes_one_of_temperature_and_top_p_and_none_while_it_thinks() {
    let (body, notes) = fitted(ProviderId::Anthropic, &demanding("claude-sonnet-4-5", None));
    assert_eq!(
        (&body["temperature"], body.get("top_p")),
        (&json!(0.5), None)
    );
    assert_eq!(
        notes,
        [
            "left out: `top_p`, which claude-sonnet-4-5 does not take beside `temperature`",
            "left out: `min_p` and `seed`, which anthropic does not take",
        ]
    );
    let thinking = demanding("claude-sonnet-4-5", Some(Effort::Low));
    let (body, _) = fitted(ProviderId::Anthropic, &thinking);
    for field in ["temperature", "top_p", "top_k"] {
        assert_eq!(body.get(field), None, "{field}");
    }
    let mut warm = demanding("claude-haiku-4-5", None);
    warm.sampling.temperature = Some(1.5);
    let (body, notes) = fitted(ProviderId::Anthropic, &warm);
    assert_eq!(body["temperature"], 1.0);
    assert!(
        notes
            .concat()
            .contains("`temperature` 1.5 became 1, the most"),
        "{notes:?}"
    );
}

#[test]
fn the_limit_stays_within_what_the_model_takes() {
    let limit = |provider, model: &str, wanted: u32| {
        let mut request = request(model);
        request.sampling.max_tokens = Some(wanted);
        let (body, notes) = fitted(provider, &request);
        (body["max_tokens"].as_u64(), notes.concat())
    };
    let (sent, note) = limit(ProviderId::Anthropic, "claude-3-haiku", 10_000);
    assert_eq!(sent, Some(4096));
    assert_eq!(
        note,
        "`max_tokens` 10000 became 4096, the most that claude-3-haiku takes"
    );
    // Another host may have another limit.
    let elsewhere = limit(ProviderId::OpenAiCompatible, "claude-3-haiku", 10_000);
    assert_eq!(elsewhere, (Some(10_000), String::new()));
}
