//! `tierscope models --refresh`: takes a newer table, says what it changes and what was refused, and keeps it. Guesses
//! nothing about models that it does not know.

use crate::{
    catalog::{
        self, Catalog,
        table::{self, Tally},
    },
    cli::{context::Context, options::RunOptions},
    failure::CliError,
    fetch::{self, FetchError, Limits, Progress},
    wiring::{self, Ground},
};
use std::{
    fs::{self, File},
    io::{self, IsTerminal, Read, Write},
    time::Duration,
};

/// Longer than a slow line needs for the public table.
const PATIENCE: Duration = Duration::from_secs(60);
/// So many refused entries are named.
const NAMED: usize = 10;
/// Where the public table is; named in hints.
const PUBLIC: &str =
    "https://raw.githubusercontent.com/BerriAI/litellm/main/model_prices_and_context_window.json";

/// Takes the table at a file or an address.
pub(super) fn run(context: &Context, from: &str) -> Result<(), CliError> {
    let path = context.places()?.cache_dir.join(catalog::FILE_NAME);
    let (bytes, source) = if from.contains("://") {
        let source = fetch::shown(from).map_err(|error| refused(from, error))?;
        (download(context, from)?, source)
    } else {
        (read(from)?, from.to_owned())
    };
    let day = jiff::Timestamp::now().strftime("%Y-%m-%d").to_string();
    let built_in = Catalog::built_in();
    let (mut news, tally) = table::read(&bytes, &built_in, &day, &source).map_err(|error| {
        CliError::failed(format!("the table at {source} cannot be used"))
            .caused_by(error)
            .hint(format!("the public table is at {PUBLIC}"))
    })?;
    // What cannot be read any more is no loss.
    let before = catalog::load(&path).ok().flatten();
    let kept = before.map_or(0, |before| news.put_over(before));
    catalog::save(&path, &news).map_err(CliError::from_error)?;
    say(context, &tally, &source);
    if kept > 0 {
        context.say(&format!(
            "{kept} models of which it says nothing keep what an earlier table said."
        ));
    }
    Ok(())
}

fn say(context: &Context, tally: &Tally, source: &str) {
    let Tally {
        entries,
        changed,
        same,
        new,
        passed_over,
        refused,
    } = tally;
    context.say(&format!("Read {entries} entries from {source}:"));
    context.say(&format!(
        "{changed} known models changed, {same} stayed the same, {new} are new; their lab and tier are not known."
    ));
    context.say(&format!(
        "{passed_over} were passed over: no chat models, or names and hosts whose prices are not kept here."
    ));
    if refused.is_empty() {
        return;
    }
    context.say(&format!("{} were refused:", refused.len()));
    for (name, reason) in refused.iter().take(NAMED) {
        context.say(&format!("  {name}: {reason}"));
    }
    if refused.len() > NAMED {
        context.say(&format!("  … and {} more", refused.len() - NAMED));
    }
}

/// Reads a file, up to the limit.
fn read(path: &str) -> Result<Vec<u8>, CliError> {
    let failed = |error: io::Error| {
        CliError::failed(format!("cannot read the table at {path}"))
            .caused_by(error)
            .hint(format!("the public table is at {PUBLIC}"))
    };
    // A pipe without a writer would be waited for, even to be opened.
    if !fs::metadata(path).map_err(failed)?.is_file() {
        return Err(failed(io::Error::other("it is no regular file")));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    let read = file.take(table::MOST_BYTES + 1).read_to_end(&mut bytes);
    if read.map_err(failed)? as u64 > table::MOST_BYTES {
        return Err(CliError::failed(format!(
            "{path} is larger than {} MiB: that is no table of prices",
            table::MOST_BYTES >> 20
        )));
    }
    Ok(bytes)
}

fn download(context: &Context, address: &str) -> Result<Vec<u8>, CliError> {
    let ground = Ground::load(context, &RunOptions::default())?;
    let runtime = wiring::runtime()?;
    let limits = Limits {
        bytes: table::MOST_BYTES,
        time: PATIENCE,
    };
    let is_shown = io::stderr().is_terminal() && !context.global.quiet;
    let fetched = runtime.block_on(fetch::fetch(
        ground.services.http(),
        address,
        limits,
        |progress| {
            if is_shown {
                show(progress);
            }
        },
    ));
    if is_shown {
        let _ = write!(io::stderr().lock(), "\r\u{1b}[2K");
    }
    runtime.shutdown_background();
    fetched.map_err(|error| refused(address, error))
}

/// One line that is written over and over.
fn show(progress: Progress) {
    let kib = progress.done >> 10;
    let line = match progress.total {
        Some(total) => format!("{kib} of {} KiB", total >> 10),
        None => format!("{kib} KiB"),
    };
    let mut out = io::stderr().lock();
    let _ = write!(out, "\r\u{1b}[2K{line}").and_then(|()| out.flush());
}

fn refused(address: &str, error: FetchError) -> CliError {
    let failed = match fetch::shown(address) {
        Ok(place) => {
            CliError::failed(format!("cannot fetch the table at {place}")).caused_by(error)
        }
        Err(_) => CliError::usage(error.to_string()),
    };
    failed
        .hint(format!("the public table is at {PUBLIC}"))
        .hint("a table that was downloaded otherwise can be taken from its file")
}
