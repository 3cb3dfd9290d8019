//! `tierscope ask`: one prompt to all lanes, without a screen.

use super::{context::Context, options::RunOptions};
use crate::failure::{CliError, Exit};
use std::path::PathBuf;

/// What can be typed after `ask`.
#[derive(Debug, clap::Args)]
pub struct AskArgs {
    /// The prompt; `-` reads standard input
    pub prompt: Option<String>,
    /// Reads the prompt from this file
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Asks and prints.
pub fn run(context: &Context, args: &AskArgs) -> Result<Exit, CliError> {
    let _ = (context, args);
    Err(CliError::failed("asking is being built"))
}
