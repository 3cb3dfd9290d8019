//! Turns at a host: no more requests at once than it should get. Knows nothing of what is asked.

use crate::domain::plan::ProviderId;
use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::Semaphore;

/// Requests at once at one address when nothing else is said.
pub const USUAL_CONCURRENCY: usize = 8;

/// Limits by provider, and the turns by address; clones share the turns.
#[derive(Debug, Clone, Default)]
pub(super) struct Turns {
    limits: Arc<BTreeMap<ProviderId, usize>>,
    at: Arc<Mutex<HashMap<String, Arc<Semaphore>>>>,
}

impl Turns {
    /// The same turns with another limit; counts for addresses that were not asked for yet.
    pub(super) fn with_limit(mut self, provider: ProviderId, most: usize) -> Self {
        Arc::make_mut(&mut self.limits).insert(provider, most.max(1));
        self
    }

    /// The turns at this address.
    pub(super) fn at(&self, provider: ProviderId, address: &str) -> Arc<Semaphore> {
        let most = self.limits.get(&provider).copied();
        let mut at = self.at.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = at
            .entry(address.to_owned())
            .or_insert_with(|| Arc::new(Semaphore::new(most.unwrap_or(USUAL_CONCURRENCY))));
        Arc::clone(turns)
    }
}
