//! What makes a batch a failure to whoever asked with `--fail-on checks`: the same to `replay`, to `report` and to a build
//! server. Ends no program.

use super::{summary::LaneSummary, words::counted};

/// Cells that are not as they should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Shortfall {
    /// Done, and a check did not pass.
    pub not_passed: u64,
    /// Done, and nobody can say whether the checks pass.
    pub unjudged: u64,
    /// The lane failed.
    pub failed: u64,
}

impl Shortfall {
    /// Counts those of all lanes.
    pub fn of(lanes: &[LaneSummary]) -> Self {
        lanes.iter().fold(Self::default(), |sum, lane| Self {
            not_passed: sum.not_passed + lane.checks.not_passed(),
            unjudged: sum.unjudged + lane.checks.unjudged,
            failed: sum.failed + lane.failed,
        })
    }

    /// Whether all is as it should be.
    pub const fn is_none(self) -> bool {
        self.not_passed + self.unjudged + self.failed == 0
    }

    /// Which is which, in a sentence; `None` where all is as it should be.
    pub fn sentence(self) -> Option<String> {
        let parts = [
            (
                self.not_passed,
                "answer did not pass",
                "answers did not pass",
            ),
            (self.unjudged, "could not be judged", "could not be judged"),
            (self.failed, "cell failed", "cells failed"),
        ];
        let parts = parts.into_iter().filter(|(number, ..)| *number > 0);
        let parts: Vec<String> = parts
            .map(|(number, one, many)| counted(number, one, many))
            .collect();
        (!parts.is_empty()).then(|| format!("Not all is well: {}.", parts.join(", ")))
    }
}
