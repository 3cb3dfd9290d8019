//! The loop of a replay: keeps every station busy, takes back what comes, and knows when to stop.

use super::{
    Outcome, Replay, Report,
    cell::{self, Asked, Question},
    closing::{Closed, Closing},
    progress::Board,
    queue::{Place, Queue},
    station::{Blame, Station},
    tally::Tally,
};
use crate::{
    domain::{
        failure::LaneFailure,
        forecast::{self, Forecast},
    },
    headless::{ask::Signal, sink::Sink},
    history::HistoryError,
    report::Evidence,
    run::Lane,
};
use futures_util::stream::{BoxStream, StreamExt};
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};

/// Cells that may be on their way into the history before no more are sent.
const MOST_CLOSING: usize = 256;
/// How often a cell is tried again where something broke, and where its host turned it away.
const CHANCES: u32 = 3;
const TURNED_AWAY: u32 = 10;
/// A lane of which nothing ever got through is given up after so many cells.
const HOPELESS: usize = 3;
/// How often the board is drawn at the most.
const FRAME: Duration = Duration::from_millis(200);

enum Came {
    Asked(Box<Asked>),
    Closed(Box<Closed>),
}

pub(super) struct Conductor {
    replay: Arc<Replay>,
    queue: Queue,
    /// Stations, and which lanes each has.
    stations: Vec<(Station, Vec<usize>)>,
    station_of: Vec<usize>,
    tries: HashMap<Place, u32>,
    /// What the cells in flight may cost at the most.
    reserved: HashMap<Place, f64>,
    closing: usize,
    tally: Tally,
    given_up: Vec<(usize, LaneFailure)>,
    evidence: Evidence,
    board: Board,
    sink: Sink,
    work: JoinSet<Came>,
}

impl Conductor {
    pub(super) fn new(replay: Replay, sink: Sink) -> Self {
        let lanes = replay.lanes.len();
        let queue = Queue::new(replay.runs.len(), lanes, |place| {
            let at = place.run * lanes + place.lane;
            replay.is_done.get(at).copied().unwrap_or(false)
        });
        let (mut stations, mut station_of) = (Vec::<(Station, Vec<usize>)>::new(), Vec::new());
        let mut keys: Vec<&str> = Vec::new();
        for (lane, post) in replay.posts.iter().enumerate() {
            let known = keys.iter().position(|key| *key == post.key);
            let station = known.unwrap_or_else(|| {
                keys.push(&post.key);
                stations.push((Station::new(post.most), Vec::new()));
                stations.len() - 1
            });
            if let Some((_, lanes)) = stations.get_mut(station) {
                lanes.push(lane);
            }
            station_of.push(station);
        }
        let left: Vec<usize> = (0..lanes).map(|lane| queue.left_of(lane)).collect();
        let names = replay.lanes.iter().map(|lane| lane.plan.name.clone());
        Self {
            tally: Tally::new(names, &left, Instant::now()),
            board: Board::new(replay.face),
            replay: Arc::new(replay),
            queue,
            stations,
            station_of,
            tries: HashMap::new(),
            reserved: HashMap::new(),
            closing: 0,
            given_up: Vec::new(),
            evidence: Evidence::default(),
            sink,
            work: JoinSet::new(),
        }
    }

    pub(super) async fn conduct(&mut self, mut signals: BoxStream<'static, Signal>) -> Outcome {
        let mut stopped: Option<Signal> = None;
        let mut ending: Option<Outcome> = None;
        let mut frame = Instant::now();
        loop {
            self.sink.offer();
            if stopped.is_none() && ending.is_none() {
                ending = self.send_what_may_be_sent();
            }
            if self.work.is_empty()
                && (stopped.is_some() || ending.is_some() || self.queue.is_empty())
            {
                break;
            }
            let wake = self.next_opening();
            tokio::select! {
                biased;
                Some(signal) = signals.next() => {
                    if let Some(first) = stopped {
                        self.work.shutdown().await;
                        return Outcome::Stopped(first);
                    }
                    stopped = Some(signal);
                    let line = format!(
                        "stopping: {} in flight {} finished and kept; once more stops at once\n",
                        self.work.len(),
                        if self.work.len() == 1 { "cell is" } else { "cells are" },
                    );
                    self.say(&line);
                }
                Some(came) = self.work.join_next() => match came {
                    Ok(Came::Asked(asked)) => self.take_asked(*asked),
                    Ok(Came::Closed(closed)) => {
                        if let Some(error) = self.take_closed(*closed) {
                            ending.get_or_insert(Outcome::Unstored(error));
                        }
                    }
                    // A task that panicked was told in the log; its cell stays undone.
                    Err(_) => {}
                },
                () = sleep_until(frame) => {
                    frame = Instant::now() + FRAME;
                    let text = self.board.render(&self.tally, Instant::now());
                    self.sink.err(&text);
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                _ = self.sink.drain(), if self.sink.is_waiting() => {}
            }
        }
        match (stopped, ending) {
            (_, Some(Outcome::Unstored(error))) => Outcome::Unstored(error),
            (Some(signal), _) => Outcome::Stopped(signal),
            (None, Some(ending)) => ending,
            (None, None) if self.given_up.is_empty() => Outcome::Done,
            (None, None) => Outcome::GivenUp,
        }
    }

    pub(super) async fn end(mut self, outcome: Outcome) -> Report {
        let text = self.board.end(&self.tally, Instant::now());
        self.sink.err(&text);
        let _ = self.sink.close().await;
        let lanes = &self.replay.lanes;
        let done: usize = self.tally.lanes.iter().map(|lane| lane.ended()).sum();
        let planned: usize = self.tally.lanes.iter().map(|lane| lane.planned).sum();
        Report {
            outcome,
            left: planned - done,
            given_up: self
                .given_up
                .into_iter()
                .filter_map(|(lane, why)| Some((lanes.get(lane)?.plan.name.clone(), why)))
                .collect(),
            tally: self.tally,
            evidence: self.evidence,
        }
    }

    /// Sends cells until every station has enough. Says why no more may be sent, where that is so.
    fn send_what_may_be_sent(&mut self) -> Option<Outcome> {
        let now = Instant::now();
        for station in 0..self.stations.len() {
            while self.closing < MOST_CLOSING
                && let Some(lane) = self.next_lane(station, now)
            {
                if !self.reserve_for(lane) {
                    return Some(Outcome::Spent);
                }
                let Some(place) = self.queue.take(lane) else {
                    break;
                };
                self.send(station, place);
            }
        }
        None
    }

    /// The lane that a station may send a cell of now.
    fn next_lane(&mut self, station: usize, now: Instant) -> Option<usize> {
        let (place, lanes) = self.stations.get(station)?;
        place
            .is_open(now)
            .then(|| self.queue.hindmost(lanes))
            .flatten()
    }

    /// Whether the next cell of a lane surely stays within the limit.
    fn reserve_for(&mut self, lane: usize) -> bool {
        let Some(limit) = self.replay.max_cost_usd else {
            return true;
        };
        let Some(next) = self.queue.peek(lane) else {
            return true;
        };
        let most = self.most_cost(next);
        let reserved: f64 = self.reserved.values().sum();
        if self.tally.cost_so_far() + reserved + most > limit {
            return false;
        }
        self.reserved.insert(next, most);
        true
    }

    /// What a cell may cost at the most; nothing where no price is known.
    fn most_cost(&self, place: Place) -> f64 {
        let Some((plan, question)) = self.question(place) else {
            return 0.0;
        };
        let mut plan = (*plan.plan).clone();
        plan.sampling.max_tokens = question.max_tokens.or(plan.sampling.max_tokens);
        if question.system.is_some() {
            plan.system.clone_from(&question.system);
        }
        let tokens = question
            .earlier
            .iter()
            .map(|message| forecast::prompt_tokens(&plan, &message.content));
        let tokens = tokens.sum::<u64>() + forecast::prompt_tokens(&plan, &question.prompt);
        match Forecast::of(&plan, tokens) {
            Forecast::AtMost(cost) => cost,
            Forecast::Free | Forecast::Unknown => 0.0,
        }
    }

    fn question(&self, place: Place) -> Option<(Lane, Question)> {
        let replay = &self.replay;
        let (case, _) = replay.runs.get(place.run)?;
        let (case, _) = replay.cases.get(*case)?;
        let lane = replay.lanes.get(place.lane)?;
        let (last, earlier) = case.messages.split_last()?;
        let question = Question {
            place,
            prompt: last.content.clone(),
            earlier: earlier.to_vec(),
            system: case.system.clone().filter(|_| !replay.is_system_fixed),
            max_tokens: case.max_tokens.filter(|_| !replay.is_max_tokens_fixed),
            schedule: replay.schedule,
            keeps_tape: replay.recorder.is_some(),
        };
        Some((lane.clone(), question))
    }

    fn send(&mut self, station: usize, place: Place) {
        let Some((lane, question)) = self.question(place) else {
            return;
        };
        if let Some((station, _)) = self.stations.get_mut(station) {
            station.sent();
        }
        self.tally.sent(place.lane, Instant::now());
        self.work
            .spawn(async move { Came::Asked(Box::new(cell::ask(lane, question).await)) });
    }

    fn take_asked(&mut self, asked: Asked) {
        let (place, now) = (asked.place, Instant::now());
        self.tally.came_back(place.lane);
        let tries = self.tries.entry(place).or_insert(0);
        *tries += 1;
        let tries = *tries;
        let is_patient = self
            .replay
            .lanes
            .get(place.lane)
            .is_some_and(|lane| lane.plan.max_retries > 0);
        let Some((station, lanes)) = self
            .station_of
            .get(place.lane)
            .and_then(|station| self.stations.get_mut(*station))
        else {
            return;
        };
        station.came_back();
        let failure = asked.failure().cloned();
        let again = match &failure {
            None => {
                station.success(asked.had_to_wait());
                false
            }
            Some(failure) => match Blame::of(failure.kind) {
                Blame::Host => {
                    station.trouble(now, failure.retry_after_ms.map(Duration::from_millis));
                    if station.is_given_up(now) {
                        for lane in lanes.clone() {
                            self.give_up(lane, failure);
                        }
                        false
                    } else {
                        is_patient && (tries < TURNED_AWAY || failure.status.is_none())
                    }
                }
                Blame::Chance => is_patient && asked.is_empty() && tries < CHANCES,
                Blame::Prompt => false,
                Blame::Lane => {
                    let hopeless = self
                        .tally
                        .lanes
                        .get(place.lane)
                        .is_some_and(|lane| lane.done == 0 && lane.failed + 1 >= HOPELESS);
                    if hopeless {
                        self.give_up(place.lane, failure);
                    }
                    false
                }
            },
        };
        if again {
            self.reserved.remove(&place);
            self.queue.give_back(place);
            return;
        }
        self.tries.remove(&place);
        self.close(asked);
    }

    /// Has a cell checked and stored.
    fn close(&mut self, asked: Asked) {
        let closing = Closing {
            replay: Arc::clone(&self.replay),
            asked,
        };
        self.closing += 1;
        self.work
            .spawn(async move { Came::Closed(Box::new(closing.close().await)) });
    }

    fn take_closed(&mut self, closed: Closed) -> Option<HistoryError> {
        self.closing -= 1;
        self.reserved.remove(&closed.place);
        match closed.stored {
            Ok(()) => {
                self.tally.ended(&closed);
                if let Some((run, record)) = &closed.kept {
                    self.evidence.add(run, record, closed.judging.known_usd);
                }
                None
            }
            Err(error) => Some(error),
        }
    }

    fn give_up(&mut self, lane: usize, failure: &LaneFailure) {
        if self.given_up.iter().any(|(given_up, _)| *given_up == lane) {
            return;
        }
        self.queue.give_up(lane);
        self.given_up.push((lane, failure.clone()));
    }

    /// When a station that is paused opens again and has something to do.
    fn next_opening(&self) -> Option<Instant> {
        let now = Instant::now();
        self.stations
            .iter()
            .filter_map(|(station, _)| station.opens_at(now))
            .min()
    }

    fn say(&mut self, line: &str) {
        let wipe = self.board.wipe();
        self.sink.err(&wipe);
        self.sink.err(line);
    }
}
