//! Request bodies: one request, written in each wire format. Knows no host by name; what hosts do differently is data.

use crate::domain::request::{ChatRequest, Effort, Message, Role};
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
    /// `"chat_template_kwargs": {"enable_thinking": false}` with `"reasoning_effort"` beside it (vLLM, llama-server).
    TemplateArguments,
    /// The host cannot be told.
    Nothing,
}

/// Body of chat completions.
pub(super) fn openai_chat(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(json!({"role": "system", "content": system}));
    }
    messages.extend(plain_messages(&request.messages));
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    if options.include_usage {
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
    }
    put(&mut body, options.max_tokens_field, sampling.max_tokens);
    put(&mut body, "temperature", sampling.temperature);
    put(&mut body, "top_p", sampling.top_p);
    put(&mut body, "top_k", sampling.top_k.filter(|_| options.top_k));
    put(&mut body, "min_p", sampling.min_p.filter(|_| options.min_p));
    if let Some(field) = options.seed_field {
        put(&mut body, field, sampling.seed);
    }
    put_stop(&mut body, "stop", &sampling.stop);
    if let Some(effort) = request.effort {
        put_effort(&mut body, options.effort, effort);
    }
    finished(body, request, options)
}

fn put_effort(body: &mut Map<String, Value>, field: EffortField, effort: Effort) {
    let word = effort.name();
    match field {
        EffortField::ReasoningEffort => put(body, "reasoning_effort", Some(word)),
        EffortField::ReasoningObject => put(body, "reasoning", Some(json!({"effort": word}))),
        EffortField::ThinkingType if effort == Effort::None => {
            put(body, "thinking", Some(json!({"type": "disabled"})));
        }
        EffortField::ThinkingType => {
            put(body, "thinking", Some(json!({"type": "enabled"})));
            put(body, "reasoning_effort", Some(word));
        }
        EffortField::TemplateArguments => {
            let thinks = effort != Effort::None;
            put(
                body,
                "chat_template_kwargs",
                Some(json!({"enable_thinking": thinks})),
            );
            put(body, "reasoning_effort", Some(word));
        }
        EffortField::Nothing => {}
    }
}

/// Body of Anthropic's messages. Seeds and `min_p` do not exist there.
pub(super) fn anthropic(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let max_tokens = sampling.max_tokens.unwrap_or(options.default_max_tokens);
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    body.insert("max_tokens".to_owned(), json!(max_tokens));
    put(&mut body, "system", request.system.as_deref());
    let messages = plain_messages(&request.messages).collect();
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    put_stop(&mut body, "stop_sequences", &sampling.stop);
    let thinks = put_claude_thinking(&mut body, request, max_tokens);
    if !thinks {
        // These are refused while extended thinking is on.
        put(&mut body, "temperature", sampling.temperature);
        put(&mut body, "top_p", sampling.top_p);
        put(&mut body, "top_k", sampling.top_k);
    }
    finished(body, request, options)
}

/// The smallest thinking budget that Anthropic takes; it must stay below `max_tokens`.
const LEAST_BUDGET: u32 = 1024;

/// Returns whether extended thinking was switched on.
fn put_claude_thinking(
    body: &mut Map<String, Value>,
    request: &ChatRequest,
    max_tokens: u32,
) -> bool {
    let Some(effort) = request.effort else {
        return false;
    };
    if !takes_budget(&request.model) {
        return match effort {
            Effort::None => {
                put(body, "thinking", Some(json!({"type": "disabled"})));
                false
            }
            Effort::Low | Effort::Medium | Effort::High => {
                put(body, "thinking", Some(json!({"type": "adaptive"})));
                put(
                    body,
                    "output_config",
                    Some(json!({"effort": effort.name()})),
                );
                true
            }
        };
    }
    let wanted = match effort {
        Effort::None => return false, // off unless asked for
        Effort::Low => LEAST_BUDGET,
        Effort::Medium => 4 * LEAST_BUDGET,
        Effort::High => 16 * LEAST_BUDGET,
    };
    if max_tokens <= LEAST_BUDGET {
        return false; // no budget fits under the limit, which is the person's word
    }
    let budget = wanted.min(max_tokens - 1);
    let thinking = json!({"type": "enabled", "budget_tokens": budget});
    put(body, "thinking", Some(thinking));
    true
}

/// Whether a Claude model is told a thinking budget (up to 4.5) rather than an effort (from 4.6 on).
fn takes_budget(model: &str) -> bool {
    const WITH_BUDGET: [&str; 7] = [
        "claude-3", "-4-0", "-4-1", "-4-5", "-4.1", "-4.5", "-4-2025",
    ];
    WITH_BUDGET.iter().any(|part| model.contains(part))
}

/// Body of Gemini's `streamGenerateContent`.
pub(super) fn gemini(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    if let Some(system) = &request.system {
        let instruction = json!({"parts": [{"text": system}]});
        body.insert("systemInstruction".to_owned(), instruction);
    }
    let contents = request.messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "model",
        };
        json!({"role": role, "parts": [{"text": message.content}]})
    });
    body.insert("contents".to_owned(), contents.collect());
    let mut generation = Map::new();
    put(&mut generation, "maxOutputTokens", sampling.max_tokens);
    put(&mut generation, "temperature", sampling.temperature);
    put(&mut generation, "topP", sampling.top_p);
    put(&mut generation, "topK", sampling.top_k);
    put(&mut generation, "seed", sampling.seed);
    put_stop(&mut generation, "stopSequences", &sampling.stop);
    let thinking = request
        .effort
        .map(|effort| gemini_thinking(&request.model, effort));
    put(&mut generation, "thinkingConfig", thinking);
    if !generation.is_empty() {
        body.insert("generationConfig".to_owned(), Value::Object(generation));
    }
    finished(body, request, options)
}

/// Models of generation 2 are told a budget of tokens, later ones a level.
fn gemini_thinking(model: &str, effort: Effort) -> Value {
    let shows = effort != Effort::None;
    if model.contains("gemini-2") {
        let budget = match effort {
            Effort::None => 0,
            Effort::Low => 1024,
            Effort::Medium => 8192,
            Effort::High => 24_576,
        };
        return json!({"includeThoughts": shows, "thinkingBudget": budget});
    }
    let level = match effort {
        Effort::None => "minimal",
        Effort::Low | Effort::Medium | Effort::High => effort.name(),
    };
    json!({"includeThoughts": shows, "thinkingLevel": level})
}

/// Path of Gemini's `streamGenerateContent` for a model.
pub(super) fn gemini_path(model: &str) -> String {
    let name = model.strip_prefix("models/").unwrap_or(model);
    let name = escaped(name);
    format!("/v1beta/models/{name}:streamGenerateContent?alt=sse")
}

/// Percent-encodes what would end or change a path segment; other names stay as they are.
fn escaped(name: &str) -> String {
    let escape = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'@' => {
            char::from(byte).to_string()
        }
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(escape).collect()
}

/// Body of Ollama's own chat.
pub(super) fn ollama(request: &ChatRequest, options: &BodyOptions) -> Value {
    let sampling = &request.sampling;
    let mut body = Map::new();
    body.insert("model".to_owned(), json!(request.model));
    let mut messages = Vec::new();
    if let Some(system) = &request.system {
        messages.push(json!({"role": "system", "content": system}));
    }
    messages.extend(plain_messages(&request.messages));
    body.insert("messages".to_owned(), Value::Array(messages));
    body.insert("stream".to_owned(), json!(true));
    let think = request.effort.map(|effort| match effort {
        Effort::None => json!(false),
        Effort::Low | Effort::Medium | Effort::High => json!(effort.name()),
    });
    put(&mut body, "think", think);
    let mut model_options = Map::new();
    put(&mut model_options, "num_predict", sampling.max_tokens);
    put(&mut model_options, "temperature", sampling.temperature);
    put(&mut model_options, "top_p", sampling.top_p);
    put(&mut model_options, "top_k", sampling.top_k);
    put(&mut model_options, "min_p", sampling.min_p);
    put(&mut model_options, "seed", sampling.seed);
    put_stop(&mut model_options, "stop", &sampling.stop);
    if !model_options.is_empty() {
        body.insert("options".to_owned(), Value::Object(model_options));
    }
    finished(body, request, options)
}

fn plain_messages(messages: &[Message]) -> impl Iterator<Item = Value> {
    messages.iter().map(|message| {
        let role = match message.role {
            Role::User => "user",
            Role::Assistant => "assistant",
        };
        json!({"role": role, "content": message.content})
    })
}

fn put<T: Into<Value>>(body: &mut Map<String, Value>, field: &str, value: Option<T>) {
    if let Some(value) = value {
        body.insert(field.to_owned(), value.into());
    }
}

fn put_stop(body: &mut Map<String, Value>, field: &str, stop: &[String]) {
    if !stop.is_empty() {
        body.insert(field.to_owned(), json!(stop));
    }
}

/// Lays the host's fixed parts, then the person's own, over the body.
fn finished(mut body: Map<String, Value>, request: &ChatRequest, options: &BodyOptions) -> Value {
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
