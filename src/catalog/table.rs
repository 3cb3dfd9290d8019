//! Reads a newer table in the public form of litellm's `model_prices_and_context_window.json`: an object of name → facts,
//! prices in US dollars per token. Opens no file and fetches nothing; what is odd is refused by name, never guessed.

mod facts;

use super::{Catalog, Model, News, news::Entry, news::SCHEMA};
use facts::Facts;
use serde_json::{Map, Value};
use std::collections::{BTreeMap, BTreeSet};

/// The largest table that is read; the public one has 3.5 MB.
pub const MOST_BYTES: u64 = 32 << 20;
/// The most entries of a table; the public one has 5,000.
const MOST_ENTRIES: usize = 100_000;
/// The entry that only explains the form.
const SPECIMEN: &str = "sample_spec";

/// What a table holds, beside the news themselves.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Tally {
    /// Entries of the table.
    pub entries: usize,
    /// Known models of which it says something else.
    pub changed: usize,
    /// Known models of which it says the same.
    pub same: usize,
    /// Models that were not known.
    pub new: usize,
    /// Entries that are no chat models, or of hosts or names whose prices are not kept here.
    pub passed_over: usize,
    /// Entries that cannot be right: the name and why.
    pub refused: Vec<(String, String)>,
}

/// Why a table as a whole cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum TableError {
    /// It is no JSON.
    #[error("it is no JSON")]
    Json(#[source] serde_json::Error),
    /// Another form of JSON.
    #[error("it is no object of model names with facts about each, as litellm's table is")]
    Shape,
    /// More than any table has.
    #[error("it has {0} entries, more than {MOST_ENTRIES}")]
    TooLong(usize),
    /// Nothing about models that could be used.
    #[error("none of its {0} entries tells anything about a chat model of a known host{1}")]
    Nothing(usize, String),
}

/// Reads a table, taken on this day from this place, against what is built in.
pub fn read(
    bytes: &[u8],
    catalog: &Catalog,
    day: &str,
    source: &str,
) -> Result<(News, Tally), TableError> {
    let table: Value = serde_json::from_slice(bytes).map_err(TableError::Json)?;
    let table: Map<String, Value> = match table {
        Value::Object(table) if !table.is_empty() => table,
        _ => return Err(TableError::Shape),
    };
    if table.len() > MOST_ENTRIES {
        return Err(TableError::TooLong(table.len()));
    }
    let mut reading = Reading::new(catalog);
    for (key, facts) in &table {
        if key != SPECIMEN {
            reading.take(key, facts);
        }
    }
    let (models, tally) = reading.end();
    if models.is_empty() {
        let first = tally.refused.first();
        let refused = first.map_or_else(String::new, |(name, reason)| {
            let count = tally.refused.len();
            format!("; {count} were refused, such as {name}: {reason}")
        });
        return Err(TableError::Nothing(table.len(), refused));
    }
    let news = News {
        schema: SCHEMA,
        day: day.to_owned(),
        source: source.to_owned(),
        models,
    };
    Ok((news, tally))
}

/// What is wrong with a price that is far from the one that is known: it may be for a thousand tokens, or a million.
fn leap(entry: &Entry, model: &Model) -> Option<String> {
    const MOST: f64 = 20.0;
    let now = entry.price.as_ref()?.input?;
    let before = model.price.as_ref()?.input?;
    let is_near = now <= before * MOST && now >= before / MOST;
    (!is_near).then(|| {
        format!("its input costs {now} USD per million tokens, where {before} is known: is that per token?")
    })
}

/// A table half read.
struct Reading<'a> {
    catalog: &'a Catalog,
    /// Where the key of a price's source leads.
    sources: BTreeMap<&'a str, usize>,
    /// The best entry for each known model, with its rank.
    known: BTreeMap<usize, (Rank, Entry)>,
    new: Vec<Entry>,
    new_names: BTreeSet<String>,
    tally: Tally,
}

/// How surely an entry is about a model; the first one wins.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Rank {
    /// The model's price was read there before.
    Source,
    /// Its own name.
    Id,
    /// Another name, or a snapshot.
    Alias,
}

impl<'a> Reading<'a> {
    fn new(catalog: &'a Catalog) -> Self {
        let key_of = |(place, model): (usize, &'a Model)| {
            let (_, key) = model.price_source.as_deref()?.split_once(": ")?;
            Some((key, place))
        };
        Self {
            catalog,
            sources: catalog
                .models
                .iter()
                .enumerate()
                .filter_map(key_of)
                .collect(),
            known: BTreeMap::new(),
            new: Vec::new(),
            new_names: BTreeSet::new(),
            tally: Tally::default(),
        }
    }

    fn take(&mut self, key: &str, facts: &Value) {
        self.tally.entries += 1;
        let Some(facts) = facts.as_object() else {
            self.refuse(key, "it is no object".to_owned());
            return;
        };
        if !facts::is_chat(facts) {
            self.tally.passed_over += 1;
            return;
        }
        let place = facts::place(key, facts);
        let found = match (self.sources.get(key), &place) {
            (Some(model), _) => Some((*model, Rank::Source)),
            (None, Some(place)) => self.find(&place.id),
            (None, None) => None,
        };
        let known = found.and_then(|(at, rank)| Some((at, rank, self.catalog.models.get(at)?)));
        let is_sold = |model: &Model| {
            let mut hosts = place.iter().flat_map(|place| &place.hosts);
            hosts.any(|host| model.is_sold_by(host))
        };
        let (target, hosts) = match (known, &place) {
            (Some((at, rank, model)), _) if rank == Rank::Source || is_sold(model) => {
                (Some((at, rank, model)), Vec::new())
            }
            (None, Some(place)) if !self.new_names.contains(&place.id.to_lowercase()) => (
                None,
                place.hosts.iter().map(|host| (*host).to_owned()).collect(),
            ),
            // Another host's price of a model that is known by its lab's, or no host of ours.
            _ => {
                self.tally.passed_over += 1;
                return;
            }
        };
        let read = match Facts::of(facts) {
            Ok(read) => read,
            Err(reason) => return self.refuse(key, reason),
        };
        let id = match (target, place) {
            (Some((_, _, model)), _) => model.id.clone(),
            (None, Some(place)) => place.id,
            (None, None) => return,
        };
        let context_tokens = read.context_tokens(target.map(|(_, _, model)| model));
        let is_new = target.is_none();
        let entry = Entry {
            id,
            hosts,
            key: key.to_owned(),
            context_tokens,
            // Often only the window again: what is known otherwise is not written over.
            output_tokens: read
                .output_tokens
                .filter(|output| is_new && context_tokens.is_none_or(|context| *output < context)),
            price: read.price,
            is_unusable: read.is_unusable,
            earlier: None,
        };
        let leap = target.and_then(|(_, _, model)| leap(&entry, model));
        if let Some(reason) = entry.complaint().or(leap) {
            return self.refuse(key, reason);
        }
        if let Some((at, rank, _)) = target {
            self.keep(at, rank, entry);
        } else {
            self.new_names.insert(entry.id.to_lowercase());
            self.new.push(entry);
        }
    }

    /// Where a name leads in the catalogue.
    fn find(&self, id: &str) -> Option<(usize, Rank)> {
        let name = id.to_lowercase();
        let place = self.catalog.place(&name)?;
        let model = self.catalog.models.get(place)?;
        let rank = if model.id.to_lowercase() == name {
            Rank::Id
        } else {
            Rank::Alias
        };
        Some((place, rank))
    }

    fn keep(&mut self, place: usize, rank: Rank, entry: Entry) {
        let is_better = self
            .known
            .get(&place)
            .is_none_or(|(other, _)| rank < *other);
        if is_better && self.known.insert(place, (rank, entry)).is_none() {
            return;
        }
        // Two entries about one model: the weaker one says nothing.
        self.tally.passed_over += 1;
    }

    fn refuse(&mut self, key: &str, reason: String) {
        self.tally.refused.push((key.to_owned(), reason));
    }

    fn end(mut self) -> (Vec<Entry>, Tally) {
        let mut models = Vec::new();
        for (place, (_, entry)) in self.known {
            let model = self.catalog.models.get(place);
            if model.is_some_and(|model| entry.changes(model)) {
                self.tally.changed += 1;
            } else {
                self.tally.same += 1;
            }
            models.push(entry);
        }
        self.tally.new = self.new.len();
        models.extend(self.new);
        (models, self.tally)
    }
}

#[cfg(test)]
mod tests;
