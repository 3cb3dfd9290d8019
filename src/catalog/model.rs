//! One model of the catalogue: what its lab published. Knows nothing of lanes.

use crate::domain::{
    cost::{LongPrice, Price},
    tier::Tier,
};
use serde::{Deserialize, Serialize};

/// What a lab published under one name.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Model {
    /// Its name at the lab's own API, or where there is none the usual one.
    pub id: String,
    /// Other names: snapshots, names on hubs.
    #[serde(default)]
    pub aliases: Vec<String>,
    /// Who made it; like all that follows only known for models of the built-in catalogue.
    pub lab: Option<String>,
    /// The line of models, such as Claude.
    pub family: Option<String>,
    /// The architecture or training, such as Claude 4.
    pub generation: Option<String>,
    /// The trim level in the generation, such as Opus; `None` where there is one only.
    pub version: Option<String>,
    /// Its tier.
    pub tier: Option<Tier>,
    /// Whether it thinks before it answers.
    pub reasoning: Option<Reasoning>,
    /// How it can be had.
    pub access: Option<Access>,
    /// The hosts where the price below is asked, by their names in the configuration. Without any it is asked at an API
    /// that is no provider of ours.
    #[serde(default)]
    pub hosts: Vec<String>,
    /// Prompt and answer together, in tokens.
    pub context_tokens: Option<u64>,
    /// The longest answer, in tokens.
    pub output_tokens: Option<u64>,
    /// What it reads: text, image, audio, video, document.
    #[serde(default)]
    pub modalities: Vec<String>,
    /// The model that it was distilled from, where that was published.
    pub distilled_from: Option<String>,
    /// Stands for its tier where nobody chose a model.
    #[serde(default, skip_serializing)]
    pub usual: bool,
    /// What its lab asks.
    pub price: Option<Prices>,
    /// The day on which the price was true.
    pub price_as_of: Option<String>,
    /// Where the price was read.
    pub price_source: Option<String>,
}

/// US dollars per million tokens.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prices {
    /// Prompt tokens that came from no cache.
    pub input: Option<f64>,
    /// Completion tokens.
    pub output: Option<f64>,
    /// Prompt tokens that came from a cache.
    pub cached_input: Option<f64>,
    /// Prompt tokens that were written into a cache that lives for minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cache_write: Option<f64>,
    /// Reasoning tokens, where they cost otherwise than the rest of the answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reasoning: Option<f64>,
    /// Other prices for long prompts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub above: Vec<LongPrice>,
}

/// Whether a model thinks before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Reasoning {
    /// Never.
    None,
    /// Where it is asked to.
    Hybrid,
    /// Always.
    Always,
}

/// How a model can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Access {
    /// The weights are published.
    OpenWeights,
    /// Behind an API only.
    Api,
}

impl Model {
    /// All its names, its own first.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&self.id)
            .chain(&self.aliases)
            .map(String::as_str)
    }

    /// Whether its price holds at this host.
    pub(super) fn is_sold_by(&self, host: &str) -> bool {
        self.hosts.iter().any(|own| own == host)
    }

    /// Whether this host is where its lab sells it first.
    pub(super) fn is_first_at(&self, host: &str) -> bool {
        self.hosts.first().is_some_and(|own| own == host)
    }
}

impl Prices {
    /// The same prices as of a day.
    pub(super) fn as_of(&self, day: Option<String>) -> Price {
        Price {
            input: self.input,
            output: self.output,
            cached_input: self.cached_input,
            cache_write: self.cache_write,
            reasoning: self.reasoning,
            above: self.above.clone(),
            as_of: day,
        }
    }

    /// Every price there is.
    pub(super) fn all(&self) -> impl Iterator<Item = f64> {
        let long = self.above.iter().flat_map(|long| {
            [
                long.input,
                long.output,
                long.cached_input,
                long.cache_write,
                long.reasoning,
            ]
        });
        [
            self.input,
            self.output,
            self.cached_input,
            self.cache_write,
            self.reasoning,
        ]
        .into_iter()
        .chain(long)
        .flatten()
    }
}
