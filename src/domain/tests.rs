//! Tests of the reducer and the metrics: examples worked by hand, and properties over arbitrary streams.

mod charges;
mod folding;
mod numbers;
mod shapes;

use super::{
    event::{FinishReason, LaneEventKind, StreamEvent},
    lane::LaneState,
    usage::{Usage, UsageSource},
};
use std::time::Duration;

const fn at_ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

fn reported(prompt: u64, completion: u64, reasoning: Option<u64>) -> LaneEventKind {
    LaneEventKind::Stream(StreamEvent::Usage {
        usage: Usage {
            prompt_tokens: Some(prompt),
            cached_prompt_tokens: None,
            cache_write_tokens: None,
            completion_tokens: Some(completion),
            reasoning_tokens: reasoning,
            source: Some(UsageSource::Reported),
        },
    })
}

fn answer(text: &str) -> LaneEventKind {
    LaneEventKind::Stream(StreamEvent::answer(text))
}

fn reasoning(text: &str) -> LaneEventKind {
    LaneEventKind::Stream(StreamEvent::reasoning(text))
}

fn summary(text: &str) -> LaneEventKind {
    LaneEventKind::Stream(StreamEvent::reasoning_summary(text))
}

const QUEUED: LaneEventKind = LaneEventKind::Queued { retry: None };
const ACCEPTED: LaneEventKind = LaneEventKind::Stream(StreamEvent::Accepted);
const STOPPED: LaneEventKind = LaneEventKind::Stream(StreamEvent::Finished {
    reason: FinishReason::Stop,
});

const fn sent(attempt: u32) -> LaneEventKind {
    LaneEventKind::Sent { attempt }
}

fn fold(events: &[(u64, LaneEventKind)]) -> LaneState {
    let mut lane = LaneState::default();
    for (at, event) in events {
        lane.apply(at_ms(*at), event);
    }
    lane
}

/// Ten characters every 10 ms from `from`, `pieces` times.
fn ten_chars(
    from: u64,
    pieces: u64,
    piece: fn(&str) -> LaneEventKind,
) -> Vec<(u64, LaneEventKind)> {
    (0..pieces)
        .map(|index| (from + index * 10, piece("0123456789")))
        .collect()
}
