//! Parts of one replay become one batch, and what is missing is said.

use super::*;

#[test]
fn parts_of_a_replay_become_one_batch_and_an_import_changes_nothing_twice() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    for (part, prompt) in [("1/2", "sum-1"), ("2/2", "sum-2")] {
        let path = home.path().join(format!("{}.db", part.replace('/', "-")));
        let mut theirs = opened(&path);
        let id = format!("b-{prompt}");
        let new = NewBatch {
            part: Some(("whole".to_owned(), part.to_owned())),
            planned: Some(1),
            ..batch(&id)
        };
        theirs.begin_batch(&new).unwrap();
        theirs.store_cell(&cell(&id, prompt, "mini", "19")).unwrap();
        theirs
            .end_batch(&new.head.id, Some("2026-11-25T11:00:00.000Z"))
            .unwrap();
        drop(theirs);
        assert_eq!(ours.import(&path).unwrap().cells, 1);
        assert_eq!(ours.import(&path).unwrap().cells, 0, "again");
    }
    let rows = ours.batches(None).unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert_eq!(
        (rows[0].runs, rows[0].cells, rows[0].planned_cells),
        (2, 2, Some(2))
    );
    assert!(rows[0].ended_at.is_some());
    let out = home.path().join("out.db");
    ours.export(&[rows[0].id.clone()], &out).unwrap();
    let there = History::open_to_read(&out).unwrap();
    assert_eq!(there.batches(None).unwrap(), rows);
    assert!(ours.export(&[], &out).is_err(), "nothing is overwritten");
    assert!(ours.import(&home.path().join("none.db")).is_err());
}

#[test]
fn parts_join_those_of_their_own_replay_and_what_was_repaired_comes_along() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    let parts = [
        ("mon-1", "1/2", "2026-11-23T02:00:00.000Z"),
        ("tue-1", "1/2", "2026-11-24T02:00:00.000Z"),
        ("tue-2", "2/2", "2026-11-24T02:00:01.000Z"),
        ("tue-4", "1/4", "2026-11-24T02:00:02.000Z"),
    ];
    for (id, part, began) in parts {
        let path = home.path().join(format!("{id}.db"));
        let mut theirs = opened(&path);
        let mut new = NewBatch {
            part: Some(("whole".to_owned(), part.to_owned())),
            planned: Some(1),
            ..batch(id)
        };
        began.clone_into(&mut new.head.started_at);
        theirs.begin_batch(&new).unwrap();
        // Each part has its own prompts; a replay of the next night the same ones.
        let bad = failed(cell(id, &format!("p{part}"), "mini", ""));
        theirs.store_cell(&bad).unwrap();
        drop(theirs);
        ours.import(&path).unwrap();
        // It is tried again there, and taken over once more.
        let mut theirs = opened(&path);
        theirs
            .store_cell(&cell(id, &format!("p{part}"), "mini", "19"))
            .unwrap();
        drop(theirs);
        ours.import(&path).unwrap();
    }
    let rows = ours.batches(None).unwrap();
    let found: Vec<(&str, u64, u64)> = rows
        .iter()
        .map(|row| (row.id.0.as_str(), row.cells, row.failed))
        .collect();
    assert_eq!(found, [("tue-4", 1, 0), ("tue-1", 2, 0), ("mon-1", 1, 0)]);
}

#[test]
fn what_is_missing_is_told_in_words() {
    let told = |part: &str| super::super::parts::missing(part);
    assert_eq!(told("1/3+2/3+3/3"), None);
    assert_eq!(told("1/3+3/3").as_deref(), Some("part 2 of 3 is missing"));
    assert_eq!(
        told("2/4").as_deref(),
        Some("parts 1, 3 and 4 of 4 are missing")
    );
    assert_eq!(
        told("16/16").as_deref(),
        Some("parts 1, 2, 3, 4, 5 and 10 more of 16 are missing")
    );
    let many = told("1/18446744073709551615").unwrap();
    assert!(many.starts_with("parts 2, 3, 4, 5, 6 and "), "{many}");
    for strange in ["", "x", "1/x", "0/0", "7"] {
        assert_eq!(told(strange), None, "{strange}");
    }
}

#[test]
fn parts_are_found_by_what_they_are_parts_of_and_made_the_whole() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    for part in ["1/3", "3/3"] {
        let id = format!("b-{part}");
        let new = NewBatch {
            part: Some(("whole".to_owned(), part.to_owned())),
            planned: Some(1),
            fingerprint: Some(part.to_owned()),
            ..batch(&id)
        };
        history.begin_batch(&new).unwrap();
        history
            .store_cell(&cell(&id, &format!("p{part}"), "mini", "19"))
            .unwrap();
        history
            .end_batch(&new.head.id, Some("2026-11-25T11:00:00.000Z"))
            .unwrap();
    }
    history.join().unwrap();
    let (id, is_over) = history.resumable("whole").unwrap().unwrap();
    assert!(is_over);
    let missing = Some("part 2 of 3 is missing");
    assert_eq!(history.missing_parts(&id).unwrap().as_deref(), missing);
    let rows = history.batches(None).unwrap();
    assert_eq!((rows.len(), rows[0].missing_parts.as_deref()), (1, missing));
    history.make_whole(&id, "whole", 3).unwrap();
    assert_eq!(history.missing_parts(&id).unwrap(), None);
    assert_eq!(
        history.batch_row(&id).unwrap().planned_cells,
        Some(3),
        "of the whole"
    );
    assert_eq!(history.latest_with("whole").unwrap(), Some((id, true)));
}

#[cfg(unix)]
#[test]
fn a_part_that_is_worked_on_is_joined_when_that_is_over() {
    let home = tempfile::tempdir().unwrap();
    let history = opened(&home.path().join("history.db"));
    for part in ["1/2", "2/2"] {
        let new = NewBatch {
            part: Some(("whole".to_owned(), part.to_owned())),
            ..batch(&part.replace('/', "-"))
        };
        history.begin_batch(&new).unwrap();
    }
    let claim = history.claim(&BatchId("2-2".to_owned())).unwrap();
    history.join().unwrap();
    assert_eq!(history.batches(None).unwrap().len(), 2);
    drop(claim);
    history.join().unwrap();
    assert_eq!(history.batches(None).unwrap().len(), 1);
}
