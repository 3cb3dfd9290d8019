//! Servers that fail: each fault has its kind, its words, and leaves what had arrived.

use super::{ask, lane, lane_at, services};
use crate::loopback::{Framing, Loopback, Reply, Speech, Step};
use std::time::Duration;
use tierscope::domain::{event::FinishReason, failure::FailureKind, plan::ProviderId};

const OPENAI: ProviderId = ProviderId::OpenAi;

/// Says a speech in one dialect.
type Say = fn(&Speech) -> Reply;

async fn fails(reply: Reply, kind: FailureKind, status: Option<u16>) -> String {
    let server = Loopback::start([reply]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    outcome.failed(kind, status).to_owned()
}

#[tokio::test]
async fn a_refusal_keeps_the_servers_words() {
    for (status, body, kind, words) in [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided","code":"invalid_api_key"}}"#,
            FailureKind::Auth,
            "Incorrect API key",
        ),
        (
            404,
            r#"{"error":{"message":"The model `x` does not exist","code":"model_not_found"}}"#,
            FailureKind::NotFound,
            "does not exist",
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached"}}"#,
            FailureKind::RateLimited,
            "Rate limit reached",
        ),
        (
            503,
            r#"{"error":{"message":"Engine Overloaded"}}"#,
            FailureKind::Overloaded,
            "Engine Overloaded",
        ),
        (
            529,
            r#"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
            FailureKind::Overloaded,
            "Overloaded",
        ),
    ] {
        let message = fails(Reply::json(status, body), kind, Some(status)).await;
        assert!(message.contains(words), "{status}: {message}");
    }
    let server = Loopback::start([Reply::json(429, "{}").header("retry-after", "7")]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    assert_eq!(outcome.failure().retry_after_ms, Some(7_000));
}

#[tokio::test]
async fn an_endless_explanation_is_not_read_to_its_end() {
    let endless = Reply::status(500).step(Step::Endless(vec![b'x'; 65_536], Duration::ZERO));
    let message = fails(endless, FailureKind::Server, Some(500)).await;
    assert!(message.len() < 64 * 1024 + 100, "{}", message.len());

    let mut plan = lane(OPENAI, &Loopback::start([Reply::status(200)]));
    let server = Loopback::start([Reply::status(503).send("{").step(Step::Stall)]);
    plan.source = lane(OPENAI, &server).source;
    plan.timeouts.idle = Duration::from_millis(50);
    ask(&plan, &services(&[]))
        .await
        .failed(FailureKind::Overloaded, Some(503));
}

#[tokio::test]
async fn compressed_bodies_are_refused_unread() {
    let bomb = Step::Endless(vec![0x1f, 0x8b, 0x08], Duration::ZERO);
    let message = fails(
        Reply::events()
            .header("content-encoding", "gzip")
            .step(bomb.clone()),
        FailureKind::Protocol,
        None,
    )
    .await;
    assert!(message.contains("gzip"), "{message}");
    let refused = Reply::status(400)
        .header("content-encoding", "br")
        .step(bomb);
    fails(refused, FailureKind::Rejected, Some(400)).await;
}

#[tokio::test]
async fn garbage_is_a_protocol_failure() {
    let dialects = [
        OPENAI,
        ProviderId::Anthropic,
        ProviderId::Gemini,
        ProviderId::Ollama,
    ];
    for provider in dialects {
        for body in [
            b"\x00\xff\xfe\x01binary\n\n".as_slice(),
            b"data: {not json}\n\n{not json}\n",
        ] {
            let server = Loopback::start([Reply::events().send(body)]);
            let outcome = ask(&lane(provider, &server), &services(&[])).await;
            let kind = outcome.failure().kind;
            assert!(
                matches!(kind, FailureKind::Protocol | FailureKind::Truncated),
                "{provider}: {kind:?}"
            );
        }
    }
    let message = fails(
        Reply::raw("SSH-2.0-OpenSSH_9.9\r\n\r\n"),
        FailureKind::Protocol,
        None,
    )
    .await;
    assert!(message.contains("HTTP"), "{message}");
    let nonsense =
        Reply::raw("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nnot a length\r\n");
    fails(nonsense, FailureKind::Protocol, None).await;
}

#[tokio::test]
async fn a_line_of_200_megabytes_ends_early() {
    const MEGABYTE: usize = 1 << 20;
    let part = vec![b'x'; 65_536];
    for (provider, reply) in [
        (
            OPENAI,
            Reply::events().send("data: {\"choices\":[{\"delta\":{\"content\":\""),
        ),
        (
            ProviderId::Ollama,
            Reply::lines().send("{\"message\":{\"content\":\""),
        ),
    ] {
        let server = Loopback::start([reply.step(Step::Repeat {
            bytes: part.clone(),
            times: 3_200,
        })]);
        let outcome = ask(&lane(provider, &server), &services(&[])).await;
        outcome.failed(FailureKind::Protocol, None);
        server.wait_closed(0).await;
        let sent: usize = server.sent().iter().map(|sent| sent.bytes).sum();
        assert!(sent < 40 * MEGABYTE, "{provider}: read {sent} bytes");
    }
}

#[tokio::test]
async fn a_broken_stream_keeps_what_had_arrived() {
    let dialects: [(ProviderId, Say); 7] = [
        (OPENAI, Speech::openai),
        (ProviderId::OpenAiResponses, Speech::responses),
        (ProviderId::Anthropic, Speech::anthropic),
        (ProviderId::Gemini, Speech::gemini),
        (ProviderId::Ollama, Speech::ollama),
        (ProviderId::Cohere, Speech::cohere),
        (ProviderId::Bedrock, Speech::bedrock),
    ];
    for (provider, reply) in dialects {
        for end in [Step::Cut, Step::Reset] {
            for framing in [
                Framing::Chunked,
                Framing::UntilClose,
                Framing::ClaimedLength(1 << 20),
            ] {
                let whole = reply(&Speech::of(&["kept ", "lost"])).framing(framing);
                // A start comes before the first piece in most dialects.
                let pieces = match provider {
                    ProviderId::Gemini | ProviderId::Ollama => 1,
                    _ => 2,
                };
                let pause = Step::Wait(Duration::from_millis(20));
                let server = Loopback::start([whole.broken_after(pieces, pause).step(end.clone())]);
                let outcome = ask(&lane(provider, &server), &services(&[])).await;
                outcome.failed(FailureKind::Truncated, None);
                assert_eq!(
                    outcome.state.answer, "kept ",
                    "{provider} {framing:?} {end:?}"
                );
            }
        }
    }
}

#[tokio::test]
async fn a_break_after_the_finish_reason_is_no_failure() {
    // Role, piece, finish; neither usage nor [DONE].
    let begun = Speech::of(&["done"])
        .openai()
        .broken_after(3, Step::Wait(Duration::from_millis(20)));
    for end in [Step::Cut, Step::Reset] {
        let server = Loopback::start([begun.clone().step(end)]);
        let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
        assert_eq!(
            outcome.state.finish(),
            Some(FinishReason::Stop),
            "{:?}",
            outcome.events
        );
    }
    // Pings renew no wait for trailers.
    let pings = Step::Endless(b": ping\n\n".to_vec(), Duration::from_millis(5));
    for end in [Step::Stall, pings] {
        let server = Loopback::start([begun.clone().step(end)]);
        let mut plan = lane(OPENAI, &server);
        plan.timeouts.idle = Duration::from_millis(700);
        let outcome = ask(&plan, &services(&[])).await;
        assert_eq!(
            outcome.state.finish(),
            Some(FinishReason::Stop),
            "{:?}",
            outcome.events
        );
        server.wait_closed(0).await;
    }
}

#[tokio::test]
async fn an_answer_of_gemini_goes_on_after_its_reason_and_may_break_off_then() {
    let finish = "data: {\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"a\"}]},\"finishReason\":\"STOP\"}]}\n\n";
    let more = finish.replace("\"a\"", "\"b\"");
    let pause = Duration::from_millis(20);
    for end in [Step::Cut, Step::Reset, Step::Stall] {
        let reply = Reply::events().send(finish).wait(pause).send(&more);
        let server = Loopback::start([reply.wait(pause).step(end)]);
        let mut plan = lane(ProviderId::Gemini, &server);
        plan.timeouts.idle = Duration::from_millis(500);
        let outcome = ask(&plan, &services(&[])).await;
        let state = &outcome.state;
        assert_eq!(
            (state.answer.as_str(), state.finish()),
            ("ab", Some(FinishReason::Stop)),
            "{:?}",
            outcome.events
        );
    }
}

#[tokio::test]
async fn an_empty_stream_is_truncated() {
    fails(Reply::events(), FailureKind::Truncated, None).await;
    fails(
        Reply::events().send("data: [DONE]\n\n"),
        FailureKind::Truncated,
        None,
    )
    .await;
    fails(
        Reply::status(204).framing(Framing::Length),
        FailureKind::Truncated,
        None,
    )
    .await;
}

#[tokio::test]
async fn silence_times_out_in_every_phase() {
    let whole = Speech::of(&["kept", "lost"]).openai();
    for (stalled, answer) in [
        (Reply::nothing().step(Step::Stall), ""),
        (Reply::events().step(Step::Stall), ""),
        (whole.broken_after(2, Step::Stall), "kept"),
    ] {
        let server = Loopback::start([stalled]);
        let mut plan = lane(OPENAI, &server);
        plan.timeouts.idle = Duration::from_millis(80);
        let outcome = ask(&plan, &services(&[])).await;
        let message = outcome.failed(FailureKind::Timeout, None);
        assert!(message.contains("80ms"), "{message}");
        assert_eq!(outcome.state.answer, answer);
        server.wait_closed(0).await;
    }
}

#[tokio::test]
async fn slow_headers_and_slow_pieces_are_waited_for() {
    let pause = Duration::from_millis(120);
    let reply = Speech::of(&["a", "b", "c"])
        .paced(pause, pause)
        .openai()
        .after(pause);
    let server = Loopback::start([reply]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    assert_eq!(outcome.state.answer, "abc");
    let timing = outcome.state.timing();
    assert!(
        timing.ttfb_ms >= Some(120.0) && timing.ttft_ms >= Some(240.0),
        "{timing:?}"
    );
}

#[tokio::test]
async fn connecting_has_a_limit_of_its_own() {
    // TLS that never begins: the connection stands, the handshake does not come.
    let server = Loopback::start([Reply::nothing().step(Step::Stall)]);
    let address = server.url("/v1").replace("http:", "https:");
    let mut plan = lane_at(OPENAI, &address);
    plan.timeouts.connect = Duration::from_millis(80);
    plan.timeouts.idle = Duration::from_millis(1);
    let outcome = ask(&plan, &services(&[])).await;
    let message = outcome.failed(FailureKind::Timeout, None);
    assert!(message.contains("connect_timeout"), "{message}");
    assert_eq!(outcome.words(), "sent failed");
}

#[tokio::test]
async fn bad_utf_8_and_null_usage_spoil_nothing() {
    let body = b"data: {\"choices\":[{\"delta\":{\"content\":\"a\xffb\"},\"finish_reason\":null}],\"usage\":null}\n\n\
        data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":null,\"completion_tokens\":null}}\n\n\
        data: [DONE]\n\n";
    let server = Loopback::start([Reply::events().send(body)]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    assert_eq!(outcome.state.answer, "a\u{fffd}b");
    assert_eq!(outcome.state.finish(), Some(FinishReason::Stop));
    assert_eq!(outcome.state.reported.completion_tokens, None);
}
