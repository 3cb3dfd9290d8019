//! What every lane's provider shares: the HTTP client, the variables and the keyring, the turns at each host, the program
//! itself.

use super::{
    http::{Http, Network},
    keyring::{Keyring, KeyringError, NoKeyring, Shelf},
    secret::Secret,
    turns::Turns,
};
use crate::domain::{environment::Environment, plan::ProviderId};
use std::{
    collections::BTreeMap,
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
    pub(super) is_together: bool,
    pub(super) shelf: Shelf,
    /// Keys that came from the keyring, by the names of their variables.
    stored: Arc<BTreeMap<String, Secret>>,
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
            is_together: false,
            shelf: Shelf::new(Arc::new(NoKeyring("nobody named one".to_owned()))),
            stored: Arc::default(),
        }
    }

    /// With this keyring for keys that no variable holds; without it there is none.
    #[must_use]
    pub fn with_keyring(mut self, keyring: Arc<dyn Keyring>) -> Self {
        self.shelf = Shelf::new(keyring);
        self
    }

    /// With a key that the keyring gave.
    #[must_use]
    pub(super) fn with_stored_key(mut self, name: String, key: Secret) -> Self {
        Arc::make_mut(&mut self.stored).insert(name, key);
        self
    }

    /// The names of the keys in the keyring; asks it, which takes a second or two at the most.
    pub async fn stored_names(&self) -> Result<Vec<String>, KeyringError> {
        self.shelf.names().await
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

    /// With local lanes that are asked several prompts at once, as many as each one's plan says.
    #[must_use]
    pub const fn with_prompts_together(mut self) -> Self {
        self.is_together = true;
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

    /// The first of these variables that is set, as a key; else the first that the keyring has given. Asks nobody.
    pub fn key(&self, variables: &[&str]) -> Option<Secret> {
        let set = variables
            .iter()
            .find_map(|name| self.environment.var(name))
            .map(Secret::new);
        set.or_else(|| {
            let stored = variables.iter().find_map(|name| self.stored.get(*name));
            stored.cloned()
        })
    }
}
