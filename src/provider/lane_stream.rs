//! One lane's stream over HTTP: sends, stamps what arrives before it is parsed, tries again before the first piece.
//!
//! Runs inside the stream that it fills: dropping that drops the request and closes its connection. The limit on the
//! whole answer belongs to the run.

use super::{
    LaneStream, Stopwatch,
    emitter::Emitter,
    endpoint::Endpoint,
    probe::Probe,
    reading,
    retry::{Setback, Stage},
    transport,
};
use crate::{
    domain::{
        event::{LaneEventKind, RetryWait, StreamEvent},
        failure::{FailureKind, LaneFailure},
        request::ChatRequest,
        usage::ServerTimings,
    },
    wire::error_body,
};
use reqwest::{
    Client, Request, Response, StatusCode, Url,
    header::{CONTENT_ENCODING, HeaderMap, LOCATION},
};
use std::{
    future::poll_fn,
    pin::pin,
    sync::Arc,
    task::Poll,
    time::{Duration, Instant},
};
use tokio::sync::SemaphorePermit;

/// The most that is read of a body that explains a failure.
const ERROR_BODY_BYTES: usize = 64 * 1024;
/// How long such a body may take.
const ERROR_BODY_TIME: Duration = Duration::from_secs(10);

/// Opens the stream of one request; nothing is sent before it is polled.
pub(super) fn open(endpoint: Arc<Endpoint>, request: ChatRequest, watch: Stopwatch) -> LaneStream {
    Emitter::run(move |out| async move {
        ask(&endpoint, &request, watch, &out).await;
    })
}

/// Asks, and notes all that happens; gives the kind of the failure, if it failed.
pub(super) async fn ask(
    endpoint: &Endpoint,
    request: &ChatRequest,
    watch: Stopwatch,
    out: &Emitter,
) -> Option<FailureKind> {
    let ask = Ask {
        endpoint,
        watch,
        out,
    };
    let failure = ask.run(request).await.err()?;
    let kind = failure.kind;
    let error = endpoint.mask(failure);
    out.note(watch.elapsed(), LaneEventKind::Failed { error });
    Some(kind)
}

/// One request with its attempts.
pub(super) struct Ask<'a> {
    pub(super) endpoint: &'a Endpoint,
    pub(super) watch: Stopwatch,
    pub(super) out: &'a Emitter,
}

impl Ask<'_> {
    async fn run(&self, request: &ChatRequest) -> Result<(), LaneFailure> {
        let client = self.endpoint.http.client().await?;
        let request = self.endpoint.request(&client, request)?;
        let _turn = self.turn().await?;
        let mut attempt = 1;
        loop {
            let again = self.endpoint.sealed(copy(&request)?)?;
            let Err(setback) = self.attempt(&client, again, attempt).await else {
                return Ok(());
            };
            let wait = setback
                .wait(attempt)
                .filter(|_| attempt <= self.endpoint.max_retries);
            let Some(wait) = wait else {
                return Err(setback.into_failure());
            };
            let retry = RetryWait {
                kind: setback.failure.kind,
                after_ms: u64::try_from(wait.as_millis()).unwrap_or(u64::MAX),
            };
            self.note(LaneEventKind::Queued { retry: Some(retry) });
            self.out.flush().await;
            tokio::time::sleep(wait).await;
            attempt += 1;
        }
    }

    /// Waits until the host may get one more request.
    async fn turn(&self) -> Result<SemaphorePermit<'_>, LaneFailure> {
        if let Ok(turn) = self.endpoint.turns.try_acquire() {
            return Ok(turn);
        }
        self.note(LaneEventKind::Queued { retry: None });
        let turn = self.endpoint.turns.acquire().await;
        turn.map_err(|error| LaneFailure::new(FailureKind::Connect, error.to_string()))
    }

    async fn attempt(
        &self,
        client: &Client,
        request: Request,
        attempt: u32,
    ) -> Result<(), Setback> {
        let probe = Probe::new(self.endpoint.timeouts.connect);
        let sent = Instant::now();
        self.out
            .note(self.watch.at(sent), LaneEventKind::Sent { attempt });
        let url = request.url().clone();
        let response = self.headers(client, request, &probe, sent).await?;
        let status = response.status();
        if status.is_success() {
            refuse_compressed(&response, self.endpoint).map_err(Setback::late)?;
            if let Some(server) = told_by_headers(response.headers()) {
                self.note(LaneEventKind::Stream(StreamEvent::Server { server }));
            }
            return reading::read(self, response).await.map_err(Setback::late);
        }
        if status.is_redirection() {
            return Err(Setback::late(redirected(&response, &url)));
        }
        Err(self.explain(status, response).await)
    }

    /// Sends, and waits for the headers.
    async fn headers(
        &self,
        client: &Client,
        request: Request,
        probe: &Arc<Probe>,
        sent: Instant,
    ) -> Result<Response, Setback> {
        let idle = self.endpoint.timeouts.idle;
        let mut sending = pin!(probe.watch(client.execute(request)));
        let mut late = pin!(tokio::time::sleep(idle));
        let mut is_announced = false;
        poll_fn(|cx| {
            let polled = sending.as_mut().poll(cx);
            if let Some(at) = probe.connected().filter(|_| !is_announced) {
                is_announced = true;
                self.out.note(self.watch.at(at), LaneEventKind::Connected);
            }
            if let Poll::Ready(result) = polled {
                if result
                    .as_ref()
                    .is_ok_and(|response| response.status().is_success())
                {
                    self.note(LaneEventKind::Stream(StreamEvent::Accepted));
                }
                return Poll::Ready(
                    result.map_err(|error| transport::before_headers(&error, self.endpoint)),
                );
            }
            while late.as_mut().poll(cx).is_ready() {
                // The clock of the first byte starts with the connection; making one has a limit of its own.
                let waited_since = probe.connected().unwrap_or(sent);
                let rest = idle.saturating_sub(waited_since.elapsed());
                if rest.is_zero() && !probe.is_connecting() {
                    return Poll::Ready(Err(Setback::late(transport::silence(self.endpoint))));
                }
                let next = if rest.is_zero() { idle } else { rest };
                late.set(tokio::time::sleep(next.max(Duration::from_millis(1))));
            }
            Poll::Pending
        })
        .await
    }

    /// Reads why the server does not answer.
    async fn explain(&self, status: StatusCode, mut response: Response) -> Setback {
        let mut body = Vec::new();
        let is_compressed = encoding(response.headers()).is_some();
        let reading = async {
            while body.len() < ERROR_BODY_BYTES && !is_compressed {
                match response.chunk().await {
                    Ok(Some(bytes)) => body.extend_from_slice(&bytes),
                    Ok(None) | Err(_) => break,
                }
            }
        };
        let limit = ERROR_BODY_TIME.min(self.endpoint.timeouts.idle);
        let _ = tokio::time::timeout(limit, reading).await; // what came by then has to do
        body.truncate(ERROR_BODY_BYTES);
        let body = self.endpoint.mask_bytes(body);
        let header = |name: &str| response.headers().get(name)?.to_str().ok();
        let mut failure = error_body::classify(status.as_u16(), header, &body);
        let mut server_says = header("x-should-retry").and_then(|text| text.trim().parse().ok());
        let daily =
            error_body::daily_limit(&body).filter(|_| status == StatusCode::TOO_MANY_REQUESTS);
        if let Some(when) = daily {
            failure.message = format!("{}; {when}", failure.message);
            server_says = Some(false);
        }
        Setback {
            failure,
            stage: Stage::Status,
            server_says,
        }
    }

    pub(super) fn note(&self, kind: LaneEventKind) {
        self.out.note(self.watch.elapsed(), kind);
    }
}

fn copy(request: &Request) -> Result<Request, LaneFailure> {
    request
        .try_clone()
        .ok_or_else(|| LaneFailure::new(FailureKind::Rejected, "the request cannot be sent twice"))
}

/// The server's own time until it began to answer, where a header tells it: OpenAI in milliseconds, Fireworks in
/// seconds.
fn told_by_headers(headers: &HeaderMap) -> Option<ServerTimings> {
    const TIMES: [(&str, f64); 2] = [
        ("openai-processing-ms", 1.0),
        ("fireworks-server-time-to-first-token", 1e3),
    ];
    let time = |(name, unit): &(&str, f64)| {
        let time: f64 = headers.get(*name)?.to_str().ok()?.trim().parse().ok()?;
        (0.0..1e9).contains(&time).then_some(time * unit)
    };
    let ttft_ms = TIMES.iter().find_map(time);
    ttft_ms.is_some().then(|| {
        ServerTimings {
            ttft_ms,
            ..ServerTimings::default()
        }
        .rounded()
    })
}

/// A compressed body is not read at all: it was not asked for, and may unpack to anything.
fn refuse_compressed(response: &Response, endpoint: &Endpoint) -> Result<(), LaneFailure> {
    match encoding(response.headers()) {
        None => Ok(()),
        Some(encoding) => Err(LaneFailure::new(
            FailureKind::Protocol,
            format!(
                "{} compressed its answer ({encoding}), which was not asked for",
                endpoint.place
            ),
        )),
    }
}

fn encoding(headers: &HeaderMap) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(CONTENT_ENCODING)?.as_bytes()).into_owned();
    let value = value.trim().to_ascii_lowercase();
    (!value.is_empty() && value != "identity").then_some(value)
}

/// Redirects are never followed: the key would go where the person has not sent it.
pub(super) fn redirected(response: &Response, from: &Url) -> LaneFailure {
    let location = response
        .headers()
        .get(LOCATION)
        .and_then(|value| value.to_str().ok());
    let target = location.and_then(|location| from.join(location).ok());
    let message = match target {
        Some(to) if to.origin() == from.origin() => format!(
            "the server redirects to {}, which is not followed; is the base_url right?",
            to.path()
        ),
        Some(to) => format!(
            "the server redirects to {}, which is not followed, so that no key gets there",
            to.origin().ascii_serialization()
        ),
        None => "the server redirects to nowhere".to_owned(),
    };
    LaneFailure::new(FailureKind::Protocol, message).with_status(response.status().as_u16())
}
