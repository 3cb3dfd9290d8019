//! One prompt in the child's hands: how far it is, and what its listener is told. Reads no pipe.

use super::child::bounded;
use crate::{
    domain::{
        event::{LaneEventKind, StreamEvent, Timed},
        failure::{FailureKind, LaneFailure},
    },
    engine::protocol::Event,
    provider::Stopwatch,
};
use std::time::Duration;
use tokio::sync::mpsc;

/// One prompt in the child's hands.
pub(super) struct Turn {
    pub(super) id: u64,
    pub(super) watch: Stopwatch,
    pub(super) events: mpsc::Sender<Timed<LaneEventKind>>,
}

impl Turn {
    pub(super) async fn tell(&self, at: Duration, value: LaneEventKind) {
        // A listener that has gone is noticed where the turn is waited for.
        let _ = self.events.send(Timed { at, value }).await;
    }

    pub(super) async fn fail(&self, error: LaneFailure) {
        self.tell(self.watch.elapsed(), LaneEventKind::Failed { error })
            .await;
    }
}

/// How far a generation is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Progress {
    /// It has not begun.
    Waiting,
    Reading,
    Answering,
    Over,
}

impl Progress {
    pub(super) fn after(self, event: &Event, id: u64) -> Self {
        match (self, event) {
            (_, Event::Started(started)) if *started == id => Self::Reading,
            (Self::Waiting | Self::Over, _) => self,
            (_, Event::Finished(_) | Event::Failed(_) | Event::Stopped) => Self::Over,
            (_, Event::Reasoning(_) | Event::Answer(_)) => Self::Answering,
            (_, _) => self,
        }
    }

    pub(super) const fn words(self) -> &'static str {
        match self {
            Self::Waiting | Self::Reading => "reading the prompt",
            Self::Answering | Self::Over => "answering",
        }
    }

    /// What a listener is told of an event that has brought the generation this far.
    pub(super) fn heard(self, event: Event) -> Option<LaneEventKind> {
        if self == Self::Waiting {
            return None;
        }
        let stream = match event {
            Event::Started(_) => StreamEvent::Accepted,
            Event::Prefill { done, total } => StreamEvent::Prefill { done, total },
            Event::Reasoning(text) => StreamEvent::reasoning(text),
            Event::Answer(text) => StreamEvent::Answer { text },
            Event::Usage(usage) => StreamEvent::Usage { usage },
            Event::Server(server) => StreamEvent::Server {
                server: server.rounded(),
            },
            Event::Finished(reason) => StreamEvent::Finished { reason },
            Event::Failed(error) => {
                let error = bounded(error);
                return Some(LaneEventKind::Failed { error });
            }
            Event::Stopped => {
                return Some(LaneEventKind::Failed {
                    error: LaneFailure::new(
                        FailureKind::Engine,
                        "the engine stopped without being asked to",
                    ),
                });
            }
            Event::Turn(_) | Event::Loading(_) | Event::Ready(_) => return None,
        };
        Some(LaneEventKind::Stream(stream))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::usage::ServerTimings;

    #[test]
    fn the_engines_times_are_told_to_the_microsecond() {
        let event = Event::Server(ServerTimings {
            prefill_ms: Some(12.345_678_9),
            decode_ms: Some(0.000_4),
            ..ServerTimings::default()
        });
        let server = ServerTimings {
            prefill_ms: Some(12.346),
            decode_ms: Some(0.0),
            ..ServerTimings::default()
        };
        assert_eq!(
            Progress::Answering.heard(event),
            Some(LaneEventKind::Stream(StreamEvent::Server { server }))
        );
    }
}
