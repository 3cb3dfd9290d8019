//! What a batch says about how it was run, and what must be the same for another replay to continue it. Holds no key:
//! it is made from the configuration as it is shown.

use super::{ReplayArgs, is_file};
use crate::{
    config::{self, Settings},
    domain::plan::LaneSource,
    failure::CliError,
    run::Lane,
    spool::SpoolError,
    suite::{self, Cases},
    wiring,
};
use ring::digest::{Context as Digest, SHA256};
use serde_json::{Map, Value, json};
use std::{
    fmt::Write as _,
    fs::{self, File},
    io::{self, Read},
    path::Path,
    time::UNIX_EPOCH,
};

/// The fingerprints of a replay.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Keys {
    /// Of what is asked, of whom and how.
    pub(super) own: String,
    /// The same for all parts together, and which part this is.
    pub(super) part: Option<(String, String)>,
}

/// Lanes with their sampling and prices, schedule, model files, build.
pub(super) fn of(
    settings: &Settings,
    lanes: &[Lane],
    args: &ReplayArgs,
) -> Result<Value, CliError> {
    let shown = config::show::render(settings).map_err(|error| {
        CliError::failed("cannot write the configuration down").caused_by(error)
    })?;
    let shown: toml::Table = shown
        .parse()
        .map_err(|error| CliError::failed("cannot read the configuration back").caused_by(error))?;
    let mut all = match serde_json::to_value(shown) {
        Ok(Value::Object(all)) => all,
        Ok(_) | Err(_) => Map::new(),
    };
    // How it looks is no setting of a measurement.
    all.retain(|key, _| key != "ui" && key != "history");
    for lane in all
        .get_mut("lane")
        .and_then(Value::as_array_mut)
        .into_iter()
        .flatten()
    {
        if let Some(extra) = lane.get_mut("extra") {
            mask(extra);
        }
    }
    all.insert("schedule".to_owned(), json!(settings.schedule.name()));
    all.insert("files".to_owned(), Value::Object(files(lanes)));
    all.insert("build".to_owned(), build());
    all.insert(
        "command_line".to_owned(),
        json!({
            "system": args.run.system,
            "max_tokens": args.run.max_tokens,
            "concurrency": args.concurrency,
            "judge": args.judge,
        }),
    );
    Ok(Value::Object(all))
}

/// Takes away what may be a key: `extra` goes into the request as it is, and could hold one.
fn mask(value: &mut Value) {
    const TELLING: [&str; 6] = ["auth", "key", "token", "secret", "cookie", "password"];
    match value {
        Value::Object(all) => {
            for (name, value) in all {
                let name = name.to_lowercase();
                match value {
                    Value::String(text) if TELLING.iter().any(|word| name.contains(word)) => {
                        "***".clone_into(text);
                    }
                    value => mask(value),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(mask),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// What settings say about a lane, but for what changes neither its answers nor their time.
pub(super) fn of_lane(how: &Value, name: &str) -> Option<Value> {
    const ASIDE: [&str; 9] = [
        "price",
        "tier",
        "enabled",
        "api_key_env",
        "headers",
        "timeout",
        "connect_timeout",
        "idle_timeout",
        "max_retries",
    ];
    let lanes = how.get("lane")?.as_array()?;
    let is_it = |lane: &&Value| lane.get("name").and_then(Value::as_str) == Some(name);
    let mut lane = lanes.iter().find(is_it)?.clone();
    let keys = lane.as_object_mut()?;
    keys.retain(|key, _| !ASIDE.contains(&key.as_str()));
    if let Some(file) = how.get("files").and_then(|files| files.get(name)) {
        keys.insert("bytes".to_owned(), json!(file.get("bytes")));
        keys.insert("changed_at".to_owned(), json!(file.get("changed_at")));
    }
    Some(lane)
}

/// The fingerprints of a suite that is run so.
pub(super) fn keys(
    cases: &Cases,
    whole: &str,
    how: &Value,
    args: &ReplayArgs,
) -> Result<Keys, SpoolError> {
    let how = without_pace(how.clone()).to_string();
    let key = |prompts: &str| hex(&[prompts, "\n", &how]);
    Ok(Keys {
        own: key(&suite::fingerprint(cases)?),
        part: args
            .shard
            .map(|shard| (key(whole), format!("{}/{}", shard.index, shard.of))),
    })
}

/// How many requests there are at once, by which way, in which order and how long they may take changes no answer: a batch
/// can be continued with other ones.
pub(super) fn without_pace(mut how: Value) -> Value {
    if let Some(all) = how.as_object_mut() {
        all.remove("network");
        let lanes = all.get_mut("lane").and_then(Value::as_array_mut);
        for lane in lanes.into_iter().flatten() {
            if let Some(lane) = lane.as_object_mut() {
                for key in ["parallel", "timeout", "connect_timeout", "idle_timeout"] {
                    lane.remove(key);
                }
            }
        }
        if let Some(files) = all.get_mut("files").and_then(Value::as_object_mut) {
            files.sort_keys();
        }
        if let Some(lanes) = all.get_mut("lane").and_then(Value::as_array_mut) {
            lanes.sort_by_key(|lane| name_of(lane).to_owned());
        }
        if let Some(defaults) = all.get_mut("defaults").and_then(Value::as_object_mut) {
            defaults.remove("max_cost");
        }
        if let Some(line) = all.get_mut("command_line").and_then(Value::as_object_mut) {
            line.remove("concurrency");
        }
        let hosts = all.get_mut("host").and_then(Value::as_object_mut);
        for host in hosts.into_iter().flat_map(|hosts| hosts.values_mut()) {
            if let Some(host) = host.as_object_mut() {
                host.remove("concurrency");
            }
        }
        let is_empty = |host: &Value| host.as_object().is_some_and(Map::is_empty);
        let says_nothing = all
            .get("host")
            .and_then(Value::as_object)
            .is_some_and(|hosts| hosts.values().all(is_empty));
        if says_nothing {
            all.remove("host");
        }
    }
    how
}

pub(super) fn name_of(lane: &Value) -> &str {
    lane.get("name").and_then(Value::as_str).unwrap_or_default()
}

fn hex(parts: &[&str]) -> String {
    let mut digest = Digest::new(&SHA256);
    for part in parts {
        digest.update(part.as_bytes());
    }
    digest
        .finish()
        .as_ref()
        .iter()
        .fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        })
}

fn build() -> Value {
    let features: Vec<&str> = [
        ("local", cfg!(feature = "local")),
        ("vulkan", cfg!(feature = "vulkan")),
        ("cuda", cfg!(feature = "cuda")),
        ("metal", cfg!(feature = "metal")),
    ]
    .iter()
    .filter(|(_, is_on)| *is_on)
    .map(|(name, _)| *name)
    .collect();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "features": features,
        "system": std::env::consts::OS,
        "processor": std::env::consts::ARCH,
    })
}

/// The size and the time of each lane's model file: what tells it from another one without reading it.
fn files(lanes: &[Lane]) -> Map<String, Value> {
    // Those inside the program change with its version, and are unpacked when they are first needed.
    let local = lanes
        .iter()
        .filter(|lane| is_file(lane) && !wiring::is_pocket(&lane.plan.name));
    local
        .filter_map(|lane| {
            let LaneSource::Local(plan) = &lane.plan.source else {
                return None;
            };
            let facts = fs::metadata(&plan.path).ok()?;
            let changed = facts.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
            let value = json!({ "bytes": facts.len(), "changed_at": changed.as_secs() });
            Some((lane.plan.name.clone(), value))
        })
        .collect()
}

/// The same settings with the SHA-256 of each lane's model file. Reads the files, which takes a while where they are large.
pub(super) fn with_hashes(mut how: Value, lanes: &[(String, std::path::PathBuf)]) -> Value {
    for (name, path) in lanes {
        let Ok(hash) = sha256(path) else { continue };
        if let Some(files) = how.get_mut("files").and_then(Value::as_object_mut) {
            let entry = files.entry(name.clone()).or_insert_with(|| json!({}));
            if let Some(entry) = entry.as_object_mut() {
                entry.insert("sha256".to_owned(), json!(hash));
            }
        }
    }
    how
}

fn sha256(path: &Path) -> io::Result<String> {
    let mut file = File::open(path)?;
    let mut digest = Digest::new(&SHA256);
    let mut buffer = vec![0; 1 << 20];
    loop {
        let read = file.read(&mut buffer)?;
        let Some(bytes) = buffer.get(..read).filter(|bytes| !bytes.is_empty()) else {
            break;
        };
        digest.update(bytes);
    }
    Ok(digest
        .finish()
        .as_ref()
        .iter()
        .fold(String::new(), |mut out, byte| {
            let _ = write!(out, "{byte:02x}");
            out
        }))
}
