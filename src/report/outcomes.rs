//! How often lanes passed, counted cell after cell as [`Evidence`] counts it, in as little memory as that takes: by prompt
//! only where prompts are asked several times.
//!
//! [`Evidence`]: super::Evidence

use super::asked;
use crate::domain::{
    batch::CellRecord,
    record::LaneStatus,
    stats::{Cluster, PassRate},
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Which prompt a cell belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked<'a> {
    /// The case's id.
    pub prompt: &'a str,
    /// Whether it has checks; `None` where nobody knows.
    pub has_checks: Option<bool>,
}

/// What all lanes share.
#[derive(Debug, Default)]
pub(super) struct Prompts {
    /// Whether a prompt may come several times.
    is_repeated: bool,
    /// By prompt, its place in the order in which they first came; empty where none comes twice.
    places: HashMap<String, usize>,
    /// By place, whether an answer was checked.
    checked: Vec<Option<bool>>,
    /// Whether any was.
    has_checks: bool,
}

/// What came of the cells of one lane.
#[derive(Debug, Default)]
pub(super) struct Outcomes {
    once: Cluster,
    /// By prompt.
    several: BTreeMap<usize, Cluster>,
    unknown: u64,
    /// Stands for the prompts that it was asked.
    asked: u64,
    /// Their places, where they may come twice.
    seen: BTreeSet<usize>,
    /// Cells that failed, of prompts of which nobody could say whether they have checks; by prompt.
    open: BTreeMap<usize, u64>,
}

impl Prompts {
    pub(super) fn new(is_repeated: bool) -> Self {
        Self {
            is_repeated,
            ..Self::default()
        }
    }

    pub(super) const fn is_repeated(&self) -> bool {
        self.is_repeated
    }

    /// The place of a prompt; the same for all where none comes twice.
    fn place(&mut self, prompt: &str) -> usize {
        if !self.is_repeated {
            return 0;
        }
        if let Some(place) = self.places.get(prompt) {
            return *place;
        }
        self.places.insert(prompt.to_owned(), self.checked.len());
        self.checked.push(None);
        self.checked.len() - 1
    }

    /// Whether a cell of this prompt that failed counts as one that did not pass.
    fn is_checked(&self, place: usize) -> bool {
        let known = self.checked.get(place).copied().flatten();
        known.unwrap_or(self.has_checks)
    }
}

impl Outcomes {
    /// One more cell.
    pub(super) fn add(&mut self, asked: Asked<'_>, cell: &CellRecord, prompts: &mut Prompts) {
        let place = prompts.place(asked.prompt);
        if !prompts.is_repeated || self.seen.insert(place) {
            self.asked = asked::with(self.asked, asked::mark(asked.prompt));
        }
        match cell.lane.status {
            LaneStatus::Done => {
                let has_checks = !cell.checks.is_empty();
                prompts.has_checks |= has_checks;
                if let Some(known) = prompts.checked.get_mut(place) {
                    *known.get_or_insert(false) |= has_checks;
                }
                match cell.is_passed() {
                    Some(passed) => self.count(place, passed, 1, prompts.is_repeated),
                    None => self.unknown += 1,
                }
            }
            LaneStatus::Failed => match asked.has_checks {
                Some(true) => self.count(place, false, 1, prompts.is_repeated),
                Some(false) => {}
                None => *self.open.entry(place).or_default() += 1,
            },
            LaneStatus::Cancelled => {}
        }
    }

    fn count(&mut self, place: usize, passed: bool, many: u64, is_repeated: bool) {
        let cluster = if is_repeated {
            self.several.entry(place).or_default()
        } else {
            &mut self.once
        };
        cluster.size += many;
        cluster.hits += if passed { many } else { 0 };
    }

    /// Stands for the prompts that it was asked.
    pub(super) const fn asked(&self) -> u64 {
        self.asked
    }

    /// The pass rate.
    pub(super) fn passes(&self, prompts: &Prompts) -> PassRate {
        let open = self
            .open
            .iter()
            .filter(|(place, _)| prompts.is_checked(**place));
        if !prompts.is_repeated {
            let open: u64 = open.map(|(_, many)| many).sum();
            return PassRate::of_cells(self.once.hits, self.once.size + open, self.unknown);
        }
        let mut all = self.several.clone();
        for (place, many) in open {
            all.entry(*place).or_default().size += many;
        }
        let clusters: Vec<Cluster> = all.into_values().collect();
        PassRate::of_prompts(&clusters, self.unknown)
    }
}
