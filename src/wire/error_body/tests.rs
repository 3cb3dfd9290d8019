//! Tests of every envelope, of kinds, and of waits.

use super::*;
use FailureKind::{
    Auth, Blocked, ContextLength, NotFound, Overloaded, Permission, Protocol, Quota, RateLimited,
    Rejected, Server, Timeout,
};
use serde_json::json;

fn plain(status: u16, body: &str) -> LaneFailure {
    classify(status, |_| None, body.as_bytes())
}

fn with_headers(status: u16, headers: &[(&str, &'static str)], body: &str) -> LaneFailure {
    let find = |name: &str| {
        let mut headers = headers.iter();
        headers
            .find(|header| header.0 == name)
            .map(|header| header.1)
    };
    classify(status, find, body.as_bytes())
}

#[test]
fn every_envelope_gives_its_message() {
    for (body, message) in [
        (
            r#"{"error":{"message":"m","type":"t","param":null,"code":null}}"#,
            "m",
        ),
        (r#"{"error":{"code":"401","message":"m"}}"#, "m"),
        (
            r#"{"type":"error","error":{"type":"t","message":"m"},"request_id":null}"#,
            "m",
        ),
        (
            r#"[{"error":{"code":404,"message":"m","status":"NOT_FOUND"}}]"#,
            "m",
        ),
        (r#"{"error":"m"}"#, "m"),
        (r#"{"code":"invalid-argument","error":"m"}"#, "m"),
        (r#"{"detail":"m"}"#, "m"),
        (
            r#"{"detail":[{"loc":["body","model"],"msg":"m","type":"missing"},{"msg":"n"}]}"#,
            "body.model: m; n",
        ),
        (
            r#"{"object":"error","message":"m","type":"t","code":"1500","raw_status_code":400}"#,
            "m",
        ),
        (
            r#"{"object":"error","message":{"detail":[{"loc":["a",0],"msg":"m"}]}}"#,
            "a.0: m",
        ),
        (r#"{"message":"m"}"#, "m"),
        (r#"{"id":"x","message":"m","error_type":"T"}"#, "m"),
        (r#"{"error":{"message":"m"},"message":"n"}"#, "m"),
        (
            r#"{"success":false,"errors":[{"code":7003,"message":"m"}]}"#,
            "m",
        ),
        (
            r#"{"error":{"message":"a","code":429,"metadata":{"raw":"{\"error\":{\"message\":\"b\"}}"}}}"#,
            "a: b",
        ),
        (
            r#"{"error":{"message":"a","metadata":{"raw":"slow down","provider_name":"P"}}}"#,
            "a: slow down",
        ),
        ("upstream  gone\n", "upstream gone"),
        (
            "<html><head><title>502 Bad\nGateway</title></head>…",
            "502 Bad Gateway",
        ),
        (
            "",
            "the server answered with status 418 and said nothing about it",
        ),
    ] {
        assert_eq!(plain(418, body).message, message, "{body}");
        assert_eq!(plain(418, body).kind, Rejected, "{body}");
    }
}

#[test]
fn the_status_tells_the_kind_first() {
    for (status, kind) in [
        (307, Protocol),
        (400, Rejected),
        (401, Auth),
        (402, Quota),
        (403, Permission),
        (404, NotFound),
        (408, Timeout),
        (409, Rejected),
        (413, Rejected),
        (422, Rejected),
        (424, Rejected),
        (429, RateLimited),
        (498, Rejected),
        (500, Server),
        (502, Server),
        (503, Overloaded),
        (504, Timeout),
        (529, Overloaded),
    ] {
        let failure = plain(status, r#"{"error":{"message":"no"}}"#);
        assert_eq!((failure.kind, failure.status), (kind, Some(status)));
    }
}

#[test]
fn words_tell_apart_what_status_400_mixes() {
    for (status, body, kind) in [
        (
            400,
            json!({"error": {"code": 400, "message": "no", "status": "INVALID_ARGUMENT",
            "details": [{"reason": "API_KEY_INVALID"}]}}),
            Auth,
        ),
        (
            400,
            json!({"code": "invalid-argument", "error": "Incorrect API key provided"}),
            Auth,
        ),
        (
            400,
            json!({"error": {"message": "Your credit balance is too low"}}),
            Quota,
        ),
        (
            400,
            json!({"error": {"message": "no", "code": "context_length_exceeded"}}),
            ContextLength,
        ),
        (
            400,
            json!({"error": {"message": "request (9 tokens) exceeds the available context size (5 tokens)",
            "type": "exceed_context_size_error"}}),
            ContextLength,
        ),
        (
            400,
            json!({"error": {"message": "max_tokens is too large: 99. At most 16 completion tokens"}}),
            Rejected,
        ),
        (
            400,
            json!({"error": {"code": "content_filter", "message": "no",
            "innererror": {"code": "ResponsibleAIPolicyViolation"}}}),
            Blocked,
        ),
        (
            400,
            json!({"error": {"message": "x/y is not a valid model ID"}}),
            NotFound,
        ),
        (
            400,
            json!({"error": {"message": "field y does not exist"}}),
            Rejected,
        ),
    ] {
        let failure = plain(status, &body.to_string());
        assert_eq!(failure.kind, kind, "{status} {body}");
    }
}

#[test]
fn words_tell_apart_what_the_other_statuses_mix() {
    for (status, body, kind) in [
        (
            403,
            json!({"error": {"message": "Input is longer than the maximum context length"}}),
            ContextLength,
        ),
        (
            403,
            json!({"error": {"message": "Key not allowed here"}}),
            Permission,
        ),
        (
            413,
            json!({"error": {"message": "prompt is too long"}}),
            ContextLength,
        ),
        (
            429,
            json!({"error": {"code": "insufficient_quota", "message": "You exceeded your current quota"}}),
            Quota,
        ),
        (
            429,
            json!({"error": {"code": "rate_limit_exceeded", "message": "Slow down"}}),
            RateLimited,
        ),
        (
            503,
            json!({"error": {"message": "Loading model", "type": "unavailable_error"}}),
            Overloaded,
        ),
    ] {
        assert_eq!(
            plain(status, &body.to_string()).kind,
            kind,
            "{status} {body}"
        );
    }
}

#[test]
fn a_header_of_aws_is_a_word_too() {
    let headers = [("x-amzn-errortype", "UnauthorizedException:http://x/")];
    assert_eq!(
        with_headers(400, &headers, r#"{"message":"no"}"#).kind,
        Auth
    );
}

#[test]
fn waits_come_from_headers_in_seconds_milliseconds_and_dates() {
    let wait = |headers: &[(&str, &'static str)]| with_headers(429, headers, "").retry_after_ms;
    assert_eq!(wait(&[]), None);
    assert_eq!(wait(&[("retry-after", "7")]), Some(7000));
    assert_eq!(wait(&[("retry-after", " 1.5 ")]), Some(1500));
    assert_eq!(wait(&[("retry-after-ms", "250")]), Some(250));
    assert_eq!(
        wait(&[("retry-after-ms", "0"), ("retry-after", "1")]),
        Some(1000)
    );
    assert_eq!(wait(&[("retry-after", "soon")]), None);
    assert_eq!(wait(&[("retry-after", "-3")]), None);
    // What no server can mean is told as no fact.
    let month = Some(31 * 86_400_000);
    assert_eq!(wait(&[("retry-after", "1000000000000")]), month);
    assert_eq!(wait(&[("retry-after-ms", "1e18")]), month);
    let date = ("retry-after", "Sun, 22 Nov 2026 10:00:30 GMT");
    let now = ("date", "Sun, 22 Nov 2026 10:00:00 GMT");
    assert_eq!(wait(&[date, now]), Some(30_000));
    assert_eq!(wait(&[("retry-after", now.1), ("date", date.1)]), Some(0));
    assert_eq!(wait(&[date]), None);
}

#[test]
fn googles_wait_stands_in_the_body_and_means_a_limit_of_the_moment() {
    let body = json!({"error": {"code": 429, "status": "RESOURCE_EXHAUSTED",
        "message": "You exceeded your current quota, please check your plan and billing details.",
        "details": [{"@type": "x/QuotaFailure"}, {"@type": "x/RetryInfo", "retryDelay": "48.5s"}]}});
    let failure = plain(429, &body.to_string());
    assert_eq!(
        (failure.kind, failure.retry_after_ms),
        (RateLimited, Some(48_500))
    );
}

#[test]
fn errors_inside_of_a_stream_are_told_by_status_or_words() {
    for (value, kind) in [
        (
            json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}),
            Overloaded,
        ),
        (
            json!({"error": {"code": 503, "message": "busy", "status": "UNAVAILABLE"}}),
            Overloaded,
        ),
        (
            json!({"error": {"message": "no", "type": "invalid_request_error", "status_code": 400}}),
            Rejected,
        ),
        (
            json!({"error": {"message": "The server had an error", "type": "server_error", "code": null}}),
            Server,
        ),
        (
            json!({"error": {"code": 500, "message": "Context size has been exceeded.", "type": "server_error"}}),
            ContextLength,
        ),
        (
            json!({"error": {"code": "insufficient_quota", "message": "no"}}),
            Quota,
        ),
        (
            json!({"error": {"type": "rate_limit_error", "message": "no"}}),
            RateLimited,
        ),
        (
            json!({"error": {"type": "authentication_error", "message": "no"}}),
            Auth,
        ),
        (
            json!({"error": {"type": "permission_error", "message": "no"}}),
            Permission,
        ),
        (
            json!({"error": {"type": "not_found_error", "message": "no"}}),
            NotFound,
        ),
        (
            json!({"error": {"type": "timeout_error", "message": "no"}}),
            Timeout,
        ),
        (
            json!({"error": {"type": "invalid_request_error", "message": "no"}}),
            Rejected,
        ),
        (
            json!({"error": "an error was encountered while running the model"}),
            Server,
        ),
        (
            json!({"error": {"message": "Compute error."}, "message": "Compute error."}),
            Server,
        ),
        (
            json!({"object": "error", "message": "no", "code": 400}),
            Rejected,
        ),
        (json!({"detail": "no"}), Server),
        (json!({"error": {"weird": 1}}), Server),
    ] {
        assert_eq!(
            in_stream(&value).map(|failure| failure.kind),
            Some(kind),
            "{value}"
        );
    }
}

#[test]
fn healthy_values_are_no_errors() {
    for value in [
        json!({"error": null, "choices": []}),
        json!({"error": {}, "choices": []}),
        json!({"error": "", "done": false}),
        json!({"error": 0, "choices": []}),
        json!({"error": 0.0, "choices": []}),
        json!({"error": {"code": 0, "message": "", "type": null}, "choices": []}),
        json!({"choices": [], "message": "full text", "detail": "x"}),
        json!({"message": {"role": "assistant", "content": "x"}, "done": false}),
        json!({"type": "ping"}),
        json!([1]),
        json!("error"),
    ] {
        assert_eq!(in_stream(&value), None, "{value}");
    }
}

#[test]
fn a_message_alone_is_an_error_only_before_an_answer() {
    let queued = json!({"id": "1", "message": "queued"});
    assert_eq!(in_stream(&queued).unwrap().message, "queued");
    assert_eq!(amid_answer(&queued), None);
    for value in [
        json!({"message": "no", "code": 500}),
        json!({"message": "no", "type": "server_error"}),
        json!({"message": "no", "status": "INTERNAL"}),
        json!({"message": "no", "object": "error"}),
        json!({"message": "no", "error": true}),
        json!({"detail": "no"}),
    ] {
        assert_eq!(amid_answer(&value), in_stream(&value));
        assert_eq!(amid_answer(&value).unwrap().kind, Server, "{value}");
    }
}

#[test]
fn an_excerpt_looks_at_no_more_words_than_it_can_hold() {
    let mut taken = 0;
    let words = std::iter::repeat_n("a", 1 << 20).inspect(|_| taken += 1);
    assert!(line_of(words).len() >= MOST_EXCERPT_CHARS);
    assert_eq!(taken, MOST_EXCERPT_CHARS);
    assert!(excerpt(&"a ".repeat(MOST_EXCERPT_CHARS + 1)).ends_with('…'));
}

#[test]
fn the_beginning_of_an_error_object_is_an_error() {
    let failure =
        cut("{\n \"error\": {\n \"code\": 503,\n \"message\": \"The model is overlo").unwrap();
    assert_eq!(failure.kind, Server);
    assert_eq!(
        cut("{\"error\": {\"message\": \"overloaded").unwrap().kind,
        Overloaded
    );
    assert_eq!(cut("{\"choices\": ["), None);
}

#[test]
fn a_long_message_is_clipped_at_a_character() {
    let failure = plain(400, &json!({"error": "é".repeat(9000)}).to_string());
    assert_eq!(failure.message.chars().count(), MOST_MESSAGE_CHARS + 1);
    let failure = plain(502, &"x".repeat(9000));
    assert_eq!(failure.message.chars().count(), MOST_EXCERPT_CHARS + 1);
}
