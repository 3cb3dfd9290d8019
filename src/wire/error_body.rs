//! Error bodies: what a server says when it does not answer, in all the envelopes that are in use. Reads no stream.

use crate::domain::failure::{FailureKind, LaneFailure};

/// The failure that a response with a status other than 2xx stands for.
///
/// `header` gives the value of a header by its lower-case name. `body` may be cut; what is kept of it is its message.
pub fn classify<'a>(
    status: u16,
    header: impl Fn(&str) -> Option<&'a str>,
    body: &[u8],
) -> LaneFailure {
    let kind = match status {
        401 => FailureKind::Auth,
        402 => FailureKind::Quota,
        403 => FailureKind::Permission,
        404 => FailureKind::NotFound,
        408 | 504 => FailureKind::Timeout,
        429 => FailureKind::RateLimited,
        503 | 529 => FailureKind::Overloaded,
        400..=499 => FailureKind::Rejected,
        500..=599 => FailureKind::Server,
        _ => FailureKind::Protocol,
    };
    let text = String::from_utf8_lossy(body);
    let failure = LaneFailure::new(kind, text.trim()).with_status(status);
    match header("retry-after").and_then(|text| text.trim().parse().ok()) {
        Some(seconds) => failure.with_retry_after(std::time::Duration::from_secs(seconds)),
        None => failure,
    }
}
