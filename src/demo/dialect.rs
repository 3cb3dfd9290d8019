//! The server's side of three wire formats: what of a request counts here, and the frames of an answer. Sends nothing.
//!
//! Shapes: OpenAI's chat completion chunks, Anthropic's message events, Gemini's `streamGenerateContent` with `alt=sse`.

use crate::domain::{
    event::FinishReason,
    request::{ChatRequest, Message, Role, Sampling},
    usage::Usage,
};
use serde_json::{Value, json};

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// OpenAI's chat completions.
    Chat,
    /// Anthropic's messages.
    Messages,
    /// Gemini's generated content.
    Gemini,
}

/// Which part of an answer a piece belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Part {
    Reasoning,
    Answer,
}

/// A request that was understood.
#[derive(Debug, PartialEq)]
pub(super) struct Asked {
    pub dialect: Dialect,
    /// The name on the wire; `request.model` stays empty.
    pub model: String,
    pub request: ChatRequest,
}

impl Asked {
    /// Reads a request; `None` for a path that no format has, an error for a body that is not the format's.
    pub(super) fn read(path: &str, body: &[u8]) -> Option<Result<Self, String>> {
        let (dialect, in_path) = match path {
            "/v1/chat/completions" => (Dialect::Chat, None),
            "/v1/messages" => (Dialect::Messages, None),
            _ => {
                let named = path.strip_prefix("/v1beta/models/")?;
                let model = named.strip_suffix(":streamGenerateContent")?;
                (Dialect::Gemini, Some(model))
            }
        };
        Some(Self::of_body(dialect, in_path, body))
    }

    fn of_body(dialect: Dialect, in_path: Option<&str>, body: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| format!("the body is no JSON: {error}"))?;
        let model = in_path.or_else(|| body["model"].as_str());
        let model = model.ok_or("the body names no model")?.to_owned();
        let list = match dialect {
            Dialect::Chat | Dialect::Messages => &body["messages"],
            Dialect::Gemini => &body["contents"],
        };
        let messages: Vec<Message> = list
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(message)
            .collect();
        if messages.is_empty() {
            return Err("the body has no message of a user".to_owned());
        }
        let most = match dialect {
            Dialect::Chat | Dialect::Messages => ["max_tokens", "max_completion_tokens"]
                .iter()
                .find_map(|name| body[name].as_u64()),
            Dialect::Gemini => body["generationConfig"]["maxOutputTokens"].as_u64(),
        };
        let request = ChatRequest {
            messages,
            sampling: Sampling {
                max_tokens: most.and_then(|most| u32::try_from(most).ok()),
                temperature: Some(0.0),
                ..Sampling::default()
            },
            ..ChatRequest::default()
        };
        Ok(Self {
            dialect,
            model,
            request,
        })
    }
}

/// A message of the conversation; system texts are none, and pocket models follow none.
fn message(value: &Value) -> Option<Message> {
    let role = match value["role"].as_str()? {
        "user" => Role::User,
        "assistant" | "model" => Role::Assistant,
        _ => return None,
    };
    let parts = value.get("content").or_else(|| value.get("parts"))?;
    let content = match parts {
        Value::String(text) => text.clone(),
        parts => parts
            .as_array()?
            .iter()
            .filter_map(|part| part["text"].as_str())
            .collect(),
    };
    Some(Message { role, content })
}

/// Writes one answer.
#[derive(Debug)]
pub(super) struct Writer {
    dialect: Dialect,
    model: String,
    prompt_tokens: u64,
    /// The block that is open, and its number; Anthropic's alone.
    block: Option<(Part, u64)>,
    has_begun: bool,
}

impl Writer {
    pub(super) fn new(dialect: Dialect, model: String) -> Self {
        Self {
            dialect,
            model,
            prompt_tokens: 0,
            block: None,
            has_begun: false,
        }
    }

    /// The prompt has this many tokens.
    pub(super) fn has_prompt(&mut self, tokens: u64) {
        self.prompt_tokens = tokens;
    }

    /// The frames of a piece.
    pub(super) fn piece(&mut self, part: Part, text: &str) -> String {
        let mut out = self.beginning();
        match (self.dialect, part) {
            (Dialect::Chat, Part::Reasoning) => {
                out += &self.chunk(&json!({ "reasoning_content": text }), None);
            }
            (Dialect::Chat, Part::Answer) => {
                out += &self.chunk(&json!({ "content": text }), None);
            }
            (Dialect::Messages, part) => {
                out += &self.block_of(part);
                let index = self.block.map_or(0, |(_, index)| index);
                let delta = match part {
                    Part::Reasoning => json!({ "type": "thinking_delta", "thinking": text }),
                    Part::Answer => json!({ "type": "text_delta", "text": text }),
                };
                out += &event(
                    &json!({ "type": "content_block_delta", "index": index, "delta": delta }),
                );
            }
            (Dialect::Gemini, Part::Reasoning) => {
                out += &self.content(&json!({ "text": text, "thought": true }), None);
            }
            (Dialect::Gemini, Part::Answer) => out += &self.content(&json!({ "text": text }), None),
        }
        out
    }

    /// The frames of the end.
    pub(super) fn end(&mut self, usage: &Usage, reason: FinishReason) -> String {
        let mut out = self.beginning();
        let is_cut = reason == FinishReason::Length;
        let prompt = usage.prompt_tokens.unwrap_or(self.prompt_tokens);
        let completion = usage.completion_tokens.unwrap_or(0);
        let reasoning = usage.reasoning_tokens.unwrap_or(0);
        match self.dialect {
            Dialect::Chat => {
                out += &self.chunk(&json!({}), Some(if is_cut { "length" } else { "stop" }));
                out += &data(&json!({
                    "id": "demo", "object": "chat.completion.chunk", "model": self.model, "choices": [],
                    "usage": {
                        "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
                        "completion_tokens_details": { "reasoning_tokens": reasoning },
                    },
                }));
                out += "data: [DONE]\n\n";
            }
            Dialect::Messages => {
                out += &self.close_block();
                let stop = if is_cut { "max_tokens" } else { "end_turn" };
                out += &event(&json!({
                    "type": "message_delta", "delta": { "stop_reason": stop },
                    "usage": { "input_tokens": prompt, "output_tokens": completion },
                }));
                out += &event(&json!({ "type": "message_stop" }));
            }
            Dialect::Gemini => {
                let finish = if is_cut { "MAX_TOKENS" } else { "STOP" };
                let usage = json!({
                    "promptTokenCount": prompt, "candidatesTokenCount": completion.saturating_sub(reasoning),
                    "thoughtsTokenCount": reasoning, "totalTokenCount": prompt + completion,
                });
                out += &self.content(&json!({ "text": "" }), Some((finish, usage)));
            }
        }
        out
    }

    /// The frames of a failure inside of the stream.
    pub(super) fn failure(&self, message: &str) -> String {
        match self.dialect {
            Dialect::Chat => {
                data(&json!({ "error": { "message": message, "type": "server_error" } }))
            }
            Dialect::Messages => event(
                &json!({ "type": "error", "error": { "type": "api_error", "message": message } }),
            ),
            Dialect::Gemini => {
                data(&json!({ "error": { "code": 500, "message": message, "status": "INTERNAL" } }))
            }
        }
    }

    fn beginning(&mut self) -> String {
        if std::mem::replace(&mut self.has_begun, true) {
            return String::new();
        }
        match self.dialect {
            Dialect::Chat => self.chunk(&json!({ "role": "assistant", "content": "" }), None),
            Dialect::Messages => event(&json!({
                "type": "message_start",
                "message": {
                    "id": "demo", "type": "message", "role": "assistant", "model": self.model, "content": [],
                    "usage": { "input_tokens": self.prompt_tokens, "output_tokens": 0 },
                },
            })),
            Dialect::Gemini => String::new(),
        }
    }

    fn chunk(&self, delta: &Value, finish: Option<&str>) -> String {
        data(&json!({
            "id": "demo", "object": "chat.completion.chunk", "model": self.model,
            "choices": [{ "index": 0, "delta": delta, "finish_reason": finish }],
        }))
    }

    fn content(&self, part: &Value, end: Option<(&str, Value)>) -> String {
        let mut candidate = json!({ "content": { "parts": [part], "role": "model" }, "index": 0 });
        let mut whole = json!({ "modelVersion": self.model });
        if let Some((finish, usage)) = end {
            candidate["finishReason"] = json!(finish);
            whole["usageMetadata"] = usage;
        }
        whole["candidates"] = json!([candidate]);
        data(&whole)
    }

    /// Opens the block of a part, when another or none is open.
    fn block_of(&mut self, part: Part) -> String {
        if self.block.is_some_and(|(open, _)| open == part) {
            return String::new();
        }
        let index = self.block.map_or(0, |(_, index)| index + 1);
        let out = self.close_block();
        self.block = Some((part, index));
        let block = match part {
            Part::Reasoning => json!({ "type": "thinking", "thinking": "" }),
            Part::Answer => json!({ "type": "text", "text": "" }),
        };
        out + &event(
            &json!({ "type": "content_block_start", "index": index, "content_block": block }),
        )
    }

    fn close_block(&mut self) -> String {
        let open = self.block.take();
        open.map_or_else(String::new, |(_, index)| {
            event(&json!({ "type": "content_block_stop", "index": index }))
        })
    }
}

fn data(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// Anthropic's frames carry their type twice.
fn event(value: &Value) -> String {
    let kind = value["type"].as_str().unwrap_or("message");
    format!("event: {kind}\n{}", data(value))
}
