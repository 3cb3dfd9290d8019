//! Bytes that are put aside until they are needed: in memory while they are few, else in an unnamed temporary file. Knows
//! not what they mean, and keeps nothing beyond its own life.
//!
//! A temporary folder that takes nothing is no error: what it does not take stays in memory.

use std::{
    fs::File,
    io::{self, Read, Seek, SeekFrom, Write},
    sync::{Mutex, PoisonError},
};

/// So many bytes stay in memory; they are written out together.
const ROOM: usize = 1 << 20;

/// Where a piece lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    at: u64,
    bytes: u32,
}

/// What was put aside cannot be read back.
#[derive(Debug, thiserror::Error)]
#[error("what was put aside in the temporary folder cannot be read back")]
pub struct SpoolError(#[from] io::Error);

/// Pieces, one after another.
#[derive(Debug)]
pub struct Spool {
    room: usize,
    /// What lies behind all that is in the file.
    memory: Vec<u8>,
    file: Option<Mutex<File>>,
    filed: u64,
    refused: Option<io::Error>,
}

impl Default for Spool {
    fn default() -> Self {
        Self::with_room(ROOM)
    }
}

impl Spool {
    /// One that keeps about so many bytes in memory.
    pub const fn with_room(room: usize) -> Self {
        Self {
            room,
            memory: Vec::new(),
            file: None,
            filed: 0,
            refused: None,
        }
    }

    /// Puts a piece aside. What is longer than 4 GiB is cut.
    pub fn push(&mut self, piece: &[u8]) -> Span {
        let bytes = u32::try_from(piece.len()).unwrap_or(u32::MAX);
        let at = self.filed + self.memory.len() as u64;
        let piece = piece.get(..bytes as usize).unwrap_or(piece);
        self.memory.extend_from_slice(piece);
        if self.memory.len() >= self.room && self.refused.is_none() {
            self.refused = self.write_out().err();
        }
        Span { at, bytes }
    }

    /// Why the temporary folder takes nothing more, where that is so: everything since is in memory.
    pub const fn refused(&self) -> Option<&io::Error> {
        self.refused.as_ref()
    }

    /// A piece again.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read(&self, span: Span) -> Result<Vec<u8>, SpoolError> {
        let mut piece = Vec::new();
        self.read_into(span, &mut piece)?;
        Ok(piece)
    }

    /// The same into a buffer, whose content it replaces.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn read_into(&self, span: Span, piece: &mut Vec<u8>) -> Result<(), SpoolError> {
        piece.clear();
        let length = span.bytes as usize;
        if let Some(at) = span.at.checked_sub(self.filed) {
            let at = usize::try_from(at).unwrap_or(usize::MAX);
            let found = self.memory.get(at..at.saturating_add(length));
            piece.extend_from_slice(found.ok_or_else(missing)?);
            return Ok(());
        }
        piece.resize(length, 0);
        let file = self.file.as_ref().ok_or_else(missing)?;
        // Who holds it does nothing that panics.
        let mut file = file.lock().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(span.at))?;
        file.read_exact(piece)?;
        Ok(())
    }

    fn write_out(&mut self) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            None => self.file.insert(Mutex::new(tempfile::tempfile()?)),
        };
        let file = file.get_mut().unwrap_or_else(PoisonError::into_inner);
        file.seek(SeekFrom::Start(self.filed))?;
        file.write_all(&self.memory)?;
        self.filed += self.memory.len() as u64;
        self.memory.clear();
        Ok(())
    }
}

impl Span {
    /// A part of the piece.
    #[must_use]
    pub fn part(self, from: u32, bytes: u32) -> Self {
        let from = from.min(self.bytes);
        Self {
            at: self.at + u64::from(from),
            bytes: bytes.min(self.bytes - from),
        }
    }
}

fn missing() -> io::Error {
    io::Error::new(io::ErrorKind::UnexpectedEof, "it is not there")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_come_back_from_memory_and_from_the_file() {
        let mut spool = Spool::with_room(10);
        let pieces: Vec<Vec<u8>> = (0..20_u8).map(|at| vec![at; usize::from(at % 7)]).collect();
        let spans: Vec<Span> = pieces.iter().map(|piece| spool.push(piece)).collect();
        assert!(spool.filed > 0, "some are in the file");
        assert!(!spool.memory.is_empty() && spool.memory.len() < 10);
        for (span, piece) in spans.iter().zip(&pieces).rev() {
            assert_eq!(&spool.read(*span).unwrap(), piece);
        }
        assert_eq!(spool.read(spans[6].part(2, 3)).unwrap(), [6, 6, 6]);
        assert_eq!(spool.read(spans[6].part(5, 3)).unwrap(), [6]);
        assert!(spool.refused().is_none());
    }

    #[test]
    fn a_file_that_takes_nothing_leaves_all_in_memory_and_one_that_is_cut_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        std::fs::write(&path, "").unwrap();
        let mut spool = Spool::with_room(4);
        // Opened to read only.
        spool.file = Some(Mutex::new(File::open(&path).unwrap()));
        let spans = [spool.push(b"abcdef"), spool.push(b"ghijkl")];
        assert!(spool.refused().is_some());
        assert_eq!(spool.read(spans[0]).unwrap(), b"abcdef");
        assert_eq!(spool.read(spans[1]).unwrap(), b"ghijkl");

        let mut spool = Spool::with_room(4);
        let span = spool.push(b"abcdef");
        let file = spool.file.as_mut().unwrap().get_mut().unwrap();
        file.set_len(2).unwrap();
        let error = spool.read(span).unwrap_err().to_string();
        assert!(error.contains("cannot be read back"), "{error}");
    }
}
