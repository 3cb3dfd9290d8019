//! The summaries of all lanes without the figures of every cell in memory: those lie in a spool, a column at a time comes
//! back. Says the same as [`Evidence::summaries`], to the last digit.
//!
//! [`Evidence::summaries`]: super::Evidence::summaries

use super::{
    evidence::{LaneEvidence, RunFigures},
    outcomes::{Asked, Outcomes, Prompts},
    summary::{Column, Counts, LaneSummary},
};
use crate::{
    domain::{batch::CellRecord, record::LaneStatus, stats::Spread},
    spool::{Span, Spool, SpoolError},
};
use std::collections::HashMap;

/// Cells of a lane whose figures are put aside together.
const CHUNK: usize = 1024;
/// Bytes of a figure.
const BYTES: usize = size_of::<f64>();

/// The figures of all cells, by lane.
#[derive(Debug, Default)]
pub struct Totals {
    lanes: Vec<Lane>,
    places: HashMap<String, usize>,
    prompts: Prompts,
    spool: Spool,
}

#[derive(Debug)]
struct Lane {
    /// What it is called, and so on. It holds no cell.
    head: LaneEvidence,
    counts: Counts,
    outcomes: Outcomes,
    /// By column, the figures that are not put aside yet.
    open: [Vec<f64>; Column::ALL.len()],
    /// By column, those that are.
    aside: [Vec<Span>; Column::ALL.len()],
}

impl Totals {
    /// Of no cell yet. Where prompts come several times, what came of each is held: some dozen bytes a prompt and lane.
    pub fn new(is_repeated: bool) -> Self {
        Self {
            prompts: Prompts::new(is_repeated),
            ..Self::default()
        }
    }

    /// Whether prompts may come several times.
    pub const fn is_repeated(&self) -> bool {
        self.prompts.is_repeated()
    }

    /// Takes in one cell.
    pub fn add(&mut self, asked: Asked<'_>, cell: &CellRecord, judge_cost_usd: Option<f64>) {
        let record = &cell.lane;
        let place = if let Some(place) = self.places.get(&record.lane) {
            *place
        } else {
            self.places.insert(record.lane.clone(), self.lanes.len());
            self.lanes.push(Lane {
                head: LaneEvidence::of(record),
                counts: Counts::default(),
                outcomes: Outcomes::default(),
                open: Default::default(),
                aside: Default::default(),
            });
            self.lanes.len() - 1
        };
        let Some(lane) = self.lanes.get_mut(place) else {
            return;
        };
        let figures = RunFigures::of(record);
        lane.head.note(cell, judge_cost_usd);
        lane.outcomes.add(asked, cell, &mut self.prompts);
        lane.counts.add(record.status, cell.is_passed(), &figures);
        if record.status != LaneStatus::Done {
            return;
        }
        let columns = lane.open.iter_mut().zip(&mut lane.aside);
        for (column, (open, aside)) in Column::ALL.iter().zip(columns) {
            open.extend(column.of(&figures));
            if open.len() >= CHUNK {
                let bytes: Vec<u8> = open
                    .iter()
                    .flat_map(|figure| figure.to_le_bytes())
                    .collect();
                aside.push(self.spool.push(&bytes));
                open.clear();
            }
        }
    }

    /// All lanes, summed up; which of them computed at the same time, only [`super::sharing::race_of`] notes.
    ///
    /// # Errors
    /// The figures cannot be read back.
    pub fn summaries(&self) -> Result<Vec<LaneSummary>, SpoolError> {
        let of_lane = |lane: &Lane| {
            let passes = lane.outcomes.passes(&self.prompts);
            let summary = LaneSummary::with(&lane.head, &lane.counts, passes, |column| {
                self.spread(lane, column)
            })?;
            Ok(LaneSummary {
                asked: lane.outcomes.asked(),
                ..summary
            })
        };
        self.lanes.iter().map(of_lane).collect()
    }

    fn spread(&self, lane: &Lane, column: Column) -> Result<Option<Spread>, SpoolError> {
        let columns = Column::ALL.iter().zip(lane.open.iter().zip(&lane.aside));
        let mut columns = columns.filter(|(known, _)| **known == column);
        let Some((_, (open, aside))) = columns.next() else {
            return Ok(None);
        };
        let mut figures = Vec::with_capacity(aside.len() * CHUNK + open.len());
        let mut bytes = Vec::new();
        for span in aside {
            self.spool.read_into(*span, &mut bytes)?;
            let (whole, _) = bytes.as_chunks::<BYTES>();
            figures.extend(whole.iter().map(|figure| f64::from_le_bytes(*figure)));
        }
        figures.extend(open);
        Ok(Spread::of(figures))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        domain::usage::UsageSource,
        report::tests::made::{cell, evidence, failed, local, run},
    };

    /// More than what is put aside together, at lanes of several kinds.
    fn many() -> Vec<CellRecord> {
        let cells = (0..3 * CHUNK).flat_map(|at| {
            let value = ((at * 7919) % 3001) as f64 / 7.0 + 0.001;
            let passed = [Some(true), Some(false), None][at % 3];
            let mut guessed = cell(
                "guessed",
                passed,
                value,
                (at % 5 > 0).then_some(value / 1e6),
            );
            guessed.lane.usage.source = Some(UsageSource::Estimated);
            guessed.lane.usage.reasoning_tokens = (at > 9).then_some(3);
            guessed.lane.timing.ttft_ms = (at % 2 > 0).then_some(value);
            [
                cell("paid", passed, value, Some(value / 3e6)),
                guessed,
                if at % 4 == 0 {
                    // Some of those that failed were paid for, some may have been.
                    let mut failed = failed("own");
                    failed.lane.cost_usd = (at % 8 == 0).then_some(value / 5e6);
                    failed
                } else if at % 4 == 1 {
                    let mut stopped = cell("paid", None, value, (at % 8 == 1).then_some(value));
                    stopped.lane.status = LaneStatus::Cancelled;
                    stopped
                } else {
                    let mut own = local("own", passed, value);
                    own.lane.server.sequences = [None, Some(3), Some(2)][at % 3];
                    own
                },
            ]
        });
        cells.collect()
    }

    /// The batch in which each cell is a run, and a prompt comes every so many runs.
    fn compare(every: Option<usize>, has_checks: Option<bool>) {
        let cells = many();
        let name = |at: usize| format!("p{}", every.map_or(at, |every| at % every));
        let repetition =
            |at: usize| u32::try_from(every.map_or(0, |every| at / every)).unwrap() + 1;
        let made: Vec<_> = (0..)
            .zip(&cells)
            .map(|(at, cell)| (run(&name(at), repetition(at)), vec![cell.clone()]))
            .collect();
        let mut totals = Totals::new(every.is_some());
        for (at, cell) in cells.iter().enumerate() {
            let asked = Asked {
                prompt: &name(at),
                has_checks,
            };
            totals.add(asked, cell, (at % 2 == 0).then_some(0.25));
        }
        let mut summaries = totals.summaries().unwrap();
        for lane in &mut summaries {
            let judged = cells
                .iter()
                .enumerate()
                .filter(|(at, cell)| at % 2 == 0 && cell.lane.lane == lane.lane);
            assert_eq!(
                lane.judge_cost_usd.take(),
                Some(0.25 * judged.count() as f64)
            );
        }
        assert_eq!(summaries, evidence(&made).summaries());
    }

    #[test]
    fn they_say_what_the_evidence_says_to_the_last_digit() {
        compare(None, None);
        compare(None, Some(true));
        assert!(Totals::default().summaries().unwrap().is_empty());
    }

    #[test]
    fn they_do_so_of_prompts_that_are_asked_several_times() {
        compare(Some(100), None);
        compare(Some(7), None);
    }
}
