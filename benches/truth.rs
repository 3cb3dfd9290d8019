//! Are our times true? Holds the reported TTFT and decode rate against a loopback server that knows when it sent what.
//!
//! Eight remote lanes of four wire formats receive 100 pieces a second each, through the same run, streams and reducer
//! that the program uses, while every core of the machine is loaded. Beside each lane a blocking bare socket receives the
//! same stream and stamps its reads: what no program could have seen earlier is not held against ours. A bound is missed
//! when our 95th percentile is beyond the bare socket's by more than 2 ms (TTFT) or 2 % (decode rate); then the exit
//! status is 1.
//!
//! `cargo bench --bench truth -- [--load engine|spin|none] [--rounds N]`. With `engine`, the usual load where it can run,
//! a local lane decodes on all cores; with `spin` another process keeps every core busy.

#![allow(
    clippy::expect_used,
    clippy::panic,
    clippy::print_stdout,
    clippy::unwrap_used
)] // it is run by hand: prints its table, and panics when it cannot measure

#[path = "truth/control.rs"]
mod control;
#[path = "truth/figures.rs"]
mod figures;
#[path = "truth/load.rs"]
mod load;
#[path = "../tests/it/loopback.rs"]
mod loopback;
#[path = "truth/scene.rs"]
mod scene;

use figures::Sample;
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
/// Rounds of each scene that count; one more comes before them, for the connections.
const ROUNDS: usize = 12;

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

    let runtime = tierscope::wiring::runtime().expect("a runtime");
    let services = Services::new(Arc::new(Environment::default()), "tierscope".into());
    let replies = Replies::of_lanes(LANES);
    let server = Loopback::route(move |request| replies.answer(request));
    let load = Load::start(kind, &runtime);
    println!(
        "{LANES} lanes, {} pieces/s each, {rounds} rounds, load: {load}",
        scene::PIECES_PER_SEC
    );
    println!("{}", figures::HEADER);
    let mut is_true = true;
    for scene in SCENES {
        let mut ours = Vec::new();
        let mut control = Vec::new();
        for round in 0..=rounds {
            let (one, other) = play(&runtime, &services, &server, scene, round);
            if round > 0 {
                ours.extend(one);
                control.extend(other);
            }
        }
        let row = figures::Row::of(scene.name, &ours, &control);
        println!("{row}");
        is_true &= row.is_true();
    }
    println!("the load made {}", load.stop());
    if is_true {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// One round of a scene: all lanes and all bare sockets at once.
fn play(
    runtime: &Runtime,
    services: &Services,
    server: &Loopback,
    scene: &'static Scene,
    round: usize,
) -> (Vec<Sample>, Vec<Sample>) {
    let cells = |who| {
        (0..LANES).map(move |lane| Cell {
            scene,
            round,
            who,
            lane,
        })
    };
    let sockets: Vec<_> = cells(Who::Control)
        .map(|cell| control::spawn(server.address(), cell))
        .collect();
    let (watch, state) = runtime.block_on(ask(services, server, cells(Who::Ours)));
    let receipts: Vec<_> = sockets
        .into_iter()
        .map(|socket| socket.join().expect("a bare socket that read to the end"))
        .collect();

    let log = figures::ServerLog::of(server);
    let ours = cells(Who::Ours)
        .zip(&state.lanes)
        .map(|(cell, lane)| Sample::ours(&cell, lane, watch, &log.of_cell(&cell)))
        .collect();
    let control = cells(Who::Control)
        .zip(&receipts)
        .map(|(cell, receipt)| Sample::control(&cell, receipt, &log.of_cell(&cell)))
        .collect();
    (ours, control)
}

/// Our side, as the program does it: a run, its events, the reducer.
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
