//! A lane at an API. Everything that can be wrong before a request is wrong when the lane is built.

use super::{
    LaneStream, Provider, Stopwatch,
    check::{self, Verdict},
    endpoint::Endpoint,
    lane_stream,
};
use crate::domain::request::ChatRequest;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// A lane at an API.
#[derive(Debug)]
pub(super) struct RemoteLane(pub(super) Arc<Endpoint>);

impl Provider for RemoteLane {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        lane_stream::open(Arc::clone(&self.0), request, watch)
    }

    fn check(&self, model: String) -> BoxFuture<'static, Verdict> {
        let endpoint = Arc::clone(&self.0);
        Box::pin(async move { check::ask(&endpoint, &model).await })
    }

    fn place(&self) -> String {
        self.0.place.clone()
    }
}
