//! Frames as they stand on the wire, and requests as the vendors document them.

use super::*;

fn usage() -> Usage {
    Usage {
        prompt_tokens: Some(9),
        completion_tokens: Some(5),
        reasoning_tokens: Some(3),
        ..Usage::default()
    }
}

fn written(dialect: Dialect) -> Vec<String> {
    let mut writer = Writer::new(dialect, "m".to_owned(), true);
    writer.has_prompt(9);
    let mut out = writer.piece(Part::Reasoning, "hm");
    out += &writer.piece(Part::Answer, "2");
    out += &writer.piece(Part::Answer, "!");
    out += &writer.end(&usage(), FinishReason::Stop);
    out.split_terminator("\n\n").map(str::to_owned).collect()
}

/// The JSON of a frame; what does not belong there fails.
fn json_of(frame: &str) -> Value {
    let data = frame
        .lines()
        .last()
        .unwrap()
        .strip_prefix("data: ")
        .unwrap();
    serde_json::from_str(data).unwrap()
}

#[test]
fn chat_completions_are_chunks_with_the_counts_behind_them() {
    let frames = written(Dialect::Chat);
    let deltas: Vec<Value> = frames[..5]
        .iter()
        .map(|frame| json_of(frame)["choices"][0]["delta"].clone())
        .collect();
    assert_eq!(
        deltas,
        [
            json!({ "role": "assistant", "content": "" }),
            json!({ "reasoning_content": "hm" }),
            json!({ "content": "2" }),
            json!({ "content": "!" }),
            json!({}),
        ]
    );
    assert_eq!(json_of(&frames[4])["choices"][0]["finish_reason"], "stop");
    let counts = &json_of(&frames[5])["usage"];
    assert_eq!(counts["completion_tokens"], 5);
    assert_eq!(counts["completion_tokens_details"]["reasoning_tokens"], 3);
    assert_eq!(frames[6..], ["data: [DONE]"]);
}

#[test]
fn chat_completions_tell_counts_only_when_asked() {
    let mut writer = Writer::new(Dialect::Chat, "m".to_owned(), false);
    assert!(!writer.end(&usage(), FinishReason::Stop).contains("usage"));
}

#[test]
fn messages_are_blocks_that_open_and_close() {
    let kinds: Vec<String> = written(Dialect::Messages)
        .iter()
        .map(|frame| {
            let value = json_of(frame);
            let kind = value["type"].as_str().unwrap().to_owned();
            assert!(frame.starts_with(&format!("event: {kind}\n")), "{frame}");
            match value["index"].as_u64() {
                Some(index) => format!("{kind} {index}"),
                None => kind,
            }
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "message_start",
            "content_block_start 0",
            "content_block_delta 0",
            "content_block_stop 0",
            "content_block_start 1",
            "content_block_delta 1",
            "content_block_delta 1",
            "content_block_stop 1",
            "message_delta",
            "message_stop",
        ]
    );
}

#[test]
fn gemini_counts_thoughts_apart_from_the_candidate() {
    let frames = written(Dialect::Gemini);
    assert_eq!(frames.len(), 4);
    let first = &json_of(&frames[0])["candidates"][0]["content"]["parts"][0];
    assert_eq!(*first, json!({ "text": "hm", "thought": true }));
    let last = json_of(&frames[3]);
    assert_eq!(last["candidates"][0]["finishReason"], "STOP");
    assert_eq!(
        last["usageMetadata"],
        json!({ "promptTokenCount": 9, "candidatesTokenCount": 2, "thoughtsTokenCount": 3, "totalTokenCount": 14 })
    );
}

#[test]
fn what_a_person_set_is_read_from_each_format() {
    let cases = [
        (
            "/v1/chat/completions",
            json!({ "model": "m", "stream": true, "max_completion_tokens": 7, "temperature": 0.5, "stop": ["x"],
                    "reasoning_effort": "none",
                    "messages": [{ "role": "system", "content": "s" }, { "role": "user", "content": "q" }] }),
        ),
        (
            "/v1/messages",
            json!({ "model": "m", "stream": true, "max_tokens": 7, "temperature": 0.5, "stop_sequences": ["x"],
                    "thinking": { "type": "disabled" },
                    "messages": [{ "role": "user", "content": [{ "type": "text", "text": "q" }] }] }),
        ),
        (
            "/v1beta/models/m:streamGenerateContent",
            json!({ "contents": [{ "parts": [{ "text": "q" }] }],
                    "generationConfig": { "maxOutputTokens": 7, "temperature": 0.5, "stopSequences": ["x"],
                                          "thinkingConfig": { "includeThoughts": false, "thinkingBudget": 0 } } }),
        ),
    ];
    for (path, body) in cases {
        let asked = Asked::read(path, body.to_string().as_bytes())
            .unwrap()
            .unwrap();
        assert_eq!(asked.model, "m", "{path}");
        let request = asked.request;
        assert_eq!(request.prompt_text(), "q", "{path}");
        assert_eq!(request.messages.len(), 1, "{path}");
        assert_eq!(request.sampling.max_tokens, Some(7), "{path}");
        assert_eq!(request.sampling.temperature, Some(0.5), "{path}");
        assert_eq!(request.sampling.stop, ["x"], "{path}");
        assert_eq!(request.effort, Some(Effort::None), "{path}");
    }
}

#[test]
fn refusals_have_the_shape_of_their_format() {
    let body = |dialect: Dialect| -> Value {
        serde_json::from_str(&dialect.refused(404, "no such model").body).unwrap()
    };
    assert_eq!(body(Dialect::Chat)["error"]["code"], "model_not_found");
    assert_eq!(body(Dialect::Messages)["error"]["type"], "not_found_error");
    assert_eq!(body(Dialect::Messages)["type"], "error");
    assert_eq!(body(Dialect::Gemini)["error"]["status"], "NOT_FOUND");
    assert_eq!(body(Dialect::Gemini)["error"]["code"], 404);
}
