//! Tests of the words for every phase and outcome.

use super::*;
use crate::domain::{
    cost::Price,
    event::{LaneEventKind, RetryWait, StreamEvent},
    plan::{GpuLayers, LocalPlan, PlayedPlan, ProviderId, RemotePlan, TemplateSource, Timeouts},
    request::Sampling,
};

fn plan(source: LaneSource, price: Option<Price>) -> LanePlan {
    LanePlan {
        name: "lane".to_owned(),
        tier: None,
        provider: ProviderId::OpenAi,
        model: "model".to_owned(),
        source,
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price,
        timeouts: Timeouts::default(),
        max_retries: 0,
        is_enabled: true,
        notes: Vec::new(),
    }
}

fn remote() -> LanePlan {
    plan(
        LaneSource::Remote(RemotePlan {
            api_key_env: Some("OPENAI_API_KEY".to_owned()),
            ..RemotePlan::default()
        }),
        None,
    )
}

fn local() -> LanePlan {
    plan(
        LaneSource::Local(LocalPlan {
            path: "model.gguf".into(),
            gpu_layers: GpuLayers::Auto,
            devices: Vec::new(),
            context_tokens: None,
            threads: 0,
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        }),
        None,
    )
}

fn priced() -> LanePlan {
    plan(
        LaneSource::Remote(RemotePlan::default()),
        Some(Price {
            input: Some(1.0),
            output: Some(10.0),
            ..Price::default()
        }),
    )
}

fn after(events: Vec<LaneEventKind>) -> LaneState {
    let mut lane = LaneState::default();
    for event in events {
        lane.apply(Duration::from_secs(1), &event);
    }
    lane
}

fn words(events: Vec<LaneEventKind>) -> String {
    phase(&remote(), &after(events), Duration::from_millis(10_850)).to_string()
}

fn stream(event: StreamEvent) -> LaneEventKind {
    LaneEventKind::Stream(event)
}

fn finished(reason: FinishReason) -> LaneEventKind {
    stream(StreamEvent::Finished { reason })
}

#[test]
fn says_every_phase_in_words() {
    assert_eq!(words(vec![]), "· queued");
    assert_eq!(
        words(vec![LaneEventKind::Loading { percent: 43 }]),
        "◌ loading 43 %"
    );
    assert_eq!(
        words(vec![LaneEventKind::Sent { attempt: 1 }]),
        "· connecting"
    );
    assert_eq!(words(vec![stream(StreamEvent::Accepted)]), "· prefill");
    let prefill = StreamEvent::Prefill {
        done: 512,
        total: 2_048,
    };
    assert_eq!(words(vec![stream(prefill)]), "· prefill 512/2 048");
    assert_eq!(
        words(vec![stream(StreamEvent::reasoning("hm"))]),
        "… thinking 9.8 s"
    );
    assert_eq!(
        words(vec![stream(StreamEvent::answer("yes"))]),
        "▸ answering"
    );
    assert_eq!(words(vec![LaneEventKind::Cancelled]), "■ stopped");
}

#[test]
fn counts_a_retry_down() {
    let retry = Some(RetryWait {
        kind: FailureKind::RateLimited,
        after_ms: 13_500,
    });
    assert_eq!(
        words(vec![LaneEventKind::Queued { retry }]),
        "↻ rate limited, again in 4 s"
    );
}

#[test]
fn says_how_it_ended() {
    let answer = || stream(StreamEvent::answer("yes"));
    assert_eq!(
        words(vec![answer(), finished(FinishReason::Stop)]),
        "✓ done"
    );
    assert_eq!(
        words(vec![finished(FinishReason::Stop)]),
        "✓ done, with an empty answer"
    );
    assert_eq!(
        words(vec![answer(), finished(FinishReason::Refusal)]),
        "⊘ refused"
    );
    let usage = Usage {
        completion_tokens: Some(200),
        reasoning_tokens: Some(199),
        ..Usage::default()
    };
    assert_eq!(
        words(vec![
            stream(StreamEvent::Usage { usage }),
            finished(FinishReason::Length)
        ]),
        "✂ length (thinking took 199 of 200 tokens)"
    );
}

#[test]
fn says_what_to_do_about_a_failure() {
    let error = LaneFailure::new(FailureKind::Auth, "bad\u{1b}[31m\nkey").with_status(401);
    assert_eq!(
        words(vec![LaneEventKind::Failed {
            error: error.clone()
        }]),
        "✗ 401 wrong key: set OPENAI_API_KEY"
    );
    assert_eq!(
        failed(&remote(), &error),
        "401 wrong key: bad key; set OPENAI_API_KEY"
    );
    let error = LaneFailure::no_key("OPENAI_API_KEY");
    let said = "no key: set OPENAI_API_KEY, or name another variable with api_key_env";
    assert_eq!(failed(&remote(), &error), said);
    assert_eq!(
        words(vec![LaneEventKind::Failed { error }]),
        "✗ no key: set OPENAI_API_KEY"
    );
    let error = LaneFailure::new(FailureKind::Auth, "the key holds a line break");
    assert_eq!(
        words(vec![LaneEventKind::Failed { error }]),
        "✗ wrong key: set OPENAI_API_KEY"
    );
    let error = LaneFailure::new(FailureKind::Server, "melted").with_status(500);
    assert_eq!(
        words(vec![LaneEventKind::Failed { error }]),
        "✗ 500 server error: melted"
    );
}

#[test]
fn a_timeout_names_the_setting_that_ran_out() {
    let ended = |message: &str| {
        let error = LaneFailure::new(FailureKind::Timeout, message);
        let full = failed(&remote(), &error);
        (words(vec![LaneEventKind::Failed { error }]), full)
    };
    let (short, full) = ended("openai sent nothing for 15s (idle_timeout)");
    assert_eq!(short, "✗ timed out: raise idle_timeout");
    assert_eq!(
        full,
        "timed out: openai sent nothing for 15s (idle_timeout); raise idle_timeout"
    );
    let (short, _) = ended("openai cannot be reached within 10s (connect_timeout)");
    assert_eq!(short, "✗ timed out: raise connect_timeout");
    let (short, full) = ended("not complete after 9 s: raise timeout to wait longer");
    assert_eq!(short, "✗ timed out: raise timeout");
    assert_eq!(
        full,
        "timed out: not complete after 9 s: raise timeout to wait longer"
    );
}

#[test]
fn tells_an_unknown_price_from_an_unknown_count() {
    let mut lane = after(vec![stream(StreamEvent::answer("four token answer"))]);
    assert_eq!(cost(&local(), &lane), "–");
    assert_eq!(cost(&remote(), &lane), "?");
    assert_eq!(cost(&priced(), &LaneState::default()), "–");
    assert_eq!(
        cost(&priced(), &lane),
        "–",
        "the prompt's tokens are not known"
    );
    lane.prompt_estimate = Some(50);
    assert_eq!(cost(&priced(), &lane), "~$0.0001");
}

#[test]
fn a_past_run_costs_what_was_recorded() {
    let played = |is_own, cost_usd| {
        let source = LaneSource::Played(PlayedPlan {
            is_local: false,
            is_own,
            cost_usd,
        });
        plan(source, None)
    };
    let before = LaneState::default();
    let after = after(vec![stream(StreamEvent::Usage {
        usage: Usage {
            prompt_tokens: Some(5),
            completion_tokens: Some(7),
            source: Some(UsageSource::Reported),
            ..Usage::default()
        },
    })]);
    let known = played(false, Some(0.5));
    assert_eq!(
        cost(&known, &before),
        "–",
        "not before its tokens are there"
    );
    assert_eq!(cost(&known, &after), "$0.5000");
    assert_eq!(cost(&played(true, Some(0.5)), &after), "$0.5000");
    assert_eq!(cost(&played(false, None), &after), "?");
    assert_eq!(cost(&played(true, None), &after), "–");
    assert_eq!(
        total_cost([(&known, &after), (&played(false, None), &after)]),
        "$0.5000 + ?"
    );
}

#[test]
fn adds_up_what_is_known() {
    let mut lane = after(vec![stream(StreamEvent::answer("four token answer"))]);
    lane.prompt_estimate = Some(50);
    let (local, remote, priced) = (local(), remote(), priced());
    assert_eq!(total_cost([(&local, &lane)]), "–");
    assert_eq!(total_cost([(&remote, &lane)]), "?");
    assert_eq!(total_cost([(&local, &lane), (&priced, &lane)]), "~$0.0001");
    assert_eq!(
        total_cost([(&priced, &lane), (&remote, &lane)]),
        "~$0.0001 + ?"
    );
}

#[test]
fn a_sum_never_hides_what_is_not_known() {
    let answered = || {
        after(vec![stream(StreamEvent::Usage {
            usage: Usage {
                prompt_tokens: Some(1_000),
                completion_tokens: Some(100),
                ..Usage::default()
            },
        })])
    };
    let (known, unknown) = (
        priced(),
        plan(LaneSource::Remote(RemotePlan::default()), None),
    );
    let total = |lanes: &[(&LanePlan, &LaneState)]| total_cost(lanes.iter().copied());
    let answered = answered();
    // 1,000 × 1 + 100 × 10 millionths.
    assert_eq!(total(&[(&known, &answered)]), "$0.0020");
    assert_eq!(
        total(&[(&known, &answered), (&unknown, &answered)]),
        "$0.0020 + ?"
    );
    let lost = after(vec![
        stream(StreamEvent::Accepted),
        LaneEventKind::Cancelled,
    ]);
    assert_eq!(
        total(&[(&known, &answered), (&known, &lost)]),
        "$0.0020 + ?"
    );
    let unsent = after(vec![LaneEventKind::Cancelled]);
    assert_eq!(total(&[(&known, &answered), (&known, &unsent)]), "$0.0020");
    assert_eq!(total(&[(&local(), &answered)]), "–");
}
