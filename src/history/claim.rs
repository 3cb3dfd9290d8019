//! One process at a batch at a time: a lock on a file beside the history, which the system takes back when the process
//! ends, however it ends. Where the system has no such lock, nobody is kept out.

use super::{History, HistoryError};
use crate::domain::id::BatchId;
use std::{
    fs::{self, File},
    path::PathBuf,
};

/// A batch that this process works at. Dropping it lets others.
#[derive(Debug)]
pub struct Claim {
    path: PathBuf,
    _file: File,
}

impl History {
    /// Claims a batch; an error where another process has it.
    pub fn claim(&self, batch: &BatchId) -> Result<Claim, HistoryError> {
        let mut name = self.path.as_os_str().to_owned();
        name.push(format!(".{}.lock", batch.0));
        let path = PathBuf::from(name);
        let file = File::create(&path).map_err(|source| HistoryError::File {
            path: path.clone(),
            source,
        })?;
        if !is_locked(&file) {
            return Err(HistoryError::Claimed(batch.0.clone()));
        }
        Ok(Claim { path, _file: file })
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
