//! `tierscope demo`: the playground on pocket models and on lanes of a server of its own, over real HTTP on loopback.

use super::{context::Context, options::RunOptions, playground};
use crate::{
    demo::{self, Demo, Labelled, Voice},
    failure::{CliError, Exit},
    pocket::POCKETS,
    wiring::{self, Assembly, Ground},
};
use std::sync::Arc;

/// What is said at the start.
const NOTICE: &str = "loopback lanes: a server in this program, answering from the pocket models; pace and prices are made up";

/// Runs the demo until the person quits.
pub fn run(context: &Context, options: &RunOptions) -> Result<Exit, CliError> {
    let log = context.start_log();
    let runtime = wiring::runtime()?;
    let ground = Ground::bare(context, options)?;
    // Lives as long as the screen.
    let (_server, assembly) = runtime.block_on(assembled(&ground))?;
    playground::show(context, runtime, assembly, log)
}

async fn assembled(ground: &Ground) -> Result<(Demo, Assembly), CliError> {
    let server = Demo::start(voices(ground)?).await.map_err(|error| {
        CliError::failed("the demo server cannot listen on 127.0.0.1").caused_by(error)
    })?;
    let address = server.address();
    let specs: Vec<_> = demo::LANES.iter().map(|lane| lane.spec(address)).collect();
    let mut assembly = ground.assembly(ground.demo_plans(&specs)?, None)?;
    for lane in &mut assembly.lanes {
        if demo::LANES.iter().any(|demo| demo.name == lane.plan.name) {
            lane.provider = Arc::new(Labelled(Arc::clone(&lane.provider)));
        }
    }
    assembly.settings.warnings.push(NOTICE.to_owned());
    Ok((server, assembly))
}

/// For each remote lane an engine of its own: what a pane of a pocket lane measures is not moved by the server.
fn voices(ground: &Ground) -> Result<Vec<Voice>, CliError> {
    let mut voices = Vec::new();
    for lane in &demo::LANES {
        let pocket = POCKETS.iter().find(|pocket| pocket.tier == lane.tier);
        if let Some(pocket) = pocket {
            voices.push(Voice {
                model: lane.model,
                provider: ground.pocket_provider(pocket)?,
                pace: lane.pace,
            });
        }
    }
    Ok(voices)
}
