//! Are our times true? Holds the reported TTFT and decode rate against a loopback server that knows when it sent what.
//!
//! Eight remote lanes of four wire formats receive 100 pieces a second each, through the same run, streams and reducer
//! that the program uses, while every core of the machine is loaded. Beside each lane a blocking bare socket receives the
//! same stream and stamps its reads: what no program could have seen earlier is not held against ours. A bound is missed
//! when our 95th percentile is beyond the bare socket's by more than 2 ms (TTFT) or 2 % (decode rate); then the exit
//! status is 1.
//!
//! Before that, without any load of ours, sixteen lanes at once are held against the same lanes one at a time: what of
//! their TTFT's error comes from the others.
//!
//! `cargo bench --bench truth -- [--only crowd|scenes] [--load engine|spin|none] [--rounds N]`. With `engine`, the usual
//! load where it can run, a local lane decodes on all cores; with `spin` another process keeps every core busy.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)] // it is run by hand: prints its table, and panics when it cannot measure

#[path = "truth/control.rs"]
mod control;
#[path = "truth/crowd.rs"]
mod crowd;
#[path = "truth/figures.rs"]
mod figures;
#[path = "truth/load.rs"]
mod load;
#[path = "../tests/it/loopback.rs"]
mod loopback;
#[path = "truth/scene.rs"]
mod scene;

use figures::{Row, Sample, ServerLog};
use load::{Load, LoadKind};
use loopback::Loopback;
use scene::{Cell, Replies, SCENES, Scene, Who};
use std::{process::ExitCode, sync::Arc};
use tierscope::{
    domain::{environment::Environment, plan::Schedule, run::RunState},
    provider::{self, Services, Stopwatch},
    run::{self, Lane, RunSpec},
};
use tokio::runtime::Runtime;

/// Remote lanes in a run.
const LANES: usize = 8;
/// Rounds of each scene that count. One more comes before them, for the connections; and as many again where a bound
/// was missed, for other programs on the machine can spoil a 95th percentile, but not twice as many streams so easily.
const ROUNDS: usize = 8;
/// Rounds of many lanes for each such round: their streams are short, and each lane has a percentile of its own.
const CROWDS: usize = 5;

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if load::is_spinner(&arguments) {
        load::spin();
    }
    let value = |name: &str| {
        let position = arguments.iter().position(|argument| argument == name)?;
        arguments.get(position + 1)
    };
    let rounds = value("--rounds").map_or(ROUNDS, |text| {
        text.parse().expect("--rounds takes a number")
    });
    let kind = value("--load").map_or_else(LoadKind::usual, |text| {
        text.parse().expect("--load engine|spin|none")
    });

    let only = value("--only").map(String::as_str);

    let runtime = tierscope::wiring::runtime().expect("a runtime");
    let services = Services::new(Arc::new(Environment::default()), "tierscope".into());
    let asking = Asking {
        runtime: &runtime,
        services: &services,
    };
    let mut is_true = true;
    if only != Some("scenes") {
        is_true &= crowd::play(&asking, rounds * CROWDS);
    }
    if only != Some("crowd") {
        is_true &= play(&asking, rounds, kind);
    }
    if is_true {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Plays the scenes under load; tells whether every bound holds.
fn play(asking: &Asking<'_>, rounds: usize, kind: LoadKind) -> bool {
    let replies = Replies::of_lanes(SCENES, LANES);
    let server = Loopback::route(move |request| replies.answer(request));
    let load = Load::start(kind, asking.runtime);
    println!(
        "{LANES} lanes, {} pieces/s each, {rounds} rounds, load: {load}",
        scene::PIECES_PER_SEC
    );
    println!("{}", figures::HEADER);
    let mut is_true = true;
    for scene in SCENES {
        let mut stage = Stage {
            asking,
            server: &server,
            scene,
            rounds: 0,
            ours: Vec::new(),
            control: Vec::new(),
        };
        stage.rehearse();
        let mut row = stage.play(rounds);
        if !row.is_true() {
            row = stage.play(rounds);
        }
        println!("{row}");
        is_true &= row.is_true();
    }
    println!("the load made {}", load.stop());
    is_true
}

/// A scene that is being played.
struct Stage<'a> {
    asking: &'a Asking<'a>,
    server: &'a Loopback,
    scene: &'static Scene,
    rounds: usize,
    ours: Vec<Sample>,
    control: Vec<Sample>,
}

impl Stage<'_> {
    /// A round that does not count.
    fn rehearse(&mut self) {
        self.round();
        self.ours.clear();
        self.control.clear();
    }

    /// More rounds, and what all of them say.
    fn play(&mut self, rounds: usize) -> Row {
        for _ in 0..rounds {
            self.round();
        }
        Row::of(self.scene.name, &self.ours, &self.control)
    }

    /// All lanes and all bare sockets at once.
    fn round(&mut self) {
        let (scene, round) = (self.scene, self.rounds);
        self.rounds += 1;
        let cells = |who| {
            (0..LANES).map(move |lane| Cell {
                scene,
                round,
                who,
                lane,
            })
        };
        let sockets: Vec<_> = cells(Who::Control)
            .map(|cell| control::spawn(self.server.address(), cell))
            .collect();
        let (watch, state) = self.asking.ask(self.server, cells(Who::Ours));
        let receipts: Vec<_> = sockets
            .into_iter()
            .map(|socket| socket.join().expect("a bare socket that read to the end"))
            .collect();

        let log = ServerLog::of(self.server);
        for (cell, lane) in cells(Who::Ours).zip(&state.lanes) {
            let truth = log.of_cell(&cell);
            self.ours.push(Sample::ours(&cell, lane, watch, &truth));
        }
        for (cell, receipt) in cells(Who::Control).zip(&receipts) {
            let truth = log.of_cell(&cell);
            self.control.push(Sample::control(&cell, receipt, &truth));
        }
    }
}

/// Our side, as the program does it.
struct Asking<'a> {
    runtime: &'a Runtime,
    services: &'a Services,
}

impl Asking<'_> {
    /// Asks for these cells at once, and waits for the end.
    fn ask(&self, server: &Loopback, cells: impl Iterator<Item = Cell>) -> (Stopwatch, RunState) {
        self.runtime.block_on(ask(self.services, server, cells))
    }
}

/// A run, its events, the reducer.
async fn ask(
    services: &Services,
    server: &Loopback,
    cells: impl Iterator<Item = Cell>,
) -> (Stopwatch, RunState) {
    let lanes: Vec<Lane> = cells
        .map(|cell| {
            let plan = Arc::new(cell.plan(server));
            let provider = provider::build(&plan, services);
            Lane { plan, provider }
        })
        .collect();
    let mut state = RunState::new(lanes.len());
    let mut handle = run::spawn(RunSpec {
        earlier: Vec::new(),
        max_tokens: None,
        prompt: scene::PROMPT.to_owned(),
        system: None,
        schedule: Schedule::Race,
        lanes,
    });
    while let Some(event) = handle.events.recv().await {
        state.apply(&event);
    }
    (handle.watch, state)
}
