//! Turns a model's events into the frames of an answer, each at its time. Opens no socket.

use super::{
    Pace, Voice,
    dialect::{Asked, Part, Writer},
};
use crate::{
    domain::{
        event::{LaneEventKind, StreamEvent},
        failure::LaneFailure,
        usage::Usage,
    },
    provider::{LaneStream, Stopwatch},
};
use futures_util::stream::{self, Stream, StreamExt};
use tokio::time::{Instant, sleep_until};

struct Speech {
    events: LaneStream,
    writer: Writer,
    usage: Usage,
    pace: Pace,
    next_at: Instant,
    has_ended: bool,
    /// An event that was looked at and not yet told.
    held: Option<LaneEventKind>,
}

/// The frames of an answer, or why there is none. Dropping them stops the model.
pub(super) async fn frames(
    voice: &Voice,
    asked: Asked,
) -> Result<impl Stream<Item = String> + Send + 'static, LaneFailure> {
    let mut speech = Speech {
        events: voice.provider.stream(asked.request, Stopwatch::start()),
        writer: Writer::new(asked.dialect, asked.model, asked.wants_usage),
        usage: Usage::default(),
        pace: voice.pace,
        next_at: Instant::now() + voice.pace.first,
        has_ended: false,
        held: None,
    };
    // A vendor says with the status what is wrong with a prompt; only what goes wrong later comes inside of the stream.
    speech.held = speech.next_event().await;
    if let Some(LaneEventKind::Failed { error }) = speech.held {
        return Err(error);
    }
    Ok(stream::unfold(speech, |mut speech| async {
        let frame = speech.frame().await?;
        Some((frame, speech))
    }))
}

impl Speech {
    async fn frame(&mut self) -> Option<String> {
        while !self.has_ended {
            let Some(event) = self.next_event().await else {
                return Some(self.failed("the model ended without saying why"));
            };
            match event {
                LaneEventKind::Stream(StreamEvent::Reasoning { text, .. }) if !text.is_empty() => {
                    return Some(self.piece(Part::Reasoning, &text).await);
                }
                LaneEventKind::Stream(StreamEvent::Answer { text }) => {
                    return Some(self.piece(Part::Answer, &text).await);
                }
                LaneEventKind::Stream(StreamEvent::Prefill { total, .. }) => {
                    self.writer.has_prompt(u64::from(total));
                }
                LaneEventKind::Stream(StreamEvent::Usage { usage }) => self.usage = usage,
                LaneEventKind::Stream(StreamEvent::Finished { reason }) => {
                    self.has_ended = true;
                    return Some(self.writer.end(&self.usage, reason));
                }
                LaneEventKind::Failed { error } => return Some(self.failed(&error.message)),
                LaneEventKind::Queued { .. }
                | LaneEventKind::Loading { .. }
                | LaneEventKind::Sent { .. }
                | LaneEventKind::Connected
                | LaneEventKind::Cancelled
                | LaneEventKind::Settled { .. }
                | LaneEventKind::Stream(
                    StreamEvent::Accepted
                    | StreamEvent::Reasoning { .. }
                    | StreamEvent::Server { .. },
                ) => {}
            }
        }
        None
    }

    /// The next event that is not about getting ready.
    async fn next_event(&mut self) -> Option<LaneEventKind> {
        if let Some(held) = self.held.take() {
            return Some(held);
        }
        loop {
            match self.events.next().await?.value {
                LaneEventKind::Queued { .. }
                | LaneEventKind::Loading { .. }
                | LaneEventKind::Sent { .. }
                | LaneEventKind::Connected => {}
                event => return Some(event),
            }
        }
    }

    async fn piece(&mut self, part: Part, text: &str) -> String {
        sleep_until(self.next_at).await;
        // A model that was late is not made up for: pieces would come in a burst.
        self.next_at = self.next_at.max(Instant::now()) + self.pace.every;
        self.writer.piece(part, text)
    }

    fn failed(&mut self, message: &str) -> String {
        self.has_ended = true;
        self.writer.failure(message)
    }
}
