//! A second reading of whole bodies, as plain as can be and with nothing of the program in it: the answer and the
//! thinking, put together from every line of data.

use serde_json::Value;
use tierscope::wire::DialectKind;

/// The answer and the thinking of a whole body.
pub fn texts(kind: DialectKind, body: &[u8]) -> (String, String) {
    let body = String::from_utf8_lossy(body);
    let (mut answer, mut reasoning) = (String::new(), String::new());
    for line in body.lines() {
        let line = line.strip_prefix("data:").unwrap_or(line).trim();
        let Ok(value) = serde_json::from_str::<Value>(line) else {
            continue;
        };
        let (said, thought) = match kind {
            DialectKind::OpenAiChat => of_chunk(&value),
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
