//! What lanes are made from: the file, the layers above it, and the services that all providers share.

use super::{Assembly, refused};
use crate::{
    catalog,
    cli::{context::Context, options::RunOptions},
    config::{
        Settings, discover, file,
        layer::Overrides,
        problem::{ConfigError, Problem},
        select::Candidates,
        spec::{FileSpec, LaneSpec},
        validate::Layers,
    },
    domain::{
        environment::Environment,
        plan::{LanePlan, LaneSource, ProviderId, Schedule},
    },
    failure::CliError,
    provider::{
        self, Services, hosts,
        http::Network,
        keyring::{self, Keyring, NoKeyring, Patience},
    },
    run::Lane,
};
use futures_util::future::BoxFuture;
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Everything that was read, before lanes are picked.
#[derive(Debug, Clone)]
pub struct Ground {
    /// Command line over environment.
    pub overrides: Overrides,
    /// The file's content; empty where there is none.
    pub file: FileSpec,
    /// The file that was read; `None` where there is none.
    pub file_path: Option<PathBuf>,
    /// What providers share.
    pub services: Services,
    environment: Arc<Environment>,
    cache_dir: PathBuf,
    /// Names of the keys in the keyring, as far as it was asked.
    stored: Vec<String>,
}

impl Ground {
    /// Reads the environment, the command line and the file. Opens no connection.
    pub fn load(context: &Context, options: &RunOptions) -> Result<Self, CliError> {
        let environment = Arc::new(context.environment.clone());
        let places = context.places()?;
        let overrides = Overrides {
            file: context.global.config.clone(),
            ..options.overrides()
        }
        .over(Overrides::from_environment(&environment).map_err(|error| invalid(&error))?);
        let path = overrides.file.as_deref().unwrap_or(&places.config_file);
        let file = file::load(path, &environment).map_err(|error| invalid(&error))?;
        if file.is_none() && overrides.file.is_some() {
            let message = format!("no configuration file at {}", path.display());
            return Err(CliError::configuration(message)
                .hint("`tierscope config init` writes one, `tierscope config path` says where"));
        }
        let file_path = file.is_some().then(|| path.to_owned());
        let file = file.unwrap_or_default();
        Ok(Self {
            services: services(&environment, &file)?,
            overrides,
            file,
            file_path,
            environment,
            cache_dir: places.cache_dir,
            stored: Vec::new(),
        })
    }

    /// The same without a file: what the person configured is left alone. The options still count.
    #[cfg(feature = "local")]
    pub fn bare(context: &Context, options: &RunOptions) -> Result<Self, CliError> {
        let environment = Arc::new(context.environment.clone());
        let overrides = options
            .overrides()
            .over(Overrides::from_environment(&environment).map_err(|error| invalid(&error))?);
        let file = FileSpec::default();
        Ok(Self {
            services: services(&environment, &file)?,
            overrides,
            file,
            file_path: None,
            environment,
            cache_dir: context.places()?.cache_dir,
            stored: Vec::new(),
        })
    }

    /// The lanes of the demo: the pocket models, and these.
    #[cfg(feature = "local")]
    pub fn demo_plans(&self, remote: &[LaneSpec]) -> Result<Vec<LanePlan>, CliError> {
        let mut specs = pockets(&self.cache_dir);
        specs.extend(remote.iter().cloned());
        let usual = self.plans(&specs)?;
        self.pick(Candidates {
            usual,
            by_name: Vec::new(),
        })
    }

    /// Whether the command line or the environment names lanes or tiers.
    #[cfg(feature = "local")]
    pub fn has_selection(&self) -> bool {
        let selection = &self.overrides.selection;
        !selection.names.is_empty() || !selection.tiers.is_empty()
    }

    /// Whether somebody configured lanes; a file without any only says how the found ones are asked.
    pub fn is_configured(&self) -> bool {
        !self.file.lanes.is_empty()
    }

    /// The lanes there are, with these local servers' ones among them.
    pub fn candidates(&self, servers: &[LaneSpec]) -> Result<Candidates, CliError> {
        let configured = self.plans(&self.file.lanes)?;
        let mut found = pockets(&self.cache_dir);
        found.extend(discover::of_keys(|provider| self.has_key(provider)));
        found.extend(servers.iter().cloned());
        let mut others: Vec<LanePlan> = Vec::new();
        for plan in self.plans(&found)? {
            let is_taken = |other: &LanePlan| other.name == plan.name;
            if !configured.iter().chain(&others).any(is_taken) {
                others.push(plan);
            }
        }
        Ok(if self.is_configured() {
            Candidates {
                usual: configured,
                by_name: others,
            }
        } else {
            Candidates {
                usual: others,
                by_name: Vec::new(),
            }
        })
    }

    /// The lanes that the command line and the environment pick out of these.
    pub fn pick(&self, candidates: Candidates) -> Result<Vec<LanePlan>, CliError> {
        candidates
            .pick(&self.overrides.selection)
            .map_err(|error| refused(&error))
    }

    /// Everything that was configured, with these lanes.
    pub fn settings(&self, lanes: Vec<LanePlan>) -> Settings {
        Settings {
            lanes,
            schedule: self.schedule(),
            max_cost_usd: self.file.max_cost_usd,
            hosts: self.file.hosts.clone(),
            network: self.file.network.clone(),
            history: self.file.history.clone(),
            ui: self.file.ui.clone(),
            warnings: self
                .file
                .lanes
                .iter()
                .flat_map(LaneSpec::warnings)
                .chain(catalog::current().warning().map(str::to_owned))
                .collect(),
        }
    }

    /// Lanes that can run, out of plans.
    pub fn lanes(&self, plans: Vec<Arc<LanePlan>>) -> Vec<Lane> {
        let sharing = match self.schedule() {
            Schedule::Fair => 1,
            Schedule::Race => plans.iter().filter(|plan| computes_here(plan)).count(),
        };
        let sharing = u32::try_from(sharing.max(1)).unwrap_or(u32::MAX);
        let services = self.services.clone().with_sharing(sharing);
        plans
            .into_iter()
            .map(|plan| Lane {
                provider: provider(&plan, &services, &self.cache_dir),
                plan,
            })
            .collect()
    }

    /// The source of a pocket model's answers, as a lane beside so many others that compute has it.
    #[cfg(feature = "local")]
    pub fn pocket_provider(
        &self,
        pocket: &crate::pocket::Pocket,
        others: usize,
    ) -> Result<Arc<dyn provider::Provider>, CliError> {
        let plans = self.plans(&[pocket.lane(&self.cache_dir)])?;
        let plan = plans
            .first()
            .ok_or_else(|| CliError::failed("a pocket model has no lane"))?;
        let sharing = u32::try_from(others + 1).unwrap_or(u32::MAX);
        let services = self.services.clone().with_sharing(sharing);
        Ok(provider(plan, &services, &self.cache_dir))
    }

    /// The same with at most so many requests at once at every host, whatever the file says.
    #[must_use]
    pub fn with_concurrency(mut self, most: u32) -> Self {
        for provider in ProviderId::ALL {
            self.services = self.services.with_concurrency(*provider, most as usize);
            if let Some(host) = self.file.hosts.get_mut(provider) {
                host.concurrency = most;
            }
        }
        self
    }

    /// The same with local lanes that are asked several prompts at once.
    #[must_use]
    pub fn with_prompts_together(mut self) -> Self {
        self.services = self.services.with_prompts_together();
        self
    }

    fn schedule(&self) -> Schedule {
        let wished = self.overrides.schedule.or(self.file.schedule);
        wished.unwrap_or_default()
    }

    /// Settings and lanes of these plans.
    pub fn assembly(
        &self,
        plans: Vec<LanePlan>,
        later: Option<BoxFuture<'static, Vec<Lane>>>,
    ) -> Result<Assembly, CliError> {
        if plans.is_empty() && later.is_none() {
            return Err(CliError::configuration("there is no lane to run").hint(
                "set a key such as OPENAI_API_KEY, start a local server such as Ollama, or write a configuration with \
                 `tierscope config init`",
            ));
        }
        Ok(Assembly {
            lanes: self.lanes(plans.iter().cloned().map(Arc::new).collect()),
            settings: self.settings(plans),
            later,
        })
    }

    /// Whether a key for this provider is set, or was found in the keyring.
    pub fn has_key(&self, provider: ProviderId) -> bool {
        let configured = self
            .file
            .hosts
            .get(&provider)
            .and_then(|host| host.api_key_env.as_deref());
        let is_there = |variables: &[&str]| {
            let is_stored = |name: &&str| self.stored.iter().any(|stored| stored == name);
            self.services.key(variables).is_some() || variables.iter().any(is_stored)
        };
        match configured {
            Some(variable) => is_there(&[variable]),
            None => hosts::find(provider).is_some_and(|host| is_there(host.key.variables)),
        }
    }

    /// The same with what the keyring holds. Asks it, for a second or two at the most; one that does not answer holds
    /// nothing.
    pub async fn with_stored_keys(mut self) -> Self {
        match self.services.stored_names().await {
            Ok(names) => self.stored = names,
            Err(error) => tracing::debug!(%error, "no keys from the keyring"),
        }
        self
    }

    /// Resolves lanes; all problems at once.
    pub fn plans(&self, specs: &[LaneSpec]) -> Result<Vec<LanePlan>, CliError> {
        let layers = Layers {
            above: &self.overrides.tuning,
            below: &self.file.defaults,
            hosts: &self.file.hosts,
            environment: &self.environment,
        };
        let mut plans = Vec::new();
        let mut problems: Vec<Problem> = Vec::new();
        for spec in specs {
            match layers.plan(spec) {
                Ok(plan) => plans.push(provider::fitted(plan)),
                Err(problem) => problems.push(problem),
            }
        }
        if problems.is_empty() {
            return Ok(plans);
        }
        let file = self.file_path.clone();
        Err(invalid(&ConfigError { file, problems }))
    }
}

/// The source of a lane's answers; a pocket lane unpacks its file first.
#[cfg(feature = "local")]
fn provider(plan: &LanePlan, services: &Services, cache_dir: &Path) -> Arc<dyn provider::Provider> {
    use crate::pocket;
    let inner = provider::build(plan, services);
    let is_its_file = |pocket: &&pocket::Pocket| match &plan.source {
        LaneSource::Local(local) => local.path == pocket.path(cache_dir),
        LaneSource::Remote(_) | LaneSource::Tape(_) | LaneSource::Played(_) => false,
    };
    match pocket::POCKETS.iter().find(is_its_file) {
        Some(pocket) => Arc::new(pocket::Unpacking {
            pocket,
            cache_dir: cache_dir.to_owned(),
            inner,
        }),
        None => inner,
    }
}

/// The source of a lane's answers.
#[cfg(not(feature = "local"))]
fn provider(plan: &LanePlan, services: &Services, _: &Path) -> Arc<dyn provider::Provider> {
    provider::build(plan, services)
}

/// A configuration that cannot be used.
pub(super) fn invalid(error: &ConfigError) -> CliError {
    CliError::configuration(error.to_string())
}

/// Whether a lane that is on takes cores of this machine.
fn computes_here(plan: &LanePlan) -> bool {
    plan.is_enabled && matches!(plan.source, LaneSource::Local(_))
}

/// Whether this is the name of a built-in lane, in this build or in one with local models.
pub fn is_pocket(name: &str) -> bool {
    [
        "pocket-base",
        "pocket-small",
        "pocket-flagship",
        "pocket-reasoning",
    ]
    .contains(&name)
}

#[cfg(feature = "local")]
fn pockets(cache_dir: &Path) -> Vec<LaneSpec> {
    crate::pocket::POCKETS
        .iter()
        .map(|pocket| pocket.lane(cache_dir))
        .collect()
}

#[cfg(not(feature = "local"))]
fn pockets(_cache_dir: &Path) -> Vec<LaneSpec> {
    Vec::new()
}

/// The keyring that the environment allows: `TIERSCOPE_KEYRING=off` leaves the system's alone.
pub fn keyring(
    environment: &Environment,
    patience: Patience,
) -> Result<Arc<dyn Keyring>, CliError> {
    match environment.var("TIERSCOPE_KEYRING") {
        None | Some("auto") => Ok(keyring::of_system(patience)),
        Some("off") => Ok(Arc::new(NoKeyring("TIERSCOPE_KEYRING is `off`".to_owned()))),
        Some(other) => Err(CliError::configuration(format!(
            "TIERSCOPE_KEYRING must be `auto` or `off`, not `{other}`"
        ))),
    }
}

fn services(environment: &Arc<Environment>, file: &FileSpec) -> Result<Services, CliError> {
    let program = std::env::current_exe().map_err(|error| {
        CliError::failed("cannot find this program's own file").caused_by(error)
    })?;
    let services = Services::new(Arc::clone(environment), program)
        .with_network(Network {
            proxy: file.network.proxy.clone(),
            ca_file: file.network.ca_file.clone(),
        })
        .with_keyring(keyring(environment, Patience::Lane)?);
    Ok(file.hosts.iter().fold(services, |services, (id, host)| {
        services.with_concurrency(*id, host.concurrency as usize)
    }))
}
