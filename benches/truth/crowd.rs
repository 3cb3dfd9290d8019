//! Do many lanes spoil each other's TTFT? Sixteen at once, held against the same lanes one at a time.
//!
//! The server stamps when it hands each lane's first piece to the kernel; what our TTFT lies off that is ours. Of that, what
//! a lane also has alone does not come from the others. The bound is missed where a lane's 95th percentile among all is
//! beyond the one of its wire format alone by more than 2 ms.

use crate::{
    Asking,
    figures::{ServerLog, percentile, ttft_off_ms},
    loopback::Loopback,
    scene::{Cell, DIALECT_COUNT, Replies, Scene, Who},
};

/// Lanes at once.
const LANES: usize = 16;
/// What a lane's 95th percentile may lie beyond what it is alone.
const BOUND_MS: f64 = 2.0;

/// Short streams: only their first pieces are looked at.
pub const SCENES: &[Scene] = &[
    Scene {
        answer_pieces: 20,
        later_us: 1_250,
        ..Scene::plain("16 lanes in a row")
    },
    Scene {
        answer_pieces: 20,
        later_us: 0,
        ..Scene::plain("16 lanes in one moment")
    },
];

/// Plays both scenes and prints what came out; tells whether the bound holds for every lane.
pub fn play(asking: &Asking<'_>, rounds: usize) -> bool {
    let replies = Replies::of_lanes(SCENES, LANES);
    let server = Loopback::route(move |request| replies.answer(request));
    let mut stage = Stage {
        asking,
        server,
        round: 0,
    };
    println!("TTFT error, ms: one lane alone, and {LANES} at once; {rounds} rounds of each");
    let mut is_true = true;
    for scene in SCENES {
        let lanes: Vec<usize> = (0..LANES).collect();
        // For the connections.
        stage.errors(scene, &lanes);
        let mut alone = vec![Vec::new(); DIALECT_COUNT];
        let mut together = vec![Vec::new(); LANES];
        for _ in 0..rounds {
            for (dialect, errors) in alone.iter_mut().enumerate() {
                errors.extend(stage.errors(scene, &[dialect]));
            }
            for (errors, error) in together.iter_mut().zip(stage.errors(scene, &lanes)) {
                errors.push(error);
            }
        }
        is_true &= tell(scene, &alone, &together);
    }
    is_true
}

struct Stage<'a> {
    asking: &'a Asking<'a>,
    server: Loopback,
    round: usize,
}

impl Stage<'_> {
    /// How far the TTFT of each of these lanes lies off, asked at once.
    fn errors(&mut self, scene: &'static Scene, lanes: &[usize]) -> Vec<f64> {
        let round = self.round;
        self.round += 1;
        let who = Who::Ours;
        let cells: Vec<Cell> = lanes
            .iter()
            .map(|lane| Cell {
                scene,
                round,
                who,
                lane: *lane,
            })
            .collect();
        let (watch, state) = self.asking.ask(&self.server, cells.iter().copied());
        let log = ServerLog::of(&self.server);
        let lanes = cells.iter().zip(&state.lanes);
        lanes
            .map(|(cell, lane)| ttft_off_ms(lane, watch, &log.of_cell(cell)).abs())
            .collect()
    }
}

/// Prints a scene; tells whether every lane keeps the bound.
fn tell(scene: &Scene, alone: &[Vec<f64>], together: &[Vec<f64>]) -> bool {
    let sorted = |values: &[f64]| {
        let mut values = values.to_vec();
        values.sort_by(f64::total_cmp);
        values
    };
    let at = |values: &[f64], share| percentile(&sorted(values), share);
    let baseline: Vec<f64> = alone.iter().map(|errors| at(errors, 0.95)).collect();
    let beyond: Vec<f64> = together
        .iter()
        .enumerate()
        .map(|(lane, errors)| at(errors, 0.95) - baseline[lane % baseline.len()])
        .collect();
    let worst = beyond.iter().copied().fold(f64::MIN, f64::max);
    let (alone, together) = (alone.concat(), together.concat());
    let is_true = worst <= BOUND_MS;
    println!(
        "{:<24} alone {:.3} / {:.3}   at once {:.3} / {:.3} (50 % / 95 %)   beyond, of the worst lane: {worst:.3}{}",
        scene.name,
        at(&alone, 0.5),
        at(&alone, 0.95),
        at(&together, 0.5),
        at(&together, 0.95),
        if is_true { "" } else { "   MISSED" },
    );
    is_true
}
