//! Watches one request's connection from inside the client: whether a new one is made, when it stands, and how long
//! that may take. Decides nothing about the answer.

use reqwest::Error as HttpError;
use std::{
    error::Error,
    future::Future,
    pin::Pin,
    sync::{Arc, OnceLock},
    task::{Context, Poll},
    time::{Duration, Instant},
};
use tower_layer::Layer;
use tower_service::Service;

type BoxError = Box<dyn Error + Send + Sync>;

tokio::task_local! {
    /// Set while a request is polled by its own task. A connection that the pool goes on making for later is polled by
    /// another task, sees none, and so is never taken for this request's.
    static PROBE: Arc<Probe>;
}

/// What is known of one request's connection.
#[derive(Debug)]
pub(super) struct Probe {
    limit: Duration,
    begun: OnceLock<Instant>,
    connected: OnceLock<Instant>,
}

impl Probe {
    /// For a request whose connection may take this long to make.
    pub(super) fn new(limit: Duration) -> Arc<Self> {
        Arc::new(Self {
            limit,
            begun: OnceLock::new(),
            connected: OnceLock::new(),
        })
    }

    /// When DNS, TCP and TLS of a new connection were done; `None` while they are not, and on a reused connection.
    pub(super) fn connected(&self) -> Option<Instant> {
        self.connected.get().copied()
    }

    /// A new connection is being made; the connector itself watches its time.
    pub(super) fn is_connecting(&self) -> bool {
        self.begun.get().is_some() && self.connected.get().is_none()
    }

    /// Runs a request so that its connection is seen.
    pub(super) fn watch<F: Future>(
        self: &Arc<Self>,
        request: F,
    ) -> impl Future<Output = F::Output> {
        PROBE.scope(Arc::clone(self), request)
    }
}

/// The connection was not there in time.
#[derive(Debug, thiserror::Error)]
#[error("no connection within {limit:?}")]
pub(super) struct ConnectTimedOut {
    limit: Duration,
}

/// Whether this error is our own limit on connecting.
pub(super) fn is_connect_timeout(error: &HttpError) -> bool {
    let mut source: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = source {
        if error.is::<ConnectTimedOut>() {
            return true;
        }
        source = error.source();
    }
    false
}

/// Puts [`Probe`]s around the client's connector.
#[derive(Debug, Clone, Copy)]
pub(super) struct ProbeLayer;

impl<S> Layer<S> for ProbeLayer {
    type Service = Probed<S>;

    fn layer(&self, inner: S) -> Probed<S> {
        Probed(inner)
    }
}

/// A connector that tells the request's [`Probe`].
#[derive(Debug, Clone)]
pub(super) struct Probed<S>(S);

impl<S, Address> Service<Address> for Probed<S>
where
    S: Service<Address, Error = BoxError>,
    S::Future: Send + 'static,
{
    type Response = S::Response;
    type Error = BoxError;
    type Future = Pin<Box<dyn Future<Output = Result<S::Response, BoxError>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), BoxError>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, address: Address) -> Self::Future {
        let connecting = self.0.call(address);
        Box::pin(async move {
            let Ok(limit) = PROBE.try_with(|probe| {
                probe.begun.get_or_init(Instant::now);
                probe.limit
            }) else {
                return connecting.await;
            };
            let Ok(connected) = tokio::time::timeout(limit, connecting).await else {
                return Err(ConnectTimedOut { limit }.into());
            };
            if connected.is_ok() {
                let _ = PROBE.try_with(|probe| probe.connected.get_or_init(Instant::now).elapsed());
            }
            connected
        })
    }
}
