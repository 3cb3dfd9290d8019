//! What happens to a cell after its answer: the checks, the judge, the history.

use super::{
    Replay,
    cell::{Asked, Untold},
    judging,
    queue::Place,
};
use crate::{
    check::Answer,
    domain::{
        batch::{BatchRun, CellRecord},
        case::Case,
        check::{CheckSpec, Verdict},
        cost::CostSum,
        forecast,
        record::{LaneRecord, LaneStatus},
        usage::UsageSource,
    },
    history::{HistoryError, NewCell},
};
use std::{
    path::PathBuf,
    sync::{Arc, PoisonError},
};

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
    /// Its prompt has checks.
    pub(super) has_checks: bool,
    pub(super) cost_usd: Option<f64>,
    /// What of it nobody told the cost of.
    pub(super) untold: Untold,
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
        let repetition = replay.runs.run(place.run).map_or(1, |(_, times)| times);
        let (mut checks, mut judging) = (Vec::<Verdict>::new(), CostSum::default());
        if let (Some(case), LaneStatus::Done) = (&asked.case, lane.status)
            && let Some(check) = &case.check
        {
            let answer = Answer::from(&lane);
            (checks, judging) = judged(&replay, case, check, &asked, &answer).await;
        }
        let record = CellRecord { lane, checks };
        let mut closed = Closed {
            place,
            status: record.lane.status,
            passed: record.is_passed(),
            has_checks: asked.case.as_ref().is_some_and(|case| case.check.is_some()),
            cost_usd: record.lane.cost_usd,
            untold: asked.untold(),
            usage_source: record.lane.usage.source,
            is_free: forecast::is_own(&plan),
            judging,
            stored: Ok(()),
            kept: None,
        };
        let Some(case) = asked.case else {
            return closed;
        };
        let mut head = asked.head;
        head.prompt.system = common_system(&replay, &case);
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
            at_most_usd: asked.at_most_usd,
            tape: asked.tape,
        };
        closed.stored = match recorder.store(cell).await {
            Some(stored) => stored.map(drop),
            None => Err(HistoryError::Damaged(PathBuf::from("history"))),
        };
        closed
    }
}

/// What the checks of a case say of an answer, and what its judges cost. They are compiled here: all of a suite's would fill
/// the memory.
async fn judged(
    replay: &Replay,
    case: &Case,
    check: &CheckSpec,
    asked: &Asked,
    answer: &Answer<'_>,
) -> (Vec<Verdict>, CostSum) {
    let checker = replay
        .checkers
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .checker(check);
    let checker = match checker {
        Ok(checker) => checker,
        // None that the suite let pass.
        Err(error) => {
            let verdict = Verdict {
                check: check.name().to_owned(),
                passed: None,
                reason: error.to_string(),
                score: None,
                judge_cost_unknown: false,
                parts: Vec::new(),
            };
            return (vec![verdict], CostSum::default());
        }
    };
    let opinions = judging::opinions(replay, case, &checker, asked, answer).await;
    let costs = opinions.iter().map(|opinion| opinion.cost);
    let cost = costs.fold(CostSum::default(), CostSum::with);
    (checker.verdicts(answer, &opinions), cost)
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
