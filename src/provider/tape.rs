//! A lane that plays a tape: whatever it is asked, it answers what was recorded, in the time it took then. Asks nobody.

mod reading;

pub use reading::{Tape, TapeError};

use super::{LaneStream, Provider, Readiness, Stopwatch};
use crate::domain::{
    event::{LaneEventKind, Timed},
    failure::{FailureKind, LaneFailure},
    request::ChatRequest,
    tape::{Pauses, cut_off, ends_lane},
};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::{
    future::ready,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// A tape file and the lane of it that is played.
#[derive(Debug, Clone)]
pub(super) struct TapeLane {
    pub(super) path: PathBuf,
    /// The lane's name on the tape; where it has none of that name, its first lane.
    pub(super) lane: String,
    /// Whether long pauses of it are cut short; known when it has been read.
    pub(super) is_cut: Arc<AtomicBool>,
}

impl TapeLane {
    fn events(&self) -> Result<Vec<(Duration, LaneEventKind)>, LaneFailure> {
        let tape = Tape::read(&self.path)
            .map_err(|error| LaneFailure::new(FailureKind::NotFound, error.to_string()))?;
        let names = tape.header.lanes.iter().map(|lane| lane.lane.as_str());
        let name = names.clone().find(|name| *name == self.lane);
        let Some(name) = name.or_else(|| names.clone().next()) else {
            return Err(LaneFailure::new(
                FailureKind::NotFound,
                format!("the tape {} has no lane", self.path.display()),
            ));
        };
        let lines = tape.lines.iter().filter(|line| line.lane == name);
        let events = lines.filter_map(|line| {
            let at = Duration::from_micros(line.at_us);
            Some((at, playable(&line.event)?))
        });
        let mut events: Vec<_> = events.collect();
        if !events.iter().any(|(_, event)| ends_lane(event)) {
            let last = events.last().map_or(Duration::ZERO, |(at, _)| *at);
            events.push((last, LaneEventKind::Failed { error: cut_off() }));
        }
        let is_cut = Pauses::notice(events.iter().map(|(at, _)| *at)).is_some();
        self.is_cut.store(is_cut, Ordering::Relaxed);
        Ok(events)
    }
}

/// What a provider may say of what a run had said.
fn playable(event: &LaneEventKind) -> Option<LaneEventKind> {
    match event {
        LaneEventKind::Queued { retry: None } | LaneEventKind::Settled { .. } => None,
        LaneEventKind::Cancelled => Some(LaneEventKind::Failed {
            error: LaneFailure::new(
                FailureKind::Truncated,
                "the lane was stopped here when it was recorded",
            ),
        }),
        other => Some(other.clone()),
    }
}

impl Provider for TapeLane {
    fn stream(&self, _request: ChatRequest, watch: Stopwatch) -> LaneStream {
        let tape = self.clone();
        let read = async move {
            let events = tokio::task::spawn_blocking(move || tape.events()).await;
            let events = match events {
                Ok(Ok(events)) => events,
                Ok(Err(error)) => vec![(Duration::ZERO, LaneEventKind::Failed { error })],
                Err(_) => Vec::new(),
            };
            // The tape begins when it is asked.
            let (began, offset) = (Instant::now(), watch.elapsed());
            let mut pauses = Pauses::default();
            let events = events
                .into_iter()
                .map(move |(at, value)| (pauses.play_at(at), at, value));
            stream::iter(events).then(move |(due, at, value)| async move {
                sleep_until(began + due).await;
                Timed {
                    at: offset + at,
                    value,
                }
            })
        };
        stream::once(read).flatten().boxed()
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        let readiness = match self.events() {
            Ok(_) => Readiness::Ready,
            Err(failure) => Readiness::Failed(failure),
        };
        stream::once(ready(readiness)).boxed()
    }

    fn place(&self) -> String {
        let cut = if self.is_cut.load(Ordering::Relaxed) {
            ", long pauses cut short"
        } else {
            ""
        };
        format!("tape {}{cut}", self.path.display())
    }
}
