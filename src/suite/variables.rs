//! Drafts become cases, one for each combination of their variables, within limits. Fills nothing in and reads no file.

use super::{
    ParseCheck,
    cases::Heap,
    draft::Draft,
    error::{Findings, shorten},
    fill::{Environments, Fill, Texts},
    matrix::axes,
};

/// The most cases of a suite.
const MAX_CASES: usize = 1_000_000;

/// The most text of a suite.
const MAX_BYTES: usize = 1 << 30;

/// How the drafts of a suite become cases.
pub(super) struct Expander {
    parse_check: ParseCheck,
    environments: Environments,
    bytes: usize,
    /// All cases so far.
    pub(super) cases: Heap,
}

impl std::fmt::Debug for Expander {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Expander")
            .field("cases", &self.cases.len())
            .finish_non_exhaustive()
    }
}

impl Expander {
    /// No cases yet.
    pub(super) fn new(parse_check: ParseCheck) -> Self {
        Self {
            parse_check,
            environments: Environments::new(),
            bytes: 0,
            cases: Heap::default(),
        }
    }

    /// Adds the cases of a draft; `number` is its number in its file, from 1.
    pub(super) fn add(
        &mut self,
        draft: &Draft,
        stem: &str,
        number: usize,
        findings: &mut Findings,
    ) {
        let id = draft
            .id
            .clone()
            .unwrap_or_else(|| format!("{stem}-{number}"));
        let axes = axes(draft);
        let total = axes
            .iter()
            .try_fold(1_usize, |total, axis| total.checked_mul(axis.items.len()));
        let room = MAX_CASES.saturating_sub(self.cases.len());
        if total.is_none_or(|total| total > room) {
            let count = total.map_or("far too many".to_owned(), |total| total.to_string());
            findings.refuse(
                &draft.place,
                format!(
                    "`vars` make {count} prompts of `{}`; a suite has at most {MAX_CASES}",
                    shorten(&id)
                ),
            );
            return;
        }
        let fill = Fill::of(draft, &self.environments, self.parse_check);
        let texts = match Texts::of(&fill) {
            Ok(texts) => texts,
            Err((place, problem)) => return findings.refuse(&place, problem),
        };
        for index in 0..total.unwrap_or(0) {
            match fill.case(&texts, &axes, index, &id, findings) {
                Ok(case) => {
                    self.bytes += case
                        .messages
                        .iter()
                        .map(|message| message.content.len())
                        .sum::<usize>();
                    self.cases.push(&case, &draft.place);
                }
                // What is wrong with one combination is wrong with many.
                Err((place, problem)) => return findings.refuse(&place, problem),
            }
            if self.bytes > MAX_BYTES {
                let most = MAX_BYTES >> 20;
                return findings.refuse(
                    &draft.place,
                    format!("with this prompt the suite has more than {most} MiB of text"),
                );
            }
        }
    }
}
