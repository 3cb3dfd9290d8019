//! Which run a cell of the history belongs to. Sends nothing and stores nothing.

use super::{Stage, aside};
use crate::{cli::history::refused, failure::CliError, history::HistoryError, spool::SpoolError};
use std::hash::{DefaultHasher, Hash, Hasher};

/// The prompts of a suite by their ids. Holds a few bytes of each, not the ids.
pub(super) struct Known<'s> {
    stage: &'s Stage,
    /// What stands for each id, and its prompt.
    hashes: Vec<(u64, u32)>,
    /// The prompt that was asked for last: the cells of a run come together.
    last: Option<(String, Option<usize>)>,
}

impl<'s> Known<'s> {
    /// Those of a stage.
    pub(super) fn of(stage: &'s Stage) -> Result<Self, SpoolError> {
        let mut hashes = Vec::with_capacity(stage.suite.cases.len());
        for (at, case) in (0..).zip(stage.suite.cases.iter()) {
            hashes.push((hash(&case?.id), at));
        }
        hashes.sort_unstable();
        Ok(Self {
            stage,
            hashes,
            last: None,
        })
    }

    /// The run of a prompt and a repetition; `None` where there is none.
    pub(super) fn run(&mut self, id: &str, repetition: u32) -> Result<Option<usize>, SpoolError> {
        let case = match &self.last {
            Some((last, case)) if last == id => *case,
            _ => {
                let case = self.case(id)?;
                self.last = Some((id.to_owned(), case));
                case
            }
        };
        Ok(case.and_then(|case| self.stage.runs.find(case, repetition)))
    }

    fn case(&self, id: &str) -> Result<Option<usize>, SpoolError> {
        let wanted = hash(id);
        let from = self.hashes.partition_point(|(hash, _)| *hash < wanted);
        let alike = self.hashes.iter().skip(from);
        for (_, at) in alike.take_while(|(hash, _)| *hash == wanted) {
            let at = *at as usize;
            let case = self.stage.suite.cases.case(at)?;
            if case.is_some_and(|case| case.id == id) {
                return Ok(Some(at));
            }
        }
        Ok(None)
    }
}

fn hash(id: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    id.hash(&mut hasher);
    hasher.finish()
}

/// Why the cells of a batch cannot be told.
pub(super) enum Untold {
    /// The history cannot be read.
    History(HistoryError),
    /// The prompts cannot be.
    Aside(SpoolError),
}

impl From<HistoryError> for Untold {
    fn from(error: HistoryError) -> Self {
        Self::History(error)
    }
}

impl From<SpoolError> for Untold {
    fn from(error: SpoolError) -> Self {
        Self::Aside(error)
    }
}

impl Untold {
    pub(super) fn into_error(self) -> CliError {
        match self {
            Self::History(error) => refused(&error),
            Self::Aside(error) => aside(error),
        }
    }
}
