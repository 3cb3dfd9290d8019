//! The layers above the file: the environment, and above it the command line. Says nothing about what is below them.

use super::{
    problem::{ConfigError, nearest},
    spec::Tuning,
    value,
};
use crate::domain::{environment::Environment, plan::Schedule, request::Effort, tier::Tier};
use std::{path::PathBuf, str::FromStr};

/// What was asked for above the file; holds for every lane.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Overrides {
    /// The file to read instead of the usual one.
    pub file: Option<PathBuf>,
    /// How every lane is asked.
    pub tuning: Tuning,
    /// Whether local lanes run together.
    pub schedule: Option<Schedule>,
    /// Which lanes run.
    pub selection: Selection,
}

/// Which lanes run: the named ones and those of the named tiers. Empty: all that are on.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Selection {
    /// By name, among the configured, the found and the built-in ones.
    pub names: Vec<String>,
    /// By tier, among those that would run.
    pub tiers: Vec<Tier>,
}

impl Selection {
    /// Nothing was picked.
    pub fn is_empty(&self) -> bool {
        self.names.is_empty() && self.tiers.is_empty()
    }
}

impl Overrides {
    /// These wishes, and those of the layer below where these say nothing. A selection is never mixed with another.
    #[must_use]
    pub fn over(self, below: Self) -> Self {
        Self {
            file: self.file.or(below.file),
            tuning: self.tuning.over(below.tuning),
            schedule: self.schedule.or(below.schedule),
            selection: if self.selection.is_empty() {
                below.selection
            } else {
                self.selection
            },
        }
    }

    /// The wishes of the environment: `TIERSCOPE_CONFIG`, and one variable per shared option.
    pub fn from_environment(environment: &Environment) -> Result<Self, ConfigError> {
        let from = Variables(environment);
        Ok(Self {
            file: environment.var("TIERSCOPE_CONFIG").map(PathBuf::from),
            tuning: Tuning {
                max_tokens: from.read("TIERSCOPE_MAX_TOKENS", |text| {
                    parsed("a whole number", text).and_then(value::at_least_one)
                })?,
                temperature: from.read("TIERSCOPE_TEMPERATURE", |text| {
                    parsed("a number", text).and_then(value::temperature)
                })?,
                top_p: from.read("TIERSCOPE_TOP_P", |text| {
                    parsed("a number", text).and_then(value::probability)
                })?,
                top_k: None,
                min_p: None,
                seed: from.read("TIERSCOPE_SEED", |text| parsed("a whole number", text))?,
                stop: environment
                    .var("TIERSCOPE_STOP")
                    .map(|text| vec![text.to_owned()]),
                system: environment.var("TIERSCOPE_SYSTEM").map(str::to_owned),
                effort: from.read("TIERSCOPE_EFFORT", |text| {
                    one_of(text, &Effort::ALL.map(|effort| (effort.name(), effort)))
                })?,
                timeout: from.read("TIERSCOPE_TIMEOUT", value::duration)?,
            },
            schedule: from.read("TIERSCOPE_SCHEDULE", |text| {
                one_of(
                    text,
                    &Schedule::ALL.map(|schedule| (schedule.name(), schedule)),
                )
            })?,
            selection: Selection {
                names: from
                    .read("TIERSCOPE_LANE", |text| Ok(listed(text)))?
                    .unwrap_or_default(),
                tiers: from.read("TIERSCOPE_TIER", tiers)?.unwrap_or_default(),
            },
        })
    }
}

/// Reads variables and names the one that is wrong.
struct Variables<'e>(&'e Environment);

impl Variables<'_> {
    fn read<T>(
        &self,
        name: &str,
        read: impl FnOnce(&str) -> Result<T, String>,
    ) -> Result<Option<T>, ConfigError> {
        self.0
            .var(name)
            .map(read)
            .transpose()
            .map_err(|problem| ConfigError::outside(format!("the variable {name} {problem}")))
    }
}

fn parsed<T: FromStr>(wanted: &str, text: &str) -> Result<T, String> {
    text.trim()
        .parse()
        .map_err(|_| format!("must be {wanted}, not `{text}`"))
}

/// A word out of a few.
pub fn one_of<T: Copy>(word: &str, known: &[(&str, T)]) -> Result<T, String> {
    let found = known.iter().find(|(name, _)| *name == word);
    found.map(|(_, item)| *item).ok_or_else(|| {
        let names = known.iter().map(|(name, _)| *name);
        let listed: Vec<_> = names.clone().collect();
        let ending = nearest(word, names)
            .map_or_else(String::new, |near| format!("; did you mean `{near}`?"));
        format!("must be one of {}, not `{word}`{ending}", listed.join(", "))
    })
}

fn listed(text: &str) -> Vec<String> {
    text.split(',')
        .map(str::trim)
        .filter(|name| !name.is_empty())
        .map(str::to_owned)
        .collect()
}

fn tiers(text: &str) -> Result<Vec<Tier>, String> {
    let known = Tier::ALL.map(|tier| (tier.name(), tier));
    listed(text)
        .iter()
        .map(|name| one_of(name, &known))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn overrides(pairs: &[(&str, &str)]) -> Result<Overrides, String> {
        Overrides::from_environment(&pairs.iter().copied().collect())
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_shared_option_has_a_variable() {
        let read = overrides(&[
            ("TIERSCOPE_CONFIG", "/c.toml"),
            ("TIERSCOPE_LANE", "mini, qwen,"),
            ("TIERSCOPE_TIER", "small,reasoning"),
            ("TIERSCOPE_SYSTEM", "Be brief."),
            ("TIERSCOPE_MAX_TOKENS", "12"),
            ("TIERSCOPE_TEMPERATURE", "0"),
            ("TIERSCOPE_TOP_P", "0.5"),
            ("TIERSCOPE_SEED", "18446744073709551615"),
            ("TIERSCOPE_STOP", "END"),
            ("TIERSCOPE_EFFORT", "low"),
            ("TIERSCOPE_SCHEDULE", "fair"),
            ("TIERSCOPE_TIMEOUT", "90s"),
        ]);
        assert_eq!(
            read,
            Ok(Overrides {
                file: Some("/c.toml".into()),
                tuning: Tuning {
                    max_tokens: Some(12),
                    temperature: Some(0.0),
                    top_p: Some(0.5),
                    top_k: None,
                    min_p: None,
                    seed: Some(u64::MAX),
                    stop: Some(vec!["END".to_owned()]),
                    system: Some("Be brief.".to_owned()),
                    effort: Some(Effort::Low),
                    timeout: Some(Duration::from_secs(90)),
                },
                schedule: Some(Schedule::Fair),
                selection: Selection {
                    names: vec!["mini".to_owned(), "qwen".to_owned()],
                    tiers: vec![Tier::Small, Tier::Reasoning],
                },
            })
        );
    }

    #[test]
    fn a_wrong_variable_is_named_with_its_value() {
        let messages = [
            ("TIERSCOPE_MAX_TOKENS", "many"),
            ("TIERSCOPE_MAX_TOKENS", "0"),
            ("TIERSCOPE_TEMPERATURE", "3"),
            ("TIERSCOPE_TIER", "small,midd"),
            ("TIERSCOPE_SCHEDULE", "slow"),
            ("TIERSCOPE_TIMEOUT", "soon"),
        ]
        .map(|pair| overrides(&[pair]).err().unwrap_or_default());
        assert_eq!(
            messages,
            [
                "the variable TIERSCOPE_MAX_TOKENS must be a whole number, not `many`",
                "the variable TIERSCOPE_MAX_TOKENS must be at least 1",
                "the variable TIERSCOPE_TEMPERATURE must be a number from 0 to 2, not 3",
                "the variable TIERSCOPE_TIER must be one of base, small, mid, flagship, reasoning, not `midd`; did you mean `mid`?",
                "the variable TIERSCOPE_SCHEDULE must be one of race, fair, not `slow`",
                "the variable TIERSCOPE_TIMEOUT must be a duration such as `500ms`, `90s`, `2m` or `1m30s`, not `soon`",
            ]
        );
    }

    #[test]
    fn the_upper_layer_wins_and_selections_are_not_mixed() {
        let upper = Overrides {
            tuning: Tuning {
                temperature: Some(0.0),
                ..Tuning::default()
            },
            selection: Selection {
                names: vec!["mini".to_owned()],
                tiers: vec![],
            },
            ..Overrides::default()
        };
        let lower = Overrides {
            tuning: Tuning {
                temperature: Some(1.0),
                seed: Some(7),
                ..Tuning::default()
            },
            schedule: Some(Schedule::Fair),
            selection: Selection {
                names: vec![],
                tiers: vec![Tier::Small],
            },
            ..Overrides::default()
        };
        let merged = upper.clone().over(lower);
        assert_eq!(merged.selection, upper.selection);
        assert_eq!(merged.schedule, Some(Schedule::Fair));
        assert_eq!(
            (merged.tuning.temperature, merged.tuning.seed),
            (Some(0.0), Some(7))
        );
    }
}
