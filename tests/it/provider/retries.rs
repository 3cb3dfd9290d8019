//! What is tried again, what is not, and what the clock counts. Waits come from the server, so that they are short.

use super::{Outcome, ask, lane, request, services};
use crate::loopback::{Loopback, Reply, Speech, Step};
use std::{net::TcpListener, time::Duration};
use tierscope::{
    domain::{
        event::{FinishReason, LaneEventKind},
        failure::FailureKind,
        plan::{LanePlan, ProviderId},
    },
    provider::{Stopwatch, build},
};

fn patient(server: &Loopback, max_retries: u32) -> LanePlan {
    LanePlan {
        max_retries,
        ..lane(ProviderId::OpenAi, server)
    }
}

fn limited() -> Reply {
    let body = r#"{"error":{"message":"Slow down","code":"rate_limit_exceeded"}}"#;
    Reply::json(429, body).header("retry-after-ms", "30")
}

#[tokio::test]
async fn a_rate_limit_is_waited_out_outside_the_clock() {
    let server = Loopback::start([limited(), limited(), Speech::of(&["x"]).openai()]);
    let outcome = ask(&patient(&server, 2), &services(&[])).await;
    assert_eq!(
        outcome.words(),
        "sent connected backoff sent backoff sent accepted answer usage finished",
        "a reused connection has no time of its own"
    );
    let state = &outcome.state;
    assert_eq!(
        (state.attempts, state.finish()),
        (3, Some(FinishReason::Stop))
    );
    let sent: Vec<Duration> = outcome
        .events
        .iter()
        .filter(|event| matches!(event.value, LaneEventKind::Sent { .. }))
        .map(|event| event.at)
        .collect();
    assert!(sent[1] >= sent[0] + Duration::from_millis(30), "{sent:?}");
    assert_eq!(state.timeline.sent, Some(sent[2]), "t0 is the last attempt");
    let retry = outcome.events.iter().find_map(|event| match &event.value {
        LaneEventKind::Queued { retry } => retry.clone(),
        _ => None,
    });
    let retry = retry.expect("a backoff");
    assert_eq!((retry.kind, retry.after_ms), (FailureKind::RateLimited, 30));
}

#[tokio::test]
async fn gives_up_after_the_last_retry_with_the_servers_words() {
    let server = Loopback::start([limited()]);
    let outcome = ask(&patient(&server, 1), &services(&[])).await;
    assert_eq!(
        outcome.failed(FailureKind::RateLimited, Some(429)),
        "Slow down"
    );
    assert_eq!(outcome.failure().retry_after_ms, Some(30));
    assert_eq!(server.requests().len(), 2);
}

#[tokio::test]
async fn every_passing_failure_is_tried_again() {
    for status in [408, 409, 429, 500, 502, 503, 504, 529] {
        let busy = Reply::json(status, "{}").header("retry-after", "0");
        let server = Loopback::start([busy, Speech::of(&["x"]).openai()]);
        let outcome = ask(&patient(&server, 1), &services(&[])).await;
        assert_eq!(outcome.state.answer, "x", "{status}: {:?}", outcome.events);
    }
}

#[tokio::test]
async fn a_lasting_failure_is_not_tried_again() {
    let quota =
        r#"{"error":{"message":"You exceeded your current quota","code":"insufficient_quota"}}"#;
    let cases = [
        (400, "{}", FailureKind::Rejected),
        (401, "{}", FailureKind::Auth),
        (402, "{}", FailureKind::Quota),
        (403, "{}", FailureKind::Permission),
        (404, "{}", FailureKind::NotFound),
        (429, quota, FailureKind::Quota),
    ];
    for (status, body, kind) in cases {
        let server = Loopback::start([Reply::json(status, body).header("retry-after", "0")]);
        let outcome = ask(&patient(&server, 3), &services(&[])).await;
        outcome.failed(kind, Some(status));
        assert_eq!(server.requests().len(), 1, "{status}");
    }
}

#[tokio::test]
async fn the_server_may_forbid_another_attempt_or_ask_for_too_long_a_wait() {
    let busy = || Reply::json(529, "{}").header("retry-after", "0");
    for reply in [
        busy().header("x-should-retry", "false"),
        Reply::json(429, "{}").header("retry-after", "3600"),
    ] {
        let server = Loopback::start([reply]);
        let outcome = ask(&patient(&server, 3), &services(&[])).await;
        assert!(matches!(
            outcome.failure().kind,
            FailureKind::Overloaded | FailureKind::RateLimited
        ));
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn nothing_is_tried_again_once_the_stream_has_begun() {
    let whole = Speech::of(&["one ", "two"]).openai();
    for broken in [
        whole.clone().broken_after(2, Step::Cut),
        whole.clone().broken_after(2, Step::Reset),
        Reply::events().send(
            "data: {\"error\":{\"message\":\"Overloaded\",\"type\":\"overloaded_error\"}}\n\n",
        ),
        Reply::events(),
    ] {
        let server = Loopback::start([broken, whole.clone()]);
        let outcome = ask(&patient(&server, 3), &services(&[])).await;
        assert!(outcome.state.failure().is_some(), "{:?}", outcome.events);
        assert_eq!(server.requests().len(), 1);
    }
}

#[tokio::test]
async fn a_connection_lost_before_the_headers_is_made_again() {
    let server = Loopback::start([
        Reply::nothing(),
        Reply::nothing().step(Step::Reset),
        Speech::of(&["x"]).openai(),
    ]);
    let outcome = ask(&patient(&server, 2), &services(&[])).await;
    assert_eq!(outcome.state.answer, "x", "{:?}", outcome.events);
    assert_eq!(outcome.state.attempts, 3);
}

#[tokio::test]
async fn a_refused_connection_is_tried_again_and_then_reported() {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    let mut plan = super::lane_at(ProviderId::OpenAi, &format!("http://{address}/v1"));
    plan.max_retries = 1;
    let stream = build(&plan, &services(&[])).stream(request(), Stopwatch::start());
    let outcome = Outcome::of(stream).await;
    assert_eq!(outcome.words(), "sent backoff sent failed");
    let message = outcome.failed(FailureKind::Connect, None);
    assert!(
        message.contains("refused") && message.contains(&address.to_string()),
        "{message}"
    );
}
