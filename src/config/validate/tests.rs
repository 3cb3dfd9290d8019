//! Tests of what a lane comes to when the layers are laid over one another.

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
            "lane `a` (line 1): `deployment` has no effect in this version",
            "lane `a` (line 1): `threads` has no effect with provider `openai`",
            "lane `b` (line 7): `draft` has no effect in this version",
            "lane `b` (line 7): `extra` has no effect with provider `local`",
        ]
    );
}

/// What is shown is a configuration that comes to the same.
#[test]
fn the_shown_configuration_reads_back() {
    let lanes = plans(FILE, &Tuning::default());
    let spec = parse(FILE, &environment()).unwrap();
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
