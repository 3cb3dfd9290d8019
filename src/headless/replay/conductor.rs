//! The loop of a replay: keeps every station busy, takes back what comes, and knows when to stop.

mod money;
mod trouble;
mod warm_up;

use super::{
    Outcome, Replay, Report,
    cell::{self, Asked, Question},
    closing::{Closed, Closing},
    progress::{Board, Face},
    queue::{Place, Queue},
    station::Station,
    stop::Stop,
    tally::{LaneTally, Tally},
};
use crate::{
    domain::{case::Case, failure::LaneFailure},
    headless::{ask::Signal, sink::Sink},
    history::HistoryError,
    report::{self, Totals},
    run::Lane,
    spool::SpoolError,
};
use futures_util::stream::{BoxStream, StreamExt};
use money::{Ledger, Noted, Reserve, Room};
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
    time::Duration,
};
use tokio::{
    task::JoinSet,
    time::{Instant, sleep_until},
};
use trouble::{Broken, Tries};

/// Cells that may be on their way into the history before no more are sent; fewer where judges take their time.
const MOST_CLOSING: usize = 256;
const MOST_JUDGED: usize = 64;
/// How often the board is drawn at the most.
const FRAME: Duration = Duration::from_millis(200);

enum Came {
    Asked(Box<Asked>),
    Closed(Box<Closed>),
    Noted(Noted),
}

pub(super) struct Conductor {
    replay: Arc<Replay>,
    queue: Queue,
    /// Stations, and which lanes each has.
    stations: Vec<(Station, Vec<usize>)>,
    station_of: Vec<usize>,
    /// By station, what its last trouble was.
    trouble: Vec<Option<String>>,
    /// How often cells that came back for another try were tried.
    tries: HashMap<Place, Tries>,
    /// Cells that have their place to themselves.
    alone: HashSet<Place>,
    /// What the cells in flight may cost at the most.
    reserved: HashMap<Place, Reserve>,
    /// What cells whose cost nobody told may have cost beyond what is known of it.
    held_usd: f64,
    ledger: Ledger,
    /// By lane, failures that no prompt is to blame for, since the last cell that was otherwise.
    in_a_row: Vec<usize>,
    /// By lane, what broke since something got through.
    broken: Vec<Broken>,
    /// Tells the cells that nothing more is to be begun.
    stop: Arc<Stop>,
    closing: usize,
    tally: Tally,
    given_up: Vec<(usize, LaneFailure)>,
    totals: Totals,
    board: Board,
    sink: Sink,
    work: JoinSet<Came>,
}

impl Conductor {
    pub(super) fn new(replay: Replay, sink: Sink) -> Self {
        let lanes = replay.lanes.len();
        let queue = Queue::new(replay.runs.len(), lanes, replay.is_done.clone());
        let (mut stations, mut station_of) = (Vec::<(Station, Vec<usize>)>::new(), Vec::new());
        let mut keys: Vec<&str> = Vec::new();
        for (lane, post) in replay.posts.iter().enumerate() {
            let known = keys.iter().position(|key| *key == post.key);
            let station = known.unwrap_or_else(|| {
                keys.push(&post.key);
                let station = if post.is_in_turns {
                    Station::in_turns()
                } else {
                    Station::new(post.most)
                };
                stations.push((station, Vec::new()));
                stations.len() - 1
            });
            if let Some((station, lanes)) = stations.get_mut(station) {
                station.add(lane, post.most);
                lanes.push(lane);
            }
            station_of.push(station);
        }
        let left: Vec<usize> = (0..lanes).map(|lane| queue.left_of(lane)).collect();
        let names = replay.lanes.iter().map(|lane| lane.plan.name.clone());
        Self {
            trouble: vec![None; stations.len()],
            tally: Tally::new(names, &left, Instant::now()),
            board: Board::new(replay.face),
            totals: Totals::new(replay.runs.is_repeated()),
            replay: Arc::new(replay),
            queue,
            stations,
            station_of,
            tries: HashMap::new(),
            alone: HashSet::new(),
            reserved: HashMap::new(),
            held_usd: 0.0,
            ledger: Ledger::new(),
            in_a_row: vec![0; lanes],
            broken: vec![Broken::default(); lanes],
            stop: Arc::default(),
            closing: 0,
            given_up: Vec::new(),
            sink,
            work: JoinSet::new(),
        }
    }

    pub(super) async fn conduct(&mut self, mut signals: BoxStream<'static, Signal>) -> Outcome {
        let mut stopped: Option<Signal> = None;
        let mut ending: Option<Outcome> = None;
        let mut frame = Instant::now();
        tokio::select! {
            biased;
            Some(signal) = signals.next() => return Outcome::Stopped(signal),
            () = self.warm_up() => {}
        }
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
                    self.replay.bench.close();
                    let waiting = self.stop.say() + self.ledger.on_its_way();
                    let line = match self.work.len().saturating_sub(waiting) {
                        0 => "stopping: nothing is in flight\n".to_owned(),
                        1 => "stopping: 1 cell is finished and kept; once more stops at once\n".to_owned(),
                        many => format!("stopping: {many} cells are finished and kept; once more stops at once\n"),
                    };
                    self.say(&line);
                }
                Some(came) = self.work.join_next() => match came {
                    Ok(Came::Asked(asked)) => self.take_asked(*asked),
                    Ok(Came::Closed(closed)) => {
                        if let Some(error) = self.take_closed(*closed) {
                            ending.get_or_insert(Outcome::Unstored(error));
                        }
                    }
                    Ok(Came::Noted(noted)) => {
                        if let Some(error) = self.take_noted(noted) {
                            ending.get_or_insert(Outcome::Unstored(error));
                        }
                    }
                    // A task that panicked was told in the log; its cell stays undone.
                    Err(_) => {}
                },
                () = sleep_until(frame) => {
                    frame = Instant::now() + FRAME;
                    self.tally.waiting = self.waiting();
                    let text = self.board.render(&self.tally, Instant::now());
                    self.sink.err(&text);
                }
                () = sleep_until(wake.unwrap_or_else(Instant::now)), if wake.is_some() => {}
                _ = self.sink.drain(), if self.sink.is_waiting() => {}
            }
        }
        match (stopped, ending) {
            (Some(signal), None | Some(Outcome::Spent)) => Outcome::Stopped(signal),
            (_, Some(ending)) => ending,
            (None, None) if self.given_up.is_empty() => Outcome::Done,
            (None, None) => Outcome::GivenUp,
        }
    }

    pub(super) async fn end(mut self, outcome: Outcome) -> Report {
        let text = self.board.end(&self.tally, Instant::now());
        self.sink.err(&text);
        self.settle().await;
        let spent_usd = self.spent_usd();
        let _ = self.sink.close().await;
        let lanes = &self.replay.lanes;
        let done: usize = self.tally.lanes.iter().map(LaneTally::ended).sum();
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
            totals: self.totals,
            spent_usd,
        }
    }

    /// Sends cells until every station has enough. Says why no more may be sent, where that is so.
    fn send_what_may_be_sent(&mut self) -> Option<Outcome> {
        let now = Instant::now();
        let most = if self.replay.judges.is_empty() {
            MOST_CLOSING
        } else {
            MOST_JUDGED
        };
        for station in 0..self.stations.len() {
            while self.closing < most
                && let Some(lane) = self.next_lane(station, now)
            {
                match self.reserve_for(lane) {
                    Ok(Room::Enough) => {}
                    Ok(Room::Noting) => return None,
                    // What is in flight may turn out to cost less than it might have.
                    Ok(Room::TooLittle) => return self.work.is_empty().then_some(Outcome::Spent),
                    Err(error) => return Some(Outcome::Unread(error)),
                }
                let Some(place) = self.queue.take(lane) else {
                    break;
                };
                if let Err(error) = self.send(station, place) {
                    return Some(Outcome::Unread(error));
                }
            }
        }
        None
    }

    /// The lane that a station may send a cell of now.
    fn next_lane(&mut self, station: usize, now: Instant) -> Option<usize> {
        let (place, lanes) = self.stations.get_mut(station)?;
        if !place.is_open(now) {
            return None;
        }
        // None has more than its share while others have something to do: one that hangs would take it all.
        let mut busy = lanes.clone();
        busy.retain(|lane| self.queue.peek(*lane).is_some());
        if place.turn().is_none() {
            let share = place
                .most()
                .div_ceil(u32::try_from(busy.len().max(1)).unwrap_or(1));
            let in_flight =
                |lane: usize| self.tally.lanes.get(lane).map_or(0, |lane| lane.in_flight);
            busy.retain(|lane| in_flight(*lane) < share as usize);
        }
        let hindmost = self.queue.hindmost(&busy)?;
        if place.turn() == Some((hindmost, false)) {
            place.renew_turn();
        }
        let lane = match place.turn() {
            Some((lane, true)) => lane,
            Some((_, false)) => return None,
            None => hindmost,
        };
        let next = self.queue.peek(lane)?;
        (place.is_idle() || !self.alone.contains(&next)).then_some(lane)
    }

    fn question(&self, place: Place) -> Result<Option<(Lane, Question)>, SpoolError> {
        let replay = &self.replay;
        let Some((case, _)) = replay.runs.run(place.run) else {
            return Ok(None);
        };
        let case = replay.cases.case(case)?;
        Ok(case.and_then(|case| self.question_of(place, case)))
    }

    fn question_of(&self, place: Place, case: Case) -> Option<(Lane, Question)> {
        let replay = &self.replay;
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
            case: Some(Arc::new(case)),
        };
        Some((lane.clone(), question))
    }

    fn send(&mut self, station: usize, place: Place) -> Result<(), SpoolError> {
        let Some((lane, question)) = self.question(place)? else {
            return Ok(());
        };
        if let Some((station, _)) = self.stations.get_mut(station) {
            station.sent(place.lane);
            if self.alone.contains(&place) {
                station.hold();
            }
            let tries = self.tries.entry(place).or_default();
            tries.successes = station.successes();
            tries.rounds = self
                .broken
                .get(place.lane)
                .map_or(0, |broken| broken.rounds);
        }
        self.tally.sent(place.lane, Instant::now());
        let stop = Arc::clone(&self.stop);
        self.work.spawn(async move {
            Came::Asked(Box::new(cell::ask_until(lane, question, &stop).await))
        });
        Ok(())
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
        self.hold_last(closed.place, closed.untold);
        self.hold_judging(closed.judging);
        self.reserved.remove(&closed.place);
        match closed.stored {
            Ok(()) => {
                self.tally.ended(&closed);
                if let Some((run, record)) = &closed.kept {
                    let asked = report::Asked {
                        prompt: run.prompt_id.as_deref().unwrap_or_default(),
                        has_checks: Some(closed.has_checks),
                    };
                    self.totals.add(asked, record, closed.judging.known_usd);
                }
                None
            }
            Err(error) => Some(error),
        }
    }

    /// When a station that is paused opens again and has something to do.
    fn next_opening(&self) -> Option<Instant> {
        let now = Instant::now();
        self.stations
            .iter()
            .filter_map(|(station, _)| station.opens_at(now))
            .min()
    }

    /// Says what is going on, where that is shown.
    fn say(&mut self, line: &str) {
        if self.replay.face == Face::Silent {
            return;
        }
        let wipe = self.board.wipe();
        self.sink.err(&wipe);
        self.sink.err(line);
    }
}
