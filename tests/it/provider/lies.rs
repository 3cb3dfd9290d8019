//! Statuses, content types and headers that lie: what counts is the status first, then the body.

use super::{ask, lane, services};
use crate::loopback::{Loopback, Reply, Speech};
use tierscope::domain::{event::FinishReason, failure::FailureKind, plan::ProviderId};

/// Says a speech in one dialect.
type Say = fn(&Speech) -> Reply;

const DIALECTS: [(ProviderId, Say); 7] = [
    (ProviderId::OpenAi, Speech::openai),
    (ProviderId::OpenAiResponses, Speech::responses),
    (ProviderId::Anthropic, Speech::anthropic),
    (ProviderId::Gemini, Speech::gemini),
    (ProviderId::Ollama, Speech::ollama),
    (ProviderId::Cohere, Speech::cohere),
    (ProviderId::Bedrock, Speech::bedrock),
];

/// A reply with the body of a speech.
fn spoken(say: Say, reply: Reply) -> Reply {
    let steps = say(&Speech::of(&["Hel", "lo"])).steps;
    Reply { steps, ..reply }
}

#[tokio::test]
async fn an_answer_is_read_whatever_its_content_type_says() {
    for (provider, say) in DIALECTS {
        for kind in [
            "text/html",
            "application/json",
            "text/plain; charset=latin1",
            "",
        ] {
            let reply = spoken(say, Reply::status(200).header("content-type", kind));
            let server = Loopback::start([reply]);
            let outcome = ask(&lane(provider, &server), &services(&[])).await;
            let state = &outcome.state;
            assert_eq!(
                (state.answer.as_str(), state.finish()),
                ("Hello", Some(FinishReason::Stop)),
                "{provider} {kind}"
            );
        }
    }
}

#[tokio::test]
async fn an_error_is_read_whatever_its_content_type_says() {
    for (provider, status, content_type, body, kind, words) in [
        (
            ProviderId::OpenAi,
            401,
            "text/plain; charset=utf-8",
            r#"{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}"#,
            FailureKind::Auth,
            "Incorrect API key provided",
        ),
        (
            ProviderId::DeepSeek,
            400,
            "application/octet-stream",
            r#"{"error":{"message":"This model's maximum context length is 9 tokens","type":"invalid_request_error"}}"#,
            FailureKind::ContextLength,
            "This model's maximum context length is 9 tokens",
        ),
        (
            ProviderId::Gemini,
            404,
            "text/event-stream",
            "{\n  \"error\": {\n    \"code\": 404,\n    \"message\": \"models/x is not found\",\n    \"status\": \"NOT_FOUND\"\n  }\n}\n",
            FailureKind::NotFound,
            "models/x is not found",
        ),
        (
            ProviderId::Ollama,
            500,
            "application/x-ndjson",
            r#"{"error":"it broke"}"#,
            FailureKind::Server,
            "it broke",
        ),
    ] {
        let reply = Reply::status(status).header("content-type", content_type);
        let server = Loopback::start([reply.send(body)]);
        let outcome = ask(&lane(provider, &server), &services(&[])).await;
        assert_eq!(outcome.failed(kind, Some(status)), words);
    }
}

#[tokio::test]
async fn an_error_under_a_status_of_success_is_of_its_own_kind() {
    for (provider, body, kind, words) in [
        (
            ProviderId::OpenAi,
            r#"{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#,
            FailureKind::RateLimited,
            "Slow down",
        ),
        (
            ProviderId::OpenAiResponses,
            r#"{"error":{"message":"no","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            FailureKind::Quota,
            "no",
        ),
        (
            ProviderId::Anthropic,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            FailureKind::Overloaded,
            "Overloaded",
        ),
        (
            ProviderId::Gemini,
            r#"[{"error":{"code":503,"message":"busy","status":"UNAVAILABLE"}}]"#,
            FailureKind::Overloaded,
            "busy",
        ),
        (
            ProviderId::Ollama,
            r#"{"error":"model 'x' not found"}"#,
            FailureKind::NotFound,
            "model 'x' not found",
        ),
        (
            ProviderId::Cohere,
            r#"{"id":"x","message":"too many tokens: 300000"}"#,
            FailureKind::ContextLength,
            "too many tokens: 300000",
        ),
        (
            ProviderId::Bedrock,
            r#"{"message":"Too many requests, please wait."}"#,
            FailureKind::RateLimited,
            "Too many requests, please wait.",
        ),
    ] {
        let server = Loopback::start([Reply::json(200, body)]);
        let outcome = ask(&lane(provider, &server), &services(&[])).await;
        assert_eq!(outcome.failed(kind, None), words, "{provider}");
    }
}

#[tokio::test]
async fn an_answer_under_a_status_of_failure_is_none() {
    for (provider, say) in DIALECTS {
        let server = Loopback::start([spoken(say, Reply::status(500))]);
        let outcome = ask(&lane(provider, &server), &services(&[])).await;
        outcome.failed(FailureKind::Server, Some(500));
        assert_eq!(outcome.state.answer, "", "{provider}");
    }
}

#[tokio::test]
async fn a_wait_that_stands_beside_an_answer_is_not_waited() {
    let say = Speech::openai;
    for (name, value) in [("retry-after", "61"), ("x-should-retry", "true")] {
        let reply = spoken(say, Reply::events().header(name, value));
        let server = Loopback::start([reply]);
        let mut plan = lane(ProviderId::OpenAi, &server);
        plan.max_retries = 2;
        let outcome = ask(&plan, &services(&[])).await;
        assert_eq!(outcome.state.answer, "Hello");
        assert!(!outcome.words().contains("backoff"), "{}", outcome.words());
        assert_eq!(server.requests().len(), 1);
    }
}
