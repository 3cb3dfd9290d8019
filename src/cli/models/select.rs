//! Which models are shown, and in which order. Prints nothing.

use super::{AccessName, ModelsArgs, Order};
use crate::{
    catalog::{Access, Model},
    domain::tier::Tier,
};
use std::cmp::Ordering;

/// Those that were asked for, in the order that was asked for.
pub(super) fn selected<'a>(models: &'a [Model], args: &ModelsArgs) -> Vec<&'a Model> {
    let words: Vec<String> = args.words.iter().map(|word| word.to_lowercase()).collect();
    let mut found: Vec<&Model> = models
        .iter()
        .filter(|model| {
            args.tiers.is_empty() || model.tier.is_some_and(|tier| args.tiers.contains(&tier))
        })
        .filter(|model| args.access.is_none_or(|access| access.is_of(model.access)))
        .filter(|model| words.iter().all(|word| is_about(model, word)))
        .collect();
    // Stable: what is alike stays in the order of the file.
    found.sort_by(|a, b| match args.sort {
        Order::Lab => by_lab(a).cmp(&by_lab(b)),
        Order::Price => by_price(a, b),
        Order::Context => b.context_tokens.cmp(&a.context_tokens),
    });
    found
}

/// Every lab once, in the order of the alphabet.
pub(super) fn labs(models: &[Model]) -> Vec<&str> {
    let mut labs: Vec<&str> = models
        .iter()
        .filter_map(|model| model.lab.as_deref())
        .collect();
    labs.sort_unstable_by_key(|lab| lab.to_lowercase());
    labs.dedup();
    labs
}

fn is_about(model: &Model, word: &str) -> bool {
    [&model.lab, &model.family, &model.generation, &model.version]
        .into_iter()
        .filter_map(|text| text.as_deref())
        .chain(model.names())
        .any(|text| text.to_lowercase().contains(word))
}

/// Models of no known lab stand behind all others.
fn by_lab(model: &Model) -> (bool, Option<String>, Option<Tier>) {
    let lab = model.lab.as_ref().map(|lab| lab.to_lowercase());
    (lab.is_none(), lab, model.tier)
}

/// An answer is most of what is paid for, then the prompt; a price that is not known stands behind all that are.
fn by_price(a: &Model, b: &Model) -> Ordering {
    let key = |model: &Model| {
        let of = |price: Option<f64>| price.unwrap_or(f64::INFINITY);
        let prices = model.price.as_ref();
        (
            of(prices.and_then(|p| p.output)),
            of(prices.and_then(|p| p.input)),
        )
    };
    let (a, b) = (key(a), key(b));
    a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
}

impl AccessName {
    fn is_of(self, access: Option<Access>) -> bool {
        match self {
            Self::OpenWeights => access == Some(Access::OpenWeights),
            Self::Api => access == Some(Access::Api),
        }
    }
}
