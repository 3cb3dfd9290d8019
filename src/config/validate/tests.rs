//! Tests of what a lane comes to when the layers are laid over one another.

mod limits;

use super::*;
use crate::{
    config::{Settings, file::parse, layer::Selection, select::Candidates, show},
    domain::{
        cost::Price,
        plan::{GpuLayers, TemplateSource},
        request::Effort,
        tier::Tier,
    },
};
use std::time::Duration;

fn environment() -> Environment {
    Environment::from_iter([("HOME", "/home/ada")])
}

/// The plans of a file under these wishes of the command line and the environment.
fn plans(text: &str, above: &Tuning) -> Vec<LanePlan> {
    let environment = environment();
    let spec = parse(text, &environment).unwrap();
    let layers = Layers {
        above,
        below: &spec.defaults,
        hosts: &spec.hosts,
        environment: &environment,
    };
    let plan = |lane| layers.plan(lane).unwrap();
    spec.lanes.iter().map(plan).collect()
}

const FILE: &str = r#"
[defaults]
temperature = 0.7
top_k = 40
seed = 1
system = "Be brief."
timeout = "90s"

[host.openai]
api_key_env = "TEAM_KEY"
headers = { x-team = "demo", X-Who = "host" }

[[lane]]
name = "mini"
provider = "openai"
model = "gpt-4o-mini"
seed = 2
headers = { x-WHO = "lane" }

[[lane]]
name = "qwen"
provider = "local"
path = "~/models/qwen3.gguf"
system = ""
effort = "low"
"#;

#[test]
fn command_line_over_file_over_default() {
    let above = Tuning {
        temperature: Some(0.0),
        ..Tuning::default()
    };
    let sampling = Sampling {
        max_tokens: Some(1024),
        temperature: Some(0.0),
        top_k: Some(40),
        seed: Some(2),
        ..Sampling::default()
    };
    let timeouts = Timeouts {
        whole: Duration::from_secs(90),
        ..Timeouts::default()
    };
    let mini = LanePlan {
        name: "mini".to_owned(),
        tier: Some(Tier::Small),
        provider: ProviderId::OpenAi,
        model: "gpt-4o-mini".to_owned(),
        source: LaneSource::Remote(RemotePlan {
            base_url: None,
            api_key_env: Some("TEAM_KEY".to_owned()),
            headers: [("x-team", "demo"), ("x-who", "lane")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
                .into(),
            ..RemotePlan::default()
        }),
        sampling: sampling.clone(),
        system: Some("Be brief.".to_owned()),
        effort: None,
        extra: serde_json::Map::new(),
        price: Some(Price {
            input: Some(0.15),
            output: Some(0.60),
            cached_input: Some(0.075),
            as_of: Some("2026-11-25".to_owned()),
            ..Price::default()
        }),
        timeouts,
        max_retries: 2,
        is_enabled: true,
        notes: Vec::new(),
    };
    let qwen = LanePlan {
        name: "qwen".to_owned(),
        tier: None,
        provider: ProviderId::Local,
        model: "qwen3".to_owned(),
        source: LaneSource::Local(LocalPlan {
            path: "/home/ada/models/qwen3.gguf".into(),
            gpu_layers: GpuLayers::Auto,
            devices: Vec::new(),
            context_tokens: None,
            threads: 0,
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        }),
        sampling: Sampling {
            seed: Some(1),
            ..sampling
        },
        system: None,
        effort: Some(Effort::Low),
        price: None,
        ..mini.clone()
    };
    assert_eq!(plans(FILE, &above), [mini, qwen]);
}

#[test]
fn behind_another_address_a_list_price_says_nothing() {
    let text = "[[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"gpt-4o\"\nbase_url = \"http://127.0.0.1:1\"\n";
    let lanes = plans(text, &Tuning::default());
    assert_eq!(
        lanes
            .iter()
            .map(|lane| lane.price.clone())
            .collect::<Vec<_>>(),
        [None]
    );
}

#[test]
fn a_llama_server_needs_no_model() {
    let text = "[[lane]]\nname = \"a\"\nprovider = \"llama-server\"\n";
    let lanes = plans(text, &Tuning::default());
    assert_eq!(
        lanes.first().map(|lane| lane.model.as_str()),
        Some("default")
    );
}

#[test]
fn a_key_without_effect_is_said() {
    let text = "[[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"m\"\nthreads = 2\ndeployment = \"d\"\n\
                [[lane]]\nname = \"b\"\nprovider = \"local\"\npath = \"m\"\nextra = {}\ndraft = \"d\"\n";
    let spec = parse(text, &environment()).unwrap();
    let mut warnings: Vec<_> = spec.lanes.iter().flat_map(LaneSpec::warnings).collect();
    warnings.sort();
    assert_eq!(
        warnings,
        [
            "lane `a` (line 1): `deployment` has no effect with provider `openai`",
            "lane `a` (line 1): `threads` has no effect with provider `openai`",
            "lane `b` (line 7): `draft` has no effect in this version",
            "lane `b` (line 7): `extra` has no effect with provider `local`",
        ]
    );
}

/// One lane of each host that has parts in its address.
const CLOUDS: &str = r#"
[[lane]]
name = "vertex"
provider = "vertex"
model = "gemini-2.5-flash"
project = "p"
location = "us-central1"
[[lane]]
name = "bedrock"
provider = "bedrock"
model = "us.amazon.nova-2-lite-v1:0"
region = "eu-west-1"
[[lane]]
name = "azure"
provider = "azure-openai"
model = "gpt-4o"
base_url = "https://x.openai.azure.com"
deployment = "d"
api_version = "2024-10-21"
"#;

#[test]
fn the_parts_of_an_address_reach_the_plan_of_the_host_that_uses_them() {
    let spec = parse(CLOUDS, &environment()).unwrap();
    let warnings: Vec<_> = spec.lanes.iter().flat_map(LaneSpec::warnings).collect();
    assert_eq!(warnings, [""; 0]);
    let text = |text: &str| Some(text.to_owned());
    let found: Vec<RemotePlan> = plans(CLOUDS, &Tuning::default())
        .into_iter()
        .filter_map(|plan| match plan.source {
            LaneSource::Remote(remote) => Some(remote),
            LaneSource::Local(_) | LaneSource::Tape(_) | LaneSource::Played(_) => None,
        })
        .collect();
    let vertex = RemotePlan {
        project: text("p"),
        location: text("us-central1"),
        ..RemotePlan::default()
    };
    let bedrock = RemotePlan {
        region: text("eu-west-1"),
        ..RemotePlan::default()
    };
    let azure = RemotePlan {
        base_url: text("https://x.openai.azure.com"),
        deployment: text("d"),
        api_version: text("2024-10-21"),
        ..RemotePlan::default()
    };
    assert_eq!(found, [vertex, bedrock, azure]);
}

#[test]
fn the_parts_of_an_address_are_idle_at_every_other_host() {
    for (key, user) in [
        ("project", "vertex"),
        ("location", "vertex"),
        ("region", "bedrock"),
        ("deployment", "azure-openai"),
        ("api_version", "azure-openai"),
    ] {
        for provider in ProviderId::ALL {
            let place = match provider {
                ProviderId::Local | ProviderId::Tape => "path = \"x\"",
                _ => "base_url = \"http://127.0.0.1:1\"",
            };
            let text = format!(
                "[[lane]]\nname = \"a\"\nprovider = \"{provider}\"\nmodel = \"m\"\n{place}\n{key} = \"x\"\n"
            );
            let spec = parse(&text, &environment()).unwrap();
            let warnings: Vec<_> = spec.lanes.iter().flat_map(LaneSpec::warnings).collect();
            let idle =
                format!("lane `a` (line 1): `{key}` has no effect with provider `{provider}`");
            let expected: &[String] = if provider.name() == user {
                &[]
            } else {
                &[idle]
            };
            assert_eq!(warnings, expected);
        }
    }
}

#[test]
fn a_host_without_an_address_of_its_own_says_what_to_write() {
    for (lane, words) in [
        (
            "\"openai-compatible\"",
            "such as \"http://127.0.0.1:8000/v1\"",
        ),
        (
            "\"azure-openai\"",
            "such as \"https://NAME.openai.azure.com/openai/v1\"",
        ),
        (
            "\"azure-openai\"\ndeployment = \"d\"",
            "such as \"https://NAME.openai.azure.com\"",
        ),
    ] {
        let text = format!("[[lane]]\nname = \"a\"\nmodel = \"m\"\nprovider = {lane}\n");
        let problems = parse(&text, &environment()).unwrap_err();
        let message = &problems[0].message;
        assert!(message.contains(words), "{message}");
    }
}

/// What is shown is a configuration that comes to the same.
#[test]
fn the_shown_configuration_reads_back() {
    let file = format!("{FILE}{CLOUDS}");
    let lanes = plans(&file, &Tuning::default());
    let spec = parse(&file, &environment()).unwrap();
    let settings = Settings {
        lanes: lanes.clone(),
        hosts: spec.hosts,
        ..Settings::default()
    };
    let text = show::render(&settings).unwrap();
    assert_eq!(plans(&text, &Tuning::default()), lanes, "{text}");
}

#[test]
fn secrets_are_not_shown() {
    let text = "[network]\nproxy = \"http://me:hush@proxy:1\"\n\
                [[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"m\"\n\
                headers = { Authorization = \"Bearer hush\", X-Api-Key = \"hush\", x-team = \"demo\" }\n";
    let spec = parse(text, &environment()).unwrap();
    let shown = show::render(&Settings {
        lanes: plans(text, &Tuning::default()),
        network: spec.network,
        ..Settings::default()
    })
    .unwrap();
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("x-team = \"demo\""), "{shown}");
    assert!(shown.contains("proxy = \"http://***@proxy:1\""), "{shown}");
}

fn candidates() -> Candidates {
    let lane = |name: &str, tier: &str, rest: &str| {
        format!(
            "[[lane]]\nname = \"{name}\"\nprovider = \"ollama\"\nmodel = \"m\"\ntier = \"{tier}\"\n{rest}\n"
        )
    };
    let usual = lane("mini", "small", "")
        + &lane("big", "flagship", "")
        + &lane("off", "small", "enabled = false");
    Candidates {
        usual: plans(&usual, &Tuning::default()),
        by_name: plans(&lane("pocket-small", "small", ""), &Tuning::default()),
    }
}

fn picked(names: &[&str], tiers: &[Tier]) -> Result<Vec<String>, String> {
    let selection = Selection {
        names: names.iter().map(|name| (*name).to_owned()).collect(),
        tiers: tiers.to_vec(),
    };
    match candidates().pick(&selection) {
        Ok(plans) => Ok(plans
            .into_iter()
            .map(|plan| format!("{}{}", plan.name, if plan.is_enabled { "" } else { " off" }))
            .collect()),
        Err(error) => Err(error.to_string()),
    }
}

#[test]
fn lanes_are_picked_by_name_and_by_tier() {
    let list = |names: &[&str]| Ok(names.iter().map(|name| (*name).to_owned()).collect());
    assert_eq!(picked(&[], &[]), list(&["mini", "big", "off off"]));
    assert_eq!(picked(&["off"], &[]), list(&["off"]));
    assert_eq!(picked(&[], &[Tier::Small]), list(&["mini"]));
    assert_eq!(
        picked(&["pocket-small", "big", "big"], &[Tier::Small]),
        list(&["mini", "big", "pocket-small"])
    );
    assert_eq!(
        picked(&["mini", "min"], &[]),
        Err("unknown lane `min`".to_owned())
    );
    assert_eq!(
        picked(&[], &[Tier::Base, Tier::Mid]),
        Err("no lane of tier base or mid would run here".to_owned())
    );
}

#[test]
fn more_sequences_than_llama_cpp_takes_are_refused() {
    let plan = |parallel: u32| {
        let text = format!(
            "[[lane]]\nname = \"m\"\nprovider = \"local\"\npath = \"/m.gguf\"\nparallel = {parallel}\n"
        );
        parse(&text, &environment()).map_err(|problems| format!("{problems:?}"))
    };
    assert!(plan(256).is_ok());
    let told = plan(257).unwrap_err();
    assert!(
        told.contains("`parallel` must be at most 256, not 257"),
        "{told}"
    );
}

#[test]
fn more_threads_than_llama_cpp_takes_are_refused() {
    let plan = |threads: u32| {
        let text = format!(
            "[[lane]]\nname = \"m\"\nprovider = \"local\"\npath = \"/m.gguf\"\nthreads = {threads}\n"
        );
        parse(&text, &environment()).map_err(|problems| format!("{problems:?}"))
    };
    assert!(plan(512).is_ok());
    let told = plan(u32::MAX).unwrap_err();
    assert!(
        told.contains("`threads` must be at most 512") && told.contains("4294967295"),
        "{told}"
    );
}
