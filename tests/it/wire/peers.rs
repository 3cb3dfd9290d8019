//! Wrong numbers that other tools have shown, each with the stream that caused it and the figure that is right. The
//! streams are of our own making, with the figures of the reports; each test names its report.

use serde_json::{Value, json};
use std::time::Duration;
use tierscope::{
    domain::{
        cost::Price,
        event::{LaneEventKind, StreamEvent},
        failure::FailureKind,
        lane::{LaneState, Phase},
        metrics::Thinking,
    },
    wire::DialectKind::{self, Anthropic, Gemini, Ollama, OpenAiChat},
};

/// Folds an answer whose parts arrive at these times, in microseconds since t0.
fn lane(kind: DialectKind, parts: &[(u64, String)]) -> LaneState {
    let mut state = LaneState::default();
    state.apply(Duration::ZERO, &LaneEventKind::Sent { attempt: 1 });
    follow(&mut state, kind, parts);
    state
}

fn follow(state: &mut LaneState, kind: DialectKind, parts: &[(u64, String)]) {
    let t0 = state.timeline.sent.unwrap();
    state.apply(t0, &LaneEventKind::Stream(StreamEvent::Accepted));
    let mut reader = kind.reader();
    let mut at = t0;
    for (at_us, part) in parts {
        at = t0 + Duration::from_micros(*at_us);
        let mut events = Vec::new();
        reader.arrive(at);
        let fed = reader.feed(part.as_bytes(), &mut events);
        apply(state, at, events, fed.err());
    }
    let mut events = Vec::new();
    let ended = if reader.is_finished() {
        Ok(())
    } else {
        reader.end(&mut events)
    };
    apply(state, at, events, ended.err());
}

fn apply(
    state: &mut LaneState,
    at: Duration,
    events: Vec<StreamEvent>,
    failure: Option<tierscope::domain::failure::LaneFailure>,
) {
    for event in events {
        state.apply(at, &LaneEventKind::Stream(event));
    }
    if let Some(error) = failure {
        state.apply(at, &LaneEventKind::Failed { error });
    }
}

const fn ms(ms: u64) -> u64 {
    ms * 1000
}

fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

fn delta(delta: &Value) -> String {
    event(&json!({"choices": [{"index": 0, "delta": delta, "finish_reason": null}]}))
}

fn role() -> String {
    delta(&json!({"role": "assistant", "content": ""}))
}

/// The end of a chat completion with these counts.
fn end(reason: &str, usage: &Value) -> String {
    event(&json!({"choices": [{"index": 0, "delta": {}, "finish_reason": reason}]}))
        + &event(&json!({"choices": [], "usage": usage}))
        + "data: [DONE]\n\n"
}

fn counts(completion: u64, reasoning: u64) -> Value {
    json!({"prompt_tokens": 10, "completion_tokens": completion, "total_tokens": 10 + completion,
        "completion_tokens_details": {"reasoning_tokens": reasoning}})
}

#[track_caller]
fn close(found: Option<f64>, right: f64) {
    let found = found.unwrap();
    assert!(
        (found - right).abs() < 0.005 * right,
        "{found}, not {right}"
    );
}

/// `pieces` pieces of four characters each, one every `gap_us`, the first at `first_us`.
fn evenly(first_us: u64, gap_us: u64, pieces: u64, field: &str) -> Vec<(u64, String)> {
    let piece = |index| (first_us + index * gap_us, delta(&json!({field: "abcd"})));
    (0..pieces).map(piece).collect()
}

#[test]
fn c3_the_first_token_is_the_first_thought_not_the_answer_nor_the_empty_opener() {
    // aisix 869: 183 581 ms were logged where the first token came after 1 175 ms, and 1 ms where an opener was empty.
    // inference-perf 559: the same, or nothing at all. sglang 29251: a frame with a role alone is no token.
    let lane = lane(
        OpenAiChat,
        &[
            (ms(1), role()),
            (
                ms(1_175),
                delta(&json!({"reasoning_content": "Let me see"})),
            ),
            (ms(183_581), delta(&json!({"content": "42"}))),
            (ms(183_600), end("stop", &counts(900, 890))),
        ],
    );
    let timing = lane.timing();
    assert_eq!(timing.ttft_ms, Some(1_175.0));
    assert_eq!(timing.ttfa_ms, Some(183_581.0));
    assert_eq!(timing.thinking_ms, Some(182_406.0));
}

#[test]
fn c3_hidden_thinking_is_waiting_and_is_not_taken_off() {
    // bike4mind 2128: turns that were frozen while the model thought looked fast.
    let lane = lane(
        OpenAiChat,
        &[
            (ms(300), role()),
            (ms(40_000), delta(&json!({"content": "42"}))),
            (ms(40_010), end("stop", &counts(2_001, 2_000))),
        ],
    );
    assert_eq!(lane.timing().ttft_ms, Some(40_000.0));
    assert_eq!(lane.timing().ttfa_ms, Some(40_000.0));
    assert_eq!(
        lane.timing().thinking_ms,
        None,
        "how long it thought is not known"
    );
    assert_eq!(lane.thinking(), Thinking::Hidden);
    close(lane.speed().e2e_tokens_per_sec, 50.025);
}

#[test]
fn c3_tokens_thought_out_of_sight_are_not_speed() {
    // grok2api 949: 23 609 tokens a second were shown, 76 were true. xAI counts thinking beside the completion.
    let mut parts = evenly(ms(20_000), 13_158, 77, "content");
    let usage = json!({"prompt_tokens": 10, "completion_tokens": 77, "total_tokens": 10 + 77 + 23_532,
        "completion_tokens_details": {"reasoning_tokens": 23_532}});
    parts.push((ms(21_010), end("stop", &usage)));
    let lane = lane(OpenAiChat, &parts);
    assert_eq!(lane.usage().completion_tokens, Some(23_609));
    close(lane.speed().decode_tokens_per_sec, 76.0);
}

#[test]
fn c3_tokens_thought_in_sight_are_speed() {
    // codex-router 695: where thinking is streamed, leaving it out undercounts 2 to 60 times. 59 thoughts to one piece.
    let mut parts = evenly(ms(100), ms(10), 590, "reasoning_content");
    parts.extend(evenly(ms(6_000), ms(10), 10, "content"));
    parts.push((ms(6_100), end("stop", &counts(600, 590))));
    let lane = lane(OpenAiChat, &parts);
    assert_eq!(lane.thinking(), Thinking::Streamed);
    close(lane.speed().decode_tokens_per_sec, 100.0);
}

#[test]
fn c3_thinking_is_found_under_either_name() {
    // sparkDash 36: 0 tokens a second and 0 ms, without an error, where the field had the other name.
    for field in ["reasoning", "reasoning_content"] {
        let mut parts = evenly(ms(500), ms(20), 51, field);
        parts.push((ms(1_510), end("length", &counts(51, 51))));
        let lane = lane(OpenAiChat, &parts);
        assert_eq!(lane.timing().ttft_ms, Some(500.0), "{field}");
        close(lane.speed().decode_tokens_per_sec, 50.0);
    }
}

#[test]
fn c3_gemini_counts_thinking_outside_and_openai_inside() {
    // cap-token-usage-tracker 75: 25 tokens a second for the one, 325 for the other, of the same answer.
    let text = |text: &str, usage: &Value| {
        let candidate = json!({"content": {"parts": [{"text": text}]}, "finishReason": "STOP"});
        format!(
            "data: {}\r\n\r\n",
            json!({"candidates": [candidate], "usageMetadata": usage})
        )
    };
    let usage = json!({"promptTokenCount": 10, "candidatesTokenCount": 25, "thoughtsTokenCount": 300, "totalTokenCount": 335});
    let gemini: Vec<_> = (0..25)
        .map(|index| (ms(1_000) + index * 41_667, text("abcd", &usage)))
        .collect();
    let mut openai = evenly(ms(1_000), 41_667, 25, "content");
    openai.push((ms(2_001), end("stop", &counts(325, 300))));
    for lane in [lane(Gemini, &gemini), lane(OpenAiChat, &openai)] {
        assert_eq!(lane.usage().completion_tokens, Some(325));
        assert_eq!(lane.usage().reasoning_tokens, Some(300));
        close(lane.speed().decode_tokens_per_sec, 24.0);
        close(lane.speed().e2e_tokens_per_sec, 162.5);
    }
}

#[test]
fn c3_what_is_seen_of_thinking_differs_and_is_said() {
    // llmeter 99: redacted, a summary, or nothing at all.
    let block = |kind: &str| {
        event(
            &json!({"type": "content_block_start", "index": 0, "content_block": {"type": kind, "data": "x"}}),
        ) + &event(&json!({"type": "content_block_stop", "index": 0}))
    };
    let summary = event(
        &json!({"type": "content_block_delta", "index": 0, "delta": {"type": "thinking_delta", "thinking": "I compare"}}),
    );
    let rest = event(
        &json!({"type": "content_block_delta", "index": 1, "delta": {"type": "text_delta", "text": "42"}}),
    ) + &event(
        &json!({"type": "message_delta", "delta": {"stop_reason": "end_turn"}, "usage": {"output_tokens": 90, "output_tokens_details": {"thinking_tokens": 80}}}),
    ) + &event(&json!({"type": "message_stop"}));
    for (thought, first_ms) in [
        (block("redacted_thinking"), 900.0),
        (block("thinking"), 900.0),
        (
            block("thinking").replacen("\n\n", &format!("\n\n{summary}"), 1),
            200.0,
        ),
        (String::from(": nothing\n\n"), 900.0),
    ] {
        let lane = lane(Anthropic, &[(ms(200), thought), (ms(900), rest.clone())]);
        assert_eq!(lane.thinking(), Thinking::Hidden);
        assert_eq!(lane.timing().ttft_ms, Some(first_ms));
        assert_eq!(lane.timing().ttfa_ms, Some(900.0));
        assert_eq!(lane.usage().reasoning_tokens, Some(80));
    }
}

#[test]
fn c4_a_chunk_is_not_a_token() {
    // llama-benchy 11: 5.51 were shown, chunks a second, where 25.16 tokens a second were true: drafted tokens come
    // several in one chunk. probar 27: so the tokens of a chunk are shown.
    let mut parts = evenly(ms(400), 181_488, 500, "content");
    parts.push((ms(91_000), end("stop", &counts(2_283, 0))));
    let speed = lane(OpenAiChat, &parts).speed();
    close(speed.decode_tokens_per_sec, 25.16);
    close(speed.tokens_per_chunk, 4.566);
    // FastDeploy 8113: and the other way round, chunks without a token of their own.
    let mut parts = evenly(ms(400), ms(10), 1_001, "content");
    parts.push((ms(10_500), end("stop", &counts(501, 0))));
    let speed = lane(OpenAiChat, &parts).speed();
    close(speed.decode_tokens_per_sec, 50.05);
    close(speed.tokens_per_chunk, 0.5005);
}

#[test]
fn c4_thinking_that_is_sent_twice_counts_once_and_an_error_is_no_success() {
    // tokenomics 16.
    let twice = json!({"reasoning": "abcd", "reasoning_details": [{"type": "reasoning.text", "text": "abcd"}]});
    let thought = |index: u64| (ms(100 + 10 * index), delta(&twice));
    let mut parts: Vec<_> = (0..50).map(thought).collect();
    parts.push((
        ms(700),
        "event: error\ndata: {\"error\":{\"message\":\"Engine gone\",\"status_code\":500}}\n\n"
            .to_owned(),
    ));
    let lane = lane(OpenAiChat, &parts);
    assert_eq!(lane.reasoning.len(), 200);
    assert!(matches!(&lane.phase, Phase::Failed(failure) if failure.kind == FailureKind::Server));
    assert_eq!(
        lane.timing().e2e_ms,
        Some(590.0),
        "the last piece, not the error"
    );
}

#[test]
fn c5_an_answer_that_thinking_starved_is_not_empty_without_a_word() {
    // litellm-docs 559: 199 of 200 tokens were thinking, the answer empty, and billed. open-pencil 454: "incapable".
    let lane = lane(
        OpenAiChat,
        &[(ms(4_000), role() + &end("length", &counts(200, 199)))],
    );
    assert_eq!(lane.answer, "");
    assert_eq!(
        lane.warnings(),
        ["thinking took 199 of 200 tokens: raise max_tokens"]
    );
    let price = Price {
        input: Some(1.0),
        output: Some(10.0),
        ..Price::default()
    };
    assert_eq!(
        lane.cost_usd(Some(&price)),
        Some(0.002_01),
        "thinking is billed"
    );
}

#[test]
fn c6_a_cold_load_is_not_latency() {
    // gaia 2924: a person waited 44.5 s, the screen said 7.6 s. macprovider 901: 9 601 ms cold, 497 ms warm.
    for (load, first) in [(36_900_u32, 7_600_u32), (9_104, 497), (0, 497)] {
        let mut state = LaneState::default();
        if load > 0 {
            state.apply(Duration::ZERO, &LaneEventKind::Loading { percent: 0 });
        }
        state.apply(
            Duration::from_millis(load.into()),
            &LaneEventKind::Sent { attempt: 1 },
        );
        follow(
            &mut state,
            OpenAiChat,
            &[(
                ms(first.into()),
                delta(&json!({"content": "x"})) + &end("stop", &counts(1, 0)),
            )],
        );
        let timing = state.timing();
        let expected = (load > 0).then_some(f64::from(load));
        assert_eq!(
            (timing.load_ms, timing.ttft_ms),
            (expected, Some(f64::from(first)))
        );
    }
}

#[test]
fn c6_a_server_that_loads_first_says_so_and_the_wait_is_told_apart() {
    // Ollama loads a model inside of the request: the time to the first token holds it, and the lane says how much.
    let line = |text: &str| json!({"message": {"content": text}, "done": false}).to_string() + "\n";
    let done = |load_ns: u64| {
        json!({"message": {"content": ""}, "done": true, "done_reason": "stop", "load_duration": load_ns,
            "prompt_eval_count": 9, "eval_count": 1}).to_string() + "\n"
    };
    let cold = lane(
        Ollama,
        &[(ms(44_500), line("x")), (ms(44_600), done(36_900_000_000))],
    );
    assert_eq!(cold.timing().ttft_ms, Some(44_500.0));
    assert_eq!(cold.server.load_ms, Some(36_900.0));
    assert_eq!(
        cold.warnings(),
        ["the server loaded the model first: 36.9 s of the 44.5 s to the first token"]
    );
    // A model that is there already takes a few milliseconds to be found.
    let warm = lane(Ollama, &[(ms(497), line("x")), (ms(600), done(45_000_000))]);
    assert_eq!(warm.warnings(), Vec::<String>::new());
}

#[test]
fn c13_an_unknown_price_is_unknown_and_a_known_one_is_used() {
    // promptfoo 10512: a model that is newer than the program cost nothing, even where its price was given.
    // AssemblyZero 3195: a price was invented. control-tower 1755: cached tokens at the full price, more than twice.
    let usage = json!({"prompt_tokens": 1_000, "completion_tokens": 100, "prompt_tokens_details": {"cached_tokens": 900}});
    let lane = lane(
        OpenAiChat,
        &[(
            ms(100),
            delta(&json!({"content": "x"})) + &end("stop", &usage),
        )],
    );
    assert_eq!(tierscope::catalog::find("a-model-of-next-year"), None);
    assert_eq!(lane.cost_usd(None), None);
    let mut price = Price {
        input: Some(5.0),
        output: Some(25.0),
        ..Price::default()
    };
    assert_eq!(
        lane.cost_usd(Some(&price)),
        None,
        "cached tokens have another price"
    );
    price.cached_input = Some(0.5);
    assert_eq!(lane.cost_usd(Some(&price)), Some(0.003_45));
}
