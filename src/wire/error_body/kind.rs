//! Which kind of failure an error is: by its status first, then by its words. Reads no body.

use super::{envelope::Envelope, vendors};
use crate::domain::failure::FailureKind;

/// The kind of an error with a status. Words matter where one status stands for several kinds.
pub fn by_status(status: u16, envelope: &Envelope) -> FailureKind {
    if matches!(status, 400 | 402..=404 | 412 | 413 | 422 | 429 | 500)
        && let Some(kind) = vendors::kind_of(status, &envelope.words, &envelope.message)
    {
        return kind;
    }
    let said = Said::of(envelope);
    match status {
        400 | 422 => said
            .finer(&[
                Rule::Auth,
                Rule::Quota,
                Rule::Blocked,
                Rule::Context,
                Rule::NotFound,
            ])
            .unwrap_or(FailureKind::Rejected),
        401 => FailureKind::Auth,
        402 => FailureKind::Quota,
        403 => said
            .finer(&[Rule::Quota, Rule::Blocked, Rule::Context])
            .unwrap_or(FailureKind::Permission),
        404 => FailureKind::NotFound,
        408 | 504 => FailureKind::Timeout,
        413 => said
            .finer(&[Rule::Context])
            .unwrap_or(FailureKind::Rejected),
        // A wait that is named makes it a limit of the moment, whatever the words say about quotas.
        429 if envelope.wait.is_some() => FailureKind::RateLimited,
        429 => said
            .finer(&[Rule::Quota])
            .unwrap_or(FailureKind::RateLimited),
        503 | 529 => FailureKind::Overloaded,
        400..=499 => FailureKind::Rejected,
        500..=599 => said.finer(&[Rule::Context]).unwrap_or(FailureKind::Server),
        _ => FailureKind::Protocol,
    }
}

/// The kind of an error inside of a stream: by the status that its body names, if any, else by its words.
pub fn by_words(envelope: &Envelope) -> FailureKind {
    if let Some(status) = envelope.status {
        return by_status(status, envelope);
    }
    if let Some(kind) = vendors::kind_of(0, &envelope.words, &envelope.message) {
        return kind;
    }
    Said::of(envelope)
        .finer(&[
            Rule::Context,
            Rule::Overloaded,
            Rule::Auth,
            Rule::Quota,
            Rule::RateLimited,
            Rule::Permission,
            Rule::Blocked,
            Rule::NotFound,
            Rule::Timeout,
            Rule::Rejected,
        ])
        .unwrap_or(FailureKind::Server)
}

/// A kind that words can tell.
#[derive(Clone, Copy)]
enum Rule {
    Auth,
    Permission,
    NotFound,
    Rejected,
    Context,
    RateLimited,
    Quota,
    Overloaded,
    Timeout,
    Blocked,
}

/// What was said, in lower case.
struct Said<'a> {
    words: &'a str,
    message: String,
}

impl<'a> Said<'a> {
    fn of(envelope: &'a Envelope) -> Self {
        Self {
            words: &envelope.words,
            message: envelope.message.to_lowercase(),
        }
    }

    /// The first of these kinds that the words tell.
    fn finer(&self, rules: &[Rule]) -> Option<FailureKind> {
        rules
            .iter()
            .find(|rule| self.tells(**rule))
            .map(|rule| rule.kind())
    }

    fn tells(&self, rule: Rule) -> bool {
        let in_words = rule.words().iter().any(|word| self.words.contains(word));
        let in_message = rule
            .phrases()
            .iter()
            .any(|phrase| self.message.contains(phrase));
        in_words || in_message || (matches!(rule, Rule::NotFound) && self.misses_model())
    }

    fn misses_model(&self) -> bool {
        self.message.contains("model")
            && ["not found", "does not exist", "not a valid model"]
                .iter()
                .any(|phrase| self.message.contains(phrase))
    }
}

impl Rule {
    const fn kind(self) -> FailureKind {
        match self {
            Self::Auth => FailureKind::Auth,
            Self::Permission => FailureKind::Permission,
            Self::NotFound => FailureKind::NotFound,
            Self::Rejected => FailureKind::Rejected,
            Self::Context => FailureKind::ContextLength,
            Self::RateLimited => FailureKind::RateLimited,
            Self::Quota => FailureKind::Quota,
            Self::Overloaded => FailureKind::Overloaded,
            Self::Timeout => FailureKind::Timeout,
            Self::Blocked => FailureKind::Blocked,
        }
    }

    /// Words for machines that tell the kind.
    const fn words(self) -> &'static [&'static str] {
        match self {
            Self::Auth => &[
                "invalid_api_key",
                "api_key_invalid",
                "authentication",
                "unauthenticated",
                "unauthorized",
            ],
            Self::Permission => &["permission", "forbidden", "accessdenied", "access_denied"],
            Self::NotFound => &[
                "model_not_found",
                "not_found",
                "invalid_model",
                "deploymentnotfound",
                "resourcenotfound",
            ],
            Self::Rejected => &[
                "invalid",
                "bad request",
                "bad_request",
                "validation",
                "unsupported",
            ],
            Self::Context => &[
                "context_length_exceeded",
                "exceed_context_size",
                "too_many_tokens",
                "too_many_prompt_tokens",
            ],
            Self::RateLimited => &[
                "rate_limit",
                "ratelimit",
                "resource_exhausted",
                "throttling",
            ],
            Self::Quota => &[
                "insufficient_quota",
                "billing",
                "quota_exceeded",
                "quotaexceeded",
                "insufficient_balance",
            ],
            Self::Overloaded => &["overloaded", "unavailable"],
            Self::Timeout => &["timeout", "deadline_exceeded"],
            Self::Blocked => &[
                "content_filter",
                "content_policy",
                "responsibleaipolicyviolation",
            ],
        }
    }

    /// Phrases for people that tell the kind.
    const fn phrases(self) -> &'static [&'static str] {
        match self {
            Self::Auth => &[
                "incorrect api key",
                "invalid api key",
                "api key not valid",
                "api key is invalid",
                "invalid x-api-key",
            ],
            Self::Permission => &["permission denied", "access denied"],
            Self::NotFound => &[
                "model identifier is invalid",
                "no such model",
                "unknown model",
            ],
            Self::Rejected => &[],
            Self::Context => &[
                "prompt is too long",
                "prompt too long",
                "input is too long",
                "maximum context length",
                "max context length",
                "context window",
                "context length",
                "context size",
                "too many tokens",
                "input tokens exceed",
                "input token count",
                "messages is too long",
            ],
            Self::RateLimited => &["rate limit", "too many requests"],
            Self::Quota => &[
                "exceeded your current quota",
                "insufficient balance",
                "insufficient credits",
                "credit balance",
            ],
            Self::Overloaded => &["overloaded", "high demand", "loading model"],
            Self::Timeout => &["timed out"],
            Self::Blocked => &[
                "content management policy",
                "input was flagged",
                "prompt was flagged",
            ],
        }
    }
}
