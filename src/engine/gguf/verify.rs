//! Checks what a header says against itself and against the size of the file. Reads nothing.

use super::{ElementType, GgufError, Header, Tensor, Value};
use std::{collections::HashSet, path::Path};

/// Longest name of a tensor, its end not counted (`GGML_MAX_NAME`).
const MAX_NAME_BYTES: usize = 63;
/// More layers than any architecture of llama.cpp may have (`LLAMA_MAX_LAYERS`); it aborts beyond.
const MAX_LAYERS: u64 = 512;

/// Refuses what llama.cpp could not run, or would crash on.
pub(super) fn header(path: &Path, header: &Header) -> Result<(), GgufError> {
    let verify = Verify { path, header };
    verify.shape()?;
    verify.vocabulary()?;
    verify.tensors()
}

struct Verify<'a> {
    path: &'a Path,
    header: &'a Header,
}

impl Verify<'_> {
    fn shape(&self) -> Result<(), GgufError> {
        if self.header.architecture().is_empty() {
            return Err(self.broken("it does not say which architecture it holds"));
        }
        if self.header.tensors.is_empty() {
            return Err(self.broken("it holds no tensors, only a vocabulary"));
        }
        if let Some(layers) = self.header.layers()
            && !(1..=MAX_LAYERS).contains(&layers)
        {
            return Err(self.broken(&format!("it claims {layers} layers")));
        }
        // Models without attention say that they have 0 heads.
        let has_attention = !["mamba", "rwkv"]
            .iter()
            .any(|family| self.header.architecture().contains(family));
        for key in ["embedding_length", "context_length", "attention.head_count"] {
            let is_wanted = has_attention || key != "attention.head_count";
            if is_wanted && self.header.hyper(key) == Some(0) {
                return Err(self.broken(&format!("its {key} is 0")));
            }
        }
        Ok(())
    }

    fn vocabulary(&self) -> Result<(), GgufError> {
        let Some(Value::Array {
            element: ElementType::Text,
            length: tokens,
        }) = self.header.metadata.get("tokenizer.ggml.tokens")
        else {
            return if self.header.text("tokenizer.ggml.model").is_some() {
                Err(self.broken("it names a tokenizer and holds no tokens"))
            } else {
                Ok(())
            };
        };
        for key in ["tokenizer.ggml.scores", "tokenizer.ggml.token_type"] {
            let Some(value) = self.header.metadata.get(key) else {
                continue;
            };
            let Value::Array { length, .. } = value else {
                return Err(self.broken(&format!("`{key}` is not a list")));
            };
            if length < tokens {
                return Err(self.broken(&format!(
                    "it holds {tokens} tokens, and `{key}` has {length} elements"
                )));
            }
        }
        for name in ["bos", "eos", "unknown", "padding"] {
            let key = format!("tokenizer.ggml.{name}_token_id");
            if let Some(id) = self.header.integer(&key)
                && id >= *tokens
                && id != u64::from(u32::MAX)
            {
                return Err(self.broken(&format!("`{key}` is {id} of {tokens} tokens")));
            }
        }
        Ok(())
    }

    fn tensors(&self) -> Result<(), GgufError> {
        let mut names = HashSet::new();
        for tensor in &self.header.tensors {
            if tensor.name.len() > MAX_NAME_BYTES {
                return Err(self.broken(&format!(
                    "a tensor's name is {} bytes long",
                    tensor.name.len()
                )));
            }
            if !names.insert(tensor.name.as_str()) {
                return Err(self.broken(&format!("the tensor `{}` comes twice", tensor.name)));
            }
            self.tensor(tensor)?;
        }
        Ok(())
    }

    fn tensor(&self, tensor: &Tensor) -> Result<(), GgufError> {
        let elements = tensor
            .dimensions
            .iter()
            .try_fold(1_u64, |all, size| all.checked_mul(*size))
            .filter(|elements| i64::try_from(*elements).is_ok());
        if elements.is_none() || tensor.dimensions.contains(&0) {
            return Err(self.broken(&format!(
                "the tensor `{}` claims the sizes {:?}",
                tensor.name, tensor.dimensions
            )));
        }
        let row = tensor.dimensions.first().copied().unwrap_or(1);
        if tensor.kind.block().is_some_and(|block| row % block != 0) {
            return Err(self.broken(&format!(
                "the rows of the tensor `{}` are {row} numbers long, which is not a multiple of its type's block",
                tensor.name
            )));
        }
        let end = self
            .header
            .data_offset
            .checked_add(tensor.offset)
            .and_then(|start| start.checked_add(tensor.bytes().unwrap_or(0)));
        match end {
            Some(end) if end <= self.header.file_bytes => Ok(()),
            Some(end) => Err(GgufError::Truncated {
                path: self.path.display().to_string(),
                what: format!("the data of the tensor `{}` ends at {end}", tensor.name),
                file_bytes: self.header.file_bytes,
            }),
            None => Err(self.broken(&format!(
                "the tensor `{}` claims to begin at {}",
                tensor.name, tensor.offset
            ))),
        }
    }

    fn broken(&self, what: &str) -> GgufError {
        GgufError::Broken {
            path: self.path.display().to_string(),
            what: what.to_owned(),
        }
    }
}
