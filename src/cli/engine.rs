//! `tierscope engine`: the child process that owns llama.cpp. Started by the program itself, for nobody's fingers.

use super::context::Context;
use crate::{
    engine,
    failure::{CliError, Exit},
};
use std::process::ExitCode;

/// What can be typed after `engine`: nothing. What to load comes over the pipe.
#[derive(Debug, clap::Args)]
pub struct EngineArgs {}

/// Serves the parent process until its pipe closes.
pub fn run(_context: &Context, _args: &EngineArgs) -> Result<Exit, CliError> {
    if engine::main_loop() == ExitCode::SUCCESS {
        Ok(Exit::Success)
    } else {
        Err(CliError::failed("the pipe to the program is gone"))
    }
}
