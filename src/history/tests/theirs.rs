//! A file that is to be imported is never written to, and what is no history is refused in words of its own.

use super::*;

/// The names and the bytes of all files of a folder.
fn all(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut all: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .map(|path| {
            let bytes = fs::read(&path).unwrap_or_default();
            (path, bytes)
        })
        .collect();
    all.sort();
    all
}

/// An `SQLite` file of somebody else.
fn made(path: &Path, statements: &str) {
    let connection = Connection::open(path).unwrap();
    connection.execute_batch(statements).unwrap();
}

#[test]
fn what_is_no_history_is_refused_and_stays_as_it_was() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    let there = home.path().join("there");
    fs::create_dir_all(there.join("folder.db")).unwrap();
    fs::write(there.join("empty.db"), "").unwrap();
    fs::write(there.join("short.db"), "x").unwrap();
    fs::write(there.join("random.db"), [7; 9_000]).unwrap();
    made(
        &there.join("foreign.db"),
        "CREATE TABLE notes (text TEXT); INSERT INTO notes VALUES ('mine')",
    );
    made(
        &there.join("log.db"),
        "PRAGMA journal_mode = wal; CREATE TABLE notes (text TEXT)",
    );
    let tables =
        "CREATE TABLE batch (id TEXT); CREATE TABLE run (id TEXT); CREATE TABLE cell (id TEXT);
         CREATE TABLE vote (id TEXT);";
    made(&there.join("batch.db"), "CREATE TABLE batch (weight REAL)");
    made(&there.join("names.db"), tables);
    made(
        &there.join("one.db"),
        &format!("{tables} PRAGMA user_version = 1"),
    );
    made(
        &there.join("views.db"),
        "CREATE VIEW batch AS SELECT 1; PRAGMA user_version = 1",
    );
    let whole = opened(&there.join("broken.db"));
    whole.begin_batch(&batch("b1")).unwrap();
    drop(whole);
    let mut bytes = fs::read(there.join("broken.db")).unwrap();
    let middle = bytes.len() / 4;
    bytes[middle..].fill(0xa5);
    fs::write(there.join("broken.db"), bytes).unwrap();
    let before = all(&there);
    for (name, why) in [
        ("folder.db", "it is a folder"),
        ("empty.db", "it is empty"),
        ("short.db", "it is no SQLite file"),
        ("random.db", "it is no SQLite file"),
        ("foreign.db", "it has no table `batch`"),
        ("log.db", "it has no table `batch`"),
        ("batch.db", "it has no table `run`"),
        ("names.db", "it has no schema of tierscope"),
        (
            "one.db",
            "its table `batch` has other columns than a history's",
        ),
        ("views.db", "it has no table `batch`"),
        ("broken.db", "it is damaged"),
    ] {
        let error = ours.import(&there.join(name)).unwrap_err();
        assert!(
            matches!(error, HistoryError::Foreign { .. }),
            "{name}: {error}"
        );
        let path = there.join(name);
        let said = format!("{} is no history of tierscope: {why}", path.display());
        assert_eq!(error.to_string(), said);
    }
    let missing = ours.import(&there.join("none.db")).unwrap_err();
    assert!(matches!(missing, HistoryError::File { .. }), "{missing}");
    assert!(all(&there) == before, "nothing was touched");
    assert!(ours.batches(None).unwrap().is_empty());
}

#[test]
fn a_newer_one_is_refused_and_an_older_one_is_brought_forward_in_a_copy() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    let there = home.path().join("there");
    let path = there.join("old.db");
    let mut theirs = opened(&path);
    theirs.begin_batch(&batch("b1")).unwrap();
    theirs
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    drop(theirs);
    let steps = ["SELECT 1", "ALTER TABLE batch ADD COLUMN extra TEXT"];
    schema::walk(&mut ours, &steps, &mut Vec::new()).unwrap();
    let before = all(&there);
    let imported = ours.import_by(&path, &steps).unwrap();
    assert_eq!((imported.batches, imported.cells), (1, 1));
    assert!(all(&there) == before, "nothing was touched");
    made(&path, "PRAGMA user_version = 99");
    let error = ours.import_by(&path, &steps).unwrap_err();
    assert!(
        matches!(
            error,
            HistoryError::Newer {
                found: 99,
                known: 2,
                ..
            }
        ),
        "{error}"
    );
    made(
        &path,
        "PRAGMA user_version = 1; ALTER TABLE batch ADD COLUMN extra TEXT",
    );
    let error = ours.import_by(&path, &steps).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("its tables are not those of schema 1"),
        "{error}"
    );
}

#[test]
fn one_that_another_process_has_open_is_taken_with_what_its_log_holds() {
    let home = tempfile::tempdir().unwrap();
    let mut ours = opened(&home.path().join("ours.db"));
    let path = home.path().join("theirs.db");
    let mut theirs = opened(&path);
    theirs.begin_batch(&batch("b1")).unwrap();
    theirs
        .store_cell(&cell("b1", "sum-1", "mini", "19"))
        .unwrap();
    assert_eq!(ours.import(&path).unwrap().cells, 1);
    theirs
        .store_cell(&cell("b1", "sum-2", "mini", "19"))
        .unwrap();
    assert_eq!(ours.import(&path).unwrap().cells, 1);
}
