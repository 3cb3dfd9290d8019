//! Everything that a report says over all of its cells, worked out once, so that its forms cannot disagree. Writes nothing.

use super::{
    asked,
    choice::Choice,
    compare::{BatchComparison, LaneComparison},
    evidence::Evidence,
    need::Need,
    projection::Projection,
    sentence, sharing,
    shortfall::Shortfall,
    summary::LaneSummary,
    tails,
    votes::LaneVotes,
};
use crate::domain::batch::BatchHead;

/// What a person wants to know besides.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Wishes {
    /// What a lane has to be.
    pub need: Option<Need>,
    /// How many requests a month there will be.
    pub requests_per_month: Option<u64>,
}

/// All that is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Findings {
    /// The batches that the cells are of.
    pub batches: Vec<BatchHead>,
    /// The figures of all cells.
    pub evidence: Evidence,
    /// Each lane.
    pub summaries: Vec<LaneSummary>,
    /// The summary in a sentence.
    pub sentence: String,
    /// What a reader must know to read it rightly, such as that a batch is not over; a sentence each.
    pub remarks: Vec<String>,
    /// What the need came to.
    pub choice: Option<Choice>,
    /// What each lane would cost in a month; empty where nobody asked.
    pub projections: Vec<Projection>,
    /// Each lane against the one that passes most often, or against the first one where nothing was judged.
    pub comparisons: Vec<LaneComparison>,
    /// What became of an earlier batch's prompts.
    pub change: Option<BatchComparison>,
    /// How often each lane's answer was chosen over another's; empty where nobody chose.
    pub votes: Vec<LaneVotes>,
}

/// Says which lanes mix several models.
fn mixed(evidence: &Evidence) -> Vec<String> {
    let lanes = evidence.mixed.iter();
    lanes
        .map(|lane| {
            let lane = super::quoted(lane);
            format!("{lane} was not the same model in all of these cells; its figures mix them.")
        })
        .collect()
}

impl Findings {
    /// Works it out.
    pub fn new(batches: Vec<BatchHead>, evidence: Evidence, wishes: &Wishes) -> Self {
        let summaries = evidence.summaries();
        let common = asked::common(&evidence).map(|(common, by)| (common.summaries(), by));
        let (alike, by) = common.unwrap_or_else(|| (summaries.clone(), String::new()));
        let base = sentence::best_lane(&alike)
            .or_else(|| evidence.lanes.first().map(|lane| lane.lane.clone()));
        let comparisons = base.map(|base| LaneComparison::all(&evidence, &base));
        let comparisons = comparisons.unwrap_or_default();
        let month = wishes.requests_per_month;
        Self {
            batches,
            sentence: by + &sentence::summary(&alike),
            remarks: [
                mixed(&evidence),
                sharing::remarks(&summaries, &evidence.races),
                tails::remarks(&comparisons, &summaries),
            ]
            .concat(),
            choice: wishes.need.as_ref().map(|need| Choice::of(need, &evidence)),
            projections: month.map_or_else(Vec::new, |requests| {
                let lanes = summaries.iter();
                lanes.map(|lane| Projection::of(lane, requests)).collect()
            }),
            comparisons,
            change: None,
            votes: Vec::new(),
            summaries,
            evidence,
        }
    }

    /// What the report is about: the suite, or what started the batch.
    pub fn title(&self) -> String {
        match self.batches.as_slice() {
            [] => "Nothing".to_owned(),
            [only] => match (&only.suite, only.kind) {
                (Some(suite), _) => suite.clone(),
                (None, kind) => match kind {
                    crate::domain::batch::BatchKind::Replay => "A replay".to_owned(),
                    crate::domain::batch::BatchKind::Sitting => "A sitting".to_owned(),
                    crate::domain::batch::BatchKind::Ask => "One prompt".to_owned(),
                },
            },
            several => {
                let mut suites: Vec<&str> = several
                    .iter()
                    .filter_map(|batch| batch.suite.as_deref())
                    .collect();
                suites.dedup();
                match suites.as_slice() {
                    [only] => format!("{only}, {} batches", several.len()),
                    _ => format!("{} batches", several.len()),
                }
            }
        }
    }

    /// How much there is: `3 lanes, 40 prompts, 120 cells`.
    pub fn extent(&self) -> String {
        let cells: usize = self
            .evidence
            .lanes
            .iter()
            .map(|lane| lane.cells.len())
            .sum();
        let counted = |number: usize, word: &str| {
            let many = if number == 1 { "" } else { "s" };
            format!(
                "{} {word}{many}",
                crate::domain::figures::count(number as u64)
            )
        };
        [
            counted(self.evidence.lanes.len(), "lane"),
            counted(self.evidence.prompts.len(), "prompt"),
            counted(cells, "cell"),
        ]
        .join(", ")
    }

    /// What makes it a failure.
    pub fn shortfall(&self) -> Shortfall {
        Shortfall::of(&self.summaries)
    }

    /// A lane's summary.
    pub fn summary(&self, lane: &str) -> Option<&LaneSummary> {
        self.summaries.iter().find(|summary| summary.lane == lane)
    }
}
