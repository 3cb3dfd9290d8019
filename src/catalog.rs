//! Facts about models: tier, price, context window, and which model of a provider stands for a tier. Built in, from
//! `assets/catalog.toml`; fetches nothing.
//!
//! What is not known for certain is not there: a missing price makes a cost unknown, never wrong.

mod habits;
mod model;

pub use habits::{Habits, SamplingHabit, Tells, habits};
pub use model::{Access, Model, Prices, Reasoning};

use crate::domain::{cost::Price, plan::ProviderId, tier::Tier};
use serde::Deserialize;
use std::{collections::HashMap, sync::LazyLock};

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
    find(name).map(|model| model.tier)
}

/// What the lab that made a model asks for it on its own API; `None` for other hosts.
pub fn price(provider: ProviderId, name: &str) -> Option<Price> {
    let model = find(name).filter(|model| model.is_sold_by(provider.name()))?;
    let prices = model.price.filter(Prices::is_flat)?;
    Some(Price {
        input: prices.input,
        output: prices.output,
        cached_input: prices.cached_input,
        as_of: model.price_as_of.clone(),
    })
}

/// The models that stand for the tiers of a provider, in the order of the tiers.
pub fn usual_models(provider: ProviderId) -> impl Iterator<Item = (Tier, &'static str)> {
    let is_its = move |model: &&Model| model.usual && model.is_first_at(provider.name());
    let mut found: Vec<(Tier, &'static str)> = models()
        .iter()
        .filter(is_its)
        .map(|model| (model.tier, model.id.as_str()))
        .collect();
    found.sort();
    found.into_iter()
}

static CATALOG: LazyLock<Catalog> =
    LazyLock::new(
        || match Catalog::read(include_str!("../assets/catalog.toml")) {
            Ok(catalog) => catalog,
            // A test reads the file; without it the program still works, it only knows less.
            Err(error) => {
                tracing::error!("the catalogue cannot be read: {error}");
                Catalog::default()
            }
        },
    );

#[derive(Debug, Default)]
struct Catalog {
    models: Vec<Model>,
    /// Where each name leads, in lower case.
    names: HashMap<String, usize>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: Vec<Model>,
}

impl Catalog {
    fn read(text: &str) -> Result<Self, toml::de::Error> {
        let models = toml::from_str::<File>(text)?.model;
        let names = models
            .iter()
            .enumerate()
            .flat_map(|(place, model)| model.names().map(move |name| (name.to_lowercase(), place)))
            .collect();
        Ok(Self { models, names })
    }

    /// By its whole name, or without the day that names a snapshot.
    fn named(&self, name: &str) -> Option<&Model> {
        let place = self
            .names
            .get(name)
            .or_else(|| self.names.get(without_snapshot(name)?))?;
        self.models.get(*place)
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
