//! Where answers come from: the trait that every lane's source implements, the stopwatch its times are read from, and
//! [`build`], which turns a plan into a source.

pub mod check;
mod emitter;
mod endpoint;
mod fit;
pub mod hosts;
pub mod http;
mod keyed;
pub mod keyring;
mod lane_stream;
pub mod local;
mod probe;
mod reading;
mod redact;
mod refusal;
mod remote;
mod retry;
mod route;
pub mod secret;
mod services;
mod signature;
pub mod tape;
mod transport;
mod turns;

pub use endpoint::address;
pub use fit::fitted;
pub use keyed::{KeyFound, KeyPlace, find_key};
pub use services::Services;
pub use turns::USUAL_CONCURRENCY;

use crate::domain::{
    event::{LaneEventKind, Timed},
    failure::{FailureKind, LaneFailure},
    plan::{LanePlan, LaneSource, LocalPlan, RemotePlan},
    request::ChatRequest,
};
use check::Verdict;
use endpoint::Endpoint;
use futures_util::{
    future::BoxFuture,
    stream::{self, BoxStream, StreamExt},
};
use keyed::KeyedLane;
use local::{LocalProvider, LocalSetup};
use refusal::Refusal;
use remote::RemoteLane;
use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};
use tape::TapeLane;

/// Events of one lane from the first `Sent` (or `Loading`) to the end.
///
/// Ends after `Stream(Finished)` or `Failed`. May hold `Queued { retry }`, `Loading`, `Sent`, `Connected` and
/// `Stream(_)`; never `Cancelled` or `Settled`, which belong to the run. Dropping it cancels the work and closes the
/// socket.
pub type LaneStream = BoxStream<'static, Timed<LaneEventKind>>;

/// A source of answers. Object-safe; shared by all runs of its lane.
pub trait Provider: Send + Sync + fmt::Debug {
    /// Asks. Nothing is sent before the stream is polled.
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream;

    /// Gets ready ahead of the first prompt: loads a local model. Sends nothing to a remote API.
    fn prepare(&self) -> BoxStream<'static, Readiness> {
        stream::empty().boxed()
    }

    /// Asks its host whether it knows the key and this model, without asking for an answer. Within ten seconds.
    fn check(&self, _model: String) -> BoxFuture<'static, Verdict> {
        let reason = "only hosts are asked".to_owned();
        Box::pin(std::future::ready(Verdict::Unknown(reason)))
    }

    /// Where it runs, for the pane: the device of a local lane once it is known, else the host.
    fn place(&self) -> String;
}

/// The source of a lane's answers. A lane that cannot run gets one that fails at once with the reason, so that the other
/// lanes go on.
pub fn build(plan: &LanePlan, services: &Services) -> Arc<dyn Provider> {
    let built: Result<Arc<dyn Provider>, LaneFailure> = match &plan.source {
        LaneSource::Local(local) => Ok(Arc::new(LocalProvider::new(LocalSetup {
            program: services.program.clone(),
            plan: LocalPlan {
                // Contexts that are never used together would be a waste of memory.
                parallel: if services.is_together {
                    local.parallel
                } else {
                    1
                },
                ..local.clone()
            },
            sharing: services.sharing,
        }))),
        LaneSource::Tape(path) => Ok(Arc::new(TapeLane {
            path: path.clone(),
            lane: plan.model.clone(),
            is_cut: Arc::default(),
        })),
        LaneSource::Played(_) => Err(LaneFailure::new(
            FailureKind::Rejected,
            "this is a recording: it answers no prompt",
        )),
        LaneSource::Remote(remote) => build_remote(plan, remote, services),
    };
    built.unwrap_or_else(|failure| {
        let place = plan.provider.name().to_owned();
        Arc::new(Refusal {
            place,
            failure,
            is_quiet: false,
        })
    })
}

/// A source that answers nothing and says why.
pub fn refusing(place: String, failure: LaneFailure) -> Arc<dyn Provider> {
    Arc::new(Refusal {
        place,
        failure,
        is_quiet: true,
    })
}

/// A lane at an API; one whose key may be in the keyring asks that later.
fn build_remote(
    plan: &LanePlan,
    remote: &RemotePlan,
    services: &Services,
) -> Result<Arc<dyn Provider>, LaneFailure> {
    let names = endpoint::key_names(plan.provider, remote);
    let may_be_stored = !names.is_empty() && services.key(&names).is_none();
    match Endpoint::resolve(plan, remote, services) {
        Err(failure) if !failure.is_no_key() => Err(failure),
        Ok(_) | Err(_) if may_be_stored => Ok(Arc::new(KeyedLane::new(plan, remote, services))),
        resolved => Ok(Arc::new(RemoteLane(Arc::new(resolved?)))),
    }
}

/// Progress of [`Provider::prepare`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Readiness {
    /// Being loaded, 0 to 100.
    Loading {
        /// 0 to 100.
        percent: u8,
    },
    /// Ready to answer at once.
    Ready,
    /// It would fail.
    Failed(LaneFailure),
}

/// Times of one run: counts from the moment the run began.
#[derive(Debug, Clone, Copy)]
pub struct Stopwatch {
    origin: Instant,
}

impl Stopwatch {
    /// Starts now.
    pub fn start() -> Self {
        Self {
            origin: Instant::now(),
        }
    }

    /// Time since the run began.
    pub fn elapsed(&self) -> Duration {
        self.origin.elapsed()
    }

    /// The time of an instant, since the run began.
    pub fn at(&self, instant: Instant) -> Duration {
        instant.saturating_duration_since(self.origin)
    }
}
