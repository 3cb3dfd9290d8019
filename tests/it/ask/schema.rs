//! The JSON schemas of the project, and that they refuse what is not in the contract.

use serde_json::{Value, json};
use std::{fs, path::Path};

/// A schema in `assets/schemas`.
pub struct Schema(jsonschema::Validator);

impl Schema {
    pub fn load(name: &str) -> Self {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/schemas");
        let text = fs::read_to_string(folder.join(name)).expect("readable");
        let schema: Value = serde_json::from_str(&text).expect("JSON");
        jsonschema::meta::validate(&schema).expect("a valid schema");
        Self(jsonschema::validator_for(&schema).expect("a usable schema"))
    }

    fn problems(&self, value: &Value) -> Vec<String> {
        let errors = self.0.iter_errors(value);
        errors
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    #[track_caller]
    pub fn accepts(&self, value: &Value) {
        let problems = self.problems(value);
        assert!(problems.is_empty(), "{problems:#?}\n{value:#}");
    }

    #[track_caller]
    pub fn refuses(&self, value: &Value, why: &str) {
        assert!(!self.problems(value).is_empty(), "{why}: {value:#}");
    }
}

/// The example of the contract.
fn example() -> Value {
    json!({ "schema": 1,
      "run": { "id": "a", "started_at": "2026-11-22T10:00:00.000Z", "schedule": "race",
               "prompt": { "system": null, "text": "hi" }, "version": "0.1.0" },
      "lanes": [ {
        "lane": "mini", "tier": "small", "provider": "openai", "model": "gpt-4o-mini", "access": "api",
        "status": "done", "finish_reason": "stop", "answer": "x", "reasoning": "",
        "usage": { "prompt_tokens": 12, "cached_prompt_tokens": 0, "completion_tokens": 34, "reasoning_tokens": 20,
                   "source": "reported" },
        "timing": { "queue_ms": 0, "load_ms": null, "connect_ms": 1.2, "ttfb_ms": 30.1, "ttft_ms": 31.0,
                    "ttfa_ms": 80.2, "thinking_ms": 49.2, "e2e_ms": 420.9 },
        "speed": { "decode_tokens_per_sec": 99.1, "e2e_tokens_per_sec": 80.8, "chars_per_sec": 410.0,
                   "prefill_tokens_per_sec": null, "tokens_per_chunk": 1.0,
                   "chunk_gap_ms": { "p50": 9.9, "p95": 14.0, "max": 31.2 }, "stalls": 0 },
        "server": { "prefill_ms": null, "decode_ms": null, "queue_ms": null, "ttft_ms": null },
        "cost_usd": 0.000_022_2, "price_as_of": "2026-11-01", "attempts": 1, "warnings": [], "error": null } ] })
}

/// Every object inside a value, by its path.
fn objects(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            found.push(path.to_owned());
            for (name, field) in fields {
                objects(field, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                objects(item, &format!("{path}/{index}"), found);
            }
        }
        _ => {}
    }
}

#[test]
fn the_schema_of_a_run_is_strict() {
    let schema = Schema::load("run.json");
    let example = example();
    schema.accepts(&example);
    let mut paths = Vec::new();
    objects(&example, "", &mut paths);
    assert_eq!(paths.len(), 9);
    for path in &paths {
        let fields = example
            .pointer(path)
            .and_then(Value::as_object)
            .expect("an object");
        for name in fields.keys() {
            let mut less = example.clone();
            let object = less.pointer_mut(path).and_then(Value::as_object_mut);
            object.expect("an object").remove(name);
            schema.refuses(&less, &format!("without {path}/{name}"));
        }
        let mut more = example.clone();
        more.pointer_mut(path).expect("an object")["extra"] = json!(1);
        schema.refuses(&more, &format!("with {path}/extra"));
    }
}

#[test]
fn the_schema_of_a_run_knows_the_words() {
    let schema = Schema::load("run.json");
    for (path, value) in [
        ("/schema", json!(2)),
        ("/run/started_at", json!("2026-11-22T10:00:00Z")),
        ("/lanes/0/tier", json!("huge")),
        ("/lanes/0/provider", json!("else")),
        ("/lanes/0/status", json!("running")),
        ("/lanes/0/status", json!("failed")),
        ("/lanes/0/finish_reason", Value::Null),
        ("/lanes/0/access", json!("local")),
        ("/lanes/0/usage/source", Value::Null),
        ("/lanes/0/usage/prompt_tokens", json!(1.5)),
        ("/lanes/0/timing/ttft_ms", json!("31")),
        ("/lanes/0/timing/ttft_ms", json!(-1)),
        ("/lanes/0/usage", Value::Null),
        ("/lanes/0/warnings", json!([1])),
        ("/lanes/0/error", json!({ "kind": "auth" })),
    ] {
        let mut changed = example();
        *changed.pointer_mut(path).expect("a field") = value.clone();
        schema.refuses(&changed, &format!("{path} is {value}"));
    }
    let mut failed = example();
    let lane = &mut failed["lanes"][0];
    lane["status"] = json!("failed");
    lane["finish_reason"] = Value::Null;
    lane["error"] =
        json!({ "kind": "auth", "message": "no", "status": 401, "retry_after_ms": null });
    schema.accepts(&failed);
}
