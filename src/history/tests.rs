//! What is stored comes back, once, and can be taken along and away.

mod doubt;
mod faults;
mod money;
mod parts;
mod removal;
mod theirs;

use super::*;
use crate::domain::{
    batch::{BatchHead, BatchKind, BatchRun, CellRecord},
    event::{LaneEventKind, StreamEvent},
    failure::{FailureKind, LaneFailure},
    id::{BatchId, LaneId, RunId},
    lane::LaneState,
    plan::{LanePlan, LaneSource, ProviderId, RemotePlan, Schedule, Timeouts},
    record::{LaneRecord, LaneStatus, PromptRecord, RunHead},
    request::Sampling,
    tape::TapeLine,
};
use serde_json::json;

fn opened(path: &Path) -> History {
    let opened = History::open(path).unwrap();
    assert_eq!(opened.notices, Vec::<String>::new());
    opened.history
}

fn batch(id: &str) -> NewBatch {
    NewBatch {
        head: BatchHead {
            id: BatchId(id.to_owned()),
            started_at: format!("2026-11-25T10:00:00.{:03}Z", id.len()),
            kind: BatchKind::Replay,
            suite: Some("Sums".to_owned()),
            settings: json!({ "schedule": "race" }),
        },
        fingerprint: Some("f".to_owned()),
        part: None,
        planned: Some(4),
    }
}

fn plan(name: &str) -> LanePlan {
    LanePlan {
        name: name.to_owned(),
        tier: None,
        provider: ProviderId::OpenAi,
        model: "m".to_owned(),
        source: LaneSource::Remote(RemotePlan::default()),
        sampling: Sampling::default(),
        system: None,
        effort: None,
        extra: serde_json::Map::new(),
        price: None,
        timeouts: Timeouts::default(),
        max_retries: 0,
        is_enabled: true,
        notes: Vec::new(),
    }
}

fn cell(batch: &str, prompt: &str, lane: &str, answer: &str) -> NewCell {
    let plan = plan(lane);
    let mut state = LaneState::default();
    let events = [
        LaneEventKind::Sent { attempt: 1 },
        LaneEventKind::Stream(StreamEvent::answer(answer)),
        LaneEventKind::Stream(StreamEvent::Finished {
            reason: crate::domain::event::FinishReason::Stop,
        }),
    ];
    let mut tape = Vec::new();
    for (millis, event) in (0_u64..).zip(events) {
        let at = Duration::from_millis(millis);
        state.apply(at, &event);
        let entry = TapeLine {
            lane: lane.to_owned(),
            at_us: millis * 1_000,
            event,
        };
        serde_json::to_writer(&mut tape, &entry).unwrap();
        tape.push(b'\n');
    }
    NewCell {
        batch: BatchId(batch.to_owned()),
        run: BatchRun {
            head: RunHead {
                id: RunId(format!("run-{batch}-{prompt}-{lane}")),
                started_at: "2026-11-25T10:00:01.000Z".to_owned(),
                schedule: Schedule::Race,
                prompt: PromptRecord {
                    system: None,
                    text: "12 + 7".to_owned(),
                    earlier: Vec::new(),
                },
                version: "0.1.0".to_owned(),
            },
            prompt_id: Some(prompt.to_owned()),
            repetition: 1,
            tags: vec!["easy".to_owned()],
        },
        run_position: 0,
        lane_position: 0,
        started_at: "2026-11-25T10:00:01.000Z".to_owned(),
        record: CellRecord {
            lane: LaneRecord::new(&plan, &state),
            checks: Vec::new(),
        },
        judge_cost_usd: None,
        at_most_usd: 0.0,
        is_same_attempt: false,
        tape,
    }
}

fn failed(mut cell: NewCell) -> NewCell {
    cell.record.lane.status = LaneStatus::Failed;
    cell.record.lane.error = Some(LaneFailure::new(FailureKind::Overloaded, "busy"));
    cell
}

fn answers(history: &History, batch: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    history
        .each_run(&BatchId(batch.to_owned()), |run| {
            let lanes = run.cells.into_iter().map(|cell| cell.record.lane);
            found.extend(lanes.map(|lane| (lane.lane, lane.answer)));
            Ok::<_, HistoryError>(())
        })
        .unwrap();
    found
}

#[test]
fn what_was_stored_comes_back_after_the_file_was_closed() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("deep/er/history.db");
    let mut history = opened(&path);
    history.begin_batch(&batch("b1")).unwrap();
    let first = cell("b1", "sum-1", "mini", "19");
    let run = history.store_cell(&first).unwrap();
    // The second lane's own id gives way to the run that is there.
    assert_eq!(
        history
            .store_cell(&cell("b1", "sum-1", "maxi", "18"))
            .unwrap(),
        run
    );
    drop(history);
    let history = History::open_to_read(&path).unwrap();
    assert_eq!(
        history.batch(&BatchId("b1".to_owned())).unwrap(),
        batch("b1").head
    );
    let stored = history.run(&run).unwrap();
    assert_eq!(stored.run, first.run);
    assert_eq!(stored.cells.len(), 2);
    assert!(stored.cells.iter().any(|cell| cell.record == first.record));
    let (header, lines) = history.tape(&run).unwrap();
    assert_eq!(header.lanes.len(), 2);
    assert_eq!(lines.len(), 6);
    let mut state = LaneState::default();
    for line in lines.iter().filter(|line| line.lane == "mini") {
        state.apply(Duration::from_micros(line.at_us), &line.event);
    }
    assert_eq!(state.answer, "19");
    let _ = LaneId(0);
}

#[test]
fn a_cell_is_there_once_and_only_a_failed_one_is_replaced() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    history.begin_batch(&batch("b1")).unwrap();
    history
        .store_cell(&failed(cell("b1", "sum-1", "mini", "")))
        .unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "20"))
        .unwrap();
    assert_eq!(
        answers(&history, "b1"),
        [("mini".to_owned(), "19".to_owned())]
    );
    let mut done = Vec::new();
    let take = |cell| {
        done.push(cell);
        Ok::<_, HistoryError>(())
    };
    history.each_done(&BatchId("b1".to_owned()), take).unwrap();
    assert_eq!(done.len(), 1);
    assert_eq!((done[0].status, done[0].repetition), (LaneStatus::Done, 1));
}

#[test]
fn an_unfinished_batch_is_continued_before_a_finished_one() {
    let home = tempfile::tempdir().unwrap();
    let history = opened(&home.path().join("history.db"));
    assert_eq!(history.resumable("f").unwrap(), None);
    history.begin_batch(&batch("b1")).unwrap();
    history.begin_batch(&batch("b22")).unwrap();
    let (b1, b22) = (BatchId("b1".to_owned()), BatchId("b22".to_owned()));
    assert_eq!(history.resumable("f").unwrap(), Some((b22.clone(), false)));
    history
        .end_batch(&b22, Some("2026-11-25T11:00:00.000Z"))
        .unwrap();
    assert_eq!(history.resumable("f").unwrap(), Some((b1.clone(), false)));
    history
        .end_batch(&b1, Some("2026-11-25T11:00:00.000Z"))
        .unwrap();
    assert_eq!(history.resumable("f").unwrap(), Some((b22, true)));
    assert_eq!(history.resumable("g").unwrap(), None);
}

#[test]
fn ids_may_be_cut_short_and_never_mean_two_things() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    assert!(matches!(history.find(None), Err(HistoryError::Empty)));
    history.begin_batch(&batch("b1")).unwrap();
    history.begin_batch(&batch("b12")).unwrap();
    let run = history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    let b1 = Found::Batch(BatchId("b1".to_owned()));
    assert_eq!(history.find(Some("b1")).unwrap(), b1);
    assert_eq!(history.find(Some("run-b1-")).unwrap(), Found::Run(run));
    assert!(matches!(
        history.find(Some("b")),
        Err(HistoryError::Ambiguous(..))
    ));
    for nothing in ["%", "_1", "x", "b1'"] {
        assert!(
            matches!(history.find(Some(nothing)), Err(HistoryError::NoSuch(_))),
            "{nothing}"
        );
    }
    assert_eq!(history.find(None).unwrap(), b1, "the latest that has a run");
}

#[test]
fn a_disk_that_is_full_is_said_and_what_was_stored_stays() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    history.begin_batch(&batch("b1")).unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    let pages: i64 = history
        .connection
        .pragma_query_value(None, "page_count", |row| row.get(0))
        .unwrap();
    history
        .connection
        .pragma_update_and_check(None, "max_page_count", pages + 1, |_| Ok(()))
        .unwrap();
    let long = "9".repeat(200_000);
    let error = history
        .store_cell(&cell("b1", "sum-2", "mini", &long))
        .unwrap_err();
    assert!(matches!(error, HistoryError::Full(_)), "{error}");
    assert!(error.to_string().contains("disk is full"), "{error}");
    assert_eq!(
        answers(&history, "b1"),
        [("mini".to_owned(), "19".to_owned())]
    );
}

#[test]
fn the_last_cells_of_a_lane_are_told_where_it_ran_the_same_way() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    for (id, schedule) in [("b1", "race"), ("b22", "fair"), ("b333", "race")] {
        let mut new = batch(id);
        new.head.settings = json!({ "schedule": schedule });
        history.begin_batch(&new).unwrap();
        for (at, answer) in ["a", "abcdefgh"].into_iter().enumerate() {
            let mut stored = cell(id, &format!("sum-{at}"), "mini", answer);
            stored.run_position = at as u64;
            history.store_cell(&stored).unwrap();
        }
    }
    history
        .store_cell(&failed(cell("b333", "sum-9", "mini", "")))
        .unwrap();
    let tokens = |lane: &str, most: usize| -> Vec<Option<u64>> {
        let cells = history.past_cells(lane, most, |how| how["schedule"] == "race");
        cells
            .unwrap()
            .into_iter()
            .map(|(tokens, _)| tokens)
            .collect()
    };
    let (short, long) = (Some(1), Some(2));
    assert_eq!(tokens("mini", 200), [long, short, long, short]);
    assert_eq!(tokens("mini", 3), [long, short, long]);
    assert!(tokens("maxi", 3).is_empty());
}
