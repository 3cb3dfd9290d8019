//! One prompt at N lanes: starts them, forwards their events, cancels them. Knows neither HTTP nor llama.cpp.
//!
//! What holds for every lane, whatever its provider does: `Queued` comes first; then what the provider says; then one
//! event that ends it (`Finished`, `Failed` or `Cancelled`) and one `Settled`, and nothing after that. A lane that fails,
//! panics or never ends leaves the others alone.

mod contain;
pub mod keep;
mod lane;
mod limits;
mod outbox;
pub mod playback;
mod request;
mod schedule;
#[cfg(test)]
pub(crate) mod tests;

use crate::{
    domain::{
        event::LaneEvent,
        id::{LaneId, RunId},
        plan::{LanePlan, LaneSource, Schedule},
        record::{PromptRecord, RunHead},
        request::Message,
    },
    provider::{Provider, Stopwatch},
};
use std::sync::Arc;
use tokio::sync::{mpsc, watch};

/// Events that one lane may be ahead of its reader. At 200 pieces a second that is more than a second in which a face may
/// be busy before a lane has to wait and is marked `disturbed`.
const EVENTS_PER_LANE: usize = 256;

/// A lane that can run: its plan and the source of its answers.
#[derive(Debug, Clone)]
pub struct Lane {
    /// What was planned.
    pub plan: Arc<LanePlan>,
    /// Where its answers come from.
    pub provider: Arc<dyn Provider>,
}

impl Lane {
    fn is_local(&self) -> bool {
        matches!(self.plan.source, LaneSource::Local(_))
    }
}

/// What to run.
#[derive(Debug, Clone)]
pub struct RunSpec {
    /// The person's prompt.
    pub prompt: String,
    /// What was said before it, oldest first.
    pub earlier: Vec<Message>,
    /// Most tokens of an answer; `None` leaves it to each lane.
    pub max_tokens: Option<u32>,
    /// Replaces the lanes' own system text; an empty one takes it away.
    pub system: Option<String>,
    /// Whether local lanes run together.
    pub schedule: Schedule,
    /// The lanes; their position is their [`LaneId`].
    pub lanes: Vec<Lane>,
}

impl RunSpec {
    /// What a record says about this run, with a new id and the present time.
    fn head(&self) -> RunHead {
        RunHead {
            id: RunId(uuid::Uuid::now_v7().to_string()),
            started_at: now(),
            schedule: self.schedule,
            prompt: PromptRecord {
                system: self.common_system(),
                text: self.prompt.clone(),
                earlier: self.earlier.clone(),
            },
            version: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// The system text that every lane gets; `None` where they differ.
    fn common_system(&self) -> Option<String> {
        let mut texts = self
            .lanes
            .iter()
            .map(|lane| request::system(&lane.plan, self.system.as_deref()));
        let first = texts.next()?;
        texts
            .all(|text| text == first)
            .then(|| first.map(str::to_owned))?
    }
}

/// The present time as records write it: RFC 3339 in UTC with milliseconds.
pub fn now() -> String {
    jiff::Timestamp::now()
        .strftime("%Y-%m-%dT%H:%M:%S%.3fZ")
        .to_string()
}

/// A run under way. Dropping it cancels every lane.
#[derive(Debug)]
pub struct RunHandle {
    /// What a record says about this run.
    pub head: RunHead,
    /// The events of all lanes in the order of their arrival here; closed after the last `Settled`.
    pub events: mpsc::Receiver<LaneEvent>,
    /// The clock of the run.
    pub watch: Stopwatch,
    stops: Vec<watch::Sender<bool>>,
}

impl RunHandle {
    /// Stops one lane; it ends with `Cancelled` unless it had ended already. Its provider stream is dropped at once, even
    /// while nobody reads the events.
    pub fn cancel(&self, lane: LaneId) {
        if let Some(stop) = self.stops.get(lane.0) {
            stop.send_replace(true);
        }
    }

    /// Stops all lanes.
    pub fn cancel_all(&self) {
        for stop in &self.stops {
            stop.send_replace(true);
        }
    }
}

/// Starts a run: one task per lane. Needs a tokio runtime with a timer. A run without lanes is over at once.
pub fn spawn(spec: RunSpec) -> RunHandle {
    let head = spec.head();
    let watch = Stopwatch::start();
    let (sender, events) = mpsc::channel(EVENTS_PER_LANE * spec.lanes.len().max(1));
    let turns = schedule::turns(spec.schedule, spec.lanes.iter().map(Lane::is_local));
    let mut stops = Vec::with_capacity(spec.lanes.len());
    let asked = request::Asked {
        prompt: &spec.prompt,
        earlier: &spec.earlier,
        system: spec.system.as_deref(),
        max_tokens: spec.max_tokens,
    };
    for ((position, lane), turn) in spec.lanes.into_iter().enumerate().zip(turns) {
        let (stop, stopped) = watch::channel(false);
        stops.push(stop);
        let request = request::build(&lane.plan, &asked);
        let task = lane::LaneTask {
            lane,
            request,
            outbox: outbox::Outbox::new(LaneId(position), sender.clone(), watch),
            brake: outbox::Brake::new(stopped, sender.clone()),
        };
        tokio::spawn(task.run(turn));
    }
    RunHandle {
        head,
        events,
        watch,
        stops,
    }
}
