//! Reads the bytes of a header. Bounds everything by what is left of the file; judges only what reading needs.

use super::{ElementType, GgufError, Header, Tensor, TensorType, Value};
use std::{
    collections::{BTreeMap, HashSet, hash_map::RandomState},
    fs::File,
    hash::BuildHasher,
    io::{BufReader, ErrorKind, Read},
    path::Path,
};

/// Longest key, as the format says.
const MAX_KEY_BYTES: u64 = 65_535;
/// Longest text: chat templates are the longest, below a megabyte.
const MAX_TEXT_BYTES: u64 = 16 << 20;
/// Most entries of metadata; files have fewer than a hundred.
const MAX_ENTRIES: u64 = 1 << 16;
/// Most tensors; the largest models have some thousands.
const MAX_TENSORS: u64 = 1 << 18;
/// Most elements of one array; the largest vocabularies have a few hundred thousand.
const MAX_ELEMENTS: u64 = 1 << 24;
/// Most dimensions of a tensor (`GGML_MAX_DIMS`).
const MAX_DIMENSIONS: u32 = 4;

/// Reads the header of a file.
pub(super) fn header(path: &Path) -> Result<Header, GgufError> {
    let shown = path.display().to_string();
    let unreadable = |source| GgufError::Unreadable {
        path: path.display().to_string(),
        source,
    };
    let meta = std::fs::metadata(path).map_err(unreadable)?;
    if !meta.is_file() {
        return Err(GgufError::NotAFile(shown));
    }
    if meta.len() == 0 {
        return Err(GgufError::Empty(shown));
    }
    let file = File::open(path).map_err(unreadable)?;
    Source {
        input: BufReader::with_capacity(1 << 16, file),
        path: shown,
        read: 0,
        length: meta.len(),
    }
    .header()
}

struct Source {
    input: BufReader<File>,
    path: String,
    read: u64,
    length: u64,
}

impl Source {
    fn header(mut self) -> Result<Header, GgufError> {
        let version = self.magic_and_version()?;
        let tensor_count = self.u64("the number of tensors")?;
        let entry_count = self.u64("the number of entries")?;
        if entry_count > MAX_ENTRIES {
            return Err(self.broken(format!("it claims {entry_count} entries of metadata")));
        }
        if tensor_count > MAX_TENSORS {
            return Err(self.broken(format!("it claims {tensor_count} tensors")));
        }
        let mut metadata = BTreeMap::new();
        for _ in 0..entry_count {
            let key = self.text("a key", MAX_KEY_BYTES)?;
            let value = self.value(&key)?;
            if metadata.contains_key(&key) {
                return Err(self.broken(format!("the key `{key}` comes twice")));
            }
            metadata.insert(key, value);
        }
        let mut tensors = Vec::new();
        for _ in 0..tensor_count {
            tensors.push(self.tensor()?);
        }
        let alignment = match metadata.get("general.alignment") {
            None => 32,
            Some(Value::Unsigned(bytes)) if bytes.is_power_of_two() && *bytes <= 1 << 20 => *bytes,
            Some(other) => {
                return Err(self.broken(format!("its alignment is {other:?}")));
            }
        };
        Ok(Header {
            version,
            metadata,
            tensors,
            file_bytes: self.length,
            data_offset: self.read.next_multiple_of(alignment),
        })
    }

    fn magic_and_version(&mut self) -> Result<u32, GgufError> {
        let mut magic = [0; 4];
        let wanted = self.length.min(4);
        let start = usize::try_from(wanted).unwrap_or(4);
        if let Some(start) = magic.get_mut(..start) {
            self.fill(start, "the first four bytes")?;
        }
        if &magic != b"GGUF" {
            return Err(GgufError::NotGguf {
                path: self.path.clone(),
                magic: format!("`{}`", magic.escape_ascii()),
            });
        }
        match self.u32("the version")? {
            version @ (2 | 3) => Ok(version),
            // The low half of a version is empty only where its bytes are swapped.
            version if version != 0 && version.trailing_zeros() >= 16 => {
                Err(GgufError::BigEndian(self.path.clone()))
            }
            version => Err(GgufError::Version {
                path: self.path.clone(),
                version,
            }),
        }
    }

    fn tensor(&mut self) -> Result<Tensor, GgufError> {
        let name = self.text("a tensor's name", MAX_KEY_BYTES)?;
        let count = self.u32("a tensor's dimensions")?;
        if count > MAX_DIMENSIONS {
            return Err(self.broken(format!("the tensor `{name}` has {count} dimensions")));
        }
        let mut dimensions = Vec::new();
        for _ in 0..count {
            dimensions.push(self.u64("a tensor's dimensions")?);
        }
        Ok(Tensor {
            name,
            dimensions,
            kind: TensorType(self.u32("a tensor's type")?),
            offset: self.u64("a tensor's place")?,
        })
    }

    fn value(&mut self, key: &str) -> Result<Value, GgufError> {
        let kind = self.u32("the type of a value")?;
        Ok(match kind {
            0 => Value::Unsigned(u64::from(self.bytes::<1>(key)?[0])),
            1 => Value::Signed(i64::from(i8::from_le_bytes(self.bytes(key)?))),
            2 => Value::Unsigned(u64::from(u16::from_le_bytes(self.bytes(key)?))),
            3 => Value::Signed(i64::from(i16::from_le_bytes(self.bytes(key)?))),
            4 => Value::Unsigned(u64::from(self.u32(key)?)),
            5 => Value::Signed(i64::from(i32::from_le_bytes(self.bytes(key)?))),
            6 => Value::Float(f64::from(f32::from_le_bytes(self.bytes(key)?))),
            7 => Value::Bool(self.bytes::<1>(key)?[0] != 0),
            8 => Value::Text(self.text(key, MAX_TEXT_BYTES)?),
            9 => self.array(key)?,
            10 => Value::Unsigned(self.u64(key)?),
            11 => Value::Signed(i64::from_le_bytes(self.bytes(key)?)),
            12 => Value::Float(f64::from_le_bytes(self.bytes(key)?)),
            _ => return Err(self.broken(format!("`{key}` is of the unknown type {kind}"))),
        })
    }

    /// Walks over an array; the tokens are checked to be different on the way, for llama.cpp aborts where they are not.
    fn array(&mut self, key: &str) -> Result<Value, GgufError> {
        let kind = self.u32(key)?;
        let length = self.u64(key)?;
        if length > MAX_ELEMENTS {
            return Err(self.broken(format!("`{key}` claims {length} elements")));
        }
        let element = match kind {
            0 | 1 | 7 => ElementType::Integer(1),
            2 | 3 => ElementType::Integer(2),
            4 | 5 => ElementType::Integer(4),
            10 | 11 => ElementType::Integer(8),
            6 => ElementType::Float(4),
            12 => ElementType::Float(8),
            8 => ElementType::Text,
            _ => {
                return Err(self.broken(format!("`{key}` is an array of the unknown type {kind}")));
            }
        };
        match element {
            ElementType::Integer(size) | ElementType::Float(size) => {
                self.skip(length * u64::from(size), key)?;
            }
            ElementType::Text if key == "tokenizer.ggml.tokens" => self.tokens(length)?,
            ElementType::Text => {
                for _ in 0..length {
                    let bytes = self.text_length(key, MAX_TEXT_BYTES)?;
                    self.skip(bytes, key)?;
                }
            }
        }
        Ok(Value::Array { element, length })
    }

    fn tokens(&mut self, length: u64) -> Result<(), GgufError> {
        let hasher = RandomState::new();
        let mut seen = HashSet::new();
        let mut token = Vec::new();
        for position in 0..length {
            let bytes = self.text_length("a token", MAX_KEY_BYTES)?;
            token.clear();
            token.resize(usize::try_from(bytes).unwrap_or(0), 0);
            self.fill(&mut token, "a token")?;
            // llama.cpp gives empty tokens names of their own.
            if !token.is_empty() && !seen.insert(hasher.hash_one(&token)) {
                return Err(self.broken(format!(
                    "token {position} (`{}`) comes twice in its vocabulary",
                    String::from_utf8_lossy(&token)
                )));
            }
        }
        Ok(())
    }

    fn text(&mut self, what: &str, most: u64) -> Result<String, GgufError> {
        let length = self.text_length(what, most)?;
        let mut bytes = vec![0; usize::try_from(length).unwrap_or(0)];
        self.fill(&mut bytes, what)?;
        Ok(String::from_utf8_lossy(&bytes).into_owned())
    }

    /// The length of a text, never more than what is left of the file.
    fn text_length(&mut self, what: &str, most: u64) -> Result<u64, GgufError> {
        let length = self.u64(what)?;
        if length > most {
            return Err(self.broken(format!("{what} claims to be {length} bytes long")));
        }
        self.require(length, what)?;
        Ok(length)
    }

    fn u32(&mut self, what: &str) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.bytes(what)?))
    }

    fn u64(&mut self, what: &str) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.bytes(what)?))
    }

    fn bytes<const N: usize>(&mut self, what: &str) -> Result<[u8; N], GgufError> {
        let mut bytes = [0; N];
        self.fill(&mut bytes, what)?;
        Ok(bytes)
    }

    fn fill(&mut self, bytes: &mut [u8], what: &str) -> Result<(), GgufError> {
        self.require(bytes.len() as u64, what)?;
        let outcome = self.input.read_exact(bytes);
        self.advance(bytes.len() as u64, outcome, what)
    }

    fn skip(&mut self, count: u64, what: &str) -> Result<(), GgufError> {
        self.require(count, what)?;
        let outcome = i64::try_from(count)
            .map_err(std::io::Error::other)
            .and_then(|count| self.input.seek_relative(count));
        self.advance(count, outcome, what)
    }

    fn advance(
        &mut self,
        count: u64,
        outcome: std::io::Result<()>,
        what: &str,
    ) -> Result<(), GgufError> {
        match outcome {
            Ok(()) => {
                self.read += count;
                Ok(())
            }
            Err(error) if error.kind() == ErrorKind::UnexpectedEof => Err(self.truncated(what)),
            Err(source) => Err(GgufError::Unreadable {
                path: self.path.clone(),
                source,
            }),
        }
    }

    fn require(&self, count: u64, what: &str) -> Result<(), GgufError> {
        if count > self.length - self.read.min(self.length) {
            return Err(self.truncated(what));
        }
        Ok(())
    }

    fn truncated(&self, what: &str) -> GgufError {
        GgufError::Truncated {
            path: self.path.clone(),
            what: format!("{what} goes beyond its end"),
            file_bytes: self.length,
        }
    }

    fn broken(&self, what: String) -> GgufError {
        GgufError::Broken {
            path: self.path.clone(),
            what,
        }
    }
}
