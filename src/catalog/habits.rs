//! What a model at a host accepts: how it is told how much to think, and which settings it refuses. Facts from
//! `assets/habits.toml`; changes no request.

use serde::Deserialize;
use std::sync::LazyLock;

/// What is known of one model at one host; what is `None` is not known, and then what the host documents for all holds.
#[derive(Debug, Clone, PartialEq, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Habits {
    /// The hosts of a row.
    at: Vec<String>,
    /// The names of a row.
    models: Vec<String>,
    /// How it is told how much to think.
    pub tells: Option<Tells>,
    /// The words, or degrees, that it knows, from the least to the most; without `none` it always thinks.
    pub efforts: Option<Vec<String>>,
    /// What it does where nothing is said.
    pub default_effort: Option<String>,
    /// The smallest budget of thinking, in tokens.
    pub least_budget: Option<u32>,
    /// The largest budget of thinking, in tokens.
    pub most_budget: Option<u32>,
    /// What becomes of `temperature` and `top_p`.
    pub sampling: Option<SamplingHabit>,
    /// `temperature` or `top_p`, not both.
    pub is_either: Option<bool>,
    /// The highest temperature.
    pub most_temperature: Option<f64>,
    /// The most texts that may end an answer.
    pub most_stops: Option<usize>,
    /// Whether it takes a system message.
    pub has_system: Option<bool>,
    /// The smallest limit of tokens.
    pub least_max_tokens: Option<u32>,
}

/// How a model is told how much to think.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tells {
    /// By a word, such as `low`.
    Word,
    /// By a number of tokens.
    Budget,
    /// By a word, and it sets its own budget.
    Adaptive,
    /// On or off.
    Switch,
    /// Not at all.
    Nothing,
}

/// What becomes of `temperature` and `top_p`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SamplingHabit {
    /// They count.
    #[default]
    Taken,
    /// A request with them fails.
    Refused,
    /// A request with them fails while the model thinks.
    Quiet,
    /// They have no effect while the model thinks.
    Idle,
}

/// What is known of a model at a host, both by the names in the configuration.
pub fn habits(host: &str, model: &str) -> Habits {
    let model = model.to_lowercase();
    // A path, or the mark of a fine-tuned model.
    let model = ["publishers/google/models/", "models/", "google/", "ft:"]
        .iter()
        .find_map(|prefix| model.strip_prefix(prefix))
        .unwrap_or(&model);
    let rows = ROWS.iter().filter(|row| row.fits(host, model));
    rows.fold(Habits::default(), |known, row| known.or(row.clone()))
}

impl Habits {
    fn or(self, other: Self) -> Self {
        Self {
            at: self.at,
            models: self.models,
            tells: self.tells.or(other.tells),
            efforts: self.efforts.or(other.efforts),
            default_effort: self.default_effort.or(other.default_effort),
            least_budget: self.least_budget.or(other.least_budget),
            most_budget: self.most_budget.or(other.most_budget),
            sampling: self.sampling.or(other.sampling),
            is_either: self.is_either.or(other.is_either),
            most_temperature: self.most_temperature.or(other.most_temperature),
            most_stops: self.most_stops.or(other.most_stops),
            has_system: self.has_system.or(other.has_system),
            least_max_tokens: self.least_max_tokens.or(other.least_max_tokens),
        }
    }
}

impl Habits {
    fn fits(&self, host: &str, model: &str) -> bool {
        self.at.iter().any(|at| at == host)
            && self.models.iter().any(|pattern| matches(pattern, model))
    }
}

/// Whether a name fits a pattern in which `*` stands for anything.
fn matches(pattern: &str, name: &str) -> bool {
    let Some((head, rest)) = pattern.split_once('*') else {
        return pattern == name;
    };
    let Some(mut name) = name.strip_prefix(head) else {
        return false;
    };
    let mut parts: Vec<&str> = rest.split('*').collect();
    let tail = parts.pop().unwrap_or_default();
    for part in parts {
        let Some((_, after)) = name.split_once(part) else {
            return false;
        };
        name = after;
    }
    name.ends_with(tail)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    habits: Vec<Habits>,
}

static ROWS: LazyLock<Vec<Habits>> = LazyLock::new(|| {
    match toml::from_str::<File>(include_str!("../../assets/habits.toml")) {
        Ok(file) => file.habits,
        // A test reads the file; without it requests go out as the hosts document them for all.
        Err(error) => {
            tracing::error!("what models accept cannot be read: {error}");
            Vec::new()
        }
    }
});

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::plan::ProviderId;

    #[test]
    fn every_row_names_hosts_and_words_that_there_are() {
        const WORDS: [&str; 8] = [
            "none", "minimal", "low", "default", "medium", "high", "xhigh", "max",
        ];
        assert!(ROWS.len() > 30);
        for row in ROWS.iter() {
            for at in &row.at {
                assert!(at.parse::<ProviderId>().is_ok(), "{at}");
            }
            let bare = Habits {
                at: row.at.clone(),
                models: row.models.clone(),
                ..Habits::default()
            };
            assert!(!row.models.is_empty() && *row != bare, "{row:?}");
            assert!(
                row.models.iter().all(|name| *name == name.to_lowercase()),
                "{row:?}"
            );
            let efforts = row.efforts.clone().unwrap_or_default();
            let places: Vec<_> = efforts
                .iter()
                .map(|word| WORDS.iter().position(|known| known == word))
                .collect();
            assert!(
                places.iter().all(Option::is_some) && places.is_sorted(),
                "{row:?}"
            );
            let first = row.default_effort.iter();
            assert!(
                first.into_iter().all(|word| WORDS.contains(&word.as_str())),
                "{row:?}"
            );
        }
    }

    #[test]
    fn unknown_fields_are_refused() {
        let text = "[[habits]]\nat = [\"openai\"]\nmodels = [\"x\"]\nefort = []\n";
        assert!(toml::from_str::<File>(text).is_err());
    }

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, name, fits) in [
            ("gpt-5", "gpt-5", true),
            ("gpt-5", "gpt-5-mini", false),
            ("gpt-5.*-pro*", "gpt-5.2-pro-2025-12-11", true),
            ("gpt-5.*-pro*", "gpt-5-pro", false),
            (
                "*claude-*-4-5*",
                "us.anthropic.claude-haiku-4-5-20251001-v1:0",
                true,
            ),
            ("*claude-sonnet-4", "claude-sonnet-4-6", false),
            ("*", "", true),
            ("a*a", "a", false),
        ] {
            assert_eq!(matches(pattern, name), fits, "{pattern} {name}");
        }
    }

    #[test]
    fn the_first_row_that_says_something_has_the_word() {
        let mini = habits("openai", "GPT-5-mini-2025-08-07");
        assert_eq!(mini.efforts.unwrap()[0], "minimal");
        assert_eq!(mini.most_stops, Some(0));
        let chat = habits("openai", "gpt-5-chat-latest");
        assert_eq!(
            (chat.tells, chat.most_stops),
            (Some(Tells::Nothing), Some(4))
        );
        let claude = habits("anthropic", "claude-sonnet-4-5");
        assert_eq!(claude.tells, Some(Tells::Budget));
        assert_eq!(
            (claude.is_either, claude.most_temperature),
            (Some(true), Some(1.0))
        );
        let chat = habits("deepseek", "deepseek-chat");
        assert_eq!(chat.default_effort.as_deref(), Some("none"));
        assert_eq!(habits("openai-compatible", "gpt-5"), Habits::default());
    }
}
