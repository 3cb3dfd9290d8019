//! The log file: tracing goes there, never to the screen. Bounded: when it is full it becomes `tierscope.log.1`, and what
//! that held before is gone. No key is ever logged, because no layer hands one out.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
    sync::Mutex,
};
use tracing_subscriber::EnvFilter;

/// How much one of the two files may hold.
const MAX_BYTES: u64 = 4 << 20;

/// How much is logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Verbosity {
    /// What went wrong.
    Quiet,
    /// What happened, too.
    #[default]
    Normal,
    /// How it happened, too.
    Verbose,
    /// Everything.
    Everything,
}

impl Verbosity {
    /// Other crates only say what went wrong: their details can hold whole requests.
    const fn filter(self) -> &'static str {
        match self {
            Self::Quiet => "warn",
            Self::Normal => "warn,tierscope=info",
            Self::Verbose => "warn,tierscope=debug",
            Self::Everything => "warn,tierscope=trace",
        }
    }
}

/// Opens the log file, makes its folder where there is none, and sends tracing there from now on.
pub fn start(path: &Path, verbosity: Verbosity) -> io::Result<()> {
    let log = BoundedFile::open(path, MAX_BYTES)?;
    let filter = EnvFilter::new(verbosity.filter());
    tracing_subscriber::fmt()
        .with_ansi(false)
        .with_env_filter(filter)
        .with_writer(Mutex::new(log))
        .try_init()
        .map_err(io::Error::other)
}

/// A file that starts afresh when it is full.
#[derive(Debug)]
struct BoundedFile {
    path: PathBuf,
    file: File,
    bytes: u64,
    most: u64,
}

impl BoundedFile {
    fn open(path: &Path, most: u64) -> io::Result<Self> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let file = append(path)?;
        let bytes = file.metadata()?.len();
        let mut log = Self {
            path: path.to_owned(),
            file,
            bytes,
            most,
        };
        if bytes >= most {
            log.start_afresh()?;
        }
        Ok(log)
    }

    fn start_afresh(&mut self) -> io::Result<()> {
        let mut old = self.path.clone().into_os_string();
        old.push(".1");
        fs::rename(&self.path, old)?;
        self.file = append(&self.path)?;
        self.bytes = 0;
        Ok(())
    }
}

impl Write for BoundedFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes > 0 && self.bytes.saturating_add(bytes.len() as u64) > self.most {
            self.start_afresh()?;
        }
        let written = self.file.write(bytes)?;
        self.bytes += written as u64;
        Ok(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

/// Several processes may write to it: each line goes to the end. Only the person may read it.
fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_log_makes_room_and_keeps_the_last_one() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("state").join("tierscope.log");
        let old = home.path().join("state").join("tierscope.log.1");
        let mut log = BoundedFile::open(&path, 10).unwrap();
        for line in ["one\n", "two\n", "three\n", "four\n"] {
            log.write_all(line.as_bytes()).unwrap();
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), "four\n");
        assert_eq!(fs::read_to_string(&old).unwrap(), "three\n");
        drop(log);
        let mut log = BoundedFile::open(&path, 10).unwrap();
        log.write_all(b"five\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "four\nfive\n");
        drop(log);
        BoundedFile::open(&path, 10).unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "");
        assert_eq!(fs::read_to_string(&old).unwrap(), "four\nfive\n");
    }

    #[test]
    fn a_line_longer_than_the_log_is_kept_whole() {
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tierscope.log");
        let mut log = BoundedFile::open(&path, 4).unwrap();
        log.write_all(b"longer than four\n").unwrap();
        assert_eq!(fs::read_to_string(&path).unwrap(), "longer than four\n");
    }

    #[cfg(unix)]
    #[test]
    fn only_the_person_may_read_it() {
        use std::os::unix::fs::PermissionsExt;
        let home = tempfile::tempdir().unwrap();
        let path = home.path().join("tierscope.log");
        BoundedFile::open(&path, 4).unwrap();
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }
}
