//! The plain loop over the crate that a local lane is held against: as anybody would write it first, no protocol, no
//! events, no stop.

use super::measure::{ANSWER, CONTEXT, Speed};
use llama_cpp_2::{
    context::{LlamaContext, params::LlamaContextParams},
    llama_backend::LlamaBackend,
    llama_batch::LlamaBatch,
    model::LlamaModel,
    sampling::LlamaSampler,
    token::LlamaToken,
};
use std::{num::NonZeroU32, time::Instant};

/// A loop as anybody would write it first.
pub struct Plain<'a> {
    context: LlamaContext<'a>,
    model: &'a LlamaModel,
    prompt: Vec<LlamaToken>,
}

impl<'a> Plain<'a> {
    pub fn new(backend: &LlamaBackend, model: &'a LlamaModel, threads: u32) -> Self {
        let threads = i32::try_from(threads).unwrap();
        let params = LlamaContextParams::default()
            .with_n_ctx(NonZeroU32::new(CONTEXT))
            .with_n_batch(512)
            .with_n_ubatch(512)
            .with_n_threads(threads)
            .with_n_threads_batch(threads);
        let mut prompt = vec![model.vocab().bos()];
        prompt.extend(
            model
                .vocab()
                .tokenize(super::measure::question().as_bytes(), false, false),
        );
        Self {
            context: model.new_context(backend, params).unwrap(),
            model,
            prompt,
        }
    }

    pub fn measure(&mut self) -> Speed {
        self.context
            .clear_kv_cache_seq(Some(0), None, None)
            .unwrap();
        let mut sampler = LlamaSampler::greedy();
        let mut batch = LlamaBatch::new(512, 1);
        let begun = Instant::now();
        for (slice, tokens) in self.prompt.chunks(512).enumerate() {
            batch.clear();
            for (offset, token) in tokens.iter().enumerate() {
                let position = slice * 512 + offset;
                let is_last = position + 1 == self.prompt.len();
                batch
                    .add(*token, i32::try_from(position).unwrap(), &[0], is_last)
                    .unwrap();
            }
            self.context.decode(&mut batch).unwrap();
        }
        let mut token = sampler.sample(&self.context, batch.n_tokens() - 1);
        let first = Instant::now();
        let mut text = Vec::new();
        let vocab = self.model.vocab();
        for position in (self.prompt.len()..).take(ANSWER as usize - 1) {
            vocab.token_to_piece_into(token, &mut text, false, None);
            batch.clear();
            batch
                .add(token, i32::try_from(position).unwrap(), &[0], true)
                .unwrap();
            self.context.decode(&mut batch).unwrap();
            token = sampler.sample(&self.context, 0);
        }
        Speed {
            prefill: self.prompt.len() as f64 / (first - begun).as_secs_f64(),
            decode: f64::from(ANSWER - 1) / first.elapsed().as_secs_f64(),
        }
    }
}
