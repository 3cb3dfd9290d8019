//! The server's side of three wire formats: what of a request counts here, and the frames of an answer. Sends nothing.
//!
//! Shapes: OpenAI's chat completion chunks, Anthropic's message events, Gemini's `streamGenerateContent` with `alt=sse`.

use crate::domain::{
    event::FinishReason,
    request::{ChatRequest, Effort, Message, Role, Sampling},
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
    /// Whether counts are to be sent, which chat completions do only when asked.
    pub wants_usage: bool,
}

/// Why a request has no answer, as a status and a text of the dialect.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub status: u16,
    pub body: String,
}

impl Asked {
    /// Reads a request; `None` for a path that no format has, an error for a body that is not the format's.
    pub(super) fn read(path: &str, body: &[u8]) -> Option<Result<Self, Refused>> {
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

    fn of_body(dialect: Dialect, in_path: Option<&str>, body: &[u8]) -> Result<Self, Refused> {
        let bad = |message: &str| dialect.refused(400, message);
        let body: Value = serde_json::from_slice(body)
            .map_err(|error| bad(&format!("the body is no JSON: {error}")))?;
        let model = in_path.or_else(|| body["model"].as_str());
        let model = model.ok_or_else(|| bad("the body names no model"))?;
        let list = match dialect {
            Dialect::Chat | Dialect::Messages if body["stream"] != true => {
                return Err(bad("this server only streams: set \"stream\" to true"));
            }
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
            return Err(bad("the body has no message of a user"));
        }
        let request = ChatRequest {
            messages,
            sampling: dialect.sampling(&body),
            effort: dialect.is_thinking_off(&body).then_some(Effort::None),
            ..ChatRequest::default()
        };
        Ok(Self {
            dialect,
            model: model.to_owned(),
            request,
            wants_usage: dialect != Dialect::Chat
                || body["stream_options"]["include_usage"] == true,
        })
    }
}

impl Dialect {
    /// How tokens are chosen; greedily where nothing is said, as the pocket lanes do.
    fn sampling(self, body: &Value) -> Sampling {
        let (place, most, top_p, stop) = match self {
            Self::Chat => (
                body,
                ["max_tokens", "max_completion_tokens"].as_slice(),
                "top_p",
                "stop",
            ),
            Self::Messages => (body, ["max_tokens"].as_slice(), "top_p", "stop_sequences"),
            Self::Gemini => (
                &body["generationConfig"],
                ["maxOutputTokens"].as_slice(),
                "topP",
                "stopSequences",
            ),
        };
        let most = most.iter().find_map(|name| place[name].as_u64());
        let stop = match &place[stop] {
            Value::String(text) => vec![text.clone()],
            list => list
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(|text| text.as_str().map(str::to_owned))
                .collect(),
        };
        Sampling {
            max_tokens: most.and_then(|most| u32::try_from(most).ok()),
            temperature: Some(place["temperature"].as_f64().unwrap_or(0.0)),
            top_p: place[top_p].as_f64(),
            seed: place["seed"].as_u64(),
            stop,
            ..Sampling::default()
        }
    }

    fn is_thinking_off(self, body: &Value) -> bool {
        match self {
            Self::Chat => body["reasoning_effort"] == "none",
            Self::Messages => body["thinking"]["type"] == "disabled",
            Self::Gemini => body["generationConfig"]["thinkingConfig"]["includeThoughts"] == false,
        }
    }

    /// A refusal in the words of the format.
    pub(super) fn refused(self, status: u16, message: &str) -> Refused {
        let (kind, state) = match status {
            404 => ("not_found_error", "NOT_FOUND"),
            500.. => ("api_error", "INTERNAL"),
            _ => ("invalid_request_error", "INVALID_ARGUMENT"),
        };
        let body = match self {
            Self::Chat => json!({ "error": {
                "message": message, "type": kind, "param": null,
                "code": if status == 404 { Some("model_not_found") } else { None },
            } }),
            Self::Messages => {
                json!({ "type": "error", "error": { "type": kind, "message": message } })
            }
            Self::Gemini => {
                json!({ "error": { "code": status, "message": message, "status": state } })
            }
        };
        Refused {
            status,
            body: body.to_string(),
        }
    }
}

/// A message of the conversation; system texts are none, and pocket models follow none.
fn message(value: &Value) -> Option<Message> {
    let role = match value["role"].as_str().unwrap_or("user") {
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
    wants_usage: bool,
    prompt_tokens: u64,
    /// The block that is open, and its number; Anthropic's alone.
    block: Option<(Part, u64)>,
    has_begun: bool,
}

impl Writer {
    pub(super) fn new(dialect: Dialect, model: String, wants_usage: bool) -> Self {
        Self {
            dialect,
            model,
            wants_usage,
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
                if self.wants_usage {
                    out += &data(&json!({
                        "id": "demo", "object": "chat.completion.chunk", "model": self.model, "choices": [],
                        "usage": {
                            "prompt_tokens": prompt, "completion_tokens": completion, "total_tokens": prompt + completion,
                            "completion_tokens_details": { "reasoning_tokens": reasoning },
                        },
                    }));
                }
                out += "data: [DONE]\n\n";
            }
            Dialect::Messages => {
                out += &self.close_block();
                let stop = if is_cut { "max_tokens" } else { "end_turn" };
                out += &event(&json!({
                    "type": "message_delta", "delta": { "stop_reason": stop, "stop_sequence": null },
                    "usage": {
                        "input_tokens": prompt, "output_tokens": completion,
                        "output_tokens_details": { "thinking_tokens": reasoning },
                    },
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
            "id": "demo", "object": "chat.completion.chunk", "created": 0, "model": self.model,
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

#[cfg(test)]
mod tests;
