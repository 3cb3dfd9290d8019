//! What a model says, token by token: bytes to text, thinking to answer, stop texts, counts. Decodes nothing.

use crate::{
    domain::{
        event::FinishReason,
        usage::{Usage, UsageSource},
    },
    engine::{
        output::Output,
        prompt::Prompt,
        protocol::{Event, GenerateSpec},
        text::{StopFinder, Utf8Joiner},
        thinking::{Part, Splitter, Tags},
    },
};
use llama_cpp_2::{token::LlamaToken, vocab::LlamaVocab};
use std::{
    io, mem,
    time::{Duration, Instant},
};

/// How often the counts are told while tokens come.
const USAGE_EVERY: Duration = Duration::from_millis(100);

/// One reply, as it grows.
pub(super) struct Reply {
    joiner: Utf8Joiner,
    splitter: Splitter,
    stops: StopFinder,
    tags: Option<Tags>,
    /// Tags that are single control tokens; those have a text only when asked for.
    tag_tokens: Vec<LlamaToken>,
    bytes: Vec<u8>,
    text: String,
    prompt_tokens: u64,
    completion_tokens: u64,
    reasoning_tokens: u64,
    undecided_tokens: u64,
    max_tokens: u64,
    thinking_budget: Option<u64>,
    told: Option<Instant>,
    met_stop: bool,
}

impl Reply {
    /// The reply to a prompt, of which the tokens are needed elsewhere.
    pub(super) fn new(
        vocab: &LlamaVocab<'_>,
        prompt: Prompt,
        spec: &GenerateSpec,
    ) -> (Self, Vec<LlamaToken>) {
        let tag_tokens = prompt.tags.map_or_else(Vec::new, |tags| {
            [tags.open, tags.close]
                .into_iter()
                .filter_map(|tag| only(&vocab.tokenize(tag.as_bytes(), false, true)))
                .collect()
        });
        let reply = Self {
            joiner: Utf8Joiner::default(),
            splitter: prompt.splitter,
            stops: StopFinder::new(&spec.sampling.stop),
            tags: prompt.tags,
            tag_tokens,
            bytes: Vec::with_capacity(64),
            text: String::with_capacity(64),
            prompt_tokens: prompt.tokens.len() as u64,
            completion_tokens: 0,
            reasoning_tokens: 0,
            undecided_tokens: 0,
            max_tokens: spec.sampling.max_tokens.map_or(u64::MAX, u64::from),
            thinking_budget: spec.thinking_budget.map(u64::from),
            told: None,
            met_stop: false,
        };
        (reply, prompt.tokens)
    }

    /// Takes a token and puts what is certain into the output. True when a stop text was met.
    pub(super) fn take(
        &mut self,
        vocab: &LlamaVocab<'_>,
        token: LlamaToken,
        output: &mut Output,
    ) -> io::Result<bool> {
        self.completion_tokens += 1;
        self.bytes.clear();
        let is_tag = self.tag_tokens.contains(&token);
        vocab.token_to_piece_into(token, &mut self.bytes, is_tag, None);
        self.text.clear();
        self.joiner.push(&self.bytes, &mut self.text);
        let was_thinking = self.splitter.is_thinking();
        let text = mem::take(&mut self.text);
        let met_stop = self.part(&text, output)?;
        self.text = text;
        self.met_stop = met_stop;
        self.count(was_thinking);
        self.tell(output)?;
        Ok(met_stop)
    }

    fn part(&mut self, text: &str, output: &mut Output) -> io::Result<bool> {
        let mut outcome = Ok(false);
        let stops = &mut self.stops;
        self.splitter.push(text, &mut |part, text| {
            if let Ok(false) = outcome {
                outcome = emit(part, text, stops, output);
            }
        });
        outcome
    }

    /// Tokens held back before it is clear that they open the thinking belong to it.
    fn count(&mut self, was_thinking: bool) {
        if was_thinking || self.splitter.is_thinking() {
            self.reasoning_tokens += 1 + mem::take(&mut self.undecided_tokens);
        } else if self.splitter.is_undecided() {
            self.undecided_tokens += 1;
        } else {
            self.undecided_tokens = 0;
        }
    }

    fn tell(&mut self, output: &mut Output) -> io::Result<()> {
        let now = Instant::now();
        if self
            .told
            .is_some_and(|told| now.duration_since(told) < USAGE_EVERY)
        {
            return Ok(());
        }
        self.told = Some(now);
        output.push(&Event::Usage(self.usage()))
    }

    /// Nothing more comes: hands on what was held back, unless it stands behind a stop text. A character that the model
    /// left incomplete is told; one that a limit cut is dropped.
    pub(super) fn finish(&mut self, reason: FinishReason, output: &mut Output) -> io::Result<()> {
        if self.met_stop {
            return Ok(());
        }
        let mut text = String::new();
        if reason != FinishReason::Length {
            self.joiner.finish(&mut text);
        }
        let met_stop = self.part(&text, output)?;
        let mut outcome = Ok(met_stop);
        let stops = &mut self.stops;
        self.splitter.finish(&mut |part, text| {
            if let Ok(false) = outcome {
                outcome = emit(part, text, stops, output);
            }
        });
        let mut held = String::new();
        self.stops.finish(&mut held);
        if !outcome? && !held.is_empty() {
            output.push(&Event::Answer(held))?;
        }
        Ok(())
    }

    /// Tokens generated so far.
    pub(super) fn tokens(&self) -> usize {
        usize::try_from(self.completion_tokens).unwrap_or(usize::MAX)
    }

    pub(super) fn is_full(&self) -> bool {
        self.completion_tokens >= self.max_tokens
    }

    /// Whether the thinking has used up its budget; never within a character.
    pub(super) fn must_close_thinking(&self) -> bool {
        self.splitter.is_thinking()
            && self.joiner.is_complete()
            && self
                .thinking_budget
                .is_some_and(|budget| self.reasoning_tokens >= budget)
    }

    /// What the model is made to say to end its thinking.
    pub(super) fn closing_tokens(&self, vocab: &LlamaVocab<'_>) -> Vec<LlamaToken> {
        self.tags.map_or_else(Vec::new, |tags| {
            vocab.tokenize(tags.close.as_bytes(), false, true)
        })
    }

    pub(super) fn usage(&self) -> Usage {
        Usage {
            prompt_tokens: Some(self.prompt_tokens),
            cached_prompt_tokens: Some(0),
            cache_write_tokens: None,
            completion_tokens: Some(self.completion_tokens),
            reasoning_tokens: Some(self.reasoning_tokens),
            source: Some(UsageSource::Counted),
        }
    }
}

fn emit(part: Part, text: &str, stops: &mut StopFinder, output: &mut Output) -> io::Result<bool> {
    match part {
        Part::Reasoning => {
            output.push(&Event::Reasoning(text.to_owned()))?;
            Ok(false)
        }
        Part::Answer => {
            let mut certain = String::new();
            let met_stop = stops.push(text, &mut certain);
            if !certain.is_empty() {
                output.push(&Event::Answer(certain))?;
            }
            Ok(met_stop)
        }
    }
}

fn only(tokens: &[LlamaToken]) -> Option<LlamaToken> {
    match tokens {
        [token] => Some(*token),
        _ => None,
    }
}
