//! One process at a batch at a time: a lock on a file beside the history, which the system takes back when the process
//! ends, however it ends. Where the system has no such lock, nobody is kept out.

use super::{History, HistoryError};
use crate::domain::id::BatchId;
use std::{
    fs::{self, File, OpenOptions},
    io::{Read, Write},
    path::{Path, PathBuf},
};

/// How often a lock file that vanishes is made again.
const TRIES: usize = 8;
/// Characters of an id in the name of a file.
const LONGEST: usize = 64;

/// A batch that this process works at. Dropping it lets others.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    _file: File,
}

impl History {
    /// Claims a batch; an error where another process has it.
    pub fn claim(&self, batch: &BatchId) -> Result<Claim, HistoryError> {
        let path = self.lock_file(batch);
        let failed = |source| HistoryError::File {
            path: path.clone(),
            source,
        };
        for _ in 0..TRIES {
            let mut options = OpenOptions::new();
            // What the one who has it wrote into it stays.
            options.read(true).write(true).create(true).truncate(false);
            let mut file = options.open(&path).map_err(failed)?;
            if !is_locked(&file) {
                let mut said = String::new();
                let _ = file.take(32).read_to_string(&mut said);
                return Err(HistoryError::Claimed {
                    batch: batch.0.clone(),
                    process: said.trim().parse().ok(),
                });
            }
            // The one before may have let it go, and its file with it, between the two.
            if is_at(&file, &path) {
                // Whoever is kept out is told; the lock holds without it.
                let _ = file.set_len(0);
                let _ = file.write_all(std::process::id().to_string().as_bytes());
                return Ok(Claim { path, _file: file });
            }
        }
        Err(HistoryError::Claimed {
            batch: batch.0.clone(),
            process: None,
        })
    }

    /// Whether somebody works at a batch.
    pub(super) fn is_claimed(&self, batch: &BatchId) -> bool {
        self.lock_file(batch).exists()
            && matches!(self.claim(batch), Err(HistoryError::Claimed { .. }))
    }

    /// Beside the history. An id may come out of a file of somebody else, and must not lead elsewhere.
    fn lock_file(&self, batch: &BatchId) -> PathBuf {
        let plain = |letter: char| {
            if letter.is_ascii_alphanumeric() || letter == '-' {
                letter
            } else {
                '_'
            }
        };
        let id: String = batch.0.chars().map(plain).take(LONGEST).collect();
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{id}.lock"));
        PathBuf::from(name)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(unix)]
fn is_locked(file: &File) -> bool {
    use rustix::fs::{FlockOperation, flock};
    flock(file, FlockOperation::NonBlockingLockExclusive).is_ok()
}

#[cfg(not(unix))]
fn is_locked(_file: &File) -> bool {
    true
}

/// Whether this open file is still the one of that name.
#[cfg(unix)]
fn is_at(file: &File, path: &Path) -> bool {
    use std::os::unix::fs::MetadataExt;
    match (file.metadata(), fs::metadata(path)) {
        (Ok(one), Ok(other)) => one.ino() == other.ino() && one.dev() == other.dev(),
        _ => false,
    }
}

#[cfg(not(unix))]
fn is_at(_file: &File, _path: &Path) -> bool {
    true
}
