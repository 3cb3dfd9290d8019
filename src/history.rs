//! The history: batches, runs, cells and their tapes, in one `SQLite` file. Prints nothing and asks nobody.
//!
//! Each cell is one transaction in the write-ahead log: a process that is killed loses nothing that was acknowledged, and
//! several processes may write at once. What is broken is put aside, never overwritten; what is newer is left alone.

mod alike;
mod claim;
mod doubt;
mod habits;
mod overview;
mod pack;
mod parts;
mod read;
mod record;
mod removal;
mod schema;
mod spend;
mod theirs;
mod transfer;
mod verdicts;
mod votes;
mod writer;

pub use claim::Claim;
pub use habits::PastCell;
pub use overview::{BatchRow, Found};
pub use read::{StoredCell, StoredRun};
pub use record::{DoneCell, NewBatch, NewCell};
pub use removal::{Removed, Space};
pub use spend::{Spend, SpendKind, Unshown};
pub use transfer::Imported;
pub use verdicts::{NewVerdicts, Unjudged};
pub use votes::StoredVote;
pub use writer::{Receipt, Recorder};

use rusqlite::{Connection, ErrorCode, OpenFlags};
use std::{
    fs, io,
    path::{Path, PathBuf},
    time::Duration,
};

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(10);

/// The open history.
#[derive(Debug)]
pub struct History {
    connection: Connection,
    path: PathBuf,
}

/// A history that was opened, and what a person should know about that.
#[derive(Debug)]
pub struct Opened {
    /// The history.
    pub history: History,
    /// What happened on the way, one sentence each: a file put aside, a backup made.
    pub notices: Vec<String>,
}

/// Why the history cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum HistoryError {
    /// Written by a newer tierscope.
    #[error(
        "the history {path} has the schema {found}, and this tierscope knows it up to {known}: a newer one wrote it"
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its schema.
        found: i64,
        /// The newest known here.
        known: i64,
    },
    /// Another process holds it.
    #[error("the history {0} is locked by another process")]
    Locked(PathBuf),
    /// It cannot be written.
    #[error("the history {0} cannot be written: it, or its folder, is read-only")]
    ReadOnly(PathBuf),
    /// The disk is full.
    #[error("the history {0} cannot grow: the disk is full")]
    Full(PathBuf),
    /// It may not be so large.
    #[error(
        "the history {0} cannot be written on: the disk fails, or a limit of files or of this account is reached"
    )]
    Unwritten(PathBuf),
    /// There is none.
    #[error("there is no history yet: {0} does not exist")]
    Missing(PathBuf),
    /// What is in it is broken.
    #[error("the history {0} is damaged")]
    Damaged(PathBuf),
    /// A value in it that this version does not understand.
    #[error("the history {path} holds something unreadable: {what}")]
    Unreadable {
        /// The file.
        path: PathBuf,
        /// What.
        what: String,
    },
    /// What is there is no history.
    #[error("{path} is no history of tierscope: {what}")]
    Foreign {
        /// The file.
        path: PathBuf,
        /// What it is instead.
        what: String,
    },
    /// Another process works at the same batch.
    #[error("batch {batch} is being worked on by {}", process_words(*.process))]
    Claimed {
        /// The batch.
        batch: String,
        /// The process, where it says which it is.
        process: Option<u32>,
    },
    /// Somebody took the batch away that a cell belongs to.
    #[error("batch {0} was taken out of the history while it was worked on")]
    Gone(String),
    /// The thread that writes has ended.
    #[error("the history is not written any more: the part of tierscope that writes it has failed")]
    WriterGone,
    /// Nothing has this id.
    #[error("no batch and no run begins with `{0}`")]
    NoSuch(String),
    /// Several have ids that begin so.
    #[error("`{0}` is the beginning of several ids: {1}")]
    Ambiguous(String, String),
    /// Nothing was ever stored.
    #[error("the history is empty")]
    Empty,
    /// A file beside it could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Anything else that `SQLite` says.
    #[error("the history {path}: {source}")]
    Sql {
        /// The file.
        path: PathBuf,
        /// What `SQLite` said.
        source: rusqlite::Error,
    },
}

impl History {
    /// Opens it for writing; makes it where there is none, and brings an older schema forward.
    pub fn open(path: &Path) -> Result<Opened, HistoryError> {
        let file_error = |source| HistoryError::File {
            path: path.to_owned(),
            source,
        };
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(file_error)?;
        }
        let mut notices = Vec::new();
        let whole = Self::connect(path, &mut notices).and_then(Self::checked);
        let history = match whole {
            Err(HistoryError::Damaged(_)) => {
                let aside = set_aside(path).map_err(file_error)?;
                doubt::dispel(path);
                notices.push(format!(
                    "the history {} was damaged; it is kept as {} and a new one has begun",
                    path.display(),
                    aside.display()
                ));
                Self::connect(path, &mut notices)?
            }
            other => other?,
        };
        Ok(Opened { history, notices })
    }

    /// Opens it to read; one that lies on a read-only disk can be read, too.
    pub fn open_to_read(path: &Path) -> Result<Self, HistoryError> {
        if !path.exists() {
            return Err(HistoryError::Missing(path.to_owned()));
        }
        let mut notices = Vec::new();
        match Self::connect(path, &mut notices) {
            Err(HistoryError::ReadOnly(_)) => Self::connect_still(path),
            other => other,
        }
    }

    fn connect(path: &Path, notices: &mut Vec<String>) -> Result<Self, HistoryError> {
        if path.is_dir() {
            return Err(HistoryError::Foreign {
                path: path.to_owned(),
                what: "it is a folder".to_owned(),
            });
        }
        let connection = Connection::open(path).map_err(|source| error(path, source))?;
        let mut history = Self {
            connection,
            path: path.to_owned(),
        };
        history.wait().map_err(|source| error(path, source))?;
        // Nothing of another program's file is changed, not even how it keeps its log.
        schema::refuse_foreign(&history)?;
        history.begin().map_err(|source| error(path, source))?;
        schema::bring_forward(&mut history, notices)?;
        Ok(history)
    }

    /// Looks through all of it where that takes no time, or where damage was met: in the middle it shows only where it lies.
    fn checked(self) -> Result<Self, HistoryError> {
        const QUICK_BYTES: u64 = 64 << 20;
        let is_doubted = doubt::is_there(&self.path);
        let bytes = fs::metadata(&self.path).map_or(0, |facts| facts.len());
        let check = match is_doubted {
            true => "PRAGMA integrity_check(1)",
            false if bytes <= QUICK_BYTES => "PRAGMA quick_check(1)",
            false => return Ok(self),
        };
        let found: String = self
            .connection
            .query_row(check, [], |row| row.get(0))
            .map_err(|source| self.error(source))?;
        if found != "ok" {
            return Err(HistoryError::Damaged(self.path));
        }
        if is_doubted {
            doubt::dispel(&self.path);
        }
        Ok(self)
    }

    fn connect_still(path: &Path) -> Result<Self, HistoryError> {
        let history = Self::without_locks(path)?;
        schema::check(&history)?;
        Ok(history)
    }

    fn wait(&self) -> rusqlite::Result<()> {
        self.connection.busy_timeout(PATIENCE)
    }

    /// To read, without a write-ahead log, and without the lock that needs one.
    fn without_locks(path: &Path) -> Result<Self, HistoryError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_URI;
        let connection = Connection::open_with_flags(immutable(path), flags)
            .map_err(|source| error(path, source))?;
        Ok(Self {
            connection,
            path: path.to_owned(),
        })
    }

    fn begin(&self) -> rusqlite::Result<()> {
        let connection = &self.connection;
        connection.pragma_update(None, "foreign_keys", true)?;
        // What is taken away is not to be read in the file any more.
        connection.pragma_update_and_check(None, "secure_delete", true, |_| Ok(()))?;
        let pages: i64 = connection.pragma_query_value(None, "page_count", |row| row.get(0))?;
        if pages == 0 {
            // A new file can be made smaller bit by bit.
            connection.pragma_update(None, "auto_vacuum", "incremental")?;
        }
        connection.pragma_update_and_check(None, "journal_mode", "wal", |_| Ok(()))?;
        // A crash of the program loses nothing; one of the machine the last moments, never the file.
        connection.pragma_update(None, "synchronous", "normal")
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn error(&self, source: rusqlite::Error) -> HistoryError {
        let error = error(&self.path, source);
        doubt::note(&error);
        error
    }

    fn unreadable(&self, what: impl Into<String>) -> HistoryError {
        HistoryError::Unreadable {
            path: self.path.clone(),
            what: what.into(),
        }
    }
}

/// The address of a file that nobody writes to meanwhile.
fn immutable(path: &Path) -> String {
    let escaped = path.display().to_string();
    let escaped = escaped
        .replace('%', "%25")
        .replace('?', "%3f")
        .replace('#', "%23");
    format!("file:{escaped}?immutable=1")
}

fn process_words(process: Option<u32>) -> String {
    process.map_or_else(
        || "another process".to_owned(),
        |process| format!("another process ({process})"),
    )
}

/// An error of `SQLite` in our words.
fn error(path: &Path, source: rusqlite::Error) -> HistoryError {
    let path = path.to_owned();
    match source.sqlite_error_code() {
        Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => HistoryError::Damaged(path),
        Some(ErrorCode::SystemIoFailure) if is_of_writing(&source) => HistoryError::Unwritten(path),
        Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => HistoryError::Locked(path),
        Some(ErrorCode::ReadOnly | ErrorCode::CannotOpen | ErrorCode::PermissionDenied) => {
            HistoryError::ReadOnly(path)
        }
        Some(ErrorCode::DiskFull) => HistoryError::Full(path),
        _ => HistoryError::Sql { path, source },
    }
}

/// `SQLite` tells a full disk apart, and no other reason why nothing can be written.
fn is_of_writing(source: &rusqlite::Error) -> bool {
    use rusqlite::ffi::{
        SQLITE_IOERR_FSYNC, SQLITE_IOERR_SHMSIZE, SQLITE_IOERR_TRUNCATE, SQLITE_IOERR_WRITE,
    };
    let codes = [
        SQLITE_IOERR_WRITE,
        SQLITE_IOERR_FSYNC,
        SQLITE_IOERR_TRUNCATE,
        SQLITE_IOERR_SHMSIZE,
    ];
    source
        .sqlite_error()
        .is_some_and(|error| codes.contains(&error.extended_code))
}

/// Moves a broken file, and what `SQLite` keeps beside it, out of the way.
fn set_aside(path: &Path) -> io::Result<PathBuf> {
    let stamp = jiff::Timestamp::now().strftime("%Y%m%dT%H%M%SZ");
    let beside = |end: &str| {
        let mut name = path.as_os_str().to_owned();
        name.push(end);
        PathBuf::from(name)
    };
    let mut aside = beside(&format!(".broken-{stamp}"));
    let mut more = 1;
    while aside.exists() {
        more += 1;
        aside = beside(&format!(".broken-{stamp}-{more}"));
    }
    fs::rename(path, &aside)?;
    for end in ["-wal", "-shm"] {
        let mut name = aside.as_os_str().to_owned();
        name.push(end);
        let _ = fs::rename(beside(end), PathBuf::from(name));
    }
    Ok(aside)
}

#[cfg(test)]
mod tests;
