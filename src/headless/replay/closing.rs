//! What happens to a cell after its answer: the checks, the judge, the history.

use super::{Replay, cell::Asked, judging, queue::Place};
use crate::{
    check::Answer,
    domain::{
        batch::{BatchRun, CellRecord},
        case::Case,
        cost::CostSum,
        forecast,
        record::{LaneRecord, LaneStatus},
        usage::UsageSource,
    },
    history::{HistoryError, NewCell},
};
use std::{path::PathBuf, sync::Arc};

/// A cell whose answer has come.
pub(super) struct Closing {
    pub(super) replay: Arc<Replay>,
    pub(super) asked: Asked,
}

/// A cell that is over.
#[derive(Debug)]
pub(super) struct Closed {
    pub(super) place: Place,
    pub(super) status: LaneStatus,
    pub(super) passed: Option<bool>,
    /// It has checks, and nobody can say whether they pass.
    pub(super) is_unjudged: bool,
    pub(super) cost_usd: Option<f64>,
    pub(super) usage_source: Option<UsageSource>,
    /// It runs on the person's own machine, and nobody asks a price for it.
    pub(super) is_free: bool,
    pub(super) judging: CostSum,
    pub(super) stored: Result<(), HistoryError>,
    /// The cell itself, where the history does not keep it.
    pub(super) kept: Option<(BatchRun, CellRecord)>,
}

impl Closing {
    /// Checks, judges and stores. Ready when the cell is in the history.
    pub(super) async fn close(self) -> Closed {
        let Self { replay, asked } = self;
        let place = asked.place;
        let plan = Arc::clone(&asked.lane.plan);
        let lane = LaneRecord::new(&plan, &asked.state);
        let (case, checker, repetition) = match replay.runs.get(place.run) {
            Some((case, repetition)) => match replay.cases.get(*case) {
                Some((case, checker)) => (Some(case), checker.as_ref(), *repetition),
                None => (None, None, *repetition),
            },
            None => (None, None, 1),
        };
        let (mut checks, mut judging) = (
            Vec::<crate::domain::check::Verdict>::new(),
            CostSum::default(),
        );
        if let (Some(case), Some(checker), LaneStatus::Done) = (case, checker, lane.status) {
            let answer = Answer::from(&lane);
            let opinions = judging::opinions(&replay, case, checker, &asked, &answer).await;
            for opinion in &opinions {
                judging = judging.with(opinion.cost);
            }
            checks = checker.verdicts(&answer, &opinions);
        }
        let record = CellRecord { lane, checks };
        let mut closed = Closed {
            place,
            status: record.lane.status,
            passed: record.is_passed(),
            is_unjudged: !record.checks.is_empty() && record.is_passed().is_none(),
            cost_usd: record.lane.cost_usd,
            usage_source: record.lane.usage.source,
            is_free: forecast::is_own(&plan),
            judging,
            stored: Ok(()),
            kept: None,
        };
        let Some(case) = case else {
            return closed;
        };
        let mut head = asked.head;
        head.prompt.system = common_system(&replay, case);
        let started_at = head.started_at.clone();
        let run = BatchRun {
            head,
            prompt_id: Some(case.id.clone()),
            repetition,
            tags: case.tags.clone(),
        };
        let Some(recorder) = &replay.recorder else {
            closed.kept = Some((run, record));
            return closed;
        };
        let cell = NewCell {
            batch: replay.batch.id.clone(),
            started_at,
            run,
            run_position: place.run as u64,
            lane_position: place.lane as u64,
            record,
            judge_cost_usd: judging.known_usd,
            tape: asked.tape,
        };
        closed.stored = match recorder.store(cell).await {
            Some(stored) => stored.map(drop),
            None => Err(HistoryError::Damaged(PathBuf::from("history"))),
        };
        closed
    }
}

/// The system text that every lane gets with this case; `None` where they differ.
fn common_system(replay: &Replay, case: &Case) -> Option<String> {
    let mut texts = replay.lanes.iter().map(|lane| {
        let own = case.system.as_deref().filter(|_| !replay.is_system_fixed);
        let text = own.or(lane.plan.system.as_deref());
        text.filter(|text| !text.is_empty())
    });
    let first = texts.next()?;
    texts
        .all(|text| text == first)
        .then(|| first.map(str::to_owned))?
}
