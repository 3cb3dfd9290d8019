//! What happens to a cell after its answer: the checks, the judge, the history.

use super::{
    Replay,
    cell::{Asked, Untold},
    judging::{self, Court, Judged},
    queue::Place,
};
use crate::{
    check::{Answer, Checker},
    domain::{
        batch::{BatchRun, CellRecord},
        case::Case,
        check::{CheckSpec, Verdict},
        cost::CostSum,
        forecast,
        plan::LanePlan,
        record::{LaneRecord, LaneStatus},
        usage::UsageSource,
    },
    history::{HistoryError, NewCell, NewVerdicts},
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
        let mut trial = None;
        if let (Some(case), LaneStatus::Done) = (&asked.case, lane.status)
            && let Some(check) = &case.check
        {
            trial = Some(Trial::begin(&replay, case, check, &plan, &lane).await);
        }
        let checks = trial.as_ref().map(|trial| trial.checks.clone());
        let checks = checks.unwrap_or_default();
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
            judging: CostSum::default(),
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
        let waiting = trial.and_then(|trial| trial.waiting);
        let waiting = waiting.map(|checker| Waiting {
            case: Arc::clone(&case),
            checker,
            plan,
        });
        let cell = NewCell {
            batch: replay.batch.id.clone(),
            started_at,
            run,
            run_position: place.run as u64,
            lane_position: place.lane as u64,
            record,
            judge_cost_usd: None,
            at_most_usd: asked.at_most_usd,
            is_same_attempt: false,
            tape: asked.tape,
        };
        store(&replay, cell, waiting, &mut closed).await;
        closed
    }
}

/// What a judge is to be asked about an answer.
struct Waiting {
    case: Arc<Case>,
    checker: Checker,
    plan: Arc<LanePlan>,
}

impl Waiting {
    /// Has the answer judged, and puts the verdicts into its record.
    async fn judge(&self, replay: &Replay, record: &mut CellRecord, closed: &mut Closed) {
        let Self {
            case,
            checker,
            plan,
        } = self;
        closed.judging = judging::put(Court::of(replay), case, checker, plan, record).await;
        closed.passed = record.is_passed();
    }
}

/// Stores a cell and has it judged, in this order: what was paid for is kept before a judge takes its time.
async fn store(replay: &Replay, cell: NewCell, waiting: Option<Waiting>, closed: &mut Closed) {
    let Some(recorder) = &replay.recorder else {
        let mut record = cell.record;
        if let Some(waiting) = waiting {
            waiting.judge(replay, &mut record, closed).await;
        }
        closed.kept = Some((cell.run, record));
        return;
    };
    let lost = || HistoryError::Damaged(PathBuf::from("history"));
    let judged = waiting.map(|waiting| (waiting, cell.record.clone()));
    let run = recorder.store(cell).await.unwrap_or_else(|| Err(lost()));
    closed.stored = match (run, judged) {
        (Err(error), _) => Err(error),
        (Ok(_), None) => Ok(()),
        (Ok(run), Some((waiting, mut record))) => {
            waiting.judge(replay, &mut record, closed).await;
            let verdicts = NewVerdicts {
                run,
                record,
                judge_cost_usd: closed.judging.known_usd,
            };
            let stored = recorder.judged(verdicts).await;
            stored.unwrap_or_else(|| Err(lost()))
        }
    };
}

/// What the checks of a case say of an answer before a judge is asked.
struct Trial {
    checks: Vec<Verdict>,
    /// Where a judge has a say in it, what to hold the answer against then.
    waiting: Option<Checker>,
}

impl Trial {
    /// Checks are compiled here: all of a suite's would fill the memory.
    async fn begin(
        replay: &Replay,
        case: &Case,
        check: &CheckSpec,
        plan: &LanePlan,
        lane: &LaneRecord,
    ) -> Self {
        let checker = replay
            .checkers
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .checker(check);
        let checker = match checker {
            Ok(checker) => checker,
            // None that the suite let pass.
            Err(error) => return Self::of_broken(check, &error.to_string()),
        };
        let answer = Answer::from(lane);
        let judged = Judged {
            plan,
            answer: &answer,
        };
        let court = Court::of(replay);
        if court.is_wanted(case, &checker, judged) {
            return Self {
                checks: checker.verdicts(&answer, &[]),
                waiting: Some(checker),
            };
        }
        // Nobody is asked; why not is said.
        let opinions = court.opinions(case, &checker, judged).await;
        Self {
            checks: checker.verdicts(&answer, &opinions),
            waiting: None,
        }
    }

    fn of_broken(check: &CheckSpec, reason: &str) -> Self {
        Self {
            checks: vec![Verdict {
                check: check.name().to_owned(),
                passed: None,
                reason: reason.to_owned(),
                score: None,
                judge_cost_unknown: false,
                parts: Vec::new(),
            }],
            waiting: None,
        }
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
