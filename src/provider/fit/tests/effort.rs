//! How much to think, as every vendor and generation is told.

use super::*;
use crate::domain::{
    plan::ProviderId::{
        self, Anthropic, DeepSeek, Fireworks, Gemini, Groq, Mistral, Ollama, OpenAi, OpenRouter,
        Together, Vllm, Xai,
    },
    request::Effort::{self, High, Low, Medium, None as Off},
};

/// The parts of the body that carry the effort, and words of the note, if there must be one.
#[rustfmt::skip] // a table
const ROWS: &[(ProviderId, &str, Effort, &str, &str)] = &[
    (OpenAi, "gpt-4o", High, "{}", "does not think"),
    (OpenAi, "gpt-4o", Off, "{}", ""),
    (OpenAi, "o1-mini", Low, "{}", "cannot be told"),
    (OpenAi, "o3-mini", Off, r#"{"reasoning_effort": "low"}"#, "its least is `low`"),
    (OpenAi, "gpt-5-mini", Off, r#"{"reasoning_effort": "minimal"}"#, "its least is `minimal`"),
    (OpenAi, "gpt-5", High, r#"{"reasoning_effort": "high"}"#, ""),
    (OpenAi, "gpt-5-pro", Low, r#"{"reasoning_effort": "high"}"#, "asked for `high`"),
    (OpenAi, "gpt-5.1", Off, r#"{"reasoning_effort": "none"}"#, ""),
    (OpenAi, "gpt-5.4-mini", Medium, r#"{"reasoning_effort": "medium"}"#, ""),
    (OpenAi, "gpt-6.1-sol", Off, r#"{"reasoning_effort": "low"}"#, "cannot go without"),
    (Anthropic, "claude-3-5-haiku", High, "{}", "does not think"),
    (Anthropic, "claude-haiku-4-5", Off, "{}", ""),
    (Anthropic, "claude-haiku-4-5", Low, r#"{"thinking": {"type": "enabled", "budget_tokens": 1024}}"#, ""),
    (Anthropic, "claude-3-7-sonnet-latest", High, r#"{"thinking": {"type": "enabled", "budget_tokens": 24576}}"#, ""),
    (Anthropic, "claude-opus-4-6", Medium, r#"{"thinking": {"type": "adaptive"}, "output_config": {"effort": "medium"}}"#, ""),
    (Anthropic, "claude-opus-4-8", Off, r#"{"thinking": {"type": "disabled"}}"#, ""),
    (Anthropic, "claude-fable-5", Off, r#"{"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}"#, "cannot go without"),
    (Gemini, "gemini-2.0-flash", Low, "{}", "does not think"),
    (Gemini, "gemini-2.5-flash", Off, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": false, "thinkingBudget": 0}}}"#, ""),
    (Gemini, "gemini-2.5-pro", Off, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": true, "thinkingBudget": 128}}}"#, "its least is 128 tokens"),
    (Gemini, "gemini-2.5-pro", High, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": true, "thinkingBudget": 24576}}}"#, ""),
    (Gemini, "gemini-3-flash-preview", Off, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": false, "thinkingLevel": "minimal"}}}"#, "its least is `minimal`"),
    (Gemini, "gemini-3-pro-preview", Medium, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": true, "thinkingLevel": "high"}}}"#, "asked for `high`"),
    (Gemini, "gemini-3.1-pro-preview", Off, r#"{"generationConfig": {"thinkingConfig": {"includeThoughts": true, "thinkingLevel": "low"}}}"#, "its least is `low`"),
    (Mistral, "mistral-small-latest", Low, r#"{"reasoning_effort": "high"}"#, "asked for `high`"),
    (Mistral, "mistral-small-latest", Off, r#"{"reasoning_effort": "none"}"#, ""),
    (Mistral, "magistral-small-2509", Off, "{}", "always thinks"),
    (Mistral, "mistral-large-2411", High, "{}", "does not think"),
    (DeepSeek, "deepseek-v4-flash", Off, r#"{"thinking": {"type": "disabled"}}"#, ""),
    (DeepSeek, "deepseek-v4-pro", Medium, r#"{"thinking": {"type": "enabled"}, "reasoning_effort": "high"}"#, "asked for `high`"),
    (Xai, "grok-4.3", Off, r#"{"reasoning_effort": "none"}"#, ""),
    (Xai, "grok-4.5", Off, r#"{"reasoning_effort": "low"}"#, "its least is `low`"),
    (Xai, "grok-3-mini", Medium, r#"{"reasoning_effort": "high"}"#, "asked for `high`"),
    (Xai, "grok-4", High, "{}", "cannot be told"),
    (Groq, "openai/gpt-oss-120b", Off, r#"{"reasoning_effort": "low"}"#, "its least is `low`"),
    (Groq, "qwen/qwen3-32b", Low, r#"{"reasoning_effort": "default"}"#, "asked for `default`"),
    (Groq, "qwen/qwen3-32b", High, r#"{"reasoning_effort": "default"}"#, "asked for `default`"),
    (Groq, "llama-3.3-70b-versatile", High, "{}", "left out: `effort` high"),
    (Together, "openai/gpt-oss-20b", Low, r#"{"reasoning_effort": "low"}"#, ""),
    (Fireworks, "accounts/fireworks/models/llama-v3p1-70b-instruct", Off, "{}", "cannot be told"),
    (Fireworks, "accounts/fireworks/models/mixtral-8x22b-instruct", High, "{}", "does not think"),
    (Fireworks, "accounts/fireworks/models/deepseek-r1", Off, r#"{"reasoning_effort": "low"}"#, "cannot go without"),
    (Fireworks, "accounts/fireworks/models/glm-5p1", Off, r#"{"reasoning_effort": "none"}"#, ""),
    (OpenRouter, "openai/gpt-5", Off, r#"{"reasoning": {"effort": "none"}}"#, ""),
    (Ollama, "qwen3:4b", High, r#"{"think": true}"#, ""),
    (Ollama, "gpt-oss:20b", High, r#"{"think": "high"}"#, ""),
    (Ollama, "llama3.1:8b", High, "{}", "does not think"),
    (Vllm, "Qwen/Qwen3-8B", Off, r#"{"chat_template_kwargs": {"enable_thinking": false}}"#, ""),
    (Vllm, "my-own", Low, r#"{"chat_template_kwargs": {"enable_thinking": true}, "reasoning_effort": "low"}"#, ""),
];

#[test]
fn effort_is_translated_for_every_vendor_and_generation() {
    const ENOUGH: u32 = 64_000;
    for (provider, model, effort, expected, noted) in ROWS.iter().copied() {
        let case = format!("{provider} {model} {effort:?}");
        let (body, notes) = with_effort(provider, model, effort, ENOUGH);
        let mut plain = request(model);
        plain.sampling.max_tokens = Some(ENOUGH);
        let (mut expected_body, _) = fitted(provider, &plain);
        merge(&mut expected_body, &serde_json::from_str(expected).unwrap());
        assert_eq!(body, expected_body, "{case}");
        let notes: Vec<&String> = notes
            .iter()
            .filter(|note| !note.contains("max_tokens"))
            .collect();
        assert_eq!(notes.is_empty(), noted.is_empty(), "{case}: {notes:?}");
        assert!(
            notes.iter().all(|note| note.contains(noted)),
            "{case}: {notes:?}"
        );
    }
}

fn merge(into: &mut Value, from: &Value) {
    for (key, value) in from.as_object().unwrap() {
        match into.get_mut(key) {
            Some(old) if old.is_object() && value.is_object() => merge(old, value),
            _ => into[key] = value.clone(),
        }
    }
}

#[test]
fn a_budget_stays_under_the_limit_and_says_where_it_cannot() {
    let budget = |max_tokens| {
        let (body, notes) = with_effort(
            ProviderId::Anthropic,
            "claude-haiku-4-5",
            Effort::High,
            max_tokens,
        );
        (body["thinking"]["budget_tokens"].as_u64(), notes.concat())
    };
    assert_eq!(budget(64_000), (Some(24_576), String::new()));
    let (given, note) = budget(2000);
    assert_eq!(given, Some(1500));
    assert!(
        note.contains("thinks with 1500 tokens, not the 24576"),
        "{note}"
    );
    assert_eq!(budget(1100).0, Some(1024));
    let (given, note) = budget(1024);
    assert_eq!(given, None);
    assert!(
        note.contains("do not fit under `max_tokens` 1024: raise it"),
        "{note}"
    );
}
