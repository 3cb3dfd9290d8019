//! Local lanes: starts the engine child of a lane, speaks to it, keeps it loaded between prompts. Knows no llama.cpp.
//!
//! One task per lane keeps the child: it loads on the first prompt or when asked to prepare, hands it as many prompts at a
//! time as it was loaded for, cancels what nobody listens to any more, and starts a new child after one has died. It ends
//! with the lane.

mod child;
mod keeper;
mod turn;

use super::{LaneStream, Provider, Readiness, Stopwatch};
use crate::{
    domain::{
        event::{LaneEventKind, Timed},
        failure::{FailureKind, LaneFailure},
        plan::LocalPlan,
        request::ChatRequest,
    },
    engine,
};
use futures_util::stream::{self, BoxStream, StreamExt};
use keeper::{Ask, Keeper};
use std::{
    path::PathBuf,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::mpsc;

/// Events that may wait for their reader; the pipe behind holds more.
const EVENTS: usize = 256;
/// Prompts that may wait for their turn.
const ASKS: usize = 16;

/// The source of one local lane's answers.
#[derive(Debug)]
pub struct LocalProvider {
    desk: Arc<Desk>,
}

/// How to run a local lane's engine.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalSetup {
    /// This executable; its subcommand `engine` is the child.
    pub program: PathBuf,
    /// What to load.
    pub plan: LocalPlan,
    /// Local lanes that may compute at the same time, this one included; they share the processor's cores.
    pub sharing: u32,
}

/// Where asks are handed in.
#[derive(Debug)]
struct Desk {
    setup: LocalSetup,
    place: Arc<Mutex<String>>,
    keeper: Mutex<Option<mpsc::Sender<Ask>>>,
}

impl LocalProvider {
    /// Starts nothing yet.
    pub fn new(setup: LocalSetup) -> Self {
        Self {
            desk: Arc::new(Desk {
                setup,
                place: Arc::new(Mutex::new("local".into())),
                keeper: Mutex::new(None),
            }),
        }
    }
}

impl Provider for LocalProvider {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        if !engine::IS_BUILT_IN {
            return stream::once(async move {
                Timed {
                    at: watch.elapsed(),
                    value: LaneEventKind::Failed { error: not_built() },
                }
            })
            .boxed();
        }
        self.desk.ask(move |events| Ask::Prompt {
            request: Box::new(request),
            watch,
            events,
        })
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        if !engine::IS_BUILT_IN {
            return stream::once(async { Readiness::Failed(not_built()) }).boxed();
        }
        self.desk.ask(|events| Ask::Ready { events })
    }

    fn place(&self) -> String {
        self.desk
            .place
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }
}

impl Desk {
    /// Hands an ask in once its answers are waited for; dropping the stream withdraws it.
    fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        ask: impl FnOnce(mpsc::Sender<T>) -> Ask + Send + 'static,
    ) -> BoxStream<'static, T> {
        let desk = Arc::clone(self);
        let (events, mut answers) = mpsc::channel(EVENTS);
        stream::once(async move {
            let keeper = desk.keeper();
            drop(desk);
            // A keeper that is gone drops the ask, and the stream ends.
            let _ = keeper.send(ask(events)).await;
            drop(keeper);
            stream::poll_fn(move |context| answers.poll_recv(context))
        })
        .flatten()
        .boxed()
    }

    fn keeper(&self) -> mpsc::Sender<Ask> {
        let mut slot = self.keeper.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(keeper) = slot.as_ref().filter(|keeper| !keeper.is_closed()) {
            return keeper.clone();
        }
        let (sender, asks) = mpsc::channel(ASKS);
        let keeper = Keeper::new(self.setup.clone(), Arc::clone(&self.place), asks);
        tokio::spawn(keeper.run());
        slot.insert(sender).clone()
    }
}

fn not_built() -> LaneFailure {
    LaneFailure::new(
        FailureKind::Engine,
        "this build has no local engine: build it with the cargo feature `local`",
    )
}
