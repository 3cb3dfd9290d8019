//! Several files become one suite: titles joined, ids unique. Reads no file.

mod folders;

use super::{
    ParseCheck, Parsed,
    cases::{Suite, Twins},
    draft::Draft,
    error::{Findings, SuiteError, shorten},
    source::Source,
    variables::Expander,
};
use crate::spool::SpoolError;
use std::{
    collections::HashSet,
    path::{Path, PathBuf},
};

/// A suite that grows file by file.
#[derive(Debug)]
pub(super) struct Joined {
    titles: Vec<String>,
    expander: Expander,
    files: Vec<Part>,
}

/// A file of a suite.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) stem: String,
    /// Where it was read; `None` for standard input.
    pub(super) path: Option<PathBuf>,
    /// Where its cases end.
    end: usize,
}

/// A file whose prompts are being added.
#[derive(Debug)]
pub(super) struct Growing {
    stem: String,
    before: usize,
    drafts: usize,
    /// What is wrong with its prompts, told behind what is wrong with the file.
    found: Findings,
}

impl Joined {
    /// Nothing yet.
    pub(super) fn new(parse_check: ParseCheck) -> Self {
        Self {
            titles: Vec::new(),
            expander: Expander::new(parse_check),
            files: Vec::new(),
        }
    }

    /// A file begins.
    pub(super) fn begin(&self, source: &Source) -> Growing {
        Growing {
            stem: source.stem(),
            before: self.expander.cases.len(),
            drafts: 0,
            found: Findings::default(),
        }
    }

    /// Adds a prompt of it.
    pub(super) fn grow(&mut self, file: &mut Growing, draft: &Draft) {
        file.drafts += 1;
        self.expander
            .add(draft, &file.stem, file.drafts, &mut file.found);
    }

    /// All of it is added. Says what it is called.
    pub(super) fn end(
        &mut self,
        source: &Source,
        file: Growing,
        title: Option<String>,
        found: Findings,
        findings: &mut Findings,
    ) -> String {
        let is_sound = !found.is_refused() && !findings.is_refused();
        findings.merge_by_line(found, file.found);
        if file.drafts == 0 && is_sound {
            findings.refuse(&source.place(0), "holds no prompt");
        }
        if let Err(error) = self.refuse_twins(file.before, findings) {
            findings.add(unreadable(&error));
        }
        if self.has(&file.stem, source.path.as_deref()) {
            findings.refuse(&source.place(0), "is named twice");
        }
        self.files.push(Part {
            stem: file.stem.clone(),
            path: source.path.clone(),
            end: self.expander.cases.len(),
        });
        title.unwrap_or(file.stem)
    }

    /// Adds what a file holds, and says what the file is called.
    pub(super) fn add(
        &mut self,
        source: &Source,
        parsed: Parsed,
        findings: &mut Findings,
    ) -> String {
        let mut file = self.begin(source);
        for draft in &parsed.drafts {
            self.grow(&mut file, draft);
        }
        self.end(source, file, parsed.title, Findings::default(), findings)
    }

    /// Adds a part of the suite's title.
    pub(super) fn add_title(&mut self, title: String) {
        self.titles.push(title);
    }

    /// The suite.
    pub(super) fn finish(mut self, mut findings: Findings) -> Result<Suite, SuiteError> {
        if !findings.is_refused() {
            self.part_ids(&mut findings)
                .map_err(|error| unreadable(&error))?;
        }
        let notes = findings.take_notes();
        let more_warnings = findings.more_warnings();
        let warnings = findings.into_warnings()?;
        Ok(Suite {
            title: joined(&self.titles),
            cases: self.expander.cases.into_cases(),
            warnings,
            more_warnings,
            notes,
        })
    }

    /// Whether a file is there already. One that is linked to by another name may be asked twice.
    fn has(&self, stem: &str, path: Option<&Path>) -> bool {
        let mut alike = self
            .files
            .iter()
            .filter(|file| file.stem == stem)
            .peekable();
        if alike.peek().is_none() {
            return false;
        }
        let Some(path) = path.and_then(|path| path.canonicalize().ok()) else {
            return false;
        };
        let is_it = |file: &Part| {
            let other = file.path.as_deref();
            other.and_then(|other| other.canonicalize().ok()).as_ref() == Some(&path)
        };
        alike.any(is_it)
    }

    /// Within a file every id is there once.
    fn refuse_twins(&self, before: usize, findings: &mut Findings) -> Result<(), SpoolError> {
        let cases = &self.expander.cases;
        for (at, first) in cases.twins(before)? {
            let ((case, place), (_, first)) = (cases.case(at)?, cases.case(first)?);
            let id = shorten(&case.id);
            findings.refuse(
                &place,
                format!("the id `{id}` is already used on line {}", first.line),
            );
        }
        Ok(())
    }

    /// Puts the file's stem before the ids that several files have; and where several files have that stem, too, as much of
    /// the folders before it as tells them apart.
    fn part_ids(&mut self, findings: &mut Findings) -> Result<(), SpoolError> {
        if self.files.len() < 2 {
            return Ok(());
        }
        let cases = &mut self.expander.cases;
        let several = both(&cases.twins(0)?);
        for (at, file) in with_files(&several, &self.files) {
            let (case, _) = cases.case(at)?;
            cases.rename(at, format!("{}/{}", file.stem, case.id))?;
        }
        let still = both(&cases.twins(0)?);
        if !still.is_empty() {
            let folders = folders::apart(&self.files);
            for (at, file) in with_files(&still, &self.files) {
                let folder = file.path.as_ref().and_then(|path| folders.get(path));
                if let (Some(folder), Ok(_)) = (folder, several.binary_search(&at)) {
                    let (case, _) = cases.case(at)?;
                    cases.rename(at, folders::id(folder, &file.stem, &case.id))?;
                }
            }
        }
        let mut told = HashSet::new();
        for (at, first) in cases.twins(0)? {
            let ((case, place), (_, first)) = (cases.case(at)?, cases.case(first)?);
            let id = shorten(&case.id);
            if told.insert(case.id) {
                findings.refuse(&place, format!("the id `{id}` is also used in {first}"));
            }
        }
        Ok(())
    }
}

/// All that are twins, in their order.
fn both(twins: &[Twins]) -> Vec<usize> {
    let mut all: Vec<usize> = twins
        .iter()
        .flat_map(|(one, other)| [*one, *other])
        .collect();
    all.sort_unstable();
    all.dedup();
    all
}

/// Cases by their numbers, in their order, each with its file.
fn with_files<'a>(
    cases: &'a [usize],
    files: &'a [Part],
) -> impl Iterator<Item = (usize, &'a Part)> {
    let mut files = files.iter().peekable();
    cases.iter().filter_map(move |at| {
        while files.next_if(|file| file.end <= *at).is_some() {}
        files.peek().map(|file| (*at, *file))
    })
}

fn unreadable(error: &SpoolError) -> SuiteError {
    let why = std::error::Error::source(error).map_or(String::new(), |why| format!(": {why}"));
    SuiteError::of_file("the prompts", format!("{error}{why}"))
}

fn joined(titles: &[String]) -> String {
    const MAX: usize = 4;
    match titles.len().saturating_sub(MAX) {
        0 => titles.join(" + "),
        more => format!(
            "{} + {more} more",
            titles.get(..MAX).unwrap_or_default().join(" + ")
        ),
    }
}
