//! What all dialects share on the way out: the order of events, and the rules that hold for each of them. Reads no
//! bytes.

use super::think::{LateText, ThinkSplitter};
use crate::domain::{
    event::{FinishReason, ReasoningForm, StreamEvent},
    failure::{FailureKind, LaneFailure},
    usage::{ServerTimings, Usage, UsageSource},
};
use std::time::Duration;

/// Collects what one answer says and puts it in order: text as it comes, `Finished` last and once.
#[derive(Debug, Default)]
pub struct Flow {
    splitter: ThinkSplitter,
    finish: Option<FinishReason>,
    usage: Usage,
    server: ServerTimings,
    stage: Stage,
    is_hidden: bool,
    has_refused: bool,
}

/// How far the answer has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Stage {
    /// Nothing of the dialect has come.
    #[default]
    Unknown,
    /// It is an answer in the dialect.
    Known,
    /// It is complete, or has failed.
    Over,
}

impl Flow {
    /// Something of this dialect has come: from now on the end is an end, and not a misunderstanding.
    pub fn know(&mut self) {
        if self.stage == Stage::Unknown {
            self.stage = Stage::Known;
        }
    }

    /// Whether anything of this dialect has come.
    pub fn is_known(&self) -> bool {
        self.stage != Stage::Unknown
    }

    /// What comes from now on arrived at this time.
    pub const fn arrive(&mut self, at: Duration) {
        self.splitter.arrive(at);
    }

    /// The event of this arrival whose text came with an earlier one.
    pub const fn late(&self) -> Option<LateText> {
        self.splitter.late()
    }

    /// Text of the answer, perhaps with inline thinking.
    pub fn content(&mut self, text: &str, out: &mut Vec<StreamEvent>) {
        self.splitter.push(text, out);
    }

    /// Text of a refusal: it is the answer.
    pub fn refusal(&mut self, text: &str, out: &mut Vec<StreamEvent>) {
        self.has_refused |= !text.is_empty();
        self.content(text, out);
    }

    /// Thinking that came apart from the answer.
    pub fn reasoning(&mut self, text: &str, form: ReasoningForm, out: &mut Vec<StreamEvent>) {
        if text.is_empty() {
            return;
        }
        let text = text.to_owned();
        out.push(StreamEvent::Reasoning { text, form });
    }

    /// There was thinking, and it is not shown. Said once.
    pub fn hidden_reasoning(&mut self, out: &mut Vec<StreamEvent>) {
        if !std::mem::replace(&mut self.is_hidden, true) {
            let text = String::new();
            let form = ReasoningForm::Hidden;
            out.push(StreamEvent::Reasoning { text, form });
        }
    }

    /// Counts as the server reports them, normalised; said when they tell something new.
    pub fn usage(&mut self, usage: Usage, out: &mut Vec<StreamEvent>) {
        let usage = Usage {
            source: Some(UsageSource::Reported),
            ..usage
        };
        if usage.is_known() && usage != self.usage {
            self.usage = usage;
            out.push(StreamEvent::Usage { usage });
        }
    }

    /// Whether the server has reported counts.
    pub const fn has_usage(&self) -> bool {
        self.usage.is_known()
    }

    /// The server's own times; fields that are not known now keep what was known before.
    pub fn server(&mut self, now: ServerTimings, out: &mut Vec<StreamEvent>) {
        let before = self.server;
        let server = now.rounded().over(before);
        if server != before {
            self.server = server;
            out.push(StreamEvent::Server { server });
        }
    }

    /// The answer ended for this reason; counts and a terminator may follow, and so may a better reason.
    pub fn finish(&mut self, reason: FinishReason, out: &mut Vec<StreamEvent>) {
        self.splitter.flush(out);
        self.finish = Some(reason);
    }

    /// Whether a reason has come.
    pub const fn is_finishing(&self) -> bool {
        self.finish.is_some()
    }

    /// Whether nothing more is read: the answer is complete, or has failed.
    pub fn is_over(&self) -> bool {
        self.stage == Stage::Over
    }

    /// The terminator has come. Without a reason the answer is `truncated`.
    pub fn conclude(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        let Some(reason) = self.finish else {
            return Err(self.fail(truncated(), out));
        };
        self.stage = Stage::Over;
        self.splitter.flush(out);
        let reason = match reason {
            FinishReason::Stop if self.has_refused => FinishReason::Refusal,
            _ => reason,
        };
        out.push(StreamEvent::Finished { reason });
        Ok(())
    }

    /// The answer fails; the text that was held back is given first.
    pub fn fail(&mut self, failure: LaneFailure, out: &mut Vec<StreamEvent>) -> LaneFailure {
        self.stage = Stage::Over;
        self.splitter.flush(out);
        failure
    }
}

/// The failure of an answer that ended before it said why.
fn truncated() -> LaneFailure {
    LaneFailure::new(
        FailureKind::Truncated,
        "the stream ended before it said that the answer was complete",
    )
}
