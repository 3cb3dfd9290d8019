//! The JSON of a run: one local lane and lanes of four dialects, held against the schema and against what was sent.

use super::{schema::Schema, stage::Home};
use crate::loopback::{Loopback, Reply, Speech};
use serde_json::{Value, json};
use std::{fmt::Write as _, time::Duration};

/// What each remote lane says: thinking, then an answer, 20 ms apart.
fn speech() -> Speech {
    let mut answer = vec!["The ", "answer ", "is "];
    answer.extend(["very "; 16]);
    answer.push("good.");
    Speech::of(&answer)
        .thinking(&["Let me ", "think."])
        .prompt(12, 4)
        .paced(Duration::from_millis(30), Duration::from_millis(20))
}

fn server() -> Loopback {
    Loopback::route(|request| {
        let speech = speech();
        match request.path.as_str() {
            "/v1/chat/completions" => speech.openai(),
            "/v1/messages" => speech.anthropic(),
            "/api/chat" => speech.ollama(),
            path if path.starts_with("/v1beta/models/") => speech.gemini(),
            _ => Reply::status(404),
        }
    })
}

fn config(server: &Loopback) -> String {
    let (origin, v1) = (server.url(""), server.url("/v1"));
    let mut config = format!(
        r#"
        [defaults]
        max_tokens = 64
        system = "Be brief."

        [[lane]]
        name = "chat"
        provider = "openai"
        model = "gpt-4o-mini"
        tier = "small"
        base_url = "{v1}"
        api_key_env = ""
        price = {{ input = 1.0, output = 2.0, cached_input = 0.5, as_of = "2026-11-01" }}

        [[lane]]
        name = "claude"
        provider = "anthropic"
        model = "claude-3-5-haiku"
        tier = "flagship"
        base_url = "{origin}"
        api_key_env = ""
        price = {{ input = 1.0, output = 2.0, cached_input = 0.5, as_of = "2026-11-01" }}

        [[lane]]
        name = "gemini"
        provider = "gemini"
        model = "gemini-2.5-flash"
        tier = "mid"
        base_url = "{origin}"
        api_key_env = ""
        price = {{ input = 1.0, output = 2.0, cached_input = 0.5, as_of = "2026-11-01" }}

        [[lane]]
        name = "ollama"
        provider = "ollama"
        model = "scripted"
        base_url = "{origin}"
        "#
    );
    if cfg!(feature = "local") {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/assets/pocket/pocket-flagship.gguf"
        );
        let _ = write!(
            config,
            "\n[[lane]]\nname = \"pocket\"\nprovider = \"local\"\npath = '{path}'\ntier = \"small\"\n"
        );
    }
    config
}

#[test]
fn a_run_of_every_dialect_is_the_document_of_the_contract() {
    let server = server();
    let home = Home::new(&config(&server));
    let asked = home
        .asked(&["What is 2 + 2?", "--format", "json"])
        .with_code(0);
    assert_eq!(asked.err, "");
    let document: Value = serde_json::from_str(&asked.out).expect("one JSON document");
    Schema::load("run.json").accepts(&document);

    assert_eq!(document["schema"], 1);
    assert_eq!(document["run"]["schedule"], "race");
    let prompt = json!({ "system": "Be brief.", "text": "What is 2 + 2?" });
    assert_eq!(document["run"]["prompt"], prompt);
    assert_eq!(document["run"]["version"], env!("CARGO_PKG_VERSION"));
    let lanes = document["lanes"].as_array().expect("lanes");
    let names: Vec<_> = lanes
        .iter()
        .map(|lane| lane["lane"].as_str().expect("a name"))
        .collect();
    let remote = ["chat", "claude", "gemini", "ollama"];
    assert_eq!(names[..4], remote);
    for lane in &lanes[..4] {
        remote_lane(lane);
    }
    assert_eq!(lanes[0]["tier"], "small");
    assert_eq!(lanes[1]["model"], "claude-3-5-haiku");
    if cfg!(feature = "local") {
        local_lane(&lanes[4]);
    }
    for request in server.requests() {
        let body = String::from_utf8_lossy(&request.body).into_owned();
        assert!(
            body.contains("What is 2 + 2?") && body.contains("Be brief."),
            "{body}"
        );
    }
}

fn number(lane: &Value, path: &str) -> f64 {
    let value = lane.pointer(path).and_then(Value::as_f64);
    value.unwrap_or_else(|| panic!("{path} is no number in {lane:#}"))
}

/// The times stand in their order, and the rates belong to them.
fn times_agree(lane: &Value) {
    let [headers, piece, answer, end] = ["ttfb_ms", "ttft_ms", "ttfa_ms", "e2e_ms"]
        .map(|name| number(lane, &format!("/timing/{name}")));
    assert!(
        headers <= piece && piece <= answer && answer <= end,
        "{lane:#}"
    );
    assert!(number(lane, "/timing/queue_ms") >= 0.0);
    let tokens = number(lane, "/usage/completion_tokens");
    let rate = number(lane, "/speed/e2e_tokens_per_sec");
    assert!((rate - tokens * 1_000.0 / end).abs() < 0.01, "{lane:#}");
}

fn remote_lane(lane: &Value) {
    let name = lane["lane"].as_str().expect("a name");
    let speech = speech();
    assert_eq!(lane["access"], "api", "{name}");
    assert_eq!(
        (&lane["status"], &lane["finish_reason"]),
        (&json!("done"), &json!("stop")),
        "{lane:#}"
    );
    assert_eq!(
        (&lane["error"], &lane["attempts"]),
        (&Value::Null, &json!(1)),
        "{lane:#}"
    );
    assert_eq!(lane["warnings"], json!([]), "{name}");
    let answer = format!("The answer is {}good.", "very ".repeat(16));
    assert_eq!(lane["answer"], answer, "{name}");
    assert_eq!(lane["reasoning"], "Let me think.", "{name}");

    let usage = &lane["usage"];
    assert_eq!(usage["source"], "reported", "{name}");
    assert_eq!(usage["prompt_tokens"], speech.prompt_tokens, "{name}");
    assert_eq!(
        usage["completion_tokens"], speech.completion_tokens,
        "{name}"
    );
    // Ollama reports neither cached nor reasoning tokens.
    let (cached, reasoning, cost) = match name {
        "ollama" => (Value::Null, Value::Null, Value::Null),
        _ => (
            json!(4),
            json!(2),
            json!((8.0 + 4.0 * 0.5 + 22.0 * 2.0) / 1e6),
        ),
    };
    assert_eq!(usage["cached_prompt_tokens"], cached, "{name}");
    assert_eq!(usage["reasoning_tokens"], reasoning, "{name}");
    assert_eq!(lane["cost_usd"], cost, "{name}");
    let as_of = if cost.is_null() {
        Value::Null
    } else {
        json!("2026-11-01")
    };
    assert_eq!(lane["price_as_of"], as_of, "{name}");

    times_agree(lane);
    // What the script says at the earliest; a loaded machine is later, never earlier.
    assert!(number(lane, "/timing/ttft_ms") >= 30.0, "{lane:#}");
    assert!(number(lane, "/timing/ttfa_ms") >= 70.0, "{lane:#}");
    assert!(number(lane, "/timing/e2e_ms") >= 450.0, "{lane:#}");
    let thinking = number(lane, "/timing/ttfa_ms") - number(lane, "/timing/ttft_ms");
    assert!(
        (number(lane, "/timing/thinking_ms") - thinking).abs() < 0.01,
        "{lane:#}"
    );
    assert_eq!(lane["timing"]["load_ms"], Value::Null, "{name}");
    assert!(
        number(lane, "/speed/decode_tokens_per_sec") > 1.0,
        "{lane:#}"
    );
    assert!(number(lane, "/speed/tokens_per_chunk") > 0.0, "{lane:#}");
    assert!(number(lane, "/speed/chunk_gap_ms/p50") > 0.0, "{lane:#}");
    let prefill = if name == "ollama" {
        json!(20.0)
    } else {
        Value::Null
    };
    assert_eq!(lane["server"]["prefill_ms"], prefill, "{name}");
}

fn local_lane(lane: &Value) {
    assert_eq!(
        (&lane["provider"], &lane["access"]),
        (&json!("local"), &json!("local"))
    );
    assert_eq!(
        (&lane["status"], &lane["error"]),
        (&json!("done"), &Value::Null),
        "{lane:#}"
    );
    assert!(
        !lane["answer"].as_str().expect("text").is_empty(),
        "{lane:#}"
    );
    assert_eq!(lane["usage"]["source"], "counted", "{lane:#}");
    assert!(number(lane, "/usage/prompt_tokens") > 0.0);
    assert!(number(lane, "/usage/completion_tokens") <= 64.0, "{lane:#}");
    assert!(number(lane, "/timing/load_ms") > 0.0, "{lane:#}");
    assert_eq!(lane["timing"]["connect_ms"], Value::Null);
    assert!(number(lane, "/server/prefill_ms") > 0.0, "{lane:#}");
    assert!(
        number(lane, "/speed/prefill_tokens_per_sec") > 0.0,
        "{lane:#}"
    );
    assert_eq!(
        (&lane["cost_usd"], &lane["price_as_of"]),
        (&Value::Null, &Value::Null)
    );
    times_agree(lane);
}
