//! Reads a prompt and generates its answer, one at a time. Every prompt is read from its beginning: nothing of an
//! earlier one is kept, so that times and texts can be repeated.

mod reply;

use super::{
    context::{self, BATCH_TOKENS},
    llama::failed,
    output::Output,
    prompt::Prompt,
    protocol::{Event, GenerateSpec},
    sampler, switch,
};
use crate::domain::{
    event::FinishReason,
    failure::{FailureKind, LaneFailure},
    usage::ServerTimings,
};
use llama_cpp_2::{
    DecodeError, context::LlamaContext, llama_batch::LlamaBatch, token::LlamaToken,
    vocab::LlamaVocab,
};
use reply::Reply;
use std::{
    collections::VecDeque,
    io,
    time::{Duration, Instant},
};

/// Fewest tokens of the prompt that are read at once.
const MIN_SLICE: usize = 64;

/// Generates answers in one context.
pub(super) struct Decoder<'a> {
    context: LlamaContext<'a>,
    vocab: LlamaVocab<'a>,
    batch: LlamaBatch<'static>,
    limit: usize,
    slice: usize,
    slice_time: Duration,
}

/// How a generation ended.
pub(super) enum Ending {
    Finished(FinishReason),
    Failed(LaneFailure),
    Stopped,
}

/// Why the next step was not taken.
enum Halt {
    Ending(Ending),
    /// The parent is gone.
    Pipe(io::Error),
}

impl From<io::Error> for Halt {
    fn from(error: io::Error) -> Self {
        Self::Pipe(error)
    }
}

impl From<LaneFailure> for Halt {
    fn from(failure: LaneFailure) -> Self {
        Self::Ending(Ending::Failed(failure))
    }
}

impl<'a> Decoder<'a> {
    /// A decoder whose prompts and answers may have `limit` tokens together.
    pub(super) fn new(
        context: LlamaContext<'a>,
        vocab: LlamaVocab<'a>,
        limit: u32,
        is_on_gpu: bool,
    ) -> Self {
        Self {
            context,
            vocab,
            batch: LlamaBatch::new(BATCH_TOKENS as usize, 1),
            limit: limit as usize,
            slice: 128,
            // The processor can be stopped within a slice; there it only paces the progress.
            slice_time: Duration::from_millis(if is_on_gpu { 100 } else { 400 }),
        }
    }

    /// Answers one prompt. An error means that nobody listens any more.
    pub(super) fn generate(
        &mut self,
        prompt: Prompt,
        spec: &GenerateSpec,
        output: &mut Output,
    ) -> io::Result<Ending> {
        context::forget(&mut self.context);
        match self.run(prompt, spec, output) {
            Ok(reason) => Ok(Ending::Finished(reason)),
            Err(Halt::Ending(ending)) => Ok(ending),
            Err(Halt::Pipe(error)) => Err(error),
        }
    }

    fn run(
        &mut self,
        prompt: Prompt,
        spec: &GenerateSpec,
        output: &mut Output,
    ) -> Result<FinishReason, Halt> {
        let prompt_tokens = prompt.tokens.len();
        if prompt_tokens >= self.limit {
            return Err(LaneFailure::new(
                FailureKind::ContextLength,
                format!(
                    "the prompt has {prompt_tokens} tokens, and the context holds {}: shorten it, or raise the lane's `context_tokens`",
                    self.limit
                ),
            )
            .into());
        }
        if prompt_tokens == 0 {
            return Err(failed("the prompt is empty").into());
        }
        let begun = Instant::now();
        let mut next = self.prefill(&prompt.tokens, output)?;
        let mut sampler = sampler::chain(&spec.sampling);
        let mut token = sampler.sample(&self.context, next);
        let prefilled = Instant::now();
        let mut reply = Reply::new(&self.vocab, prompt, spec);
        let mut forced: VecDeque<LlamaToken> = VecDeque::new();
        let reason = loop {
            if switch::is_stopped() {
                return Err(Halt::Ending(Ending::Stopped));
            }
            if self.vocab.is_eog(token) {
                break FinishReason::Stop;
            }
            let met_stop = reply.take(&self.vocab, token, output)?;
            output.flush()?;
            if met_stop {
                break FinishReason::Stop;
            }
            if reply.is_full() || prompt_tokens + reply.tokens() >= self.limit {
                break FinishReason::Length;
            }
            if forced.is_empty() && reply.must_close_thinking() {
                forced.extend(reply.closing_tokens(&self.vocab));
            }
            next = self.step(token, prompt_tokens + reply.tokens() - 1)?;
            token = match forced.pop_front() {
                Some(token) => token,
                None => sampler.sample(&self.context, next),
            };
        };
        reply.finish(reason, output)?;
        output.push(&Event::Usage(reply.usage()))?;
        output.push(&Event::Server(ServerTimings {
            prefill_ms: Some(milliseconds(prefilled.duration_since(begun))),
            decode_ms: Some(milliseconds(prefilled.elapsed())),
            ..ServerTimings::default()
        }))?;
        Ok(reason)
    }

    /// Reads the prompt in slices; returns the place of the last token's logits.
    fn prefill(&mut self, tokens: &[LlamaToken], output: &mut Output) -> Result<i32, Halt> {
        let total = count(tokens.len());
        let most = usize::try_from(self.context.n_batch())
            .unwrap_or(MIN_SLICE)
            .min(BATCH_TOKENS as usize);
        let mut done = 0;
        output.send(&Event::Prefill { done: 0, total })?;
        while done < tokens.len() {
            if switch::is_stopped() {
                return Err(Halt::Ending(Ending::Stopped));
            }
            let size = self.slice.clamp(1, most).min(tokens.len() - done);
            let part = tokens.get(done..done + size).unwrap_or_default();
            let is_last = done + size == tokens.len();
            let begun = Instant::now();
            self.batch.clear();
            for (offset, token) in part.iter().enumerate() {
                let is_end = is_last && offset + 1 == size;
                self.add(*token, done + offset, is_end)?;
            }
            self.decode()?;
            done += size;
            if !is_last {
                self.context.synchronize();
                self.pace(size, begun.elapsed());
            }
            output.send(&Event::Prefill {
                done: count(done),
                total,
            })?;
        }
        Ok(self.batch.n_tokens() - 1)
    }

    /// Lets slices grow and shrink so that each takes about `slice_time`.
    fn pace(&mut self, size: usize, took: Duration) {
        let fits = size as u128 * self.slice_time.as_micros() / took.as_micros().max(1);
        let fits = usize::try_from(fits).unwrap_or(usize::MAX);
        self.slice =
            (fits.clamp(MIN_SLICE, BATCH_TOKENS as usize) / MIN_SLICE * MIN_SLICE).max(MIN_SLICE);
    }

    /// Reads one token; returns the place of its logits.
    fn step(&mut self, token: LlamaToken, position: usize) -> Result<i32, Halt> {
        self.batch.clear();
        self.add(token, position, true)?;
        self.decode()?;
        Ok(0)
    }

    fn add(&mut self, token: LlamaToken, position: usize, logits: bool) -> Result<(), Halt> {
        let position = i32::try_from(position).map_err(|error| failed(error.to_string()))?;
        self.batch
            .add(token, position, &[0], logits)
            .map_err(|error| failed(error.to_string()).into())
    }

    fn decode(&mut self) -> Result<(), Halt> {
        match self.context.decode(&mut self.batch) {
            Ok(()) => Ok(()),
            Err(DecodeError::Unknown(2)) if switch::is_stopped() => {
                Err(Halt::Ending(Ending::Stopped))
            }
            Err(DecodeError::NoKvCacheSlot) => {
                Err(Halt::Ending(Ending::Finished(FinishReason::Length)))
            }
            Err(error @ (DecodeError::NTokensZero | DecodeError::Unknown(_))) => {
                Err(failed(format!("llama.cpp cannot compute the next token: {error}")).into())
            }
        }
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}

fn count(tokens: usize) -> u32 {
    u32::try_from(tokens).unwrap_or(u32::MAX)
}
