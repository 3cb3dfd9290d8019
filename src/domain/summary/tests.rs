//! Tests of the table of a run.

use super::*;
use crate::domain::{
    cost::Price,
    event::{FinishReason, LaneEventKind, StreamEvent},
    failure::{FailureKind, LaneFailure},
    plan::{GpuLayers, LaneSource, LocalPlan, ProviderId, RemotePlan, TemplateSource, Timeouts},
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
        notes: Vec::new(),
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

fn local(name: &str) -> LanePlan {
    LanePlan {
        source: LaneSource::Local(LocalPlan {
            path: "model.gguf".into(),
            gpu_layers: GpuLayers::Auto,
            devices: Vec::new(),
            context_tokens: None,
            threads: 0,
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        }),
        ..plan(name, Tier::Small)
    }
}

/// An answer from `from` to `to`.
fn spanning(from: u64, to: u64) -> LaneState {
    folded(&[
        (from, LaneEventKind::Sent { attempt: 1 }),
        (
            from + 1,
            LaneEventKind::Stream(StreamEvent::answer("some words")),
        ),
        (to, LaneEventKind::Cancelled),
    ])
}

#[test]
fn local_lanes_measured_beside_one_another_are_marked() {
    let (first, second, third) = (local("first"), local("second"), local("third"));
    let remote = plan("remote", Tier::Mid);
    let together = table(
        [
            (&first, &spanning(0, 100)),
            (&remote, &spanning(0, 400)),
            (&second, &spanning(90, 200)),
            (&third, &spanning(200, 300)),
        ],
        120,
    );
    assert!(
        together.ends_with(
            "\n! first, second: measured beside other local lanes, which share this machine\n"
        ),
        "{together}"
    );
    assert_eq!(together.matches("–!").count(), 2, "{together}");
    let (a, b) = (spanning(0, 100), spanning(100, 200));
    let apart = table([(&first, &a), (&second, &b), (&remote, &a)], 120);
    assert!(!apart.contains('!'), "{apart}");
    let mut running = spanning(0, 100);
    running.timeline.ended = None;
    assert!(is_contended(1, &[(&first, &running), (&second, &b)]));
    let silent = folded(&[
        (0, LaneEventKind::Sent { attempt: 1 }),
        (50, LaneEventKind::Cancelled),
    ]);
    assert!(!is_contended(0, &[(&first, &silent), (&second, &a)]));
    assert!(!is_contended(2, &[(&first, &a), (&second, &b)]));
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

#[test]
fn what_several_lanes_cost_is_added_up() {
    let (one, other) = (plan("one", Tier::Small), plan("other", Tier::Mid));
    let table_of = |other: &LanePlan| table([(&one, &done()), (other, &done())], 120);
    // Twice 12 × 0.15 + 61 × 0.6 millionths.
    let both = table_of(&other);
    assert!(
        both.contains("\nΣ cost of all lanes: $0.000077\n"),
        "{both}"
    );
    let unpriced = LanePlan {
        price: None,
        ..other
    };
    let open = table_of(&unpriced);
    assert!(
        open.contains("\nΣ cost of all lanes: $0.000038 + ?\n"),
        "{open}"
    );
    assert!(!table([(&one, &done())], 120).contains('Σ'));
}
