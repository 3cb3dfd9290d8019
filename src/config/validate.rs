//! From what was asked for to lane plans: merges the layers and checks what concerns a lane as a whole. Opens nothing.

use super::{
    problem::Problem,
    rates,
    settings::HostSettings,
    spec::{LaneSpec, LocalSpec, RemoteSpec, Tuning},
};
use crate::{
    catalog,
    domain::{
        environment::Environment,
        plan::{LanePlan, LaneSource, LocalPlan, MAX_PARALLEL, ProviderId, RemotePlan, Timeouts},
        request::{Effort, Sampling},
    },
    provider::hosts::{self, ROUTE_KEYS},
};
use std::{collections::BTreeMap, path::Path};

/// The most tokens of an answer where nobody says: an endless answer ends.
pub const DEFAULT_MAX_TOKENS: u32 = 1024;
/// The same for a lane at an API that is asked to think: its thoughts count too.
pub const DEFAULT_MAX_TOKENS_OF_THINKING: u32 = 16_384;
/// Attempts after the first one where nobody says.
pub const DEFAULT_MAX_RETRIES: u32 = 2;

/// What lies around a lane's own keys.
#[derive(Debug, Clone, Copy)]
pub struct Layers<'a> {
    /// Command line and environment, merged.
    pub above: &'a Tuning,
    /// `[defaults]`.
    pub below: &'a Tuning,
    /// `[host.NAME]`.
    pub hosts: &'a BTreeMap<ProviderId, HostSettings>,
    /// For `~`.
    pub environment: &'a Environment,
}

impl Layers<'_> {
    /// Resolves one lane.
    pub fn plan(&self, spec: &LaneSpec) -> Result<LanePlan, Problem> {
        let tuning = self
            .above
            .clone()
            .over(spec.tuning.clone())
            .over(self.below.clone());
        let standard = Timeouts::default();
        let (model, source) = self.source(spec)?;
        Ok(LanePlan {
            name: spec.name.clone(),
            tier: spec.tier.or_else(|| catalog::tier(&model)),
            provider: spec.provider,
            price: spec
                .price
                .clone()
                .or_else(|| list_price(spec, &source, &model)),
            model,
            sampling: Sampling {
                max_tokens: Some(
                    tuning
                        .max_tokens
                        .unwrap_or(usual_limit(&source, tuning.effort)),
                ),
                temperature: tuning.temperature,
                top_p: tuning.top_p,
                top_k: tuning.top_k,
                min_p: tuning.min_p,
                seed: tuning.seed,
                stop: tuning.stop.unwrap_or_default(),
            },
            source,
            system: tuning.system.filter(|system| !system.is_empty()),
            effort: tuning.effort,
            extra: spec.extra.clone(),
            timeouts: Timeouts {
                connect: spec.connect_timeout.unwrap_or(standard.connect),
                idle: spec.idle_timeout.unwrap_or(standard.idle),
                whole: tuning.timeout.unwrap_or(standard.whole),
            },
            max_retries: spec.max_retries.unwrap_or(DEFAULT_MAX_RETRIES),
            is_enabled: spec.enabled.unwrap_or(true),
            notes: Vec::new(),
        })
    }

    /// The model's name and where its answers come from.
    fn source(&self, spec: &LaneSpec) -> Result<(String, LaneSource), Problem> {
        match spec.provider {
            ProviderId::Local => {
                let path = self.path(spec, "the GGUF file to run")?;
                let model = model_or_stem(spec, &path.path);
                Ok((model, LaneSource::Local(path)))
            }
            ProviderId::Tape => {
                let path = self.path(spec, "the tape to play")?.path;
                Ok((model_or_stem(spec, &path), LaneSource::Tape(path)))
            }
            provider => {
                let remote = self.remote(provider, &spec.remote);
                let host = hosts::find(provider);
                if let Some(example) = host.and_then(|host| host.lacking_base_url(&remote)) {
                    return Err(spec.lacks(&format!("a `base_url`, such as \"{example}\"")));
                }
                let model = match (&spec.model, provider) {
                    (Some(model), _) => model.clone(),
                    // It serves the one model it was started with, whatever the request names.
                    (None, ProviderId::LlamaServer) => "default".to_owned(),
                    (None, _) => return Err(spec.lacks(&model_advice(provider))),
                };
                Ok((model, LaneSource::Remote(remote)))
            }
        }
    }

    fn remote(&self, provider: ProviderId, lane: &RemoteSpec) -> RemotePlan {
        let host = self.hosts.get(&provider).cloned().unwrap_or_default();
        let mut headers = host.headers;
        headers.extend(lane.headers.clone());
        RemotePlan {
            base_url: lane.base_url.clone().or(host.base_url),
            api_key_env: lane.api_key_env.clone().or(host.api_key_env),
            headers,
            project: lane.project.clone(),
            location: lane.location.clone(),
            region: lane.region.clone(),
            deployment: lane.deployment.clone(),
            api_version: lane.api_version.clone(),
        }
    }

    fn path(&self, spec: &LaneSpec, what: &str) -> Result<LocalPlan, Problem> {
        let local: &LocalSpec = &spec.local;
        let path = local
            .path
            .as_deref()
            .ok_or_else(|| spec.lacks(&format!("a `path`: {what}")))?;
        Ok(LocalPlan {
            path: self.environment.expand_home(path),
            gpu_layers: local.gpu_layers.unwrap_or_default(),
            devices: local.devices.clone().unwrap_or_default(),
            context_tokens: local.context_tokens,
            threads: spec.threads()?,
            parallel: spec.parallel()?,
            template: local.template.clone().unwrap_or_default(),
            thinking_budget: local.thinking_budget,
        })
    }
}

impl LaneSpec {
    /// Sequences that are decoded together.
    fn parallel(&self) -> Result<u32, Problem> {
        match self.local.parallel.unwrap_or(1) {
            parallel @ 0..=MAX_PARALLEL => Ok(parallel.max(1)),
            parallel => Err(self.problem(format!(
                "lane `{}`: `parallel` must be at most {MAX_PARALLEL}, not {parallel}",
                self.name
            ))),
        }
    }

    /// Threads to compute with; 0 leaves it to the engine, and so does silence.
    fn threads(&self) -> Result<u32, Problem> {
        // What llama.cpp can be given.
        const MOST: u32 = 512;
        match self.local.threads.unwrap_or(0) {
            threads @ 0..=MOST => Ok(threads),
            threads => Err(self.problem(format!(
                "lane `{}`: `threads` must be at most {MOST}, not {threads}; 0 lets the program choose",
                self.name
            ))),
        }
    }

    fn lacks(&self, what: &str) -> Problem {
        self.problem(format!(
            "lane `{}` ({}) needs {what}",
            self.name, self.provider
        ))
    }

    fn problem(&self, message: String) -> Problem {
        match self.line {
            0 => Problem::general(message),
            line => Problem::on(line, message),
        }
    }

    /// Keys that were set and change nothing, one sentence each.
    pub fn warnings(&self) -> Vec<String> {
        const LOCAL: [&str; 9] = [
            "gpu_layers",
            "devices",
            "context_tokens",
            "threads",
            "parallel",
            "template",
            "thinking_budget",
            "cache_type",
            "draft",
        ];
        const REMOTE: [&str; 5] = ["base_url", "api_key_env", "headers", "extra", "max_retries"];
        const NOT_YET: [&str; 2] = ["cache_type", "draft"];
        let own = hosts::find(self.provider).map_or(&[] as &[_], |host| host.route.keys());
        let is_foreign = |key: &str| ROUTE_KEYS.contains(&key) && !own.contains(&key);
        let is_idle = |key: &str| match self.provider {
            ProviderId::Local => REMOTE.contains(&key) || is_foreign(key),
            ProviderId::Tape => REMOTE.contains(&key) || LOCAL.contains(&key) || is_foreign(key),
            _ => LOCAL.contains(&key) || key == "path" || is_foreign(key),
        };
        self.keys
            .iter()
            .filter_map(|key| {
                let reason = if is_idle(key) {
                    format!("with provider `{}`", self.provider)
                } else if NOT_YET.contains(key) {
                    "in this version".to_owned()
                } else {
                    return None;
                };
                let Self { name, line, .. } = self;
                Some(format!(
                    "lane `{name}` (line {line}): `{key}` has no effect {reason}"
                ))
            })
            .collect()
    }
}

fn model_or_stem(spec: &LaneSpec, path: &Path) -> String {
    spec.model.clone().unwrap_or_else(|| {
        path.file_stem()
            .map_or_else(String::new, |stem| stem.to_string_lossy().into_owned())
    })
}

/// The limit where nobody says.
const fn usual_limit(source: &LaneSource, effort: Option<Effort>) -> u32 {
    match (source, effort) {
        (LaneSource::Remote(_), Some(Effort::Low | Effort::Medium | Effort::High)) => {
            DEFAULT_MAX_TOKENS_OF_THINKING
        }
        _ => DEFAULT_MAX_TOKENS,
    }
}

fn model_advice(provider: ProviderId) -> String {
    match catalog::usual_models(provider).next() {
        Some((_, model)) => format!("a `model`, such as \"{model}\""),
        None => "a `model`: its name at the host".to_owned(),
    }
}

/// The catalogue's price; behind another address, or for another service, something else may be asked.
fn list_price(
    spec: &LaneSpec,
    source: &LaneSource,
    model: &str,
) -> Option<crate::domain::cost::Price> {
    match source {
        LaneSource::Remote(RemotePlan { base_url: None, .. })
            if !rates::are_others(&spec.extra) =>
        {
            catalog::price(spec.provider, model)
        }
        LaneSource::Remote(_)
        | LaneSource::Local(_)
        | LaneSource::Tape(_)
        | LaneSource::Played(_) => None,
    }
}

#[cfg(test)]
mod tests;
