//! Wire formats: turns a request into a JSON body, and bytes into events. Pure: no sockets, no clock, no keys.
//!
//! [`DialectKind`] is the way in: one value per wire format, with its body, its path and a reader of its answers.
//! Answers that are not 2xx go to [`error_body::classify`] instead of a reader.

pub mod anthropic;
pub mod bedrock;
pub mod body;
pub mod cohere;
pub mod error_body;
pub mod eventstream;
pub mod flow;
pub mod gemini;
pub mod json;
pub mod lines;
pub mod ollama;
pub mod openai_chat;
pub mod openai_responses;
pub mod reading;
pub mod segment;
pub mod sse;
pub mod think;

use crate::domain::{event::StreamEvent, failure::LaneFailure, request::ChatRequest};
pub use body::{BodyOptions, EffortField, Takes, Told};
use reading::{EventDialect, FrameDialect, LineDialect};
use serde_json::Value;
use std::time::Duration;
use think::LateText;

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum DialectKind {
    /// Chat completions, as OpenAI began them and most hosts and local servers speak them.
    OpenAiChat,
    /// OpenAI's Responses, which other hosts speak too.
    OpenAiResponses,
    /// Anthropic's messages.
    Anthropic,
    /// Google's `streamGenerateContent`, of AI Studio and of Vertex.
    Gemini,
    /// Ollama's own chat.
    Ollama,
    /// Cohere's chat, version 2.
    Cohere,
    /// Bedrock's `ConverseStream`.
    Bedrock,
}

impl DialectKind {
    /// What follows the base URL, with a leading slash and the query that the format needs.
    pub fn path(self, model: &str) -> String {
        match self {
            Self::OpenAiChat => "/chat/completions".to_owned(),
            Self::OpenAiResponses => "/responses".to_owned(),
            Self::Anthropic => "/v1/messages".to_owned(),
            Self::Gemini => gemini::path(model),
            Self::Ollama => "/api/chat".to_owned(),
            Self::Cohere => "/v2/chat".to_owned(),
            Self::Bedrock => bedrock::path(model),
        }
    }

    /// The request body. `options` says what the host does differently; `request.extra` goes in last.
    pub fn body(self, request: &ChatRequest, options: &BodyOptions) -> Value {
        match self {
            Self::OpenAiChat => openai_chat::body(request, options),
            Self::OpenAiResponses => openai_responses::body(request, options),
            Self::Anthropic => anthropic::body(request, options),
            Self::Gemini => gemini::body(request, options),
            Self::Ollama => ollama::body(request, options),
            Self::Cohere => cohere::body(request, options),
            Self::Bedrock => bedrock::body(request, options),
        }
    }

    /// The settings that there is a field for.
    pub const fn takes(self, options: &BodyOptions) -> Takes {
        let common = Takes {
            top_k: false,
            min_p: false,
            seed: false,
            stop: true,
        };
        match self {
            Self::OpenAiChat => Takes {
                top_k: options.top_k,
                min_p: options.min_p,
                seed: options.seed_field.is_some(),
                ..common
            },
            Self::OpenAiResponses => Takes {
                stop: false,
                ..common
            },
            Self::Anthropic => Takes {
                top_k: true,
                ..common
            },
            Self::Gemini | Self::Cohere => Takes {
                top_k: true,
                seed: true,
                ..common
            },
            Self::Ollama => Takes {
                top_k: true,
                min_p: true,
                seed: true,
                ..common
            },
            Self::Bedrock => common,
        }
    }

    /// The media type of an answer that streams, for the `accept` header.
    pub const fn accept(self) -> &'static str {
        match self {
            Self::OpenAiChat
            | Self::OpenAiResponses
            | Self::Anthropic
            | Self::Gemini
            | Self::Cohere => "text/event-stream",
            Self::Ollama => "application/x-ndjson",
            Self::Bedrock => "application/vnd.amazon.eventstream",
        }
    }

    /// A reader for one answer.
    pub fn reader(self) -> Box<dyn Dialect> {
        match self {
            Self::OpenAiChat => Box::new(EventDialect::<openai_chat::OpenAiChat>::default()),
            Self::OpenAiResponses => {
                Box::new(EventDialect::<openai_responses::OpenAiResponses>::default())
            }
            Self::Anthropic => Box::new(EventDialect::<anthropic::Anthropic>::default()),
            Self::Gemini => Box::new(EventDialect::<gemini::Gemini>::default()),
            Self::Ollama => Box::new(LineDialect::<ollama::Ollama>::default()),
            Self::Cohere => Box::new(EventDialect::<cohere::Cohere>::default()),
            Self::Bedrock => Box::new(FrameDialect::<bedrock::Bedrock>::default()),
        }
    }
}

/// Reads one answer in one wire format. One value per stream.
///
/// Bytes may be split anywhere, inside a UTF-8 character or between `\r` and `\n`; the events are the same. A reader
/// sends [`StreamEvent::Finished`] once, as its last event: when the format's terminator comes, or from [`Dialect::end`].
/// It never sends [`StreamEvent::Accepted`], nor an empty text.
pub trait Dialect: Send {
    /// What is fed from now on arrived at this time; it is only handed back by [`Dialect::late`].
    fn arrive(&mut self, at: Duration);

    /// The event since the last [`Dialect::arrive`] whose text had arrived before and was held back until it was clear
    /// what it is.
    fn late(&self) -> Option<LateText>;

    /// Takes the bytes of one read. An error is the end of the stream; what is in `out` by then still counts.
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure>;

    /// The stream ended without a transport error. Without a finish it is `truncated`.
    fn end(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure>;

    /// The format's terminator has come: nothing more needs to be read.
    fn is_finished(&self) -> bool;

    /// A finish reason was seen: whatever else may follow, the answer is not cut off.
    fn has_finish(&self) -> bool;

    /// A finish reason was seen and only trailers (usage, terminator) can follow; a server that then stays silent need
    /// not be waited for as long.
    fn is_settling(&self) -> bool {
        self.is_finished()
    }
}
