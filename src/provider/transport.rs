//! What went wrong between us and a server, in words and kinds. Knows no wire format and retries nothing.

use super::{
    endpoint::Endpoint,
    probe,
    retry::{Setback, Stage},
};
use crate::domain::failure::{FailureKind, LaneFailure};
use reqwest::Error as HttpError;
use std::{error::Error, io};

/// The failure of a request that got no headers.
pub(super) fn before_headers(error: &HttpError, endpoint: &Endpoint) -> Setback {
    let place = &endpoint.place;
    let whom = endpoint.whom();
    let setback = |stage, kind, message| Setback {
        failure: LaneFailure::new(kind, message),
        stage,
        server_says: None,
    };
    if probe::is_connect_timeout(error) {
        let limit = endpoint.timeouts.connect;
        return setback(
            Stage::NoAnswer,
            FailureKind::Timeout,
            format!("{whom} cannot be reached within {limit:?} (connect_timeout)"),
        );
    }
    let cause = Cause::of(error);
    if let Some(tls) = &cause.tls {
        return setback(
            Stage::NoAnswerForGood,
            FailureKind::Connect,
            format!(
                "{whom} is not trusted: {tls}; a certificate authority of your own goes into [network] ca_file"
            ),
        );
    }
    if cause.is_nonsense {
        return setback(
            Stage::Stream,
            FailureKind::Protocol,
            format!("{place} does not answer in HTTP: {}", cause.words),
        );
    }
    let message = match cause.io {
        Some(io::ErrorKind::ConnectionRefused) => {
            format!("{whom} refused: is the server running?")
        }
        _ if error.is_connect() => format!("{whom} cannot be reached: {}", cause.words),
        _ => format!(
            "{place} closed the connection without an answer: {}",
            cause.words
        ),
    };
    setback(Stage::NoAnswer, FailureKind::Connect, message)
}

/// The failure of a body that broke.
pub(super) fn in_body(error: &HttpError, endpoint: &Endpoint) -> LaneFailure {
    let cause = Cause::of(error);
    let place = &endpoint.place;
    if cause.is_nonsense {
        let message = format!("{place} does not keep to HTTP: {}", cause.words);
        return LaneFailure::new(FailureKind::Protocol, message);
    }
    LaneFailure::new(
        FailureKind::Truncated,
        format!(
            "the connection to {place} broke before the answer ended: {}",
            cause.words
        ),
    )
}

/// The failure of a server that is there and says nothing.
pub(super) fn silence(endpoint: &Endpoint) -> LaneFailure {
    let (place, idle) = (&endpoint.place, endpoint.timeouts.idle);
    LaneFailure::new(
        FailureKind::Timeout,
        format!("{place} sent nothing for {idle:?} (idle_timeout)"),
    )
}

/// What lies below an error of the client.
#[derive(Debug, Default)]
struct Cause {
    /// The innermost error's own words.
    words: String,
    io: Option<io::ErrorKind>,
    tls: Option<String>,
    /// The bytes were not HTTP.
    is_nonsense: bool,
}

impl Cause {
    fn of(error: &HttpError) -> Self {
        let mut cause = Self::default();
        let mut next: Option<&(dyn Error + 'static)> = Some(error);
        while let Some(error) = next {
            cause.learn(error);
            next = error.source();
        }
        cause
    }

    fn learn(&mut self, error: &(dyn Error + 'static)) {
        // The client's own errors repeat the whole address; what lies below them does not.
        if error.downcast_ref::<HttpError>().is_none() {
            self.words = error.to_string();
        }
        if let Some(tls) = error.downcast_ref::<rustls::Error>() {
            self.tls = Some(tls.to_string());
        }
        if let Some(http) = error.downcast_ref::<hyper::Error>() {
            self.is_nonsense |= http.is_parse();
        }
        if let Some(io) = error.downcast_ref::<io::Error>() {
            self.io = Some(io.kind());
            // Bad framing of a chunked body comes as one of these.
            self.is_nonsense |= io.kind() == io::ErrorKind::InvalidInput;
            // An error inside an I/O error is not its source, but stands in for it.
            if let Some(inner) = io.get_ref() {
                self.learn(inner);
            }
        }
    }
}
