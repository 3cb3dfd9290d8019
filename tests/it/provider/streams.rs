//! The stream itself: what shares a time, what dropping does, how many may run at once.

use super::{Outcome, ask, lane, request, services};
use crate::loopback::{Gate, Loopback, Reply, Speech, Step};
use futures_util::{StreamExt, future::join_all};
use std::time::Duration;
use tierscope::{
    domain::{
        event::{LaneEventKind, StreamEvent},
        plan::ProviderId,
    },
    provider::{LaneStream, Stopwatch, build},
};

const OPENAI: ProviderId = ProviderId::OpenAi;

async fn first_answer(stream: &mut LaneStream) {
    while let Some(event) = stream.next().await {
        if matches!(
            event.value,
            LaneEventKind::Stream(StreamEvent::Answer { .. })
        ) {
            return;
        }
    }
    panic!("the stream ended without an answer");
}

#[tokio::test]
async fn dropping_a_stream_closes_its_connection() {
    let piece = b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n"
        .to_vec();
    let begun = Reply::events().send(piece.clone());
    let cases = [
        begun.clone().step(Step::Stall),
        begun
            .clone()
            .step(Step::Endless(piece.clone(), Duration::ZERO)),
        begun.step(Step::Endless(piece, Duration::from_millis(2))),
    ];
    let server = Loopback::start(cases);
    let provider = build(&lane(OPENAI, &server), &services(&[]));
    for index in 0..3 {
        let mut stream = provider.stream(request(), Stopwatch::start());
        first_answer(&mut stream).await;
        drop(stream);
        server.wait_closed(index).await;
    }
}

#[tokio::test]
async fn dropping_a_stream_before_the_headers_closes_its_connection() {
    let server = Loopback::start([Reply::nothing().step(Step::Stall)]);
    let provider = build(&lane(OPENAI, &server), &services(&[]));
    let mut stream = provider.stream(request(), Stopwatch::start());
    tokio::select! {
        () = async { while stream.next().await.is_some() {} } => panic!("a silent server ended the stream"),
        _ = server.wait_requests(1) => {}
    }
    drop(stream);
    server.wait_closed(0).await;
}

#[tokio::test]
async fn pieces_of_one_read_share_their_time() {
    // One write of ten chunks of a chunked body: the socket has them all at once.
    let mut bytes = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n".to_vec();
    let head = bytes.len();
    for index in 0..10 {
        let event = format!(
            "data: {{\"choices\":[{{\"delta\":{{\"content\":\"{index}\"}},\"finish_reason\":null}}]}}\n\n"
        );
        bytes.extend_from_slice(format!("{:x}\r\n{event}\r\n", event.len()).as_bytes());
    }
    let later = "5c\r\ndata: {\"choices\":[{\"delta\":{\"content\":\"z\"},\"finish_reason\":\"stop\"}],\"padding\":\"0123456789\"}\n\n";
    let later = later.replacen("5c", &format!("{:x}", later.len() - 4), 1);
    let reply = Reply::raw(&bytes[..head])
        .wait(Duration::from_millis(30))
        .send(&bytes[head..])
        .wait(Duration::from_millis(30))
        .send(format!("{later}\r\n0\r\n\r\n"));
    let server = Loopback::start([reply]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    assert_eq!(outcome.state.answer, "0123456789z", "{:?}", outcome.events);
    let mut times: Vec<Duration> = outcome
        .events
        .iter()
        .filter(|event| {
            matches!(
                event.value,
                LaneEventKind::Stream(StreamEvent::Answer { .. })
            )
        })
        .map(|event| event.at)
        .collect();
    assert_eq!(times.len(), 11);
    times.dedup();
    assert_eq!(times.len(), 2, "{times:?}");
    assert_eq!(outcome.state.timeline.all.first_arrival_chars(), 10);
}

#[tokio::test]
async fn text_that_was_held_back_keeps_the_time_of_its_arrival() {
    let chunk = |text: &str, rest: &str| {
        let text = serde_json::json!(text);
        format!("data: {{\"choices\":[{{\"delta\":{{\"content\":{text}}}{rest}}}]}}\n\n")
    };
    // Both could go on to open thinking. The counts tell that what came with them was read.
    for first in ["\n\n", "<"] {
        let gate = Gate::closed();
        let usage = "data: {\"choices\":[],\"usage\":{\"prompt_tokens\":1}}\n\n";
        let reply = Reply::events()
            .send(chunk(first, "") + usage)
            .step(Step::Gate(gate.clone()))
            .send(chunk("b>bold</b>", ",\"finish_reason\":\"stop\"") + "data: [DONE]\n\n");
        let server = Loopback::start([reply]);
        let provider = build(&lane(OPENAI, &server), &services(&[]));
        let watch = Stopwatch::start();
        let mut opened = None;
        let stream = provider.stream(request(), watch).inspect(|event| {
            let usage = matches!(
                event.value,
                LaneEventKind::Stream(StreamEvent::Usage { .. })
            );
            if usage && opened.is_none() {
                opened = Some(watch.elapsed());
                gate.open();
            }
        });
        let events: Vec<_> = stream.collect().await;
        let answers: Vec<_> = events
            .iter()
            .filter_map(|event| match &event.value {
                LaneEventKind::Stream(StreamEvent::Answer { text }) => {
                    Some((text.as_str(), Some(event.at) > opened))
                }
                _ => None,
            })
            .collect();
        assert_eq!(
            answers,
            [(first, false), ("b>bold</b>", true)],
            "{events:?}"
        );
    }
}

#[tokio::test]
async fn a_host_gets_no_more_requests_at_once_than_it_should() {
    let gate = Gate::closed();
    let held = Reply::events().step(Step::Gate(gate.clone()));
    let whole = Speech::of(&["x"]).openai();
    let reply = Reply {
        steps: held.steps.into_iter().chain(whole.steps).collect(),
        ..whole
    };
    let server = Loopback::start([reply]);
    let services = services(&[]).with_concurrency(OPENAI, 2);
    let lanes: Vec<_> = (0..5)
        .map(|_| build(&lane(OPENAI, &server), &services))
        .collect();
    let mut streams = lanes
        .iter()
        .map(|lane| lane.stream(request(), Stopwatch::start()));
    let first = streams.by_ref().take(2);
    let held: Vec<_> = first
        .map(|stream| tokio::spawn(Outcome::of(stream)))
        .collect();
    server.wait_requests(2).await;
    let mut waiting: Vec<LaneStream> = streams.collect();
    assert_eq!(waiting.len(), 3);
    for stream in &mut waiting {
        let event = stream.next().await.map(|event| event.value);
        assert_eq!(event, Some(LaneEventKind::Queued { retry: None }));
    }
    assert_eq!(server.requests().len(), 2);
    gate.open();
    let mut outcomes = join_all(waiting.into_iter().map(Outcome::of)).await;
    for held in held {
        outcomes.push(held.await.unwrap());
    }
    assert_eq!(server.requests().len(), 5);
    assert!(outcomes.iter().all(|outcome| outcome.state.answer == "x"));
}

#[tokio::test]
async fn an_endless_stream_is_read_piece_by_piece() {
    let piece = b"data: {\"choices\":[{\"delta\":{\"content\":\"x\"},\"finish_reason\":null}]}\n\n"
        .to_vec();
    let server = Loopback::start([Reply::events().step(Step::Endless(piece, Duration::ZERO))]);
    let stream =
        build(&lane(OPENAI, &server), &services(&[])).stream(request(), Stopwatch::start());
    let outcome = Outcome::of(stream.take(5_000).boxed()).await;
    assert_eq!(outcome.events.len(), 5_000, "{:?}", outcome.events.last());
    server.wait_closed(0).await;
}

#[tokio::test]
async fn no_part_is_lost_where_hundreds_come_in_one_read() {
    let mut bytes =
        b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\ntransfer-encoding: chunked\r\n\r\n"
            .to_vec();
    let mut part = |text: &str| {
        bytes.extend_from_slice(format!("{:x}\r\n{text}\r\n", text.len()).as_bytes());
    };
    for _ in 0..1_000 {
        part("data: {\"choices\":[{\"delta\":{\"content\":\"x\"}}]}\n\n");
    }
    part("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n");
    bytes.extend_from_slice(b"0\r\n\r\n");
    let server = Loopback::start([Reply::raw(bytes)]);
    let outcome = ask(&lane(OPENAI, &server), &services(&[])).await;
    assert_eq!(
        outcome.state.answer.len(),
        1_000,
        "{:?}",
        outcome.state.phase
    );
}
