//! Tests of keeping: what is in the history at which moment of a run.

use super::{super::tests::remote_plan, Keep, WRITTEN_EVERY};
use crate::{
    domain::{
        batch::BatchKind,
        event::{FinishReason, LaneEvent, LaneEventKind, StreamEvent},
        id::{LaneId, RunId},
        plan::Schedule,
        record::{LaneStatus, PromptRecord, RunHead},
    },
    history::{Found, History, HistoryError, Recorder, StoredCell},
};
use std::{
    path::Path,
    sync::Arc,
    time::{Duration, Instant},
};
use tempfile::TempDir;

fn head() -> RunHead {
    RunHead {
        id: RunId("run".to_owned()),
        started_at: "2026-11-25T10:00:00.000Z".to_owned(),
        schedule: Schedule::Race,
        prompt: PromptRecord {
            system: None,
            text: "Why?".to_owned(),
            earlier: Vec::new(),
        },
        version: "0.1.0".to_owned(),
    }
}

fn keep(path: &Path) -> Keep {
    Keep::new(
        path.to_owned(),
        None,
        BatchKind::Sitting,
        serde_json::json!({}),
    )
    .unwrap()
}

fn event(lane: usize, kind: LaneEventKind) -> LaneEvent {
    LaneEvent {
        lane: LaneId(lane),
        at: Duration::from_millis(1),
        kind,
    }
}

fn answer(lane: usize, text: &str) -> LaneEvent {
    let text = text.to_owned();
    event(lane, LaneEventKind::Stream(StreamEvent::Answer { text }))
}

fn end(lane: usize) -> [LaneEvent; 2] {
    let reason = FinishReason::Stop;
    [
        event(
            lane,
            LaneEventKind::Stream(StreamEvent::Finished { reason }),
        ),
        event(lane, LaneEventKind::Settled { disturbed: false }),
    ]
}

fn cells(path: &Path) -> Vec<StoredCell> {
    let history = History::open_to_read(path).unwrap();
    let Found::Batch(batch) = history.find(None).unwrap() else {
        panic!("a batch")
    };
    let run = history.last_run(&batch).unwrap();
    history.run(&run).unwrap().cells
}

fn told(cells: &[StoredCell]) -> Vec<(&str, LaneStatus, &str)> {
    let lanes = cells.iter().map(|cell| &cell.record.lane);
    lanes
        .map(|lane| (lane.lane.as_str(), lane.status, lane.answer.as_str()))
        .collect()
}

#[test]
fn a_lane_is_stored_when_it_ends_and_the_others_when_the_run_is_dropped() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let keep = keep(&path);
    let plans = ["one", "two"].map(|name| Arc::new(remote_plan(name)));
    let mut keeping = keep.begin(head(), plans.to_vec());
    keeping.apply(&answer(0, "whole"));
    keeping.apply(&answer(1, "par"));
    for event in end(0) {
        keeping.apply(&event);
    }
    assert!(keep.flush(Duration::from_secs(60)));
    assert_eq!(told(&cells(&path)), [("one", LaneStatus::Done, "whole")]);
    keeping.apply(&answer(1, "t"));
    drop(keeping);
    assert!(keep.flush(Duration::from_secs(60)));
    let whole = ("one", LaneStatus::Done, "whole");
    let cut = ("two", LaneStatus::Cancelled, "part");
    assert_eq!(told(&cells(&path)), [whole, cut]);
}

#[test]
fn what_a_lane_holds_for_a_second_is_stored_and_replaced_by_its_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("history.db");
    let keep = keep(&path);
    let mut keeping = keep.begin(head(), vec![Arc::new(remote_plan("one"))]);
    assert_eq!(keeping.due(), None, "nothing to write, no wake-up");
    keeping.apply(&answer(0, "so "));
    let due = keeping.due().expect("something to write");
    assert!(due <= Instant::now() + WRITTEN_EVERY);
    keeping.write_so_far(due);
    assert_eq!(keeping.due(), None);
    assert!(keep.flush(Duration::from_secs(60)));
    assert_eq!(told(&cells(&path)), [("one", LaneStatus::Cancelled, "so ")]);
    keeping.apply(&answer(0, "far"));
    for event in end(0) {
        keeping.apply(&event);
    }
    assert!(keep.flush(Duration::from_secs(60)));
    assert_eq!(told(&cells(&path)), [("one", LaneStatus::Done, "so far")]);
}

#[tokio::test]
async fn a_thread_that_has_ended_is_never_taken_for_success() {
    let folder = TempDir::new().unwrap();
    let mut keep = keep(&folder.path().join("history.db"));
    keep.recorder = Recorder::dead();
    let mut keeping = keep.begin(head(), vec![Arc::new(remote_plan("one"))]);
    for event in end(0) {
        keeping.apply(&event);
    }
    for receipt in keeping.finish() {
        let refused = receipt.stored().await;
        assert!(
            matches!(refused, Err(HistoryError::WriterGone)),
            "{refused:?}"
        );
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_never_taken_for_stored() {
    let folder = TempDir::new().unwrap();
    // A folder where the file should be.
    let keep = keep(folder.path());
    let mut keeping = keep.begin(head(), vec![Arc::new(remote_plan("one"))]);
    for event in end(0) {
        keeping.apply(&event);
    }
    let receipts = keeping.finish();
    assert_eq!(receipts.len(), 1);
    for receipt in receipts {
        receipt.stored().await.unwrap_err();
    }
}
