//! `Provider::check`: what each kind of host is asked, and what its answers mean. No answer is ever asked for.

use super::{PATIENCE, host_lane, lane, lane_at, services};
use crate::loopback::{Loopback, Reply, Request, Step};
use tierscope::{
    domain::{
        failure::FailureKind,
        plan::{LanePlan, ProviderId},
    },
    provider::{build, check::Verdict, hosts::HOSTS},
};

const KEY: &str = "sk-very-secret-0123456789";

async fn check(plan: &LanePlan, variables: &[(&str, &str)]) -> Verdict {
    let provider = build(plan, &services(variables));
    tokio::time::timeout(PATIENCE, provider.check(plan.model.clone()))
        .await
        .expect("a check that ends")
}

/// A lane of this provider with this model.
fn of(provider: ProviderId, server: &Loopback, model: &str) -> LanePlan {
    LanePlan {
        model: model.to_owned(),
        ..lane(provider, server)
    }
}

fn wrong(verdict: Verdict, kind: FailureKind) -> (String, Vec<String>) {
    match verdict {
        Verdict::Wrong { failure, nearest } if failure.kind == kind => (failure.message, nearest),
        other => panic!("{other:?}"),
    }
}

fn unknown(verdict: Verdict) -> String {
    match verdict {
        Verdict::Unknown(reason) => reason,
        other => panic!("{other:?}"),
    }
}

/// Paths with the JSON at them.
type Pages = &'static [(&'static str, &'static str)];

/// A host that has these addresses and nothing else.
fn host(pages: Pages) -> Loopback {
    Loopback::route(move |request: &Request| {
        let page = pages.iter().find(|(path, _)| *path == request.path);
        match page {
            Some((_, body)) if request.method == "GET" => Reply::json(200, *body),
            _ => Reply::json(404, r#"{"error":{"message":"nothing here"}}"#),
        }
    })
}

const OPENAI_LIST: &str =
    r#"{"object":"list","data":[{"id":"gpt-4o-mini"},{"id":"gpt-4o"},{"id":"whisper-1"}]}"#;

#[tokio::test]
async fn every_kind_of_host_is_asked_at_its_own_address() {
    let gemini = r#"{"models":[{"name":"models/gemini-2.5-flash"}]}"#;
    let ollama = r#"{"models":[{"name":"llama3:latest"}]}"#;
    let cases: [(ProviderId, &str, Pages); 7] = [
        (
            ProviderId::OpenAi,
            "gpt-4o-mini",
            &[("/v1/models/gpt-4o-mini", "{}")],
        ),
        (
            ProviderId::Anthropic,
            "claude-x",
            &[("/v1/models/claude-x", "{}")],
        ),
        (
            ProviderId::Gemini,
            "gemini-2.5-flash",
            &[("/v1beta/models/gemini-2.5-flash", "{}")],
        ),
        (
            ProviderId::DeepSeek,
            "gpt-4o",
            &[("/v1/models", OPENAI_LIST)],
        ),
        (ProviderId::Vllm, "gpt-4o", &[("/v1/models", OPENAI_LIST)]),
        (
            ProviderId::LlamaServer,
            "whatever",
            &[("/v1/models", OPENAI_LIST)],
        ),
        (
            ProviderId::OpenRouter,
            "openai/gpt-4o:free",
            &[
                ("/v1/models", r#"{"data":[{"id":"openai/gpt-4o"}]}"#),
                ("/v1/key", "{}"),
            ],
        ),
    ];
    for (provider, model, pages) in cases {
        let server = host(pages);
        assert_eq!(
            check(&of(provider, &server, model), &[]).await,
            Verdict::Fine,
            "{provider}"
        );
        assert!(
            server
                .requests()
                .iter()
                .all(|request| request.method == "GET")
        );
    }
    for (pages, provider, model) in [
        ([("/api/tags", ollama)], ProviderId::Ollama, "llama3"),
        (
            [("/v1beta/models?pageSize=1000", gemini)],
            ProviderId::Gemini,
            "models/gemini-2.5-flash",
        ),
    ] {
        let pages: Pages = Box::leak(Box::new(pages));
        let server = host(pages);
        assert_eq!(
            check(&of(provider, &server, model), &[]).await,
            Verdict::Fine,
            "{provider}"
        );
    }
}

#[tokio::test]
async fn a_model_that_is_not_there_is_told_with_the_nearest_names() {
    let server = host(&[("/v1/models", OPENAI_LIST)]);
    for provider in [ProviderId::OpenAi, ProviderId::Mistral, ProviderId::Vllm] {
        let (message, nearest) = wrong(
            check(&of(provider, &server, "gpt-4o-mni"), &[]).await,
            FailureKind::NotFound,
        );
        assert!(message.ends_with("has no model `gpt-4o-mni`"), "{message}");
        assert_eq!(nearest, ["gpt-4o-mini", "gpt-4o"], "{provider}");
    }
    // One that serves more than it lists is no proof.
    let reason = unknown(check(&of(ProviderId::OpenAiCompatible, &server, "gpt-9"), &[]).await);
    assert!(reason.contains("does not list `gpt-9`"), "{reason}");
}

#[tokio::test]
async fn a_host_without_a_list_cannot_be_checked() {
    let server = host(&[]);
    for provider in [
        ProviderId::OpenAi,
        ProviderId::OpenAiCompatible,
        ProviderId::Ollama,
    ] {
        let reason = unknown(check(&of(provider, &server, "m"), &[]).await);
        assert!(
            reason.ends_with("cannot be checked without asking for an answer"),
            "{reason}"
        );
    }
}

#[tokio::test]
async fn a_wrong_key_is_told_and_not_shown() {
    for (status, body, kind) in [
        (
            401,
            format!(r#"{{"error":{{"message":"Incorrect API key: {KEY}"}}}}"#),
            FailureKind::Auth,
        ),
        (
            400,
            format!(
                r#"{{"error":{{"message":"API key not valid: {KEY}","details":[{{"reason":"API_KEY_INVALID"}}]}}}}"#
            ),
            FailureKind::Auth,
        ),
        (
            403,
            format!(r#"{{"error":"{KEY} may not"}}"#),
            FailureKind::Permission,
        ),
        (402, "{}".to_owned(), FailureKind::Quota),
        (500, "{}".to_owned(), FailureKind::Server),
    ] {
        let server = Loopback::start([Reply::json(status, body)]);
        let plan = lane(ProviderId::OpenAi, &server);
        let (message, _) = wrong(check(&plan, &[("OPENAI_API_KEY", KEY)]).await, kind);
        assert!(!message.contains("very-secret"), "{message}");
        let sent = &server.requests()[0];
        assert_eq!(
            sent.header("authorization"),
            Some(format!("Bearer {KEY}").as_str())
        );
    }
}

#[tokio::test]
async fn what_is_no_host_of_models_is_told() {
    let page = Loopback::start([Reply::html(200, "<html><body>Sign in</body></html>")]);
    let (message, _) = wrong(
        check(&lane(ProviderId::Vllm, &page), &[]).await,
        FailureKind::Protocol,
    );
    assert!(message.contains("Sign in"), "{message}");

    let other = Loopback::start([Reply::json(200, "{}")]);
    let moved = Loopback::start([Reply::redirect(302, &other.url("/v1/models"))]);
    let plan = lane(ProviderId::OpenAi, &moved);
    let (message, _) = wrong(
        check(&plan, &[("OPENAI_API_KEY", KEY)]).await,
        FailureKind::Protocol,
    );
    assert!(message.contains("redirects"), "{message}");
    assert_eq!(other.connections(), 0, "a key follows no redirect");

    let endless = Loopback::start([Reply::status(200).step(Step::Repeat {
        bytes: vec![b'1'; 1 << 16],
        times: 1_000,
    })]);
    let (message, _) = wrong(
        check(&lane(ProviderId::Vllm, &endless), &[]).await,
        FailureKind::Protocol,
    );
    assert!(message.contains("more than any list"), "{message}");

    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/v1", gone.local_addr().unwrap());
    drop(gone);
    wrong(
        check(&lane_at(ProviderId::Vllm, &address), &[]).await,
        FailureKind::Connect,
    );
    let nowhere = lane_at(ProviderId::Vllm, "http://llm.invalid/v1");
    let (message, _) = wrong(check(&nowhere, &[]).await, FailureKind::Connect);
    assert!(message.contains("llm.invalid"), "{message}");
}

#[tokio::test]
async fn a_host_that_is_busy_is_no_failure_of_the_lane() {
    let server = Loopback::start([Reply::json(429, "{}").header("retry-after", "7")]);
    unknown(check(&lane(ProviderId::OpenAi, &server), &[]).await);
}

#[tokio::test]
async fn a_lane_without_its_key_asks_nobody() {
    let verdict = check(&host_lane(ProviderId::OpenAi), &[]).await;
    wrong(verdict, FailureKind::Auth);
}

#[tokio::test(start_paused = true)]
async fn a_host_that_is_silent_is_waited_for_ten_seconds() {
    let server = Loopback::start([Reply::nothing().step(Step::Stall)]);
    let before = tokio::time::Instant::now();
    let (message, _) = wrong(
        check(&lane(ProviderId::Vllm, &server), &[]).await,
        FailureKind::Timeout,
    );
    assert!(message.contains("did not answer within 10s"), "{message}");
    assert_eq!(before.elapsed().as_secs(), 10);
}

#[test]
fn every_host_says_how_it_can_be_checked() {
    use tierscope::provider::hosts::ModelCheck;
    for host in HOSTS {
        let paths = match host.model_check() {
            ModelCheck::Unknown => vec![],
            ModelCheck::List { path, .. } => vec![path],
            ModelCheck::Model { path, list } => vec![path, list],
            ModelCheck::Public { list, key } => vec![list, key],
        };
        assert!(
            paths.iter().all(|path| path.starts_with('/')),
            "{}",
            host.provider
        );
    }
}

#[tokio::test]
async fn a_key_in_the_name_of_a_model_is_masked_even_where_it_is_escaped() {
    let list = r#"{"data":[{"id":"gpt-4o-\u0073k-proj-of-mine-0123456789"}]}"#;
    let server = host(Box::leak(Box::new([("/v1/models", list)])));
    let plan = of(ProviderId::OpenAi, &server, "gpt-4o-mini");
    let key = ("OPENAI_API_KEY", "sk-proj-of-mine-0123456789");
    let (_, nearest) = wrong(check(&plan, &[key]).await, FailureKind::NotFound);
    assert_eq!(nearest, ["gpt-4o-***"]);
}
