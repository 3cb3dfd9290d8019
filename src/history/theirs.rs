//! A file that is to be imported: looked at before anything else touches it, and never written to. Copies no row.

use super::{History, HistoryError, error, schema};
use rusqlite::{Connection, OpenFlags};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// How every `SQLite` file begins.
const MAGIC: &[u8; 16] = b"SQLite format 3\0";
/// The tables that a history has.
const TABLES: [&str; 4] = ["batch", "run", "cell", "vote"];

/// A history that may be taken over.
pub(super) struct Theirs {
    /// The file, or a copy of it that was brought forward.
    pub(super) path: PathBuf,
    /// Gone with this.
    _copy: Option<TempDir>,
}

impl Theirs {
    /// Looks at a file; an error of its own for whatever is no history of this schema, or of an older one.
    pub(super) fn of(path: &Path, ours: &History, steps: &[&str]) -> Result<Self, HistoryError> {
        begins_well(path)?;
        let theirs = still(path)?;
        let tables = schema::tables(&theirs).map_err(|source| foreign_or(path, source))?;
        if let Some(missing) = TABLES.iter().find(|name| !tables.contains(**name)) {
            return Err(foreign(path, format!("it has no table `{missing}`")));
        }
        let known = i64::try_from(steps.len()).unwrap_or(i64::MAX);
        let found = schema::found(&theirs)?;
        if found > known {
            return Err(HistoryError::Newer {
                path: path.to_owned(),
                found,
                known,
            });
        }
        if found < 1 {
            return Err(foreign(path, "it has no schema of tierscope"));
        }
        is_whole(&theirs)?;
        if found == known {
            has_our_columns(path, &theirs, ours)?;
            return Ok(Self {
                path: path.to_owned(),
                _copy: None,
            });
        }
        let folder = tempfile::tempdir().map_err(|source| HistoryError::File {
            path: std::env::temp_dir(),
            source,
        })?;
        let copy = folder.path().join("history.db");
        theirs
            .connection
            .execute("VACUUM INTO ?1", [copy.display().to_string()])
            .map_err(|source| error(&copy, source))?;
        let connection = Connection::open(&copy).map_err(|source| error(&copy, source))?;
        let mut brought = History {
            connection,
            path: copy.clone(),
        };
        schema::walk(&mut brought, steps, &mut Vec::new()).map_err(|error| match error {
            // Whoever wrote it has tables of these names, and others than ours.
            HistoryError::Sql { .. } => {
                foreign(path, format!("its tables are not those of schema {found}"))
            }
            other => other,
        })?;
        has_our_columns(path, &brought, ours)?;
        Ok(Self {
            path: copy,
            _copy: Some(folder),
        })
    }
}

/// Whether it is a file, and one of `SQLite`.
fn begins_well(path: &Path) -> Result<(), HistoryError> {
    let failed = |source| HistoryError::File {
        path: path.to_owned(),
        source,
    };
    let facts = fs::metadata(path).map_err(failed)?;
    if facts.is_dir() {
        return Err(foreign(path, "it is a folder"));
    }
    if !facts.is_file() {
        return Err(foreign(path, "it is no plain file"));
    }
    let mut first = [0; MAGIC.len()];
    match File::open(path).and_then(|mut file| file.read_exact(&mut first)) {
        Ok(()) if first == *MAGIC => Ok(()),
        Err(source) if source.kind() != io::ErrorKind::UnexpectedEof => Err(failed(source)),
        _ if facts.len() == 0 => Err(foreign(path, "it is empty")),
        _ => Err(foreign(path, "it is no SQLite file")),
    }
}

/// Opens it without a trace: one that nobody has open needs neither locks nor files beside it.
fn still(path: &Path) -> Result<History, HistoryError> {
    let mut log = path.as_os_str().to_owned();
    log.push("-wal");
    if Path::new(&log).exists() {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY;
        let opened = Connection::open_with_flags(path, flags).and_then(|connection| {
            connection.busy_timeout(super::PATIENCE)?;
            connection.query_row("SELECT count(*) FROM sqlite_schema", [], |_| Ok(()))?;
            Ok(connection)
        });
        match opened {
            Ok(connection) => {
                return Ok(History {
                    connection,
                    path: path.to_owned(),
                });
            }
            Err(source) => match error(path, source) {
                // It lies where nothing can be written.
                HistoryError::ReadOnly(_) => {}
                HistoryError::Damaged(_) => return Err(damaged(path)),
                other => return Err(other),
            },
        }
    }
    History::without_locks(path)
}

/// Looks through all of it: what is broken in its middle must not be found half way through the copying.
fn is_whole(theirs: &History) -> Result<(), HistoryError> {
    let found: rusqlite::Result<String> =
        theirs
            .connection
            .query_row("PRAGMA quick_check(1)", [], |row| row.get(0));
    match found {
        Ok(found) if found == "ok" => Ok(()),
        Ok(_) => Err(damaged(&theirs.path)),
        Err(source) => Err(foreign_or(&theirs.path, source)),
    }
}

fn has_our_columns(path: &Path, theirs: &History, ours: &History) -> Result<(), HistoryError> {
    for table in TABLES {
        let wanted = schema::columns(ours, table).map_err(|source| ours.error(source))?;
        let found = schema::columns(theirs, table).map_err(|source| foreign_or(path, source))?;
        if found != wanted {
            return Err(foreign(
                path,
                format!("its table `{table}` has other columns than a history's"),
            ));
        }
    }
    Ok(())
}

fn foreign(path: &Path, what: impl Into<String>) -> HistoryError {
    HistoryError::Foreign {
        path: path.to_owned(),
        what: what.into(),
    }
}

fn damaged(path: &Path) -> HistoryError {
    foreign(path, "it is damaged")
}

fn foreign_or(path: &Path, source: rusqlite::Error) -> HistoryError {
    match error(path, source) {
        HistoryError::Damaged(_) => damaged(path),
        other => other,
    }
}
