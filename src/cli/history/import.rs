//! `tierscope history import`: takes over what other files hold. Looks into none itself.

use super::{refused, write};
use crate::{
    cli::context::Context,
    domain::wording::plural,
    failure::{CliError, Exit},
    history::HistoryError,
};
use std::path::PathBuf;

/// Takes them over, one after another.
pub(super) fn run(context: &Context, files: &[PathBuf]) -> Result<Exit, CliError> {
    let mut history = write(context)?;
    for file in files {
        let imported = history.import(file).map_err(|error| not_taken(&error))?;
        context.say(&format!(
            "{}: {} and {}",
            file.display(),
            plural(u64::from(imported.batches), "new batch", "new batches"),
            plural(u64::from(imported.cells), "new cell", "new cells"),
        ));
    }
    Ok(Exit::Success)
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
