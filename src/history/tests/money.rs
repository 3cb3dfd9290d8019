//! What a batch cost is not forgotten: when a cell is asked again, when a file moves, when a judge fails halfway.

use super::*;
use crate::domain::stats::Outcome;

fn id(batch: &str) -> BatchId {
    BatchId(batch.to_owned())
}

fn is_spent(history: &History, batch: &BatchId, usd: f64) -> bool {
    (history.spent_usd(batch).unwrap() - usd).abs() < 1e-9
}

fn paid(mut cell: NewCell, usd: Option<f64>) -> NewCell {
    cell.record.lane.cost_usd = usd;
    cell.at_most_usd = 2.0;
    cell
}

/// Broken off after it was let in: nobody knows what it cost.
fn cut(cell: NewCell) -> NewCell {
    let mut cell = failed(cell);
    cell.record.lane.error = Some(LaneFailure::new(FailureKind::Truncated, "cut"));
    cell
}

fn spend(batch: &str, name: &str, usd_at_most: f64) -> Spend {
    Spend {
        id: name.to_owned(),
        batch: id(batch),
        at: "2026-11-25T10:00:01.000Z".to_owned(),
        kind: SpendKind::InFlight,
        usd: None,
        usd_at_most,
    }
}

#[test]
fn what_a_replaced_cell_cost_still_counts() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    history.begin_batch(&batch("b1")).unwrap();
    let spent = |history: &History| history.spent_usd(&id("b1")).unwrap();
    let mini = || cell("b1", "sum-1", "mini", "");
    // Known; not known, so that the most counts; refused, for nothing.
    let tries = [
        (paid(failed(mini()), Some(0.5)), 0.5),
        (paid(cut(mini()), None), 0.5),
        (paid(failed(mini()), None), 0.5 + 2.0),
        (paid(mini(), Some(0.25)), 0.5 + 2.0 + 0.25),
        // One that is done is not replaced.
        (paid(mini(), Some(9.0)), 0.5 + 2.0 + 0.25),
    ];
    for (at, (cell, expected)) in tries.into_iter().enumerate() {
        history.store_cell(&cell).unwrap();
        assert!((spent(&history) - expected).abs() < 1e-9, "{at}");
    }
    let row = history.batch_row(&id("b1")).unwrap();
    assert_eq!((row.cost_usd, row.unknown_costs), (Some(0.75), 1));
    let unshown = history.unshown_spend(&id("b1")).unwrap();
    assert_eq!((unshown.known_usd(), unshown.at_most_usd), (0.5, 2.5));
}

#[test]
fn an_entry_is_brought_up_to_date_and_taken_along_once() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    for (part, prompt) in [("1/2", "sum-1"), ("2/2", "sum-2")] {
        let path = home.path().join(format!("{prompt}.db"));
        let mut theirs = opened(&path);
        let name = format!("b-{prompt}");
        let new = NewBatch {
            part: Some(("whole".to_owned(), part.to_owned())),
            ..batch(&name)
        };
        theirs.begin_batch(&new).unwrap();
        let free = paid(cell(&name, prompt, "mini", "19"), Some(0.0));
        theirs.store_cell(&free).unwrap();
        theirs
            .store_spend(&spend(&name, &format!("{prompt}-a"), 4.0))
            .unwrap();
        drop(theirs);
        ours.import(&path).unwrap();
        // It ends there, and something more is spent: both come along, to where its runs have gone.
        let theirs = opened(&path);
        theirs
            .store_spend(&spend(&name, &format!("{prompt}-a"), 0.0))
            .unwrap();
        theirs
            .store_spend(&spend(&name, &format!("{prompt}-b"), 1.0))
            .unwrap();
        drop(theirs);
        ours.import(&path).unwrap();
        ours.import(&path).unwrap();
    }
    let rows = ours.batches(None).unwrap();
    assert_eq!(rows.len(), 1, "{rows:?}");
    assert!(is_spent(&ours, &rows[0].id, 2.0));
    assert_eq!((rows[0].cost_usd, rows[0].unknown_costs), (Some(0.0), 2));
    let out = home.path().join("out.db");
    ours.export(std::slice::from_ref(&rows[0].id), &out)
        .unwrap();
    let there = History::open_to_read(&out).unwrap();
    assert!(is_spent(&there, &rows[0].id, 2.0));
    ours.remove(&[Found::Batch(rows[0].id.clone())]).unwrap();
    assert!(is_spent(&ours, &rows[0].id, 0.0));
}

#[test]
fn half_a_vote_is_kept_until_it_is_whole() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    history.begin_batch(&batch("b1")).unwrap();
    let run = history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    let half = StoredVote {
        run,
        voter: "judge".to_owned(),
        first: "mini".to_owned(),
        second: "maxi".to_owned(),
        outcome: Outcome::Loss,
        reason: "so".to_owned(),
        cost_usd: Some(0.5),
    };
    history.store_half_vote(&half).unwrap();
    assert!(history.votes(&id("b1")).unwrap().is_empty());
    assert_eq!(
        history.half_votes(&id("b1")).unwrap(),
        std::slice::from_ref(&half)
    );
    assert!(is_spent(&history, &id("b1"), 0.5));
    assert_eq!(
        history.batch_row(&id("b1")).unwrap().judge_cost_usd,
        Some(0.5)
    );
    let out = home.path().join("out.db");
    history.export(&[id("b1")], &out).unwrap();
    let there = History::open_to_read(&out).unwrap();
    assert_eq!(
        there.half_votes(&id("b1")).unwrap(),
        std::slice::from_ref(&half)
    );
    let whole = StoredVote {
        cost_usd: Some(1.0),
        ..half
    };
    history
        .store_vote(&whole, "2026-11-25T10:00:02.000Z")
        .unwrap();
    assert!(history.half_votes(&id("b1")).unwrap().is_empty());
    assert!(is_spent(&history, &id("b1"), 1.0));
    history.import(&out).unwrap();
    assert!(
        history.half_votes(&id("b1")).unwrap().is_empty(),
        "it is whole here"
    );
}

#[test]
fn a_file_of_the_first_schema_gets_what_it_lacks_and_keeps_its_cells() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    history.begin_batch(&batch("b1")).unwrap();
    let stored = paid(cell("b1", "sum-1", "mini", "19"), Some(0.5));
    history.store_cell(&stored).unwrap();
    history
        .connection
        .execute_batch("DROP TABLE spend; DROP TABLE half_vote; PRAGMA user_version = 1")
        .unwrap();
    drop(history);
    let Opened { history, notices } = History::open(&path).unwrap();
    assert!(notices[0].contains("schema 1 to 2"), "{notices:?}");
    assert!(home.path().join("history.db.schema-1").exists());
    history.store_spend(&spend("b1", "x", 1.0)).unwrap();
    assert!(is_spent(&history, &id("b1"), 1.5));
}
