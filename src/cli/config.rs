//! `tierscope config`: where the configuration is, a sample of it, what it comes to, what is wrong with it.

use super::{context::Context, options::RunOptions, print_data};
use crate::{
    config::{sample::SAMPLE, show},
    failure::{CliError, Exit},
    wiring::Ground,
};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

/// What can be typed after `config`.
#[derive(Debug, clap::Subcommand)]
pub enum ConfigCommand {
    /// Prints where the configuration file is, or would be
    Path,
    /// Writes a commented sample there
    Init {
        /// Replaces a file that is there already
        #[arg(long)]
        force: bool,
    },
    /// Prints the merged configuration; keys by the names of their variables only
    Show(Box<RunOptions>),
    /// Checks the configuration and says everything that is wrong with it
    Check,
}

/// Runs one of them.
pub fn run(context: &Context, command: ConfigCommand) -> Result<Exit, CliError> {
    match command {
        ConfigCommand::Path => {
            let path = path(context)?;
            print_data(format!("{}\n", path.display()).as_bytes())?;
        }
        ConfigCommand::Init { force } => {
            let path = path(context)?;
            write_sample(&path, force)?;
            context.say(&format!("wrote {}", path.display()));
        }
        ConfigCommand::Show(options) => {
            let ground = Ground::load(context, &options)?;
            let plans = ground.pick(ground.candidates(&[])?)?;
            let settings = ground.settings(plans);
            context.warn(&settings.warnings);
            let text = show::render(&settings)
                .map_err(|error| CliError::failed("cannot write as TOML").caused_by(error))?;
            print_data(text.as_bytes())?;
        }
        ConfigCommand::Check => {
            let ground = Ground::load(context, &RunOptions::default())?;
            let plans = ground.plans(&ground.file.lanes)?;
            let settings = ground.settings(plans);
            context.warn(&settings.warnings);
            print_data(verdict(context, &ground, settings.lanes.len())?.as_bytes())?;
        }
    }
    Ok(Exit::Success)
}

fn verdict(context: &Context, ground: &Ground, lanes: usize) -> Result<String, CliError> {
    Ok(match &ground.file_path {
        None => format!(
            "{}: no such file; lanes are found on this machine\n",
            path(context)?.display()
        ),
        Some(path) if lanes == 0 => {
            format!(
                "{}: no problems; no lanes, so they are found on this machine\n",
                path.display()
            )
        }
        Some(path) => format!("{}: no problems; lanes: {lanes}\n", path.display()),
    })
}

/// The file that is read: `--config`, else `TIERSCOPE_CONFIG`, else the usual one.
fn path(context: &Context) -> Result<PathBuf, CliError> {
    if let Some(path) = &context.global.config {
        return Ok(path.clone());
    }
    match context.environment.var("TIERSCOPE_CONFIG") {
        Some(path) => Ok(path.into()),
        None => Ok(context.places()?.config_file),
    }
}

fn write_sample(path: &Path, force: bool) -> Result<(), CliError> {
    let failed = |error: io::Error| match error.kind() {
        io::ErrorKind::AlreadyExists => {
            CliError::configuration(format!("{} is there already", path.display()))
                .hint("`--force` replaces it")
        }
        _ => CliError::failed(format!("cannot write {}", path.display())).caused_by(error),
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    let mut options = OpenOptions::new();
    options.write(true);
    if force {
        options.create(true).truncate(true);
    } else {
        options.create_new(true);
    }
    options
        .open(path)
        .and_then(|mut file| file.write_all(SAMPLE.as_bytes()))
        .map_err(failed)
}
