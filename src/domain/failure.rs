//! Why a lane failed. A failed lane is a result, not a crash: the others go on.

use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// How the failure of a lane without a key begins.
const NO_KEY: &str = "no key";

/// The failure of one lane, as it is shown, stored and printed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LaneFailure {
    /// What kind of failure.
    pub kind: FailureKind,
    /// The server's own words, or ours; never a key. Untrusted: faces sanitise it before they show it.
    pub message: String,
    /// The HTTP status, where there was one.
    #[serde(default)]
    pub status: Option<u16>,
    /// How long the server asks to wait, in milliseconds.
    #[serde(default)]
    pub retry_after_ms: Option<u64>,
}

impl LaneFailure {
    /// A failure that no HTTP status belongs to.
    pub fn new(kind: FailureKind, message: impl Into<String>) -> Self {
        Self {
            kind,
            message: message.into(),
            status: None,
            retry_after_ms: None,
        }
    }

    /// No key was found in these variables, so nothing was sent.
    pub fn no_key(variables: &str) -> Self {
        let message =
            format!("{NO_KEY}: set {variables}, or name another variable with api_key_env");
        Self::new(FailureKind::Auth, message)
    }

    /// Whether there was no key to send, as opposed to a wrong one.
    pub fn is_no_key(&self) -> bool {
        self.kind == FailureKind::Auth && self.status.is_none() && self.message.starts_with(NO_KEY)
    }

    /// The words a person reads for its kind.
    pub fn words(&self) -> &'static str {
        if self.is_no_key() {
            NO_KEY
        } else {
            self.kind.words()
        }
    }

    /// The same failure with the HTTP status that came with it.
    #[must_use]
    pub fn with_status(mut self, status: u16) -> Self {
        self.status = Some(status);
        self
    }

    /// The same failure with the wait that the server asked for.
    #[must_use]
    pub fn with_retry_after(mut self, wait: Duration) -> Self {
        self.retry_after_ms = u64::try_from(wait.as_millis()).ok();
        self
    }
}

impl fmt::Display for LaneFailure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.status {
            Some(status) => write!(out, "{status} {}: {}", self.kind, self.message),
            None => write!(out, "{}: {}", self.kind, self.message),
        }
    }
}

/// The kinds of failure that scripts can rely on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FailureKind {
    /// A missing or wrong key.
    Auth,
    /// The key is good, but not for this.
    Permission,
    /// No such model or address.
    NotFound,
    /// The server does not accept the request.
    Rejected,
    /// The prompt is longer than the model's context.
    ContextLength,
    /// Too many requests or tokens in a short time.
    RateLimited,
    /// The account's budget is used up.
    Quota,
    /// The server has no capacity now.
    Overloaded,
    /// The server failed.
    Server,
    /// No connection, or lost before the headers.
    Connect,
    /// Too slow: to connect, to begin, between two pieces, or as a whole.
    Timeout,
    /// The stream ended or broke before it said why.
    Truncated,
    /// Not an answer in the host's dialect.
    Protocol,
    /// The prompt was blocked by the provider.
    Blocked,
    /// The local engine or its GGUF file failed.
    Engine,
}

impl FailureKind {
    /// The word used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Auth => "auth",
            Self::Permission => "permission",
            Self::NotFound => "not_found",
            Self::Rejected => "rejected",
            Self::ContextLength => "context_length",
            Self::RateLimited => "rate_limited",
            Self::Quota => "quota",
            Self::Overloaded => "overloaded",
            Self::Server => "server",
            Self::Connect => "connect",
            Self::Timeout => "timeout",
            Self::Truncated => "truncated",
            Self::Protocol => "protocol",
            Self::Blocked => "blocked",
            Self::Engine => "engine",
        }
    }

    /// Whether such a failure, even before the first byte of an answer, leaves open what the host did, and charges for.
    pub const fn is_untold(self) -> bool {
        matches!(self, Self::Timeout | Self::Truncated | Self::Protocol)
    }

    /// The words a person reads on a pane.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Auth => "wrong key",
            Self::Permission => "not permitted",
            Self::NotFound => "not found",
            Self::Rejected => "rejected",
            Self::ContextLength => "prompt too long",
            Self::RateLimited => "rate limited",
            Self::Quota => "quota used up",
            Self::Overloaded => "overloaded",
            Self::Server => "server error",
            Self::Connect => "no connection",
            Self::Timeout => "timed out",
            Self::Truncated => "cut off",
            Self::Protocol => "not understood",
            Self::Blocked => "blocked",
            Self::Engine => "engine failed",
        }
    }
}

impl fmt::Display for FailureKind {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.pad(self.words())
    }
}
