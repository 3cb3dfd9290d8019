//! The merged configuration as a file that would come to the same. Keys are named by their variables, telling headers
//! are masked.

use super::{Settings, settings::HostSettings, value::duration_text};
use crate::domain::{
    cost::Rates,
    plan::{GpuLayers, LanePlan, LaneSource, LocalPlan, RemotePlan, TemplateSource},
    request::{Effort, Sampling},
    sanitise::sanitise_line,
    tier::Tier,
};
use std::{collections::BTreeMap, fmt::Write as _, path::Path};
use toml::{Table, Value};

/// What stands in the place of a secret.
const MASK: &str = "***";

/// Writes the configuration.
pub fn render(settings: &Settings) -> Result<String, toml::ser::Error> {
    let mut file = Keys::default();
    let mut defaults = Keys::default();
    defaults.put("schedule", settings.schedule.name());
    defaults.put_some("max_cost", settings.max_cost_usd);
    file.put("defaults", defaults.0);
    let lanes: Vec<Value> = settings
        .lanes
        .iter()
        .map(|plan| Value::Table(lane(plan)))
        .collect();
    if !lanes.is_empty() {
        file.put("lane", lanes);
    }
    let hosts: Table = settings
        .hosts
        .iter()
        .map(|(id, settings)| (id.name().to_owned(), Value::Table(host(settings))))
        .collect();
    file.put_table("host", hosts);
    let mut network = Keys::default();
    network.put_some(
        "proxy",
        settings.network.proxy.as_deref().map(without_password),
    );
    network.put_some(
        "ca_file",
        settings.network.ca_file.as_deref().map(path_text),
    );
    file.put_table("network", network.0);
    let mut history = Keys::default();
    history.put("enabled", settings.history.is_enabled);
    history.put_some("keep_days", settings.history.keep_days.map(i64::from));
    file.put_table("history", history.0);
    let mut ui = Keys::default();
    ui.put_some("theme", settings.ui.theme.clone());
    ui.put_table("keys", texts(&settings.ui.keys));
    file.put_table("ui", ui.0);
    let remarks: String = settings.lanes.iter().filter_map(remark).collect();
    Ok(remarks + &toml::to_string(&file.0)?)
}

/// The prices of a lane that no key could say, since they depend on more: as a comment, for the file would not come to
/// the same with a part of them.
fn remark(plan: &LanePlan) -> Option<String> {
    let price = plan.price.as_ref().filter(|price| !price.is_plain())?;
    let rates = |prompt_tokens| {
        let Rates {
            input,
            output,
            cached_input,
            cache_write,
            reasoning,
        } = price.rates(prompt_tokens);
        let named = [
            ("input", input),
            ("output", output),
            ("cached input", cached_input),
            ("cache write", cache_write),
            ("reasoning", reasoning),
        ];
        let known = named
            .iter()
            .filter_map(|(name, rate)| Some((name, (*rate)?)));
        let parts: Vec<String> = known.map(|(name, rate)| format!("{name} {rate}")).collect();
        parts.join(", ")
    };
    let mut text = format!(
        "# price of lane `{}`: {}",
        sanitise_line(&plan.name),
        rates(0)
    );
    for long in &price.above {
        let from = long.prompt_tokens.saturating_add(1);
        let _ = write!(
            text,
            "; above {} tokens of prompt {}",
            long.prompt_tokens,
            rates(from)
        );
    }
    if let Some(day) = &price.as_of {
        let _ = write!(text, "; as of {}", sanitise_line(day));
    }
    Some(text + " (from the catalogue)\n")
}

/// A table under construction.
#[derive(Debug, Default)]
struct Keys(Table);

impl Keys {
    fn put(&mut self, key: &str, value: impl Into<Value>) {
        self.0.insert(key.to_owned(), value.into());
    }

    fn put_some(&mut self, key: &str, value: Option<impl Into<Value>>) {
        if let Some(value) = value {
            self.put(key, value);
        }
    }

    fn put_table(&mut self, key: &str, table: Table) {
        if !table.is_empty() {
            self.put(key, table);
        }
    }
}

fn lane(plan: &LanePlan) -> Table {
    let mut keys = Keys::default();
    keys.put("name", plan.name.as_str());
    keys.put("provider", plan.provider.name());
    keys.put("model", plan.model.as_str());
    keys.put_some("tier", plan.tier.map(Tier::name));
    keys.put("enabled", plan.is_enabled);
    sampling(&mut keys, &plan.sampling);
    keys.put_some("system", plan.system.clone());
    keys.put_some("effort", plan.effort.map(Effort::name));
    // Prices by length and the like are the catalogue's; there is no key that could say them.
    if let Some(price) = plan.price.as_ref().filter(|price| price.is_plain()) {
        let mut table = Keys::default();
        table.put_some("input", price.input);
        table.put_some("output", price.output);
        table.put_some("cached_input", price.cached_input);
        table.put_some("as_of", price.as_of.clone());
        keys.put_table("price", table.0);
    }
    keys.put("timeout", duration_text(plan.timeouts.whole));
    keys.put("connect_timeout", duration_text(plan.timeouts.connect));
    keys.put("idle_timeout", duration_text(plan.timeouts.idle));
    match &plan.source {
        LaneSource::Local(plan) => local(&mut keys, plan),
        LaneSource::Tape(path) => keys.put("path", path_text(path)),
        LaneSource::Played(_) => {}
        LaneSource::Remote(remote) => {
            keys.put("max_retries", i64::from(plan.max_retries));
            connection(&mut keys, remote);
            if let Ok(Value::Table(extra)) = Value::try_from(&plan.extra) {
                keys.put_table("extra", extra);
            }
        }
    }
    keys.0
}

fn sampling(keys: &mut Keys, sampling: &Sampling) {
    keys.put_some("max_tokens", sampling.max_tokens.map(i64::from));
    keys.put_some("temperature", sampling.temperature);
    keys.put_some("top_p", sampling.top_p);
    keys.put_some("top_k", sampling.top_k.map(i64::from));
    keys.put_some("min_p", sampling.min_p);
    // TOML's whole numbers end where those of 64 bits with a sign do.
    keys.put_some(
        "seed",
        sampling.seed.and_then(|seed| i64::try_from(seed).ok()),
    );
    if !sampling.stop.is_empty() {
        keys.put("stop", sampling.stop.clone());
    }
}

fn local(keys: &mut Keys, plan: &LocalPlan) {
    keys.put("path", path_text(&plan.path));
    match plan.gpu_layers {
        GpuLayers::Auto => keys.put("gpu_layers", "auto"),
        GpuLayers::All => keys.put("gpu_layers", "all"),
        GpuLayers::Count(count) => keys.put("gpu_layers", i64::from(count)),
    }
    if !plan.devices.is_empty() {
        keys.put("devices", plan.devices.clone());
    }
    keys.put_some("context_tokens", plan.context_tokens.map(i64::from));
    keys.put("threads", i64::from(plan.threads));
    keys.put("parallel", i64::from(plan.parallel));
    match &plan.template {
        TemplateSource::Model => keys.put("template", "model"),
        TemplateSource::None => keys.put("template", "none"),
        TemplateSource::File(path) => keys.put("template", path_text(path)),
    }
    keys.put_some("thinking_budget", plan.thinking_budget.map(i64::from));
}

fn connection(keys: &mut Keys, remote: &RemotePlan) {
    keys.put_some("base_url", remote.base_url.clone());
    keys.put_some("api_key_env", remote.api_key_env.clone());
    keys.put_some("project", remote.project.clone());
    keys.put_some("location", remote.location.clone());
    keys.put_some("region", remote.region.clone());
    keys.put_some("deployment", remote.deployment.clone());
    keys.put_some("api_version", remote.api_version.clone());
    keys.put_table("headers", masked(&remote.headers));
}

fn host(settings: &HostSettings) -> Table {
    let mut keys = Keys::default();
    keys.put_some("base_url", settings.base_url.clone());
    keys.put_some("api_key_env", settings.api_key_env.clone());
    keys.put_table("headers", masked(&settings.headers));
    keys.put("concurrency", i64::from(settings.concurrency));
    keys.0
}

/// Header fields; those whose name tells of a key keep it to themselves.
fn masked(headers: &BTreeMap<String, String>) -> Table {
    const TELLING: [&str; 5] = ["auth", "key", "token", "secret", "cookie"];
    let is_telling = |name: &str| {
        let name = name.to_lowercase();
        TELLING.iter().any(|part| name.contains(part))
    };
    headers
        .iter()
        .map(|(name, value)| {
            let shown = if is_telling(name) { MASK } else { value };
            (name.clone(), Value::from(shown))
        })
        .collect()
}

fn texts(map: &BTreeMap<String, String>) -> Table {
    map.iter()
        .map(|(key, value)| (key.clone(), Value::from(value.as_str())))
        .collect()
}

fn without_password(url: &str) -> String {
    match url.split_once("://") {
        Some((scheme, rest)) => match rest.rsplit_once('@') {
            Some((_, address)) => format!("{scheme}://{MASK}@{address}"),
            None => url.to_owned(),
        },
        None => url.to_owned(),
    }
}

fn path_text(path: &Path) -> String {
    path.to_string_lossy().into_owned()
}
