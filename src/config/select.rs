//! Which of the lanes run: `--lane` by name, `--tier` among those that would run, both together as a union.

use super::{layer::Selection, problem::nearest};
use crate::domain::{plan::LanePlan, tier::Tier};

/// The lanes there are.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Candidates {
    /// Those that run where nobody picks; the ones that are switched off among them.
    pub usual: Vec<LanePlan>,
    /// Those that run only when they are named.
    pub by_name: Vec<LanePlan>,
}

/// Why a selection cannot be met.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SelectionError {
    /// No lane of this name.
    #[error("unknown lane `{name}`")]
    UnknownLane {
        /// What was asked for.
        name: String,
        /// What was probably meant.
        nearest: Option<String>,
        /// What there is.
        known: Vec<String>,
    },
    /// The tiers that were picked are those of no lane.
    #[error("no lane of tier {} would run here", .0.iter().map(|tier| tier.name()).collect::<Vec<_>>().join(" or "))]
    NoSuchTier(Vec<Tier>),
}

impl Candidates {
    /// Picks. Lanes keep their order, named ones that would not run by themselves come last; a named lane is on.
    pub fn pick(self, selection: &Selection) -> Result<Vec<LanePlan>, SelectionError> {
        if selection.is_empty() {
            return Ok(self.usual);
        }
        if let Some(name) = selection
            .names
            .iter()
            .find(|name| self.plans().all(|plan| plan.name != **name))
        {
            return Err(self.unknown(name));
        }
        let is_named = |plan: &LanePlan| selection.names.contains(&plan.name);
        let is_of_tier = |plan: &LanePlan| {
            plan.is_enabled
                && plan
                    .tier
                    .is_some_and(|tier| selection.tiers.contains(&tier))
        };
        let mut picked: Vec<LanePlan> = self
            .usual
            .into_iter()
            .filter(|plan| is_named(plan) || is_of_tier(plan))
            .collect();
        for plan in self.by_name.into_iter().filter(is_named) {
            if picked.iter().all(|other| other.name != plan.name) {
                picked.push(plan);
            }
        }
        if picked.is_empty() {
            return Err(SelectionError::NoSuchTier(selection.tiers.clone()));
        }
        for plan in &mut picked {
            plan.is_enabled = true;
        }
        Ok(picked)
    }

    /// All lanes, those that run by themselves first.
    pub fn plans(&self) -> impl Iterator<Item = &LanePlan> {
        self.usual.iter().chain(&self.by_name)
    }

    fn unknown(&self, name: &str) -> SelectionError {
        let known: Vec<String> = self.plans().map(|plan| plan.name.clone()).collect();
        SelectionError::UnknownLane {
            name: name.to_owned(),
            nearest: nearest(name, known.iter().map(String::as_str)).map(str::to_owned),
            known,
        }
    }
}
