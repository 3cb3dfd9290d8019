//! `tierscope lanes`: which lanes run here and where, and what the others lack. Asks no host and loads no model of the
//! person's; only where a GPU backend is built in, a pocket model is loaded to learn which device takes it.

mod report;
mod table;

use super::{context::Context, options::RunOptions, print_data};
use crate::{
    config::discover,
    failure::{CliError, Exit},
    wiring::{self, Ground},
};

/// What can be typed after `lanes`.
#[derive(Debug, clap::Args)]
pub struct LanesArgs {
    /// Prints JSON: an array of objects
    #[arg(long)]
    pub json: bool,
}

/// Looks and prints.
pub fn run(context: &Context, args: &LanesArgs) -> Result<Exit, CliError> {
    let runtime = wiring::runtime()?;
    let ground = Ground::load(context, &RunOptions::default())?;
    let rows = runtime.block_on(async {
        let servers = discover::of_servers(&discover::HAUNTS).await;
        report::rows(&ground, &servers).await
    });
    runtime.shutdown_background();
    context.warn(&ground.settings(Vec::new()).warnings);
    let text = if args.json {
        let json = serde_json::to_string_pretty(&rows?)
            .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))?;
        json + "\n"
    } else {
        table::render(&rows?)
    };
    print_data(text.as_bytes())?;
    Ok(Exit::Success)
}
