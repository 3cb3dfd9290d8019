//! Which prompts of a suite are asked: by name, by tag, a sample, a shard. Reads no file.

use super::{Cases, Suite, error::shorten, hash::mixed};
use crate::{domain::case::Case, spool::SpoolError};
use std::{collections::BTreeSet, fmt, str::FromStr};

/// What to take of a suite. Everything that is given narrows it, in this order: ids and tags, the sample, the shard.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Pick {
    /// Patterns of ids, of which one must fit: `sum-*`. None: all.
    pub filter: Vec<String>,
    /// Tags, of which a prompt must have one. None: all.
    pub tags: Vec<String>,
    /// So many of them, drawn by their ids: a prompt that is added to the file or taken away moves few others.
    pub sample: Option<usize>,
    /// Which sample.
    pub sample_seed: u64,
    /// How often each is asked, instead of what the suite says.
    pub repeat: Option<u32>,
    /// One part of several.
    pub shard: Option<Shard>,
}

/// One part of several that together are the whole, parted by ids: adding a prompt moves no other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which part, from 1.
    pub index: u32,
    /// How many parts there are.
    pub of: u32,
}

impl Shard {
    /// Whether a prompt belongs to it.
    pub fn has(self, id: &str) -> bool {
        mixed(&[id.as_bytes()]) % u64::from(self.of.max(1))
            == u64::from(self.index.saturating_sub(1))
    }
}

impl FromStr for Shard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let numbers = parts.and_then(|(index, of)| Some((index.parse().ok()?, of.parse().ok()?)));
        match numbers {
            Some((index, of)) if 1 <= index && index <= of => Ok(Self { index, of }),
            _ => Err(format!(
                "must be i/n with i from 1 to n, such as 1/4, not `{}`",
                shorten(text)
            )),
        }
    }
}

/// What was asked for and cannot be taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PickError {
    /// A pattern that is none.
    #[error("`{pattern}` is no pattern for ids: {problem}")]
    Pattern {
        /// As it was given.
        pattern: String,
        /// Why.
        problem: String,
    },
    /// No prompt has such an id.
    #[error("no prompt has an id like {asked}; there are {there}")]
    Filter {
        /// The patterns.
        asked: String,
        /// Some ids.
        there: String,
    },
    /// No prompt has such a tag.
    #[error("no prompt is tagged {asked}; {there}")]
    Tag {
        /// The tags.
        asked: String,
        /// The tags that there are.
        there: String,
    },
    /// Both kinds fit some prompts, but not the same ones.
    #[error("no prompt has both an id like {filter} and a tag {tags}")]
    Both {
        /// The patterns.
        filter: String,
        /// The tags.
        tags: String,
    },
    /// Zero prompts, or zero times.
    #[error("`{0}` must be at least 1")]
    Zero(&'static str),
    /// A part that does not exist.
    #[error("there is no shard {index} of {of}: it is i/n with i from 1 to n")]
    Shard {
        /// Which part.
        index: u32,
        /// Of how many.
        of: u32,
    },
    /// A shard that no prompt falls into.
    #[error("shard {index}/{of} holds none of the {cases} prompts; use fewer shards")]
    EmptyShard {
        /// Which part.
        index: u32,
        /// Of how many.
        of: u32,
        /// How many prompts were to be parted.
        cases: usize,
    },
    /// There was nothing to take from.
    #[error("the suite holds no prompt")]
    Empty,
    /// The prompts cannot be read back.
    #[error("{0}")]
    Aside(String),
}

impl From<SpoolError> for PickError {
    fn from(error: SpoolError) -> Self {
        Self::Aside(error.to_string())
    }
}

impl Pick {
    /// Takes the prompts, in the order of the suite.
    ///
    /// # Errors
    /// It asks for something that cannot be, or nothing remains.
    pub fn apply(&self, mut suite: Suite) -> Result<Suite, PickError> {
        if suite.cases.is_empty() {
            return Err(PickError::Empty);
        }
        self.narrow(&mut suite.cases)?;
        match self.sample {
            Some(0) => return Err(PickError::Zero("sample")),
            Some(count) => self.draw(count, &mut suite.cases)?,
            None => {}
        }
        if let Some(Shard { index, of }) = self.shard {
            if index == 0 || index > of {
                return Err(PickError::Shard { index, of });
            }
            let cases = suite.cases.len();
            let shard = Shard { index, of };
            suite.cases.retain(|_, case| shard.has(&case.id))?;
            if suite.cases.is_empty() {
                return Err(PickError::EmptyShard { index, of, cases });
            }
        }
        match self.repeat {
            Some(0) => return Err(PickError::Zero("repeat")),
            Some(times) => suite.cases.repeat_all(times),
            None => {}
        }
        Ok(suite)
    }

    fn narrow(&self, cases: &mut Cases) -> Result<(), PickError> {
        let patterns = self.filter.iter().map(|pattern| {
            glob::Pattern::new(pattern).map_err(|error| PickError::Pattern {
                pattern: shorten(pattern),
                problem: error.msg.to_owned(),
            })
        });
        let patterns: Vec<glob::Pattern> = patterns.collect::<Result<_, _>>()?;
        if patterns.is_empty() && self.tags.is_empty() {
            return Ok(());
        }
        let is_named = |case: &Case| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern.matches(&case.id))
        };
        let is_tagged = |case: &Case| {
            self.tags.is_empty() || self.tags.iter().any(|tag| case.tags.contains(tag))
        };
        let (mut has_named, mut has_tagged) = (false, false);
        let (mut ids, mut tags) = (Listed::default(), BTreeSet::new());
        cases.retain(|_, case| {
            let (named, tagged) = (is_named(case), is_tagged(case));
            has_named |= named;
            has_tagged |= tagged;
            ids.add(&case.id);
            if !has_tagged {
                tags.extend(case.tags.iter().cloned());
            }
            named && tagged
        })?;
        if !has_named {
            return Err(PickError::Filter {
                asked: listed(self.filter.iter().map(String::as_str)),
                there: ids.to_string(),
            });
        }
        if !has_tagged {
            let there = if tags.is_empty() {
                "none has a tag".to_owned()
            } else {
                format!("there are {}", listed(tags.iter().map(String::as_str)))
            };
            return Err(PickError::Tag {
                asked: listed(self.tags.iter().map(String::as_str)),
                there,
            });
        }
        if cases.is_empty() {
            return Err(PickError::Both {
                filter: listed(self.filter.iter().map(String::as_str)),
                tags: listed(self.tags.iter().map(String::as_str)),
            });
        }
        Ok(())
    }

    /// Leaves so many, those whose ids hash lowest.
    fn draw(&self, count: usize, cases: &mut Cases) -> Result<(), SpoolError> {
        let seed = self.sample_seed.to_le_bytes();
        let mut drawn: BTreeSet<(u64, usize)> = BTreeSet::new();
        for (index, case) in cases.iter().enumerate() {
            drawn.insert((mixed(&[&seed, case?.id.as_bytes()]), index));
            if drawn.len() > count {
                drawn.pop_last();
            }
        }
        let drawn: BTreeSet<usize> = drawn.into_iter().map(|(_, index)| index).collect();
        cases.retain(|index, _| drawn.contains(&index))
    }
}

/// A few words of many, for a message.
fn listed<'a>(words: impl Iterator<Item = &'a str>) -> String {
    let mut listed = Listed::default();
    words.for_each(|word| listed.add(word));
    listed.to_string()
}

/// The first of many words, and how many more there are.
#[derive(Debug, Default)]
struct Listed {
    shown: Vec<String>,
    more: usize,
}

impl Listed {
    fn add(&mut self, word: &str) {
        const MAX: usize = 10;
        if self.shown.len() < MAX {
            self.shown.push(format!("`{}`", shorten(word)));
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Listed {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.shown.join(", ");
        match self.more {
            0 => out.write_str(&shown),
            more => write!(out, "{shown} and {more} more"),
        }
    }
}

#[cfg(test)]
mod tests;
