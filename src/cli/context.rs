//! What every command is given: the environment and the options of the whole program. Reads no file by itself.

use super::options::{Color, GlobalOptions};
use crate::{domain::environment::Environment, failure::CliError, places::Places};

/// The surroundings of a command.
#[derive(Debug, Clone)]
pub struct Context {
    /// The variables of the process.
    pub environment: Environment,
    /// The options of every command.
    pub global: GlobalOptions,
}

impl Context {
    /// Where this person's files are.
    pub fn places(&self) -> Result<Places, CliError> {
        Places::of(&self.environment).map_err(|error| {
            CliError::failed(error.to_string())
                .hint("set TIERSCOPE_HOME to a folder for configuration, history, log and cache")
        })
    }

    /// Whether to use colours on an output; `is_terminal` says whether that output is one.
    pub fn is_colored(&self, is_terminal: bool) -> bool {
        match self.global.color {
            Color::Always => true,
            Color::Never => false,
            Color::Auto => {
                is_terminal
                    && self.environment.var("NO_COLOR").is_none()
                    && self.environment.var("TERM") != Some("dumb")
            }
        }
    }
}
