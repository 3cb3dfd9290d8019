//! How much one lane may say and how long it may take. Reads no clock.
//!
//! A host keeps its own token limit; these are for hosts that do not, and for answers that never end.

use crate::domain::{
    event::{LaneEventKind, StreamEvent},
    failure::{FailureKind, LaneFailure},
    plan::{LanePlan, LaneSource},
    usage::Estimator,
};
use serde_json::{Map, Value};
use std::time::Duration;

/// Characters of answer and thinking after which a lane is stopped. The longest outputs of today's models, some 400 000
/// tokens, are about a third of this; beyond it an answer only fills the memory, at up to 4 bytes a character.
pub const MAX_CHARS: u64 = 4 << 20;

/// How long a lane may show no sign of life before its first request is under way. Loading a large model, or waiting for
/// a turn at a busy host, may take long; a provider that hangs must still end.
pub const QUIET_START: Duration = Duration::from_secs(3_600);

/// Estimated tokens beyond which a lane has ignored `max_tokens`: four times as many and 1024 more. An estimate is off by
/// tens of percent, and hosts round limits up or add a budget for thinking; an answer this long is neither.
const fn overrun(max_tokens: u32) -> u64 {
    max_tokens as u64 * 4 + 1_024
}

/// Counts the text of one lane against its limits.
#[derive(Debug)]
pub(super) struct Volume {
    chars: u64,
    estimate: Estimator,
    most_tokens: Option<u64>,
}

impl Volume {
    /// The limits of a plan whose answer may have so many tokens. Only an API can ignore `max_tokens`: the engine counts for itself. Where `extra` sets a limit
    /// of tokens of its own, that one counts, and it is not known here, so only [`MAX_CHARS`] holds.
    pub(super) fn of(plan: &LanePlan, max_tokens: Option<u32>) -> Self {
        Self {
            chars: 0,
            estimate: Estimator::default(),
            most_tokens: max_tokens
                .filter(|_| matches!(plan.source, LaneSource::Remote(_)))
                .filter(|_| !names_token_limit(&plan.extra))
                .map(overrun),
        }
    }

    /// Takes an event. True once the lane has said far more than it may and is to be stopped.
    pub(super) fn is_exceeded_by(&mut self, event: &StreamEvent) -> bool {
        if let StreamEvent::Answer { text } | StreamEvent::Reasoning { text, .. } = event {
            self.chars += text.chars().count() as u64;
            self.estimate.push(text);
        }
        self.chars > MAX_CHARS
            || self
                .most_tokens
                .is_some_and(|most| self.estimate.tokens() > most)
    }
}

/// How long a lane is waited for: until its request is under way, any sign of life will do; from then on the whole answer
/// has its time, and each attempt that the plan allows has it anew.
#[derive(Debug)]
pub(super) struct Patience {
    whole: Duration,
    attempts_left: u32,
    is_under_way: bool,
}

impl Patience {
    /// For one lane.
    pub(super) const fn of(plan: &LanePlan) -> Self {
        Self {
            whole: plan.timeouts.whole,
            attempts_left: plan.max_retries.saturating_add(1),
            is_under_way: false,
        }
    }

    /// How long from the last renewal.
    pub(super) const fn limit(&self) -> Duration {
        if self.is_under_way {
            self.whole
        } else {
            QUIET_START
        }
    }

    /// Takes an event. True when the time begins anew.
    pub(super) const fn is_renewed_by(&mut self, event: &LaneEventKind) -> bool {
        match event {
            LaneEventKind::Sent { .. } => {
                self.is_under_way = true;
                self.attempts_left > 0 && {
                    self.attempts_left -= 1;
                    true
                }
            }
            LaneEventKind::Queued { .. } | LaneEventKind::Loading { .. } => {
                self.is_under_way = false;
                true
            }
            LaneEventKind::Connected
            | LaneEventKind::Failed { .. }
            | LaneEventKind::Cancelled
            | LaneEventKind::Settled { .. }
            | LaneEventKind::Stream(_) => false,
        }
    }

    /// What the lane fails with when the time is over.
    pub(super) fn failure(&self) -> LaneFailure {
        let seconds = self.limit().as_secs_f64();
        let message = if self.is_under_way {
            format!("the answer was not complete after {seconds} s: raise timeout to wait longer")
        } else {
            format!("no request was sent, and nothing was heard for {seconds} s")
        };
        LaneFailure::new(FailureKind::Timeout, message)
    }
}

/// Whether a request body, at any depth, sets a limit of tokens under one of the names that hosts use:
/// `max_completion_tokens`, `maxOutputTokens`, `num_predict`, `thinking.budget_tokens` and the like.
fn names_token_limit(body: &Map<String, Value>) -> bool {
    body.iter().any(|(name, value)| {
        let name = name.to_ascii_lowercase();
        (name.contains("max") && name.contains("token"))
            || name.ends_with("predict")
            || name.contains("budget")
            || value.as_object().is_some_and(names_token_limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run::tests::remote_plan;
    use serde_json::json;

    fn tokens(count: usize) -> StreamEvent {
        StreamEvent::answer("abcd".repeat(count))
    }

    fn volume(max_tokens: Option<u32>, extra: &Value) -> Volume {
        let mut plan = remote_plan("a");
        plan.extra = extra.as_object().cloned().unwrap_or_default();
        Volume::of(&plan, max_tokens)
    }

    #[test]
    fn only_what_is_clearly_beyond_the_token_limit_exceeds_it() {
        let mut volume = volume(Some(100), &json!({ "user": "me" }));
        assert!(!volume.is_exceeded_by(&tokens(1_000)));
        assert!(!volume.is_exceeded_by(&StreamEvent::reasoning("abcd".repeat(424))));
        assert!(volume.is_exceeded_by(&tokens(1)));
    }

    #[test]
    fn a_limit_of_the_persons_own_is_not_overruled() {
        for extra in [
            json!({ "max_completion_tokens": 9_000 }),
            json!({ "generationConfig": { "maxOutputTokens": 9_000 } }),
            json!({ "options": { "num_predict": 9_000 } }),
            json!({ "thinking": { "budget_tokens": 9_000 } }),
        ] {
            assert!(!volume(Some(1), &extra).is_exceeded_by(&tokens(9_000)));
        }
        assert!(!volume(None, &json!({})).is_exceeded_by(&tokens(9_000)));
    }

    #[test]
    fn no_answer_grows_without_end() {
        let mut volume = volume(None, &json!({}));
        let piece = StreamEvent::answer("x".repeat(1 << 20));
        assert!((0..4).all(|_| !volume.is_exceeded_by(&piece)));
        assert!(volume.is_exceeded_by(&StreamEvent::reasoning("x")));
    }
}
