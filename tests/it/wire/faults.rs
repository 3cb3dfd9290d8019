//! Answers that are no answers: pages, garbage, events without end. Nothing panics, and memory stays bounded.

use super::{Numbers, fixtures::assert_fails, read, read_whole};
use proptest::prelude::*;
use tierscope::{
    domain::{event::FinishReason, failure::FailureKind},
    wire::{
        DialectKind::{
            self, Anthropic, Bedrock, Cohere, Gemini, Ollama, OpenAiChat, OpenAiResponses,
        },
        lines::MAX_EVENT_BYTES,
    },
};

/// Those whose answers are text.
const KINDS: [DialectKind; 6] = [
    OpenAiChat,
    OpenAiResponses,
    Anthropic,
    Gemini,
    Ollama,
    Cohere,
];

fn all_kinds() -> impl Iterator<Item = DialectKind> {
    KINDS.into_iter().chain([Bedrock])
}

#[test]
fn a_captive_portal_is_a_protocol_error_at_once() {
    let page = "\r\n<!DOCTYPE html>\r\n<html><head><title>Sign in</title></head>\r\n";
    for kind in KINDS {
        assert_fails(kind, page, FailureKind::Protocol, "<!DOCTYPE html>", &[]);
        let mut reader = kind.reader();
        assert!(reader.feed(page.as_bytes(), &mut Vec::new()).is_err());
    }
}

#[test]
fn garbage_is_a_protocol_error() {
    for kind in all_kinds() {
        for body in [
            &b"hello world"[..],
            b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\xff\x4b\x4c\n\n",
            b"data: hello\n\n",
            b"data: {\"unrelated\": true}\n\n",
            b"{\"id\":\"x\",\"choises\":[]}",
            b"OK\n",
        ] {
            assert_fails(kind, body, FailureKind::Protocol, "", &[]);
        }
    }
}

#[test]
fn a_whole_answer_where_a_stream_was_asked_for_is_a_protocol_error() {
    let body = "{\n \"object\": \"chat.completion\", \"choices\": [{\"message\": {\"content\": \"hi\"}}]\n}\n";
    assert_fails(
        OpenAiChat,
        body,
        FailureKind::Protocol,
        "chat.completion",
        &[],
    );
}

#[test]
fn a_body_of_another_dialect_is_a_protocol_error() {
    let body =
        "event: response.created\ndata: {\"type\":\"response.created\",\"sequence_number\":0}\n\n";
    for kind in all_kinds().filter(|kind| *kind != OpenAiResponses) {
        assert_fails(kind, body, FailureKind::Protocol, "", &[]);
    }
}

#[test]
fn a_terminator_after_nothing_but_another_dialect_is_a_protocol_error() {
    let body = "data: {\"type\":\"response.created\",\"sequence_number\":0}\n\ndata: [DONE]\n\n";
    for kind in [OpenAiChat, Anthropic, Gemini, Cohere] {
        assert_fails(kind, body, FailureKind::Protocol, "response.created", &[]);
        assert_fails(
            kind,
            "data: [DONE]\n\n",
            FailureKind::Truncated,
            "complete",
            &[],
        );
    }
}

#[test]
fn remarks_and_empty_errors_amid_an_answer_end_nothing() {
    for remark in [
        r#"{"id":"1","message":"queued"}"#,
        r#"{"choices":[{"delta":{}}],"error":0}"#,
        r#"{"choices":[{"delta":{}}],"error":{"code":0,"message":""}}"#,
    ] {
        let body = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"a\"}}}}]}}\n\ndata: {remark}\n\n\
            data: {{\"choices\":[{{\"delta\":{{\"content\":\"b\"}},\"finish_reason\":\"stop\"}}]}}\n\ndata: [DONE]\n\n"
        );
        let whole = read_whole(OpenAiChat, body.as_bytes());
        assert_eq!(whole.finish(), Ok(FinishReason::Stop), "{remark}");
        assert_eq!(whole.answer(), "ab", "{remark}");
    }
}

/// The beginning of an answer in each of [`KINDS`].
const HALVES: [&str; 6] = [
    r#"{"choices":[{"delta":{"content":"half"}}]}"#,
    r#"{"type":"response.output_text.delta","delta":"half"}"#,
    r#"{"type":"content_block_delta","delta":{"type":"text_delta","text":"half"}}"#,
    r#"{"candidates":[{"content":{"parts":[{"text":"half"}]}}]}"#,
    r#"{"message":{"content":"half"},"done":false}"#,
    r#"{"type":"content-delta","delta":{"message":{"content":{"text":"half"}}}}"#,
];

#[test]
fn every_envelope_is_an_error_inside_of_a_stream_too() {
    let bare = r#"{"message":"it broke"}"#;
    for error in [
        r#"{"error":{"message":"it broke","type":"server_error","param":null,"code":null}}"#,
        r#"{"error":{"message":"Provider returned error","code":502,"metadata":{"raw":"it broke"}}}"#,
        r#"{"type":"error","error":{"details":null,"type":"api_error","message":"it broke"},"request_id":"r"}"#,
        r#"{"type":"error","code":"server_error","message":"it broke","param":null,"sequence_number":2}"#,
        r#"{"error":{"code":500,"message":"it broke","status":"INTERNAL","details":[]}}"#,
        r#"{"error":"it broke"}"#,
        r#"{"code":"internal","error":"it broke"}"#,
        r#"{"detail":"it broke"}"#,
        r#"{"detail":[{"loc":["body"],"msg":"it broke","type":"x"}]}"#,
        r#"{"object":"error","message":"it broke","type":"t","param":null,"code":"3000","raw_status_code":500}"#,
        r#"{"object":"error","message":"it broke","code":500}"#,
        bare,
        r#"{"id":"x","message":"it broke","error_type":"INTERNAL"}"#,
        r#"{"code":500,"message":"it broke","type":"Internal"}"#,
        r#"{"error":{"message":"it broke"},"message":"it broke"}"#,
    ] {
        for (kind, half) in KINDS.into_iter().zip(HALVES) {
            let event = |text: &str| match kind {
                Ollama => format!("{text}\n"),
                _ => format!("data: {text}\n\n"),
            };
            for (start, said) in [(String::new(), ""), (event(half), "half")] {
                // A message by itself may be a remark, but where every event has a type.
                if error == bare && kind != Cohere && !said.is_empty() {
                    continue;
                }
                let body = start + &event(error);
                let found = read_whole(kind, body.as_bytes());
                let failure = found.end.as_ref().unwrap_err();
                assert!(
                    failure.message.contains("it broke"),
                    "{kind:?} {said} {error}: {failure:?}"
                );
                assert_eq!(failure.kind, FailureKind::Server, "{kind:?} {error}");
                assert_eq!(found.answer(), said, "{kind:?} {error}");
            }
        }
    }
}

#[test]
fn the_times_of_a_server_are_exact_to_the_microsecond() {
    let body = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1,\"prompt_time\":0.0012345678,\
        \"completion_time\":0.1234567,\"queue_time\":0.07}}\n\n";
    let server = read_whole(OpenAiChat, body.as_bytes()).server();
    assert_eq!(
        (server.prefill_ms, server.decode_ms, server.queue_ms),
        (Some(1.235), Some(123.457), Some(70.0))
    );
}

#[test]
fn endless_junk_before_any_event_is_given_up() {
    for kind in KINDS {
        let mut reader = kind.reader();
        let mut fed = Ok(());
        for _ in 0..10_000 {
            fed = fed.and_then(|()| {
                reader.feed(b"key of junk: and its value, on and on\n", &mut Vec::new())
            });
        }
        assert_eq!(fed.unwrap_err().kind, FailureKind::Protocol);
    }
}

#[test]
fn an_event_over_16_mib_is_a_protocol_error_before_it_is_read_to_its_end() {
    let part = vec![b'x'; 1 << 20];
    for kind in [OpenAiChat, Ollama] {
        let mut reader = kind.reader();
        let mut out = Vec::new();
        reader
            .feed(b"data: {\"choices\":[{\"delta\":{\"content\":\"", &mut out)
            .unwrap();
        let reads = (0..200)
            .find(|_| reader.feed(&part, &mut out).is_err())
            .unwrap();
        assert_eq!(
            reads + 1,
            MAX_EVENT_BYTES >> 20,
            "{kind:?} took more than it may"
        );
        assert!(reader.is_finished() && out.is_empty());
    }
}

#[test]
fn an_event_of_countless_values_is_a_protocol_error() {
    let body = format!("data: {{\"choices\":[{}1]}}\n\n", "1,".repeat(1 << 20));
    assert_eq!(
        read_whole(OpenAiChat, body.as_bytes()).finish(),
        Err(FailureKind::Protocol)
    );
    let deep = format!("data: {}\n\n", "[".repeat(100_000));
    assert_eq!(
        read_whole(OpenAiChat, deep.as_bytes()).finish(),
        Err(FailureKind::Protocol)
    );
}

/// Pieces that servers send, well and badly put together.
const TOKENS: [&str; 26] = [
    "data: ",
    "data:",
    "event: error\n",
    "error: ",
    "\n",
    "\n\n",
    "\r\n",
    "\r",
    ": ping\n\n",
    "{",
    "}",
    "[DONE]",
    "<",
    "{\"choices\":[{\"delta\":{\"content\":\"a\"}}]}",
    "{\"choices\":[{\"delta\":{\"reasoning\":\"é\"},\"finish_reason\":\"stop\"}],\"usage\":{\"prompt_tokens\":1}}",
    "{\"type\":\"content_block_delta\",\"delta\":{\"type\":\"text_delta\",\"text\":\"<think>a\"}}",
    "{\"type\":\"message_stop\"}",
    "{\"candidates\":[{\"content\":{\"parts\":[{\"text\":\"b</think> c\"}]},\"finishReason\":\"STOP\"}]}",
    "{\"message\":{\"content\":\"d\"},\"done\":false}",
    "{\"response\":\"e\",\"done\":true,\"done_reason\":\"length\"}",
    "{\"type\":\"response.output_text.delta\",\"delta\":\"f\"}",
    "{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":1}}}",
    "{\"type\":\"content-delta\",\"delta\":{\"message\":{\"content\":{\"text\":\"g\"}}}}",
    "{\"type\":\"message-end\",\"delta\":{\"finish_reason\":\"COMPLETE\"}}",
    "{\"error\":{\"message\":\"no\",\"code\":429}}",
    "{\"detail\":null}",
];

proptest! {
    #[test]
    fn any_split_of_anything_gives_the_same_events(
        tokens in proptest::collection::vec(prop::sample::select(&TOKENS[..]), 0..12),
        seed in any::<u64>(),
    ) {
        let body = tokens.concat().into_bytes();
        for kind in all_kinds() {
            let whole = read_whole(kind, &body);
            whole.assert_in_order();
            let mut numbers = Numbers::new(seed);
            let reads = super::random_reads(&body, 5, &mut numbers);
            prop_assert_eq!(&read(kind, reads), &whole);
            prop_assert_eq!(&read(kind, body.chunks(1)), &whole);
        }
    }

    #[test]
    fn arbitrary_bytes_never_panic(body in proptest::collection::vec(any::<u8>(), 0..200)) {
        for kind in all_kinds() {
            let whole = read_whole(kind, &body);
            whole.assert_in_order();
            prop_assert_eq!(&read(kind, body.chunks(1)), &whole);
        }
    }
}
