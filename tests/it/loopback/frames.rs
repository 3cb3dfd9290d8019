//! Well-formed streams of Bedrock: binary frames with their checksums. No faults: break the bytes.

use super::{
    dialects::{Piece, Speech},
    reply::Reply,
};
use serde_json::{Value, json};

/// One frame with these headers, all of them texts.
pub fn frame(headers: &[(&str, &str)], payload: impl AsRef<[u8]>) -> Vec<u8> {
    let mut head = Vec::new();
    for (name, value) in headers {
        head.push(u8::try_from(name.len()).expect("a short name"));
        head.extend(name.as_bytes());
        head.push(7);
        let length = u16::try_from(value.len()).expect("a short value");
        head.extend(length.to_be_bytes());
        head.extend(value.as_bytes());
    }
    let payload = payload.as_ref();
    let mut bytes = Vec::new();
    for length in [16 + head.len() + payload.len(), head.len()] {
        let length = u32::try_from(length).expect("a short frame");
        bytes.extend(length.to_be_bytes());
    }
    bytes.extend(checksum(&bytes).to_be_bytes());
    bytes.extend(head);
    bytes.extend(payload);
    bytes.extend(checksum(&bytes).to_be_bytes());
    bytes
}

/// Bit by bit, apart from the program's own way.
fn checksum(bytes: &[u8]) -> u32 {
    let mut crc = u32::MAX;
    for byte in bytes {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            let low = crc & 1;
            crc = (crc >> 1) ^ (low * 0xedb8_8320);
        }
    }
    !crc
}

fn event(name: &str, payload: &Value) -> Vec<u8> {
    let headers = [
        (":event-type", name),
        (":content-type", "application/json"),
        (":message-type", "event"),
    ];
    frame(&headers, payload.to_string())
}

impl Speech {
    /// Bedrock's `ConverseStream`; it counts no reasoning tokens.
    pub fn bedrock(&self) -> Reply {
        let reply = Reply::status(200)
            .header("content-type", "application/vnd.amazon.eventstream")
            .send(event("messageStart", &json!({ "role": "assistant" })));
        let reply = self.play(reply, |piece| {
            let delta = match piece {
                Piece::Reasoning(text) => json!({ "reasoningContent": { "text": text } }),
                Piece::Answer(text) => json!({ "text": text }),
            };
            let payload = json!({ "contentBlockIndex": 0, "delta": delta, "p": "abc" });
            event("contentBlockDelta", &payload)
        });
        let usage = json!({
            "inputTokens": self.prompt_tokens - self.cached_tokens,
            "cacheReadInputTokens": self.cached_tokens,
            "cacheWriteInputTokens": 0,
            "outputTokens": self.completion_tokens,
            "totalTokens": self.prompt_tokens + self.completion_tokens,
        });
        let metadata = json!({ "usage": usage, "metrics": { "latencyMs": 481 } });
        reply
            .send(event("messageStop", &json!({ "stopReason": "end_turn" })))
            .send(event("metadata", &metadata))
    }
}
