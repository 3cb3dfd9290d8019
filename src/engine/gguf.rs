//! Reads and checks the header of a GGUF file, versions 2 and 3, before llama.cpp sees it. Loads no weights.
//!
//! A header is untrusted: what it claims is never allocated ahead of reading it, and everything that is known to make
//! llama.cpp abort or read beyond its buffers is refused here with words that say what to do.
//! Format: <https://github.com/ggml-org/ggml/blob/master/docs/gguf.md>.

mod quant;
mod read;
mod verify;

#[cfg(test)]
mod tests;

pub use quant::TensorType;

use std::{collections::BTreeMap, path::Path};

/// The header of one file.
#[derive(Debug, Clone, PartialEq)]
pub struct Header {
    /// Version of the format: 2 or 3.
    pub version: u32,
    /// Scalars and strings by key; of arrays only their type and length.
    pub metadata: BTreeMap<String, Value>,
    /// The tensors, in the order of the file.
    pub tensors: Vec<Tensor>,
    /// Size of the whole file.
    pub file_bytes: u64,
    /// Where the tensors' data begins.
    pub data_offset: u64,
}

/// A value of the metadata.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// Any unsigned integer.
    Unsigned(u64),
    /// Any signed integer.
    Signed(i64),
    /// Any floating-point number.
    Float(f64),
    /// True or false.
    Bool(bool),
    /// Text; untrusted.
    Text(String),
    /// A list; its elements are checked and left out.
    Array {
        /// What it holds.
        element: ElementType,
        /// How many.
        length: u64,
    },
}

/// What an array holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ElementType {
    /// Integers or booleans of this many bytes.
    Integer(u8),
    /// Floating-point numbers of this many bytes.
    Float(u8),
    /// Texts.
    Text,
}

/// One tensor as the header describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tensor {
    /// Its name.
    pub name: String,
    /// Its sizes, the length of a row first.
    pub dimensions: Vec<u64>,
    /// How its numbers are stored.
    pub kind: TensorType,
    /// Where its data begins, counted from [`Header::data_offset`].
    pub offset: u64,
}

impl Tensor {
    /// Numbers in it.
    pub fn elements(&self) -> u64 {
        self.dimensions.iter().copied().fold(1, u64::saturating_mul)
    }

    /// Bytes of its data; `None` for a type that is newer than this program.
    pub fn bytes(&self) -> Option<u64> {
        self.kind.bytes(self.elements())
    }
}

/// Why a file cannot be used. The messages say what to do.
#[derive(Debug, thiserror::Error)]
pub enum GgufError {
    /// It cannot be opened.
    #[error("cannot read {path}: {source}; check the lane's `path`")]
    Unreadable {
        /// The file.
        path: String,
        /// What the system says.
        source: std::io::Error,
    },
    /// It is a directory or a device.
    #[error("{0} is not a file; the lane's `path` must name a .gguf file")]
    NotAFile(String),
    /// It has no content.
    #[error("{0} is empty; download it again")]
    Empty(String),
    /// It is something else.
    #[error(
        "{path} is not a GGUF file (it begins with {magic}); the lane's `path` must name a .gguf file"
    )]
    NotGguf {
        /// The file.
        path: String,
        /// Its first bytes, printable.
        magic: String,
    },
    /// A version that llama.cpp does not read either.
    #[error(
        "{path} is a GGUF file of version {version}, and only 2 and 3 can be read; convert the model again or download a newer file"
    )]
    Version {
        /// The file.
        path: String,
        /// The version it says.
        version: u32,
    },
    /// A file for machines of the other byte order.
    #[error(
        "{0} is a big-endian GGUF file, and this machine is little-endian; download the usual one"
    )]
    BigEndian(String),
    /// It ends too early.
    #[error("{path} is cut off: {what}, but the file has {file_bytes} bytes; download it again")]
    Truncated {
        /// The file.
        path: String,
        /// What should have been there.
        what: String,
        /// What is there.
        file_bytes: u64,
    },
    /// Its header contradicts itself, or could harm.
    #[error("{path} has a broken header: {what}; download it again or from another place")]
    Broken {
        /// The file.
        path: String,
        /// What is wrong.
        what: String,
    },
}

impl Header {
    /// Reads and checks the header of a file. Needs memory for what is there, not for what the header claims.
    pub fn read(path: &Path) -> Result<Self, GgufError> {
        let header = read::header(path)?;
        verify::header(path, &header)?;
        Ok(header)
    }

    /// The architecture's name, such as `llama`.
    pub fn architecture(&self) -> &str {
        self.text("general.architecture").unwrap_or_default()
    }

    /// The model's own name. Untrusted text.
    pub fn name(&self) -> Option<&str> {
        self.text("general.name")
    }

    /// The chat template, where the file has one. Untrusted text.
    pub fn chat_template(&self) -> Option<&str> {
        self.text("tokenizer.chat_template")
    }

    /// A text of the metadata.
    pub fn text(&self, key: &str) -> Option<&str> {
        match self.metadata.get(key)? {
            Value::Text(text) => Some(text),
            Value::Unsigned(_)
            | Value::Signed(_)
            | Value::Float(_)
            | Value::Bool(_)
            | Value::Array { .. } => None,
        }
    }

    /// A non-negative integer of the metadata.
    pub fn integer(&self, key: &str) -> Option<u64> {
        match self.metadata.get(key)? {
            Value::Unsigned(number) => Some(*number),
            Value::Signed(number) => u64::try_from(*number).ok(),
            Value::Float(_) | Value::Bool(_) | Value::Text(_) | Value::Array { .. } => None,
        }
    }

    /// A non-negative integer below the architecture's own prefix: `llama.context_length` as `context_length`.
    pub fn hyper(&self, key: &str) -> Option<u64> {
        self.integer(&format!("{}.{key}", self.architecture()))
    }

    /// The context that the model was trained with, in tokens.
    pub fn context_length(&self) -> Option<u64> {
        self.hyper("context_length")
    }

    /// Layers, the output layer not counted.
    pub fn layers(&self) -> Option<u64> {
        self.hyper("block_count")
    }

    /// Numbers in all tensors.
    pub fn parameters(&self) -> u64 {
        self.tensors
            .iter()
            .map(Tensor::elements)
            .fold(0, u64::saturating_add)
    }

    /// Bytes of all tensors, those of unknown types left out.
    pub fn weight_bytes(&self) -> u64 {
        self.tensors
            .iter()
            .filter_map(Tensor::bytes)
            .fold(0, u64::saturating_add)
    }

    /// Tokens of its vocabulary; 0 where it holds none.
    pub fn vocabulary(&self) -> u64 {
        match self.metadata.get("tokenizer.ggml.tokens") {
            Some(Value::Array { length, .. }) => *length,
            _ => 0,
        }
    }

    /// Bytes that keys and values of one token take in half precision over all layers: layers × (key + value length) ×
    /// key-value heads × 2. An upper bound where layers differ, slide a window or share; 0 where the header says nothing.
    pub fn kv_bytes_per_token(&self) -> u64 {
        let layers = self.layers().unwrap_or(0);
        let width = self.hyper("embedding_length").unwrap_or(0);
        let heads = self.hyper("attention.head_count").unwrap_or(1).max(1);
        let kv_heads = self.hyper("attention.head_count_kv").unwrap_or(heads);
        let head = width / heads;
        let key = self.hyper("attention.key_length").unwrap_or(head);
        let value = self.hyper("attention.value_length").unwrap_or(head);
        layers
            .saturating_mul(kv_heads)
            .saturating_mul(key.saturating_add(value))
            .saturating_mul(2)
    }
}
