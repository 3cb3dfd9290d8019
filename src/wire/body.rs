//! What request bodies of all dialects share, and what hosts do differently, as data. Knows no host by name.

use crate::domain::request::{ChatRequest, Role};
use serde_json::{Map, Value, json};

/// What a host does differently within its wire format.
#[derive(Debug, Clone, PartialEq)]
pub struct BodyOptions {
    /// OpenAI shapes: the field that holds the token limit (`max_tokens` or `max_completion_tokens`).
    pub max_tokens_field: &'static str,
    /// The limit that is sent where the person gave none and the format demands one (Anthropic).
    pub default_max_tokens: u32,
    /// OpenAI shapes: whether usage must be asked for with `stream_options`.
    pub include_usage: bool,
    /// OpenAI shapes: the field that holds the seed (`seed`, `random_seed`); `None` where the host takes none.
    pub seed_field: Option<&'static str>,
    /// OpenAI shapes: whether the host takes `top_k`.
    pub top_k: bool,
    /// OpenAI shapes: whether the host takes `min_p`.
    pub min_p: bool,
    /// OpenAI shapes: how the host is told how much to think.
    pub effort: EffortField,
    /// How much this model is to think, in its own terms.
    pub told: Told,
    /// Parts that every request to this host carries; the person's own `extra` goes over them.
    pub fixed: Map<String, Value>,
}

impl Default for BodyOptions {
    /// A host that speaks the common form: `max_tokens`, `seed`, usage asked for, no `top_k` nor `min_p`.
    fn default() -> Self {
        Self {
            max_tokens_field: "max_tokens",
            default_max_tokens: 4096,
            include_usage: true,
            seed_field: Some("seed"),
            top_k: false,
            min_p: false,
            effort: EffortField::ReasoningEffort,
            told: Told::Nothing,
            fixed: Map::new(),
        }
    }
}

/// How an OpenAI-shaped host is told how much to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum EffortField {
    /// `"reasoning_effort": "low"`.
    #[default]
    ReasoningEffort,
    /// `"reasoning": {"effort": "low"}` (OpenRouter).
    ReasoningObject,
    /// `"thinking": {"type": "enabled"}` with `"reasoning_effort"` beside it (DeepSeek).
    ThinkingType,
    /// `"chat_template_kwargs": {"enable_thinking": false}`, or `true` with `"reasoning_effort"` beside it (vLLM,
    /// llama-server).
    TemplateArguments,
    /// The host cannot be told.
    Nothing,
}

/// How much to think, in the terms of the model that is asked.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Told {
    /// Nothing is said.
    #[default]
    Nothing,
    /// Not to think.
    Off,
    /// To think.
    On,
    /// A word, such as `low`.
    Word(String),
    /// A word; the model sets its own budget.
    Adaptive(String),
    /// So many tokens.
    Budget(u32),
}

/// The settings beyond the common ones that a format or a host has a field for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[allow(clippy::struct_excessive_bools)] // one for each setting
pub struct Takes {
    /// The k likeliest tokens.
    pub top_k: bool,
    /// The least likelihood.
    pub min_p: bool,
    /// The seed.
    pub seed: bool,
    /// Texts that end the answer.
    pub stop: bool,
}

/// The conversation as most formats write it, without the system's message.
pub(super) fn plain_messages(request: &ChatRequest) -> Vec<Value> {
    let plain = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.content})
    });
    plain.collect()
}

/// The conversation with the system's message first.
pub(super) fn messages_with_system(request: &ChatRequest) -> Vec<Value> {
    let system = request.system.iter();
    let mut messages: Vec<Value> = system
        .map(|system| json!({"role": "system", "content": system}))
        .collect();
    messages.extend(plain_messages(request));
    messages
}

/// Sets a field where there is a value.
pub(super) fn put<T: Into<Value>>(body: &mut Map<String, Value>, field: &str, value: Option<T>) {
    if let Some(value) = value {
        body.insert(field.to_owned(), value.into());
    }
}

/// Sets the texts that end an answer, where there are any.
pub(super) fn put_stop(body: &mut Map<String, Value>, field: &str, stop: &[String]) {
    if !stop.is_empty() {
        body.insert(field.to_owned(), json!(stop));
    }
}

/// Lays the host's fixed parts, then the person's own, over the body.
pub(super) fn finished(
    mut body: Map<String, Value>,
    request: &ChatRequest,
    options: &BodyOptions,
) -> Value {
    merge(&mut body, &options.fixed);
    merge(&mut body, &request.extra);
    Value::Object(body)
}

/// Objects are merged key by key, so that one more option does not wipe out its neighbours; all else is replaced.
fn merge(into: &mut Map<String, Value>, from: &Map<String, Value>) {
    for (key, value) in from {
        match (into.get_mut(key), value) {
            (Some(Value::Object(old)), Value::Object(new)) => merge(old, new),
            _ => {
                into.insert(key.clone(), value.clone());
            }
        }
    }
}
