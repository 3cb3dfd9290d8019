//! `tierscope ask`: one prompt to all lanes, without a screen. Reads the prompt, builds the lanes, and turns how it ended
//! into an exit status; the printing is done by `headless`.

mod limit;
mod prompt;

use super::{
    context::{Context, columns},
    options::RunOptions,
};
use crate::{
    domain::batch::BatchKind,
    failure::{CliError, Exit},
    headless::{
        ask::{self, Ask, Format, Outcome, Signal, Style},
        sink::Outputs,
    },
    run::RunSpec,
    wiring::{self, Assembly, Search},
};
use clap::{ValueEnum, builder::PossibleValue};
use std::{
    io::{self, IsTerminal},
    path::PathBuf,
    time::Duration,
};

/// How long connections and children may take to close after the last word was printed.
const CLOSING: Duration = Duration::from_millis(500);
/// How long the history may take for what was handed to it.
const WRITING: Duration = Duration::from_secs(2);

/// What can be typed after `ask`.
#[derive(Debug, clap::Args)]
pub struct AskArgs {
    /// The prompt; `-`, or nothing where standard input is no terminal, reads standard input
    #[arg(conflicts_with = "file")]
    pub prompt: Option<String>,
    /// Reads the prompt from this file; `-` is standard input
    #[arg(short, long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// The answers and a table, one JSON document, or every event as a line of JSON
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "text")]
    pub format: Format,
    /// Cleans text in a pipe or a file as on a terminal: without escape sequences and invisible characters
    #[arg(long)]
    pub sanitise: bool,
    #[command(flatten)]
    pub run: RunOptions,
}

/// Asks and prints.
pub fn run(context: &Context, args: &AskArgs) -> Result<Exit, CliError> {
    let prompt = prompt::read(args.prompt.as_deref(), args.file.as_deref())?;
    let runtime = wiring::runtime()?;
    let ended = runtime.block_on(async {
        let assembly = wiring::assemble(context, &args.run, Search::Awaited).await?;
        let ask = plan(context, args, prompt, assembly)?;
        let signals = super::signals::signals()
            .map_err(|error| CliError::failed("cannot listen for signals").caused_by(error))?;
        let outputs = Outputs {
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
        };
        let keep = ask.keep.clone();
        let outcome = ask::ask(ask, outputs, signals).await;
        Ok((outcome.map_err(CliError::output), keep))
    });
    // Name look-ups that nobody waits for any more must not hold up the end.
    runtime.shutdown_timeout(CLOSING);
    // Also where a second signal ended it at once: what was handed to the history is written.
    let (outcome, keep) = ended?;
    let is_written = keep.is_none_or(|keep| keep.flush(WRITING));
    if !is_written {
        context.insist("error: the history did not take the whole run in time");
    }
    Ok(match outcome? {
        Outcome::Done | Outcome::ReaderGone | Outcome::LaneFailed if !is_written => Exit::Failed,
        Outcome::NotKept => Exit::Failed,
        Outcome::Done | Outcome::ReaderGone => Exit::Success,
        Outcome::LaneFailed => Exit::LaneFailed,
        Outcome::Stopped(Signal::Interrupt) => Exit::Interrupted,
        Outcome::Stopped(Signal::Terminate) => Exit::Terminated,
    })
}

fn plan(
    context: &Context,
    args: &AskArgs,
    prompt: String,
    assembly: Assembly,
) -> Result<Ask, CliError> {
    context.warn(&assembly.settings.warnings);
    let mut lanes = assembly.lanes;
    lanes.retain(|lane| lane.plan.is_enabled);
    if lanes.is_empty() {
        return Err(CliError::usage("there is no lane to ask")
            .hint("`tierscope lanes` says which lanes there are and what the others lack")
            .hint("`tierscope config init` writes a configuration to start from"));
    }
    if let Some(limit) = assembly.settings.max_cost_usd {
        let plans = lanes.iter().map(|lane| lane.plan.as_ref());
        let warnings = limit::held(limit, &prompt, plans)?;
        context.warn(&warnings);
    }
    let is_terminal = io::stdout().is_terminal();
    let keep = if args.run.no_history {
        None
    } else {
        context.keep(BatchKind::Ask, &assembly.settings)?
    };
    Ok(Ask {
        keep,
        run: RunSpec {
            prompt,
            earlier: Vec::new(),
            max_tokens: None,
            system: None,
            schedule: assembly.settings.schedule,
            lanes,
        },
        format: args.format,
        style: Style {
            is_colored: context.is_colored(is_terminal),
            is_quiet: context.global.quiet,
            is_exact: !is_terminal && !args.sanitise,
            width: is_terminal.then(columns).flatten(),
        },
        shows_progress: io::stderr().is_terminal()
            && !context.global.quiet
            && context.environment.var("TERM") != Some("dumb"),
    })
}

impl ValueEnum for Format {
    fn value_variants<'a>() -> &'a [Self] {
        &[Self::Text, Self::Json, Self::Events]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(match self {
            Self::Text => "text",
            Self::Json => "json",
            Self::Events => "events",
        }))
    }
}
