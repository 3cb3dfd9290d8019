//! A history is a file that survives: other processes, damage, newer and older programs.

use super::*;

#[test]
fn what_is_broken_is_kept_and_a_new_one_begins() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let garbage = "not a database ".repeat(1_000);
    fs::write(&path, &garbage).unwrap();
    let Opened {
        mut history,
        notices,
    } = History::open(&path).unwrap();
    assert_eq!(notices.len(), 1, "{notices:?}");
    assert!(
        notices[0].contains("was damaged") && notices[0].contains(".broken-"),
        "{notices:?}"
    );
    history.begin_batch(&batch("b1")).unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    let aside = fs::read_dir(home.path())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let aside: Vec<PathBuf> = aside
        .filter(|path| path.display().to_string().contains(".broken-"))
        .collect();
    assert_eq!(aside.len(), 1);
    assert_eq!(fs::read_to_string(&aside[0]).unwrap(), garbage);
    // To read, nothing is moved.
    let other = home.path().join("other.db");
    fs::write(&other, &garbage).unwrap();
    assert!(matches!(
        History::open_to_read(&other),
        Err(HistoryError::Damaged(_))
    ));
    assert!(other.exists());
}

#[test]
fn a_newer_schema_is_refused_and_left_as_it_is() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = opened(&path);
    history
        .connection
        .pragma_update(None, "user_version", 99)
        .unwrap();
    drop(history);
    let error = History::open(&path).unwrap_err();
    assert!(
        matches!(error, HistoryError::Newer { found: 99, .. }),
        "{error}"
    );
    assert!(error.to_string().contains("schema 99"), "{error}");
    assert!(path.exists());
}

#[test]
fn an_older_schema_is_brought_forward_after_a_copy_was_made() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let history = opened(&path);
    history.begin_batch(&batch("b1")).unwrap();
    let notices = &mut Vec::new();
    let mut history = history;
    schema::walk(
        &mut history,
        &[
            "SELECT 1",
            "SELECT 1",
            "ALTER TABLE batch ADD COLUMN extra TEXT",
        ],
        notices,
    )
    .unwrap();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("schema 2 to 3"), "{notices:?}");
    assert!(home.path().join("history.db.schema-2").exists());
    history
        .connection
        .query_row("SELECT extra FROM batch", [], |row| {
            row.get::<_, Option<String>>(0)
        })
        .unwrap();
    drop(history);
    let old = History::open_to_read(&home.path().join("history.db.schema-2")).unwrap();
    assert_eq!(old.batches(None).unwrap().len(), 1);
}

#[test]
fn several_write_at_the_same_time() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    opened(&path).begin_batch(&batch("b1")).unwrap();
    std::thread::scope(|scope| {
        for lane in ["a", "b", "c", "d"] {
            let path = &path;
            scope.spawn(move || {
                let mut history = opened(path);
                for prompt in 0..25 {
                    history
                        .store_cell(&cell("b1", &format!("p{prompt}"), lane, "19"))
                        .unwrap();
                }
            });
        }
    });
    let history = History::open_to_read(&path).unwrap();
    let rows = history.batches(None).unwrap();
    assert_eq!((rows[0].runs, rows[0].cells), (25, 100));
    assert_eq!(rows[0].lanes.len(), 4);
}

#[cfg(unix)]
#[test]
fn a_batch_is_worked_on_by_one_at_a_time() {
    let home = tempfile::tempdir().unwrap();
    let history = opened(&home.path().join("history.db"));
    let id = BatchId("b1".to_owned());
    let claim = history.claim(&id).unwrap();
    assert!(matches!(
        history.claim(&id),
        Err(HistoryError::Claimed { .. })
    ));
    drop(claim);
    drop(history.claim(&id).unwrap());
    let left = fs::read_dir(home.path()).unwrap().count();
    assert!(left <= 3, "{left} files: no lock stays");
}

#[cfg(unix)]
#[test]
fn what_is_read_only_can_be_read_and_says_so_when_written() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    history.begin_batch(&batch("b1")).unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    drop(history);
    let mode =
        |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    mode(&path, 0o400);
    mode(home.path(), 0o500);
    if fs::write(home.path().join("probe"), "").is_ok() {
        eprintln!("skipped: this user may write everywhere");
        mode(home.path(), 0o700);
        return;
    }
    let error = History::open(&path).unwrap_err();
    assert!(matches!(error, HistoryError::ReadOnly(_)), "{error}");
    let history = History::open_to_read(&path).unwrap();
    assert_eq!(answers(&history, "b1").len(), 1);
    drop(history);
    mode(home.path(), 0o700);
}

#[test]
fn a_file_that_another_process_holds_is_said_and_written_when_it_lets_go() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("history.db");
    let mut history = opened(&path);
    history.begin_batch(&batch("b1")).unwrap();
    history.connection.busy_timeout(Duration::ZERO).unwrap();
    let other = rusqlite::Connection::open(&path).unwrap();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let error = history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap_err();
    assert!(matches!(error, HistoryError::Locked(_)), "{error}");
    assert!(
        error.to_string().contains("locked by another process"),
        "{error}"
    );
    assert_eq!(answers(&history, "b1"), [], "it can be read meanwhile");
    other.execute_batch("ROLLBACK").unwrap();
    history
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    assert_eq!(answers(&history, "b1").len(), 1);
}
