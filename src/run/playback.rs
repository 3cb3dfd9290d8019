//! A past run once more: its events come again in their own time, faster, slower, or piece by piece. Asks nobody.

use super::RunHandle;
use crate::{
    domain::{
        event::{LaneEvent, LaneEventKind, StreamEvent},
        id::LaneId,
        record::RunHead,
        tape::{Pauses, cut_off, ends_lane},
    },
    provider::Stopwatch,
};
use futures_util::future::select_all;
use std::{sync::Arc, time::Duration};
use tokio::{
    sync::{Mutex, mpsc, watch},
    time::{Instant, sleep_until},
};

/// Events that may wait for their reader.
const EVENTS: usize = 256;

/// A run that is over.
#[derive(Debug, Clone)]
pub struct Playback {
    /// What was asked, and when.
    pub head: RunHead,
    /// How many lanes there were.
    pub lanes: usize,
    /// What happened, in the order of time.
    pub events: Arc<[LaneEvent]>,
    /// How fast.
    pub pace: Pace,
}

/// How fast a run is played.
#[derive(Debug, Clone)]
pub enum Pace {
    /// So many times as fast as it was.
    Times(f64),
    /// The next piece comes when somebody says so.
    Steps(Arc<Mutex<mpsc::Receiver<()>>>),
}

/// Plays some lanes of a run; the handle knows them by their place among `lanes`. The times of the events are those of the
/// recording, whatever the pace: every figure stays what it was.
pub fn play(playback: &Playback, lanes: &[usize]) -> RunHandle {
    let (sender, events) = mpsc::channel(EVENTS);
    let (stops, stopped): (Vec<_>, Vec<_>) = lanes.iter().map(|_| watch::channel(false)).unzip();
    let player = Player {
        playback: playback.clone(),
        lanes: lanes.to_vec(),
        stopped,
        is_over: vec![false; lanes.len()],
        has_ended: vec![false; lanes.len()],
        sender,
    };
    tokio::spawn(player.run());
    RunHandle {
        head: playback.head.clone(),
        events,
        watch: Stopwatch::start(),
        stops,
    }
}

struct Player {
    playback: Playback,
    lanes: Vec<usize>,
    stopped: Vec<watch::Receiver<bool>>,
    /// Lanes of which nothing more is told.
    is_over: Vec<bool>,
    /// Lanes that have said how they ended.
    has_ended: Vec<bool>,
    sender: mpsc::Sender<LaneEvent>,
}

impl Player {
    async fn run(mut self) {
        let began = Instant::now();
        let events = Arc::clone(&self.playback.events);
        let mut stepped = None;
        let mut pauses = Pauses::default();
        for event in &*events {
            let Some(lane) = self.lanes.iter().position(|lane| *lane == event.lane.0) else {
                continue;
            };
            let due = pauses.play_at(event.at);
            self.wait_for(event, due, began, &mut stepped).await;
            self.stop_where_asked(event.at).await;
            if self.is_over.get(lane).copied().unwrap_or(true) {
                continue;
            }
            match &event.kind {
                LaneEventKind::Settled { .. } => self.say_how_it_ended(lane, event.at).await,
                kind if ends_lane(kind) => _ = self.mark_ended(lane),
                _ => {}
            }
            let event = LaneEvent {
                lane: LaneId(lane),
                ..event.clone()
            };
            if self.sender.send(event).await.is_err() {
                return;
            }
        }
        // A tape that was cut off leaves no lane waiting.
        let last = events.last().map_or(Duration::ZERO, |event| event.at);
        for lane in 0..self.lanes.len() {
            self.end(lane, last).await;
        }
    }

    /// Waits for an event's time; a lane that is stopped wakes it.
    async fn wait_for(
        &mut self,
        event: &LaneEvent,
        due: Duration,
        began: Instant,
        stepped: &mut Option<Duration>,
    ) {
        let mut brakes: Vec<_> = self.stopped.iter_mut().collect();
        let changed = async {
            if brakes.is_empty() {
                std::future::pending::<()>().await;
            }
            let all = brakes
                .iter_mut()
                .map(|stop| Box::pin(stop.wait_for(|is_stopped| *is_stopped)));
            let _ = select_all(all).await;
        };
        match &self.playback.pace {
            Pace::Times(speed) => {
                let due = began + due.div_f64(speed.max(0.001));
                tokio::select! {
                    () = sleep_until(due) => {}
                    () = changed => {}
                }
            }
            Pace::Steps(steps) => {
                let is_piece = matches!(
                    event.kind,
                    LaneEventKind::Stream(
                        StreamEvent::Answer { .. } | StreamEvent::Reasoning { .. }
                    )
                );
                // Pieces of one read come together.
                if is_piece && *stepped != Some(event.at) {
                    *stepped = Some(event.at);
                    let mut steps = steps.lock().await;
                    tokio::select! {
                        _ = steps.recv() => {}
                        () = changed => {}
                    }
                }
            }
        }
    }

    async fn stop_where_asked(&mut self, at: Duration) {
        for lane in 0..self.lanes.len() {
            let is_asked = self.stopped.get(lane).is_some_and(|stop| *stop.borrow());
            if is_asked && !self.is_over.get(lane).copied().unwrap_or(true) {
                self.say(lane, at, LaneEventKind::Cancelled).await;
                self.mark_ended(lane);
                self.end(lane, at).await;
            }
        }
    }

    async fn end(&mut self, lane: usize, at: Duration) {
        if let Some(is_over) = self.is_over.get_mut(lane)
            && !std::mem::replace(is_over, true)
        {
            self.say_how_it_ended(lane, at).await;
            self.say(lane, at, LaneEventKind::Settled { disturbed: false })
                .await;
        }
    }

    fn mark_ended(&mut self, lane: usize) -> bool {
        let has_ended = self.has_ended.get_mut(lane);
        has_ended.is_some_and(|has_ended| !std::mem::replace(has_ended, true))
    }

    /// Says that the recording ends too early, where it does.
    async fn say_how_it_ended(&mut self, lane: usize, at: Duration) {
        if self.mark_ended(lane) {
            let error = cut_off();
            self.say(lane, at, LaneEventKind::Failed { error }).await;
        }
    }

    async fn say(&self, lane: usize, at: Duration, kind: LaneEventKind) {
        let lane = LaneId(lane);
        let _ = self.sender.send(LaneEvent { lane, at, kind }).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::{
        event::FinishReason, id::RunId, plan::Schedule, record::PromptRecord, run::RunState,
    };

    fn playback(pace: Pace) -> Playback {
        let at = |millis, lane, kind| LaneEvent {
            lane: LaneId(lane),
            at: Duration::from_millis(millis),
            kind,
        };
        let answer = |text: &str| LaneEventKind::Stream(StreamEvent::answer(text));
        let finished = || {
            LaneEventKind::Stream(StreamEvent::Finished {
                reason: FinishReason::Stop,
            })
        };
        let events = [
            at(0, 0, LaneEventKind::Sent { attempt: 1 }),
            at(0, 1, LaneEventKind::Sent { attempt: 1 }),
            at(1_000, 0, answer("1")),
            at(2_000, 1, answer("2")),
            at(10_000, 0, answer("9")),
            at(10_000, 0, finished()),
            at(10_000, 0, LaneEventKind::Settled { disturbed: false }),
            at(60_000, 1, finished()),
        ];
        Playback {
            head: RunHead {
                id: RunId("r".to_owned()),
                started_at: String::new(),
                schedule: Schedule::Race,
                prompt: PromptRecord {
                    system: None,
                    text: "12 + 7".to_owned(),
                    earlier: Vec::new(),
                },
                version: String::new(),
            },
            lanes: 2,
            events: Arc::from(events.to_vec()),
            pace,
        }
    }

    async fn folded(handle: &mut RunHandle, lanes: usize) -> RunState {
        let mut state = RunState::new(lanes);
        while let Some(event) = handle.events.recv().await {
            state.apply(&event);
        }
        state
    }

    #[tokio::test(start_paused = true)]
    async fn it_takes_its_time_and_the_figures_stay() {
        for (speed, expected) in [(1.0, 60.0), (10.0, 6.0), (0.5, 120.0)] {
            let began = Instant::now();
            let mut handle = play(&playback(Pace::Times(speed)), &[0, 1]);
            let state = folded(&mut handle, 2).await;
            let took = began.elapsed().as_secs_f64();
            assert!((took - expected).abs() < 0.1, "{speed}: {took} s");
            assert_eq!(state.lanes[0].answer, "19");
            assert_eq!(state.lanes[0].timing().ttft_ms, Some(1_000.0));
            assert_eq!(state.lanes[0].timing().e2e_ms, Some(10_000.0));
            assert!(state.is_settled(), "also the lane whose tape was cut off");
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_pause_of_years_is_cut_short_and_changes_no_figure() {
        let mut long = playback(Pace::Times(1.0));
        let mut events = long.events.to_vec();
        let years = Duration::from_micros(u64::MAX);
        for event in events.iter_mut().filter(|event| event.at.as_secs() >= 10) {
            event.at = years;
        }
        long.events = Arc::from(events);
        let began = Instant::now();
        let state = folded(&mut play(&long, &[0, 1]), 2).await;
        assert!(began.elapsed() < Duration::from_secs(5));
        assert_eq!(state.lanes[0].answer, "19");
        assert_eq!(
            state.lanes[0].timing().e2e_ms,
            Some(years.as_secs_f64() * 1e3)
        );
    }

    #[tokio::test(start_paused = true)]
    async fn a_recording_that_ends_too_early_says_so() {
        for settled in [false, true] {
            let mut short = playback(Pace::Times(1.0));
            let mut events = short.events.to_vec();
            events.retain(|event| {
                let is_finish = matches!(
                    event.kind,
                    LaneEventKind::Stream(StreamEvent::Finished { .. })
                );
                let is_settled = matches!(event.kind, LaneEventKind::Settled { .. });
                event.lane.0 != 0 || !(is_finish || is_settled && !settled)
            });
            short.events = Arc::from(events);
            let state = folded(&mut play(&short, &[0, 1]), 2).await;
            assert_eq!(state.lanes[0].failure(), Some(&cut_off()));
            assert_eq!(state.lanes[0].answer, "19");
            assert_eq!(state.lanes[1].failure(), None);
            assert!(state.is_settled());
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_lane_can_be_stopped_and_left_out() {
        let mut handle = play(&playback(Pace::Times(1.0)), &[1, 0]);
        handle.cancel(LaneId(1));
        let state = folded(&mut handle, 2).await;
        assert_eq!(state.lanes[0].answer, "2");
        assert_eq!(state.lanes[1].phase, crate::domain::lane::Phase::Cancelled);
        let mut handle = play(&playback(Pace::Times(1.0)), &[1]);
        let state = folded(&mut handle, 1).await;
        assert_eq!(state.lanes[0].answer, "2");
    }

    #[tokio::test(start_paused = true)]
    async fn step_by_step_a_piece_comes_when_it_is_asked_for() {
        let (step, steps) = mpsc::channel(1);
        let pace = Pace::Steps(Arc::new(Mutex::new(steps)));
        let mut handle = play(&playback(pace), &[0, 1]);
        let mut state = RunState::new(2);
        for expected in [("1", ""), ("1", "2"), ("19", "2")] {
            step.send(()).await.unwrap();
            loop {
                let event = handle.events.recv().await.unwrap();
                state.apply(&event);
                if matches!(
                    event.kind,
                    LaneEventKind::Stream(StreamEvent::Answer { .. })
                ) {
                    break;
                }
            }
            let answers = (
                state.lanes[0].answer.as_str(),
                state.lanes[1].answer.as_str(),
            );
            assert_eq!(answers, expected);
        }
    }
}
