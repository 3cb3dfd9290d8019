//! Whole answers of every host in the table: the request that goes out, and what comes back.

use super::{ask, host_lane, lane, lane_at, remote, request, services};
use crate::loopback::{Loopback, Reply, Request, Speech};
use serde_json::json;
use tierscope::{
    domain::{
        event::FinishReason,
        plan::{LaneSource, ProviderId, RemotePlan},
        usage::{Usage, UsageSource},
    },
    provider::{Stopwatch, build, hosts},
};

fn speech() -> Speech {
    Speech::of(&["Hel", "lo"])
        .thinking(&["h", "m"])
        .prompt(12, 3)
}

/// Answers in the dialect that belongs to the path.
fn reply(request: &Request) -> Reply {
    match request.path.as_str() {
        "/v1/chat/completions" => speech().openai(),
        "/v1/responses" => speech().responses(),
        "/v1/messages" => speech().anthropic(),
        "/v1beta/models/scripted:streamGenerateContent?alt=sse" => speech().gemini(),
        "/v1beta1/projects/-/locations/-/publishers/google/models/scripted:streamGenerateContent?alt=sse" => {
            speech().gemini()
        }
        "/v2/chat" => speech().cohere(),
        "/model/scripted/converse-stream" => speech().bedrock(),
        "/api/chat" => speech().ollama(),
        path => Reply::json(404, json!({ "error": { "message": path } }).to_string()),
    }
}

#[tokio::test]
async fn every_host_of_the_table_answers() {
    let server = Loopback::route(reply);
    for host in hosts::HOSTS {
        let outcome = ask(&lane(host.provider, &server), &services(&[])).await;
        let state = &outcome.state;
        assert_eq!(
            state.finish(),
            Some(FinishReason::Stop),
            "{}: {:?}",
            host.provider,
            outcome.events
        );
        assert_eq!(
            (state.reasoning.as_str(), state.answer.as_str()),
            ("hm", "Hello"),
            "{}",
            host.provider
        );
        assert_eq!(
            state.usage().completion_tokens,
            Some(4),
            "{}",
            host.provider
        );
        assert_eq!(state.usage().prompt_tokens, Some(12), "{}", host.provider);
    }
}

#[tokio::test]
async fn tells_everything_that_the_reducer_needs() {
    let server = Loopback::route(reply);
    let outcome = ask(&lane(ProviderId::OpenAi, &server), &services(&[])).await;
    assert_eq!(
        outcome.words(),
        "sent connected accepted reasoning reasoning answer answer usage finished"
    );
    let timing = outcome.state.timing();
    let marks = [
        timing.connect_ms,
        timing.ttfb_ms,
        timing.ttft_ms,
        timing.ttfa_ms,
        timing.e2e_ms,
    ];
    let marks: Vec<f64> = marks.into_iter().flatten().collect();
    assert_eq!(marks.len(), 5, "{timing:?}");
    assert!(marks.is_sorted(), "{timing:?}");
    assert_eq!(
        outcome.state.reported,
        Usage {
            prompt_tokens: Some(12),
            cached_prompt_tokens: Some(3),
            cache_write_tokens: None,
            completion_tokens: Some(4),
            reasoning_tokens: Some(2),
            source: Some(UsageSource::Reported),
        }
    );
}

#[tokio::test]
async fn sends_what_was_asked_and_nothing_before_it_is_polled() {
    let server = Loopback::route(reply);
    let mut plan = lane(ProviderId::OpenAiCompatible, &server);
    remote(&mut plan)
        .headers
        .insert("X-Team".to_owned(), "demo".to_owned());
    let provider = build(&plan, &services(&[]));
    let unpolled = provider.stream(request(), Stopwatch::start());
    let mut wished = request();
    wished.sampling.max_tokens = Some(7);
    wished.extra.insert("top_logprobs".to_owned(), json!(2));
    super::Outcome::of(provider.stream(wished, Stopwatch::start())).await;
    drop(unpolled);

    let requests = server.requests();
    assert_eq!(requests.len(), 1, "only the polled stream may send");
    let sent = &requests[0];
    assert_eq!(
        (sent.method.as_str(), sent.path.as_str()),
        ("POST", "/v1/chat/completions")
    );
    for (name, value) in [
        ("content-type", "application/json"),
        ("accept", "text/event-stream"),
        ("accept-encoding", "identity"),
        ("x-team", "demo"),
    ] {
        assert_eq!(sent.header(name), Some(value), "{name}");
    }
    assert_eq!(sent.header("authorization"), None);
    let body = sent.json();
    assert_eq!(body["model"], "scripted");
    assert_eq!(body["messages"][0]["content"], "Say hello.");
    assert_eq!(
        (&body["max_tokens"], &body["top_logprobs"]),
        (&json!(7), &json!(2))
    );
    assert_eq!(body["stream"], json!(true));
}

#[test]
fn says_where_it_runs() {
    let place = |plan| build(&plan, &services(&[("OPENAI_API_KEY", "sk-abcdef")])).place();
    assert_eq!(place(host_lane(ProviderId::OpenAi)), "openai");
    assert_eq!(
        place(lane_at(ProviderId::OpenAi, "http://127.0.0.1:9000/v1/")),
        "127.0.0.1:9000"
    );
    assert_eq!(
        place(lane_at(
            ProviderId::OpenAiCompatible,
            "https://llm.example.org/v1"
        )),
        "llm.example.org"
    );
}

#[tokio::test]
async fn a_lane_that_cannot_run_says_why_and_sends_nothing() {
    let mut nowhere = host_lane(ProviderId::OpenAiCompatible);
    nowhere.source = LaneSource::Remote(RemotePlan::default());
    let cases = [
        (host_lane(ProviderId::Tape), "not supported in this version"),
        (
            host_lane(ProviderId::Bedrock),
            "no region: write region = \"us-east-1\"",
        ),
        (
            host_lane(ProviderId::Vertex),
            "no project: write project = \"my-project\"",
        ),
        (
            host_lane(ProviderId::AzureOpenAi),
            "needs a base_url, such as https://NAME.openai.azure.com/openai/v1",
        ),
        (nowhere, "needs a base_url"),
        (
            lane_at(ProviderId::OpenAi, "127.0.0.1:9000"),
            "base_url cannot be used",
        ),
        (
            lane_at(ProviderId::OpenAi, "file:///etc/passwd"),
            "base_url cannot be used",
        ),
        (
            lane_at(ProviderId::OpenAi, "http://me:secret@127.0.0.1/v1"),
            "password",
        ),
    ];
    for (plan, words) in cases {
        let outcome = ask(&plan, &services(&[])).await;
        let failure = outcome.failure();
        assert!(failure.message.contains(words), "{failure:?}");
        assert!(!failure.message.contains("secret"), "{failure:?}");
        assert_eq!(outcome.words(), "failed");
    }
}

#[tokio::test]
async fn a_servers_own_time_comes_from_its_headers_too() {
    for (name, value, expected) in [
        ("openai-processing-ms", "541", Some(541.0)),
        ("fireworks-server-time-to-first-token", "0.0625", Some(62.5)),
        ("openai-processing-ms", "soon", None),
        ("openai-processing-ms", "-1", None),
        ("openai-processing-ms", "nan", None),
    ] {
        let reply = Speech::of(&["x"]).openai().header(name, value);
        let server = Loopback::start([reply]);
        let outcome = ask(&lane(ProviderId::OpenAi, &server), &services(&[])).await;
        assert_eq!(outcome.state.server.ttft_ms, expected, "{name}: {value}");
        assert_eq!(outcome.state.answer, "x");
    }
}
