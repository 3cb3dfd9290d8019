//! How lanes end: by themselves, by force, by the clock, by their size, by a fault of their provider.

use super::{
    remote_plan,
    script::{Act, Scripted, answer, collect, fold, lane, local_plan, sent, spec, stop, wait},
};
use crate::{
    domain::{
        event::{FinishReason, LaneEventKind, RetryWait},
        failure::{FailureKind, LaneFailure},
        id::LaneId,
        lane::{LaneState, Phase},
        plan::LanePlan,
    },
    provider::{LaneStream, Provider, Stopwatch},
    run::{Lane, limits::MAX_CHARS, spawn},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;

/// Runs one lane to its end beside one that is well, and returns the state of the first.
async fn alone(plan: LanePlan, script: impl IntoIterator<Item = Act>) -> LaneState {
    let source = Scripted::new(script);
    let well = Scripted::new([sent(), wait(50), answer("well"), stop()]);
    let mut run = spawn(spec(vec![
        lane(plan, &source),
        lane(remote_plan("well"), &well),
    ]));
    let mut state = fold(&collect(&mut run).await, 2);
    assert_eq!(
        source.dropped.load(Ordering::SeqCst),
        source.polled.load(Ordering::SeqCst)
    );
    assert_eq!(state.lanes[1].answer, "well", "the other lane goes on");
    assert_eq!(state.lanes[1].phase, Phase::Done(FinishReason::Stop));
    state.lanes.swap_remove(0)
}

fn kind(state: &LaneState) -> FailureKind {
    state.failure().expect("it failed").kind
}

fn failed(kind: FailureKind) -> Act {
    Act::Say(LaneEventKind::Failed {
        error: LaneFailure::new(kind, "words"),
    })
}

#[tokio::test(start_paused = true)]
async fn a_failure_keeps_the_text_and_leaves_the_others_alone() {
    let script = [sent(), answer("half"), failed(FailureKind::Overloaded)];
    let state = alone(remote_plan("a"), script).await;
    assert_eq!(kind(&state), FailureKind::Overloaded);
    assert_eq!(state.answer, "half");
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_never_says_why_is_truncated() {
    let state = alone(remote_plan("a"), [sent(), answer("half")]).await;
    assert_eq!(kind(&state), FailureKind::Truncated);
    assert_eq!(state.answer, "half");
    let state = alone(remote_plan("a"), []).await;
    assert_eq!(kind(&state), FailureKind::Truncated);
}

#[tokio::test(start_paused = true)]
async fn what_comes_after_the_end_is_not_read() {
    let script = [sent(), stop(), answer("late"), failed(FailureKind::Server)];
    let state = alone(remote_plan("a"), script).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Stop));
    assert_eq!(state.answer, "");
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_speaks_for_the_run_is_broken() {
    for word in [
        LaneEventKind::Cancelled,
        LaneEventKind::Settled { disturbed: true },
    ] {
        let state = alone(remote_plan("a"), [sent(), Act::Say(word)]).await;
        assert_eq!(kind(&state), FailureKind::Protocol);
        assert!(!state.disturbed);
    }
}

#[tokio::test(start_paused = true)]
async fn a_panic_fails_its_lane_only() {
    let script = || [sent(), answer("half"), Act::Panic("index out of bounds")];
    let remote = alone(remote_plan("a"), script()).await;
    assert_eq!(kind(&remote), FailureKind::Protocol);
    assert_eq!(remote.answer, "half");
    let message = &remote.failure().expect("it failed").message;
    assert!(message.contains("index out of bounds"), "{message}");
    let local = alone(local_plan("a"), script()).await;
    assert_eq!(kind(&local), FailureKind::Engine);
}

#[derive(Debug)]
struct PanicsWhenAsked;

impl Provider for PanicsWhenAsked {
    fn stream(&self, _: crate::domain::request::ChatRequest, _: Stopwatch) -> LaneStream {
        panic!("no stream")
    }

    fn place(&self) -> String {
        "nowhere".to_owned()
    }
}

#[tokio::test(start_paused = true)]
async fn a_provider_that_panics_when_asked_fails_its_lane_and_passes_its_turn() {
    let well = Scripted::new([sent(), answer("well"), stop()]);
    let broken = Lane {
        plan: Arc::new(local_plan("broken")),
        provider: Arc::new(PanicsWhenAsked),
    };
    let mut spec = spec(vec![broken, lane(local_plan("well"), &well)]);
    spec.schedule = crate::domain::plan::Schedule::Fair;
    let state = fold(&collect(&mut spawn(spec)).await, 2);
    assert_eq!(kind(&state.lanes[0]), FailureKind::Engine);
    assert_eq!(state.lanes[1].answer, "well");
}

#[tokio::test(start_paused = true)]
async fn one_lane_is_stopped_and_the_other_goes_on() {
    let sources = [
        Scripted::new([sent(), answer("half"), Act::Hang]),
        Scripted::new([sent(), wait(5_000), answer("all"), stop()]),
    ];
    let lanes = sources.iter().map(|source| lane(remote_plan("a"), source));
    let mut run = spawn(spec(lanes.collect()));
    let mut events = Vec::new();
    while let Some(event) = run.events.recv().await {
        if matches!(event.kind, LaneEventKind::Stream(_)) && event.lane == LaneId(0) {
            run.cancel(LaneId(0));
        }
        if matches!(event.kind, LaneEventKind::Cancelled) {
            assert_eq!(
                sources[0].dropped.load(Ordering::SeqCst),
                1,
                "dropped first"
            );
        }
        events.push(event);
    }
    let state = fold(&events, 2);
    assert_eq!(state.lanes[0].phase, Phase::Cancelled);
    assert_eq!(state.lanes[0].answer, "half");
    assert_eq!(state.lanes[1].answer, "all");
    run.cancel_all();
}

#[tokio::test(start_paused = true)]
async fn the_whole_answer_has_a_deadline_that_counts_from_the_last_attempt() {
    let mut plan = remote_plan("a");
    plan.timeouts.whole = Duration::from_secs(5);
    let waits = Act::Say(LaneEventKind::Queued {
        retry: Some(RetryWait {
            kind: FailureKind::RateLimited,
            after_ms: 60_000,
        }),
    });
    let again = Act::Say(LaneEventKind::Sent { attempt: 2 });
    let endless = [
        sent(),
        wait(4_000),
        waits,
        wait(60_000),
        again,
        answer("half"),
        Act::Hang,
    ];
    let begun = Instant::now();
    let state = alone(plan.clone(), endless).await;
    assert_eq!(begun.elapsed(), Duration::from_secs(69));
    assert_eq!(kind(&state), FailureKind::Timeout);
    assert_eq!(state.answer, "half");
    let message = &state.failure().expect("it failed").message;
    assert!(
        message.contains("5 s") && message.contains("timeout"),
        "{message}"
    );

    // Neither pieces that keep coming nor more attempts than were planned put it off.
    let pieces = [sent(), answer("x"), wait(999), Act::Forever];
    let state = alone(plan.clone(), pieces).await;
    assert_eq!(kind(&state), FailureKind::Timeout);
    assert_eq!(state.answer, "xxxxxx");
    let attempts = [sent(), sent(), wait(4_999), Act::Forever];
    let begun = Instant::now();
    assert_eq!(kind(&alone(plan, attempts).await), FailureKind::Timeout);
    assert!(begun.elapsed() < Duration::from_secs(20));
}

#[tokio::test(start_paused = true)]
async fn loading_may_take_longer_than_an_answer_but_not_forever() {
    let mut plan = local_plan("a");
    plan.timeouts.whole = Duration::from_secs(5);
    let loading = |percent| Act::Say(LaneEventKind::Loading { percent });
    let slow = [
        loading(0),
        wait(3_000_000),
        loading(50),
        wait(3_000_000),
        sent(),
        answer("x"),
        stop(),
    ];
    assert_eq!(alone(plan.clone(), slow).await.answer, "x");
    let state = alone(plan.clone(), [loading(0), Act::Hang]).await;
    assert_eq!(kind(&state), FailureKind::Timeout);
    assert_eq!(kind(&alone(plan, [Act::Hang]).await), FailureKind::Timeout);
}

#[tokio::test(start_paused = true)]
async fn an_answer_far_beyond_its_token_limit_is_cut() {
    let mut plan = remote_plan("a");
    plan.sampling.max_tokens = Some(10);
    let words = "word ".repeat(40);
    let state = alone(
        plan.clone(),
        [sent(), answer(&words), wait(1), Act::Forever],
    )
    .await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Length));
    let chars = state.answer.len();
    assert!(
        (4 * 1_064..4 * 1_200).contains(&chars),
        "{chars} characters"
    );
    // Three times the limit is a matter of tokenizers, not of disobedience.
    let state = alone(plan, [sent(), answer(&"abcd".repeat(30)), stop()]).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Stop));
}

#[tokio::test(start_paused = true)]
async fn an_endless_answer_without_a_limit_is_cut() {
    let block = "x".repeat(1 << 18);
    let state = alone(
        remote_plan("a"),
        [sent(), answer(&block), wait(1), Act::Forever],
    )
    .await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Length));
    assert_eq!(state.answer.len() as u64, MAX_CHARS + (1 << 18));
}
