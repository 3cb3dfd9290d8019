//! One prompt file as text: read within a limit, its encoding looked at, its line feeds made alike. Knows no format.
//!
//! What is read piece by piece is looked through first, so that a broken file is refused before anything of it counts.

mod pieces;

use super::{
    error::{Place, SuiteError, advice},
    files::Format,
};
use std::{
    fs::{self, File},
    io::{self, BufRead, BufReader, Read},
    path::{Path, PathBuf},
    rc::Rc,
};

/// The largest file that is read.
pub const MAX_BYTES: u64 = 256 << 20;

/// The largest file of YAML, which takes some eighty times its size while it is read.
const MAX_YAML_BYTES: u64 = 8 << 20;

/// What is said of a pipe or a device, which may never end.
pub(super) const NO_FILE: &str =
    "is a pipe or a device, not a file; `-` reads standard input, as in `… | tierscope replay -`";

/// A prompt file's text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// What errors call it.
    pub name: String,
    /// Without a byte order mark, its lines ended by line feeds. Empty where the file was only looked through.
    pub text: String,
    /// Where it was read; `None` for standard input.
    pub path: Option<PathBuf>,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// It is missing, too large, empty, binary, or of another encoding than UTF-8.
    pub fn read(path: &Path) -> Result<Self, SuiteError> {
        let mut content = Vec::new();
        opened(path)?
            .read_to_end(&mut content)
            .map_err(|error| unreadable(path, &error))?;
        let mut source = Self::of_bytes(path.display().to_string(), content)?;
        source.path = Some(path.to_owned());
        Ok(source)
    }

    /// Looks a file through without keeping it; [`Source::reader`] reads it then.
    ///
    /// # Errors
    /// The same.
    pub(super) fn look_through(path: &Path) -> Result<Self, SuiteError> {
        let name = path.display().to_string();
        let found = pieces::look_through(opened(path)?);
        found
            .map_err(|error| unreadable(path, &error))?
            .map_err(|message| SuiteError::of_file(name.clone(), message))?;
        Ok(Self {
            name,
            text: String::new(),
            path: Some(path.to_owned()),
        })
    }

    /// The text from its beginning, piece by piece.
    pub(super) fn reader(&self) -> io::Result<Box<dyn BufRead + '_>> {
        match &self.path {
            Some(path) if self.text.is_empty() => {
                let file = BufReader::new(File::open(path)?);
                Ok(Box::new(BufReader::new(pieces::Unified::new(file)?)))
            }
            _ => Ok(Box::new(self.text.as_bytes())),
        }
    }

    /// Takes bytes that were read.
    ///
    /// # Errors
    /// As for a file.
    pub fn of_bytes(name: impl Into<String>, bytes: Vec<u8>) -> Result<Self, SuiteError> {
        let name = name.into();
        let text = decode(bytes).map_err(|message| SuiteError::of_file(name.clone(), message))?;
        Ok(Self {
            name,
            text,
            path: None,
        })
    }

    /// Refuses more YAML than is read.
    ///
    /// # Errors
    /// It is more.
    pub(super) fn held_to_yaml(&self) -> Result<(), SuiteError> {
        let bytes = self.text.len() as u64;
        if bytes > MAX_YAML_BYTES {
            return Err(SuiteError::of_file(&*self.name, too_much_yaml(bytes)));
        }
        Ok(())
    }

    /// The name without folders and extension: what its prompts are named after.
    pub fn stem(&self) -> String {
        let stem = self.path.as_deref().and_then(Path::file_stem);
        stem.map_or_else(
            || "stdin".to_owned(),
            |stem| stem.to_string_lossy().into_owned(),
        )
    }

    /// A line of it.
    pub(super) fn place(&self, line: usize) -> Place {
        Place {
            file: Rc::from(self.name.as_str()),
            line,
        }
    }
}

/// A file, as far as it is read at the most.
fn opened(path: &Path) -> Result<impl Read, SuiteError> {
    let facts = fs::metadata(path).map_err(|error| unreadable(path, &error))?;
    let bytes = facts.len();
    let is_yaml = Format::of(path) == Some(Format::Promptfoo);
    let problem = if !facts.is_file() && !facts.is_dir() {
        Some(NO_FILE.to_owned())
    } else if bytes > MAX_BYTES {
        Some(too_large(Some(bytes)))
    } else if is_yaml && bytes > MAX_YAML_BYTES {
        Some(too_much_yaml(bytes))
    } else {
        None
    };
    if let Some(problem) = problem {
        return Err(SuiteError::of_file(path.display().to_string(), problem));
    }
    let file = File::open(path).map_err(|error| unreadable(path, &error))?;
    Ok(file.take(MAX_BYTES + 1))
}

fn unreadable(path: &Path, error: &io::Error) -> SuiteError {
    let message = match error.kind() {
        io::ErrorKind::NotFound => missing(path),
        _ => format!("cannot be read: {error}"),
    };
    SuiteError::of_file(path.display().to_string(), message)
}

fn decode(mut bytes: Vec<u8>) -> Result<String, String> {
    if bytes.len() as u64 > MAX_BYTES {
        return Err(too_large(None));
    }
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(UTF_16.to_owned());
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    if let Some(offset) = bytes.iter().position(|byte| *byte == 0) {
        return Err(binary(offset));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let offset = error.utf8_error().valid_up_to();
        let before = error.as_bytes().iter().take(offset);
        let line = 1 + before.filter(|byte| **byte == b'\n').count();
        not_utf_8(line, offset)
    })?;
    if text.trim().is_empty() {
        return Err(EMPTY.to_owned());
    }
    if text.contains("\r\n") {
        Ok(text.replace("\r\n", "\n"))
    } else {
        Ok(text)
    }
}

const EMPTY: &str = "is empty";
const UTF_16: &str = "is UTF-16 text, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8";

fn binary(offset: usize) -> String {
    format!("is binary, not text: byte {offset} is zero")
}

fn not_utf_8(line: usize, offset: usize) -> String {
    format!(
        "is not UTF-8 text: line {line}, byte {offset}; if it is Latin-1, convert it: iconv -f ISO-8859-1 -t UTF-8"
    )
}

fn too_large(bytes: Option<u64>) -> String {
    let size = bytes.map_or(String::new(), |bytes| format!(" ({} MiB)", bytes >> 20));
    format!(
        "is larger than {} MiB{size}, the most that is read; split it into several files",
        MAX_BYTES >> 20
    )
}

fn too_much_yaml(bytes: u64) -> String {
    format!(
        "is larger than {} MiB ({} MiB), the most that is read of YAML; put its tests into CSV or JSON lines beside it, or its prompts into JSON lines (.jsonl)",
        MAX_YAML_BYTES >> 20,
        bytes.div_ceil(1 << 20)
    )
}

/// That there is no such file, with the name in the same folder that was probably meant.
pub(super) fn missing(path: &Path) -> String {
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .take(10_000);
    let names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let wanted = path.file_name().unwrap_or_default().to_string_lossy();
    let near = advice(&wanted, &names, "files");
    let near = if near.starts_with("; did") {
        near.as_str()
    } else {
        ""
    };
    format!("there is no such file{near}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refusal(bytes: &[u8]) -> String {
        Source::of_bytes("a", bytes.to_vec())
            .unwrap_err()
            .to_string()
    }

    #[test]
    fn marks_and_line_feeds_are_made_alike() {
        let source = Source::of_bytes("a", b"\xef\xbb\xbfone\r\ntwo\n".to_vec()).unwrap();
        assert_eq!(source.text, "one\ntwo\n");
        assert_eq!(source.stem(), "stdin");
    }

    #[test]
    fn what_is_no_text_is_named() {
        assert_eq!(refusal(b" \n"), "a: is empty");
        assert!(refusal(b"ab\0c").contains("byte 2 is zero"));
        assert!(refusal(b"\xff\xfea\0").contains("UTF-16"));
        assert!(refusal(b"\xfe\xff\0a").contains("UTF-16"));
        assert!(
            refusal(b"a\nb\xe9").contains("line 2, byte 3"),
            "{}",
            refusal(b"a\nb\xe9")
        );
    }

    #[test]
    fn a_huge_file_is_refused_before_it_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("huge.jsonl");
        File::create(&path).unwrap().set_len(1 << 30).unwrap();
        let message = Source::read(&path).unwrap_err().to_string();
        assert!(
            message.contains("larger than 256 MiB (1024 MiB)"),
            "{message}"
        );
    }

    #[test]
    fn a_missing_file_names_the_near_one() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("sums.toml"), "x").unwrap();
        let message = Source::read(&folder.path().join("sum.toml"))
            .unwrap_err()
            .to_string();
        assert!(
            message.ends_with("no such file; did you mean `sums.toml`?"),
            "{message}"
        );
        let message = Source::read(&folder.path().join("zebra-crossing"))
            .unwrap_err()
            .to_string();
        assert!(message.ends_with("no such file"), "{message}");
    }
}
