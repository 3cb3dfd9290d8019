//! A second reading of whole bodies, as plain as can be and with nothing of the program in it: the answer and the
//! thinking, put together from every line of data.

use serde_json::Value;
use tierscope::wire::DialectKind;

/// The answer and the thinking of a whole body.
pub fn texts(kind: DialectKind, body: &[u8]) -> (String, String) {
    let (mut answer, mut reasoning) = (String::new(), String::new());
    for value in values(kind, body) {
        let (said, thought) = match kind {
            DialectKind::OpenAiChat => of_chunk(&value),
            DialectKind::OpenAiResponses => of_response_event(&value),
            DialectKind::Cohere => {
                let content = &value["delta"]["message"]["content"];
                (string(&content["text"]), string(&content["thinking"]))
            }
            DialectKind::Bedrock => {
                let delta = &value["delta"];
                (
                    string(&delta["text"]),
                    string(&delta["reasoningContent"]["text"]),
                )
            }
            DialectKind::Anthropic => (
                string(&value["delta"]["text"]),
                string(&value["delta"]["thinking"]),
            ),
            DialectKind::Gemini => of_parts(&value["candidates"][0]["content"]["parts"]),
            DialectKind::Ollama => (
                string(&value["message"]["content"]) + &string(&value["response"]),
                string(&value["message"]["thinking"]),
            ),
        };
        answer.push_str(&said);
        reasoning.push_str(&thought);
    }
    match answer
        .strip_prefix("<think>")
        .map(|rest| rest.split_once("</think>"))
    {
        Some(Some((thought, rest))) => (rest.trim_start().to_owned(), thought.to_owned()),
        _ => (answer, reasoning),
    }
}

/// What is JSON of a body: its lines, or the payloads of its frames.
fn values(kind: DialectKind, body: &[u8]) -> Vec<Value> {
    if kind == DialectKind::Bedrock {
        return payloads(body);
    }
    let body = String::from_utf8_lossy(body);
    let data = |line: &str| line.strip_prefix("data:").unwrap_or(line).trim().to_owned();
    let values = body
        .lines()
        .map(|line| serde_json::from_str::<Value>(&data(line)));
    values.filter_map(Result::ok).collect()
}

fn payloads(mut body: &[u8]) -> Vec<Value> {
    let number = |at: &[u8]| u32::from_be_bytes(at.try_into().unwrap()) as usize;
    let mut found = Vec::new();
    while !body.is_empty() {
        let (length, headers) = (number(&body[..4]), number(&body[4..8]));
        let payload = &body[12 + headers..length - 4];
        found.push(serde_json::from_slice(payload).unwrap());
        body = &body[length..];
    }
    found
}

fn string(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn of_chunk(chunk: &Value) -> (String, String) {
    let choice = &chunk["choices"][0];
    if choice["index"] != 0 {
        return (String::new(), String::new());
    }
    let delta = &choice["delta"];
    let mut thought = string(&delta["reasoning_content"]) + &string(&delta["reasoning"]);
    let mut said = string(&delta["content"]) + &string(&delta["refusal"]);
    for part in delta["content"].as_array().into_iter().flatten() {
        said += &string(&part["text"]);
        for piece in part["thinking"].as_array().into_iter().flatten() {
            thought += &string(&piece["text"]);
        }
    }
    (said, thought)
}

fn of_response_event(event: &Value) -> (String, String) {
    let delta = string(&event["delta"]);
    match event["type"].as_str().unwrap_or_default() {
        "response.output_text.delta" | "response.refusal.delta" => (delta, String::new()),
        "response.reasoning_text.delta" | "response.reasoning_summary_text.delta" => {
            (String::new(), delta)
        }
        _ => (String::new(), String::new()),
    }
}

fn of_parts(parts: &Value) -> (String, String) {
    let (mut said, mut thought) = (String::new(), String::new());
    for part in parts.as_array().into_iter().flatten() {
        let text = string(&part["text"]);
        match part["thought"].as_bool() {
            Some(true) => thought += &text,
            _ => said += &text,
        }
    }
    (said, thought)
}
