//! A lane of each model that everybody speaks of, at each host that serves it: its request holds nothing that the host or
//! the model is not known to take.

use super::{lane, services};
use crate::{
    loopback::{Loopback, Reply, Request},
    named::NAMED,
};
use serde_json::Value;
use tierscope::{
    catalog::{self, Reasoning},
    domain::{
        plan::ProviderId,
        request::{ChatRequest, Effort, Message, Role, Sampling},
    },
    provider::{Stopwatch, build},
};

/// What every chat completion may hold.
const CHAT: &[&str] = &[
    "messages",
    "model",
    "seed",
    "stop",
    "stream",
    "temperature",
    "top_p",
];
/// What a model that does not think must not be told.
const THINKING: [&str; 8] = [
    "reasoning",
    "reasoning_effort",
    "thinking",
    "think",
    "chat_template_kwargs",
    "thinkingConfig",
    "additionalModelRequestFields",
    "output_config",
];

fn demanding(model: &str, effort: Option<Effort>) -> ChatRequest {
    ChatRequest {
        model: model.to_owned(),
        system: Some("Be terse".to_owned()),
        messages: vec![Message {
            role: Role::User,
            content: "Hi".to_owned(),
        }],
        sampling: Sampling {
            max_tokens: Some(2000),
            temperature: Some(0.5),
            top_p: Some(0.25),
            top_k: Some(40),
            min_p: Some(0.125),
            seed: Some(7),
            stop: vec!["END".to_owned()],
        },
        effort,
        extra: serde_json::Map::new(),
    }
}

/// The fields of a body that a host documents, beside those of every chat completion where it speaks that.
#[rustfmt::skip] // a table
fn documented(provider: ProviderId) -> (&'static [&'static str], &'static [&'static str]) {
    use ProviderId as P;
    const UNSEEDED: &[&str] = &["messages", "model", "stop", "stream", "temperature", "top_p"];
    match provider {
        P::OpenAi | P::AzureOpenAi | P::Groq => (CHAT, &["stream_options", "max_completion_tokens", "reasoning_effort"]),
        P::OpenAiResponses => (&[], &["model", "instructions", "input", "stream", "store", "max_output_tokens",
            "temperature", "top_p", "reasoning"]),
        P::Anthropic => (&[], &["model", "max_tokens", "system", "messages", "stream", "stop_sequences", "temperature",
            "top_p", "top_k", "thinking", "output_config"]),
        P::Gemini | P::Vertex => (&[], &["systemInstruction", "contents", "generationConfig"]),
        P::Mistral => (UNSEEDED, &["max_tokens", "random_seed", "reasoning_effort"]),
        P::Together => (CHAT, &["stream_options", "max_tokens", "top_k", "min_p", "reasoning_effort"]),
        P::Fireworks => (CHAT, &["stream_options", "max_tokens", "top_k", "min_p", "reasoning_effort",
            "perf_metrics_in_response"]),
        P::OpenRouter => (CHAT, &["stream_options", "max_tokens", "top_k", "min_p", "reasoning"]),
        P::Bedrock => (&[], &["system", "messages", "inferenceConfig", "additionalModelRequestFields"]),
        P::Ollama => (&["messages", "model", "stream"], &["options", "think"]),
        P::LlamaServer | P::Vllm => (CHAT, &["stream_options", "max_tokens", "top_k", "min_p", "reasoning_effort",
            "chat_template_kwargs"]),
        P::LmStudio => (CHAT, &["stream_options", "max_tokens", "top_k", "reasoning_effort"]),
        other => panic!("no named model is at {other}"),
    }
}

fn assert_legal(provider: ProviderId, name: &str, reasoning: Reasoning, sent: &Request) {
    let body = sent.json();
    let case = format!("{name} at {provider}: {body}");
    let (shape, own) = documented(provider);
    for field in body.as_object().unwrap().keys() {
        let is_known = shape.contains(&field.as_str()) || own.contains(&field.as_str());
        assert!(is_known, "{field} of {case}");
    }
    let is_in_path = sent.path.contains(&name.replace(':', "%3A"));
    assert!(body["model"] == name || is_in_path, "{case}");
    if reasoning == Reasoning::None {
        assert!(THINKING.iter().all(|field| !holds(&body, field)), "{case}");
    }
    if let Some(budget) = body["thinking"]["budget_tokens"].as_u64() {
        assert!((1024..2000).contains(&budget), "{case}");
    }
    // Those that always think refuse sampling at their lab; the first of them take no system's message either.
    let is_openai = matches!(provider, ProviderId::OpenAi | ProviderId::AzureOpenAi);
    if is_openai && reasoning == Reasoning::Always {
        assert!(
            !holds(&body, "temperature") && !holds(&body, "top_p"),
            "{case}"
        );
        let first = if name == "o1-mini" { "user" } else { "system" };
        assert_eq!(body["messages"][0]["role"], first, "{case}");
    }
}

/// Whether a field is anywhere in a value.
fn holds(value: &Value, field: &str) -> bool {
    value.as_object().is_some_and(|object| {
        object.contains_key(field) || object.values().any(|value| holds(value, field))
    })
}

#[tokio::test]
async fn a_lane_of_every_named_model_sends_a_legal_request() {
    let server = Loopback::start([Reply::status(400)]);
    let services = services(&[]);
    let mut asked = Vec::new();
    for (id, elsewhere) in NAMED {
        let model = catalog::find(id).unwrap_or_else(|| panic!("{id} is not in the catalogue"));
        let own = model.hosts.iter().map(|host| (host.parse().unwrap(), *id));
        let places: Vec<(ProviderId, &str)> = own.chain(elsewhere.iter().copied()).collect();
        assert!(!places.is_empty(), "nobody serves {id}");
        for (provider, name) in places {
            let lane = build(&lane(provider, &server), &services);
            for effort in [None].into_iter().chain(Effort::ALL.map(Some)) {
                let wished = demanding(name, effort);
                super::Outcome::of(lane.stream(wished, Stopwatch::start())).await;
                asked.push((provider, name, model.reasoning.unwrap()));
            }
        }
    }
    let sent = server.requests();
    assert_eq!(sent.len(), asked.len());
    for ((provider, name, reasoning), sent) in asked.into_iter().zip(&sent) {
        assert_legal(provider, name, reasoning, sent);
    }
}
