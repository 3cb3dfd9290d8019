//! What the configuration comes to in the end. Holds no key and opens nothing.

use crate::domain::plan::{LanePlan, ProviderId, Schedule};
use std::{collections::BTreeMap, path::PathBuf};

/// Everything that was configured, merged and validated.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Settings {
    /// The lanes that run, in the order of panes and records; names are unique.
    pub lanes: Vec<LanePlan>,
    /// Whether local lanes run together.
    pub schedule: Schedule,
    /// The most that a batch may cost, in US dollars.
    pub max_cost_usd: Option<f64>,
    /// What was said about hosts; already merged into the lanes, except for the concurrency.
    pub hosts: BTreeMap<ProviderId, HostSettings>,
    /// How to reach the network.
    pub network: NetworkSettings,
    /// What is kept of past runs.
    pub history: HistorySettings,
    /// How the playground looks.
    pub ui: UiSettings,
    /// What a person should know about this configuration, one sentence each.
    pub warnings: Vec<String>,
}

/// One `[host.NAME]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HostSettings {
    /// Replaces everything up to the dialect's own path.
    pub base_url: Option<String>,
    /// The variable that holds the key; `Some("")` sends none.
    pub api_key_env: Option<String>,
    /// Sent with every request.
    pub headers: BTreeMap<String, String>,
    /// Most requests at once.
    pub concurrency: u32,
}

impl Default for HostSettings {
    fn default() -> Self {
        Self {
            base_url: None,
            api_key_env: None,
            headers: BTreeMap::new(),
            concurrency: 8,
        }
    }
}

/// `[network]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct NetworkSettings {
    /// A proxy's URL; `None` follows the system's proxy variables.
    pub proxy: Option<String>,
    /// More certificates to trust, in PEM.
    pub ca_file: Option<PathBuf>,
}

/// `[history]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistorySettings {
    /// Whether runs are kept.
    pub is_enabled: bool,
    /// How long they are kept; `None` for ever.
    pub keep_days: Option<u32>,
}

impl Default for HistorySettings {
    fn default() -> Self {
        Self {
            is_enabled: true,
            keep_days: None,
        }
    }
}

/// `[ui]`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct UiSettings {
    /// The name of a theme.
    pub theme: Option<String>,
    /// Actions and the keys that were given to them.
    pub keys: BTreeMap<String, String>,
}
