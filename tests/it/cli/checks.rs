//! Tests of `tierscope lanes --check`: what is said about each lane, and the status that scripts get.

use super::{Ended, Home};
use crate::loopback::{Loopback, Reply, Request};
use serde_json::{Value, json};
use std::fmt::Write as _;

/// Knows two models and one key.
fn host() -> Loopback {
    Loopback::route(|request: &Request| {
        if request.header("authorization") == Some("Bearer sk-wrong-0123456789") {
            return Reply::json(401, r#"{"error":{"message":"Incorrect API key provided"}}"#);
        }
        match request.path.as_str() {
            "/v1/models" => Reply::json(200, r#"{"data":[{"id":"gpt-4o"},{"id":"gpt-4o-mini"}]}"#),
            "/v1/models/gpt-4o" => Reply::json(200, r#"{"id":"gpt-4o"}"#),
            _ => Reply::json(404, r#"{"error":{"message":"no such model"}}"#),
        }
    })
}

/// A lane at that server: its name, provider, model and whatever else.
fn lanes(base_url: &str, lanes: &[(&str, &str, &str, &str)]) -> Home {
    let mut config = String::new();
    for (name, provider, model, more) in lanes {
        let _ = write!(
            config,
            "[[lane]]\nname = \"{name}\"\nprovider = \"{provider}\"\nmodel = \"{model}\"\n\
             base_url = \"{base_url}\"\n{more}\n\n"
        );
    }
    Home::with(&config)
}

fn run(home: &Home, arguments: &[&str]) -> Ended {
    let mut command = home.command(arguments);
    command
        .env("OPENAI_API_KEY", "sk-good-0123456789")
        .env("BAD_KEY", "sk-wrong-0123456789");
    Ended::from(command.output().unwrap())
}

/// What was said about the lane of this name.
fn checked(ended: &Ended, name: &str) -> Value {
    let rows: Vec<Value> = serde_json::from_str(&ended.out).unwrap();
    let row = rows.into_iter().find(|row| row["lane"] == name);
    row.unwrap_or_else(|| panic!("no lane {name}: {ended:?}"))["check"].clone()
}

#[test]
fn each_lane_is_told_what_its_host_says() {
    let server = host();
    let home = lanes(
        &server.url("/v1"),
        &[
            ("good", "openai", "gpt-4o", ""),
            ("typo", "openai", "gpt-4o-mni", ""),
            ("key", "openai", "gpt-4o", "api_key_env = \"BAD_KEY\""),
            ("maybe", "openai-compatible", "own", ""),
            ("off", "openai", "nothing", "enabled = false"),
        ],
    );
    let ended = run(&home, &["lanes", "--check", "--json"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    let fine =
        json!({ "result": "fine", "kind": null, "message": null, "nearest": [], "advice": null });
    assert_eq!(checked(&ended, "good"), fine);
    assert_eq!(checked(&ended, "off"), Value::Null, "it is not asked");
    let typo = checked(&ended, "typo");
    assert_eq!(
        (&typo["result"], &typo["kind"]),
        (&json!("wrong"), &json!("not_found"))
    );
    assert_eq!(typo["nearest"], json!(["gpt-4o-mini", "gpt-4o"]));
    assert_eq!(typo["advice"], "did you mean `gpt-4o-mini`, `gpt-4o`?");
    let key = checked(&ended, "key");
    assert_eq!(
        (&key["result"], &key["kind"]),
        (&json!("wrong"), &json!("auth"))
    );
    assert_eq!(
        key["advice"],
        "the host refuses the key in BAD_KEY (environment): correct it there"
    );
    assert_eq!(checked(&ended, "maybe")["result"], "unknown");
    assert!(
        server
            .requests()
            .iter()
            .all(|request| request.method == "GET")
    );

    let text = run(&home, &["lanes", "--check"]);
    assert_eq!(text.status, Some(3));
    let row = |name: &str| {
        text.out
            .lines()
            .find(|line| line.starts_with(name))
            .unwrap()
    };
    assert!(
        row("good").ends_with("; key: OPENAI_API_KEY (environment); fine"),
        "{}",
        text.out
    );
    assert!(
        row("typo").contains("; wrong: ") && row("typo").contains("did you mean"),
        "{}",
        text.out
    );
    assert!(row("maybe").contains("; unknown: "), "{}", text.out);
}

#[test]
fn the_status_is_that_of_the_lanes_that_take_part() {
    let server = host();
    let good = ("good", "openai", "gpt-4o", "");
    for (other, status) in [
        (("maybe", "openai-compatible", "own", ""), 0),
        (("off", "openai", "nothing", "enabled = false"), 0),
        (("typo", "openai", "gpt-5o", ""), 3),
        (
            ("keyless", "openai", "gpt-4o", "api_key_env = \"NOWHERE\""),
            3,
        ),
    ] {
        let home = lanes(&server.url("/v1"), &[good, other]);
        let ended = run(&home, &["lanes", "--check"]);
        assert_eq!(ended.status, Some(status), "{ended:?}");
        let unchecked = run(&home, &["lanes"]);
        assert_eq!(unchecked.status, Some(0), "{unchecked:?}");
    }
    let gone = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = format!("http://{}/v1", gone.local_addr().unwrap());
    drop(gone);
    let home = lanes(&address, &[good]);
    let ended = run(&home, &["lanes", "--check", "--json"]);
    assert_eq!(ended.status, Some(3), "{ended:?}");
    let said = checked(&ended, "good");
    assert_eq!(said["kind"], "connect");
    assert_eq!(
        said["advice"],
        "start the server, or correct the lane's `base_url`"
    );
}
