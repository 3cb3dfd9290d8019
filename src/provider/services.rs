//! What every lane's provider shares: the HTTP client, the variables, the turns at each host, the program itself.

use super::{
    http::{Http, Network},
    secret::Secret,
    turns::Turns,
};
use crate::domain::{environment::Environment, plan::ProviderId};
use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

/// Made once at the start and handed to [`super::build`] for every lane. Cloning it shares everything.
#[derive(Debug, Clone)]
pub struct Services {
    pub(super) http: Http,
    pub(super) environment: Arc<Environment>,
    pub(super) program: PathBuf,
    pub(super) turns: Turns,
    pub(super) sharing: u32,
}

impl Services {
    /// `program` is this executable: local lanes start it as their engine.
    pub fn new(environment: Arc<Environment>, program: PathBuf) -> Self {
        Self {
            http: Http::new(Network::default(), Arc::clone(&environment)),
            environment,
            program,
            turns: Turns::default(),
            sharing: 1,
        }
    }

    /// With this way to reach the network.
    #[must_use]
    pub fn with_network(mut self, network: Network) -> Self {
        self.http = Http::new(network, Arc::clone(&self.environment));
        self
    }

    /// With at most this many requests at once at hosts of this provider.
    #[must_use]
    pub fn with_concurrency(mut self, provider: ProviderId, most: usize) -> Self {
        self.turns = self.turns.with_limit(provider, most);
        self
    }

    /// With this many local lanes that compute at the same time and share the processor's cores.
    #[must_use]
    pub fn with_sharing(mut self, lanes: u32) -> Self {
        self.sharing = lanes;
        self
    }

    /// The way to reach the network.
    pub const fn http(&self) -> &Http {
        &self.http
    }

    /// The variables of the process.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// This executable.
    pub fn program(&self) -> &Path {
        &self.program
    }

    /// The first of these variables that is set, as a key.
    pub fn key(&self, variables: &[&str]) -> Option<Secret> {
        variables
            .iter()
            .find_map(|name| self.environment.var(name))
            .map(Secret::new)
    }
}
