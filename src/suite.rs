//! Prompt files become cases: TOML, JSONL, CSV, plain text, promptfoo's YAML, folders of them. Asks nobody.
//!
//! JSONL, CSV and plain text are read piece by piece, and the cases are put aside: such a suite takes little memory,
//! however long it is. Of TOML and of standard input the text is held while it is read, of YAML all that is in it.

pub mod cases;
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
mod stdin;
mod template;
mod text;
mod toml;
mod variables;

#[cfg(test)]
mod tests;

pub use cases::{Cases, Suite};
pub use error::{Problem, SuiteError};
pub use fingerprint::fingerprint;
pub use pick::{Pick, PickError, Shard};
pub use source::{MAX_BYTES, Source};

use crate::{
    check::{self, CheckError},
    domain::check::CheckSpec,
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
/// Ids are unique over all of it: those that are in several files get the file's stem before them, as in `easy/sum-1`,
/// and folders before it where the stems are the same, too.
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
                match bytes.and_then(from_stdin) {
                    Ok((source, format)) => {
                        let title = add(&source, format, &mut suite, &mut findings);
                        suite.add_title(title);
                    }
                    Err(error) => findings.add(error),
                }
            }
        }
    }
    suite.finish(findings)
}

/// What came from standard input, and what it is taken for; where that is no plain text, errors say so.
fn from_stdin(bytes: Vec<u8>) -> Result<(Source, Format), SuiteError> {
    let name = "standard input";
    let mut source = Source::of_bytes(name, bytes)?;
    let format = stdin::format(&source.text).map_err(|what| SuiteError::of_file(name, what))?;
    if format != Format::Text {
        source.name = format!("{name}, read as {}", format.name());
    }
    if format == Format::Promptfoo {
        source.held_to_yaml()?;
    }
    Ok((source, format))
}

/// Adds a file, and says what it is called.
fn file(path: &Path, format: Format, suite: &mut join::Joined, findings: &mut Findings) -> String {
    match opened(path, format) {
        Ok(source) => add(&source, format, suite, findings),
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
    for (path, _) in configurations {
        match Source::read(&path) {
            Ok(source) => {
                let mut found = Findings::default();
                let parsed = promptfoo::read(&source, &mut found);
                parts.extend(
                    parsed
                        .uses
                        .iter()
                        .filter_map(|part| part.canonicalize().ok()),
                );
                read.push((path, Entry::Read(Box::new((source, parsed, found)))));
            }
            Err(error) => findings.add(error),
        }
    }
    let is_part = |path: &Path| path.canonicalize().is_ok_and(|path| parts.contains(&path));
    read.extend(
        others
            .into_iter()
            .map(|(path, format)| (path, Entry::Waiting(format))),
    );
    read.retain(|(path, _)| !is_part(path));
    read.sort_by(|(one, _), (other, _)| one.cmp(other));
    for (path, entry) in read {
        match entry {
            Entry::Read(read) => {
                let (source, parsed, found) = *read;
                if found.is_refused() && !source.text.contains("prompts") {
                    findings.refuse(&source.place(0), stranger("`prompts`"));
                    continue;
                }
                findings.merge(found);
                suite.add(&source, parsed, findings);
            }
            Entry::Waiting(Format::Toml) => match Source::read(&path) {
                Ok(source) if !source.text.contains("prompt") => {
                    findings.refuse(&source.place(0), stranger("[[prompt]]"));
                }
                Ok(source) => drop(add(&source, Format::Toml, suite, findings)),
                Err(error) => findings.add(error),
            },
            Entry::Waiting(format) => drop(file(&path, format, suite, findings)),
        }
    }
}

/// What is said of a file in a folder that is probably no suite. It might be one with a mistake, so it is not passed over.
fn stranger(what: &str) -> String {
    format!(
        "holds no {what}: of a folder all such files are read; move it, or name the files that are suites"
    )
}

/// A file of a folder.
enum Entry {
    Read(Box<(Source, Parsed, Findings)>),
    Waiting(Format),
}

/// A file, read whole where its format needs that.
fn opened(path: &Path, format: Format) -> Result<Source, SuiteError> {
    match format {
        Format::Jsonl | Format::Csv | Format::Text => Source::look_through(path),
        Format::Toml | Format::Promptfoo => Source::read(path),
    }
}

/// Adds what a source holds, and says what it is called.
fn add(
    source: &Source,
    format: Format,
    suite: &mut join::Joined,
    findings: &mut Findings,
) -> String {
    let mut found = Findings::default();
    let mut growing = suite.begin(source);
    let mut take = |draft| suite.grow(&mut growing, &draft);
    let mut title = None;
    let read = match format {
        Format::Toml => {
            title = toml::read(source, &mut found, &mut take);
            Ok(())
        }
        Format::Promptfoo => {
            let parsed = promptfoo::read(source, findings);
            return suite.add(source, parsed, findings);
        }
        Format::Jsonl => jsonl::read(source, &mut found, &mut take),
        Format::Csv => csv::read(source, &mut found, &mut take),
        Format::Text => text::read(source, &mut take),
    };
    if let Err(error) = read {
        found.refuse(&source.place(0), format!("cannot be read: {error}"));
    }
    suite.end(source, growing, title, found, findings)
}
