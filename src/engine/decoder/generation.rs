//! One prompt and its answer in one sequence: which tokens come into the next batch, and what becomes of the token that
//! the batch brought. Decodes nothing.

use super::reply::Reply;
use crate::{
    domain::{event::FinishReason, failure::LaneFailure, usage::ServerTimings},
    engine::{
        context,
        llama::failed,
        output::Output,
        prompt::Prompt,
        protocol::{Event, GenerateSpec},
        sampler,
    },
};
use llama_cpp_2::{
    context::LlamaContext, llama_batch::LlamaBatch, sampling::LlamaSampler, token::LlamaToken,
    vocab::LlamaVocab,
};
use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

/// One prompt, as it is read and answered.
pub(super) struct Generation {
    id: u64,
    sequence: u32,
    prompt: Vec<LlamaToken>,
    /// Tokens of the prompt that are in the context.
    read: usize,
    sampler: LlamaSampler,
    reply: Reply,
    /// The token that was chosen last, where it is not in the context yet.
    chosen: Option<LlamaToken>,
    /// What it is made to say.
    forced: VecDeque<LlamaToken>,
    /// Tokens of the prompt that come into the next batch.
    slice: usize,
    batch: Part,
    begun: Instant,
    /// When the first of the prompt came into a batch.
    read_from: Option<Instant>,
    prefilled: Option<Instant>,
    /// Prompts that were at work together at the most.
    together: usize,
}

/// What of a generation is in the batch.
#[derive(Debug, Clone, Copy, Default)]
struct Part {
    tokens: usize,
    /// The place of the logits that the next token is chosen from.
    logits: Option<i32>,
}

impl Generation {
    /// Begins now.
    pub(super) fn new(
        vocab: &LlamaVocab<'_>,
        sequence: u32,
        prompt: Prompt,
        spec: &GenerateSpec,
    ) -> Self {
        let begun = Instant::now();
        let (reply, prompt) = Reply::new(vocab, prompt, spec);
        Self {
            id: spec.id,
            sequence,
            prompt,
            read: 0,
            sampler: sampler::chain(&spec.sampling),
            reply,
            chosen: None,
            forced: VecDeque::new(),
            slice: 0,
            batch: Part::default(),
            begun,
            read_from: None,
            prefilled: None,
            together: 1,
        }
    }

    pub(super) const fn id(&self) -> u64 {
        self.id
    }

    /// Tokens of the prompt and of the answer so far.
    pub(super) fn tokens(&self) -> usize {
        self.read + self.reply.tokens()
    }

    pub(super) const fn is_reading(&self) -> bool {
        self.read < self.prompt.len()
    }

    /// Whether the prompt goes on behind what is in the batch.
    pub(super) const fn has_more_to_read(&self) -> bool {
        self.read + self.batch.tokens < self.prompt.len()
    }

    /// Its tokens in the batch.
    pub(super) const fn in_batch(&self) -> usize {
        self.batch.tokens
    }

    /// So many are at work in this step, this one included.
    pub(super) fn shares_with(&mut self, together: usize) {
        self.together = self.together.max(together);
    }

    /// Settles how much more of the prompt comes into the next batch, as far as there is room; says how many tokens.
    pub(super) fn plan_slice(&mut self, room: usize) -> usize {
        self.slice = room.min(self.prompt.len() - self.read);
        if self.slice > 0 && self.read_from.is_none() {
            self.read_from = Some(Instant::now());
        }
        self.slice
    }

    /// Puts the token that was chosen last into an emptied batch, or more of the prompt.
    pub(super) fn fill(&mut self, batch: &mut LlamaBatch<'_>) -> Result<(), LaneFailure> {
        self.batch = Part::default();
        if let Some(token) = self.chosen {
            let position = self.prompt.len() + self.reply.tokens() - 1;
            return self.add(token, position, true, batch);
        }
        for position in self.read..self.read + self.slice {
            let is_end = position + 1 == self.prompt.len();
            if let Some(token) = self.prompt.get(position).copied() {
                self.add(token, position, is_end, batch)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        token: LlamaToken,
        position: usize,
        logits: bool,
        batch: &mut LlamaBatch<'_>,
    ) -> Result<(), LaneFailure> {
        let position = i32::try_from(position).map_err(|error| failed(error.to_string()))?;
        if logits {
            self.batch.logits = Some(batch.n_tokens());
        }
        self.batch.tokens += 1;
        batch
            .add(token, position, &[context::place(self.sequence)], logits)
            .map_err(|error| failed(error.to_string()))
    }

    /// Takes what the batch has brought, once it is decoded. Says why the answer has ended, where it has.
    pub(super) fn advance(
        &mut self,
        context: &LlamaContext<'_>,
        vocab: &LlamaVocab<'_>,
        limit: usize,
        output: &mut Output,
    ) -> io::Result<Option<FinishReason>> {
        let batch = std::mem::take(&mut self.batch);
        if self.is_reading() && batch.tokens > 0 {
            self.read += batch.tokens;
            self.tell_progress(output)?;
        }
        let Some(logits) = batch.logits else {
            return Ok(None);
        };
        let token = match self.forced.pop_front() {
            Some(token) => token,
            None => self.sampler.sample(context, logits),
        };
        self.prefilled.get_or_insert_with(Instant::now);
        if vocab.is_eog(token) {
            return Ok(Some(FinishReason::Stop));
        }
        output.turn_to(self.id)?;
        let met_stop = self.reply.take(vocab, token, output)?;
        output.flush()?;
        if met_stop {
            return Ok(Some(FinishReason::Stop));
        }
        if self.reply.is_full() || self.prompt.len() + self.reply.tokens() >= limit {
            return Ok(Some(FinishReason::Length));
        }
        if self.forced.is_empty() && self.reply.must_close_thinking() {
            self.forced.extend(self.reply.closing_tokens(vocab));
        }
        self.chosen = Some(token);
        Ok(None)
    }

    /// Tells how much of the prompt has been read.
    pub(super) fn tell_progress(&self, output: &mut Output) -> io::Result<()> {
        output.turn_to(self.id)?;
        output.send(&Event::Prefill {
            done: count(self.read),
            total: count(self.prompt.len()),
        })
    }

    /// Hands on what was held back, then the counts and the times.
    pub(super) fn finish(&mut self, reason: FinishReason, output: &mut Output) -> io::Result<()> {
        self.reply.finish(reason, output)?;
        output.push(&Event::Usage(self.reply.usage()))?;
        let prefilled = self.prefilled.unwrap_or_else(Instant::now);
        let is_alone = self.together == 1;
        // Others may be read first.
        let read_from = self.read_from.filter(|_| !is_alone).unwrap_or(self.begun);
        output.push(&Event::Server(ServerTimings {
            prefill_ms: Some(milliseconds(prefilled.duration_since(read_from))),
            queue_ms: (!is_alone).then(|| milliseconds(read_from.duration_since(self.begun))),
            decode_ms: Some(milliseconds(prefilled.elapsed())),
            sequences: (!is_alone).then(|| count(self.together)),
            ..ServerTimings::default()
        }))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
