//! Kills a replay again and again, and counts what is left.

use super::{configure, suite};
use crate::loopback::{Loopback, Reply, Speech, Step};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
    process::{Child, Command, ExitCode, ExitStatus, Stdio},
    time::{Duration, Instant},
};

const PROMPTS: usize = 60;
const LANES: usize = 2;

type Cell = (String, String);

/// Kills it so many times, over as many batches as that takes.
pub fn run(kills: usize) -> ExitCode {
    let server = Loopback::route(slowly);
    let folder = tempfile::tempdir().expect("a folder");
    configure(&server, folder.path(), LANES);
    let file = folder.path().join("suite.jsonl");
    suite(&file, PROMPTS);
    let (mut killed, mut batches, mut asked_again, mut wrong) = (0, 0, 0, 0);
    let mut chance = 0x9e37_79b9_7f4a_7c15_u64;
    while killed < kills {
        batches += 1;
        let mut is_first = true;
        loop {
            let before = cells(folder.path());
            let mark = server.requests().len();
            let mut command = Command::new(env!("CARGO_BIN_EXE_tierscope"));
            command
                .env("TIERSCOPE_HOME", folder.path())
                .env("TIERSCOPE_KEYRING", "off")
                .args(["replay", "--quiet"])
                .arg(&file)
                .stdout(Stdio::null());
            if !is_first {
                command.arg("--resume");
            }
            chance = next(chance);
            let until = Duration::from_micros(2_000 + (chance >> 33) % 150_000);
            let ended = ended(command.spawn().expect("the program"), until, killed < kills);
            let after = cells(folder.path());
            if !is_first {
                // What was there before was not asked again, and is still there.
                let asked: BTreeSet<Cell> = server
                    .requests()
                    .iter()
                    .skip(mark)
                    .map(|request| asked(&request.body))
                    .collect();
                asked_again += before.keys().filter(|cell| asked.contains(*cell)).count();
                wrong += before
                    .keys()
                    .filter(|cell| !after.contains_key(*cell))
                    .count();
            }
            wrong += after.values().filter(|times| **times != 1).count();
            if let Some(status) = ended {
                wrong += usize::from(!status.success() || after.len() != PROMPTS * LANES);
                break;
            }
            killed += 1;
            // A batch that was killed before it was there is not continued: the next one is new.
            is_first = false;
        }
        fs::remove_file(folder.path().join("history.db")).expect("the history");
        for end in ["-wal", "-shm"] {
            let _ = fs::remove_file(folder.path().join(format!("history.db{end}")));
        }
    }
    println!(
        "{killed} kills over {batches} batches of {} cells: {asked_again} acknowledged cells were asked again, {wrong} cells are wrong",
        PROMPTS * LANES
    );
    ExitCode::from(u8::from(asked_again + wrong > 0))
}

/// How a program ends by itself; `None` where it was killed after so long.
fn ended(mut child: Child, until: Duration, may_be_killed: bool) -> Option<ExitStatus> {
    let until = Instant::now() + until;
    loop {
        if let Some(status) = child.try_wait().expect("a child") {
            return Some(status);
        }
        if Instant::now() >= until && may_be_killed {
            let _ = child.kill();
            let _ = child.wait();
            return None;
        }
        std::thread::sleep(Duration::from_micros(500));
    }
}

/// Knuth's generator: the same kills each time.
const fn next(chance: u64) -> u64 {
    chance
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
}

/// An answer that takes a few milliseconds.
fn slowly(request: &crate::loopback::Request) -> Reply {
    let mut reply = Speech::of(&["1", "9"]).openai();
    let wait = Duration::from_millis(1 + request.index as u64 % 9);
    reply.steps.insert(1, Step::Wait(wait));
    reply
}

/// The prompt and the model that a body asks.
fn asked(body: &[u8]) -> Cell {
    let body: serde_json::Value = serde_json::from_slice(body).expect("JSON");
    let text = |pointer: &str| {
        body.pointer(pointer)
            .and_then(|value| value.as_str())
            .unwrap_or_default()
            .to_owned()
    };
    (text("/messages/0/content"), text("/model"))
}

/// The cells of the history, and how often each is there.
fn cells(home: &Path) -> BTreeMap<Cell, usize> {
    let mut found = BTreeMap::new();
    if !home.join("history.db").exists() {
        return found;
    }
    let output = Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .env("TIERSCOPE_HOME", home)
        .args(["history", "show", "--json"])
        .output()
        .expect("the program");
    let Ok(shown) = serde_json::from_slice::<serde_json::Value>(&output.stdout) else {
        return found;
    };
    for run in shown["runs"].as_array().into_iter().flatten() {
        for lane in run["lanes"].as_array().into_iter().flatten() {
            let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
            *found
                .entry((text(&run["run"]["prompt"]["text"]), text(&lane["model"])))
                .or_insert(0) += 1;
        }
    }
    found
}
