//! A lane that cannot run as it was planned: fails at once with the reason. Opens no connection.

use super::{LaneStream, Provider, Readiness, Stopwatch, check::Verdict};
use crate::domain::{
    event::{LaneEventKind, Timed},
    failure::LaneFailure,
    request::ChatRequest,
};
use futures_util::{
    future::BoxFuture,
    stream::{self, BoxStream, StreamExt},
};
use std::future::ready;

/// Fails every request, without having sent anything.
#[derive(Debug)]
pub(super) struct Refusal {
    pub(super) place: String,
    pub(super) failure: LaneFailure,
    /// It says so only when it is asked: what it shows until then is there.
    pub(super) is_quiet: bool,
}

impl Provider for Refusal {
    fn stream(&self, _request: ChatRequest, watch: Stopwatch) -> LaneStream {
        let error = self.failure.clone();
        stream::once(async move {
            Timed {
                at: watch.elapsed(),
                value: LaneEventKind::Failed { error },
            }
        })
        .boxed()
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        let readiness = if self.is_quiet {
            Readiness::Ready
        } else {
            Readiness::Failed(self.failure.clone())
        };
        stream::once(ready(readiness)).boxed()
    }

    fn check(&self, _model: String) -> BoxFuture<'static, Verdict> {
        Box::pin(ready(Verdict::wrong(self.failure.clone())))
    }

    fn place(&self) -> String {
        self.place.clone()
    }
}
