//! Checks as a prompt file writes them become [`CheckSpec`]s; every value is looked over. Judges no answer.

use super::{CheckError, number, pattern, schema, wording::plain};
use crate::domain::check::{CheckSpec, JudgeSpec};
use serde_json::{Map, Value};

/// Every kind of check.
const KINDS: [&str; 16] = [
    "equals",
    "contains",
    "not_contains",
    "regex",
    "number",
    "one_of",
    "json",
    "json_schema",
    "max_tokens",
    "max_seconds",
    "max_cost",
    "judge",
    "all",
    "any",
    "not",
    "not_judged",
];
/// How deep `all`, `any` and `not` may lie in each other.
const MOST_DEPTH: usize = 16;
/// The least rating that passes, where nothing is said.
const THRESHOLD: f64 = 0.5;
/// From here on, neighbouring whole numbers are one number in 64-bit floating point.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// Reads a check as a prompt file holds it: a table whose keys are kinds of checks; several are all to pass.
///
/// # Errors
/// What is wrong with it, and where inside it.
pub fn parse(value: &Value) -> Result<CheckSpec, CheckError> {
    Place("check".to_owned()).check(value, 0)
}

/// Where in the check we are.
struct Place(String);

impl Place {
    fn key(&self, key: &str) -> Self {
        Self(format!("{}.{key}", self.0))
    }

    fn item(&self, index: usize) -> Self {
        Self(format!("{}[{index}]", self.0))
    }

    fn refuse<T>(&self, problem: impl Into<String>) -> Result<T, CheckError> {
        Err(CheckError {
            path: self.0.clone(),
            problem: problem.into(),
        })
    }

    fn check(&self, value: &Value, depth: usize) -> Result<CheckSpec, CheckError> {
        let Value::Object(entries) = value else {
            return self.refuse(format!(
                "{}, such as {{ contains = \"…\" }}",
                mismatch("a table", value)
            ));
        };
        if depth > MOST_DEPTH {
            return self.refuse(format!(
                "lies deeper than {MOST_DEPTH} levels of `all`, `any` and `not`"
            ));
        }
        let mut checks = Vec::with_capacity(entries.len());
        for (kind, value) in entries {
            checks.push(self.key(kind).kind(kind, value, depth)?);
        }
        match checks.pop() {
            None => self.refuse(format!("is empty; it takes {}", KINDS.join(", "))),
            Some(only) if checks.is_empty() => Ok(only),
            Some(last) => {
                checks.push(last);
                Ok(CheckSpec::All(checks))
            }
        }
    }

    fn kind(&self, kind: &str, value: &Value, depth: usize) -> Result<CheckSpec, CheckError> {
        Ok(match kind {
            "equals" => CheckSpec::Equals(self.text(value)?.to_owned()),
            "contains" => CheckSpec::Contains(self.texts(value)?),
            "not_contains" => CheckSpec::NotContains(self.texts(value)?),
            "regex" => {
                let text = self.text(value)?;
                pattern::compile(text).or_else(|problem| self.refuse(problem))?;
                CheckSpec::Regex(text.to_owned())
            }
            "number" => self.number(value)?,
            "one_of" => CheckSpec::OneOf(
                self.list(value)?
                    .map(|(place, item)| Ok(place.text(item)?.to_owned()))
                    .collect::<Result<_, _>>()?,
            ),
            "json" => match value {
                Value::Bool(true) => CheckSpec::Json,
                _ => {
                    return self
                        .refuse("must be true; leave it out where the answer need not be JSON");
                }
            },
            "json_schema" => {
                if !value.is_object() {
                    return self.refuse(mismatch("a table that holds a schema", value));
                }
                schema::compile(value).or_else(|problem| self.refuse(problem))?;
                CheckSpec::JsonSchema(value.clone())
            }
            "max_tokens" => CheckSpec::MaxTokens(self.whole(value)?),
            "max_seconds" => CheckSpec::MaxSeconds(self.limit(value)?),
            "max_cost" => CheckSpec::MaxCost(self.limit(value)?),
            "judge" => CheckSpec::Judge(self.judge(value)?),
            "all" => CheckSpec::All(self.checks(value, depth)?),
            "any" => CheckSpec::Any(self.checks(value, depth)?),
            "not" => CheckSpec::Not(Box::new(self.check(value, depth + 1)?)),
            "not_judged" => match self.text(value)?.trim() {
                "" => return self.refuse("must say why"),
                why => CheckSpec::NotJudged(why.to_owned()),
            },
            unknown => return self.refuse(unknown_kind(unknown)),
        })
    }

    fn checks(&self, value: &Value, depth: usize) -> Result<Vec<CheckSpec>, CheckError> {
        self.list(value)?
            .map(|(place, item)| place.check(item, depth + 1))
            .collect()
    }

    /// A list with something in it.
    fn list<'v>(
        &self,
        value: &'v Value,
    ) -> Result<impl Iterator<Item = (Self, &'v Value)>, CheckError> {
        match value {
            Value::Array(items) if !items.is_empty() => Ok(items
                .iter()
                .enumerate()
                .map(|(index, item)| (self.item(index), item))),
            Value::Array(_) => self.refuse("must not be an empty list"),
            other => self.refuse(mismatch("a list", other)),
        }
    }

    fn text<'v>(&self, value: &'v Value) -> Result<&'v str, CheckError> {
        match value {
            Value::String(text) => Ok(text),
            Value::Number(number) => self.refuse(format!(
                "must be a string: write \"{number}\", or use `number`"
            )),
            other => self.refuse(mismatch("a string", other)),
        }
    }

    /// One text or several, none of them empty: every answer contains the empty text.
    fn texts(&self, value: &Value) -> Result<Vec<String>, CheckError> {
        let filled = |place: &Self, value: &Value| match place.text(value)? {
            "" => place.refuse("must not be empty"),
            text => Ok(text.to_owned()),
        };
        match value {
            Value::Array(_) => self
                .list(value)?
                .map(|(place, item)| filled(&place, item))
                .collect(),
            one => Ok(vec![filled(self, one)?]),
        }
    }

    /// A number, or a text that is one: a template makes texts.
    fn figure(&self, value: &Value) -> Result<f64, CheckError> {
        let figure = match value {
            Value::Number(number) => number.as_f64(),
            Value::String(text) => number::read(text),
            other => return self.refuse(mismatch("a number", other)),
        };
        match figure.filter(|figure| figure.is_finite()) {
            Some(figure) => Ok(figure),
            None => self.refuse(format!("must be a number, not {value}")),
        }
    }

    /// A number from 0.
    fn limit(&self, value: &Value) -> Result<f64, CheckError> {
        match self.figure(value)? {
            limit if limit >= 0.0 => Ok(limit),
            limit => self.refuse(format!("must not be negative, but is {}", plain(limit))),
        }
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // whole, and from 1 to 2^53
    fn whole(&self, value: &Value) -> Result<u64, CheckError> {
        match self.figure(value)? {
            count if count.fract() == 0.0 && (1.0..=MOST_EXACT).contains(&count) => {
                Ok(count as u64)
            }
            count => self.refuse(format!(
                "must be a whole number from 1, not {}",
                plain(count)
            )),
        }
    }

    fn number(&self, value: &Value) -> Result<CheckSpec, CheckError> {
        let (value, tolerance) = match value {
            Value::Object(entries) => {
                self.only(entries, &["value", "tolerance"])?;
                let Some(value) = entries.get("value") else {
                    return self.refuse("needs a `value`");
                };
                let tolerance = entries.get("tolerance");
                let tolerance = tolerance
                    .map(|value| self.key("tolerance").limit(value))
                    .transpose()?;
                (self.key("value").figure(value)?, tolerance.unwrap_or(0.0))
            }
            plain => (self.figure(plain)?, 0.0),
        };
        if tolerance == 0.0 && value.abs() > MOST_EXACT {
            return self.refuse(format!(
                "is too large to be told from its neighbours: give {} a tolerance, or use `contains` for its digits",
                plain(value)
            ));
        }
        Ok(CheckSpec::Number { value, tolerance })
    }

    fn judge(&self, value: &Value) -> Result<JudgeSpec, CheckError> {
        let empty = Map::new();
        let (place, rubric, entries) = match value {
            Value::Object(entries) => {
                self.only(entries, &["rubric", "lane", "threshold", "allow_self"])?;
                match entries.get("rubric") {
                    Some(rubric) => (self.key("rubric"), rubric, entries),
                    None => {
                        return self
                            .refuse("needs a `rubric`: what makes an answer good, in words");
                    }
                }
            }
            rubric => (Self(self.0.clone()), rubric, &empty),
        };
        let rubric = place.text(rubric)?;
        if rubric.trim().is_empty() {
            return place.refuse("must say what makes an answer good");
        }
        let lane = entries
            .get("lane")
            .map(|lane| self.key("lane").text(lane))
            .transpose()?;
        let threshold = match entries.get("threshold") {
            None => THRESHOLD,
            Some(value) => {
                let place = self.key("threshold");
                match place.figure(value)? {
                    threshold if (0.0..=1.0).contains(&threshold) => threshold,
                    threshold => {
                        return place
                            .refuse(format!("must lie from 0 to 1, but is {}", plain(threshold)));
                    }
                }
            }
        };
        let is_self_allowed = match entries.get("allow_self") {
            None => false,
            Some(Value::Bool(flag)) => *flag,
            Some(other) => {
                return self
                    .key("allow_self")
                    .refuse(mismatch("true or false", other));
            }
        };
        Ok(JudgeSpec {
            rubric: rubric.to_owned(),
            lane: lane.map(str::to_owned),
            threshold,
            is_self_allowed,
        })
    }

    /// Refuses keys beyond these.
    fn only(&self, entries: &Map<String, Value>, known: &[&str]) -> Result<(), CheckError> {
        match entries.keys().find(|key| !known.contains(&key.as_str())) {
            Some(key) => self
                .key(key)
                .refuse(format!("is not known{}", advice(key, known))),
            None => Ok(()),
        }
    }
}

fn unknown_kind(kind: &str) -> String {
    format!("is no kind of check{}", advice(kind, &KINDS))
}

/// The nearest known word, else all of them.
fn advice(word: &str, known: &[&str]) -> String {
    let folded = word.to_lowercase().replace('-', "_");
    let limit = 1 + folded.chars().count() / 3;
    let nearest = known
        .iter()
        .map(|known| (strsim::damerau_levenshtein(&folded, known), known))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance);
    match nearest {
        Some((_, near)) => format!("; did you mean `{near}`?"),
        None => format!("; known are {}", known.join(", ")),
    }
}

fn mismatch(wanted: &str, value: &Value) -> String {
    let found = match value {
        Value::Null => "nothing",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
    };
    format!("must be {wanted}, not {found}")
}
