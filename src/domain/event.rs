//! The events of a lane: the one stream that every face, the history and the reports fold. Serialised, they are a tape.

use super::{
    failure::{FailureKind, LaneFailure},
    id::LaneId,
    usage::{ServerTimings, Usage},
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One thing that happened on one lane.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneEvent {
    /// Which lane.
    pub lane: LaneId,
    /// When, since the run began. Pieces of one read share it.
    pub at: Duration,
    /// What.
    pub kind: LaneEventKind,
}

/// A value with the time at which it arrived, since the run began.
#[derive(Debug, Clone, PartialEq)]
pub struct Timed<T> {
    /// When, since the run began.
    pub at: Duration,
    /// What.
    pub value: T,
}

/// All that can happen on a lane.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum LaneEventKind {
    /// Waits: for its turn, or to try again.
    Queued {
        /// Why and how long, when this is the wait before another attempt.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        retry: Option<RetryWait>,
    },
    /// The model is being loaded.
    Loading {
        /// 0 to 100.
        percent: u8,
    },
    /// The request was handed to the transport; the last one is t0 of every timing.
    Sent {
        /// Counts from 1.
        attempt: u32,
    },
    /// A new connection stands: DNS, TCP and TLS are done. Absent where a connection was reused.
    Connected,
    /// The lane failed; what had arrived is kept.
    Failed {
        /// Why.
        error: LaneFailure,
    },
    /// The person stopped the lane; what had arrived is kept.
    Cancelled,
    /// Nothing more will come from this lane.
    Settled {
        /// Our own back-pressure may have moved a number of this lane.
        disturbed: bool,
    },
    /// What the model's side says.
    #[serde(untagged)]
    Stream(StreamEvent),
}

/// All that a dialect or the engine can say. Texts are never empty.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "snake_case")]
pub enum StreamEvent {
    /// Headers received, or an engine slot taken.
    Accepted,
    /// How much of the prompt has been read.
    Prefill {
        /// Tokens read.
        done: u32,
        /// Tokens of the prompt.
        total: u32,
    },
    /// A piece of thinking.
    Reasoning {
        /// The piece; empty only where `form` is [`ReasoningForm::Hidden`].
        text: String,
        /// Whether this is the thinking itself.
        #[serde(default, skip_serializing_if = "ReasoningForm::is_raw")]
        form: ReasoningForm,
    },
    /// A piece of the answer.
    Answer {
        /// The piece.
        text: String,
    },
    /// Token counts so far; the last ones win.
    Usage {
        /// The counts.
        usage: Usage,
    },
    /// The server's own timings; the last ones win.
    Server {
        /// The timings.
        server: ServerTimings,
    },
    /// The stream said why it ended. Comes last, once.
    Finished {
        /// Why.
        reason: FinishReason,
    },
}

impl StreamEvent {
    /// A piece of the answer.
    pub fn answer(text: impl Into<String>) -> Self {
        Self::Answer { text: text.into() }
    }

    /// A piece of thinking, as it is thought.
    pub fn reasoning(text: impl Into<String>) -> Self {
        Self::Reasoning {
            text: text.into(),
            form: ReasoningForm::Raw,
        }
    }

    /// A piece of a summary of the thinking.
    pub fn reasoning_summary(text: impl Into<String>) -> Self {
        Self::Reasoning {
            text: text.into(),
            form: ReasoningForm::Summary,
        }
    }
}

/// Whether streamed thinking is the thinking itself, which decides the window of the decode rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReasoningForm {
    /// Streamed as it is thought.
    #[default]
    Raw,
    /// A summary of it (Anthropic, Gemini thoughts, `reasoning_summary_text`).
    Summary,
    /// The stream says that there was thinking and does not show it. Starts no clock.
    Hidden,
}

impl ReasoningForm {
    #[allow(clippy::trivially_copy_pass_by_ref)] // the signature that serde asks for
    const fn is_raw(&self) -> bool {
        matches!(self, Self::Raw)
    }
}

/// Why an answer ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FinishReason {
    /// The model ended, or a stop text was met.
    Stop,
    /// The token limit or the context was reached.
    Length,
    /// A filter of the provider cut it.
    ContentFilter,
    /// The model refused.
    Refusal,
    /// The model wants to call a tool.
    ToolCalls,
    /// Any other reason that the server named.
    Other,
}

impl FinishReason {
    /// The word used in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stop => "stop",
            Self::Length => "length",
            Self::ContentFilter => "content_filter",
            Self::Refusal => "refusal",
            Self::ToolCalls => "tool_calls",
            Self::Other => "other",
        }
    }
}

/// The wait before another attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RetryWait {
    /// Why the last attempt failed.
    pub kind: FailureKind,
    /// How long the wait is, in milliseconds.
    pub after_ms: u64,
}
