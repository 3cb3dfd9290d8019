//! Tests of downloads: limits of size and time, redirects, faults. Loopback only.

use crate::loopback::{Framing, Loopback, Reply, Step};
use std::{sync::Arc, time::Duration};
use tierscope::{
    domain::environment::Environment,
    fetch::{FetchError, Limits, Progress, fetch},
    provider::Services,
};

const LIMITS: Limits = Limits {
    bytes: 1_000,
    time: Duration::from_secs(60),
};

async fn fetched(
    server: &Loopback,
    limits: Limits,
) -> Result<(Vec<u8>, Vec<Progress>), FetchError> {
    let services = Services::new(Arc::new(Environment::default()), "tierscope".into());
    let mut steps = Vec::new();
    let body = fetch(services.http(), &server.url("/t"), limits, |step| {
        steps.push(step);
    })
    .await?;
    Ok((body, steps))
}

#[tokio::test]
async fn a_body_comes_with_its_progress() {
    let server = Loopback::start([Reply::json(200, "x".repeat(1_000))]);
    let (body, steps) = fetched(&server, LIMITS).await.unwrap();
    assert_eq!(body.len(), 1_000);
    let last = steps.last().unwrap();
    assert_eq!((last.done, last.total), (1_000, Some(1_000)));
}

#[tokio::test]
async fn more_than_the_limit_is_refused_whether_it_is_announced_or_not() {
    let body = "x".repeat(1_001);
    for reply in [
        Reply::json(200, &*body),
        Reply::status(200).framing(Framing::Chunked).send(&body),
        Reply::status(200).framing(Framing::UntilClose).send(&body),
    ] {
        let server = Loopback::start([reply]);
        let error = fetched(&server, LIMITS).await.unwrap_err();
        assert!(
            matches!(error, FetchError::TooLarge { most: 1_000, .. }),
            "{error}"
        );
    }
}

#[tokio::test]
async fn a_server_that_stalls_is_left() {
    let limits = Limits {
        time: Duration::from_millis(100),
        ..LIMITS
    };
    let reply = Reply::status(200)
        .framing(Framing::ClaimedLength(10))
        .send("{")
        .step(Step::Stall);
    let server = Loopback::start([reply]);
    let error = fetched(&server, limits).await.unwrap_err();
    assert!(matches!(error, FetchError::TooSlow { .. }), "{error}");
}

#[tokio::test]
async fn a_body_that_is_cut_and_redirects_without_an_end_are_failures() {
    let cut = Reply::status(200)
        .framing(Framing::ClaimedLength(10))
        .send("{")
        .step(Step::Cut);
    let error = fetched(&Loopback::start([cut]), LIMITS).await.unwrap_err();
    assert!(matches!(error, FetchError::Unreachable { .. }), "{error}");
    let server = Loopback::start([Reply::redirect(302, "/t")]);
    let error = fetched(&server, LIMITS).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirects(_)), "{error}");
    assert_eq!(server.requests().len(), 6, "the first and five more");
    let nowhere = Loopback::start([Reply::status(302)]);
    let error = fetched(&nowhere, LIMITS).await.unwrap_err();
    assert!(matches!(error, FetchError::Redirects(_)), "{error}");
}
