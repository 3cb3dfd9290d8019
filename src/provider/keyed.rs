//! A lane whose key no variable holds: it asks the keyring when it is first needed, and is a lane at an API from then on.
//! Asks nobody while it is built.

use super::{
    LaneStream, Provider, Readiness, Services, Stopwatch,
    check::{self, Verdict},
    emitter::Emitter,
    endpoint::{self, Endpoint},
    keyring::KeyringError,
    lane_stream,
};
use crate::domain::{
    environment::Origin,
    event::LaneEventKind,
    failure::{FailureKind, LaneFailure},
    plan::{LanePlan, LaneSource, RemotePlan},
    request::ChatRequest,
};
use futures_util::{
    future::BoxFuture,
    stream::{self, BoxStream, StreamExt},
};
use std::{
    fmt,
    sync::{Arc, Mutex, PoisonError},
};

/// Where the key of a lane stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFound {
    /// The name of its variable.
    pub name: String,
    /// Where it stands.
    pub place: KeyPlace,
}

/// Where a key stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyPlace {
    /// In the environment of the process.
    Environment,
    /// In the file that `--env-file` names.
    EnvFile,
    /// In the system's keyring.
    Keyring,
}

impl KeyPlace {
    /// The word used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Environment => "environment",
            Self::EnvFile => "env_file",
            Self::Keyring => "keyring",
        }
    }
}

impl fmt::Display for KeyPlace {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(match self {
            Self::Environment => "environment",
            Self::EnvFile => "--env-file",
            Self::Keyring => "keyring",
        })
    }
}

/// Where the key of a lane stands; `None` where it has none, or needs none. Asks the keyring where no variable holds it.
pub async fn find_key(plan: &LanePlan, services: &Services) -> Option<KeyFound> {
    let LaneSource::Remote(remote) = &plan.source else {
        return None;
    };
    let names = endpoint::key_names(plan.provider, remote);
    for name in &names {
        if let Some(origin) = services.environment.origin(name) {
            let place = match origin {
                Origin::Process => KeyPlace::Environment,
                Origin::File => KeyPlace::EnvFile,
            };
            return Some(KeyFound {
                name: (*name).to_owned(),
                place,
            });
        }
    }
    let (name, _) = services.shelf.find(&names).await.ok().flatten()?;
    Some(KeyFound {
        name,
        place: KeyPlace::Keyring,
    })
}

/// A lane that may have its key in the keyring.
#[derive(Debug, Clone)]
pub(super) struct KeyedLane(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    plan: LanePlan,
    remote: RemotePlan,
    services: Services,
    ready: Mutex<Option<Arc<Endpoint>>>,
}

impl KeyedLane {
    pub(super) fn new(plan: &LanePlan, remote: &RemotePlan, services: &Services) -> Self {
        Self(Arc::new(Inner {
            plan: plan.clone(),
            remote: remote.clone(),
            services: services.clone(),
            ready: Mutex::default(),
        }))
    }
}

impl Inner {
    /// The way to the host, with the key if there is one. What the keyring answered is kept; why it did not answer is
    /// not, for it may be unlocked by the next time.
    async fn endpoint(&self) -> Result<Arc<Endpoint>, LaneFailure> {
        let ready = self
            .ready
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        if let Some(ready) = ready {
            return Ok(ready);
        }
        let names = endpoint::key_names(self.plan.provider, &self.remote);
        let found = self.services.shelf.find(&names).await;
        let mut services = self.services.clone();
        if let Ok(Some((name, key))) = &found {
            services = services.with_stored_key(name.clone(), key.clone());
        }
        let endpoint = Endpoint::resolve(&self.plan, &self.remote, &services)
            .map(Arc::new)
            .map_err(|failure| explained(failure, found.as_ref().err()))?;
        if found.is_ok() {
            let mut ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner);
            *ready = Some(Arc::clone(&endpoint));
        }
        Ok(endpoint)
    }

    /// The key was refused: a better one may be in the keyring by the next time.
    async fn forget(&self) {
        *self.ready.lock().unwrap_or_else(PoisonError::into_inner) = None;
        let names = endpoint::key_names(self.plan.provider, &self.remote);
        self.services.shelf.forget(&names).await;
    }
}

/// A missing key, with why the keyring did not give it. That there is no keyring is no news.
fn explained(mut failure: LaneFailure, reason: Option<&KeyringError>) -> LaneFailure {
    match reason {
        Some(reason) if failure.is_no_key() && !matches!(reason, KeyringError::Missing(_)) => {
            failure.message = format!("{}; {reason}", failure.message);
        }
        Some(_) | None => {}
    }
    failure
}

impl Provider for KeyedLane {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        let lane = Arc::clone(&self.0);
        Emitter::run(move |out| async move {
            match lane.endpoint().await {
                Ok(endpoint) => {
                    let failed = lane_stream::ask(&endpoint, &request, watch, &out).await;
                    if failed == Some(FailureKind::Auth) {
                        lane.forget().await;
                    }
                }
                Err(error) => out.note(watch.elapsed(), LaneEventKind::Failed { error }),
            }
        })
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        let lane = Arc::clone(&self.0);
        stream::once(async move { lane.endpoint().await.err().map(Readiness::Failed) })
            .filter_map(std::future::ready)
            .boxed()
    }

    fn check(&self, model: String) -> BoxFuture<'static, Verdict> {
        let lane = Arc::clone(&self.0);
        Box::pin(async move {
            match lane.endpoint().await {
                Ok(endpoint) => {
                    let verdict = check::ask(&endpoint, &model).await;
                    if verdict.is_refused_key() {
                        lane.forget().await;
                    }
                    verdict
                }
                Err(failure) => Verdict::wrong(failure),
            }
        })
    }

    fn place(&self) -> String {
        endpoint::place(self.0.plan.provider, &self.0.remote)
    }
}
