//! `tierscope history`: what was run, to look at, to take along, to bring together, to take away. Runs nothing.

mod import;
mod list;
pub(super) mod removal;
mod show;

use super::{context::Context, print_data};
use crate::{
    domain::{
        batch::BatchHead,
        id::{BatchId, RunId},
        sanitise::escaped_json,
    },
    failure::{CliError, Exit},
    history::{Found, History, HistoryError, Opened, StoredRun},
    report::{
        Evidence,
        json::Document,
        sharing::{self, Race},
    },
};
use clap::{Args, Subcommand};
use std::{
    io::{self, BufWriter, Write},
    path::PathBuf,
};

/// What can be typed after `history`.
#[derive(Debug, Args)]
#[command(args_conflicts_with_subcommands = true)]
pub struct HistoryArgs {
    #[command(subcommand)]
    command: Option<HistoryCommand>,
    #[command(flatten)]
    list: list::ListArgs,
}

/// What to do; without one they are listed.
#[derive(Debug, Subcommand)]
pub enum HistoryCommand {
    /// Lists the batches, the latest first
    List(list::ListArgs),
    /// Shows a batch or a run; without an id the latest batch
    Show(ShowArgs),
    /// Writes a run as a tape, or batches into a history file of their own
    Export(ExportArgs),
    /// Takes over what other history files hold; shares of one replay become one batch
    Import {
        /// History files
        #[arg(value_name = "FILE", required = true)]
        files: Vec<PathBuf>,
    },
    /// Takes batches or runs away, for good
    Rm(RemoveArgs),
}

/// What to show.
#[derive(Debug, Args)]
pub struct ShowArgs {
    /// The id of a batch or a run, or how it begins
    #[arg(value_name = "ID")]
    id: Option<String>,
    /// Prints JSON
    #[arg(long)]
    json: bool,
}

/// What to export.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// Ids of batches or runs, or how they begin; without one the latest batch
    #[arg(value_name = "ID")]
    ids: Vec<String>,
    /// Writes the tape of one run to standard output: a line of JSON for each event
    #[arg(long)]
    tape: bool,
    /// Writes the batches into this new history file, which `history import` reads
    #[arg(short, long, value_name = "FILE", conflicts_with = "tape")]
    output: Option<PathBuf>,
}

/// What to take away.
#[derive(Debug, Args)]
pub struct RemoveArgs {
    /// Ids of batches or runs, or how they begin
    #[arg(value_name = "ID", required_unless_present_any = ["before", "all"])]
    ids: Vec<String>,
    /// Everything that began before this day, such as 2026-11-01
    #[arg(long, value_name = "DAY", conflicts_with = "ids")]
    before: Option<String>,
    /// Everything
    #[arg(long, conflicts_with_all = ["ids", "before"])]
    all: bool,
}

/// Does what was typed.
pub fn run(context: &Context, args: &HistoryArgs) -> Result<Exit, CliError> {
    match &args.command {
        None => list::run(context, &args.list),
        Some(HistoryCommand::List(list)) => list::run(context, list),
        Some(HistoryCommand::Show(show)) => self::show(context, show),
        Some(HistoryCommand::Export(export)) => self::export(context, export),
        Some(HistoryCommand::Import { files }) => import::run(context, files),
        Some(HistoryCommand::Rm(remove)) => removal::run(context, remove),
    }
}

/// The history, to read.
pub(super) fn read(context: &Context) -> Result<History, CliError> {
    History::open_to_read(&context.places()?.history_file).map_err(|error| refused(&error))
}

/// The history, to write.
pub(super) fn write(context: &Context) -> Result<History, CliError> {
    let Opened { history, notices } =
        History::open(&context.places()?.history_file).map_err(|error| refused(&error))?;
    context.warn(&notices);
    Ok(history)
}

/// An error of the history with what to do about it.
pub(super) fn refused(error: &HistoryError) -> CliError {
    let said = CliError::failed(error.to_string());
    match error {
        HistoryError::Newer { .. } => said
            .hint("update tierscope, or set TIERSCOPE_HOME to another folder")
            .hint("`--no-history` replays without one"),
        HistoryError::Locked(_) => said.hint("try again when the other process is done"),
        HistoryError::ReadOnly(_)
        | HistoryError::Full(_)
        | HistoryError::Unwritten(_)
        | HistoryError::Foreign { .. } => said
            .hint("TIERSCOPE_HOME or XDG_DATA_HOME puts it elsewhere; `--no-history` replays without one"),
        HistoryError::Missing(_) | HistoryError::Empty => {
            said.hint("`tierscope ask` and `tierscope replay` write it, and so does the playground")
        }
        HistoryError::Damaged(_) => said.hint(
            "the next run puts it aside and begins a new one; `sqlite3 FILE .recover` may save what is in it",
        ),
        HistoryError::NoSuch(_) | HistoryError::Ambiguous(..) => {
            said.hint("`tierscope history` lists the batches, `tierscope history show ID` the runs of one")
        }
        HistoryError::Claimed { .. } => said.hint("wait until it is done, or stop it"),
        HistoryError::Gone(_) => said.hint("the same command begins a new batch"),
        HistoryError::WriterGone => said.hint("the log may say why"),
        HistoryError::Unreadable { .. } | HistoryError::File { .. } | HistoryError::Sql { .. } => said,
    }
}

fn show(context: &Context, args: &ShowArgs) -> Result<Exit, CliError> {
    let history = read(context)?;
    let found = history
        .find(args.id.as_deref())
        .map_err(|error| refused(&error))?;
    let mut out = BufWriter::new(io::stdout().lock());
    match (found, args.json) {
        (Found::Batch(batch), true) => batch_json(&history, &batch, &mut out)?,
        (Found::Run(run), true) => {
            let text = run_json(&history, &run)?;
            out.write_all(text.as_bytes()).map_err(CliError::output)?;
        }
        (Found::Batch(batch), false) => show::batch(&history, &batch, &mut out)?,
        (Found::Run(run), false) => show::run(&history, &run, &mut out)?,
    }
    out.flush().map_err(CliError::output)?;
    Ok(Exit::Success)
}

/// The document of one run, as `ask --format json` prints it, with the checks of each lane.
pub(super) fn run_json(history: &History, run: &RunId) -> Result<String, CliError> {
    let stored = history.run(run).map_err(|error| refused(&error))?;
    let lanes: Vec<_> = stored.cells.iter().map(|cell| &cell.record).collect();
    let document = serde_json::json!({
        "schema": crate::domain::record::SCHEMA,
        "run": stored.run.head,
        "lanes": lanes,
    });
    serde_json::to_string_pretty(&document)
        .map(|json| escaped_json(&json) + "\n")
        .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))
}

fn batch_json(history: &History, batch: &BatchId, out: &mut impl Write) -> Result<(), CliError> {
    let head: BatchHead = history.batch(batch).map_err(|error| refused(&error))?;
    let mut evidence = Evidence::default();
    let mut document = Document::new(out, &[head]).map_err(CliError::output)?;
    history
        .each_run(batch, |stored| {
            evidence.begin_run(race(&stored));
            for cell in &stored.cells {
                evidence.add(&stored.run, &cell.record, cell.judge_cost_usd);
            }
            let cells: Vec<_> = stored.cells.iter().map(|cell| &cell.record).collect();
            document.run(&stored.run, &cells).map_err(Walk::Output)
        })
        .map_err(Walk::into_error)?;
    document.finish(&evidence, None).map_err(CliError::output)
}

/// The lanes that computed at the same time in a run.
pub(super) fn race(stored: &StoredRun) -> Race {
    sharing::race(&stored.run, stored.cells.iter().map(|cell| &cell.record))
}

/// Why a walk over the runs of a batch ended early.
pub(super) enum Walk {
    /// They cannot be read.
    History(HistoryError),
    /// What was made of them cannot be written.
    Output(io::Error),
}

impl From<HistoryError> for Walk {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl Walk {
    pub(super) fn into_error(self) -> CliError {
        match self {
            Self::History(error) => refused(&error),
            Self::Output(error) => CliError::output(error),
        }
    }
}

fn export(context: &Context, args: &ExportArgs) -> Result<Exit, CliError> {
    let mut history = if args.output.is_some() {
        write(context)?
    } else {
        read(context)?
    };
    let mut found = Vec::new();
    if args.ids.is_empty() {
        found.push(history.find(None).map_err(|error| refused(&error))?);
    }
    for id in &args.ids {
        found.push(history.find(Some(id)).map_err(|error| refused(&error))?);
    }
    if let Some(file) = &args.output {
        let mut batches = Vec::new();
        for found in found {
            batches.push(match found {
                Found::Batch(batch) => batch,
                Found::Run(run) => history.batch_of(&run).map_err(|error| refused(&error))?,
            });
        }
        batches.dedup();
        history
            .export(&batches, file)
            .map_err(|error| refused(&error))?;
        context.say(&format!(
            "{} written; `tierscope history import` reads it",
            file.display()
        ));
        return Ok(Exit::Success);
    }
    let [found] = found.as_slice() else {
        return Err(CliError::usage("a tape holds one run; several were named")
            .hint("`--output FILE` writes several batches into one history file"));
    };
    if args.tape {
        let run = one_run(&history, found)?;
        print_data(tape(&history, &run)?.as_bytes())?;
        return Ok(Exit::Success);
    }
    match found {
        Found::Batch(batch) => {
            let mut out = BufWriter::new(io::stdout().lock());
            batch_json(&history, batch, &mut out)?;
            out.flush().map_err(CliError::output)?;
        }
        Found::Run(run) => print_data(run_json(&history, run)?.as_bytes())?,
    }
    Ok(Exit::Success)
}

/// The run that is meant: a batch means its last one.
pub(super) fn one_run(history: &History, found: &Found) -> Result<RunId, CliError> {
    match found {
        Found::Run(run) => Ok(run.clone()),
        Found::Batch(batch) => history.last_run(batch).map_err(|error| refused(&error)),
    }
}

/// The tape of a run, as a file holds it.
pub(super) fn tape(history: &History, run: &RunId) -> Result<String, CliError> {
    let (header, lines) = history.tape(run).map_err(|error| refused(&error))?;
    let line = |json: serde_json::Result<String>| {
        json.map(|json| escaped_json(&json) + "\n")
            .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))
    };
    let mut text = line(serde_json::to_string(&header))?;
    for event in &lines {
        text += &line(serde_json::to_string(event))?;
    }
    Ok(text)
}
