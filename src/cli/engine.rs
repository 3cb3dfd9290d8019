//! `tierscope engine`: the child process that owns llama.cpp.

use super::context::Context;
use crate::failure::{CliError, Exit};

/// What can be typed after `engine`.
#[derive(Debug, clap::Args)]
pub struct EngineArgs {}

/// Serves the parent process until its pipe closes.
pub fn run(context: &Context, args: &EngineArgs) -> Result<Exit, CliError> {
    let _ = (context, args);
    Err(CliError::failed("the engine is being built"))
}
