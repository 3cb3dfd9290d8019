//! The options that commands share, and their ranges. Merges nothing but the two places an option can stand in.

use crate::{
    config::{
        layer::{Overrides, Selection},
        spec::Tuning,
        value,
    },
    domain::{plan::Schedule, request::Effort, tier::Tier},
};
use clap::{Args, ValueEnum, builder::PossibleValue};
use std::{path::PathBuf, time::Duration};

/// Options of every command, before or after its name.
#[derive(Debug, Clone, Default, Args)]
pub struct GlobalOptions {
    /// Reads this configuration file instead of the usual one
    #[arg(long, value_name = "FILE", global = true)]
    pub config: Option<PathBuf>,
    /// Reads variables such as keys from this file; those of the environment go before them
    #[arg(long, value_name = "FILE", global = true)]
    pub env_file: Option<PathBuf>,
    /// Colours on standard output
    #[arg(long, value_name = "WHEN", global = true, default_value = "auto")]
    pub color: Color,
    /// Says only what is necessary
    #[arg(short, long, global = true, conflicts_with = "verbose")]
    pub quiet: bool,
    /// Logs more; twice for everything
    #[arg(short, long, global = true, action = clap::ArgAction::Count)]
    pub verbose: u8,
}

/// When to use colours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Color {
    /// On a terminal, unless `NO_COLOR` is set
    #[default]
    Auto,
    /// Always
    Always,
    /// Never
    Never,
}

/// Options of the commands that run lanes. What is `None` or empty is left to the layers below.
#[derive(Debug, Clone, PartialEq, Default, Args)]
#[command(next_help_heading = "What runs")]
pub struct RunOptions {
    /// Runs this lane: a configured, found or built-in one (repeatable)
    #[arg(long = "lane", value_name = "NAME")]
    pub lanes: Vec<String>,
    /// Runs the lanes of this tier (repeatable)
    #[arg(long = "tier", value_name = "TIER", value_enum)]
    pub tiers: Vec<Tier>,
    /// Keeps nothing in the history
    #[arg(long)]
    pub no_history: bool,
    /// All lanes at once, or local lanes one after another
    #[arg(long, value_name = "SCHEDULE", value_enum)]
    pub schedule: Option<Schedule>,
    /// The longest that a whole answer may take, such as 90s or 2m
    #[arg(long, value_name = "DURATION", value_parser = value::duration)]
    pub timeout: Option<Duration>,
    /// Instructions before the prompt
    #[arg(long, value_name = "TEXT", help_heading = "How it is asked")]
    pub system: Option<String>,
    /// The most tokens of an answer, thinking included
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), allow_negative_numbers = true, help_heading = "How it is asked")]
    pub max_tokens: Option<u32>,
    /// 0 takes the likeliest token always; up to 2
    #[arg(long, value_name = "X", value_parser = temperature, allow_negative_numbers = true, help_heading = "How it is asked")]
    pub temperature: Option<f64>,
    /// Nucleus sampling, 0 to 1
    #[arg(long, value_name = "X", value_parser = probability, allow_negative_numbers = true, help_heading = "How it is asked")]
    pub top_p: Option<f64>,
    /// Makes sampling repeatable where the model's host supports it
    #[arg(
        long,
        value_name = "N",
        allow_negative_numbers = true,
        help_heading = "How it is asked"
    )]
    pub seed: Option<u64>,
    /// Ends the answer at this text (repeatable)
    #[arg(long, value_name = "TEXT", value_parser = value::stop, help_heading = "How it is asked")]
    pub stop: Vec<String>,
    /// How much a reasoning model thinks
    #[arg(
        long,
        value_name = "EFFORT",
        value_enum,
        help_heading = "How it is asked"
    )]
    pub effort: Option<Effort>,
}

impl RunOptions {
    /// These options, and the ones given before the command's name where these say nothing. Lists are joined.
    #[must_use]
    pub fn over(self, before: Self) -> Self {
        Self {
            lanes: joined(before.lanes, self.lanes),
            tiers: joined(before.tiers, self.tiers),
            no_history: self.no_history || before.no_history,
            schedule: self.schedule.or(before.schedule),
            timeout: self.timeout.or(before.timeout),
            system: self.system.or(before.system),
            max_tokens: self.max_tokens.or(before.max_tokens),
            temperature: self.temperature.or(before.temperature),
            top_p: self.top_p.or(before.top_p),
            seed: self.seed.or(before.seed),
            stop: joined(before.stop, self.stop),
            effort: self.effort.or(before.effort),
        }
    }

    /// The same wishes in the words of the configuration.
    pub fn overrides(&self) -> Overrides {
        Overrides {
            file: None,
            tuning: Tuning {
                max_tokens: self.max_tokens,
                temperature: self.temperature,
                top_p: self.top_p,
                top_k: None,
                min_p: None,
                seed: self.seed,
                stop: (!self.stop.is_empty()).then(|| self.stop.clone()),
                system: self.system.clone(),
                effort: self.effort,
                timeout: self.timeout,
            },
            schedule: self.schedule,
            selection: Selection {
                names: self.lanes.clone(),
                tiers: self.tiers.clone(),
            },
        }
    }
}

fn joined<T>(mut first: Vec<T>, second: Vec<T>) -> Vec<T> {
    first.extend(second);
    first
}

fn temperature(text: &str) -> Result<f64, String> {
    value::temperature(number(text)?)
}

fn probability(text: &str) -> Result<f64, String> {
    value::probability(number(text)?)
}

fn number(text: &str) -> Result<f64, String> {
    text.parse()
        .map_err(|_| format!("must be a number, not `{text}`"))
}

impl ValueEnum for Tier {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Schedule {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}

impl ValueEnum for Effort {
    fn value_variants<'a>() -> &'a [Self] {
        &Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()))
    }
}
