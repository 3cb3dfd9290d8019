//! One lane of a run: polls its provider, forwards its events, and ends it exactly once. Knows neither HTTP nor llama.cpp.

use super::{
    Lane,
    contain::contain,
    limits::{Patience, Volume},
    outbox::{Brake, Outbox},
    schedule::Turn,
};
use crate::{
    domain::{
        event::{FinishReason, LaneEventKind, StreamEvent, Timed},
        failure::{FailureKind, LaneFailure},
        request::ChatRequest,
    },
    provider::LaneStream,
};
use futures_util::StreamExt;
use std::{future::poll_fn, pin::pin, time::Duration};
use tokio::time::{Instant, sleep_until};

/// What ends a lane, and when, where its provider said so.
type End = (Option<Duration>, LaneEventKind);

/// One lane, ready to be spawned.
pub(super) struct LaneTask {
    /// Its plan and provider.
    pub(super) lane: Lane,
    /// What its provider gets.
    pub(super) request: ChatRequest,
    /// Where its events go.
    pub(super) outbox: Outbox,
    /// Says when it is to stop.
    pub(super) brake: Brake,
}

impl LaneTask {
    /// Runs the lane to its end: `Queued`, what its provider says, one event that ends it, `Settled`.
    pub(super) async fn run(mut self, mut turn: Turn) {
        self.outbox
            .send_last(None, LaneEventKind::Queued { retry: None })
            .await;
        let is_stopped = tokio::select! {
            biased;
            () = self.brake.pulled() => true,
            () = turn.come() => false,
        };
        let (at, end) = if is_stopped {
            (None, LaneEventKind::Cancelled)
        } else {
            self.answer().await
        };
        self.outbox.send_last(at, end).await;
        let disturbed = self.outbox.is_disturbed();
        self.outbox
            .send_last(None, LaneEventKind::Settled { disturbed })
            .await;
        // Only now, for the run is over when all lanes have let go of its channel.
        drop(self);
        // A lane that was stopped while it waited must not let the next one begin before its own turn has come.
        turn.come().await;
    }

    /// Polls the provider until the lane ends, and drops its stream.
    async fn answer(&mut self) -> End {
        let request = std::mem::take(&mut self.request);
        let max_tokens = request.sampling.max_tokens;
        let watch = self.outbox.watch();
        let mut stream = match contain(|| self.lane.provider.stream(request, watch)) {
            Ok(stream) => stream,
            Err(panic) => return (None, self.broken(&panic)),
        };
        let end = self.forward(&mut stream, max_tokens).await;
        if let Err(panic) = contain(move || drop(stream)) {
            tracing::error!(lane = %self.lane.plan.name, %panic, "a provider panicked as it was dropped");
        }
        end
    }

    async fn forward(&mut self, stream: &mut LaneStream, max_tokens: Option<u32>) -> End {
        let mut volume = Volume::of(&self.lane.plan, max_tokens);
        let mut patience = Patience::of(&self.lane.plan);
        let mut deadline = pin!(sleep_until(Instant::now() + patience.limit()));
        loop {
            let event = tokio::select! {
                biased;
                () = self.brake.pulled() => return (None, LaneEventKind::Cancelled),
                () = deadline.as_mut() => return (None, failed(patience.failure())),
                next = next(stream) => match next {
                    Ok(Some(event)) => event,
                    Ok(None) => return (None, failed(truncated())),
                    Err(panic) => return (None, self.broken(&panic)),
                },
            };
            let Timed { at, value } = event;
            let is_too_much = match &value {
                LaneEventKind::Failed { .. }
                | LaneEventKind::Stream(StreamEvent::Finished { .. }) => return (Some(at), value),
                LaneEventKind::Cancelled | LaneEventKind::Settled { .. } => {
                    return (Some(at), self.broken("it ended without a reason"));
                }
                LaneEventKind::Queued { .. }
                | LaneEventKind::Loading { .. }
                | LaneEventKind::Sent { .. }
                | LaneEventKind::Connected => {
                    if patience.is_renewed_by(&value) {
                        deadline.as_mut().reset(Instant::now() + patience.limit());
                    }
                    false
                }
                LaneEventKind::Stream(event) => volume.is_exceeded_by(event),
            };
            tokio::select! {
                biased;
                () = self.outbox.send(at, value) => {}
                () = self.brake.pulled() => return (None, LaneEventKind::Cancelled),
                () = deadline.as_mut() => return (None, failed(patience.failure())),
            }
            if is_too_much {
                let reason = FinishReason::Length;
                return (
                    Some(at),
                    LaneEventKind::Stream(StreamEvent::Finished { reason }),
                );
            }
        }
    }

    /// The end of a lane whose provider broke its promises: our own fault, told as the kind that belongs to the lane.
    fn broken(&self, what: &str) -> LaneEventKind {
        let kind = if self.lane.is_local() {
            FailureKind::Engine
        } else {
            FailureKind::Protocol
        };
        let name = self.lane.plan.provider;
        failed(LaneFailure::new(
            kind,
            format!("the provider `{name}` failed inside tierscope: {what}; the log may say more"),
        ))
    }
}

/// The provider's next event; a panic becomes its message.
async fn next(stream: &mut LaneStream) -> Result<Option<Timed<LaneEventKind>>, String> {
    poll_fn(
        |context| match contain(|| stream.poll_next_unpin(context)) {
            Ok(poll) => poll.map(Ok),
            Err(panic) => std::task::Poll::Ready(Err(panic)),
        },
    )
    .await
}

fn failed(error: LaneFailure) -> LaneEventKind {
    LaneEventKind::Failed { error }
}

fn truncated() -> LaneFailure {
    LaneFailure::new(
        FailureKind::Truncated,
        "the answer broke off before it said why it ended",
    )
}
