//! Reads what a judge said. Takes the JSON object out of prose and fences around it; guesses nothing.

use super::super::wording::{plain, quote};
use serde_json::{Deserializer, Map, Value};

/// Which of two answers a judge prefers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Choice {
    /// The one that stood first.
    First,
    /// The one that stood second.
    Second,
    /// Neither.
    Tie,
}

/// Words of a judge that say nothing, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReadingError {
    /// No JSON object with the wanted key.
    #[error("the judge named no `{key}`, but said {said}")]
    Missing {
        /// The wanted key.
        key: &'static str,
        /// The beginning of what it said.
        said: String,
    },
    /// Several objects that do not agree.
    #[error("the judge named more than one `{key}`")]
    Several {
        /// The wanted key.
        key: &'static str,
    },
    /// A value that is none of those asked for.
    #[error("the judge's `{key}` is {value}, not {wanted}")]
    Wrong {
        /// The wanted key.
        key: &'static str,
        /// What it said.
        value: String,
        /// What was asked for.
        wanted: &'static str,
    },
}

/// The rating that a judge gave, 0 to 1, and its reason, which may be empty.
///
/// # Errors
/// There is none, there are several, or it lies outside of 0 to 1: a 7 may be of 10 or of 100.
pub fn read_rating(text: &str) -> Result<(f64, String), ReadingError> {
    const KEY: &str = "score";
    let object = object(text, KEY)?;
    let value = &object[KEY];
    let score = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    match score {
        Some(score) if (0.0..=1.0).contains(&score) => Ok((score, reason(&object))),
        score => Err(ReadingError::Wrong {
            key: KEY,
            value: score.map_or_else(|| quote(&value.to_string()), plain),
            wanted: "a number from 0 to 1",
        }),
    }
}

/// The answer that a judge chose, and its reason, which may be empty.
///
/// # Errors
/// There is none, there are several, or it is another word.
pub fn read_choice(text: &str) -> Result<(Choice, String), ReadingError> {
    const KEY: &str = "better";
    let object = object(text, KEY)?;
    let word = object[KEY]
        .as_str()
        .unwrap_or_default()
        .trim()
        .to_lowercase();
    let choice = match word.as_str() {
        "first" => Choice::First,
        "second" => Choice::Second,
        "tie" => Choice::Tie,
        _ => {
            return Err(ReadingError::Wrong {
                key: KEY,
                value: quote(&object[KEY].to_string()),
                wanted: "`first`, `second` or `tie`",
            });
        }
    };
    Ok((choice, reason(&object)))
}

fn reason(object: &Map<String, Value>) -> String {
    object
        .get("reason")
        .and_then(Value::as_str)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

/// The one object that has the key; several are one where they say the same about it. Objects inside of others, and those
/// that a text quotes, are not looked at.
fn object(text: &str, key: &'static str) -> Result<Map<String, Value>, ReadingError> {
    let mut found: Option<Map<String, Value>> = None;
    let mut rest = text;
    while let Some(start) = rest.find('{') {
        let candidate = rest.get(start..).unwrap_or_default();
        let mut stream = Deserializer::from_str(candidate).into_iter::<Map<String, Value>>();
        let object = stream.next().and_then(Result::ok);
        let length = if object.is_some() {
            stream.byte_offset()
        } else {
            1
        };
        rest = candidate.get(length..).unwrap_or_default();
        let Some(object) = object.filter(|object| object.contains_key(key)) else {
            continue;
        };
        match &found {
            Some(earlier) if earlier[key] != object[key] => {
                return Err(ReadingError::Several { key });
            }
            _ => found = Some(object),
        }
    }
    found.ok_or_else(|| ReadingError::Missing {
        key,
        said: quote(text),
    })
}
