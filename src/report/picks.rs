//! Which runs a page lists with their answers: all of them, or, of many, those worth reading. Keeps no answer.

use crate::domain::{batch::CellRecord, record::LaneStatus};
use std::collections::BTreeSet;

/// More runs than this are not all listed.
pub const MOST_LISTED: usize = 500;
/// So many are listed of a larger number.
pub const LISTED_OF_MANY: usize = 200;

/// What is remembered of each run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Picks {
    runs: usize,
    /// A lane failed, or a check did not pass or could not be judged.
    poor: Vec<usize>,
    /// All is well, and the answers are not the same.
    different: Vec<usize>,
}

/// The runs that are listed, by their place in the order in which they were taken in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Listed {
    /// Every one.
    All,
    /// These of so many.
    Some {
        /// Their places.
        places: BTreeSet<usize>,
        /// All runs.
        of: usize,
    },
}

/// Whether a lane failed, or a check did not pass or could not be judged.
pub(super) fn is_poor(cell: &CellRecord) -> bool {
    match cell.lane.status {
        LaneStatus::Failed => true,
        LaneStatus::Done => !cell.checks.is_empty() && cell.is_passed() != Some(true),
        LaneStatus::Cancelled => cell.is_passed() == Some(false),
    }
}

impl Picks {
    /// Takes in the cells of the next run.
    pub fn add(&mut self, cells: &[&CellRecord]) {
        let place = self.runs;
        self.runs += 1;
        let is_poor = cells.iter().any(|cell| is_poor(cell));
        let first = cells.first().map(|cell| cell.lane.answer.trim());
        let is_different = cells
            .iter()
            .any(|cell| Some(cell.lane.answer.trim()) != first);
        if is_poor && self.poor.len() < LISTED_OF_MANY {
            self.poor.push(place);
        } else if is_different && !is_poor && self.different.len() < LISTED_OF_MANY {
            self.different.push(place);
        }
    }

    /// The runs to list; `always` is one that the page points at.
    pub fn listed(&self, always: Option<usize>) -> Listed {
        if self.runs <= MOST_LISTED {
            return Listed::All;
        }
        let worth = self.poor.iter().chain(&self.different).copied();
        let mut places: BTreeSet<usize> = worth.take(LISTED_OF_MANY).collect();
        places.extend(always);
        Listed::Some {
            places,
            of: self.runs,
        }
    }
}

impl Listed {
    /// Whether a run is listed.
    pub fn has(&self, place: usize) -> bool {
        match self {
            Self::All => true,
            Self::Some { places, .. } => places.contains(&place),
        }
    }
}
