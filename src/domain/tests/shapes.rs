//! The JSON of events and records, to the letter.

use super::*;
use crate::domain::{
    event::{ReasoningForm, RetryWait},
    failure::{FailureKind, LaneFailure},
    tape::TapeLine,
    usage::ServerTimings,
};
use serde_json::json;

/// Events of our own making with their JSON.
fn lane_events() -> Vec<(LaneEventKind, serde_json::Value)> {
    let failure = LaneFailure::new(FailureKind::RateLimited, "slow down").with_status(429);
    vec![
        (QUEUED, json!({"event": "queued"})),
        (
            LaneEventKind::Queued {
                retry: Some(RetryWait {
                    kind: FailureKind::RateLimited,
                    after_ms: 4_000,
                }),
            },
            json!({"event": "queued", "retry": {"kind": "rate_limited", "after_ms": 4000}}),
        ),
        (
            LaneEventKind::Loading { percent: 43 },
            json!({"event": "loading", "percent": 43}),
        ),
        (sent(2), json!({"event": "sent", "attempt": 2})),
        (LaneEventKind::Connected, json!({"event": "connected"})),
        (
            LaneEventKind::Failed { error: failure },
            json!({"event": "failed", "error": {
                "kind": "rate_limited", "message": "slow down", "status": 429,
                "retry_after_ms": null}}),
        ),
        (LaneEventKind::Cancelled, json!({"event": "cancelled"})),
        (
            LaneEventKind::Settled { disturbed: true },
            json!({"event": "settled", "disturbed": true}),
        ),
    ]
}

/// What the model's side says, with its JSON.
fn stream_events() -> Vec<(LaneEventKind, serde_json::Value)> {
    vec![
        (ACCEPTED, json!({"event": "accepted"})),
        (
            LaneEventKind::Stream(StreamEvent::Prefill { done: 3, total: 9 }),
            json!({"event": "prefill", "done": 3, "total": 9}),
        ),
        (reasoning("hm"), json!({"event": "reasoning", "text": "hm"})),
        (
            summary("in short"),
            json!({"event": "reasoning", "text": "in short", "form": "summary"}),
        ),
        (
            LaneEventKind::Stream(StreamEvent::Reasoning {
                text: String::new(),
                form: ReasoningForm::Hidden,
            }),
            json!({"event": "reasoning", "text": "", "form": "hidden"}),
        ),
        (answer("42"), json!({"event": "answer", "text": "42"})),
        (
            reported(12, 34, None),
            json!({"event": "usage", "usage": {
                "prompt_tokens": 12, "cached_prompt_tokens": null, "completion_tokens": 34,
                "reasoning_tokens": null, "source": "reported"}}),
        ),
        (
            LaneEventKind::Stream(StreamEvent::Server {
                server: ServerTimings::default(),
            }),
            json!({"event": "server", "server": {
                "prefill_ms": null, "decode_ms": null, "queue_ms": null, "ttft_ms": null}}),
        ),
        (STOPPED, json!({"event": "finished", "reason": "stop"})),
    ]
}

#[test]
fn every_event_has_its_shape_on_a_tape_and_comes_back() {
    for (event, mut shape) in lane_events().into_iter().chain(stream_events()) {
        shape["lane"] = json!("mini");
        shape["at_us"] = json!(1_500);
        let line = TapeLine {
            lane: "mini".to_owned(),
            at_us: 1_500,
            event,
        };
        assert_eq!(serde_json::to_value(&line).unwrap(), shape);
        assert_eq!(serde_json::from_value::<TapeLine>(shape).unwrap(), line);
    }
}

#[test]
fn the_kinds_of_failure_are_written_as_scripts_know_them() {
    for kind in [
        FailureKind::NotFound,
        FailureKind::ContextLength,
        FailureKind::Auth,
    ] {
        assert_eq!(serde_json::to_value(kind).unwrap(), kind.name());
    }
}
