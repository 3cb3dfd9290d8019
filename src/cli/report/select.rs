//! Which batches, runs and lanes a report is about. Reads runs one at a time and keeps none.

use crate::{
    cli::history::{Walk, race, refused},
    domain::{
        batch::{BatchHead, BatchKind},
        id::{BatchId, RunId},
    },
    failure::CliError,
    history::{Found, History, StoredRun},
    report::{Evidence, quoted, sharing::Race},
};
use std::collections::BTreeSet;

/// Batches as a whole, single runs of others, and the lanes that count.
#[derive(Debug)]
pub(super) struct Selection {
    pub(super) batches: Vec<BatchHead>,
    parts: Vec<Part>,
    /// All where there is none.
    lanes: Vec<String>,
}

/// A part of the selection, with the place of its batch.
#[derive(Debug)]
enum Part {
    Batch(usize),
    Run(usize, RunId),
}

impl Part {
    const fn batch(&self) -> usize {
        match self {
            Self::Batch(batch) | Self::Run(batch, _) => *batch,
        }
    }
}

impl Selection {
    /// Finds what the ids mean; without one the latest batch. Nothing counts twice.
    pub(super) fn find(
        history: &History,
        ids: &[String],
        lanes: &[String],
    ) -> Result<Self, CliError> {
        let find = |id| history.find(id).map_err(|error| refused(&error));
        let mut found = Vec::new();
        if ids.is_empty() {
            found.push(find(None)?);
        }
        for id in ids {
            found.push(find(Some(id))?);
        }
        let whole: Vec<BatchId> = found
            .iter()
            .filter_map(|found| match found {
                Found::Batch(batch) => Some(batch.clone()),
                Found::Run(_) => None,
            })
            .collect();
        let mut selection = Self {
            batches: Vec::new(),
            parts: Vec::new(),
            lanes: lanes.to_vec(),
        };
        let mut taken = BTreeSet::new();
        for found in found {
            match found {
                Found::Batch(batch) => {
                    if taken.insert(batch.0.clone()) {
                        let place = selection.place(history, &batch)?;
                        selection.parts.push(Part::Batch(place));
                    }
                }
                Found::Run(run) => {
                    let batch = history.batch_of(&run).map_err(|error| refused(&error))?;
                    if !whole.contains(&batch) && taken.insert(run.0.clone()) {
                        let place = selection.place(history, &batch)?;
                        selection.parts.push(Part::Run(place, run));
                    }
                }
            }
        }
        selection.parts.sort_by_key(Part::batch);
        Ok(selection)
    }

    /// One batch.
    pub(super) fn batch(
        history: &History,
        batch: &BatchId,
        lanes: &[String],
    ) -> Result<Self, CliError> {
        let mut selection = Self {
            batches: Vec::new(),
            parts: vec![Part::Batch(0)],
            lanes: lanes.to_vec(),
        };
        selection.place(history, batch)?;
        Ok(selection)
    }

    fn place(&mut self, history: &History, batch: &BatchId) -> Result<usize, CliError> {
        let known = self.batches.iter().position(|head| head.id == *batch);
        if let Some(place) = known {
            return Ok(place);
        }
        let head = history.batch(batch).map_err(|error| refused(&error))?;
        self.batches.push(head);
        Ok(self.batches.len() - 1)
    }

    /// Whether a lane counts.
    pub(super) fn has_lane(&self, lane: &str) -> bool {
        self.lanes.is_empty() || self.lanes.iter().any(|chosen| chosen == lane)
    }

    /// Whether a run of the batch at this place counts.
    pub(super) fn has_run(&self, place: usize, run: &RunId) -> bool {
        self.parts.iter().any(|part| match part {
            Part::Batch(whole) => *whole == place,
            Part::Run(batch, only) => *batch == place && only == run,
        })
    }

    /// Hands over the runs that have a cell of the lanes, with those cells and the place of their batch.
    pub(super) fn each(
        &self,
        history: &History,
        mut take: impl FnMut(usize, &StoredRun) -> Result<(), Walk>,
    ) -> Result<(), Walk> {
        self.each_racing(history, |batch, stored, _| take(batch, stored))
    }

    /// The same, with the lanes that computed at the same time: also those that do not count.
    pub(super) fn each_racing(
        &self,
        history: &History,
        mut take: impl FnMut(usize, &StoredRun, Race) -> Result<(), Walk>,
    ) -> Result<(), Walk> {
        self.each_whole(history, |batch, mut stored| {
            let race = race(&stored);
            let is_chosen = |lane: &String| self.lanes.is_empty() || self.lanes.contains(lane);
            stored
                .cells
                .retain(|cell| is_chosen(&cell.record.lane.lane));
            if stored.cells.is_empty() {
                return Ok(());
            }
            take(batch, &stored, race)
        })
    }

    fn each_whole(
        &self,
        history: &History,
        mut take: impl FnMut(usize, StoredRun) -> Result<(), Walk>,
    ) -> Result<(), Walk> {
        for part in &self.parts {
            match part {
                Part::Batch(place) => {
                    if let Some(head) = self.batches.get(*place) {
                        history.each_run(&head.id, |stored| take(*place, stored))?;
                    }
                }
                Part::Run(place, run) => take(*place, history.run(run)?)?,
            }
        }
        Ok(())
    }

    /// The batch, where there is one and nothing else.
    pub(super) fn one_batch(&self) -> Option<&BatchId> {
        match self.parts.as_slice() {
            [Part::Batch(place)] => self.batches.get(*place).map(|head| &head.id),
            _ => None,
        }
    }

    /// The run, where there is one and nothing else.
    pub(super) fn one_run(&self) -> Option<&RunId> {
        match self.parts.as_slice() {
            [Part::Run(_, run)] => Some(run),
            _ => None,
        }
    }

    /// An error where a lane was named that has no cell.
    pub(super) fn know_lanes(
        &self,
        history: &History,
        evidence: &Evidence,
    ) -> Result<(), CliError> {
        let mut names = self.lanes.iter();
        let Some(unknown) = names.find(|name| evidence.lane(name).is_none()) else {
            return Ok(());
        };
        let mut known = BTreeSet::new();
        self.each_whole(history, |_, stored| {
            known.extend(stored.cells.into_iter().map(|cell| cell.record.lane.lane));
            Ok(())
        })
        .map_err(Walk::into_error)?;
        let known: Vec<String> = known.into_iter().collect();
        Err(
            CliError::usage(format!("no cell of the lane `{unknown}` is among these"))
                .hint(format!("the lanes are {}", known.join(", "))),
        )
    }

    /// What a reader must know: batches that are not over, or not whole.
    pub(super) fn remarks(&self, history: &History) -> Result<Vec<String>, CliError> {
        let mut remarks = Vec::new();
        for part in &self.parts {
            let Part::Batch(place) = part else {
                continue;
            };
            let Some(head) = self.batches.get(*place) else {
                continue;
            };
            if head.kind != BatchKind::Replay {
                continue;
            }
            let row = history
                .batch_row(&head.id)
                .map_err(|error| refused(&error))?;
            if let Some(missing) = &row.missing_parts {
                remarks.push(format!(
                    "Batch {} is not whole: {missing}, and these figures are without what it holds.",
                    quoted(&head.id.0)
                ));
            }
            let planned = row.planned_cells.filter(|planned| *planned > row.cells);
            if let (None, Some(planned)) = (&row.ended_at, planned) {
                remarks.push(format!(
                    "Batch {} is not over: {} of {planned} cells are here, and the figures may change.",
                    quoted(&head.id.0),
                    row.cells
                ));
            }
        }
        Ok(remarks)
    }
}
