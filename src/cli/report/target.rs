//! Where a report goes: standard output, or a file that is there as a whole or not at all.

use crate::failure::CliError;
use std::{
    ffi::OsString,
    fs::{self, File},
    io::{self, BufWriter, StdoutLock, Write},
    path::{Path, PathBuf},
};

/// An open target. A file that was not finished leaves nothing behind.
#[derive(Debug)]
pub(super) struct Target {
    kind: Kind,
}

#[derive(Debug)]
enum Kind {
    Stdout(BufWriter<StdoutLock<'static>>),
    File {
        writer: BufWriter<File>,
        path: PathBuf,
        /// What is written until all is there; `None` for what is no plain file, such as a pipe.
        part: Option<PathBuf>,
    },
}

impl Target {
    /// Opens it; standard output without a path, and for `-`.
    pub(super) fn open(path: Option<&Path>) -> Result<Self, CliError> {
        let Some(path) = path.filter(|path| *path != Path::new("-")) else {
            return Ok(Self {
                kind: Kind::Stdout(BufWriter::new(io::stdout().lock())),
            });
        };
        let refused = |error: io::Error| cannot_write(path, error);
        let found = fs::metadata(path);
        if found.as_ref().is_ok_and(fs::Metadata::is_dir) {
            return Err(CliError::failed(format!(
                "cannot write {}: it is a folder",
                path.display()
            )));
        }
        if found.is_ok_and(|found| !found.is_file()) {
            let file = File::options().write(true).open(path).map_err(refused)?;
            return Ok(Self::file(file, path.to_owned(), None));
        }
        // A link stays, and what it leads to is replaced.
        let real = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let mut name = OsString::from(".");
        name.push(real.file_name().unwrap_or_default());
        name.push(format!(".{}.part", std::process::id()));
        let part = real.with_file_name(name);
        let file = File::create(&part).map_err(refused)?;
        Ok(Self::file(file, real, Some(part)))
    }

    fn file(file: File, path: PathBuf, part: Option<PathBuf>) -> Self {
        let writer = BufWriter::new(file);
        Self {
            kind: Kind::File { writer, path, part },
        }
    }

    /// A write that failed.
    pub(super) fn error(&self, error: io::Error) -> CliError {
        match &self.kind {
            Kind::Stdout(_) => CliError::output(error),
            Kind::File { path, .. } => cannot_write(path, error),
        }
    }

    /// Writes what is left, and puts the file in its place.
    pub(super) fn finish(mut self) -> Result<(), CliError> {
        let finished = match &mut self.kind {
            Kind::Stdout(writer) => writer.flush(),
            Kind::File {
                writer,
                path,
                part: Some(part),
            } => writer
                .flush()
                .and_then(|()| writer.get_ref().sync_all())
                .and_then(|()| fs::rename(part, path)),
            Kind::File { writer, .. } => writer.flush(),
        };
        finished.map_err(|error| self.error(error))?;
        if let Kind::File { part, .. } = &mut self.kind {
            *part = None;
        }
        Ok(())
    }
}

impl Write for Target {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.kind {
            Kind::Stdout(writer) => writer.write(bytes),
            Kind::File { writer, .. } => writer.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match &mut self.kind {
            Kind::Stdout(writer) => writer.flush(),
            Kind::File { writer, .. } => writer.flush(),
        }
    }
}

impl Drop for Target {
    fn drop(&mut self) {
        if let Kind::File {
            part: Some(part), ..
        } = &self.kind
        {
            let _ = fs::remove_file(part);
        }
    }
}

fn cannot_write(path: &Path, error: io::Error) -> CliError {
    CliError::failed(format!("cannot write {}", path.display())).caused_by(error)
}
