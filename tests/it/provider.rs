//! Remote lanes against the scripted server: what arrives, what fails and how, what is never sent.

mod answers;
mod checks;
mod connections;
mod faults;
mod hosts;
mod http2;
mod keep_alives;
mod keyring;
mod keys;
mod lies;
mod limits;
mod named;
mod network;
mod requests;
mod retries;
mod streams;

use crate::loopback::Loopback;
use futures_util::StreamExt;
use std::{sync::Arc, time::Duration};
use tierscope::{
    domain::{
        environment::Environment,
        event::{LaneEventKind, StreamEvent, Timed},
        failure::{FailureKind, LaneFailure},
        lane::LaneState,
        plan::{LanePlan, LaneSource, ProviderId, RemotePlan, Timeouts},
        request::{ChatRequest, Message, Role, Sampling},
    },
    provider::{self, LaneStream, Provider, Services, Stopwatch},
};

/// Far longer than anything here takes: a test that needs it has failed.
const PATIENCE: Duration = Duration::from_secs(30);

/// A lane of this provider at a server, without retries.
fn lane(provider: ProviderId, server: &Loopback) -> LanePlan {
    let path = match provider {
        ProviderId::Anthropic
        | ProviderId::Gemini
        | ProviderId::Vertex
        | ProviderId::Cohere
        | ProviderId::Bedrock
        | ProviderId::Ollama => "",
        _ => "/v1",
    };
    lane_at(provider, &server.url(path))
}

fn lane_at(provider: ProviderId, base_url: &str) -> LanePlan {
    let mut plan = host_lane(provider);
    plan.source = LaneSource::Remote(RemotePlan {
        base_url: Some(base_url.to_owned()),
        ..RemotePlan::default()
    });
    plan
}

/// A lane at the provider's own address, which nothing here may ever reach.
fn host_lane(provider: ProviderId) -> LanePlan {
    LanePlan {
        name: "lane".to_owned(),
        tier: None,
        provider,
        model: "scripted".to_owned(),
        source: LaneSource::Remote(RemotePlan::default()),
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price: None,
        timeouts: Timeouts {
            connect: PATIENCE,
            idle: PATIENCE,
            whole: PATIENCE,
        },
        max_retries: 0,
        is_enabled: true,
        notes: Vec::new(),
    }
}

fn remote(plan: &mut LanePlan) -> &mut RemotePlan {
    match &mut plan.source {
        LaneSource::Remote(remote) => remote,
        other => panic!("not a remote lane: {other:?}"),
    }
}

fn services(variables: &[(&str, &str)]) -> Services {
    let environment: Environment = variables.iter().copied().collect();
    Services::new(Arc::new(environment), "tierscope".into())
}

fn request() -> ChatRequest {
    ChatRequest {
        model: "scripted".to_owned(),
        messages: vec![Message {
            role: Role::User,
            content: "Say hello.".to_owned(),
        }],
        ..ChatRequest::default()
    }
}

/// All events of one request.
struct Outcome {
    events: Vec<Timed<LaneEventKind>>,
    state: LaneState,
}

impl Outcome {
    async fn of(stream: LaneStream) -> Self {
        let events: Vec<_> = tokio::time::timeout(PATIENCE, stream.collect())
            .await
            .expect("a stream that ends");
        Self::folded(events)
    }

    fn folded(events: Vec<Timed<LaneEventKind>>) -> Self {
        let mut state = LaneState::default();
        for event in &events {
            state.apply(event.at, &event.value);
        }
        Self { events, state }
    }

    fn failure(&self) -> &LaneFailure {
        self.state
            .failure()
            .unwrap_or_else(|| panic!("a failure, not {:?}", self.events))
    }

    /// Kind, status and message of the failure; the kind and status must be these.
    fn failed(&self, kind: FailureKind, status: Option<u16>) -> &str {
        let failure = self.failure();
        assert_eq!(
            (failure.kind, failure.status),
            (kind, status),
            "{failure:?}"
        );
        &failure.message
    }

    /// The events without their times and texts, shortened to words.
    fn words(&self) -> String {
        let words: Vec<&str> = self.events.iter().map(|event| word(&event.value)).collect();
        words.join(" ")
    }
}

fn word(event: &LaneEventKind) -> &'static str {
    match event {
        LaneEventKind::Queued { retry: None } => "queued",
        LaneEventKind::Queued { retry: Some(_) } => "backoff",
        LaneEventKind::Loading { .. } => "loading",
        LaneEventKind::Sent { .. } => "sent",
        LaneEventKind::Connected => "connected",
        LaneEventKind::Failed { .. } => "failed",
        LaneEventKind::Cancelled => "cancelled",
        LaneEventKind::Settled { .. } => "settled",
        LaneEventKind::Stream(event) => match event {
            StreamEvent::Accepted => "accepted",
            StreamEvent::Prefill { .. } => "prefill",
            StreamEvent::Reasoning { .. } => "reasoning",
            StreamEvent::Answer { .. } => "answer",
            StreamEvent::Usage { .. } => "usage",
            StreamEvent::Server { .. } => "server",
            StreamEvent::Finished { .. } => "finished",
        },
    }
}

async fn ask(plan: &LanePlan, services: &Services) -> Outcome {
    ask_of(provider::build(plan, services).as_ref()).await
}

async fn ask_of(provider: &dyn Provider) -> Outcome {
    Outcome::of(provider.stream(request(), Stopwatch::start())).await
}
