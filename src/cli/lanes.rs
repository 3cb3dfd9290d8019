//! `tierscope lanes`: which lanes run here and where, and what the others lack. Asks no host unless it is told to, and
//! loads no model of the person's; only where a GPU backend is built in, a pocket model is loaded to learn which device
//! takes it.

mod check;
mod report;
mod table;

use super::{context::Context, options::RunOptions, print_data};
use crate::{
    failure::{CliError, Exit},
    wiring::{self, Ground},
};

/// What can be typed after `lanes`.
#[derive(Debug, clap::Args)]
pub struct LanesArgs {
    /// Prints JSON: an array of objects
    #[arg(long)]
    pub json: bool,
    /// Asks the host of each lane whether it knows its key and its model, without asking for an answer
    #[arg(long)]
    pub check: bool,
}

/// Looks and prints.
pub fn run(context: &Context, args: &LanesArgs) -> Result<Exit, CliError> {
    let runtime = wiring::runtime()?;
    let ground = Ground::load(context, &RunOptions::default())?;
    let settings = ground.settings(Vec::new());
    let lanes = runtime.block_on(async {
        let (servers, ground) = wiring::look_around(ground).await;
        let mut lanes = report::lanes(&ground, &servers).await?;
        if args.check {
            check::ask(&mut lanes).await;
        }
        Ok::<_, CliError>(lanes)
    });
    runtime.shutdown_background();
    context.warn(&settings.warnings);
    let lanes = lanes?;
    let rows = lanes.iter().map(|known| &known.row);
    let text = if args.json {
        let json = serde_json::to_string_pretty(&rows.collect::<Vec<_>>())
            .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))?;
        json + "\n"
    } else {
        table::render(rows)
    };
    print_data(text.as_bytes())?;
    Ok(if args.check && lanes.iter().any(check::would_fail) {
        Exit::LaneFailed
    } else {
        Exit::Success
    })
}
