//! Plans and providers for the tests of a run.

use crate::{
    domain::{
        event::{LaneEvent, LaneEventKind, StreamEvent, Timed},
        id::LaneId,
        plan::{
            GpuLayers, LanePlan, LaneSource, LocalPlan, ProviderId, RemotePlan, Schedule,
            TemplateSource, Timeouts,
        },
        request::{ChatRequest, Sampling},
        run::RunState,
    },
    provider::{LaneStream, Provider, Stopwatch},
    run::{Lane, RunHandle, RunSpec},
};
use futures_util::stream::{self, StreamExt};
use std::{
    fmt,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep};

pub(crate) fn remote_plan(name: &str) -> LanePlan {
    LanePlan {
        name: name.to_owned(),
        tier: None,
        provider: ProviderId::OpenAi,
        model: format!("{name}-model"),
        source: LaneSource::Remote(RemotePlan::default()),
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price: None,
        timeouts: Timeouts::default(),
        max_retries: 2,
        is_enabled: true,
        notes: Vec::new(),
    }
}

pub(crate) fn local_plan(name: &str) -> LanePlan {
    LanePlan {
        provider: ProviderId::Local,
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
        ..remote_plan(name)
    }
}

/// What a scripted stream does next.
#[derive(Clone)]
pub(crate) enum Act {
    /// Waits.
    Wait(Duration),
    /// Says something. The run's clock does not stand still, so the stamp is what it showed at the first poll and the time
    /// of the test since then.
    Say(LaneEventKind),
    /// Panics.
    Panic(&'static str),
    /// Never ends and never says anything.
    Hang,
    /// Goes back to what follows the first act, again and again.
    Forever,
}

pub(crate) fn wait(ms: u64) -> Act {
    Act::Wait(Duration::from_millis(ms))
}

pub(crate) fn sent() -> Act {
    Act::Say(LaneEventKind::Sent { attempt: 1 })
}

pub(crate) fn answer(text: &str) -> Act {
    Act::Say(LaneEventKind::Stream(StreamEvent::answer(text)))
}

pub(crate) fn stop() -> Act {
    Act::Say(LaneEventKind::Stream(StreamEvent::Finished {
        reason: crate::domain::event::FinishReason::Stop,
    }))
}

/// Follows a script; counts what was done to it.
#[derive(Default)]
pub(crate) struct Scripted {
    script: Vec<Act>,
    pub(crate) streams: AtomicUsize,
    pub(crate) polled: AtomicUsize,
    pub(crate) dropped: AtomicUsize,
    pub(crate) said: AtomicUsize,
    pub(crate) request: Mutex<Option<ChatRequest>>,
}

impl fmt::Debug for Scripted {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("Scripted")
    }
}

impl Scripted {
    pub(crate) fn new(script: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self {
            script: script.into_iter().collect(),
            ..Self::default()
        })
    }
}

/// Counts the drop of a stream that was polled.
struct Dropped(Arc<Scripted>);

impl Drop for Dropped {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

/// A provider is shared; its script is behind this.
#[derive(Debug)]
pub(crate) struct Source(pub(crate) Arc<Scripted>);

impl Provider for Source {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        self.0.streams.fetch_add(1, Ordering::SeqCst);
        *self.0.request.lock().expect("no panic while locked") = Some(request);
        let start = (0, None::<(Duration, Instant, Dropped)>);
        let source = Arc::clone(&self.0);
        stream::unfold(start, move |(mut position, begun)| {
            let source = Arc::clone(&source);
            async move {
                let begun = begun.unwrap_or_else(|| {
                    source.polled.fetch_add(1, Ordering::SeqCst);
                    (
                        watch.elapsed(),
                        Instant::now(),
                        Dropped(Arc::clone(&source)),
                    )
                });
                loop {
                    let act = source.script.get(position)?.clone();
                    position += 1;
                    match act {
                        Act::Wait(time) => sleep(time).await,
                        Act::Say(value) => {
                            source.said.fetch_add(1, Ordering::SeqCst);
                            let at = begun.0 + begun.1.elapsed();
                            return Some((Timed { at, value }, (position, Some(begun))));
                        }
                        Act::Panic(message) => panic!("{message}"),
                        Act::Hang => std::future::pending().await,
                        Act::Forever => position = 1,
                    }
                }
            }
        })
        .boxed()
    }

    fn place(&self) -> String {
        "script".to_owned()
    }
}

pub(crate) fn lane(plan: LanePlan, source: &Arc<Scripted>) -> Lane {
    Lane {
        plan: Arc::new(plan),
        provider: Arc::new(Source(Arc::clone(source))),
    }
}

pub(crate) fn spec(lanes: Vec<Lane>) -> RunSpec {
    RunSpec {
        prompt: "hello".to_owned(),
        earlier: Vec::new(),
        max_tokens: None,
        system: None,
        schedule: Schedule::Race,
        lanes,
    }
}

/// Reads a run to its end.
pub(crate) async fn collect(run: &mut RunHandle) -> Vec<LaneEvent> {
    let mut events = Vec::new();
    while let Some(event) = run.events.recv().await {
        events.push(event);
    }
    events
}

/// Checks what holds for every lane, and folds.
pub(crate) fn fold(events: &[LaneEvent], lanes: usize) -> RunState {
    let mut state = RunState::new(lanes);
    for id in 0..lanes {
        let kinds: Vec<_> = events
            .iter()
            .filter(|event| event.lane == LaneId(id))
            .map(|event| &event.kind)
            .collect();
        assert!(matches!(
            kinds.first(),
            Some(LaneEventKind::Queued { retry: None })
        ));
        assert!(matches!(kinds.last(), Some(LaneEventKind::Settled { .. })));
        let is_end = |kind: &&&LaneEventKind| {
            matches!(
                kind,
                LaneEventKind::Failed { .. }
                    | LaneEventKind::Cancelled
                    | LaneEventKind::Stream(StreamEvent::Finished { .. })
            )
        };
        assert_eq!(kinds.iter().filter(is_end).count(), 1, "{kinds:?}");
        assert!(
            is_end(&&kinds[kinds.len() - 2]),
            "nothing between the end and `Settled`: {kinds:?}"
        );
        let settled = |kind: &&&LaneEventKind| matches!(kind, LaneEventKind::Settled { .. });
        assert_eq!(kinds.iter().filter(settled).count(), 1);
        let times: Vec<_> = events
            .iter()
            .filter(|event| event.lane == LaneId(id))
            .map(|event| event.at)
            .collect();
        assert!(times.is_sorted(), "{times:?}");
    }
    for event in events {
        state.apply(event);
    }
    assert!(state.is_settled());
    state
}
