//! Sittings that are overtaken, interrupted, quit and killed at random moments: what the server finished is in the history
//! whole, the rest as far as it had come, and the sums agree.

use super::kit::{Session, Setup, lane};
use crate::loopback::{Loopback, Reply, Request, Step};
use rustix::process::Signal;
use std::{
    path::Path,
    time::{Duration, Instant},
};
use tierscope::{
    domain::record::LaneStatus,
    history::{Found, History, HistoryError, StoredRun},
};

/// Sittings, each with one moment per prompt.
const SITTINGS: u64 = 40;
const PROMPTS: usize = 5;
/// Pieces of a whole answer.
const PIECES: usize = 4;
const LANES: [&str; 2] = ["one", "two"];
const PATIENCE: Duration = Duration::from_secs(60);

/// How the sitting goes on when the moment has come.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Act {
    /// The next prompt is sent at once.
    Overtake,
    /// Ctrl-C, then the next prompt.
    Stop,
    QuitAndStop,
    InterruptTwice,
    Signal(Signal),
    Kill,
}

/// A small generator (Knuth's MMIX constants), so that a failure can be repeated by its seed.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % limit
    }
}

/// How many pieces each lane gets of a prompt; all of them is a whole answer.
type Moment = [usize; 2];

fn prompt(number: usize, moment: Moment) -> String {
    format!("prompt {number} {} {}", moment[0], moment[1])
}

fn text(lane: usize, number: usize, pieces: usize) -> String {
    let pieces: Vec<String> = (0..pieces)
        .map(|piece| format!("{}{number}.{piece} ", LANES[lane]))
        .collect();
    pieces.concat()
}

/// Sends so many pieces as the prompt says, and only whole answers end.
fn reply(request: &Request) -> Reply {
    let body = request.json();
    let lane = usize::from(body["model"] == LANES[1]);
    let asked = body["messages"].as_array().unwrap().last().unwrap()["content"]
        .as_str()
        .unwrap()
        .to_owned();
    let numbers: Vec<usize> = asked
        .split(' ')
        .filter_map(|word| word.parse().ok())
        .collect();
    let (number, pieces) = (numbers[0], numbers[1 + lane]);
    let event = |value: serde_json::Value| format!("data: {value}\n\n");
    let mut reply = Reply::events();
    for piece in 0..pieces {
        let content = format!("{}{number}.{piece} ", LANES[lane]);
        let delta =
            serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": content } }] });
        reply = reply.send(event(delta));
    }
    if pieces < PIECES {
        return reply.step(Step::Stall);
    }
    let end = serde_json::json!({ "choices": [{ "index": 0, "delta": {}, "finish_reason": "stop" }],
        "usage": { "prompt_tokens": 11 + number, "completion_tokens": 23 + lane, "total_tokens": 34 + number + lane } });
    reply.send(event(end) + "data: [DONE]\n\n")
}

fn stored(home: &Path) -> Result<Vec<StoredRun>, HistoryError> {
    let history = History::open_to_read(&home.join("history.db"))?;
    let Found::Batch(batch) = history.find(None)? else {
        panic!("a batch");
    };
    let mut runs = Vec::new();
    history.each_run(&batch, |run| {
        runs.push(run);
        Ok::<(), HistoryError>(())
    })?;
    Ok(runs)
}

/// Waits until the history holds of this prompt what `is_there` wants.
fn wait_stored(home: &Path, prompt: &str, is_there: impl Fn(&StoredRun) -> bool) {
    let deadline = Instant::now() + PATIENCE;
    loop {
        let runs = stored(home).unwrap_or_default();
        let run = runs.iter().find(|run| run.run.head.prompt.text == prompt);
        if run.is_some_and(&is_there) {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "waited for {prompt:?} in {runs:#?}"
        );
        std::thread::park_timeout(Duration::from_millis(10));
    }
}

fn has(run: &StoredRun, lane: usize, status: LaneStatus, answer: &str) -> bool {
    run.cells.iter().any(|cell| {
        let record = &cell.record.lane;
        record.lane == LANES[lane] && record.status == status && record.answer == answer
    })
}

/// Sends a prompt and waits for its moment: the person sees all that the server sends, and whole answers are stored.
fn ask(session: &mut Session, server: &Loopback, number: usize, moment: Moment) {
    let prompt = prompt(number, moment);
    session.send(format!("{prompt}\r"));
    server.wait_blocking(|log| (log.requests.len() >= 2 * (number + 1)).then_some(()));
    for lane in 0..2 {
        if let Some(last) = moment[lane].checked_sub(1) {
            session.wait_text(&format!("{}{number}.{last}", LANES[lane]));
        }
        if moment[lane] == PIECES {
            wait_stored(session.home(), &prompt, |run| {
                has(run, lane, LaneStatus::Done, &text(lane, number, PIECES))
            });
        }
    }
}

fn config(server: &Loopback) -> String {
    LANES
        .map(|name| {
            lane(name, &server.url("/v1"))
                .replace("loopback", name)
                .trim_end()
                .to_owned()
                + "\nprice = { input = 1.0, output = 7.0, as_of = \"2026-11-01\" }\n\n"
        })
        .concat()
}

fn end(session: &mut Session, act: Act, number: usize, moment: Moment) {
    let is_running = moment.iter().any(|pieces| *pieces < PIECES);
    match act {
        Act::QuitAndStop => {
            session.send("\x04");
            if is_running {
                session.wait_text("Quit?");
                session.send("s");
            }
        }
        Act::InterruptTwice => session.send("\x03\x03"),
        Act::Signal(signal) => session.signal(signal),
        Act::Kill => {
            // After a second what has come is there, whatever happens to the process.
            for lane in (0..2).filter(|lane| (1..PIECES).contains(&moment[*lane])) {
                let text = text(lane, number, moment[lane]);
                wait_stored(session.home(), &prompt(number, moment), |run| {
                    has(run, lane, LaneStatus::Cancelled, &text)
                });
            }
            session.signal(Signal::KILL);
        }
        Act::Overtake | Act::Stop => {}
    }
}

/// What the last line of the table says of the whole sitting, and what the list of the history says.
fn assert_same_sum(screen: &str, listed: &str, seed: u64) {
    let (_, sum) = screen
        .split_once("prompts of this sitting: ")
        .unwrap_or_else(|| panic!("seed {seed}: no sum in {screen}"));
    let sum = sum.lines().next().unwrap().trim();
    let row = listed.lines().nth(1).unwrap().trim_end();
    let cost = row.rsplit("  ").next().unwrap().trim();
    assert_eq!(sum, cost, "seed {seed}: {listed}");
}

fn sitting(seed: u64) {
    let server = Loopback::route(reply);
    let mut random = Random(seed);
    let mut session = Setup::with_config(&config(&server)).size(120, 40).start();
    session.wait_text("two");
    let mut stopped_at: Option<Instant> = None;
    let mut moments = Vec::new();
    let acts = [
        Act::QuitAndStop,
        Act::InterruptTwice,
        Act::Signal(Signal::TERM),
        Act::Signal(Signal::HUP),
        Act::Signal(Signal::INT),
        Act::Kill,
    ];
    let last = acts[random.below(acts.len())];
    for number in 0..PROMPTS {
        let mut moment = [random.below(PIECES + 1), random.below(PIECES + 1)];
        if last == Act::Kill && number + 1 == PROMPTS {
            // A lane that said nothing leaves nothing to look for.
            moment = moment.map(|pieces| pieces.max(1));
        }
        moments.push(moment);
        ask(&mut session, &server, number, moment);
        let act = [Act::Overtake, Act::Stop][random.below(2)];
        if number + 1 == PROMPTS {
            end(&mut session, last, number, moment);
        } else if act == Act::Stop
            && moment.iter().any(|pieces| *pieces < PIECES)
            // Two within a second would quit.
            && stopped_at.is_none_or(|at| at.elapsed() > Duration::from_secs(2))
        {
            stopped_at = Some(Instant::now());
            session.send("\x03");
            session.wait_text("stopped; Ctrl-C again quits");
        }
    }
    let home = session.home().to_owned();
    let (ended, kept) = session.ended_with_home();
    let runs = stored(&home).unwrap();
    assert_eq!(runs.len(), PROMPTS, "seed {seed}: {runs:#?}");
    for (number, (run, moment)) in runs.iter().zip(&moments).enumerate() {
        for (lane, pieces) in moment.iter().enumerate() {
            let status = match *pieces {
                PIECES => LaneStatus::Done,
                _ => LaneStatus::Cancelled,
            };
            let text = text(lane, number, *pieces);
            assert!(
                has(run, lane, status, &text),
                "seed {seed}, {last:?}, prompt {number}: {status:?} {text:?} is not in {run:#?}"
            );
        }
    }
    let listed = std::process::Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .args(["history", "list"])
        .env_clear()
        .env("TIERSCOPE_HOME", &home)
        .output()
        .unwrap();
    // A kill leaves no table.
    if last != Act::Kill {
        let listed = String::from_utf8_lossy(&listed.stdout);
        assert_same_sum(&ended.screen, &listed, seed);
    }
    drop(kept);
}

#[test]
fn a_panic_amid_answers_loses_none_of_them() {
    let server = Loopback::route(reply);
    let mut session = Setup::with_config(&config(&server))
        .var("TIERSCOPE_TEST_PANIC", "answers")
        .size(120, 40)
        .start();
    session.wait_text("two");
    // The first lane ends; the second one never does.
    let moment = [PIECES, 0];
    session.send(format!("{}\r", prompt(0, moment)));
    let (ended, home) = session.ended_with_home();
    assert_eq!(ended.status, 101);
    ended.assert_restored();
    let runs = stored(home.path()).unwrap();
    assert!(
        has(&runs[0], 0, LaneStatus::Done, &text(0, 0, PIECES)),
        "{runs:#?}"
    );
    assert!(has(&runs[0], 1, LaneStatus::Cancelled, ""), "{runs:#?}");
}

#[test]
fn whatever_comes_next_every_answer_is_kept_as_far_as_it_came() {
    let next = std::sync::atomic::AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
                    if seed >= SITTINGS {
                        return;
                    }
                    sitting(seed);
                }
            });
        }
    });
}

#[test]
fn nothing_is_kept_where_nobody_wants_it() {
    let server = Loopback::route(reply);
    let mut session = Setup::with_config(&config(&server))
        .args(&["--no-history"])
        .size(120, 40)
        .start();
    session.wait_text("two");
    session.send(format!("{}\r", prompt(0, [PIECES, PIECES])));
    session.wait_text(&format!("one0.{}", PIECES - 1));
    session.wait_text(&format!("two0.{}", PIECES - 1));
    session.send("\x04s");
    let (ended, home) = session.ended_with_home();
    assert_eq!(ended.status, 0, "{}", ended.screen);
    assert!(!home.path().join("history.db").exists());
}
