//! Several files become one suite: titles joined, ids unique. Reads no file.

use super::{
    ParseCheck, Parsed,
    cases::Suite,
    draft::Draft,
    error::{Findings, SuiteError, shorten},
    source::Source,
    variables::Expander,
};
use crate::spool::SpoolError;
use std::collections::HashSet;

/// A suite that grows file by file.
#[derive(Debug)]
pub(super) struct Joined {
    titles: Vec<String>,
    expander: Expander,
    /// The stems of the files, and where the cases of each end.
    stems: Vec<(String, usize)>,
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
            stems: Vec::new(),
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
        findings: &mut Findings,
    ) -> String {
        if file.drafts == 0 && !findings.is_refused() {
            findings.refuse(&source.place(0), "holds no prompt");
        }
        findings.merge(file.found);
        if let Err(error) = self.refuse_twins(file.before, findings) {
            findings.add(unreadable(&error));
        }
        self.stems
            .push((file.stem.clone(), self.expander.cases.len()));
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
        self.end(source, file, parsed.title, findings)
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
        let warnings = findings.into_warnings()?;
        Ok(Suite {
            title: joined(&self.titles),
            cases: self.expander.cases.into_cases(),
            warnings,
            notes,
        })
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

    /// Puts the file's stem before the ids that several files have.
    fn part_ids(&mut self, findings: &mut Findings) -> Result<(), SpoolError> {
        if self.stems.len() < 2 {
            return Ok(());
        }
        let cases = &mut self.expander.cases;
        let twins = cases.twins(0)?.into_iter();
        let mut several: Vec<usize> = twins.flat_map(|(one, other)| [one, other]).collect();
        several.sort_unstable();
        several.dedup();
        let mut files = self.stems.iter().peekable();
        for at in several {
            while files.next_if(|(_, end)| *end <= at).is_some() {}
            if let Some((stem, _)) = files.peek() {
                let (case, _) = cases.case(at)?;
                cases.rename(at, format!("{stem}/{}", case.id))?;
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
