//! Tests of the table of a run.

use super::*;
use crate::domain::{
    cost::Price,
    event::{FinishReason, LaneEventKind, StreamEvent},
    failure::{FailureKind, LaneFailure},
    plan::{LaneSource, ProviderId, RemotePlan, Timeouts},
    request::Sampling,
    tier::Tier,
    usage::{Usage, UsageSource},
};
use std::time::Duration;

fn plan(name: &str, tier: Tier) -> LanePlan {
    LanePlan {
        name: name.to_owned(),
        tier: Some(tier),
        provider: ProviderId::OpenAi,
        model: format!("{name}-model"),
        source: LaneSource::Remote(RemotePlan::default()),
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price: Some(Price {
            input: Some(0.15),
            output: Some(0.6),
            ..Price::default()
        }),
        timeouts: Timeouts::default(),
        max_retries: 0,
        is_enabled: true,
    }
}

fn folded(events: &[(u64, LaneEventKind)]) -> LaneState {
    let mut lane = LaneState::default();
    for (at, event) in events {
        lane.apply(Duration::from_millis(*at), event);
    }
    lane
}

fn done() -> LaneState {
    folded(&[
        (0, LaneEventKind::Queued { retry: None }),
        (0, LaneEventKind::Sent { attempt: 1 }),
        (412, LaneEventKind::Stream(StreamEvent::answer("The "))),
        (
            1_100,
            LaneEventKind::Stream(StreamEvent::answer("answer, at length")),
        ),
        (
            1_101,
            LaneEventKind::Stream(StreamEvent::Usage {
                usage: Usage {
                    prompt_tokens: Some(12),
                    completion_tokens: Some(61),
                    source: Some(UsageSource::Reported),
                    ..Usage::default()
                },
            }),
        ),
        (
            1_102,
            LaneEventKind::Stream(StreamEvent::Finished {
                reason: FinishReason::Stop,
            }),
        ),
    ])
}

fn failed() -> LaneState {
    folded(&[
        (0, LaneEventKind::Sent { attempt: 1 }),
        (
            30,
            LaneEventKind::Failed {
                error: LaneFailure::new(FailureKind::Auth, "no such\u{1b}[31m key")
                    .with_status(401),
            },
        ),
    ])
}

#[test]
fn aligns_lanes_under_titles_and_tells_failures_in_full() {
    let (flagship, reasoning) = (
        plan("flagship", Tier::Flagship),
        plan("thinker", Tier::Reasoning),
    );
    let table = table([(&flagship, &done()), (&reasoning, &failed())], 120);
    insta::assert_snapshot!(table, @r"
    lane      tier       model           outcome       first  answer  tok/s  tokens  thinking    time       cost
    flagship  flagship   flagship-model  ✓ done       412 ms  412 ms   71.8      61         –  1.10 s  $0.000038
    thinker   reasoning  thinker-model   ✗ wrong key       –       –      –       –         –       –          –
    ✗ thinker: 401 wrong key: no such key
    ");
}

#[test]
fn leaves_out_columns_when_it_is_narrow() {
    let flagship = plan("flagship", Tier::Flagship);
    let done = done();
    for width in [0, 20, 40, 60, 80, 100] {
        let table = table([(&flagship, &done)], width);
        let widest = table.lines().map(UnicodeWidthStr::width).max().unwrap();
        assert!(widest <= width.max(20), "{width}: {table}");
        assert!(table.contains("flagship") && table.contains("✓ done"));
    }
}

#[test]
fn nothing_ran_gives_nothing() {
    assert_eq!(table([], 80), "");
}

#[test]
fn cuts_by_columns_not_by_characters() {
    assert_eq!(cut("日本語テスト", 5), "日本…");
    assert_eq!(cut("short", 5), "short");
    assert_eq!(cut("longer", 5), "long…");
    assert_eq!(cut("any", 0), "");
}
