//! Writes small GGUF files: models whose greedy output is a script, models with random weights for measuring speed, and
//! pieces of both for files that are broken on purpose.
//!
//! How a script becomes a model: attention and feed-forward are zero, so what enters a layer leaves it; embeddings point
//! each along an axis of its own, and the output matrix is a table that says which token follows which. The next token
//! is the one of the table, far ahead of all others.

use std::{fs, path::Path};

const BOS: usize = 1;
const EOS: usize = 2;
const FIRST_BYTE: usize = 3;
const IM_START: usize = FIRST_BYTE + 256;
const IM_END: usize = IM_START + 1;
const THINK: usize = IM_END + 1;
const THINK_END: usize = THINK + 1;
const SPECIALS: usize = THINK_END + 1;

/// The usual template of chats between control tokens.
pub const CHATML: &str = "{%- for m in messages -%}<|im_start|>{{ m['role'] }}\n{{ m['content'] }}<|im_end|>\n\
    {%- endfor -%}{%- if add_generation_prompt -%}<|im_start|>assistant\n{%- endif -%}";

/// A model to be written.
#[derive(Debug, Clone)]
pub struct Model {
    /// What it says, word by word; every word once. `<0xF0>` is a byte, `<think>` and `</think>` are tokens.
    pub script: Vec<String>,
    /// Whether it begins anew instead of ending.
    pub is_endless: bool,
    /// Its chat template; `None` for a base model.
    pub template: Option<String>,
    pub layers: usize,
    /// Longer where the vocabulary needs it.
    pub width: usize,
    pub feed_forward: usize,
    pub context: u32,
    /// Weights from this seed instead of a script.
    pub random: Option<u64>,
    /// More metadata: key, number of its type, bytes; replaces what is there.
    pub entries: Vec<(String, u32, Vec<u8>)>,
}

impl Model {
    /// A model that says these words, parted by `|`.
    pub fn saying(script: &str) -> Self {
        Self {
            script: script.split('|').map(str::to_owned).collect(),
            is_endless: false,
            template: Some(CHATML.to_owned()),
            layers: 1,
            width: 512,
            feed_forward: 256,
            context: 2048,
            random: None,
            entries: Vec::new(),
        }
    }

    /// Writes it.
    pub fn write(&self, path: &Path) {
        fs::write(path, self.bytes()).unwrap();
    }

    /// The file.
    pub fn bytes(&self) -> Vec<u8> {
        let tokens = self.tokens();
        let width = self.width.max(tokens.len().next_multiple_of(256));
        let mut file = File::default();
        self.metadata(&mut file, &tokens, width);
        let mut random = self.random.map(Random);
        let mut matrix = |file: &mut File, name: &str, rows: usize, columns: usize| {
            let data = match random.as_mut() {
                Some(random) => random.q8_0(rows, columns),
                None => vec![0; rows * columns / 32 * 34],
            };
            file.tensor(name, &[columns, rows], 8, &data);
        };
        let vocabulary = tokens.len();
        if self.random.is_some() {
            matrix(&mut file, "token_embd.weight", vocabulary, width);
            matrix(&mut file, "output.weight", vocabulary, width);
        } else {
            let axes = q8_0(
                vocabulary,
                width,
                |row, column| if row == column { 2 } else { 0 },
            );
            file.tensor("token_embd.weight", &[width, vocabulary], 8, &axes);
            let table = self.table(&tokens);
            let next = q8_0(vocabulary, width, |row, column| table.halves(row, column));
            file.tensor("output.weight", &[width, vocabulary], 8, &next);
        }
        let ones: Vec<u8> = [1f32; 1]
            .iter()
            .flat_map(|one| one.to_le_bytes())
            .cycle()
            .take(width * 4)
            .collect();
        file.tensor("output_norm.weight", &[width], 0, &ones);
        for layer in 0..self.layers {
            let name = |part: &str| format!("blk.{layer}.{part}.weight");
            file.tensor(&name("attn_norm"), &[width], 0, &ones);
            file.tensor(&name("ffn_norm"), &[width], 0, &ones);
            matrix(&mut file, &name("attn_q"), width, width);
            matrix(&mut file, &name("attn_k"), width / 2, width);
            matrix(&mut file, &name("attn_v"), width / 2, width);
            matrix(&mut file, &name("attn_output"), width, width);
            matrix(&mut file, &name("ffn_gate"), self.feed_forward, width);
            matrix(&mut file, &name("ffn_up"), self.feed_forward, width);
            matrix(&mut file, &name("ffn_down"), width, self.feed_forward);
        }
        file.bytes()
    }

    fn metadata(&self, file: &mut File, tokens: &[String], width: usize) {
        let number = |value: usize| u32::try_from(value).unwrap().to_le_bytes().to_vec();
        file.entry("general.architecture", 8, text("llama"));
        file.entry(
            "llama.context_length",
            4,
            self.context.to_le_bytes().to_vec(),
        );
        file.entry("llama.embedding_length", 4, number(width));
        file.entry("llama.block_count", 4, number(self.layers));
        file.entry("llama.feed_forward_length", 4, number(self.feed_forward));
        file.entry("llama.attention.head_count", 4, number(8));
        file.entry("llama.attention.head_count_kv", 4, number(4));
        file.entry(
            "llama.attention.layer_norm_rms_epsilon",
            6,
            1e-5f32.to_le_bytes().to_vec(),
        );
        file.entry("tokenizer.ggml.model", 8, text("llama"));
        let kinds = (0..tokens.len())
            .flat_map(|id| kind(id).to_le_bytes())
            .collect();
        let scores = (0..tokens.len()).flat_map(|_| 0f32.to_le_bytes()).collect();
        let texts = tokens.iter().flat_map(|token| text(token)).collect();
        file.entry("tokenizer.ggml.tokens", 9, array(8, tokens.len(), texts));
        file.entry("tokenizer.ggml.scores", 9, array(6, tokens.len(), scores));
        file.entry(
            "tokenizer.ggml.token_type",
            9,
            array(5, tokens.len(), kinds),
        );
        file.entry("tokenizer.ggml.bos_token_id", 4, number(BOS));
        file.entry("tokenizer.ggml.eos_token_id", 4, number(IM_END));
        file.entry("tokenizer.ggml.add_bos_token", 7, vec![1]);
        file.entry("tokenizer.ggml.add_space_prefix", 7, vec![0]);
        if let Some(template) = &self.template {
            file.entry("tokenizer.chat_template", 8, text(template));
        }
        for (key, kind, value) in &self.entries {
            file.entry(key, *kind, value.clone());
        }
    }

    fn tokens(&self) -> Vec<String> {
        let mut tokens = vec!["<unk>".to_owned(), "<s>".into(), "</s>".into()];
        assert_eq!(tokens.len(), EOS + 1);
        tokens.extend((0..256).map(|byte| format!("<0x{byte:02X}>")));
        tokens.extend(["<|im_start|>", "<|im_end|>", "<think>", "</think>"].map(str::to_owned));
        for word in &self.script {
            let word = word.replace(' ', "\u{2581}");
            if !tokens.contains(&word) {
                tokens.push(word);
            }
        }
        tokens
    }

    fn table(&self, tokens: &[String]) -> Table {
        let ids: Vec<usize> = self
            .script
            .iter()
            .map(|word| {
                let word = word.replace(' ', "\u{2581}");
                tokens.iter().position(|token| *token == word).unwrap()
            })
            .collect();
        let last = if self.is_endless { ids[0] } else { IM_END };
        let mut after = vec![None; tokens.len()];
        for (position, id) in ids.iter().enumerate() {
            after[*id] = Some(ids.get(position + 1).copied().unwrap_or(last));
        }
        Table {
            first: ids[0],
            after,
        }
    }
}

struct Table {
    first: usize,
    after: Vec<Option<usize>>,
}

impl Table {
    /// How strongly `row` follows `column`, in halves: what is not in the script leads to its beginning.
    fn halves(&self, row: usize, column: usize) -> u8 {
        match self.after.get(column).copied().flatten() {
            Some(next) => u8::from(next == row) * 2,
            None => u8::from(row == self.first),
        }
    }
}

/// Normal, unknown, control, user-defined or byte.
fn kind(id: usize) -> i32 {
    match id {
        0 => 2,
        BOS | EOS | IM_START | IM_END => 3,
        THINK | THINK_END => 4,
        FIRST_BYTE..IM_START => 6,
        SPECIALS.. => 1,
    }
}

/// Rows of blocks of 32: a scale of a half, then bytes that count halves.
fn q8_0(rows: usize, columns: usize, halves: impl Fn(usize, usize) -> u8) -> Vec<u8> {
    let mut data = Vec::with_capacity(rows * columns / 32 * 34);
    for row in 0..rows {
        for block in 0..columns / 32 {
            data.extend(0x3800u16.to_le_bytes());
            data.extend((0..32).map(|column| halves(row, block * 32 + column)));
        }
    }
    data
}

struct Random(u64);

impl Random {
    /// Even numbers around 0, small enough that no layer overflows (splitmix64).
    fn q8_0(&mut self, rows: usize, columns: usize) -> Vec<u8> {
        let mut data = Vec::with_capacity(rows * columns / 32 * 34);
        for _ in 0..rows * columns / 32 {
            data.extend(0x0c00u16.to_le_bytes());
            for _ in 0..4 {
                self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
                let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
                data.extend((mixed ^ (mixed >> 27)).to_le_bytes());
            }
        }
        data
    }
}

/// A text as the format writes it.
pub fn text(text: &str) -> Vec<u8> {
    let mut out = (text.len() as u64).to_le_bytes().to_vec();
    out.extend(text.as_bytes());
    out
}

fn array(kind: u32, length: usize, elements: Vec<u8>) -> Vec<u8> {
    let mut out = kind.to_le_bytes().to_vec();
    out.extend((length as u64).to_le_bytes());
    out.extend(elements);
    out
}

#[derive(Default)]
struct File {
    entries: Vec<(String, u32, Vec<u8>)>,
    infos: Vec<u8>,
    tensors: u64,
    data: Vec<u8>,
}

impl File {
    fn entry(&mut self, key: &str, kind: u32, value: Vec<u8>) {
        self.entries.retain(|entry| entry.0 != key);
        self.entries.push((key.to_owned(), kind, value));
    }

    fn tensor(&mut self, name: &str, sizes: &[usize], kind: u32, data: &[u8]) {
        self.infos.extend(text(name));
        self.infos
            .extend(u32::try_from(sizes.len()).unwrap().to_le_bytes());
        self.infos
            .extend(sizes.iter().flat_map(|size| (*size as u64).to_le_bytes()));
        self.infos.extend(kind.to_le_bytes());
        self.infos.extend((self.data.len() as u64).to_le_bytes());
        self.data.extend(data);
        self.data.resize(self.data.len().next_multiple_of(32), 0);
        self.tensors += 1;
    }

    fn bytes(self) -> Vec<u8> {
        let mut out = b"GGUF".to_vec();
        out.extend(3u32.to_le_bytes());
        out.extend(self.tensors.to_le_bytes());
        out.extend((self.entries.len() as u64).to_le_bytes());
        for (key, kind, value) in self.entries {
            out.extend(text(&key));
            out.extend(kind.to_le_bytes());
            out.extend(value);
        }
        out.extend(self.infos);
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(self.data);
        out
    }
}
