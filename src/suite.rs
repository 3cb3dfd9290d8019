//! Prompt files become cases: TOML, JSONL, CSV, plain text, promptfoo's YAML, folders of them. Asks nobody.

mod csv;
mod draft;
mod error;
mod fields;
mod files;
mod fill;
mod filled_check;
mod fingerprint;
mod hash;
mod join;
mod jsonl;
mod matrix;
mod node;
mod nunjucks;
mod pick;
mod promptfoo;
mod source;
mod template;
mod text;
mod toml;
mod variables;

#[cfg(test)]
mod tests;

pub use error::{Problem, SuiteError};
pub use fingerprint::fingerprint;
pub use pick::{Pick, PickError, Shard};
pub use source::Source;

use crate::{
    check::{self, CheckError},
    domain::{case::Suite, check::CheckSpec},
};
use draft::Draft;
use error::Findings;
use files::{Format, Meant};
use serde_json::Value;
use std::{
    io,
    path::{Path, PathBuf},
};

/// How a check is read.
type ParseCheck = fn(&Value) -> Result<CheckSpec, CheckError>;

/// Reads prompt files and folders of them, as one suite; `-` is standard input, which is read at most once.
///
/// Ids are unique over all of it: those that are in several files get the file's stem before them, as in `easy/sum-1`.
///
/// # Errors
/// Everything that is wrong with the files, each problem with its place.
pub fn load(
    paths: &[PathBuf],
    stdin: impl FnOnce() -> io::Result<Vec<u8>>,
) -> Result<Suite, SuiteError> {
    load_with(paths, stdin, check::parse)
}

/// What one file holds.
#[derive(Debug, Default)]
struct Parsed {
    title: Option<String>,
    drafts: Vec<Draft>,
    /// Other files that it takes parts from.
    uses: Vec<PathBuf>,
}

fn load_with(
    paths: &[PathBuf],
    stdin: impl FnOnce() -> io::Result<Vec<u8>>,
    parse_check: ParseCheck,
) -> Result<Suite, SuiteError> {
    if paths.is_empty() {
        return Err(SuiteError::of_file(
            "prompt files",
            "there are none; name a file, a folder or `-`",
        ));
    }
    let mut findings = Findings::default();
    let mut suite = join::Joined::new(parse_check);
    let mut stdin = Some(stdin);
    for path in paths {
        match files::look_up(path) {
            Err(error) => findings.add(error),
            Ok(Meant::File(path, format)) => {
                let title = file(&path, format, &mut suite, &mut findings);
                suite.add_title(title);
            }
            Ok(Meant::Folder(name, files)) => {
                folder(files, &mut suite, &mut findings);
                suite.add_title(name);
            }
            Ok(Meant::StandardInput) => {
                let Some(stdin) = stdin.take() else {
                    findings.add(SuiteError::of_file("-", "standard input is named twice"));
                    continue;
                };
                let bytes = stdin().map_err(|error| {
                    SuiteError::of_file("standard input", format!("cannot be read: {error}"))
                });
                match bytes.and_then(|bytes| Source::of_bytes("standard input", bytes)) {
                    Ok(source) => {
                        let parsed = parse(&source, files::guess(&source.text), &mut findings);
                        let title = suite.add(&source, parsed, &mut findings);
                        suite.add_title(title);
                    }
                    Err(error) => findings.add(error),
                }
            }
        }
    }
    suite.finish(findings)
}

/// Adds a file, and says what it is called.
fn file(path: &Path, format: Format, suite: &mut join::Joined, findings: &mut Findings) -> String {
    match Source::read(path) {
        Ok(source) => {
            let parsed = parse(&source, format, findings);
            suite.add(&source, parsed, findings)
        }
        Err(error) => {
            findings.add(error);
            String::new()
        }
    }
}

/// Adds the files of a folder, but those that are only parts of others.
fn folder(files: Vec<(PathBuf, Format)>, suite: &mut join::Joined, findings: &mut Findings) {
    let mut parts = Vec::new();
    let mut read = Vec::new();
    // What a configuration of promptfoo's takes from other files is known once it is read. Such a part may be YAML too,
    // and nothing is wrong with it that would count.
    let (configurations, others): (Vec<_>, Vec<_>) = files
        .into_iter()
        .partition(|(_, format)| *format == Format::Promptfoo);
    for (path, format) in configurations {
        match Source::read(&path) {
            Ok(source) => {
                let mut found = Findings::default();
                let parsed = parse(&source, format, &mut found);
                parts.extend(
                    parsed
                        .uses
                        .iter()
                        .filter_map(|part| part.canonicalize().ok()),
                );
                read.push((source, parsed, found));
            }
            Err(error) => findings.add(error),
        }
    }
    let is_part = |path: &Path| path.canonicalize().is_ok_and(|path| parts.contains(&path));
    read.retain(|(source, _, _)| !source.path.as_deref().is_some_and(is_part));
    for (path, format) in others {
        if is_part(&path) {
            continue;
        }
        match Source::read(&path) {
            Ok(source) => {
                let mut found = Findings::default();
                let parsed = parse(&source, format, &mut found);
                read.push((source, parsed, found));
            }
            Err(error) => findings.add(error),
        }
    }
    read.sort_by(|(one, ..), (other, ..)| one.path.cmp(&other.path));
    for (source, parsed, found) in read {
        findings.merge(found);
        suite.add(&source, parsed, findings);
    }
}

fn parse(source: &Source, format: Format, findings: &mut Findings) -> Parsed {
    match format {
        Format::Toml => toml::read(source, findings),
        Format::Jsonl => jsonl::read(source, findings),
        Format::Csv => csv::read(source, findings),
        Format::Text => text::read(source),
        Format::Promptfoo => promptfoo::read(source, findings),
    }
}
