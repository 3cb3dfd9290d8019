//! What a person asked for, as it was written: nothing is merged yet, `None` means that nothing was said.

use super::settings::{HistorySettings, HostSettings, NetworkSettings, UiSettings};
use crate::domain::{
    cost::Price,
    plan::{GpuLayers, ProviderId, Schedule, TemplateSource},
    request::Effort,
    tier::Tier,
};
use serde_json::{Map as JsonMap, Value as Json};
use std::{collections::BTreeMap, time::Duration};

/// A configuration file.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FileSpec {
    /// `[defaults]`: what holds for every lane.
    pub defaults: Tuning,
    /// `[defaults]`: whether local lanes run together.
    pub schedule: Option<Schedule>,
    /// `[defaults]`: the most that a batch may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// `[[lane]]`, in order.
    pub lanes: Vec<LaneSpec>,
    /// `[host.NAME]`.
    pub hosts: BTreeMap<ProviderId, HostSettings>,
    /// `[network]`.
    pub network: NetworkSettings,
    /// `[history]`.
    pub history: HistorySettings,
    /// `[ui]`.
    pub ui: UiSettings,
}

/// How a model is asked: what can be said for all lanes, for one, in the environment and on the command line.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Tuning {
    /// Most completion tokens.
    pub max_tokens: Option<u32>,
    /// 0 is greedy.
    pub temperature: Option<f64>,
    /// Nucleus.
    pub top_p: Option<f64>,
    /// Only the k likeliest.
    pub top_k: Option<u32>,
    /// Only tokens at least this fraction as likely as the likeliest.
    pub min_p: Option<f64>,
    /// Makes sampling repeatable.
    pub seed: Option<u64>,
    /// Texts that end the answer.
    pub stop: Option<Vec<String>>,
    /// Instructions before the conversation.
    pub system: Option<String>,
    /// How much to think.
    pub effort: Option<Effort>,
    /// The whole answer.
    pub timeout: Option<Duration>,
}

/// One `[[lane]]`.
#[derive(Debug, Clone, PartialEq)]
pub struct LaneSpec {
    /// Where it stands in the file.
    pub line: usize,
    /// Unique.
    pub name: String,
    /// Who serves it.
    pub provider: ProviderId,
    /// The model's name at its host.
    pub model: Option<String>,
    /// The tier, where it was said.
    pub tier: Option<Tier>,
    /// Switched on at the start.
    pub enabled: Option<bool>,
    /// Prices.
    pub price: Option<Price>,
    /// DNS, TCP and TLS.
    pub connect_timeout: Option<Duration>,
    /// Without a byte.
    pub idle_timeout: Option<Duration>,
    /// Attempts after the first.
    pub max_retries: Option<u32>,
    /// Merged into the request body.
    pub extra: JsonMap<String, Json>,
    /// How it is asked.
    pub tuning: Tuning,
    /// How it is reached.
    pub remote: RemoteSpec,
    /// How it is run here.
    pub local: LocalSpec,
    /// Keys that were set, so that those without a meaning for this provider can be named.
    pub keys: Vec<&'static str>,
}

/// The keys of a lane that say how an API is reached.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RemoteSpec {
    /// Replaces everything up to the dialect's own path.
    pub base_url: Option<String>,
    /// The variable that holds the key.
    pub api_key_env: Option<String>,
    /// Sent with every request.
    pub headers: BTreeMap<String, String>,
    /// Vertex.
    pub project: Option<String>,
    /// Vertex.
    pub location: Option<String>,
    /// Bedrock.
    pub region: Option<String>,
    /// Azure.
    pub deployment: Option<String>,
    /// Azure.
    pub api_version: Option<String>,
}

/// The keys of a lane that say how a GGUF file is run.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LocalSpec {
    /// The file, as it was written.
    pub path: Option<String>,
    /// Layers on the GPU.
    pub gpu_layers: Option<GpuLayers>,
    /// Devices to use.
    pub devices: Option<Vec<String>>,
    /// Size of the context.
    pub context_tokens: Option<u32>,
    /// Threads.
    pub threads: Option<u32>,
    /// Sequences decoded together.
    pub parallel: Option<u32>,
    /// The chat template.
    pub template: Option<TemplateSource>,
    /// Most thinking tokens.
    pub thinking_budget: Option<u32>,
    /// How keys and values of the attention are stored.
    pub cache_type: Option<String>,
    /// A small model that drafts.
    pub draft: Option<String>,
}

impl Tuning {
    /// These values, and those of the layer below where these say nothing.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            max_tokens: self.max_tokens.or(below.max_tokens),
            temperature: self.temperature.or(below.temperature),
            top_p: self.top_p.or(below.top_p),
            top_k: self.top_k.or(below.top_k),
            min_p: self.min_p.or(below.min_p),
            seed: self.seed.or(below.seed),
            stop: self.stop.or(below.stop),
            system: self.system.or(below.system),
            effort: self.effort.or(below.effort),
            timeout: self.timeout.or(below.timeout),
        }
    }
}

impl LaneSpec {
    /// A lane of which only this is known; it stands in no file.
    pub fn new(name: impl Into<String>, provider: ProviderId) -> Self {
        Self {
            line: 0,
            name: name.into(),
            provider,
            model: None,
            tier: None,
            enabled: None,
            price: None,
            connect_timeout: None,
            idle_timeout: None,
            max_retries: None,
            extra: JsonMap::new(),
            tuning: Tuning::default(),
            remote: RemoteSpec::default(),
            local: LocalSpec::default(),
            keys: Vec::new(),
        }
    }
}
