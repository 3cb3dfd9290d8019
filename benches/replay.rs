//! What a replay costs: many short cells at a server on this machine, against `curl --parallel` and promptfoo in the same
//! run; and what is left of it when it is killed at moments of chance.
//!
//! `cargo bench --bench replay -- [--prompts N] [--lanes N] [--promptfoo N]` sends N prompts (10,000) to N lanes (4) and
//! prints cells a second, processor time a cell and the peak of the resident memory; then the same with a tenth of the
//! prompts, which tells whether memory grows with them. `curl` sends as many requests, promptfoo (where it is on the
//! PATH) fewer, for it is slower: 400 unless said. Ends with status 1 where ours is below 400 cells a second, above 1 ms of
//! processor time a cell, or above 150 MiB.
//!
//! `cargo bench --bench replay -- --kills N` kills a replay N times with SIGKILL, continues it each time, and ends with
//! status 1 where a cell is lost, doubled, or asked again though it had been acknowledged.

#![allow(
    clippy::expect_used,
    clippy::missing_panics_doc,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)] // it prints its table, and panics when it cannot measure

#[path = "replay/kills.rs"]
mod kills;
#[path = "../tests/it/loopback.rs"]
mod loopback;
#[path = "replay/peers.rs"]
mod peers;

use loopback::{Loopback, Speech};
use std::{fmt::Write as _, fs, path::Path, process::ExitCode};

/// What the targets are.
const LEAST_CELLS_PER_SEC: f64 = 400.0;
const MOST_CPU_MS: f64 = 1.0;
const MOST_MIB: f64 = 150.0;

fn main() -> ExitCode {
    let mut arguments = std::env::args()
        .skip(1)
        .filter(|argument| argument != "--bench");
    let (mut prompts, mut lanes, mut promptfoo, mut kills) = (10_000, 4, 400, 0);
    while let Some(name) = arguments.next() {
        let value = arguments
            .next()
            .and_then(|value| value.parse::<usize>().ok());
        let value = value.unwrap_or_else(|| panic!("{name} needs a number"));
        match name.as_str() {
            "--prompts" => prompts = value,
            "--lanes" => lanes = value,
            "--promptfoo" => promptfoo = value,
            "--kills" => kills = value,
            _ => panic!("no option is called {name}"),
        }
    }
    if kills > 0 {
        return kills::run(kills);
    }
    let server = Loopback::route(|_| Speech::of(&["1", "9"]).openai());
    let folder = tempfile::tempdir().expect("a folder");
    let few = measured(&server, folder.path(), (prompts / 10).max(1), lanes);
    let many = measured(&server, folder.path(), prompts, lanes);
    println!(
        "{:<28} {:>9} {:>12} {:>14} {:>10}",
        "", "cells", "cells/s", "CPU ms a cell", "peak MiB"
    );
    few.print("tierscope replay, a tenth");
    many.print("tierscope replay");
    peers::curl(&server, folder.path(), prompts * lanes).print("curl --parallel");
    match peers::promptfoo(&server, folder.path(), promptfoo) {
        Some(figures) => figures.print("promptfoo eval"),
        None => println!("promptfoo is not on the PATH"),
    }
    let is_good = many.cells_per_sec() >= LEAST_CELLS_PER_SEC
        && many.cpu_ms_per_cell() <= MOST_CPU_MS
        && many.peak_mib <= MOST_MIB;
    println!(
        "{}",
        if is_good {
            "within the targets"
        } else {
            "NOT within the targets"
        }
    );
    ExitCode::from(u8::from(!is_good))
}

/// What was measured of one program.
#[derive(Debug)]
pub struct Figures {
    pub cells: usize,
    pub wall_s: f64,
    pub cpu_s: f64,
    pub peak_mib: f64,
}

impl Figures {
    fn cells_per_sec(&self) -> f64 {
        self.cells as f64 / self.wall_s
    }

    fn cpu_ms_per_cell(&self) -> f64 {
        1_000.0 * self.cpu_s / self.cells as f64
    }

    fn print(&self, name: &str) {
        println!(
            "{name:<28} {:>9} {:>12.0} {:>14.3} {:>10.1}",
            self.cells,
            self.cells_per_sec(),
            self.cpu_ms_per_cell(),
            self.peak_mib
        );
    }
}

/// A configuration with so many lanes at a server.
pub fn configure(server: &Loopback, home: &Path, lanes: usize) {
    let config = (0..lanes).fold(String::new(), |mut config, lane| {
        let _ = write!(
            config,
            "[[lane]]\nname = \"lane-{lane}\"\nprovider = \"openai-compatible\"\nmodel = \"m-{lane}\"\nbase_url = \"{}\"\n\n",
            server.url("/v1")
        );
        config
    });
    fs::write(home.join("config.toml"), config).expect("written");
}

/// A suite of so many prompts.
pub fn suite(path: &Path, prompts: usize) {
    let suite = (0..prompts).fold(String::new(), |mut suite, prompt| {
        let _ = writeln!(
            suite,
            "{{\"id\": \"p-{prompt}\", \"prompt\": \"What is {prompt} + 7?\", \"check\": {{\"number\": 19}}}}"
        );
        suite
    });
    fs::write(path, suite).expect("written");
}

fn measured(server: &Loopback, folder: &Path, prompts: usize, lanes: usize) -> Figures {
    let home = folder.join(format!("home-{prompts}"));
    fs::create_dir_all(&home).expect("a folder");
    configure(server, &home, lanes);
    let file = home.join("suite.jsonl");
    suite(&file, prompts);
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_tierscope"));
    command
        .env("TIERSCOPE_HOME", &home)
        .env("TIERSCOPE_KEYRING", "off")
        .arg("replay")
        .arg(&file)
        .arg("--quiet");
    peers::timed(&command, prompts * lanes)
}
