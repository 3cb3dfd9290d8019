//! One cell: a lane is asked one prompt, and everything that it says is folded and, where wanted, taped.

use super::{queue::Place, stop::Stop};
use crate::{
    domain::{
        case::Case,
        event::LaneEventKind,
        failure::LaneFailure,
        forecast::{Forecast, asking::Asking},
        lane::{LaneState, Phase},
        plan::Schedule,
        record::RunHead,
        request::Message,
        run::RunState,
        tape::TapeLine,
        usage::Estimator,
    },
    run::{self, Lane, RunSpec},
};
use std::sync::Arc;

/// What a lane is asked.
#[derive(Debug)]
pub(super) struct Question {
    pub(super) place: Place,
    /// The prompt that it is asked for; `None` where a judge is asked.
    pub(super) case: Option<Arc<Case>>,
    pub(super) prompt: String,
    pub(super) earlier: Vec<Message>,
    pub(super) system: Option<String>,
    pub(super) max_tokens: Option<u32>,
    pub(super) schedule: Schedule,
    pub(super) keeps_tape: bool,
}

/// What came of it.
#[derive(Debug)]
pub(super) struct Asked {
    pub(super) place: Place,
    pub(super) case: Option<Arc<Case>>,
    pub(super) lane: Lane,
    pub(super) head: RunHead,
    pub(super) state: LaneState,
    /// Attempts before the last one that leave open whether they are charged for.
    pub(super) untold: u32,
    /// What one attempt costs at the most; nothing where no price is known.
    pub(super) at_most_usd: f64,
    /// The events as lines of JSON.
    pub(super) tape: Vec<u8>,
}

/// Attempts whose cost nobody told.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Untold {
    /// Those before the last one.
    pub(super) attempts: u32,
    /// The last one is one of them, too.
    pub(super) is_last: bool,
    /// What that one cost at the least, estimated.
    pub(super) at_least_usd: Option<f64>,
    /// What each of them cost at the most.
    pub(super) each_at_most_usd: f64,
}

impl Untold {
    /// What the last one may have cost beyond what is known of it.
    pub(super) fn last_at_most_usd(&self) -> f64 {
        let known = self.at_least_usd.unwrap_or_default();
        if self.is_last {
            (self.each_at_most_usd - known).max(0.0)
        } else {
            0.0
        }
    }
}

impl Asked {
    pub(super) const fn failure(&self) -> Option<&LaneFailure> {
        match &self.state.phase {
            Phase::Failed(failure) => Some(failure),
            _ => None,
        }
    }

    /// Whether it was stopped while it waited.
    pub(super) const fn is_cancelled(&self) -> bool {
        matches!(self.state.phase, Phase::Cancelled)
    }

    /// What nobody told the cost of, where it costs money.
    pub(super) fn untold(&self) -> Untold {
        let Some(price) = self.lane.plan.price.as_ref() else {
            return Untold::default();
        };
        let state = &self.state;
        // What was stopped while it waited has nothing under way, and what was before is counted.
        let is_last =
            !self.is_cancelled() && state.cost_usd(Some(price)).is_none() && state.may_be_charged();
        Untold {
            attempts: self.untold,
            is_last,
            at_least_usd: is_last
                .then(|| state.cost_at_least_usd(Some(price)))
                .flatten(),
            each_at_most_usd: self.at_most_usd,
        }
    }

    /// What the last attempt cost, where that is known.
    pub(super) fn cost_usd(&self) -> Option<f64> {
        self.state.cost_usd(self.lane.plan.price.as_ref())
    }

    /// Whether nothing of an answer came.
    pub(super) fn is_empty(&self) -> bool {
        self.state.answer.is_empty() && self.state.reasoning.is_empty()
    }

    /// Whether the host turned it away before it let it through.
    pub(super) const fn had_to_wait(&self) -> bool {
        self.state.attempts > 1
    }
}

/// Tokens of what a lane is asked, guessed.
fn estimate(lane: &Lane, question: &Question) -> u64 {
    question.case.as_deref().map_or_else(
        || {
            let own = lane.plan.system.as_deref();
            let mut estimate = Estimator::default();
            estimate.push(question.system.as_deref().or(own).unwrap_or_default());
            estimate.push(&question.prompt);
            estimate.tokens()
        },
        |case| {
            let asking = Asking {
                plan: &lane.plan,
                system: question.system.as_deref(),
                messages: &case.messages,
                max_tokens: question.max_tokens,
            };
            asking.prompt_tokens()
        },
    )
}

/// Asks a lane and returns when it has ended.
pub(super) async fn ask(lane: Lane, question: Question) -> Asked {
    ask_until(lane, question, &Stop::default()).await
}

/// The same; where somebody wants to stop while the cell only waits to be sent, again or at all, it is cancelled.
pub(super) async fn ask_until(lane: Lane, question: Question, stop: &Stop) -> Asked {
    let mut state = RunState::new(1);
    let estimate = estimate(&lane, &question);
    let at_most_usd = match Forecast::limited(&lane.plan, estimate, question.max_tokens) {
        Forecast::AtMost(cost) => cost,
        Forecast::Free | Forecast::Unknown => 0.0,
    };
    if let Some(state) = state.lanes.first_mut() {
        state.prompt_estimate = Some(estimate);
    }
    let mut handle = run::spawn(RunSpec {
        prompt: question.prompt,
        earlier: question.earlier,
        system: question.system,
        max_tokens: question.max_tokens,
        schedule: question.schedule,
        lanes: vec![lane.clone()],
    });
    let (mut tape, mut untold) = (Vec::new(), 0);
    // Every lane begins with `Queued`, and is on its way then.
    let (mut has_begun, mut is_waiting, mut is_cancelled) = (false, false, false);
    loop {
        let waiting = is_waiting.then(|| stop.wait());
        let event = tokio::select! {
            biased;
            event = handle.events.recv() => event,
            () = stop.said(), if is_waiting && !is_cancelled => {
                is_cancelled = true;
                handle.cancel_all();
                continue;
            }
        };
        drop(waiting);
        let Some(event) = event else { break };
        is_waiting = has_begun && matches!(event.kind, LaneEventKind::Queued { .. });
        has_begun = true;
        state.apply(&event);
        if let LaneEventKind::Queued { retry: Some(retry) } = &event.kind {
            untold += u32::from(retry.kind.is_untold());
        }
        if question.keeps_tape {
            let entry = TapeLine {
                lane: lane.plan.name.clone(),
                at_us: u64::try_from(event.at.as_micros()).unwrap_or(u64::MAX),
                event: event.kind,
            };
            // Into memory nothing fails.
            if serde_json::to_writer(&mut tape, &entry).is_ok() {
                tape.push(b'\n');
            }
        }
    }
    Asked {
        place: question.place,
        case: question.case,
        lane,
        head: handle.head.clone(),
        state: state.lanes.pop().unwrap_or_default(),
        untold,
        at_most_usd,
        tape,
    }
}
