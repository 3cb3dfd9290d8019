//! Tests of reading configuration files: everything that may stand in one, and what is said about what may not.

use super::*;
use crate::domain::{
    plan::{GpuLayers, Schedule, TemplateSource},
    request::Effort,
    tier::Tier,
};
use serde_json::json;
use std::time::Duration;

fn environment() -> Environment {
    Environment::from_iter([("HOME", "/home/ada")])
}

fn read(text: &str) -> FileSpec {
    parse(text, &environment()).unwrap()
}

/// Every key that a lane can have.
const FULL_LANE: &str = r#"
[[lane]]
name = "mini"
provider = "openai"
model = "gpt-4o-mini"
tier = "small"
enabled = false
base_url = "http://127.0.0.1:9000/v1"
api_key_env = ""
headers = { x-team = "demo" }
price = { input = 0.15, output = 1, cached_input = 0.075, as_of = 2026-11-01 }
timeout = "120s"
connect_timeout = 5
idle_timeout = 1.5
max_retries = 0
extra = { reasoning_effort = "low", n = 1, deep = [{ x = 1.5, on = true }] }
max_tokens = 10
temperature = 1
top_p = 0.5
top_k = 40
min_p = 0.05
seed = 7
stop = "END"
system = ""
effort = "high"
path = "~/m.gguf"
gpu_layers = 12
devices = ["Vulkan0"]
context_tokens = 8192
threads = 0
parallel = 4
template = "~/chat.jinja"
thinking_budget = 0
cache_type = "q8_0"
draft = "d.gguf"
project = "p"
location = "l"
region = "r"
deployment = "d"
api_version = "v"
"#;

fn full_remote() -> RemoteSpec {
    RemoteSpec {
        base_url: Some("http://127.0.0.1:9000/v1".to_owned()),
        api_key_env: Some(String::new()),
        headers: [("x-team".to_owned(), "demo".to_owned())].into(),
        project: Some("p".to_owned()),
        location: Some("l".to_owned()),
        region: Some("r".to_owned()),
        deployment: Some("d".to_owned()),
        api_version: Some("v".to_owned()),
    }
}

fn full_local() -> LocalSpec {
    LocalSpec {
        path: Some("~/m.gguf".to_owned()),
        gpu_layers: Some(GpuLayers::Count(12)),
        devices: Some(vec!["Vulkan0".to_owned()]),
        context_tokens: Some(8192),
        threads: Some(0),
        parallel: Some(4),
        template: Some(TemplateSource::File("/home/ada/chat.jinja".into())),
        thinking_budget: Some(0),
        cache_type: Some("q8_0".to_owned()),
        draft: Some("d.gguf".to_owned()),
    }
}

#[test]
fn every_key_of_a_lane_is_read() {
    let spec = read(FULL_LANE);
    let lane = spec.lanes.first().unwrap();
    assert_eq!(lane.keys.len(), 38);
    let expected = LaneSpec {
        line: 2,
        model: Some("gpt-4o-mini".to_owned()),
        tier: Some(Tier::Small),
        enabled: Some(false),
        price: Some(Price {
            input: Some(0.15),
            output: Some(1.0),
            cached_input: Some(0.075),
            as_of: Some("2026-11-01".to_owned()),
            ..Price::default()
        }),
        connect_timeout: Some(Duration::from_secs(5)),
        idle_timeout: Some(Duration::from_millis(1500)),
        max_retries: Some(0),
        extra: json!({ "reasoning_effort": "low", "n": 1, "deep": [{ "x": 1.5, "on": true }] })
            .as_object()
            .unwrap()
            .clone(),
        tuning: Tuning {
            max_tokens: Some(10),
            temperature: Some(1.0),
            top_p: Some(0.5),
            top_k: Some(40),
            min_p: Some(0.05),
            seed: Some(7),
            stop: Some(vec!["END".to_owned()]),
            system: Some(String::new()),
            effort: Some(Effort::High),
            timeout: Some(Duration::from_secs(120)),
        },
        remote: full_remote(),
        local: full_local(),
        keys: lane.keys.clone(),
        ..LaneSpec::new("mini", ProviderId::OpenAi)
    };
    assert_eq!(lane, &expected);
}

#[test]
fn every_other_table_is_read() {
    let spec = read(
        r#"
[defaults]
max_tokens = 1024
stop = ["A", "B"]
schedule = "fair"
timeout = "2m"
max_cost = 0.5

[host.openai]
base_url = "https://proxy.example/v1"
api_key_env = "TEAM_KEY"
headers = { x-team = "demo" }
concurrency = 2

[network]
proxy = "http://127.0.0.1:3128"
ca_file = "~/ca.pem"

[history]
enabled = false
keep_days = 30

[ui]
theme = "dark"
keys = { quit = "ctrl-q" }
"#,
    );
    let expected = FileSpec {
        defaults: Tuning {
            max_tokens: Some(1024),
            stop: Some(vec!["A".to_owned(), "B".to_owned()]),
            timeout: Some(Duration::from_secs(120)),
            ..Tuning::default()
        },
        schedule: Some(Schedule::Fair),
        max_cost_usd: Some(0.5),
        lanes: Vec::new(),
        hosts: [(
            ProviderId::OpenAi,
            HostSettings {
                base_url: Some("https://proxy.example/v1".to_owned()),
                api_key_env: Some("TEAM_KEY".to_owned()),
                headers: [("x-team".to_owned(), "demo".to_owned())].into(),
                concurrency: 2,
            },
        )]
        .into(),
        network: NetworkSettings {
            proxy: Some("http://127.0.0.1:3128".to_owned()),
            ca_file: Some("/home/ada/ca.pem".into()),
        },
        history: HistorySettings {
            is_enabled: false,
            keep_days: Some(30),
        },
        ui: UiSettings {
            theme: Some("dark".to_owned()),
            keys: [("quit".to_owned(), "ctrl-q".to_owned())].into(),
        },
    };
    assert_eq!(spec, expected);
    assert_eq!(read(""), FileSpec::default());
}
