//! What is found out about a file before it is written to, and what a file that is not ours gets: nothing.

use super::*;
use std::io::{Seek, SeekFrom, Write};

/// A history that is too large to be looked through each time, with its tables damaged.
fn large_and_damaged(path: &Path) {
    let mut history = opened(path);
    history.begin_batch(&batch("b1")).unwrap();
    for prompt in 0..200 {
        history
            .store_cell(&cell("b1", &format!("p{prompt}"), "mini", "19"))
            .unwrap();
    }
    history
        .connection
        .execute(
            "UPDATE cell SET tape = zeroblob(68000000) WHERE rowid = (SELECT max(rowid) FROM cell)",
            [],
        )
        .unwrap();
    drop(history);
    let mut file = fs::OpenOptions::new().write(true).open(path).unwrap();
    // The first page says which tables there are; it stays, and what the tables hold does not.
    file.seek(SeekFrom::Start(4096)).unwrap();
    file.write_all(&vec![0x5a; 40 * 4096]).unwrap();
}

#[tokio::test]
async fn damage_that_is_met_has_the_next_one_look_through_all_of_a_large_file() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    large_and_damaged(&path);
    let recorder = Recorder::start(opened(&path)).unwrap();
    let stored = recorder.store(cell("b1", "new", "mini", "19")).await;
    assert!(
        matches!(stored, Some(Err(HistoryError::Damaged(_)))),
        "{stored:?}"
    );
    drop(recorder);
    let Opened { history, notices } = History::open(&path).unwrap();
    assert!(
        notices.len() == 1 && notices[0].contains("was damaged"),
        "{notices:?}"
    );
    history.begin_batch(&batch("b2")).unwrap();
    drop(history);
    opened(&path);
    assert!(!home.path().join("history.db.damaged").exists());
}

#[test]
fn damage_that_is_met_while_reading_counts_too() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    large_and_damaged(&path);
    let met = opened(&path).spent_usd(&BatchId("b1".to_owned()));
    assert!(matches!(met, Err(HistoryError::Damaged(_))), "{met:?}");
    assert_eq!(History::open(&path).unwrap().notices.len(), 1);
}

#[test]
fn a_doubt_without_ground_is_forgotten() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    opened(&path).begin_batch(&batch("b1")).unwrap();
    let mark = home.path().join("history.db.damaged");
    fs::write(&mark, "").unwrap();
    assert_eq!(opened(&path).batches(None).unwrap().len(), 1);
    assert!(!mark.exists());
}

#[test]
fn a_file_of_another_program_is_named_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    for (name, version) in [("none.db", 0), ("some.db", 1)] {
        let path = home.path().join(name);
        let theirs = Connection::open(&path).unwrap();
        theirs
            .execute_batch("CREATE TABLE batch (id TEXT); CREATE TABLE notes (text TEXT);")
            .unwrap();
        theirs.pragma_update(None, "user_version", version).unwrap();
        drop(theirs);
        let before = fs::read(&path).unwrap();
        for error in [
            History::open(&path).unwrap_err(),
            History::open_to_read(&path).unwrap_err(),
        ] {
            assert!(matches!(error, HistoryError::Foreign { .. }), "{error}");
            assert!(error.to_string().contains(name), "{error}");
        }
        assert_eq!(fs::read(&path).unwrap(), before);
    }
    let error = History::open(home.path()).unwrap_err();
    assert!(error.to_string().ends_with("it is a folder"), "{error}");
}

#[test]
fn an_import_tells_what_failed_here_and_is_done_there() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("theirs.db");
    let mut ours = opened(&home.path().join("ours.db"));
    let mut theirs = opened(&path);
    let mut failed = cell("b1", "p1", "mini", "");
    failed.record.lane.status = LaneStatus::Failed;
    ours.begin_batch(&batch("b1")).unwrap();
    ours.store_cell(&failed).unwrap();
    theirs.begin_batch(&batch("b1")).unwrap();
    let done = NewCell {
        run: failed.run.clone(),
        ..cell("b1", "p1", "mini", "19")
    };
    theirs.store_cell(&done).unwrap();
    drop(theirs);
    let wanted = Imported {
        batches: 0,
        cells: 0,
        replaced: 1,
    };
    assert_eq!(ours.import(&path).unwrap(), wanted);
    assert_eq!(ours.import(&path).unwrap(), Imported::default());
}
