//! Whether a failed attempt is tried again, and after how long. Waits for nothing itself.

use crate::domain::failure::{FailureKind, LaneFailure};
use std::{
    hash::{BuildHasher, RandomState},
    time::Duration,
};

/// The first wait; it doubles with every attempt.
const FIRST: Duration = Duration::from_millis(500);
/// The longest wait of our own choosing.
const LONGEST: Duration = Duration::from_secs(8);
/// A server that asks for more than this is not waited for: the person is told instead.
const MOST_PATIENT: Duration = Duration::from_secs(60);

/// An attempt that failed before its first piece.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Setback {
    /// Why.
    pub(super) failure: LaneFailure,
    /// Where it broke.
    pub(super) stage: Stage,
    /// What `x-should-retry` said.
    pub(super) server_says: Option<bool>,
}

/// How far an attempt came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Stage {
    /// Nobody answered: refused, lost or too slow to connect, or lost before the headers.
    NoAnswer,
    /// No answer, for a reason that stays: a certificate, an address.
    NoAnswerForGood,
    /// The server answered with a status that is not 2xx.
    Status,
    /// Anything after that: the stream had begun, or was none.
    Stream,
}

impl Setback {
    /// A failure after which nothing is tried again: the answer had begun, or was none.
    pub(super) const fn late(failure: LaneFailure) -> Self {
        Self {
            failure,
            stage: Stage::Stream,
            server_says: None,
        }
    }

    /// The wait before the attempt after this one; `None` when there must be none. Attempts count from 1.
    pub(super) fn wait(&self, attempt: u32) -> Option<Duration> {
        let asked = self.failure.retry_after_ms.map(Duration::from_millis);
        if !self.is_passing() || asked > Some(MOST_PATIENT) {
            return None;
        }
        Some(asked.unwrap_or_else(|| backoff(attempt, random())))
    }

    /// The failure as the person reads it: where the server asks for more patience than we have, with when it would be
    /// possible again.
    pub(super) fn into_failure(self) -> LaneFailure {
        let mut failure = self.failure;
        let asked = failure.retry_after_ms.map(Duration::from_millis);
        if let Some(wait) = asked.filter(|wait| *wait > MOST_PATIENT) {
            failure.message = format!("{}; possible again in {}", failure.message, span(wait));
        }
        failure
    }

    fn is_passing(&self) -> bool {
        match self.stage {
            Stage::NoAnswer => true,
            Stage::NoAnswerForGood | Stage::Stream => false,
            Stage::Status => match (self.failure.kind, self.failure.status) {
                // The budget does not fill up by asking again, nor does a key get right.
                (FailureKind::Quota | FailureKind::Auth | FailureKind::ContextLength, _) => false,
                (_, Some(408 | 409 | 429 | 500..)) => self.server_says.unwrap_or(true),
                _ => false,
            },
        }
    }
}

/// Between half and all of `FIRST` × 2^(attempt − 1), at most `LONGEST`: many lanes that were refused together must not
/// come back together.
fn backoff(attempt: u32, random: f64) -> Duration {
    let doubled = FIRST.saturating_mul(
        1_u32
            .checked_shl(attempt.saturating_sub(1))
            .unwrap_or(u32::MAX),
    );
    doubled.min(LONGEST).mul_f64(0.5 + random / 2.0)
}

/// A long time in its two largest units, rounded up: `59 min 30 s`, `2 h 1 min`, `3 days 4 h`.
fn span(time: Duration) -> String {
    let seconds = time.as_millis().div_ceil(1_000);
    let (minutes, rest) = (seconds / 60, seconds % 60);
    if minutes < 60 {
        return format!("{minutes} min {rest} s");
    }
    let minutes = seconds.div_ceil(60);
    let (hours, rest) = (minutes / 60, minutes % 60);
    if hours < 48 {
        return format!("{hours} h {rest} min");
    }
    let hours = minutes.div_ceil(60);
    match (hours / 24, hours % 24) {
        (days @ 31.., _) => format!("{days} days or more, as the server says"),
        (days, rest) => format!("{days} days {rest} h"),
    }
}

/// From 0 to 1, unlike the last one; nothing depends on how good it is.
fn random() -> f64 {
    RandomState::new().hash_one(0) as f64 / u64::MAX as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn setback(kind: FailureKind, status: u16) -> Setback {
        Setback {
            failure: LaneFailure::new(kind, "").with_status(status),
            stage: Stage::Status,
            server_says: None,
        }
    }

    #[test]
    fn only_what_may_pass_is_tried_again() {
        let passing = [
            (FailureKind::Timeout, 408),
            (FailureKind::Rejected, 409),
            (FailureKind::RateLimited, 429),
            (FailureKind::Server, 500),
            (FailureKind::Overloaded, 503),
            (FailureKind::Timeout, 504),
            (FailureKind::Overloaded, 529),
        ];
        for (kind, status) in passing {
            assert!(setback(kind, status).wait(1).is_some(), "{status}");
        }
        let lasting = [
            (FailureKind::Rejected, 400),
            (FailureKind::Auth, 401),
            (FailureKind::Quota, 402),
            (FailureKind::Quota, 429),
            (FailureKind::Permission, 403),
            (FailureKind::NotFound, 404),
            (FailureKind::Rejected, 422),
        ];
        for (kind, status) in lasting {
            assert_eq!(setback(kind, status).wait(1), None, "{kind} {status}");
        }
        let overloaded = setback(FailureKind::Overloaded, 529);
        for (stage, is_tried) in [
            (Stage::NoAnswer, true),
            (Stage::NoAnswerForGood, false),
            (Stage::Stream, false),
        ] {
            let setback = Setback {
                stage,
                ..overloaded.clone()
            };
            assert_eq!(setback.wait(1).is_some(), is_tried, "{stage:?}");
        }
    }

    #[test]
    fn the_server_has_the_word() {
        let mut busy = setback(FailureKind::Overloaded, 529);
        busy.server_says = Some(false);
        assert_eq!(busy.wait(1), None);

        let mut limited = setback(FailureKind::RateLimited, 429);
        limited.failure.retry_after_ms = Some(1_700);
        assert_eq!(limited.wait(1), Some(Duration::from_millis(1_700)));
        limited.failure.retry_after_ms = Some(3_600_000);
        assert_eq!(limited.wait(1), None);
    }

    #[test]
    fn too_long_a_wait_is_told() {
        let told = |ms| {
            let mut limited = setback(FailureKind::RateLimited, 429);
            limited.failure.message = "Slow down".to_owned();
            limited.failure.retry_after_ms = ms;
            limited.into_failure().message
        };
        assert_eq!(told(None), "Slow down");
        assert_eq!(told(Some(60_000)), "Slow down");
        assert_eq!(told(Some(60_001)), "Slow down; possible again in 1 min 1 s");
        assert_eq!(
            told(Some(3_570_000)),
            "Slow down; possible again in 59 min 30 s"
        );
        assert_eq!(
            told(Some(7_259_500)),
            "Slow down; possible again in 2 h 1 min"
        );
        let (day, month) = (86_400_000, 31 * 86_400_000);
        assert_eq!(
            told(Some(3 * day + 1)),
            "Slow down; possible again in 3 days 1 h"
        );
        assert_eq!(
            told(Some(month)),
            "Slow down; possible again in 31 days or more, as the server says"
        );
    }

    #[test]
    fn waits_grow_up_to_a_cap() {
        assert_eq!(backoff(1, 0.0), Duration::from_millis(250));
        assert_eq!(backoff(1, 1.0), Duration::from_millis(500));
        assert_eq!(backoff(3, 1.0), Duration::from_secs(2));
        assert_eq!(backoff(99, 1.0), LONGEST);
        assert_ne!(random().to_bits(), random().to_bits());
    }
}
