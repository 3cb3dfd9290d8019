//! A server that thinks for a minute and says so: keep-alives are no answer and no silence. The clock of the limits is
//! paused and moved by hand; the server's bytes come over a real socket.

use super::{Outcome, lane, request, services};
use crate::loopback::{Gate, Loopback, Reply, Speech, Step};
use futures_util::StreamExt;
use std::{sync::mpsc, time::Duration};
use tierscope::{
    domain::{event::FinishReason, failure::FailureKind, plan::ProviderId},
    provider::{Stopwatch, build},
};
use tokio::task::{spawn_blocking, yield_now};

/// How long a lane waits for the next bytes, and how often a keep-alive comes.
const IDLE: Duration = Duration::from_secs(15);
const EVERY: Duration = Duration::from_secs(10);

/// Holds the paused clock where it is: it would run ahead whenever everybody waits for the socket.
struct HeldClock(mpsc::SyncSender<()>);

impl HeldClock {
    fn hold() -> Self {
        let (release, held) = mpsc::sync_channel::<()>(0);
        spawn_blocking(move || _ = held.recv());
        Self(release)
    }

    /// Lets everything happen that has come, then moves the clock.
    async fn advance(&self, time: Duration) {
        for _ in 0..2_000 {
            yield_now().await;
        }
        tokio::time::advance(time).await;
    }

    fn release(self) {
        drop(self.0);
    }
}

/// A minute and more of keep-alives, one behind each gate, then this answer.
fn slow(keep_alives: &[&str], answer: Reply) -> (Reply, Vec<Gate>) {
    let gates: Vec<Gate> = keep_alives.iter().map(|_| Gate::closed()).collect();
    let mut steps = Vec::new();
    for (keep_alive, gate) in keep_alives.iter().zip(&gates) {
        steps.push(Step::Send(keep_alive.as_bytes().to_vec()));
        steps.push(Step::Gate(gate.clone()));
    }
    steps.extend(answer.steps.clone());
    (Reply { steps, ..answer }, gates)
}

/// Asks, and moves the clock on after each keep-alive.
async fn waited(provider: ProviderId, keep_alives: &[&str], answer: Reply) -> Outcome {
    let clock = HeldClock::hold();
    let (reply, gates) = slow(keep_alives, answer);
    let server = Loopback::start([reply]);
    let mut plan = lane(provider, &server);
    plan.timeouts.idle = IDLE;
    let lane = build(&plan, &services(&[]));
    let asked = tokio::spawn(
        lane.stream(request(), Stopwatch::start())
            .collect::<Vec<_>>(),
    );
    let before = tokio::time::Instant::now();
    for (index, gate) in gates.iter().enumerate() {
        server
            .wait(|log| (log.sent.len() > index).then_some(()))
            .await;
        clock.advance(EVERY).await;
        gate.open();
    }
    assert!(before.elapsed() >= Duration::from_secs(60));
    let outcome = Outcome::folded(asked.await.unwrap());
    clock.release();
    outcome
}

#[tokio::test(start_paused = true)]
async fn a_minute_of_keep_alives_before_the_first_piece_is_no_silence_and_no_piece() {
    let of_events = [
        ": keep-alive\n\n",
        ": OPENROUTER PROCESSING\n\n",
        ":\n\n",
        "\n\n\n\n",
        ": ping - 2026-06-08 18:49:47.737080\r\n\r\n",
        ":",
        "\n",
    ];
    let pings = ["event: ping\ndata: {\"type\": \"ping\"}\n\n"; 7];
    let empty_pieces = ["data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"\",\"reasoning_content\":null}}]}\n\n";
        7];
    let speech = Speech::of(&["at ", "last"]);
    for (provider, keep_alives, answer) in [
        (ProviderId::OpenAi, of_events, speech.openai()),
        (ProviderId::OpenAiResponses, of_events, speech.responses()),
        (ProviderId::Gemini, of_events, speech.gemini()),
        (ProviderId::Anthropic, pings, speech.anthropic()),
        (ProviderId::OpenAi, empty_pieces, speech.openai()),
        (ProviderId::Ollama, ["\n"; 7], speech.ollama()),
    ] {
        let outcome = waited(provider, &keep_alives, answer).await;
        let state = &outcome.state;
        assert_eq!(
            (state.answer.as_str(), state.finish()),
            ("at last", Some(FinishReason::Stop)),
            "{provider}: {:?}",
            outcome.events
        );
        // Neither a keep-alive nor an empty piece is a piece.
        let words = outcome.words();
        let before = words.split_once(" answer").unwrap().0;
        assert!(
            !before.contains("reasoning") && words.matches("answer").count() == 2,
            "{words}"
        );
        let timing = state.timing();
        assert!(timing.ttft_ms > timing.ttfb_ms, "{timing:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_minute_without_keep_alives_is_silence() {
    let clock = HeldClock::hold();
    let server = Loopback::start([Reply::events().send(": keep-alive\n\n").step(Step::Stall)]);
    let mut plan = lane(ProviderId::OpenAi, &server);
    plan.timeouts.idle = IDLE;
    let lane = build(&plan, &services(&[]));
    let asked = tokio::spawn(
        lane.stream(request(), Stopwatch::start())
            .collect::<Vec<_>>(),
    );
    server
        .wait(|log| (!log.sent.is_empty()).then_some(()))
        .await;
    clock.advance(EVERY).await;
    clock.advance(EVERY).await;
    let outcome = Outcome::folded(asked.await.unwrap());
    outcome.failed(FailureKind::Timeout, None);
    clock.release();
}
