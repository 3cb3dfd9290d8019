//! Tests of `tierscope lanes`.

use super::{Ended, Home};
use serde_json::{Value, json};

/// The rows of `lanes --json` for lanes with these names, in their order.
fn rows(home: &Home, variables: &[(&str, &str)], names: &[&str]) -> Vec<Value> {
    let output = home
        .command(&["lanes", "--json"])
        .envs(variables.iter().copied())
        .output()
        .unwrap();
    let ended = Ended::from(output);
    assert_eq!(ended.status, Some(0), "{ended:?}");
    let rows: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    rows.into_iter()
        .filter(|row| names.contains(&row["lane"].as_str().unwrap()))
        .collect()
}

#[test]
fn lanes_say_what_they_lack() {
    let home = Home::with(
        "[[lane]]\nname = \"keyless\"\nprovider = \"openai\"\nmodel = \"gpt-4o-mini\"\n\
         [[lane]]\nname = \"off\"\nprovider = \"ollama\"\nmodel = \"m\"\nenabled = false\n\
         [[lane]]\nname = \"gone\"\nprovider = \"local\"\npath = \"/no/such.gguf\"\n\
         [[lane]]\nname = \"ready\"\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"http://127.0.0.1:9/v1\"\n",
    );
    let gone = if cfg!(feature = "local") {
        "/no/such.gguf is not there: put it there, or correct the path"
    } else {
        "local models: this program was built without them; build it with the feature `local`"
    };
    assert_eq!(
        rows(&home, &[], &["keyless", "off", "gone", "ready"]),
        [
            json!({ "lane": "ready", "tier": null, "provider": "openai-compatible", "model": "m", "access": "api",
                    "state": "runs", "place": "127.0.0.1:9", "lacks": null, "key": null }),
            json!({ "lane": "keyless", "tier": "small", "provider": "openai", "model": "gpt-4o-mini", "access": "api",
                    "state": "lacking", "place": null,
                    "lacks": "no key: set OPENAI_API_KEY, or name another variable with api_key_env", "key": null }),
            json!({ "lane": "off", "tier": null, "provider": "ollama", "model": "m", "access": "api",
                    "state": "off", "place": "ollama", "lacks": null, "key": null }),
            json!({ "lane": "gone", "tier": null, "provider": "local", "model": "such", "access": "local",
                    "state": "lacking", "place": null, "lacks": gone, "key": null }),
        ]
    );
}

#[test]
fn without_a_configuration_a_key_brings_lanes_and_others_say_their_variable() {
    let home = Home::new();
    let variables = [("ANTHROPIC_API_KEY", "sk-hush")];
    let rows = rows(&home, &variables, &["claude-haiku-4-5", "gpt-4o-mini"]);
    assert_eq!(
        rows,
        [
            json!({ "lane": "claude-haiku-4-5", "tier": "small", "provider": "anthropic",
                    "model": "claude-haiku-4-5", "access": "api", "state": "runs", "place": "anthropic",
                    "lacks": null, "key": { "name": "ANTHROPIC_API_KEY", "source": "environment" } }),
            json!({ "lane": "gpt-4o-mini", "tier": "small", "provider": "openai", "model": "gpt-4o-mini",
                    "access": "api", "state": "lacking", "place": null,
                    "lacks": "no key: set OPENAI_API_KEY, or name another variable with api_key_env", "key": null }),
        ]
    );
}

#[cfg(feature = "local")]
#[test]
fn pocket_lanes_run_by_themselves_only_without_a_configuration() {
    let states = |home: &Home| {
        let rows = rows(
            home,
            &[],
            &[
                "pocket-base",
                "pocket-small",
                "pocket-flagship",
                "pocket-reasoning",
            ],
        );
        rows.iter()
            .map(|row| row["state"].as_str().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(states(&Home::new()), ["runs", "runs", "runs", "runs"]);
    let home = Home::with("[[lane]]\nname = \"a\"\nprovider = \"ollama\"\nmodel = \"m\"\n");
    assert_eq!(states(&home), ["by_name", "by_name", "by_name", "by_name"]);
}

#[test]
fn the_table_is_for_a_person() {
    let home = Home::with(
        "[[lane]]\nname = \"ready\"\nprovider = \"ollama\"\nmodel = \"llama3\"\ntier = \"mid\"\n\
         [[lane]]\nname = \"keyless\"\nprovider = \"openai\"\nmodel = \"gpt-4o\"\n",
    );
    let ended = home.run(&["lanes"]);
    assert_eq!((ended.status, ended.err.as_str()), (Some(0), ""));
    let lines: Vec<String> = ended
        .out
        .lines()
        .filter(|line| !line.contains("pocket-"))
        .map(|line| line.split_whitespace().collect::<Vec<_>>().join(" "))
        .collect();
    assert_eq!(
        lines,
        [
            "LANE TIER PROVIDER MODEL WHERE",
            "ready mid ollama llama3 ollama",
            "- keyless flagship openai gpt-4o lacks: no key: set OPENAI_API_KEY, or name another variable with \
             api_key_env",
        ]
    );
}
