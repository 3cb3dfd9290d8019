//! Headers of files that are as they should be, and of files that are not.

use super::{ElementType, GgufError, Header, Value};
use proptest::prelude::*;
use std::{fs, path::PathBuf};

/// A file as bytes.
#[derive(Clone)]
struct Draft {
    version: u32,
    entries: Vec<(&'static str, u32, Vec<u8>)>,
    tensors: Vec<(&'static str, Vec<u64>, u32, u64)>,
    claimed_entries: Option<u64>,
    claimed_tensors: Option<u64>,
    data: usize,
}

impl Default for Draft {
    fn default() -> Self {
        Self {
            version: 3,
            entries: vec![
                ("general.architecture", 8, text("llama")),
                ("llama.block_count", 4, 2u32.to_le_bytes().to_vec()),
                ("llama.context_length", 4, 256u32.to_le_bytes().to_vec()),
                ("llama.embedding_length", 4, 64u32.to_le_bytes().to_vec()),
                ("llama.attention.head_count", 4, 4u32.to_le_bytes().to_vec()),
                ("tokenizer.ggml.model", 8, text("llama")),
                ("tokenizer.ggml.tokens", 9, texts(&["a", "b", "", ""])),
            ],
            tensors: vec![("w", vec![32, 2], 8, 0)],
            claimed_entries: None,
            claimed_tensors: None,
            data: 68,
        }
    }
}

impl Draft {
    fn with(mut self, key: &'static str, kind: u32, value: Vec<u8>) -> Self {
        self.entries.retain(|entry| entry.0 != key);
        self.entries.push((key, kind, value));
        self
    }

    fn bytes(&self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(self.version.to_le_bytes());
        let tensors = self.claimed_tensors.unwrap_or(self.tensors.len() as u64);
        let entries = self.claimed_entries.unwrap_or(self.entries.len() as u64);
        out.extend(tensors.to_le_bytes());
        out.extend(entries.to_le_bytes());
        for (key, kind, value) in &self.entries {
            out.extend(text(key));
            out.extend(kind.to_le_bytes());
            out.extend(value);
        }
        for (name, sizes, kind, offset) in &self.tensors {
            out.extend(text(name));
            out.extend(u32::try_from(sizes.len()).unwrap().to_le_bytes());
            out.extend(sizes.iter().flat_map(|size| size.to_le_bytes()));
            out.extend(kind.to_le_bytes());
            out.extend(offset.to_le_bytes());
        }
        out.resize(out.len().next_multiple_of(32) + self.data, 0);
        out
    }

    fn read(&self) -> Result<Header, GgufError> {
        read(&self.bytes())
    }

    /// What a person is told about it.
    fn complaint(&self) -> String {
        self.read().unwrap_err().to_string()
    }
}

fn text(text: &str) -> Vec<u8> {
    let mut out = (text.len() as u64).to_le_bytes().to_vec();
    out.extend(text.as_bytes());
    out
}

fn texts(all: &[&str]) -> Vec<u8> {
    array(
        8,
        all.len() as u64,
        &all.iter().flat_map(|one| text(one)).collect::<Vec<_>>(),
    )
}

fn array(kind: u32, length: u64, elements: &[u8]) -> Vec<u8> {
    let mut out = kind.to_le_bytes().to_vec();
    out.extend(length.to_le_bytes());
    out.extend(elements);
    out
}

fn file(bytes: &[u8]) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    fs::write(&path, bytes).unwrap();
    (folder, path)
}

fn read(bytes: &[u8]) -> Result<Header, GgufError> {
    let (_folder, path) = file(bytes);
    Header::read(&path)
}

#[test]
fn a_model_without_attention_has_no_heads_and_another_has_some() {
    let zero = 0u32.to_le_bytes().to_vec();
    let mamba = Draft::default()
        .with("general.architecture", 8, text("mamba2"))
        .with("mamba2.attention.head_count", 4, zero.clone());
    assert_eq!(mamba.read().unwrap().vocabulary(), 4);
    let llama = Draft::default().with("llama.attention.head_count", 4, zero);
    assert!(llama.complaint().contains("head_count is 0"));
}

#[test]
fn a_good_header_is_read() {
    let header = Draft::default().read().unwrap();
    assert_eq!(header.architecture(), "llama");
    assert_eq!(
        (header.layers(), header.context_length()),
        (Some(2), Some(256))
    );
    assert_eq!(header.parameters(), 64);
    assert_eq!(header.weight_bytes(), 68);
    // 2 layers × 4 heads × (16 + 16) × 2 bytes
    assert_eq!(header.kv_bytes_per_token(), 512);
    assert_eq!(
        header.metadata.get("tokenizer.ggml.tokens"),
        Some(&Value::Array {
            element: ElementType::Text,
            length: 4
        })
    );
    let older = Draft {
        version: 2,
        ..Draft::default()
    };
    assert_eq!(older.read().unwrap().version, 2);
}

#[test]
fn what_is_no_gguf_file_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let missing = Header::read(&folder.path().join("none.gguf")).unwrap_err();
    assert!(matches!(missing, GgufError::Unreadable { .. }), "{missing}");
    let directory = Header::read(folder.path()).unwrap_err();
    assert!(matches!(directory, GgufError::NotAFile(_)), "{directory}");
    assert!(matches!(read(b"").unwrap_err(), GgufError::Empty(_)));
    for other in [&b"<!DOCTYPE html>"[..], b"GG", b"ggml"] {
        assert!(matches!(
            read(other).unwrap_err(),
            GgufError::NotGguf { .. }
        ));
    }
}

#[test]
fn versions_that_nobody_reads_are_named() {
    let old = Draft {
        version: 1,
        ..Draft::default()
    };
    assert!(old.complaint().contains("version 1"), "{}", old.complaint());
    let swapped = Draft {
        version: 3u32.swap_bytes(),
        ..Draft::default()
    };
    assert!(swapped.complaint().contains("big-endian"));
}

#[test]
fn every_truncation_is_an_error_and_no_panic() {
    let whole = Draft::default().bytes();
    for length in 0..whole.len() {
        assert!(
            read(whole.get(..length).unwrap()).is_err(),
            "{length} bytes"
        );
    }
    assert!(read(&whole).is_ok());
}

#[test]
fn counts_and_lengths_that_are_claimed_are_not_believed() {
    for claim in [1 << 20, u64::MAX] {
        let many_entries = Draft {
            claimed_entries: Some(claim),
            ..Draft::default()
        };
        assert!(many_entries.complaint().contains("entries"));
        let many_tensors = Draft {
            claimed_tensors: Some(claim),
            ..Draft::default()
        };
        assert!(many_tensors.complaint().contains("tensors"));
    }
    let long_text = Draft::default().with("a", 8, u64::MAX.to_le_bytes().to_vec());
    assert!(long_text.complaint().contains("claims"));
    let long_array = Draft::default().with("a", 9, array(5, 1 << 60, &[]));
    assert!(long_array.complaint().contains("claims"));
    let beyond = Draft::default().with("a", 9, array(10, 1 << 20, &[]));
    assert!(matches!(beyond.read(), Err(GgufError::Truncated { .. })));
}

#[test]
fn what_would_make_llama_cpp_abort_is_refused() {
    let twice = Draft::default().with("tokenizer.ggml.tokens", 9, texts(&["a", "b", "a"]));
    assert!(twice.complaint().contains("`a`) comes twice"));
    let layers = Draft::default().with("llama.block_count", 4, 9999u32.to_le_bytes().to_vec());
    assert!(layers.complaint().contains("9999 layers"));
    let few_scores = Draft::default().with("tokenizer.ggml.scores", 9, array(6, 1, &[0; 4]));
    assert!(few_scores.complaint().contains("tokenizer.ggml.scores"));
    let no_such_bos = Draft::default().with(
        "tokenizer.ggml.bos_token_id",
        4,
        99u32.to_le_bytes().to_vec(),
    );
    assert!(no_such_bos.complaint().contains("99 of 4"));
    let alignment = Draft::default().with("general.alignment", 4, 0u32.to_le_bytes().to_vec());
    assert!(alignment.complaint().contains("alignment"));
    let unknown = Draft::default().with("a", 77, Vec::new());
    assert!(unknown.complaint().contains("unknown type 77"));
    let mut double = Draft::default();
    double
        .entries
        .push(("general.architecture", 8, text("llama")));
    assert!(double.complaint().contains("comes twice"));
}

#[test]
fn tensors_stay_within_the_file() {
    let tensor = |sizes: &[u64], kind, offset| Draft {
        tensors: vec![("w", sizes.to_vec(), kind, offset)],
        ..Draft::default()
    };
    for beyond in [
        tensor(&[32, 3], 8, 0),
        tensor(&[32, 2], 8, 32),
        tensor(&[1], 4242, 1 << 40),
    ] {
        assert!(matches!(beyond.read(), Err(GgufError::Truncated { .. })));
    }
    for absurd in [
        tensor(&[u64::MAX, u64::MAX], 0, 0),
        tensor(&[0], 0, 0),
        tensor(&[33], 8, 0),
        tensor(&[1, 1, 1, 1, 1], 0, 0),
        tensor(&[32], 8, u64::MAX),
    ] {
        assert!(matches!(absurd.read(), Err(GgufError::Broken { .. })));
    }
    let nothing = Draft {
        tensors: Vec::new(),
        ..Draft::default()
    };
    assert!(nothing.complaint().contains("no tensors"));
}

proptest! {
    #[test]
    fn a_flipped_byte_never_panics(at in 0usize..600, value: u8) {
        let mut bytes = Draft::default().bytes();
        let at = at % bytes.len();
        if let Some(byte) = bytes.get_mut(at) {
            *byte = value;
        }
        let _ = read(&bytes);
    }
}
