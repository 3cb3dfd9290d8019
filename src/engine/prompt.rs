//! A request becomes the tokens of a prompt: through the chat template, or as it is. Text that somebody said never
//! becomes a control token.

use super::{
    llama::failed,
    protocol::GenerateSpec,
    template::{ChatTemplate, Conversation, Piece, Rendered},
    thinking::{Splitter, Tags},
};
use crate::domain::{failure::LaneFailure, plan::TemplateSource, request::Role};
use llama_cpp_2::{model::LlamaModel, token::LlamaToken, vocab::LlamaVocab};
use std::fs;

/// How a model is spoken to.
#[derive(Debug)]
pub(super) enum Style {
    /// It continues what is there.
    Raw,
    /// Through a chat template.
    Chat(Box<ChatTemplate>),
}

/// A prompt that is ready to be read.
#[derive(Debug)]
pub(super) struct Prompt {
    pub(super) tokens: Vec<LlamaToken>,
    /// Parts what the model is going to say.
    pub(super) splitter: Splitter,
    /// The tags around its thinking, where it may think.
    pub(super) tags: Option<Tags>,
}

impl Style {
    /// Finds and parses the template that a lane asks for.
    pub(super) fn find(
        source: &TemplateSource,
        own: Option<&str>,
        model: &LlamaModel,
    ) -> Result<Self, LaneFailure> {
        let text = match source {
            TemplateSource::None => return Ok(Self::Raw),
            TemplateSource::Model => own.map(str::to_owned).ok_or_else(|| {
                failed(
                    "the model has no chat template: set the lane's `template` to \"none\" for a base model, which continues the prompt as it is, or to a Jinja file",
                )
            })?,
            TemplateSource::File(path) => fs::read_to_string(path).map_err(|error| {
                failed(format!(
                    "cannot read the chat template {}: {error}; check the lane's `template`",
                    path.display()
                ))
            })?,
        };
        let vocab = model.vocab();
        ChatTemplate::parse(
            &text,
            token_text(&vocab, vocab.bos()),
            token_text(&vocab, vocab.eos()),
        )
        .map(|template| Self::Chat(Box::new(template)))
        .map_err(|error| failed(error.to_string()))
    }

    /// The tokens of a request.
    pub(super) fn prompt(
        &self,
        vocab: &LlamaVocab<'_>,
        spec: &GenerateSpec,
    ) -> Result<Prompt, LaneFailure> {
        let Self::Chat(template) = self else {
            return Ok(Prompt {
                tokens: with_bos(
                    vocab,
                    vocab.tokenize(raw_text(spec).as_bytes(), false, false),
                ),
                splitter: Splitter::plain(),
                tags: None,
            });
        };
        let rendered = template
            .render(&Conversation {
                system: spec.system.as_deref(),
                messages: &spec.messages,
                effort: spec.effort,
                variables: &spec.variables,
            })
            .map_err(|error| failed(error.to_string()))?;
        let tags = template.tags();
        Ok(Prompt {
            tokens: with_bos(vocab, tokenize(vocab, &rendered)),
            splitter: Splitter::new(tags, tags.are_open_at_end_of(&rendered.text)),
            tags: Some(tags),
        })
    }
}

/// What a base model is to continue: the instructions, if any, and all that was said, one below the other.
fn raw_text(spec: &GenerateSpec) -> String {
    let said = spec.messages.iter().map(|message| match message.role {
        Role::User | Role::Assistant => message.content.as_str(),
    });
    let parts: Vec<&str> = spec.system.as_deref().into_iter().chain(said).collect();
    parts.join("\n\n")
}

/// In one go where nobody's words hold a control token, as every other program does; else piece by piece, with the
/// words as text.
fn tokenize(vocab: &LlamaVocab<'_>, rendered: &Rendered) -> Vec<LlamaToken> {
    let whole = vocab.tokenize(rendered.text.as_bytes(), false, true);
    if is_harmless(vocab, rendered, &whole) {
        return whole;
    }
    let mut tokens = Vec::new();
    for piece in &rendered.pieces {
        let (text, parse_special) = match piece {
            Piece::Template(text) => (text, true),
            Piece::Content(text) => (text, false),
        };
        if !text.is_empty() {
            tokens.extend(vocab.tokenize(text.as_bytes(), false, parse_special));
        }
    }
    tokens
}

fn is_harmless(vocab: &LlamaVocab<'_>, rendered: &Rendered, whole: &[LlamaToken]) -> bool {
    let mut from_template = 0;
    for piece in &rendered.pieces {
        match piece {
            Piece::Content(text) => {
                let read = |parse_special| vocab.tokenize(text.as_bytes(), false, parse_special);
                if read(true) != read(false) {
                    return false;
                }
            }
            Piece::Template(text) => {
                from_template += controls(vocab, &vocab.tokenize(text.as_bytes(), false, true));
            }
        }
    }
    // One more has grown together out of the template's words and somebody else's, or out of words that it changed.
    controls(vocab, whole) == from_template
}

fn controls(vocab: &LlamaVocab<'_>, tokens: &[LlamaToken]) -> usize {
    tokens
        .iter()
        .filter(|token| vocab.is_control(**token))
        .count()
}

/// One beginning-of-text token where the model wants it, whether the template wrote it or not.
fn with_bos(vocab: &LlamaVocab<'_>, mut tokens: Vec<LlamaToken>) -> Vec<LlamaToken> {
    let bos = vocab.bos();
    if vocab.should_add_bos() && bos.0 >= 0 && tokens.first() != Some(&bos) {
        tokens.insert(0, bos);
    }
    tokens
}

fn token_text(vocab: &LlamaVocab<'_>, token: LlamaToken) -> String {
    if token.0 < 0 {
        return String::new();
    }
    String::from_utf8_lossy(&vocab.token_to_piece(token, true, None)).into_owned()
}
