//! What a newer table says about models, and how it goes over the built-in catalogue. Reads no foreign format.

use super::{Catalog, Model, Prices, Refreshed};
use serde::{Deserialize, Serialize};
use std::collections::HashSet;

/// Rises when older news can no longer be read.
pub const SCHEMA: u32 = 1;
/// A token that costs more than a cent is a mistake: US dollars per million tokens.
pub const HIGHEST_USD: f64 = 10_000.0;
/// No context window is longer, in tokens.
pub const LONGEST_TOKENS: u64 = 100_000_000;
/// No name is longer, in bytes.
const LONGEST_NAME: usize = 200;

/// A newer table, as far as it is kept.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct News {
    /// Rises when its form changes.
    pub schema: u32,
    /// The day on which it was taken, as `2026-11-01`.
    pub day: String,
    /// Where it came from.
    pub source: String,
    /// Model by model.
    pub models: Vec<Entry>,
}

/// What is new about one model.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// Its name: the built-in catalogue's own, or that of a new model.
    pub id: String,
    /// Where a new model is sold; empty for known ones, of which that is known.
    pub hosts: Vec<String>,
    /// Its name in the table.
    pub key: String,
    /// Its prices, where the table has some that can be used.
    pub price: Option<Prices>,
    /// The table has prices which depend on something that is not known when a cost is computed.
    pub is_unusable: bool,
    /// The context window in tokens.
    pub context_tokens: Option<u64>,
    /// The longest answer in tokens.
    pub output_tokens: Option<u64>,
    /// The earlier table that it is from, where a later one says nothing about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<Earlier>,
}

/// A table before the last one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Earlier {
    /// The day on which it was taken.
    pub day: String,
    /// Where it came from.
    pub source: String,
}

impl News {
    /// These news over earlier ones: what only those tell of stays, with their day and source. Tells how much that is.
    pub fn put_over(&mut self, before: Self) -> usize {
        let told: HashSet<String> = self
            .models
            .iter()
            .map(|new| new.id.to_lowercase())
            .collect();
        let count = self.models.len();
        let (day, source) = (before.day, before.source);
        let kept = before.models.into_iter();
        let kept = kept.filter(|old| !told.contains(&old.id.to_lowercase()));
        self.models.extend(kept.map(|old| Entry {
            earlier: old.earlier.or_else(|| {
                let (day, source) = (day.clone(), source.clone());
                Some(Earlier { day, source })
            }),
            ..old
        }));
        self.models.len() - count
    }

    /// Why these news cannot be used; they may have been written by anybody.
    pub fn complaint(&self) -> Option<String> {
        if self.schema != SCHEMA {
            return Some(format!("its form is {}, not {SCHEMA}", self.schema));
        }
        if !is_day(&self.day) {
            return Some("it has no day".to_owned());
        }
        self.models.iter().find_map(Entry::complaint)
    }
}

impl Entry {
    /// Why this entry cannot be used.
    pub fn complaint(&self) -> Option<String> {
        if self
            .earlier
            .as_ref()
            .is_some_and(|earlier| !is_day(&earlier.day))
        {
            return Some("a part of it has no day".to_owned());
        }
        let prices = self.price.iter().flat_map(Prices::all);
        // Nothing is no price either: what is not known is left out.
        let is_price = |price: &f64| *price > 0.0 && *price <= HIGHEST_USD;
        if let Some(price) = prices.into_iter().find(|price| !is_price(price)) {
            return Some(format!("{price} is no price per million tokens"));
        }
        let sizes = [self.context_tokens, self.output_tokens];
        if let Some(size) = sizes
            .into_iter()
            .flatten()
            .find(|size| !(1..=LONGEST_TOKENS).contains(size))
        {
            return Some(format!("{size} is no number of tokens"));
        }
        let is_name = |name: &str| {
            !name.is_empty()
                && name.len() <= LONGEST_NAME
                && !name.chars().any(|c| c.is_control() || c.is_whitespace())
                && crate::domain::sanitise::sanitise_line(name) == name
        };
        (!is_name(&self.id) || !is_name(&self.key))
            .then(|| "its name is empty, too long or not printable".to_owned())
    }

    /// Whether it says anything else than what is known of a model.
    pub fn changes(&self, model: &Model) -> bool {
        let price = if self.is_unusable {
            None
        } else {
            self.price.as_ref().or(model.price.as_ref())
        };
        let context = self.context_tokens.or(model.context_tokens);
        let output = self.output_tokens.or(model.output_tokens);
        price != model.price.as_ref()
            || context != model.context_tokens
            || output != model.output_tokens
    }
}

impl Catalog {
    /// The same with newer facts over it. Prices that are older than the built-in ones do not count.
    #[must_use]
    pub fn with(mut self, news: News) -> Self {
        for entry in news.models {
            let known = self.names.get(&entry.id.to_lowercase()).copied();
            let (day, place) = match &entry.earlier {
                Some(earlier) => (earlier.day.clone(), &earlier.source),
                None => (news.day.clone(), &news.source),
            };
            let source = format!("{place}: {}", entry.key);
            match known.and_then(|place| self.models.get_mut(place)) {
                Some(model) => apply(model, &entry, &day, source),
                None if !entry.hosts.is_empty() => self.push(unheard_of(entry, &day, source)),
                // A model that a later version of the program no longer knows.
                None => {}
            }
        }
        self.refreshed = Some(Refreshed {
            day: news.day,
            source: news.source,
        });
        self
    }
}

fn apply(model: &mut Model, entry: &Entry, day: &str, source: String) {
    model.context_tokens = entry.context_tokens.or(model.context_tokens);
    model.output_tokens = entry.output_tokens.or(model.output_tokens);
    let is_older = model.price_as_of.as_deref().is_some_and(|own| day < own);
    if is_older {
        return;
    }
    if entry.is_unusable {
        model.price = None;
        model.price_as_of = None;
        model.price_source = None;
    } else if entry.price.is_some() {
        model.price.clone_from(&entry.price);
        model.price_as_of = Some(day.to_owned());
        model.price_source = Some(source);
    }
}

/// A model of which only the table's figures are known.
fn unheard_of(entry: Entry, day: &str, source: String) -> Model {
    let has_price = entry.price.is_some();
    Model {
        id: entry.id,
        aliases: Vec::new(),
        lab: None,
        family: None,
        generation: None,
        version: None,
        tier: None,
        reasoning: None,
        access: None,
        hosts: entry.hosts,
        context_tokens: entry.context_tokens,
        output_tokens: entry.output_tokens,
        modalities: Vec::new(),
        distilled_from: None,
        usual: false,
        price: entry.price,
        price_as_of: has_price.then(|| day.to_owned()),
        price_source: has_price.then_some(source),
    }
}

fn is_day(text: &str) -> bool {
    let shape = |(place, byte): (usize, u8)| match place {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    };
    text.len() == 10 && text.bytes().enumerate().all(shape)
}
