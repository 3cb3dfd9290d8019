//! The demo's server: our own lanes read its answers, in each of its wire formats, over real HTTP.

use crate::loopback::{Loopback, Reply};
use futures_util::{StreamExt, stream};
use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tierscope::{
    config::{spec::Tuning, validate::Layers},
    demo::{Demo, DemoLane, LANES, Labelled, Pace, Voice},
    domain::{
        environment::Environment,
        event::{FinishReason, LaneEventKind, StreamEvent, Timed},
        failure::{FailureKind, LaneFailure},
        lane::{LaneState, Phase},
        plan::LanePlan,
        request::{ChatRequest, Message, Role},
        usage::{Usage, UsageSource},
    },
    provider::{self, LaneStream, Provider, Services, Stopwatch},
};

const PATIENCE: Duration = Duration::from_secs(30);
const AT_ONCE: Pace = Pace {
    first: Duration::ZERO,
    every: Duration::ZERO,
};

/// Says what it was told to say, or goes on for ever.
#[derive(Debug, Clone)]
struct Script {
    events: Vec<LaneEventKind>,
    is_endless: bool,
    was_dropped: Arc<AtomicBool>,
}

struct Told(Arc<AtomicBool>);

impl Drop for Told {
    fn drop(&mut self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl Provider for Script {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        let told = Told(Arc::clone(&self.was_dropped));
        assert_eq!(request.prompt_text(), "How many?");
        let timed = move |value| Timed {
            at: watch.elapsed(),
            value,
        };
        let events = stream::iter(self.events.clone());
        let more = LaneEventKind::Stream(StreamEvent::answer("more "));
        let rest = stream::iter(self.is_endless.then_some(more));
        events
            .chain(rest.flat_map(stream::repeat))
            .map(move |event| {
                let _ = &told;
                timed(event)
            })
            .boxed()
    }

    fn place(&self) -> String {
        "script".to_owned()
    }
}

fn script(events: Vec<StreamEvent>) -> Script {
    Script {
        events: events.into_iter().map(LaneEventKind::Stream).collect(),
        is_endless: false,
        was_dropped: Arc::default(),
    }
}

/// Thinks in two pieces and answers in two.
fn thoughtful(reason: FinishReason) -> Script {
    script(vec![
        StreamEvent::Accepted,
        StreamEvent::Prefill { done: 9, total: 9 },
        StreamEvent::reasoning("one, "),
        StreamEvent::reasoning("two"),
        StreamEvent::answer("It is \"2\""),
        StreamEvent::answer("\n✓."),
        StreamEvent::Usage {
            usage: Usage {
                prompt_tokens: Some(9),
                completion_tokens: Some(14),
                reasoning_tokens: Some(8),
                source: Some(UsageSource::Counted),
                ..Usage::default()
            },
        },
        StreamEvent::Finished { reason },
    ])
}

async fn server(script: &Script, model: Option<&'static str>) -> Demo {
    let voices = LANES.iter().map(|lane| Voice {
        model: model.unwrap_or(lane.model),
        provider: Arc::new(script.clone()),
        pace: AT_ONCE,
    });
    Demo::start(voices.collect()).await.unwrap()
}

fn plan(lane: &DemoLane, server: &Demo) -> LanePlan {
    plan_at(lane, server.address())
}

fn plan_at(lane: &DemoLane, address: SocketAddr) -> LanePlan {
    let layers = Layers {
        above: &Tuning::default(),
        below: &Tuning::default(),
        hosts: &BTreeMap::new(),
        environment: &Environment::default(),
    };
    let plan = layers.plan(&lane.spec(address)).unwrap();
    LanePlan {
        max_retries: 0,
        ..plan
    }
}

fn ask(plan: &LanePlan) -> LaneStream {
    // A vendor's key that happens to be set is not for this server.
    let keys = [
        ("OPENAI_API_KEY", "sk-vendor-o"),
        ("ANTHROPIC_API_KEY", "sk-vendor-a"),
        ("GEMINI_API_KEY", "sk-vendor-g"),
    ];
    let environment: Environment = keys.into_iter().collect();
    let services = Services::new(Arc::new(environment), "tierscope".into());
    let request = ChatRequest {
        model: plan.model.clone(),
        messages: vec![Message {
            role: Role::User,
            content: "How many?".to_owned(),
        }],
        ..ChatRequest::default()
    };
    provider::build(plan, &services).stream(request, Stopwatch::start())
}

async fn outcome(lane: &DemoLane, server: &Demo) -> LaneState {
    let plan = plan(lane, server);
    let events: Vec<_> = tokio::time::timeout(PATIENCE, ask(&plan).collect())
        .await
        .expect("a stream that ends");
    let mut state = LaneState::default();
    for event in &events {
        state.apply(event.at, &event.value);
    }
    state
}

#[tokio::test]
async fn every_format_carries_thoughts_answer_counts_and_end() {
    let server = server(&thoughtful(FinishReason::Stop), None).await;
    for lane in &LANES {
        let state = outcome(lane, &server).await;
        assert_eq!(
            state.phase,
            Phase::Done(FinishReason::Stop),
            "{}",
            lane.name
        );
        assert_eq!(state.answer, "It is \"2\"\n✓.", "{}", lane.name);
        assert_eq!(state.reasoning, "one, two", "{}", lane.name);
        let usage = state.usage();
        assert_eq!(usage.source, Some(UsageSource::Reported), "{}", lane.name);
        assert_eq!(usage.prompt_tokens, Some(9), "{}", lane.name);
        assert_eq!(usage.completion_tokens, Some(14), "{}", lane.name);
        assert_eq!(usage.reasoning_tokens, Some(8), "{}", lane.name);
        let cost = plan(lane, &server).price.unwrap().cost_usd(&usage);
        assert!(cost > Some(0.0), "{}: {cost:?}", lane.name);
    }
}

#[tokio::test]
async fn every_format_tells_a_cut_answer_and_a_failure() {
    let cut = server(&thoughtful(FinishReason::Length), None).await;
    let mut events: Vec<LaneEventKind> = thoughtful(FinishReason::Stop).events;
    events.truncate(5);
    let error = LaneFailure::new(FailureKind::Engine, "the engine is gone");
    events.push(LaneEventKind::Failed { error });
    let broken = Script {
        events,
        ..script(Vec::new())
    };
    let broken = server(&broken, None).await;
    for lane in &LANES {
        let state = outcome(lane, &cut).await;
        assert_eq!(
            state.phase,
            Phase::Done(FinishReason::Length),
            "{}",
            lane.name
        );
        let state = outcome(lane, &broken).await;
        let failure = state.failure().expect("a failure");
        assert_eq!(
            (failure.kind, failure.message.as_str()),
            (FailureKind::Server, "the engine is gone"),
            "{}",
            lane.name
        );
        assert_eq!(state.answer, "It is \"2\"", "{}", lane.name);
    }
}

#[tokio::test]
async fn a_model_that_is_not_there_is_not_found() {
    let server = server(&thoughtful(FinishReason::Stop), Some("another")).await;
    for lane in &LANES {
        let state = outcome(lane, &server).await;
        let failure = state.failure().expect("a failure");
        assert_eq!(failure.kind, FailureKind::NotFound, "{failure:?}");
        assert!(failure.message.contains(lane.model), "{failure:?}");
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_refused_as_vendors_do() {
    let error = LaneFailure::new(
        FailureKind::ContextLength,
        "raise the lane's context_tokens",
    );
    let script = Script {
        events: vec![LaneEventKind::Failed { error }],
        ..script(Vec::new())
    };
    let server = server(&script, None).await;
    for lane in &LANES {
        let state = outcome(lane, &server).await;
        let failure = state.failure().expect("a failure");
        assert_eq!(failure.kind, FailureKind::ContextLength, "{failure:?}");
        assert_eq!(failure.status, Some(400), "{failure:?}");
        assert!(!failure.message.contains("context_tokens"), "{failure:?}");
    }
}

#[tokio::test]
async fn a_key_of_a_vendor_is_not_sent_to_it() {
    let server = Loopback::start([Reply::status(500)]);
    for lane in &LANES {
        let plan = plan_at(lane, server.address());
        let _ = tokio::time::timeout(PATIENCE, ask(&plan).collect::<Vec<_>>()).await;
    }
    let requests = server.requests();
    assert_eq!(requests.len(), LANES.len());
    for request in requests {
        let text = format!("{request:?}");
        assert!(!text.contains("sk-vendor"), "{text}");
    }
}

#[tokio::test]
async fn a_lane_that_is_stopped_stops_the_model() {
    let endless = Script {
        is_endless: true,
        ..script(vec![StreamEvent::answer("some ")])
    };
    let voice = Voice {
        model: LANES[0].model,
        provider: Arc::new(endless.clone()),
        pace: Pace {
            first: Duration::ZERO,
            every: Duration::from_millis(1),
        },
    };
    let server = Demo::start(vec![voice]).await.unwrap();
    let mut stream = ask(&plan(&LANES[0], &server));
    let is_answer =
        |event: &LaneEventKind| matches!(event, LaneEventKind::Stream(StreamEvent::Answer { .. }));
    while !is_answer(&stream.next().await.expect("an answer").value) {}
    assert!(!endless.was_dropped.load(Ordering::SeqCst));
    drop(stream);
    tokio::time::timeout(PATIENCE, async {
        while !endless.was_dropped.load(Ordering::SeqCst) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("the model to be stopped");
}

#[tokio::test]
async fn pieces_come_at_their_pace() {
    let pace = Pace {
        first: Duration::from_millis(60),
        every: Duration::from_millis(20),
    };
    let voice = Voice {
        model: LANES[0].model,
        provider: Arc::new(thoughtful(FinishReason::Stop)),
        pace,
    };
    let server = Demo::start(vec![voice]).await.unwrap();
    let state = outcome(&LANES[0], &server).await;
    let sent = state.timeline.sent.unwrap();
    // A busy machine may be late, never early.
    assert!(state.timeline.all.first().unwrap() >= sent + pace.first);
    assert!(state.timeline.all.last().unwrap() >= sent + pace.first + 3 * pace.every);
}

#[tokio::test]
async fn what_is_no_request_is_refused() {
    let server = server(&thoughtful(FinishReason::Stop), None).await;
    let cases = [
        (
            "GET / HTTP/1.1\r\nhost: a\r\nconnection: close\r\n\r\n",
            "405",
        ),
        (
            "POST /v1/elsewhere HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}",
            "404",
        ),
        (
            "POST /v1/messages HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 1\r\n\r\n{",
            "400",
        ),
        (
            "POST /v1/messages HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 13\r\n\r\n{\"model\":\"a\"}",
            "400",
        ),
        (
            "POST /v1/messages HTTP/1.1\r\nhost: a\r\nconnection: close\r\ncontent-length: 9999999\r\n\r\n",
            "413",
        ),
    ];
    for (request, status) in cases {
        let mut socket = tokio::net::TcpStream::connect(server.address())
            .await
            .unwrap();
        tokio::io::AsyncWriteExt::write_all(&mut socket, request.as_bytes())
            .await
            .unwrap();
        let mut answer = [0; 12];
        let read = tokio::io::AsyncReadExt::read_exact(&mut socket, &mut answer);
        tokio::time::timeout(PATIENCE, read)
            .await
            .expect(request)
            .unwrap();
        let answer = String::from_utf8_lossy(&answer).into_owned();
        assert_eq!(answer, format!("HTTP/1.1 {status}"), "{request}");
    }
}

#[test]
fn its_panes_name_no_vendor() {
    let source: Arc<dyn Provider> = Arc::new(script(Vec::new()));
    let labelled = Labelled {
        lane: Arc::clone(&source),
        voice: source,
    };
    assert_eq!(labelled.place(), "loopback demo");
    for lane in &LANES {
        assert!(lane.name.starts_with("demo-"), "{}", lane.name);
        assert!(lane.model.starts_with("demo-"), "{}", lane.model);
    }
}
