//! The prompts that are in the child's hands: hands them in as long as it has room, tells each listener its events, and
//! cancels what nobody listens to any more. Loads nothing.

use super::{Ask, Keeper, failed};
use crate::{
    domain::{
        event::LaneEventKind, failure::LaneFailure, plan::MAX_PARALLEL, request::ChatRequest,
    },
    engine::protocol::{Command, Event, GenerateSpec},
    provider::{
        Readiness,
        local::{
            child::{Arrival, Child},
            turn::{Progress, Turn},
        },
    },
};
use futures_util::future::select_all;
use std::{future::pending, pin::pin, time::Duration};
use tokio::time::{Instant, sleep_until, timeout};

/// How long a cancelled generation may take to end before the child is ended instead.
const CANCEL_PATIENCE: Duration = Duration::from_secs(5);
/// The same while others are in hand, since the child said something: their step is not broken off for it, and on a slow
/// machine a step takes long.
const SHARED_PATIENCE: Duration = Duration::from_secs(60);

/// All that is in the child's hands.
struct Flights {
    all: Vec<Flight>,
    /// Whose events come.
    current: Option<u64>,
    /// When the child said something the last time.
    heard: Instant,
    /// When the last but one ended.
    alone: Instant,
}

/// A prompt in the child's hands.
struct Flight {
    turn: Turn,
    progress: Progress,
    /// When nobody listened any more.
    cancelled: Option<Instant>,
}

impl Keeper {
    /// Hands what waits to the child, and its events to the listeners, until nothing is left to do. Gives the child back
    /// if it can be used again.
    pub(super) async fn serve(&mut self, mut child: Child) -> Option<Child> {
        let most = self.setup.plan.parallel.clamp(1, MAX_PARALLEL) as usize;
        let mut flights = Flights::new(Instant::now());
        loop {
            while flights.all.len() < most
                && let Some(ask) = self.waiting.pop_front()
            {
                if !self.hand_in(ask, &mut child, &mut flights).await {
                    return flights.bury(child).await;
                }
            }
            if flights.all.is_empty() {
                return Some(child);
            }
            tokio::select! {
                arrival = child.read() => match arrival {
                    Ok(Some(arrival)) => flights.hear(arrival).await,
                    Ok(None) | Err(_) => return flights.bury(child).await,
                },
                ask = self.asks.recv(), if self.is_open => self.queue(ask),
                id = flights.left() => if !flights.cancel(id, &mut child).await {
                    return flights.kill(child).await;
                },
                () = flights.overdue() => return flights.kill(child).await,
            }
        }
    }

    /// Whether the child took it.
    async fn hand_in(&mut self, ask: Ask, child: &mut Child, flights: &mut Flights) -> bool {
        match ask {
            Ask::Ready { events } => {
                let _ = events.send(Readiness::Ready).await;
                true
            }
            Ask::Prompt { events, .. } if events.is_closed() => true,
            Ask::Prompt {
                request,
                watch,
                events,
            } => {
                let id = self.next_id();
                let turn = Turn { id, watch, events };
                let budget = self.setup.plan.thinking_budget;
                flights.begin(turn, *request, budget, child).await
            }
        }
    }
}

impl Flights {
    const fn new(now: Instant) -> Self {
        Self {
            all: Vec::new(),
            current: None,
            heard: now,
            alone: now,
        }
    }

    /// Hands a prompt to the child. Whether it took it.
    async fn begin(
        &mut self,
        turn: Turn,
        request: ChatRequest,
        thinking_budget: Option<u32>,
        child: &mut Child,
    ) -> bool {
        let spec = GenerateSpec::new(turn.id, request, thinking_budget);
        let sent = turn.watch.elapsed();
        turn.tell(sent, LaneEventKind::Sent { attempt: 1 }).await;
        let is_taken = has_taken(child, &Command::Generate(Box::new(spec)), &turn).await;
        self.all.push(Flight {
            turn,
            progress: Progress::Waiting,
            cancelled: None,
        });
        is_taken
    }

    async fn hear(&mut self, arrival: Arrival) {
        self.heard = Instant::from_std(arrival.at);
        for event in arrival.events {
            if let Event::Started(id) | Event::Turn(id) = &event {
                self.current = Some(*id);
            }
            let current = self.current;
            let place = self
                .all
                .iter()
                .position(|flight| Some(flight.turn.id) == current);
            let Some((place, flight)) =
                place.and_then(|place| Some((place, self.all.get_mut(place)?)))
            else {
                continue;
            };
            flight.progress = flight.progress.after(&event, flight.turn.id);
            if let Some(told) = flight.progress.heard(event) {
                let at = flight.turn.watch.at(arrival.at);
                flight.turn.tell(at, told).await;
            }
            if flight.progress == Progress::Over {
                self.all.remove(place);
                if self.all.len() == 1 {
                    self.alone = self.heard;
                }
            }
        }
    }

    /// Waits until nobody listens to one of them any more.
    async fn left(&self) -> u64 {
        let listened: Vec<_> = self
            .all
            .iter()
            .filter(|flight| flight.cancelled.is_none())
            .map(|flight| {
                Box::pin(async {
                    flight.turn.events.closed().await;
                    flight.turn.id
                })
            })
            .collect();
        if listened.is_empty() {
            return pending().await;
        }
        select_all(listened).await.0
    }

    /// Stops a generation that nobody listens to any more. Whether the child could be told.
    async fn cancel(&mut self, id: u64, child: &mut Child) -> bool {
        let now = Instant::now();
        for flight in &mut self.all {
            if flight.turn.id == id {
                flight.cancelled = Some(now);
            }
        }
        let told = timeout(CANCEL_PATIENCE, child.send(&Command::Cancel(id))).await;
        matches!(told, Ok(Ok(())))
    }

    /// Waits until one that was cancelled should have ended and has not.
    async fn overdue(&self) {
        let first = self.all.iter().filter_map(|flight| flight.cancelled).min();
        let Some(first) = first else {
            return pending().await;
        };
        sleep_until(if self.all.len() == 1 {
            first.max(self.alone) + CANCEL_PATIENCE
        } else {
            first.max(self.heard) + SHARED_PATIENCE
        })
        .await;
    }

    /// The child has died: all fail with how it ended.
    async fn bury(self, child: Child) -> Option<Child> {
        let furthest = self.all.iter().map(|flight| flight.progress).max();
        let doing = furthest.unwrap_or(Progress::Waiting).words();
        let failure = child.post_mortem(doing).await;
        self.fail(failure).await
    }

    /// A child that does not obey is ended, and with it what else it had in hand.
    async fn kill(self, child: Child) -> Option<Child> {
        child.kill().await;
        self.fail(failed(
            "the engine did not stop a prompt that was cancelled, and was ended; the next prompt starts it again"
                .to_owned(),
        ))
        .await
    }

    async fn fail(self, failure: LaneFailure) -> Option<Child> {
        for flight in self.all {
            flight.turn.fail(failure.clone()).await;
        }
        None
    }
}

/// Whether the child took a command. One that does not read is waited for as long as somebody listens.
async fn has_taken(child: &mut Child, command: &Command, turn: &Turn) -> bool {
    let mut sending = pin!(child.send(command));
    tokio::select! {
        biased;
        sent = &mut sending => return sent.is_ok(),
        () = turn.events.closed() => {}
    }
    matches!(timeout(CANCEL_PATIENCE, sending).await, Ok(Ok(())))
}
