//! Facts about models: tier, price, context window, and which model of a provider stands for a tier. Built in, from
//! `assets/catalog.toml`, with newer prices over them where the person has taken a newer table; fetches nothing.
//!
//! What is not known for certain is not there: a missing price makes a cost unknown, never wrong.

mod habits;
mod model;
mod news;
mod store;
pub mod table;

pub use habits::{Habits, SamplingHabit, Tells, habits};
pub use model::{Access, Model, Prices, Reasoning};
pub use news::News;
pub use store::{FILE_NAME, StoreError, load, save};

use crate::domain::{cost::Price, plan::ProviderId, tier::Tier};
use serde::Deserialize;
use std::{
    collections::HashMap,
    path::PathBuf,
    sync::{LazyLock, OnceLock},
};

/// Where a newer table is kept, once somebody has said so.
static KEPT_AT: OnceLock<PathBuf> = OnceLock::new();

/// Says where a newer table is kept. Counts only before the first look-up, and only the first time.
pub fn keep_at(path: PathBuf) {
    let _ = KEPT_AT.set(path);
}

/// What counts in this process: what is built in, and the newer table that was kept when it began.
pub fn current() -> &'static Catalog {
    &CATALOG
}

/// Every model, in the order of the file.
pub fn models() -> &'static [Model] {
    &CATALOG.models
}

/// The model that goes by this name, whatever host serves it.
pub fn find(name: &str) -> Option<&'static Model> {
    let name = name.to_lowercase();
    CATALOG.named(&name).or_else(|| {
        // Aggregators write `lab/model`.
        let (_, last) = name.rsplit_once('/')?;
        CATALOG.named(last)
    })
}

/// The tier of a model, whatever host serves it.
pub fn tier(name: &str) -> Option<Tier> {
    find(name)?.tier
}

/// What the lab that made a model asks for it on its own API; `None` for other hosts.
pub fn price(provider: ProviderId, name: &str) -> Option<Price> {
    let model = find(name).filter(|model| model.is_sold_by(provider.name()))?;
    let prices = model.price.as_ref()?;
    Some(prices.as_of(model.price_as_of.clone()))
}

/// The models that stand for the tiers of a provider, in the order of the tiers.
pub fn usual_models(provider: ProviderId) -> impl Iterator<Item = (Tier, &'static str)> {
    let is_its = move |model: &&Model| model.usual && model.is_first_at(provider.name());
    let mut found: Vec<(Tier, &'static str)> = models()
        .iter()
        .filter(is_its)
        .filter_map(|model| Some((model.tier?, model.id.as_str())))
        .collect();
    found.sort();
    found.into_iter()
}

static CATALOG: LazyLock<Catalog> = LazyLock::new(Catalog::kept);

/// A newer table, without its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refreshed {
    /// The day on which it was taken, as `2026-11-01`.
    pub day: String,
    /// Where it came from.
    pub source: String,
}

/// All models, and how to find them.
#[derive(Debug, Default)]
pub struct Catalog {
    models: Vec<Model>,
    /// Where each name leads, in lower case.
    names: HashMap<String, usize>,
    refreshed: Option<Refreshed>,
    warning: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: Vec<Model>,
}

impl Catalog {
    /// What the program was built with.
    pub fn built_in() -> Self {
        match Self::read(include_str!("../assets/catalog.toml")) {
            Ok(catalog) => catalog,
            // A test reads the file; without it the program still works, it only knows less.
            Err(error) => {
                tracing::error!("the catalogue cannot be read: {error}");
                Self::default()
            }
        }
    }

    /// The same with the newer table that is kept now, where one is.
    pub fn kept() -> Self {
        let built_in = Self::built_in();
        match KEPT_AT.get().map(|path| store::load(path)) {
            None | Some(Ok(None)) => built_in,
            Some(Ok(Some(news))) => built_in.with(news),
            Some(Err(error)) => Self {
                warning: Some(format!(
                    "{error}; the built-in prices count; `tierscope models --refresh FILE|URL` takes a newer table"
                )),
                ..built_in
            },
        }
    }

    /// Every model, in the order of the file.
    pub fn models(&self) -> &[Model] {
        &self.models
    }

    /// The newer table that stands over what is built in, without its models.
    pub fn refreshed(&self) -> Option<&Refreshed> {
        self.refreshed.as_ref()
    }

    /// What a person should know about the newer table: that it is damaged and does not count.
    pub fn warning(&self) -> Option<&str> {
        self.warning.as_deref()
    }

    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let mut catalog = Self::default();
        for model in toml::from_str::<File>(text)?.model {
            catalog.push(model);
        }
        Ok(catalog)
    }

    fn push(&mut self, model: Model) {
        let place = self.models.len();
        for name in model.names() {
            let name = name.to_lowercase();
            // Programs that keep files of them leave out whose they are.
            if let Some((_, last)) = name.rsplit_once('/') {
                self.names.entry(last.to_owned()).or_insert(place);
            }
            self.names.insert(name, place);
        }
        self.models.push(model);
    }

    /// By its whole name, or without the day that names a snapshot.
    fn named(&self, name: &str) -> Option<&Model> {
        self.models.get(self.place(name)?)
    }

    fn place(&self, name: &str) -> Option<usize> {
        let exact = self.names.get(name);
        exact
            .or_else(|| self.names.get(without_snapshot(name)?))
            .copied()
    }
}

/// Labs add a day or `latest` to name a snapshot.
fn without_snapshot(name: &str) -> Option<&str> {
    if let Some(stem) = name.strip_suffix("-latest") {
        return Some(stem);
    }
    let (stem, _) = name
        .match_indices(['-', '@'])
        .map(|(place, _)| name.split_at(place))
        .find(|(_, ending)| is_date(ending.trim_start_matches(['-', '@'])))?;
    Some(stem)
}

fn is_date(text: &str) -> bool {
    let digits = text.chars().filter(char::is_ascii_digit).count();
    let is_plain = text.chars().all(|c| c.is_ascii_digit() || c == '-');
    digits == 8 && is_plain && !text.ends_with('-')
}

#[cfg(test)]
mod tests;
