//! What flows and when: order, schedules, back-pressure, the request and the head of a run.

use super::remote_plan;
use super::script::{Scripted, answer, collect, fold, lane, local_plan, sent, spec, stop, wait};
use crate::{
    domain::{
        event::{LaneEventKind, StreamEvent},
        id::LaneId,
        lane::Phase,
        plan::Schedule,
        request::{Effort, Role},
    },
    run::{RunSpec, spawn},
};
use std::{
    sync::{Arc, atomic::Ordering},
    time::Duration,
};
use tokio::time::Instant;

fn talker(pieces: usize, gap_ms: u64) -> Arc<Scripted> {
    let mut script = vec![sent(), wait(gap_ms)];
    for _ in 0..pieces {
        script.extend([answer("word "), wait(gap_ms)]);
    }
    script.push(stop());
    Scripted::new(script)
}

fn fair(spec: RunSpec) -> RunSpec {
    RunSpec {
        schedule: Schedule::Fair,
        ..spec
    }
}

#[tokio::test(start_paused = true)]
async fn all_lanes_race_and_each_ends_once() {
    let sources = [talker(3, 100), talker(2, 100), talker(1, 100)];
    let lanes = sources
        .iter()
        .map(|source| lane(local_plan("l"), source))
        .collect();
    let begun = Instant::now();
    let mut run = spawn(spec(lanes));
    let state = fold(&collect(&mut run).await, 3);
    assert_eq!(state.lanes[0].answer, "word word word ");
    assert_eq!(state.lanes[2].answer, "word ");
    assert!(state.lanes.iter().all(|lane| !lane.disturbed));
    assert_eq!(begun.elapsed(), Duration::from_millis(400), "all at once");
}

#[tokio::test(start_paused = true)]
async fn fair_runs_local_lanes_in_order_and_remote_ones_beside_them() {
    let sources = [
        talker(9, 100),
        talker(1, 100),
        talker(9, 100),
        talker(9, 100),
    ];
    let plans = [
        local_plan("first"),
        remote_plan("api"),
        local_plan("second"),
        local_plan("third"),
    ];
    let lanes = plans.into_iter().zip(&sources);
    let lanes = lanes.map(|(plan, source)| lane(plan, source)).collect();
    let mut run = spawn(fair(spec(lanes)));
    let events = collect(&mut run).await;
    let marks: Vec<_> = events
        .iter()
        .filter_map(|event| match event.kind {
            LaneEventKind::Sent { .. } => Some((event.lane.0, "begins")),
            LaneEventKind::Settled { .. } => Some((event.lane.0, "ends")),
            _ => None,
        })
        .collect();
    let local: Vec<_> = marks.iter().filter(|(id, _)| *id != 1).collect();
    let in_order = [0, 2, 3].map(|id| [(id, "begins"), (id, "ends")]);
    assert_eq!(local, in_order.iter().flatten().collect::<Vec<_>>());
    let ends_of_others = marks.iter().position(|mark| *mark == (0, "ends"));
    assert!(marks.iter().position(|mark| *mark == (1, "ends")) < ends_of_others);
    fold(&events, 4);
}

#[tokio::test(start_paused = true)]
async fn a_lane_stopped_in_the_queue_does_not_let_the_next_one_overtake() {
    let sources = [talker(9, 100), talker(9, 100), talker(9, 100)];
    let lanes = sources
        .iter()
        .map(|source| lane(local_plan("l"), source))
        .collect();
    let mut run = spawn(fair(spec(lanes)));
    run.cancel(LaneId(1));
    let events = collect(&mut run).await;
    let position = |id, wanted: fn(&LaneEventKind) -> bool| {
        events
            .iter()
            .position(|event| event.lane == LaneId(id) && wanted(&event.kind))
            .expect("it happened")
    };
    let is_settled = |kind: &LaneEventKind| matches!(kind, LaneEventKind::Settled { .. });
    let is_sent = |kind: &LaneEventKind| matches!(kind, LaneEventKind::Sent { .. });
    assert!(position(1, is_settled) < position(0, is_settled));
    assert!(position(0, is_settled) < position(2, is_sent));
    assert_eq!(sources[1].streams.load(Ordering::SeqCst), 0, "never asked");
    let state = fold(&events, 3);
    assert_eq!(state.lanes[1].phase, Phase::Cancelled);
    assert_eq!(state.lanes[2].answer.len(), 45);
}

#[tokio::test(start_paused = true)]
async fn a_reader_that_stalls_disturbs_the_lane_and_loses_nothing() {
    let source = talker(2_000, 0);
    let quiet = talker(1, 0);
    let mut run = spawn(spec(vec![
        lane(remote_plan("a"), &source),
        lane(remote_plan("b"), &quiet),
    ]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    let said = source.said.load(Ordering::SeqCst);
    assert!(said <= 600, "bounded: {said} events ahead of the reader");
    let state = fold(&collect(&mut run).await, 2);
    assert!(state.lanes[0].disturbed);
    assert!(!state.lanes[1].disturbed);
    assert_eq!(state.lanes[0].answer.len(), 10_000);
}

#[tokio::test(start_paused = true)]
async fn stopping_drops_the_stream_even_while_nobody_reads() {
    let source = talker(2_000, 0);
    let mut run = spawn(spec(vec![lane(remote_plan("a"), &source)]));
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(source.dropped.load(Ordering::SeqCst), 0);
    run.cancel_all();
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert_eq!(source.dropped.load(Ordering::SeqCst), 1);
    let said = source.said.load(Ordering::SeqCst);
    let events = collect(&mut run).await;
    assert_eq!(events.len(), said + 3, "what had arrived is kept");
    assert_eq!(fold(&events, 1).lanes[0].phase, Phase::Cancelled);
}

#[tokio::test(start_paused = true)]
async fn dropping_the_handle_or_its_reader_drops_every_stream() {
    let sources = [talker(9, 100), talker(9, 100)];
    let lanes = || {
        sources
            .iter()
            .map(|source| lane(remote_plan("a"), source))
            .collect()
    };
    let run = spawn(spec(lanes()));
    tokio::time::sleep(Duration::from_millis(150)).await;
    drop(run);
    tokio::time::sleep(Duration::from_millis(1)).await;
    let mut run = spawn(spec(lanes()));
    tokio::time::sleep(Duration::from_millis(150)).await;
    run.events.close();
    tokio::time::sleep(Duration::from_millis(1)).await;
    for source in &sources {
        assert_eq!(source.polled.load(Ordering::SeqCst), 2);
        assert_eq!(source.dropped.load(Ordering::SeqCst), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn a_run_without_lanes_is_over() {
    let mut run = spawn(spec(Vec::new()));
    assert_eq!(run.events.recv().await, None);
    run.cancel(LaneId(7));
}

#[tokio::test(start_paused = true)]
async fn the_request_is_the_plan_with_the_prompt() {
    let source = Scripted::new([sent(), stop()]);
    let mut plan = remote_plan("a");
    plan.system = Some("lane".to_owned());
    plan.effort = Some(Effort::Low);
    plan.sampling.max_tokens = Some(5);
    plan.extra.insert("x".to_owned(), 1.into());
    let mut run = spawn(spec(vec![lane(plan.clone(), &source)]));
    assert_eq!(run.head.prompt.system.as_deref(), Some("lane"));
    collect(&mut run).await;
    let request = source
        .request
        .lock()
        .expect("unlocked")
        .take()
        .expect("asked");
    assert_eq!(request.model, "a-model");
    assert_eq!(request.system.as_deref(), Some("lane"));
    assert_eq!(request.prompt_text(), "hello");
    assert_eq!(request.messages[0].role, Role::User);
    assert_eq!(request.sampling, plan.sampling);
    assert_eq!(request.effort, Some(Effort::Low));
    assert_eq!(request.extra, plan.extra);
    for (system, expected) in [("mine", Some("mine")), ("", None)] {
        let mut run = spawn(RunSpec {
            system: Some(system.to_owned()),
            ..spec(vec![lane(plan.clone(), &source)])
        });
        assert_eq!(run.head.prompt.system.as_deref(), expected);
        collect(&mut run).await;
        let request = source
            .request
            .lock()
            .expect("unlocked")
            .take()
            .expect("asked");
        assert_eq!(request.system.as_deref(), expected);
    }
}

#[tokio::test(start_paused = true)]
async fn the_head_says_what_ran() {
    let source = Scripted::new([stop()]);
    let mut other = remote_plan("b");
    other.system = Some("differs".to_owned());
    let lanes = vec![lane(remote_plan("a"), &source), lane(other, &source)];
    let (first, second) = (spawn(fair(spec(lanes.clone()))), spawn(spec(lanes)));
    assert_ne!(first.head.id, second.head.id);
    let id = uuid::Uuid::parse_str(&first.head.id.0).expect("a UUID");
    assert_eq!(id.get_version_num(), 7);
    let time: jiff::Timestamp = first.head.started_at.parse().expect("RFC 3339");
    assert!(time.duration_until(jiff::Timestamp::now()).as_secs() < 60);
    assert_eq!(
        first.head.started_at.len(),
        "2026-11-22T10:00:00.000Z".len()
    );
    assert!(first.head.started_at.ends_with('Z'));
    assert_eq!(first.head.schedule, Schedule::Fair);
    assert_eq!(first.head.prompt.text, "hello");
    assert_eq!(first.head.prompt.system, None, "the lanes' texts differ");
    assert_eq!(first.head.version, env!("CARGO_PKG_VERSION"));
}

#[tokio::test(start_paused = true)]
async fn pieces_keep_the_time_of_their_arrival() {
    let source = Scripted::new([sent(), wait(40), answer("a"), answer("b"), wait(7), stop()]);
    let mut run = spawn(spec(vec![lane(remote_plan("a"), &source)]));
    let events = collect(&mut run).await;
    let times = |wanted: fn(&LaneEventKind) -> bool| -> Vec<_> {
        let found = events.iter().filter(|event| wanted(&event.kind));
        found.map(|event| event.at).collect()
    };
    let t0 = times(|kind| matches!(kind, LaneEventKind::Sent { .. }))[0];
    let pieces = times(|kind| matches!(kind, LaneEventKind::Stream(StreamEvent::Answer { .. })));
    assert_eq!(pieces, [t0 + Duration::from_millis(40); 2]);
    assert_eq!(fold(&events, 1).lanes[0].timing().ttft_ms, Some(40.0));
}
