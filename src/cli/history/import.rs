//! `tierscope history import`: takes over what other files hold. Looks into none itself.

use super::{refused, write};
use crate::{
    cli::context::Context,
    domain::wording::plural,
    failure::{CliError, Exit},
    history::{HistoryError, Imported},
};
use std::path::PathBuf;

/// Takes them over, one after another.
pub(super) fn run(context: &Context, files: &[PathBuf]) -> Result<Exit, CliError> {
    let mut history = write(context)?;
    for file in files {
        let imported = history.import(file).map_err(|error| not_taken(&error))?;
        context.say(&format!("{}: {}", file.display(), words_of(imported)));
    }
    Ok(Exit::Success)
}

/// What came of it.
fn words_of(imported: Imported) -> String {
    let batches = plural(u64::from(imported.batches), "new batch", "new batches");
    let cells = plural(u64::from(imported.cells), "new cell", "new cells");
    if imported.replaced == 0 {
        return format!("{batches} and {cells}");
    }
    let replaced = plural(
        u64::from(imported.replaced),
        "cell that failed here and is done there",
        "cells that failed here and are done there",
    );
    format!("{batches}, {cells}, and {replaced}")
}

/// What is wrong with the file, rather than with the history that was to take it in.
fn not_taken(error: &HistoryError) -> CliError {
    let said = CliError::failed(error.to_string());
    match error {
        HistoryError::Foreign { .. } | HistoryError::File { .. } => said.hint(
            "`tierscope history export ID --output FILE` writes a file to import; the history.db of another folder is one, too",
        ),
        HistoryError::Newer { .. } => said.hint("update tierscope on this machine, then import it"),
        other => refused(other),
    }
}
