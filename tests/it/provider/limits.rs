//! Limits that say when they end, limits that last for a day, and what the waits count as.

use super::{ask, lane, services};
use crate::loopback::{Loopback, Reply, Speech};
use std::time::Duration;
use tierscope::domain::{
    event::LaneEventKind,
    failure::FailureKind,
    plan::{LanePlan, ProviderId},
};

fn patient(provider: ProviderId, server: &Loopback) -> LanePlan {
    LanePlan {
        max_retries: 2,
        ..lane(provider, server)
    }
}

fn limited() -> Reply {
    Reply::json(
        429,
        r#"{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#,
    )
}

#[tokio::test]
async fn a_retrys_wait_is_time_in_the_queue_and_in_nothing_else() {
    let server = Loopback::start([
        limited().header("retry-after-ms", "40"),
        limited().header("retry-after-ms", "30"),
        Speech::of(&["x"]).openai(),
    ]);
    let outcome = ask(&patient(ProviderId::OpenAi, &server), &services(&[])).await;
    let timing = outcome.state.timing();
    let queue = timing.queue_ms.expect("a wait");
    assert!(queue >= 70.0, "both waits: {queue}");
    let sent = outcome.state.timeline.sent.unwrap();
    let answered = outcome.state.timeline.ended.unwrap();
    let after = answered.checked_sub(sent).unwrap().as_secs_f64() * 1e3;
    let ttft = timing.ttft_ms.expect("a piece");
    assert!(
        ttft <= after,
        "counts from the last attempt: {ttft} of {after}"
    );
    // The run notes that the lane was queued at its very beginning; here the first wait is.
    assert_eq!(timing.queue_ms.map(f64::round), {
        let from = outcome.state.timeline.queued.unwrap();
        Some((sent.saturating_sub(from).as_secs_f64() * 1e3).round())
    });
}

#[tokio::test]
async fn a_reset_of_a_used_up_limit_is_waited_for() {
    for (provider, headers) in [
        (
            ProviderId::OpenAi,
            [
                ("x-ratelimit-remaining-requests", "9"),
                ("x-ratelimit-reset-requests", "9m0s"),
                ("x-ratelimit-remaining-tokens", "0"),
                ("x-ratelimit-reset-tokens", "35ms"),
            ],
        ),
        (
            ProviderId::Anthropic,
            [
                ("anthropic-ratelimit-requests-remaining", "9"),
                ("anthropic-ratelimit-requests-reset", "2026-11-25T11:00:00Z"),
                ("anthropic-ratelimit-input-tokens-remaining", "0"),
                (
                    "anthropic-ratelimit-input-tokens-reset",
                    "2026-11-25T10:00:00.035Z",
                ),
            ],
        ),
    ] {
        let reply = headers
            .iter()
            .fold(limited(), |reply, (name, value)| reply.header(name, value))
            .header("date", "Wed, 25 Nov 2026 10:00:00 GMT");
        let speech = Speech::of(&["x"]);
        let answer = match provider {
            ProviderId::Anthropic => speech.anthropic(),
            _ => speech.openai(),
        };
        let server = Loopback::start([reply, answer]);
        let outcome = ask(&patient(provider, &server), &services(&[])).await;
        assert_eq!(outcome.state.answer, "x", "{:?}", outcome.events);
        let wait = outcome.events.iter().find_map(|event| match &event.value {
            LaneEventKind::Queued { retry } => retry.as_ref().map(|retry| retry.after_ms),
            _ => None,
        });
        assert_eq!(wait, Some(35), "{provider}");
    }
}

#[tokio::test]
async fn a_wait_that_is_too_long_fails_at_once_and_says_when() {
    let long = limited()
        .header("x-ratelimit-remaining-requests", "0")
        .header("x-ratelimit-reset-requests", "1h29m3.5s");
    for reply in [long, limited().header("retry-after", "5344")] {
        let server = Loopback::start([reply]);
        let outcome = ask(&patient(ProviderId::OpenAi, &server), &services(&[])).await;
        let message = outcome.failed(FailureKind::RateLimited, Some(429));
        assert_eq!(message, "Slow down; possible again in 1 h 30 min");
        assert!(outcome.failure().retry_after_ms > Some(5_343_000));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_quota_of_a_day_fails_at_once_whatever_wait_it_names() {
    let google = r#"{"error":{"code":429,"status":"RESOURCE_EXHAUSTED","message":"You exceeded your current quota.",
        "details":[{"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{
            "quotaMetric":"generativelanguage.googleapis.com/generate_content_free_tier_requests",
            "quotaId":"GenerateRequestsPerDayPerProjectPerModel-FreeTier"}]},
            {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"0.05s"}]}}"#;
    let server = Loopback::start([Reply::json(429, google)]);
    let outcome = ask(&patient(ProviderId::Gemini, &server), &services(&[])).await;
    let message = outcome.failed(FailureKind::RateLimited, Some(429));
    assert!(
        message.starts_with(
            "You exceeded your current quota.; a quota of this day is used up: possible again after"
        ),
        "{message}"
    );
    assert_eq!(server.requests().len(), 1);

    // A quota of a minute is waited for.
    let minute = google.replace("PerDay", "PerMinute");
    let server = Loopback::start([Reply::json(429, minute), Speech::of(&["x"]).gemini()]);
    let outcome = ask(&patient(ProviderId::Gemini, &server), &services(&[])).await;
    assert_eq!(outcome.state.answer, "x", "{:?}", outcome.events);

    let router = r#"{"error":{"code":429,"message":"Rate limit exceeded: free-models-per-day"}}"#;
    let server = Loopback::start([Reply::json(429, router)]);
    let outcome = ask(&patient(ProviderId::OpenRouter, &server), &services(&[])).await;
    let message = outcome.failed(FailureKind::RateLimited, Some(429));
    assert!(
        message.contains("a limit of this day is reached"),
        "{message}"
    );
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_bad_key_is_never_tried_again() {
    let bad = r#"{"error":{"code":400,"status":"INVALID_ARGUMENT","message":"API key not valid.",
        "details":[{"reason":"API_KEY_INVALID"}]}}"#;
    for (status, body) in [(401, "{}"), (400, bad), (403, "{}")] {
        let reply = Reply::json(status, body)
            .header("retry-after", "0")
            .header("x-should-retry", "true");
        let server = Loopback::start([reply]);
        let outcome = ask(&patient(ProviderId::Gemini, &server), &services(&[])).await;
        assert!(matches!(
            outcome.failure().kind,
            FailureKind::Auth | FailureKind::Permission
        ));
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn a_lane_that_is_dropped_in_its_wait_asks_no_more() {
    use super::request;
    use futures_util::StreamExt;
    use tierscope::provider::{Stopwatch, build};
    let server = Loopback::start([
        limited().header("retry-after", "30"),
        Speech::of(&["x"]).openai(),
    ]);
    let plan = patient(ProviderId::OpenAi, &server);
    let provider = build(&plan, &services(&[]));
    let mut stream = provider.stream(request(), Stopwatch::start());
    while let Some(event) = stream.next().await {
        if matches!(event.value, LaneEventKind::Queued { retry: Some(_) }) {
            break;
        }
    }
    let before = std::time::Instant::now();
    drop(stream);
    assert!(before.elapsed() < Duration::from_secs(5));
    assert_eq!(server.requests().len(), 1);
}
