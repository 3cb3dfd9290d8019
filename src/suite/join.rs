//! Several files become one suite: titles joined, ids unique. Reads no file.

use super::{
    ParseCheck, Parsed,
    error::{Findings, SuiteError, shorten},
    source::Source,
    variables::{Expander, PlacedCase},
};
use crate::domain::case::Suite;
use std::collections::{HashMap, HashSet};

/// A suite that grows file by file.
#[derive(Debug)]
pub(super) struct Joined {
    titles: Vec<String>,
    expander: Expander,
    /// The stems of the files, and where the cases of each end.
    stems: Vec<(String, usize)>,
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

    /// Adds what a file holds, and says what the file is called.
    pub(super) fn add(
        &mut self,
        source: &Source,
        parsed: Parsed,
        findings: &mut Findings,
    ) -> String {
        let stem = source.stem();
        let before = self.expander.cases.len();
        if parsed.drafts.is_empty() && !findings.is_refused() {
            findings.refuse(&source.place(0), "holds no prompt");
        }
        for (index, draft) in parsed.drafts.iter().enumerate() {
            self.expander.add(draft, &stem, index + 1, findings);
        }
        let mut seen = HashMap::new();
        for PlacedCase { case, place } in self.expander.cases.get(before..).unwrap_or_default() {
            if let Some(first) = seen.insert(&case.id, place) {
                let id = shorten(&case.id);
                findings.refuse(
                    place,
                    format!("the id `{id}` is already used on line {}", first.line),
                );
            }
        }
        let title = parsed.title.unwrap_or_else(|| stem.clone());
        self.stems.push((stem, self.expander.cases.len()));
        title
    }

    /// Adds a part of the suite's title.
    pub(super) fn add_title(&mut self, title: String) {
        self.titles.push(title);
    }

    /// The suite.
    pub(super) fn finish(mut self, mut findings: Findings) -> Result<Suite, SuiteError> {
        if !findings.is_refused() {
            self.part_ids(&mut findings);
        }
        let notes = findings.take_notes();
        let warnings = findings.into_warnings()?;
        let cases = self
            .expander
            .cases
            .into_iter()
            .map(|placed| placed.case)
            .collect();
        Ok(Suite {
            title: joined(&self.titles),
            cases,
            warnings,
            notes,
        })
    }

    /// Puts the file's stem before the ids that several files have.
    fn part_ids(&mut self, findings: &mut Findings) {
        if self.stems.len() < 2 {
            return;
        }
        let mut counts: HashMap<String, usize> = HashMap::new();
        for placed in &self.expander.cases {
            *counts.entry(placed.case.id.clone()).or_default() += 1;
        }
        counts.retain(|_, count| *count > 1);
        let mut files = self.stems.iter().peekable();
        for (index, placed) in self.expander.cases.iter_mut().enumerate() {
            while files.next_if(|(_, end)| *end <= index).is_some() {}
            if let Some((stem, _)) = files.peek()
                && counts.contains_key(&placed.case.id)
            {
                placed.case.id = format!("{stem}/{}", placed.case.id);
            }
        }
        let mut seen = HashMap::new();
        let mut told = HashSet::new();
        for PlacedCase { case, place } in &self.expander.cases {
            if let Some(first) = seen.insert(&case.id, place)
                && told.insert(&case.id)
            {
                findings.refuse(
                    place,
                    format!("the id `{}` is also used in {first}", shorten(&case.id)),
                );
            }
        }
    }
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
