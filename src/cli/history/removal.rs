//! `tierscope history rm`: takes away for good, and says what became of the space. Takes nothing that others work on.

use super::{RemoveArgs, refused, write};
use crate::{
    cli::context::Context,
    domain::{figures, wording::plural},
    failure::{CliError, Exit},
    history::{Found, HistoryError, Removed, Space},
};

/// Takes away what was named.
pub(super) fn run(context: &Context, args: &RemoveArgs) -> Result<Exit, CliError> {
    let before = match &args.before {
        None if args.all => Some("9999".to_owned()),
        None => None,
        Some(day) => {
            let day: jiff::civil::Date = day.parse().map_err(|_| {
                CliError::usage(format!("`{day}` is no day")).hint("such as 2026-11-01")
            })?;
            Some(day.to_string())
        }
    };
    let mut history = write(context)?;
    let removed = match before {
        Some(before) => history.remove_before(&before),
        // All are looked up before any is taken away.
        None => args
            .ids
            .iter()
            .map(|id| history.find(Some(id)))
            .collect::<Result<Vec<Found>, HistoryError>>()
            .and_then(|found| history.remove(&found)),
    };
    let removed = removed.map_err(|error| refused(&error))?;
    context.say(&gone(&removed));
    if let Some(kept) = kept(&removed) {
        context.warn(&[kept]);
    }
    Ok(Exit::Success)
}

/// What is gone, and what became of its space.
fn gone(removed: &Removed) -> String {
    let (batches, runs) = (removed.batches as u64, removed.runs as u64);
    let what = match (batches, runs) {
        (batches, 0) => plural(batches, "batch", "batches"),
        (0, runs) => plural(runs, "run", "runs"),
        (batches, runs) => format!(
            "{} and {}",
            plural(runs, "run", "runs"),
            plural(batches, "batch", "batches")
        ),
    };
    let verb = if batches + runs == 1 { "is" } else { "are" };
    format!("{what} {verb} gone{}.", space(removed))
}

/// What became of the space, to be said after what is gone; nothing where nothing is gone.
pub(in crate::cli) fn space(removed: &Removed) -> String {
    if removed.batches + removed.runs == 0 {
        return String::new();
    }
    match removed.space {
        Space::Freed(bytes) => format!(
            "; {} KiB of disk are free again",
            figures::count(bytes / 1024)
        ),
        Space::InUse => {
            "; another process has the file open, which shrinks when the last one closes it".to_owned()
        }
        Space::Later => {
            "; another process works with the file, which shrinks when something is taken away while nobody does".to_owned()
        }
        Space::NoRoom => {
            "; the file keeps its size: the disk has no room for the copy that making it smaller takes".to_owned()
        }
    }
}

/// What is still there, because others work on it.
pub(in crate::cli) fn kept(removed: &Removed) -> Option<String> {
    (removed.kept > 0).then(|| {
        let what = plural(removed.kept as u64, "batch", "batches");
        let verb = if removed.kept == 1 { "is" } else { "are" };
        format!("{what} {verb} kept: another process works there")
    })
}
