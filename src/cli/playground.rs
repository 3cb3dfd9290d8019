//! The playground: puts its lanes together and hands them to the terminal.

use super::{context::Context, options::RunOptions};
use crate::failure::{CliError, Exit};

/// Runs the playground until the person quits.
pub fn run(context: &Context, options: &RunOptions) -> Result<Exit, CliError> {
    let _ = (context, options);
    Err(CliError::failed("the playground is being built"))
}
