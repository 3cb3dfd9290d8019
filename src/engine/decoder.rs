//! Reads prompts and generates their answers, as many at once as there are sequences. Every prompt is read from its
//! beginning: nothing of an earlier one is kept, so that times and texts can be repeated.
//!
//! In one step every answer that is being generated gets its next token, and the prompt that has waited longest is read
//! on in what room is left: the weights are read once for all of them.

mod generation;
mod reply;

use super::{
    context::{self, BATCH_TOKENS},
    llama::{Loaded, failed},
    output::Output,
    prompt::Prompt,
    protocol::{Event, GenerateSpec},
    switch,
};
use crate::domain::{
    event::FinishReason,
    failure::{FailureKind, LaneFailure},
};
use generation::Generation;
use llama_cpp_2::{DecodeError, context::LlamaContext, llama_batch::LlamaBatch, vocab::LlamaVocab};
use std::{
    io,
    time::{Duration, Instant},
};

/// Fewest tokens of a prompt that are read at once.
const MIN_SLICE: usize = 64;

/// How long reading a slice may hold up those that are being answered.
const SHARED_SLICE_TIME: Duration = Duration::from_millis(100);

/// Generates answers in one context.
pub(super) struct Decoder<'a> {
    context: LlamaContext<'a>,
    vocab: LlamaVocab<'a>,
    batch: LlamaBatch<'static>,
    /// Most tokens of a prompt and its answer together.
    limit: usize,
    /// By sequence, what runs in it.
    slots: Vec<Option<Generation>>,
    slice: usize,
    slice_time: Duration,
}

/// Why a step came to nothing.
enum Halt {
    /// Nobody wants anything of it.
    Cancelled,
    /// There is no room for it in the context.
    Full,
    Failed(LaneFailure),
}

impl<'a> Decoder<'a> {
    /// A decoder in this context.
    pub(super) fn new(context: LlamaContext<'a>, loaded: &'a Loaded) -> Self {
        Self {
            context,
            vocab: loaded.model.vocab(),
            batch: LlamaBatch::new(BATCH_TOKENS as usize, 1),
            limit: loaded.ready.context_tokens as usize,
            slots: (0..loaded.sequences).map(|_| None).collect(),
            slice: 128,
            // The processor can be stopped within a slice; there it only paces the progress.
            slice_time: Duration::from_millis(if loaded.is_on_gpu() { 100 } else { 400 }),
        }
    }

    /// Whether nothing runs.
    pub(super) fn is_idle(&self) -> bool {
        self.slots.iter().all(Option::is_none)
    }

    /// Whether no prompt more can be begun with.
    pub(super) fn is_full(&self) -> bool {
        self.slots.iter().all(Option::is_some)
    }

    /// Begins with a prompt; steps do the rest. The outer error means that nobody listens any more.
    pub(super) fn begin(
        &mut self,
        prompt: Prompt,
        spec: &GenerateSpec,
        output: &mut Output,
    ) -> io::Result<Result<(), LaneFailure>> {
        let tokens = prompt.tokens.len();
        if tokens >= self.limit {
            return Ok(Err(LaneFailure::new(
                FailureKind::ContextLength,
                format!(
                    "the prompt has {tokens} tokens, and the context holds {}: shorten it, or raise the lane's `context_tokens`",
                    self.limit
                ),
            )));
        }
        if tokens == 0 {
            return Ok(Err(failed("the prompt is empty")));
        }
        let free = (0..).zip(&mut self.slots).find(|(_, slot)| slot.is_none());
        let Some((sequence, slot)) = free else {
            return Ok(Err(failed("the engine answers as many prompts as it can")));
        };
        context::forget(&mut self.context, sequence);
        slot.insert(Generation::new(&self.vocab, sequence, prompt, spec))
            .tell_progress(output)?;
        Ok(Ok(()))
    }

    /// Takes everything that runs one step on. An error means that nobody listens any more.
    pub(super) fn step(&mut self, output: &mut Output) -> io::Result<()> {
        self.leave_cancelled(output)?;
        if self.is_idle() {
            return Ok(());
        }
        let begun = Instant::now();
        match self.fill().and_then(|()| self.decode()) {
            Ok(()) => {}
            // What was cancelled is left with the next step.
            Err(Halt::Cancelled) => return Ok(()),
            Err(Halt::Full) => return self.finish_longest(output),
            Err(Halt::Failed(failure)) => return self.fail_all(&failure, output),
        }
        self.pace(begun);
        for sequence in 0..self.slots.len() {
            self.advance(sequence, output)?;
        }
        output.flush()
    }

    /// Puts the next tokens of everything that runs into the batch.
    fn fill(&mut self) -> Result<(), Halt> {
        self.batch.clear();
        let together = self.slots.iter().flatten().count();
        let most = usize::try_from(self.context.n_batch())
            .unwrap_or(MIN_SLICE)
            .min(BATCH_TOKENS as usize);
        let mut running: Vec<&mut Generation> = self.slots.iter_mut().flatten().collect();
        let answering = running.iter().filter(|running| !running.is_reading());
        let mut room = self
            .slice
            .clamp(1, most)
            .min(most - answering.count().min(most));
        running.sort_by_key(|generation| generation.id());
        for generation in running {
            generation.shares_with(together);
            room -= generation.plan_slice(room);
        }
        // In the order of the sequences: those that follow each other are computed together.
        for generation in self.slots.iter_mut().flatten() {
            generation.fill(&mut self.batch).map_err(Halt::Failed)?;
        }
        Ok(())
    }

    fn decode(&mut self) -> Result<(), Halt> {
        match self.context.decode(&mut self.batch) {
            Ok(()) => Ok(()),
            Err(DecodeError::Unknown(2)) if switch::is_stopped() => Err(Halt::Cancelled),
            Err(DecodeError::NoKvCacheSlot) => Err(Halt::Full),
            Err(error @ (DecodeError::NTokensZero | DecodeError::Unknown(_))) => Err(Halt::Failed(
                failed(format!("llama.cpp cannot compute the next token: {error}")),
            )),
        }
    }

    /// Lets slices grow and shrink so that each takes about its time; the last one of a prompt tells nothing.
    fn pace(&mut self, begun: Instant) {
        let mut running = self.slots.iter().flatten();
        if !running.clone().any(Generation::has_more_to_read) {
            return;
        }
        let is_alone = running.clone().count() == 1;
        let read: usize = running.by_ref().map(Generation::in_batch).sum();
        self.context.synchronize();
        let time = if is_alone {
            self.slice_time
        } else {
            self.slice_time.min(SHARED_SLICE_TIME)
        };
        let took = begun.elapsed().as_micros().max(1);
        let fits = usize::try_from(read as u128 * time.as_micros() / took).unwrap_or(usize::MAX);
        self.slice =
            (fits.clamp(MIN_SLICE, BATCH_TOKENS as usize) / MIN_SLICE * MIN_SLICE).max(MIN_SLICE);
    }

    /// What a step has brought to one sequence.
    fn advance(&mut self, sequence: usize, output: &mut Output) -> io::Result<()> {
        let Some(generation) = self.slots.get_mut(sequence).and_then(Option::as_mut) else {
            return Ok(());
        };
        let ended = generation.advance(&self.context, &self.vocab, self.limit, output)?;
        match ended {
            Some(reason) => self.finish(sequence, reason, output),
            None => Ok(()),
        }
    }

    fn finish(
        &mut self,
        sequence: usize,
        reason: FinishReason,
        output: &mut Output,
    ) -> io::Result<()> {
        let Some(mut generation) = self.take(sequence) else {
            return Ok(());
        };
        output.turn_to(generation.id())?;
        generation.finish(reason, output)?;
        output.send(&Event::Finished(reason))
    }

    /// Without room for all, the longest one ends, and the others go on.
    fn finish_longest(&mut self, output: &mut Output) -> io::Result<()> {
        let longest = (0..self.slots.len()).max_by_key(|sequence| {
            let slot = self.slots.get(*sequence).and_then(Option::as_ref);
            slot.map_or(0, Generation::tokens)
        });
        match longest {
            Some(sequence) => self.finish(sequence, FinishReason::Length, output),
            None => Ok(()),
        }
    }

    fn leave_cancelled(&mut self, output: &mut Output) -> io::Result<()> {
        for sequence in 0..self.slots.len() {
            let slot = self.slots.get(sequence).and_then(Option::as_ref);
            if slot.is_some_and(|generation| switch::is_cancelled(generation.id()))
                && let Some(generation) = self.take(sequence)
            {
                output.turn_to(generation.id())?;
                output.send(&Event::Stopped)?;
            }
        }
        Ok(())
    }

    fn fail_all(&mut self, failure: &LaneFailure, output: &mut Output) -> io::Result<()> {
        for sequence in 0..self.slots.len() {
            if let Some(generation) = self.take(sequence) {
                output.turn_to(generation.id())?;
                output.send(&Event::Failed(failure.clone()))?;
            }
        }
        Ok(())
    }

    /// Frees a sequence. Its memory is emptied when the next prompt begins in it.
    fn take(&mut self, sequence: usize) -> Option<Generation> {
        let generation = self.slots.get_mut(sequence)?.take()?;
        switch::end(generation.id());
        Some(generation)
    }
}
