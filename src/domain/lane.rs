//! The reducer of one lane: the only place where events become text, phase, counts and times.

use super::{
    cost::Price,
    event::{FinishReason, LaneEventKind, ReasoningForm, RetryWait, StreamEvent},
    failure::LaneFailure,
    figures,
    metrics::{Rates, Speed, Thinking, Timing},
    plan::LanePlan,
    timeline::Timeline,
    usage::{Estimator, ServerTimings, Usage, UsageSource},
};
use std::time::Duration;

/// A server that took less to find its model had it loaded already.
const LOAD_WORTH_SAYING_MS: f64 = 200.0;

/// Where a lane stands.
#[derive(Debug, Clone, PartialEq, Default)]
pub enum Phase {
    /// Waits for its turn, or to try again.
    #[default]
    Queued,
    /// The model is being loaded.
    Loading {
        /// 0 to 100.
        percent: u8,
    },
    /// Sent, no headers yet.
    Connecting,
    /// The model reads the prompt. `total` is 0 where the server does not tell.
    Prefill {
        /// Tokens read.
        done: u32,
        /// Tokens of the prompt.
        total: u32,
    },
    /// Thinking arrives.
    Thinking,
    /// The answer arrives.
    Answering,
    /// Ended, and said why.
    Done(FinishReason),
    /// Failed; what had arrived is kept.
    Failed(LaneFailure),
    /// Stopped by the person; what had arrived is kept.
    Cancelled,
}

impl Phase {
    /// Whether the lane has ended.
    pub const fn is_terminal(&self) -> bool {
        matches!(self, Self::Done(_) | Self::Failed(_) | Self::Cancelled)
    }
}

/// One lane of a run, folded from its events.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LaneState {
    /// Where it stands.
    pub phase: Phase,
    /// The answer so far. Untrusted text.
    pub answer: String,
    /// The thinking so far. Untrusted text.
    pub reasoning: String,
    /// Token counts as they were reported; [`LaneState::usage`] fills the holes.
    pub reported: Usage,
    /// The server's own timings.
    pub server: ServerTimings,
    /// When things happened.
    pub timeline: Timeline,
    /// Attempts so far.
    pub attempts: u32,
    /// The wait before another attempt, while it lasts.
    pub retry: Option<RetryWait>,
    /// Our own back-pressure may have moved a number.
    pub disturbed: bool,
    /// Nothing more will come.
    pub settled: bool,
    /// Tokens of the prompt with the lane's system text, guessed before it was sent; for a cost whose counts never come.
    pub prompt_estimate: Option<u64>,
    summarised: bool,
    /// Pieces that had come when the latest counts were reported.
    reported_chunks: u64,
    answer_estimate: Estimator,
    reasoning_estimate: Estimator,
}

impl LaneState {
    /// Takes one event. What comes after the end is ignored, but for counts and the settling.
    pub fn apply(&mut self, at: Duration, event: &LaneEventKind) {
        match event {
            LaneEventKind::Settled { disturbed } => {
                self.disturbed |= *disturbed;
                self.settled = true;
            }
            LaneEventKind::Stream(StreamEvent::Usage { usage }) => {
                // Text that came since makes an older count of the completion too small.
                let has_grown = self.timeline.all.chunks() > self.reported_chunks;
                self.reported = usage.after(&self.reported, has_grown);
                self.reported_chunks = self.timeline.all.chunks();
            }
            LaneEventKind::Stream(StreamEvent::Server { server }) => {
                self.server = server.over(self.server);
            }
            _ if self.phase.is_terminal() => {}
            LaneEventKind::Queued { retry } => {
                self.timeline.queued.get_or_insert(at);
                self.timeline.waiting = Some(at);
                self.retry.clone_from(retry);
                self.phase = Phase::Queued;
            }
            LaneEventKind::Loading { percent } => {
                self.timeline.loading.get_or_insert(at);
                self.phase = Phase::Loading { percent: *percent };
            }
            LaneEventKind::Sent { attempt } => {
                self.timeline.restart(at);
                self.attempts = *attempt;
                self.retry = None;
                self.phase = Phase::Connecting;
            }
            LaneEventKind::Connected => self.timeline.connected = Some(at),
            LaneEventKind::Failed { error } => self.end(at, Phase::Failed(error.clone())),
            LaneEventKind::Cancelled => self.end(at, Phase::Cancelled),
            LaneEventKind::Stream(event) => self.apply_stream(at, event),
        }
    }

    fn apply_stream(&mut self, at: Duration, event: &StreamEvent) {
        match event {
            StreamEvent::Accepted => {
                self.timeline.accepted = Some(at);
                self.phase = Phase::Prefill { done: 0, total: 0 };
            }
            StreamEvent::Prefill { done, total } => {
                if self.timeline.all.is_empty() {
                    self.phase = Phase::Prefill {
                        done: *done,
                        total: *total,
                    };
                }
            }
            StreamEvent::Reasoning { text, form } => {
                self.summarised |= *form != ReasoningForm::Raw;
                if !text.is_empty() {
                    self.timeline
                        .push_reasoning(at, text.chars().count() as u64);
                    self.reasoning_estimate.push(text);
                    self.reasoning.push_str(text);
                    self.phase = Phase::Thinking;
                }
            }
            StreamEvent::Answer { text } => {
                if !text.is_empty() {
                    self.timeline.push_answer(at, text.chars().count() as u64);
                    self.answer_estimate.push(text);
                    self.answer.push_str(text);
                    self.phase = Phase::Answering;
                }
            }
            StreamEvent::Finished { reason } => self.end(at, Phase::Done(*reason)),
            StreamEvent::Usage { .. } | StreamEvent::Server { .. } => {}
        }
    }

    fn end(&mut self, at: Duration, phase: Phase) {
        self.timeline.ended = Some(at);
        self.retry = None;
        self.phase = phase;
    }

    /// Why the stream said it ended, if it did.
    pub const fn finish(&self) -> Option<FinishReason> {
        match self.phase {
            Phase::Done(reason) => Some(reason),
            _ => None,
        }
    }

    /// Why the lane failed, if it did.
    pub const fn failure(&self) -> Option<&LaneFailure> {
        match &self.phase {
            Phase::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Token counts: as reported or counted, else estimated from the text, with the source that says so. What was
    /// reported while more was to come is a part of the whole, so an estimate is never less.
    pub fn usage(&self) -> Usage {
        let is_whole = match self.reported.completion_tokens {
            None => false,
            Some(_) => !self.was_cut_after_report() && !self.denies_text(),
        };
        if is_whole || self.timeline.all.is_empty() {
            return self.reported;
        }
        let reasoning = self.reasoning_estimate.tokens();
        let all = self.answer_estimate.tokens() + reasoning;
        Usage {
            completion_tokens: self.reported.completion_tokens.max(Some(all)),
            reasoning_tokens: self
                .reported
                .reasoning_tokens
                .max((reasoning > 0).then_some(reasoning)),
            source: Some(UsageSource::Estimated),
            ..self.reported
        }
    }

    /// Whether it broke or was stopped with text that the latest counts cannot hold.
    const fn was_cut_after_report(&self) -> bool {
        self.timeline.all.chunks() > self.reported_chunks
            && matches!(self.phase, Phase::Failed(_) | Phase::Cancelled)
    }

    /// Whether no token is reported although there is text: such a figure is not known, whatever was meant by it.
    const fn denies_text(&self) -> bool {
        matches!(self.reported.completion_tokens, Some(0)) && !self.timeline.all.is_empty()
    }

    /// How the thinking reached us.
    pub fn thinking(&self) -> Thinking {
        let hidden_tokens = self.reasoning.is_empty() && self.reported.reasoning_tokens > Some(0);
        if self.summarised || hidden_tokens {
            Thinking::Hidden
        } else if self.timeline.reasoning.is_empty() {
            Thinking::None
        } else {
            Thinking::Streamed
        }
    }

    /// The times.
    pub fn timing(&self) -> Timing {
        Timing::of(&self.timeline)
    }

    /// The rates that may be computed on every frame.
    pub fn rates(&self) -> Rates {
        Rates::of(&self.timeline, &self.usage(), self.thinking())
    }

    /// All rates, with the gaps sorted: for finished lanes and details.
    pub fn speed(&self) -> Speed {
        Speed::of(
            &self.timeline,
            &self.usage(),
            self.thinking(),
            self.server.prefill_ms,
        )
    }

    /// What it cost at this price; `None` while any part of it is unknown.
    pub fn cost_usd(&self, price: Option<&Price>) -> Option<f64> {
        price?.cost_usd(&self.usage())
    }

    /// Whether somebody may be charged for it: it was answered, or broke in a way that says nothing of that. What the host
    /// refused, or never got, is charged by nobody.
    pub const fn may_be_charged(&self) -> bool {
        match &self.phase {
            _ if self.timeline.accepted.is_some() => true,
            Phase::Done(_) => true,
            Phase::Failed(failure) => {
                let was_lost = self.timeline.connected.is_some() && failure.status.is_none();
                failure.kind.is_untold() || was_lost
            }
            Phase::Cancelled => self.timeline.sent.is_some(),
            _ => false,
        }
    }

    /// What it cost at the least at this price, though nobody counted: the prompt, estimated where that was done, and what
    /// had come of the answer. `None` where even that is not known.
    pub fn cost_at_least_usd(&self, price: Option<&Price>) -> Option<f64> {
        let usage = self.usage();
        price?.cost_usd(&Usage {
            prompt_tokens: usage.prompt_tokens.or(self.prompt_estimate),
            completion_tokens: usage.completion_tokens.or(Some(0)),
            // What was not streamed is no part of the least.
            reasoning_tokens: usage.reasoning_tokens.or(Some(0)),
            source: Some(UsageSource::Estimated),
            ..usage
        })
    }

    /// What a person should know: what of the plan the model does not take, and about these figures.
    pub fn warnings_with(&self, plan: &LanePlan) -> Vec<String> {
        let mut warnings = plan.notes.clone();
        warnings.extend(self.warnings());
        warnings
    }

    /// What a person should know about these figures.
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = self.reported.inconsistencies();
        if self.phase.is_terminal() && self.denies_text() && !self.was_cut_after_report() {
            warnings.push(
                "the provider reports 0 completion tokens although text came: they are estimated"
                    .to_owned(),
            );
        }
        if self.answer.is_empty() && self.phase == Phase::Done(FinishReason::Length) {
            warnings.push(
                match (
                    self.reported.reasoning_tokens,
                    self.reported.completion_tokens,
                ) {
                    (Some(thought), Some(all)) if thought > 0 => {
                        format!("thinking took {thought} of {all} tokens: raise max_tokens")
                    }
                    _ => "the token limit was reached before an answer began: raise max_tokens"
                        .to_owned(),
                },
            );
        } else if self.answer.is_empty() && self.phase == Phase::Done(FinishReason::Stop) {
            warnings.push("the answer is empty".to_owned());
        }
        if let Some(load) = self
            .server
            .load_ms
            .filter(|load| *load >= LOAD_WORTH_SAYING_MS)
        {
            let first = self.timing().ttft_ms;
            warnings.push(format!(
                "the server loaded the model first: {} of the {} to the first token",
                figures::time(Some(load)),
                figures::time(first)
            ));
        }
        if let Some(sequences) = self.server.sequences.filter(|many| *many > 1) {
            warnings.push(format!(
                "up to {sequences} prompts were answered together: its times and speeds are those of a share of the machine, and its text may differ from one answered alone"
            ));
        }
        warnings
    }
}
