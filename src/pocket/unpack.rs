//! Writes a file that is inside the program to a folder, whole or not at all, and the lane that waits for that.

use super::Pocket;
use crate::{
    domain::{
        event::{LaneEventKind, Timed},
        failure::{FailureKind, LaneFailure},
        request::ChatRequest,
    },
    provider::{LaneStream, Provider, Readiness, Stopwatch},
};
use futures_util::stream::{self, BoxStream, StreamExt};
use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Arc,
    time::Duration,
};

/// A pocket model that could not be written to the cache folder.
#[derive(Debug, thiserror::Error)]
#[error(
    "cannot unpack to {}: {source}; make that folder writable, or set TIERSCOPE_HOME to another one",
    path.display()
)]
pub struct UnpackError {
    path: PathBuf,
    source: io::Error,
}

/// Makes sure that a file holds exactly these bytes.
pub(super) fn ensure(path: &Path, bytes: &[u8]) -> Result<(), UnpackError> {
    if holds(path, bytes) {
        return Ok(());
    }
    write_whole(path, bytes)
        .or_else(|source| {
            // Another process may have been faster, and on some systems a file in use cannot be replaced.
            if holds(path, bytes) {
                Ok(())
            } else {
                Err(source)
            }
        })
        .map_err(|source| UnpackError {
            path: path.to_owned(),
            source,
        })
}

/// The bytes themselves are at hand, so they are compared: no digest can say more.
fn holds(path: &Path, bytes: &[u8]) -> bool {
    let has_length = fs::metadata(path)
        .is_ok_and(|metadata| metadata.is_file() && metadata.len() == bytes.len() as u64);
    has_length && fs::read(path).is_ok_and(|found| found == bytes)
}

fn write_whole(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let folder = path.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(folder)?;
    sweep(folder);
    // A name of its own per attempt: processes and threads may unpack at the same time.
    let draft = folder.join(format!(".{}.part", uuid::Uuid::now_v7()));
    let written = OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(&draft)
        .and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        })
        .and_then(|()| fs::rename(&draft, path));
    if written.is_err() {
        let _ = fs::remove_file(&draft);
    }
    written
}

/// Takes away what an unpacking that was killed has left behind; nobody unpacks for an hour.
fn sweep(folder: &Path) {
    const ABANDONED: Duration = Duration::from_secs(60 * 60);
    let is_abandoned = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let changed = fs::metadata(path).and_then(|facts| facts.modified());
        name.starts_with('.')
            && name.ends_with(".part")
            && changed.is_ok_and(|at| at.elapsed().is_ok_and(|since| since > ABANDONED))
    };
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        if is_abandoned(&entry.path()) {
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// A lane that unpacks its model before its provider is asked.
#[derive(Debug)]
pub struct Unpacking {
    /// Which model.
    pub pocket: &'static Pocket,
    /// Where to.
    pub cache_dir: PathBuf,
    /// Who runs the file.
    pub inner: Arc<dyn Provider>,
}

impl Unpacking {
    async fn unpack(pocket: &'static Pocket, cache_dir: PathBuf) -> Result<(), LaneFailure> {
        let failed = |message: String| LaneFailure::new(FailureKind::Engine, message);
        match tokio::task::spawn_blocking(move || pocket.unpack(&cache_dir)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(failed(error.to_string())),
            Err(error) => Err(failed(format!("unpacking was aborted: {error}"))),
        }
    }
}

impl Provider for Unpacking {
    fn stream(&self, request: ChatRequest, watch: Stopwatch) -> LaneStream {
        let inner = Arc::clone(&self.inner);
        stream::once(Self::unpack(self.pocket, self.cache_dir.clone()))
            .flat_map(move |unpacked| match unpacked {
                Ok(()) => inner.stream(request.clone(), watch),
                Err(error) => stream::iter([Timed {
                    at: watch.elapsed(),
                    value: LaneEventKind::Failed { error },
                }])
                .boxed(),
            })
            .boxed()
    }

    fn prepare(&self) -> BoxStream<'static, Readiness> {
        let inner = Arc::clone(&self.inner);
        stream::once(Self::unpack(self.pocket, self.cache_dir.clone()))
            .flat_map(move |unpacked| match unpacked {
                Ok(()) => inner.prepare(),
                Err(error) => stream::iter([Readiness::Failed(error)]).boxed(),
            })
            .boxed()
    }

    fn place(&self) -> String {
        self.inner.place()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pocket::POCKETS;
    use std::thread;

    #[test]
    fn a_missing_file_is_written_and_a_whole_one_left_alone() {
        let home = tempfile::tempdir().unwrap();
        let pocket = &POCKETS[0];
        let path = pocket.unpack(home.path()).unwrap();
        assert_eq!(fs::read(&path).unwrap(), pocket.gguf);
        let written = fs::metadata(&path).unwrap().modified().unwrap();
        assert_eq!(pocket.unpack(home.path()).unwrap(), path);
        assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), written);
    }

    #[test]
    fn a_damaged_file_is_made_again() {
        let home = tempfile::tempdir().unwrap();
        let pocket = &POCKETS[0];
        let path = pocket.unpack(home.path()).unwrap();
        let mut damaged = pocket.gguf.to_vec();
        damaged[100] ^= 1;
        for content in [damaged, pocket.gguf[..50].to_vec(), Vec::new()] {
            fs::write(&path, content).unwrap();
            pocket.unpack(home.path()).unwrap();
            assert_eq!(fs::read(&path).unwrap(), pocket.gguf);
        }
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn many_at_once_end_with_one_whole_file() {
        let home = tempfile::tempdir().unwrap();
        thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(|| POCKETS[0].unpack(home.path()).unwrap());
            }
        });
        let path = POCKETS[0].path(home.path());
        assert_eq!(fs::read(&path).unwrap(), POCKETS[0].gguf);
        assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    }

    #[test]
    fn what_cannot_be_written_is_named() {
        let home = tempfile::tempdir().unwrap();
        let file = home.path().join("taken");
        fs::write(&file, "").unwrap();
        let message = POCKETS[0].unpack(&file).unwrap_err().to_string();
        let path = POCKETS[0].path(&file);
        let start = format!("cannot unpack to {}: ", path.display());
        assert!(message.starts_with(&start), "{message}");
        assert!(message.contains("set TIERSCOPE_HOME"), "{message}");
    }
}
