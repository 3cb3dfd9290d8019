//! What hosts do differently within their wire formats, in the form that a table of constants can hold. Names no host.

use super::ModelCheck;
use crate::wire::{BodyOptions, EffortField};

/// What a host does differently within its wire format; the constant form of [`BodyOptions`].
#[derive(Debug, Clone, Copy)]
pub(super) struct Habits {
    pub(super) check: ModelCheck,
    pub(super) max_tokens_field: &'static str,
    pub(super) include_usage: bool,
    pub(super) seed_field: Option<&'static str>,
    pub(super) sampling: ExtraSampling,
    pub(super) effort: EffortField,
    /// Fields that are `true` in every request.
    pub(super) switches: &'static [&'static str],
}

/// Which sampling settings beyond the common ones an OpenAI-shaped host takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ExtraSampling {
    None,
    TopK,
    TopKAndMinP,
}

/// The form that most servers of the OpenAI shape share.
pub(super) const COMMON: Habits = Habits {
    check: ModelCheck::Unknown,
    max_tokens_field: "max_tokens",
    include_usage: true,
    seed_field: Some("seed"),
    sampling: ExtraSampling::None,
    effort: EffortField::ReasoningEffort,
    switches: &[],
};

/// Servers that run open models themselves.
pub(super) const OPEN_MODELS: Habits = Habits {
    sampling: ExtraSampling::TopKAndMinP,
    effort: EffortField::TemplateArguments,
    ..COMMON
};

impl Habits {
    pub(super) fn body_options(&self) -> BodyOptions {
        let switches = self.switches.iter();
        BodyOptions {
            max_tokens_field: self.max_tokens_field,
            include_usage: self.include_usage,
            seed_field: self.seed_field,
            top_k: self.sampling != ExtraSampling::None,
            min_p: self.sampling == ExtraSampling::TopKAndMinP,
            effort: self.effort,
            fixed: switches
                .map(|name| ((*name).to_owned(), true.into()))
                .collect(),
            ..BodyOptions::default()
        }
    }
}
