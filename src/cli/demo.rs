//! `tierscope demo`: the playground on pocket models and on lanes of a server of its own, over real HTTP on loopback.

use super::{context::Context, options::RunOptions, playground};
use crate::{
    demo::{self, Demo, Labelled, Voice},
    domain::tier::Tier,
    failure::{CliError, Exit},
    pocket::POCKETS,
    provider::Provider,
    tui::model::Prepared,
    wiring::{self, Assembly, Ground},
};
use std::sync::Arc;

/// A lane of the demo, and who answers behind it.
type Answering = (demo::DemoLane, Arc<dyn Provider>);

/// What is said at the start, and below the table at the end.
const NOTICE: &str = "demo lanes: a loopback server, pace and prices made up";

/// Runs the demo until the person quits.
pub fn run(context: &Context, options: &RunOptions) -> Result<Exit, CliError> {
    if context.global.config.is_some() {
        return Err(CliError::usage("`tierscope demo` reads no configuration")
            .hint("leave `--config` out; `tierscope --lane pocket-small` and the like put pocket models beside your own lanes"));
    }
    let log = context.start_log();
    let runtime = wiring::runtime()?;
    let ground = Ground::bare(context, options)?;
    // Lives as long as the screen.
    let (_server, assembly) = runtime.block_on(assembled(&ground))?;
    playground::show(
        context,
        runtime,
        playground::Stage {
            prepared: Prepared::for_all_lanes(wiring::prompts_to_try()),
            footer: Some(NOTICE),
            playback: None,
            is_kept: false,
            assembly,
            log,
        },
    )
}

async fn assembled(ground: &Ground) -> Result<(Demo, Assembly), CliError> {
    let answering = answering(ground)?;
    let voices = answering.iter().map(|(lane, provider)| Voice {
        model: lane.model,
        provider: Arc::clone(provider),
        pace: lane.pace,
    });
    let server = Demo::start(voices.collect()).await.map_err(|error| {
        CliError::failed("the demo server cannot listen on 127.0.0.1").caused_by(error)
    })?;
    let address = server.address();
    let specs: Vec<_> = demo::LANES.iter().map(|lane| lane.spec(address)).collect();
    let mut plans = ground.demo_plans(&specs)?;
    for plan in &mut plans {
        // Six panes are enough to look at; the list of lanes has the seventh, and so has `--tier base`.
        plan.is_enabled &= plan.tier != Some(Tier::Base) || ground.has_selection();
    }
    let mut assembly = ground.assembly(plans, None)?;
    for lane in &mut assembly.lanes {
        if let Some((_, voice)) = answering
            .iter()
            .find(|(demo, _)| demo.name == lane.plan.name)
        {
            lane.provider = Arc::new(Labelled {
                lane: Arc::clone(&lane.provider),
                voice: Arc::clone(voice),
            });
        }
    }
    assembly.settings.warnings.push(NOTICE.to_owned());
    Ok((server, assembly))
}

/// Who answers for each lane: the pocket model of its tier, in an engine of its own. They share the processor with the
/// pocket lanes, and take no more than their part of it.
fn answering(ground: &Ground) -> Result<Vec<Answering>, CliError> {
    let pockets = POCKETS.len();
    let mut answering = Vec::new();
    for lane in demo::LANES {
        if let Some(pocket) = POCKETS.iter().find(|pocket| pocket.tier == lane.tier) {
            answering.push((lane, ground.pocket_provider(pocket, pockets)?));
        }
    }
    Ok(answering)
}
