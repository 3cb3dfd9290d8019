//! The configuration file: every key it may hold, its type and its range. Merges nothing and opens nothing but the file.

use super::{
    keys::{
        advice, base_url, day, duration, effort, gpu_layers, headers, lane_name, provider,
        provider_advice, proxy, retries, schedule, stops, template, tier, variable,
    },
    problem::{ConfigError, Problem},
    reader::{self, Problems, Table, count, flag, number, text, text_map, texts, whole, word},
    settings::{HistorySettings, HostSettings, NetworkSettings, UiSettings},
    spec::{FileSpec, LaneSpec, LocalSpec, RemoteSpec, Tuning},
    validate::Layers,
    value,
};
use crate::domain::{cost::Price, environment::Environment, plan::ProviderId};
use std::{
    collections::BTreeMap,
    fs,
    io::{self, Read},
    path::Path,
};
use toml::de::DeTable;

/// More than any configuration needs; a wrong path may lead to something endless.
const MAX_BYTES: u64 = 1 << 20;

/// Reads and parses a file; `None` where there is none.
pub fn load(path: &Path, environment: &Environment) -> Result<Option<FileSpec>, ConfigError> {
    let refuse = |message: String| ConfigError::in_file(path, vec![Problem::general(message)]);
    let file = match fs::File::open(path) {
        Ok(file) => file,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(refuse(format!("cannot be opened: {error}"))),
    };
    let mut bytes = Vec::new();
    file.take(MAX_BYTES + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| refuse(format!("cannot be read: {error}")))?;
    if bytes.len() as u64 > MAX_BYTES {
        return Err(refuse(
            "is larger than 1 MiB, which no configuration is".to_owned(),
        ));
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = error.utf8_error().valid_up_to();
        let line = 1 + error
            .as_bytes()
            .iter()
            .take(valid)
            .filter(|byte| **byte == b'\n')
            .count();
        ConfigError::in_file(path, vec![Problem::on(line, "is not UTF-8 text")])
    })?;
    parse(&text, environment)
        .map(Some)
        .map_err(|problems| ConfigError::in_file(path, problems))
}

/// Parses a file's text; all problems at once, except that a mistake in the TOML itself hides the others.
pub fn parse(text: &str, environment: &Environment) -> Result<FileSpec, Vec<Problem>> {
    let problems = Problems::of(text);
    let document = match DeTable::parse(text) {
        Ok(document) => document,
        Err(error) => {
            let line = error.span().map(|span| problems.line(span.start));
            return Err(vec![Problem {
                line,
                message: error.message().to_owned(),
            }]);
        }
    };
    let top = Table::new("the file", 1, document.get_ref(), &problems);
    let spec = read_file(top, environment, &problems);
    match problems.into_found() {
        found if found.is_empty() => Ok(spec),
        found => Err(found),
    }
}

fn read_file<'d>(
    mut top: Table<'d>,
    environment: &Environment,
    problems: &'d Problems<'d>,
) -> FileSpec {
    let mut spec = FileSpec::default();
    if let Some(mut defaults) = top.table("defaults", "[defaults]") {
        spec.defaults = tuning(&mut defaults);
        spec.schedule = defaults.read("schedule", schedule);
        spec.max_cost_usd = defaults.read("max_cost", |v| number(v).and_then(value::price));
        defaults.finish(advice);
    }
    let mut lines = BTreeMap::new();
    for table in top.tables("lane", "[[lane]]") {
        if let Some(lane) = lane(table, environment) {
            let first = *lines.entry(lane.name.clone()).or_insert(lane.line);
            if first != lane.line {
                problems.add(
                    lane.line,
                    format!("lane name `{}` is already used on line {first}", lane.name),
                );
            }
            spec.lanes.push(lane);
        }
    }
    if let Some(mut hosts) = top.table("host", "[host]") {
        for (name, table) in hosts.named_tables(|name| format!("[host.{name}]")) {
            if let Some((id, settings)) = host(&name, table) {
                spec.hosts.insert(id, settings);
            }
        }
    }
    if let Some(mut table) = top.table("network", "[network]") {
        spec.network = network(&mut table, environment);
        table.finish(advice);
    }
    if let Some(mut table) = top.table("history", "[history]") {
        spec.history = HistorySettings {
            is_enabled: table.read("enabled", flag).unwrap_or(true),
            keep_days: table.read("keep_days", |v| count(v).and_then(value::at_least_one)),
        };
        table.finish(advice);
    }
    if let Some(mut table) = top.table("ui", "[ui]") {
        spec.ui = UiSettings {
            theme: table.read("theme", word),
            keys: table.read("keys", text_map).unwrap_or_default(),
        };
        table.finish(advice);
    }
    top.finish(advice);
    incomplete_lanes(&spec, environment, problems);
    spec
}

/// Finds what lanes lack as a whole. A key that is there but wrong has been refused already.
fn incomplete_lanes(spec: &FileSpec, environment: &Environment, problems: &Problems<'_>) {
    let layers = Layers {
        above: &Tuning::default(),
        below: &spec.defaults,
        hosts: &spec.hosts,
        environment,
    };
    for lane in &spec.lanes {
        let is_refused = |key: &str, is_absent: bool| is_absent && lane.keys.contains(&key);
        let is_known = is_refused("model", lane.model.is_none())
            || is_refused("path", lane.local.path.is_none())
            || is_refused("base_url", lane.remote.base_url.is_none());
        if let (false, Err(problem)) = (is_known, layers.plan(lane)) {
            problems.add(lane.line, problem.message);
        }
    }
}

fn tuning(table: &mut Table<'_>) -> Tuning {
    let positive = |v| count(v).and_then(value::at_least_one);
    Tuning {
        max_tokens: table.read("max_tokens", positive),
        temperature: table.read("temperature", |v| number(v).and_then(value::temperature)),
        top_p: table.read("top_p", |v| number(v).and_then(value::probability)),
        top_k: table.read("top_k", positive),
        min_p: table.read("min_p", |v| number(v).and_then(value::probability)),
        seed: table.read("seed", whole),
        stop: table.read("stop", stops),
        system: table.read("system", text),
        effort: table.read("effort", effort),
        timeout: table.read("timeout", duration),
    }
}

fn lane(mut table: Table<'_>, environment: &Environment) -> Option<LaneSpec> {
    let name = table.read("name", lane_name);
    if let Some(name) = &name {
        table.name = format!("[[lane]] `{name}`");
    } else if table.line_of("name").is_none() {
        table.refuse("a [[lane]] needs a `name`");
    }
    let provider = table.read("provider", provider);
    if provider.is_none() && table.line_of("provider").is_none() {
        table.refuse(format!("{} needs a `provider`", table.name));
    }
    let spec = LaneSpec {
        line: table.line,
        // A lane without them is refused anyway; going on finds its other problems.
        name: name.clone().unwrap_or_default(),
        provider: provider.unwrap_or(ProviderId::Local),
        model: table.read("model", word),
        tier: table.read("tier", tier),
        enabled: table.read("enabled", flag),
        price: price(&mut table),
        connect_timeout: table.read("connect_timeout", duration),
        idle_timeout: table.read("idle_timeout", duration),
        max_retries: table.read("max_retries", retries),
        extra: table.read("extra", reader::json_object).unwrap_or_default(),
        tuning: tuning(&mut table),
        remote: remote(&mut table),
        local: local(&mut table, environment),
        keys: table.keys_read(),
    };
    table.finish(advice);
    (name.is_some() && provider.is_some()).then_some(spec)
}

fn remote(table: &mut Table<'_>) -> RemoteSpec {
    RemoteSpec {
        base_url: table.read("base_url", base_url),
        api_key_env: table.read("api_key_env", variable),
        headers: table.read("headers", headers).unwrap_or_default(),
        project: table.read("project", word),
        location: table.read("location", word),
        region: table.read("region", word),
        deployment: table.read("deployment", word),
        api_version: table.read("api_version", word),
    }
}

fn local(table: &mut Table<'_>, environment: &Environment) -> LocalSpec {
    LocalSpec {
        path: table.read("path", word),
        gpu_layers: table.read("gpu_layers", gpu_layers),
        devices: table.read("devices", texts),
        context_tokens: table.read("context_tokens", |v| count(v).and_then(value::at_least_one)),
        threads: table.read("threads", count),
        parallel: table.read("parallel", |v| count(v).and_then(value::at_least_one)),
        template: table.read("template", |v| template(v, environment)),
        thinking_budget: table.read("thinking_budget", count),
        cache_type: table.read("cache_type", word),
        draft: table.read("draft", word),
    }
}

fn price(table: &mut Table<'_>) -> Option<Price> {
    let mut table = table.table("price", format!("`price` of {}", table.name))?;
    let mut amount = |key| table.read(key, |v| number(v).and_then(value::price));
    let (input, output, cached_input) = (amount("input"), amount("output"), amount("cached_input"));
    let price = Price {
        input,
        output,
        cached_input,
        as_of: table.read("as_of", day),
        ..Price::default()
    };
    table.finish(advice);
    Some(price)
}

fn host(name: &str, mut table: Table<'_>) -> Option<(ProviderId, HostSettings)> {
    let settings = HostSettings {
        base_url: table.read("base_url", base_url),
        api_key_env: table.read("api_key_env", variable),
        headers: table.read("headers", headers).unwrap_or_default(),
        concurrency: table
            .read("concurrency", |v| count(v).and_then(value::at_least_one))
            .unwrap_or(HostSettings::default().concurrency),
    };
    let id = match name.parse() {
        Ok(ProviderId::Local | ProviderId::Tape) => {
            table.refuse(format!(
                "`{name}` is no host: it is not reached over a network"
            ));
            None
        }
        Ok(id) => Some(id),
        Err(_) => {
            table.refuse(format!("unknown host `{name}`{}", provider_advice(name)));
            None
        }
    };
    table.finish(advice);
    id.map(|id| (id, settings))
}

fn network(table: &mut Table<'_>, environment: &Environment) -> NetworkSettings {
    NetworkSettings {
        proxy: table.read("proxy", proxy),
        ca_file: table
            .read("ca_file", word)
            .map(|path| environment.expand_home(&path)),
    }
}

#[cfg(test)]
mod complaints;
#[cfg(test)]
mod tests;
