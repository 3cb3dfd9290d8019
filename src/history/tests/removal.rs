//! What is taken away is gone from the file too, and what others work on is not taken away.

use super::*;

fn found(id: &str) -> Found {
    Found::Batch(BatchId(id.to_owned()))
}

fn stored(history: &mut History, id: &str, answer: &str) -> RunId {
    history.begin_batch(&batch(id)).unwrap();
    history
        .store_cell(&cell(id, "sum-1", "mini", answer))
        .unwrap()
}

/// Whether the file, or the log beside it, holds this text.
fn holds(path: &Path, text: &str) -> bool {
    let log = PathBuf::from(format!("{}-wal", path.display()));
    [path.to_owned(), log].iter().any(|path| {
        let bytes = fs::read(path).unwrap_or_default();
        bytes
            .windows(text.len())
            .any(|window| window == text.as_bytes())
    })
}

#[test]
fn what_is_removed_is_gone_with_all_that_belongs_to_it() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    for id in ["b1", "b22"] {
        stored(&mut history, id, "19");
    }
    assert_eq!(history.remove(&[found("b1")]).unwrap().batches, 1);
    let cells: u32 = history
        .connection
        .query_row("SELECT count(*) FROM cell", [], |row| row.get(0))
        .unwrap();
    assert_eq!(cells, 1);
    assert_eq!(history.remove_before("2026-11-26").unwrap().batches, 1);
    assert!(history.batches(None).unwrap().is_empty());
}

#[test]
fn a_run_goes_once_and_its_batch_with_the_last_one() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    let run = stored(&mut history, "b1", "19");
    history
        .end_batch(&BatchId("b1".to_owned()), Some("2026-11-25T11:00:00.000Z"))
        .unwrap();
    let twice = [Found::Run(run.clone()), Found::Run(run)];
    let removed = history.remove(&twice).unwrap();
    assert_eq!((removed.batches, removed.runs, removed.kept), (1, 1, 0));
}

#[cfg(unix)]
#[test]
fn what_another_process_works_on_stays() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    let run = stored(&mut history, "b1", "19");
    stored(&mut history, "b22", "19");
    let claim = history.claim(&BatchId("b1".to_owned())).unwrap();
    for named in [vec![found("b22"), found("b1")], vec![Found::Run(run)]] {
        let error = history.remove(&named).unwrap_err();
        let own = std::process::id();
        assert_eq!(
            error.to_string(),
            format!("batch b1 is being worked on by another process ({own})")
        );
    }
    assert_eq!(history.batches(None).unwrap().len(), 2, "all or none");
    let removed = history.remove_before("2026-11-26").unwrap();
    assert_eq!((removed.batches, removed.kept), (1, 1));
    drop(claim);
    assert_eq!(history.remove(&[found("b1")]).unwrap().batches, 1);
    let locks = fs::read_dir(home.path()).unwrap();
    let locks = locks.filter(|entry| {
        let name = entry.as_ref().unwrap().file_name();
        name.to_string_lossy().ends_with(".lock")
    });
    assert_eq!(locks.count(), 0, "no lock stays");
}

#[cfg(unix)]
#[test]
fn a_lock_lies_beside_the_history_whatever_the_id_says() {
    let home = tempfile::tempdir().unwrap();
    let history = opened(&home.path().join("history.db"));
    let id = BatchId(format!("/../../x{}", "y".repeat(400)));
    let _claim = history.claim(&id).unwrap();
    let names = fs::read_dir(home.path()).unwrap();
    let names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        names
            .iter()
            .any(|name| name.starts_with("history.db._______x")),
        "{names:?}"
    );
}

#[test]
fn a_cell_of_a_batch_that_was_taken_away_says_so() {
    let home = tempfile::tempdir().unwrap();
    let mut history = opened(&home.path().join("history.db"));
    stored(&mut history, "b1", "19");
    history.remove(&[found("b1")]).unwrap();
    let error = history
        .store_cell(&cell("b1", "sum-2", "mini", "19"))
        .unwrap_err();
    assert!(
        matches!(&error, HistoryError::Gone(id) if id == "b1"),
        "{error}"
    );
}

#[test]
fn the_text_of_what_was_taken_away_is_not_in_the_file_and_its_space_is_free() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    stored(&mut history, "b1", &"secretword ".repeat(50_000));
    stored(&mut history, "b22", "staysbehind");
    assert!(holds(&path, "secretword"), "else this proves nothing");
    let removed = history.remove(&[found("b1")]).unwrap();
    let Space::Freed(bytes) = removed.space else {
        panic!("{removed:?}");
    };
    assert!(bytes > 500_000, "{bytes}");
    assert!(!holds(&path, "secretword"));
    assert!(holds(&path, "staysbehind"));
    let left = fs::metadata(&path).unwrap().len();
    assert!(left < 200_000, "{left} bytes");
    assert_eq!(history.remove_before("2026-11-26").unwrap().batches, 1);
    assert!(!holds(&path, "staysbehind"));
}

#[test]
fn an_older_file_is_written_anew_once_without_what_was_deleted_long_ago() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    stored(&mut history, "b1", &"longago ".repeat(50_000));
    stored(&mut history, "b22", &"secretword ".repeat(50_000));
    stored(&mut history, "b333", "staysbehind");
    history
        .connection
        .execute_batch(
            "PRAGMA auto_vacuum = none; VACUUM; PRAGMA secure_delete = off; DELETE FROM batch WHERE id = 'b1';
             PRAGMA secure_delete = on;",
        )
        .unwrap();
    assert!(holds(&path, "longago"), "else this proves nothing");
    let removed = history.remove(&[found("b22")]).unwrap();
    assert!(
        matches!(removed.space, Space::Freed(bytes) if bytes > 900_000),
        "{removed:?}"
    );
    assert!(!holds(&path, "longago") && !holds(&path, "secretword"));
    assert_eq!(answers(&history, "b333").len(), 1);
    let mode: i64 = history
        .connection
        .pragma_query_value(None, "auto_vacuum", |row| row.get(0))
        .unwrap();
    assert_eq!(mode, 2, "from now on bit by bit");
}

#[cfg(unix)]
#[test]
fn an_older_file_keeps_its_size_while_somebody_works_and_not_the_text() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    stored(&mut history, "b1", &"secretword ".repeat(50_000));
    stored(&mut history, "b22", "staysbehind");
    history
        .connection
        .execute_batch("PRAGMA auto_vacuum = none; VACUUM")
        .unwrap();
    let _claim = history.claim(&BatchId("b22".to_owned())).unwrap();
    let removed = history.remove(&[found("b1")]).unwrap();
    assert_eq!((removed.batches, removed.space), (1, Space::Later));
    assert!(!holds(&path, "secretword") && holds(&path, "staysbehind"));
}

#[test]
fn a_file_that_others_read_shrinks_later() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    stored(&mut history, "b1", &"secretword ".repeat(50_000));
    let other = Connection::open(&path).unwrap();
    other
        .execute_batch("BEGIN; SELECT count(*) FROM batch")
        .unwrap();
    let removed = history.remove(&[found("b1")]).unwrap();
    assert_eq!((removed.batches, removed.space), (1, Space::InUse));
    other.execute_batch("ROLLBACK").unwrap();
    drop((other, history));
    assert!(
        !holds(&path, "secretword"),
        "when the last one has closed it"
    );
    let left = fs::metadata(&path).unwrap().len();
    assert!(left < 200_000, "{left} bytes");
}
