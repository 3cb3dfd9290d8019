//! The file that keeps a newer table between runs. Knows no foreign format and fetches nothing.

use super::News;
use std::{
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Its name in the cache folder.
pub const FILE_NAME: &str = "catalog.json";
/// A larger file is none of ours.
const MOST_BYTES: u64 = 16 << 20;

/// Why what is kept cannot be used, or cannot be kept.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// It is there and cannot be read.
    #[error("the refreshed prices at {} cannot be read: {reason}", path.display())]
    Damaged {
        /// Where.
        path: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
    /// It cannot be written.
    #[error("cannot keep the refreshed prices at {}", path.display())]
    Write {
        /// Where.
        path: PathBuf,
        /// Why.
        #[source]
        source: io::Error,
    },
}

/// What is kept; `None` where nothing is.
pub fn load(path: &Path) -> Result<Option<News>, StoreError> {
    let damaged = |reason: String| StoreError::Damaged {
        path: path.to_owned(),
        reason,
    };
    let file = match File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(damaged(error.to_string())),
    };
    let mut text = String::new();
    let read = file.take(MOST_BYTES + 1).read_to_string(&mut text);
    let bytes = read.map_err(|error| damaged(error.to_string()))?;
    if bytes as u64 > MOST_BYTES {
        return Err(damaged("it is too large".to_owned()));
    }
    let news: News = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
    match news.complaint() {
        Some(reason) => Err(damaged(reason)),
        None => Ok(Some(news)),
    }
}

/// Keeps these news in the place of older ones; whoever reads meanwhile finds either.
pub fn save(path: &Path, news: &News) -> Result<(), StoreError> {
    let draft = path.with_extension(format!("json.{}", std::process::id()));
    let written = write(&draft, news).and_then(|()| fs::rename(&draft, path));
    written.map_err(|source| {
        let _ = fs::remove_file(&draft);
        StoreError::Write {
            path: path.to_owned(),
            source,
        }
    })
}

fn write(path: &Path, news: &News) -> io::Result<()> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder)?;
    }
    let text = serde_json::to_vec(news)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(io::Error::new(
            io::ErrorKind::FileTooLarge,
            format!("it holds more than {} MiB", MOST_BYTES >> 20),
        ));
    }
    let mut file = File::create(path)?;
    file.write_all(&text)?;
    file.sync_all()
}
