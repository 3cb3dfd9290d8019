//! The command line: what can be typed, and which command it starts. The commands themselves are in the files below.

pub mod ask;
pub mod config;
pub mod context;
mod grid;
pub mod history;
pub mod keys;
pub mod lanes;
#[cfg(unix)]
mod line_modes;
pub mod manual;
pub mod models;
pub mod options;
pub mod play;
pub mod playground;
pub mod replay;
pub mod report;
mod signals;

#[cfg(feature = "local")]
pub mod demo;
#[cfg(feature = "local")]
pub mod engine;

use crate::{
    catalog,
    config::env_file,
    domain::environment::Environment,
    failure::{CliError, Exit},
};
use clap::{Parser, Subcommand};
use config::ConfigCommand;
use context::Context;
use options::{GlobalOptions, RunOptions};
use std::{
    ffi::OsString,
    io::{self, Write},
    path::Path,
    process::ExitCode,
};

/// Sends one prompt at the same time to local and remote models and shows their answers side by side.
#[derive(Debug, Parser)]
#[command(
    name = "tierscope",
    version,
    about,
    after_help = "Without a command the playground starts.",
    max_term_width = 100
)]
pub struct Cli {
    #[command(flatten)]
    pub global: GlobalOptions,
    #[command(flatten)]
    pub run: RunOptions,
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What to do; without one the playground starts.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Sends one prompt to all lanes and prints their answers
    Ask(Box<ask::AskArgs>),
    /// The playground on pocket models and a demo server of its own: no key, no network
    #[cfg(feature = "local")]
    Demo(Box<RunOptions>),
    /// Sends prompt files to all lanes, checks the answers and keeps everything; can be continued
    Replay(Box<replay::ReplayArgs>),
    /// Plays a past run again, with its own timing
    Play(play::PlayArgs),
    /// Past runs and batches: lists, shows, exports, imports, removes them
    History(history::HistoryArgs),
    /// Reports on batches and runs: which lane is enough, and what that saves
    Report(Box<report::ReportArgs>),
    /// Lists the lanes that run here, and what the others lack
    Lanes(lanes::LanesArgs),
    /// Keeps API keys in the system's keyring
    #[command(subcommand)]
    Keys(keys::KeysCommand),
    /// Lists the models of the catalogue: lab, tier, context window, price
    Models(models::ModelsArgs),
    /// Shows, checks or begins the configuration
    #[command(subcommand)]
    Config(config::ConfigCommand),
    /// Prints a completion script for a shell
    Completions(manual::CompletionsArgs),
    /// Prints the manual page
    Man,
    /// Runs a local model for its parent process, over pipes
    #[cfg(feature = "local")]
    #[command(hide = true)]
    Engine(engine::EngineArgs),
}

/// Runs the program and gives its exit status.
pub fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let cli = match Cli::try_parse_from(&arguments) {
        Ok(cli) => cli,
        Err(shown) => {
            if let Some(error) = keys::unrepeated(&shown, &arguments) {
                let _ = error.print(&mut io::stderr().lock());
                return error.exit().into();
            }
            // Help and version go to standard output, mistakes to standard error; a reader that has gone is no error.
            let _ = shown.print();
            return if shown.use_stderr() {
                Exit::Usage
            } else {
                Exit::Success
            }
            .into();
        }
    };
    let ended = dispatch(cli);
    match ended {
        Ok(exit) => exit,
        Err(error) => {
            let _ = error.print(&mut io::stderr().lock());
            error.exit()
        }
    }
    .into()
}

fn dispatch(cli: Cli) -> Result<Exit, CliError> {
    let context = Context {
        environment: environment(cli.global.env_file.as_deref())?,
        global: cli.global,
    };
    if let Ok(places) = context.places() {
        catalog::keep_at(places.cache_dir.join(catalog::FILE_NAME));
    }
    match cli.command {
        None => playground::run(&context, &cli.run),
        Some(Command::Ask(mut args)) => {
            args.run = args.run.over(cli.run);
            context.start_log();
            ask::run(&context, &args)
        }
        Some(Command::Replay(mut args)) => {
            args.run = args.run.over(cli.run);
            replay::run(&context, &args)
        }
        Some(Command::Config(ConfigCommand::Show(options))) => {
            let options = options.over(cli.run);
            config::run(&context, ConfigCommand::Show(Box::new(options)))
        }
        #[cfg(feature = "local")]
        Some(Command::Demo(options)) => demo::run(&context, &options.over(cli.run)),
        Some(command) if cli.run != RunOptions::default() => Err(misplaced(&command)),
        Some(Command::History(args)) => history::run(&context, &args),
        Some(Command::Report(args)) => report::run(&context, &args),
        Some(Command::Play(args)) => play::run(&context, &args),
        Some(Command::Lanes(args)) => lanes::run(&context, &args),
        Some(Command::Keys(command)) => keys::run(&context, &command),
        Some(Command::Models(args)) => models::run(&context, &args),
        Some(Command::Config(command)) => config::run(&context, command),
        Some(Command::Completions(args)) => manual::completions(&args),
        Some(Command::Man) => manual::man(),
        #[cfg(feature = "local")]
        Some(Command::Engine(args)) => engine::run(&context, &args),
    }
}

/// Options of a run before a command that runs nothing would be lost without a word.
fn misplaced(command: &Command) -> CliError {
    let name = match command {
        Command::Ask(_) => "ask",
        Command::Replay(_) => "replay",
        Command::History(_) => "history",
        Command::Report(_) => "report",
        Command::Play(_) => "play",
        Command::Lanes(_) => "lanes",
        Command::Keys(_) => "keys",
        Command::Models(_) => "models",
        Command::Config(_) => "config",
        #[cfg(feature = "local")]
        Command::Demo(_) => "demo",
        Command::Completions(_) => "completions",
        Command::Man => "man",
        #[cfg(feature = "local")]
        Command::Engine(_) => "engine",
    };
    CliError::usage(format!(
        "`tierscope {name}` takes none of the options that say what runs and how it is asked"
    ))
    .hint("leave them out, or put them after `tierscope ask`")
}

/// Writes the data of a command to standard output.
pub fn print_data(data: &[u8]) -> Result<(), CliError> {
    let mut out = io::stdout().lock();
    out.write_all(data)
        .and_then(|()| out.flush())
        .map_err(CliError::output)
}

/// The process environment, read once, over the variables of a file that was asked for. What is no text cannot be a
/// setting of ours.
fn environment(env_file: Option<&Path>) -> Result<Environment, CliError> {
    let of_process: Environment = std::env::vars_os()
        .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
        .collect();
    let Some(path) = env_file else {
        return Ok(of_process);
    };
    let of_file = env_file::load(path).map_err(|error| {
        CliError::configuration(error.to_string())
            .hint("each line of it is NAME=value, with quotes around a value with spaces")
    })?;
    Ok(of_process.over_file(of_file))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::CommandFactory;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }
}
