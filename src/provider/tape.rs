//! A lane that plays a tape: whatever it is asked, it answers what was recorded, in the time it took then. Asks nobody.

use super::{LaneStream, Provider, Readiness, Stopwatch};
use crate::domain::{
    event::{LaneEventKind, Timed},
    failure::{FailureKind, LaneFailure},
    request::ChatRequest,
    tape::{Pauses, TapeHeader, TapeLine},
};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::{
    fs,
    future::ready,
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{Instant, sleep_until};

/// A larger file is no tape.
const MAX_TAPE_BYTES: u64 = 1 << 30;

/// A tape file and the lane of it that is played.
#[derive(Debug, Clone)]
pub(super) struct TapeLane {
    pub(super) path: PathBuf,
    /// The lane's name on the tape; where it has none of that name, its first lane.
    pub(super) lane: String,
    /// Whether long pauses of it are cut short; known when it has been read.
    pub(super) is_cut: Arc<AtomicBool>,
}

/// A tape file, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Tape {
    /// What was asked, and of whom.
    pub header: TapeHeader,
    /// What happened.
    pub lines: Vec<TapeLine>,
}

/// A tape file that cannot be read, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the tape {path}{at}: {problem}")]
pub struct TapeError {
    path: String,
    at: String,
    problem: String,
}

impl Tape {
    /// Reads a tape file.
    ///
    /// # Errors
    /// It is not there, too large, or not a tape; with the line.
    pub fn read(path: &Path) -> Result<Self, TapeError> {
        let error = |line: Option<usize>, problem: String| TapeError {
            path: path.display().to_string(),
            at: line.map(|line| format!(":{line}")).unwrap_or_default(),
            problem,
        };
        let bytes = fs::metadata(path)
            .map_err(|cause| error(None, cause.to_string()))?
            .len();
        if bytes > MAX_TAPE_BYTES {
            return Err(error(None, "it is larger than 1 GiB".to_owned()));
        }
        let text = fs::read_to_string(path).map_err(|cause| error(None, cause.to_string()))?;
        let mut lines = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.trim().is_empty());
        let Some((_, first)) = lines.next() else {
            return Err(error(None, "it is empty".to_owned()));
        };
        let header = serde_json::from_str(first).map_err(|cause| {
            error(
                Some(1),
                format!("this is not the header of a tape: {cause}"),
            )
        })?;
        let lines = lines.map(|(at, line)| {
            serde_json::from_str(line)
                .map_err(|cause| error(Some(at + 1), format!("this is not an event: {cause}")))
        });
        Ok(Self {
            header,
            lines: lines.collect::<Result<_, _>>()?,
        })
    }
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
        let events: Vec<_> = events.collect();
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
