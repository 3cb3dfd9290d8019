//! Well-formed streams of the dialects over text, made from pieces of text and token counts. No faults: break the reply.

use super::reply::{Reply, Step};
use serde_json::{Value, json};
use std::time::Duration;

/// One piece of a stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Thinking, as it is thought.
    Reasoning(String),
    /// The answer.
    Answer(String),
}

/// What a model says, and how fast; the methods named after dialects turn it into a reply.
#[derive(Debug, Clone)]
pub struct Speech {
    /// In order.
    pub pieces: Vec<Piece>,
    /// Time between the head and the first piece.
    pub first: Duration,
    /// Time from the start of one piece to the start of the next, kept on the whole: lateness does not add up.
    pub every: Duration,
    /// Prompt tokens, cached ones included.
    pub prompt_tokens: u64,
    /// The part of them that came from a cache.
    pub cached_tokens: u64,
    /// Completion tokens, reasoning included; one per piece unless said otherwise.
    pub completion_tokens: u64,
    /// The part of them that was thinking.
    pub reasoning_tokens: u64,
}

impl Speech {
    /// An answer of these pieces, all at once.
    pub fn of(answer: &[&str]) -> Self {
        Self {
            pieces: answer
                .iter()
                .map(|text| Piece::Answer((*text).to_owned()))
                .collect(),
            first: Duration::ZERO,
            every: Duration::ZERO,
            prompt_tokens: 10,
            cached_tokens: 0,
            completion_tokens: answer.len() as u64,
            reasoning_tokens: 0,
        }
    }

    /// With these pieces of thinking before the answer.
    #[must_use]
    pub fn thinking(mut self, reasoning: &[&str]) -> Self {
        let pieces = reasoning
            .iter()
            .map(|text| Piece::Reasoning((*text).to_owned()));
        self.pieces.splice(0..0, pieces);
        self.completion_tokens += reasoning.len() as u64;
        self.reasoning_tokens += reasoning.len() as u64;
        self
    }

    /// Completion and reasoning tokens as the server counts them.
    #[must_use]
    pub const fn tokens(mut self, completion: u64, reasoning: u64) -> Self {
        self.completion_tokens = completion;
        self.reasoning_tokens = reasoning;
        self
    }

    /// Prompt tokens and the cached part of them.
    #[must_use]
    pub const fn prompt(mut self, tokens: u64, cached: u64) -> Self {
        self.prompt_tokens = tokens;
        self.cached_tokens = cached;
        self
    }

    /// The first piece after `first`, then one in each `every`.
    #[must_use]
    pub const fn paced(mut self, first: Duration, every: Duration) -> Self {
        self.first = first;
        self.every = every;
        self
    }

    /// OpenAI Chat Completions, with `reasoning_content`; works for llama-server and `openai-compatible` too.
    pub fn openai(&self) -> Reply {
        let chunk = |delta: Value, finish: Value| {
            sse(
                None,
                &json!({
                    "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted",
                    "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }], "usage": null,
                }),
            )
        };
        let start = chunk(json!({ "role": "assistant", "content": "" }), Value::Null);
        let reply = self.play(Reply::events().send(start), |piece| match piece {
            Piece::Reasoning(text) => chunk(json!({ "reasoning_content": text }), Value::Null),
            Piece::Answer(text) => chunk(json!({ "content": text }), Value::Null),
        });
        let usage = json!({
            "id": "chatcmpl-1", "object": "chat.completion.chunk", "created": 1, "model": "scripted", "choices": [],
            "usage": {
                "prompt_tokens": self.prompt_tokens,
                "completion_tokens": self.completion_tokens,
                "total_tokens": self.prompt_tokens + self.completion_tokens,
                "prompt_tokens_details": { "cached_tokens": self.cached_tokens },
                "completion_tokens_details": { "reasoning_tokens": self.reasoning_tokens },
            },
        });
        reply
            .send(chunk(json!({}), json!("stop")))
            .send(sse(None, &usage))
            .send("data: [DONE]\n\n")
    }

    /// OpenAI Responses, with thinking in full.
    pub fn responses(&self) -> Reply {
        let event = |value: &Value| sse(value["type"].as_str(), value);
        let start = event(&json!({ "type": "response.created", "response": { "error": null } }));
        let reply = self.play(Reply::events().send(start), |piece| {
            let (kind, index, text) = match piece {
                Piece::Reasoning(text) => ("response.reasoning_text.delta", 0, text),
                Piece::Answer(text) => ("response.output_text.delta", 1, text),
            };
            event(&json!({ "type": kind, "output_index": index, "delta": text }))
        });
        let usage = json!({
            "input_tokens": self.prompt_tokens,
            "input_tokens_details": { "cached_tokens": self.cached_tokens },
            "output_tokens": self.completion_tokens,
            "output_tokens_details": { "reasoning_tokens": self.reasoning_tokens },
            "total_tokens": self.prompt_tokens + self.completion_tokens,
        });
        let response =
            json!({ "status": "completed", "error": null, "output": [], "usage": usage });
        reply.send(event(
            &json!({ "type": "response.completed", "response": response }),
        ))
    }

    /// Cohere's chat, version 2.
    pub fn cohere(&self) -> Reply {
        let event = |value: &Value| sse(value["type"].as_str(), value);
        let start = event(
            &json!({ "id": "x", "type": "message-start", "delta": { "message": {
            "role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": [],
        } } }),
        );
        let reply = self.play(Reply::events().send(start), |piece| {
            let content = match piece {
                Piece::Reasoning(text) => json!({ "thinking": text }),
                Piece::Answer(text) => json!({ "text": text }),
            };
            let delta = json!({ "message": { "content": content } });
            event(&json!({ "type": "content-delta", "index": 0, "delta": delta }))
        });
        let usage = json!({
            "billed_units": { "input_tokens": 1, "output_tokens": 1 },
            "tokens": {
                "input_tokens": self.prompt_tokens,
                "output_tokens": self.completion_tokens,
                "reasoning_tokens": self.reasoning_tokens,
            },
            "cached_tokens": self.cached_tokens,
        });
        let delta = json!({ "finish_reason": "COMPLETE", "usage": usage });
        reply
            .send(event(&json!({ "type": "message-end", "delta": delta })))
            .send("data: [DONE]\n\n")
    }

    /// Anthropic Messages, with thinking blocks.
    pub fn anthropic(&self) -> Reply {
        let event = |value: &Value| {
            let name = value["type"].as_str().unwrap_or_default().to_owned();
            sse(Some(&name), value)
        };
        let start = event(&json!({ "type": "message_start", "message": {
            "model": "scripted", "id": "msg_1", "type": "message", "role": "assistant", "content": [],
            "stop_reason": null, "stop_sequence": null,
            "usage": {
                "input_tokens": self.prompt_tokens - self.cached_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": self.cached_tokens,
                "output_tokens": 1,
            },
        } }))
            + &event(&json!({ "type": "ping" }));
        let mut block: Option<(usize, bool)> = None;
        let reply = self.play(Reply::events().send(start), |piece| {
            let is_thinking = matches!(piece, Piece::Reasoning(_));
            let (index, opening) = match block {
                Some((index, thinking)) if thinking == is_thinking => (index, String::new()),
                before => {
                    let index = before.map_or(0, |(index, _)| index + 1);
                    let stop = before.map_or_else(String::new, |(index, _)| {
                        event(&json!({ "type": "content_block_stop", "index": index }))
                    });
                    let content = if is_thinking {
                        json!({ "type": "thinking", "thinking": "", "signature": "" })
                    } else {
                        json!({ "type": "text", "text": "" })
                    };
                    let start = json!({ "type": "content_block_start", "index": index, "content_block": content });
                    block = Some((index, is_thinking));
                    (index, stop + &event(&start))
                }
            };
            let delta = match piece {
                Piece::Reasoning(text) => json!({ "type": "thinking_delta", "thinking": text }),
                Piece::Answer(text) => json!({ "type": "text_delta", "text": text }),
            };
            opening + &event(&json!({ "type": "content_block_delta", "index": index, "delta": delta }))
        });
        let stop = block.map_or_else(String::new, |(index, _)| {
            event(&json!({ "type": "content_block_stop", "index": index }))
        });
        let delta = json!({
            "type": "message_delta", "delta": { "stop_reason": "end_turn", "stop_sequence": null },
            "usage": {
                "input_tokens": self.prompt_tokens - self.cached_tokens,
                "cache_creation_input_tokens": 0,
                "cache_read_input_tokens": self.cached_tokens,
                "output_tokens": self.completion_tokens,
                "output_tokens_details": { "thinking_tokens": self.reasoning_tokens },
            },
        });
        reply
            .send(stop + &event(&delta))
            .send(event(&json!({ "type": "message_stop" })))
    }

    /// Gemini, with thought parts and CRLF.
    pub fn gemini(&self) -> Reply {
        let usage = json!({
            "promptTokenCount": self.prompt_tokens,
            "cachedContentTokenCount": self.cached_tokens,
            "candidatesTokenCount": self.completion_tokens - self.reasoning_tokens,
            "thoughtsTokenCount": self.reasoning_tokens,
            "totalTokenCount": self.prompt_tokens + self.completion_tokens,
        });
        let chunk = |part: Value, finish: Option<&str>| {
            let mut candidate =
                json!({ "content": { "parts": [part], "role": "model" }, "index": 0 });
            if let Some(reason) = finish {
                candidate["finishReason"] = json!(reason);
            }
            let value = json!({ "candidates": [candidate], "usageMetadata": usage, "modelVersion": "scripted" });
            format!("data: {value}\r\n\r\n")
        };
        let reply = self.play(Reply::events(), |piece| match piece {
            Piece::Reasoning(text) => chunk(json!({ "text": text, "thought": true }), None),
            Piece::Answer(text) => chunk(json!({ "text": text }), None),
        });
        reply.send(chunk(json!({ "text": "" }), Some("STOP")))
    }

    /// Ollama's own NDJSON, with `thinking`.
    pub fn ollama(&self) -> Reply {
        let line = |message: Value| {
            let value = json!({
                "model": "scripted", "created_at": "2026-11-01T00:00:00Z", "message": message, "done": false,
            });
            format!("{value}\n")
        };
        let reply = self.play(Reply::lines(), |piece| match piece {
            Piece::Reasoning(text) => {
                line(json!({ "role": "assistant", "content": "", "thinking": text }))
            }
            Piece::Answer(text) => line(json!({ "role": "assistant", "content": text })),
        });
        let last = json!({
            "model": "scripted", "created_at": "2026-11-01T00:00:00Z",
            "message": { "role": "assistant", "content": "" },
            "done": true, "done_reason": "stop", "total_duration": 3_000_000_000_u64, "load_duration": 1_000_000,
            "prompt_eval_count": self.prompt_tokens, "prompt_eval_duration": 20_000_000,
            "eval_count": self.completion_tokens, "eval_duration": 500_000_000,
        });
        reply.send(format!("{last}\n"))
    }

    /// Adds the pieces at their times.
    pub(super) fn play<T: AsRef<[u8]>>(
        &self,
        reply: Reply,
        mut text: impl FnMut(&Piece) -> T,
    ) -> Reply {
        let mut reply = reply;
        for (index, piece) in self.pieces.iter().enumerate() {
            let at = self.first + self.every * u32::try_from(index).expect("few pieces");
            if !at.is_zero() {
                reply = reply.step(Step::At(at));
            }
            reply = reply.send(text(piece));
        }
        reply
    }
}

fn sse(event: Option<&str>, value: &Value) -> String {
    match event {
        Some(name) => format!("event: {name}\ndata: {value}\n\n"),
        None => format!("data: {value}\n\n"),
    }
}
