//! A mark beside a history in which damage was met: whoever opens it next looks through all of it, however large it is.
//! Looks through nothing itself.

use super::HistoryError;
use std::{
    fs,
    path::{Path, PathBuf},
};

fn mark(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".damaged");
    PathBuf::from(name)
}

/// Leaves the mark where this error tells of damage.
pub(super) fn note(error: &HistoryError) {
    if let HistoryError::Damaged(path) = error {
        // Where it cannot be written, the next one meets the damage again.
        let _ = fs::write(mark(path), "");
    }
}

/// Whether the mark is there.
pub(super) fn is_there(path: &Path) -> bool {
    mark(path).exists()
}

/// Takes it away: what was doubted is whole, or put aside.
pub(super) fn dispel(path: &Path) {
    let _ = fs::remove_file(mark(path));
}
