//! The table of documented requests. Each row names the section of the reference of wire formats that it is written from:
//! the hosts' own documents are gathered there.
//!
//! Where that says less than the vendor, the vendor's own reference has the word: `top_p` of every host, `top_k` and
//! `min_p` of Together, Fireworks, OpenRouter, llama-server and vLLM, `p` and `k` of Cohere.

mod served;

use serde_json::{Map, Value, json};
use tierscope::domain::plan::ProviderId;

const EVENTS: &str = "text/event-stream";

/// One documented request.
pub struct Row {
    /// The section that it is written from.
    pub section: &'static str,
    pub provider: ProviderId,
    pub model: &'static str,
    /// What a lane's `base_url` replaces.
    pub base: &'static str,
    /// What follows it.
    pub path: &'static str,
    pub auth: Auth,
    pub accept: &'static str,
    /// Headers beside the key and those that every request has.
    pub headers: &'static [(&'static str, &'static str)],
    /// Keys of the lane that stand in the address.
    pub keys: &'static [(&'static str, &'static str)],
    pub body: Value,
}

/// How a key is shown, and the variable that holds it.
#[derive(Clone, Copy)]
pub enum Auth {
    Bearer(&'static str),
    Header(&'static str, &'static str),
    None,
}

impl Auth {
    pub fn variable(self) -> impl Iterator<Item = &'static str> {
        let name = match self {
            Self::Bearer(name) | Self::Header(_, name) => Some(name),
            Self::None => None,
        };
        name.into_iter()
    }
}

impl Row {
    /// The base without its origin.
    pub fn base_path(&self) -> &'static str {
        let (_, rest) = self.base.split_once("://").unwrap();
        rest.find('/').map_or("", |at| rest.split_at(at).1)
    }
}

pub fn rows() -> Vec<Row> {
    let served = [
        served::open_models(),
        served::clouds(),
        served::own_machines(),
    ];
    let all = [openai(), claude(), gemini(), labs()]
        .into_iter()
        .chain(served);
    all.flatten().collect()
}

/// A row of the OpenAI shape: what every body of it has, and what is its own.
fn chat(
    section: &'static str,
    provider: ProviderId,
    model: &'static str,
    base: &'static str,
    auth: Auth,
    own: &Value,
) -> Row {
    let messages =
        json!([{"role": "system", "content": "Be terse"}, {"role": "user", "content": "Hi"}]);
    let common = json!({"model": model, "messages": messages, "stream": true});
    Row {
        section,
        provider,
        model,
        base,
        path: "/chat/completions",
        auth,
        accept: EVENTS,
        headers: &[],
        keys: &[],
        body: both(common, own),
    }
}

fn both(mut common: Value, own: &Value) -> Value {
    let fields: Map<String, Value> = own.as_object().unwrap().clone();
    common.as_object_mut().unwrap().extend(fields);
    common
}

fn openai() -> Vec<Row> {
    let base = "https://api.openai.com/v1";
    let auth = Auth::Bearer("OPENAI_API_KEY");
    let (chats, responses) = (ProviderId::OpenAi, ProviderId::OpenAiResponses);
    // The input's text may stand by itself; servers of this form that are not OpenAI's are known to take it so.
    let user = json!([{"role": "user", "content": "Hi"}]);
    let respond = |model, own: &Value| Row {
        path: "/responses",
        body: both(
            json!({"model": model, "instructions": "Be terse", "input": user, "stream": true, "store": false,
                "max_output_tokens": 2000}),
            own,
        ),
        ..chat("2", responses, model, base, auth, &json!({}))
    };
    vec![
        chat(
            "1",
            chats,
            "gpt-4o",
            base,
            auth,
            &json!({"stream_options": {"include_usage": true},
            "max_completion_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "seed": 7, "stop": ["END"]}),
        ),
        // Reasoning is always on there: no sampling; and `stop` is not supported on o3.
        chat(
            "1",
            chats,
            "o3",
            base,
            auth,
            &json!({"stream_options": {"include_usage": true},
            "max_completion_tokens": 2000, "seed": 7, "reasoning_effort": "low"}),
        ),
        respond("gpt-4o", &json!({"temperature": 0.5, "top_p": 0.25})),
        respond("o3", &json!({"reasoning": {"effort": "low"}})),
    ]
}

fn claude() -> Vec<Row> {
    let user = json!([{"role": "user", "content": "Hi"}]);
    let claude = |model, own: &Value| Row {
        path: "/v1/messages",
        headers: &[("anthropic-version", "2023-06-01")],
        body: both(
            json!({"model": model, "max_tokens": 2000, "system": "Be terse", "messages": user, "stream": true,
                "stop_sequences": ["END"]}),
            own,
        ),
        ..chat(
            "3",
            ProviderId::Anthropic,
            model,
            "https://api.anthropic.com",
            Auth::Header("x-api-key", "ANTHROPIC_API_KEY"),
            &json!({}),
        )
    };
    vec![
        claude(
            "claude-3-5-haiku-20241022",
            &json!({"temperature": 0.5, "top_p": 0.25, "top_k": 40}),
        ),
        claude(
            "claude-sonnet-4-20250514",
            &json!({"thinking": {"type": "enabled", "budget_tokens": 1024}}),
        ),
        claude(
            "claude-opus-4-8",
            &json!({"thinking": {"type": "adaptive"}, "output_config": {"effort": "low"}}),
        ),
    ]
}

fn gemini() -> Vec<Row> {
    let gemini = |model, path, thinking: &Value| Row {
        path,
        body: gemini_body(thinking),
        ..chat(
            "4",
            ProviderId::Gemini,
            model,
            "https://generativelanguage.googleapis.com",
            Auth::Header("x-goog-api-key", "GEMINI_API_KEY"),
            &json!({}),
        )
    };
    vec![
        gemini(
            "gemini-2.5-flash",
            "/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse",
            &json!({"includeThoughts": true, "thinkingBudget": 1024}),
        ),
        gemini(
            "gemini-3-pro-preview",
            "/v1beta/models/gemini-3-pro-preview:streamGenerateContent?alt=sse",
            &json!({"includeThoughts": true, "thinkingLevel": "low"}),
        ),
    ]
}

fn labs() -> Vec<Row> {
    let usage = json!({"include_usage": true});
    vec![
        chat(
            "5",
            ProviderId::Mistral,
            "mistral-small-latest",
            "https://api.mistral.ai/v1",
            Auth::Bearer("MISTRAL_API_KEY"),
            &json!({"max_tokens": 2000, "temperature": 0.5, "top_p": 0.25,
            "random_seed": 7, "stop": ["END"], "reasoning_effort": "high"}),
        ),
        // Thinking is on: sampling would be ignored without a word. There is no seed.
        chat(
            "6",
            ProviderId::DeepSeek,
            "deepseek-v4-flash",
            "https://api.deepseek.com",
            Auth::Bearer("DEEPSEEK_API_KEY"),
            &json!({"stream_options": usage, "max_tokens": 2000, "stop": ["END"],
            "thinking": {"type": "enabled"}, "reasoning_effort": "low"}),
        ),
        // `stop` is not supported on reasoning models.
        chat(
            "7",
            ProviderId::Xai,
            "grok-4.3",
            "https://api.x.ai/v1",
            Auth::Bearer("XAI_API_KEY"),
            &json!({"stream_options": usage, "max_tokens": 2000, "temperature": 0.5, "top_p": 0.25, "seed": 7,
            "reasoning_effort": "low"}),
        ),
        Row {
            path: "/v2/chat",
            ..chat(
                "16",
                ProviderId::Cohere,
                "command-a-reasoning-08-2025",
                "https://api.cohere.com",
                Auth::Bearer("COHERE_API_KEY"),
                &json!({"max_tokens": 2000, "temperature": 0.5, "p": 0.25, "k": 40,
                "seed": 7, "stop_sequences": ["END"], "thinking": {"type": "enabled", "token_budget": 1024}}),
            )
        },
    ]
}

fn gemini_body(thinking: &Value) -> Value {
    json!({"systemInstruction": {"parts": [{"text": "Be terse"}]},
        "contents": [{"role": "user", "parts": [{"text": "Hi"}]}],
        "generationConfig": {"maxOutputTokens": 2000, "temperature": 0.5, "topP": 0.25, "topK": 40, "seed": 7,
            "stopSequences": ["END"], "thinkingConfig": thinking}})
}
