//! The task that keeps one lane's child: loads it, hands it what is asked, starts it anew after a death.

mod flights;

use super::{LocalSetup, child::Child};
use crate::{
    domain::{
        event::{LaneEventKind, Timed},
        failure::{FailureKind, LaneFailure},
        request::ChatRequest,
    },
    engine::protocol::{Command, Event, LoadSpec, Ready},
    provider::{Readiness, Stopwatch},
};
use std::{
    collections::VecDeque,
    fs,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};
use tokio::{
    sync::mpsc,
    time::{Instant, sleep_until},
};

/// How long a load may bring nothing new, and how fast its file is read at the least: the warm-up may read all of it
/// from a slow disk without a word.
const LOAD_PATIENCE: Duration = Duration::from_secs(120);
const SLOWEST_BYTES_PER_SECOND: u64 = 50_000_000;

/// What can be asked of a lane's engine.
#[derive(Debug)]
pub(super) enum Ask {
    Prompt {
        request: Box<ChatRequest>,
        watch: Stopwatch,
        events: mpsc::Sender<Timed<LaneEventKind>>,
    },
    Ready {
        events: mpsc::Sender<Readiness>,
    },
}

impl Ask {
    /// Waits until nobody listens to the answer any more.
    async fn withdrawn(&self) {
        match self {
            Self::Prompt { events, .. } => events.closed().await,
            Self::Ready { events } => events.closed().await,
        }
    }

    fn is_withdrawn(&self) -> bool {
        match self {
            Self::Prompt { events, .. } => events.is_closed(),
            Self::Ready { events } => events.is_closed(),
        }
    }

    /// Tells the progress; a listener that is behind misses a percent.
    fn tell_loading(&self, percent: u8) {
        match self {
            Self::Prompt { events, watch, .. } => {
                let _ = events.try_send(Timed {
                    at: watch.elapsed(),
                    value: LaneEventKind::Loading { percent },
                });
            }
            Self::Ready { events } => {
                let _ = events.try_send(Readiness::Loading { percent });
            }
        }
    }

    async fn fail(self, error: LaneFailure) {
        match self {
            Self::Prompt { events, watch, .. } => {
                let at = watch.elapsed();
                let value = LaneEventKind::Failed { error };
                let _ = events.send(Timed { at, value }).await;
            }
            Self::Ready { events } => {
                let _ = events.send(Readiness::Failed(error)).await;
            }
        }
    }
}

/// Keeps the child of one lane.
#[derive(Debug)]
pub(super) struct Keeper {
    setup: LocalSetup,
    place: Arc<Mutex<String>>,
    asks: mpsc::Receiver<Ask>,
    is_open: bool,
    waiting: VecDeque<Ask>,
    child: Option<Child>,
    generations: u64,
}

impl Keeper {
    pub(super) fn new(
        setup: LocalSetup,
        place: Arc<Mutex<String>>,
        asks: mpsc::Receiver<Ask>,
    ) -> Self {
        Self {
            setup,
            place,
            asks,
            is_open: true,
            waiting: VecDeque::new(),
            child: None,
            generations: 0,
        }
    }

    /// Serves until the lane is gone, then lets the child go.
    pub(super) async fn run(mut self) {
        while self.wait_for_ask().await {
            if self.child.is_none() {
                self.load().await;
            }
            let Some(child) = self.child.take() else {
                continue;
            };
            self.child = self.serve(child).await;
        }
        if let Some(child) = self.child {
            child.close().await;
        }
    }

    fn next_id(&mut self) -> u64 {
        self.generations += 1;
        self.generations
    }

    /// Waits until somebody asks; notices on the way when an idle child dies. False when the lane is gone.
    async fn wait_for_ask(&mut self) -> bool {
        self.waiting.retain(|ask| !ask.is_withdrawn());
        while self.waiting.is_empty() {
            let Some(child) = self.child.as_mut() else {
                match self.asks.recv().await {
                    Some(ask) => self.waiting.push_back(ask),
                    None => return false,
                }
                continue;
            };
            tokio::select! {
                // A death is noticed before the prompt that would run into it.
                biased;
                _ = child.read() => {
                    // An idle child says nothing: it has died.
                    if let Some(child) = self.child.take() {
                        tracing::warn!("{}", child.post_mortem("idle").await);
                    }
                }
                ask = self.asks.recv() => match ask {
                    Some(ask) => self.waiting.push_back(ask),
                    None => return false,
                },
            }
        }
        true
    }

    /// Loads for all that wait. They are told when it fails, and it is given up when nobody waits any more.
    async fn load(&mut self) {
        for ask in &self.waiting {
            ask.tell_loading(0);
        }
        let mut child = match Child::spawn(&self.setup.program) {
            Ok(child) => child,
            Err(error) => {
                let failure = failed(format!(
                    "cannot start the engine {}: {error}",
                    self.setup.program.display()
                ));
                return self.fail_all(failure).await;
            }
        };
        let spec = LoadSpec::new(&self.setup.plan, self.setup.sharing);
        if child.send(&Command::Load(Box::new(spec))).await.is_err() {
            let failure = child.post_mortem("loading the model").await;
            return self.fail_all(failure).await;
        }
        let patience = self.load_patience();
        let mut deadline = Instant::now() + patience;
        loop {
            tokio::select! {
                arrival = child.read() => {
                    deadline = Instant::now() + patience;
                    let Ok(Some(arrival)) = arrival else {
                        let failure = child.post_mortem("loading the model").await;
                        return self.fail_all(failure).await;
                    };
                    for event in arrival.events {
                        match event {
                            Event::Loading(percent) => {
                                for ask in &self.waiting {
                                    ask.tell_loading(percent);
                                }
                            }
                            Event::Ready(ready) => {
                                self.remember(&ready);
                                self.child = Some(child);
                                return;
                            }
                            Event::Failed(failure) => {
                                let failure = child.explain(failure).await;
                                return self.fail_all(failure).await;
                            }
                            Event::Started(_) | Event::Turn(_) | Event::Prefill { .. }
                            | Event::Reasoning(_) | Event::Answer(_) | Event::Usage(_) | Event::Server(_)
                            | Event::Finished(_) | Event::Stopped => {}
                        }
                    }
                }
                () = sleep_until(deadline) => {
                    let failure = child.post_mortem("loading the model").await;
                    return self.fail_all(failure).await;
                }
                ask = self.asks.recv(), if self.is_open => self.queue(ask),
                () = all_withdrawn(&self.waiting) => {
                    self.waiting.clear();
                    return child.kill().await;
                }
            }
        }
    }

    fn load_patience(&self) -> Duration {
        let bytes = fs::metadata(&self.setup.plan.path).map_or(0, |file| file.len());
        LOAD_PATIENCE + Duration::from_secs(bytes / SLOWEST_BYTES_PER_SECOND)
    }

    fn queue(&mut self, ask: Option<Ask>) {
        match ask {
            Some(ask) => self.waiting.push_back(ask),
            None => self.is_open = false,
        }
    }

    async fn fail_all(&mut self, failure: LaneFailure) {
        for ask in std::mem::take(&mut self.waiting) {
            ask.fail(failure.clone()).await;
        }
    }

    fn remember(&self, ready: &Ready) {
        let wanted = self.setup.plan.threads;
        if ready.threads < wanted {
            tracing::warn!(
                "`threads` is {wanted}, and no more than {} can run at once here",
                ready.threads
            );
        }
        *self.place.lock().unwrap_or_else(PoisonError::into_inner) = ready.place();
    }
}

async fn all_withdrawn(asks: &VecDeque<Ask>) {
    for ask in asks {
        ask.withdrawn().await;
    }
}

fn failed(message: String) -> LaneFailure {
    LaneFailure::new(FailureKind::Engine, message)
}
