//! How promptfoo fills variables into a prompt: variables of others first; then, where the prompt is JSON, each of its
//! texts, else the whole of it. Reads no file.

use super::{
    super::template::{Filling, Variables},
    render, syntax, value,
};
use minijinja::Environment;
use regex::Regex;
use serde_json::{Number, Value};
use std::{collections::BTreeSet, sync::LazyLock};

/// How often variables are looked through for others in them.
const MOST_ROUNDS: usize = 5;

/// A variable that holds itself grows no further than this.
const MOST_BYTES: usize = 16 << 20;

/// The variables of one prompt, each made of the others where it names them.
#[derive(Debug)]
pub(in super::super) struct Resolved {
    /// With `{{ name }}` replaced; what texts in JSON are filled in with, and what checks are.
    plain: Variables,
    /// With their texts filled in, too; an error where one of them cannot be.
    filled: Result<Variables, String>,
    /// Those that are texts.
    texts: Vec<String>,
    /// Those that `~` would write otherwise than Nunjucks: nothing, true and false, and numbers with a point.
    plain_only: Vec<String>,
    /// Those that name a variable without a value, and so stay as they stand.
    pub(in super::super) left: Vec<String>,
}

impl Resolved {
    /// Takes names and values.
    pub(in super::super) fn of(
        environment: &Environment<'_>,
        mut values: Vec<(String, Value)>,
    ) -> Self {
        for (_, value) in &mut values {
            if let Value::String(text) = value
                && text.ends_with('\n')
            {
                text.pop();
            }
        }
        replace_names(&mut values);
        let names = |is_meant: fn(&Value) -> bool| {
            let meant = values.iter().filter(|(_, value)| is_meant(value));
            meant.map(|(name, _)| name.clone()).collect()
        };
        let texts = names(Value::is_string);
        let plain_only = names(|value| value.is_null() || value.is_boolean() || value.is_f64());
        let plain = variables(&values);
        let mut left = Vec::new();
        let mut fill = |name: String, value: Value| -> Result<(String, Value), String> {
            let Value::String(text) = value else {
                return Ok((name, value));
            };
            if names_nothing(&text, &values) {
                left.push(name.clone());
                return Ok((name, Value::String(text)));
            }
            if is_partial(&text) {
                return Ok((name, Value::String(text)));
            }
            let filled = render(environment, &text, &plain)
                .map_err(|problem| format!("has the variable `{name}`, which {problem}"))?;
            Ok((name, Value::String(filled)))
        };
        let filled: Result<Vec<_>, String> = values
            .clone()
            .into_iter()
            .map(|(name, value)| fill(name, value))
            .collect();
        Self {
            plain,
            filled: filled.map(|filled| variables(&filled)),
            texts,
            plain_only,
            left,
        }
    }

    /// A text of a check, filled in.
    pub(in super::super) fn text(
        &self,
        environment: &Environment<'_>,
        text: &str,
    ) -> Result<String, String> {
        self.refuse_differences(text)?;
        render(environment, text, &self.plain)
    }

    /// The variables that a text uses and that have no value.
    pub(in super::super) fn missing(
        &self,
        environment: &Environment<'_>,
        text: &str,
    ) -> BTreeSet<String> {
        let Ok(source) = syntax::rewritten(text) else {
            return BTreeSet::new();
        };
        Filling::of(environment, &source)
            .map(|filling| filling.missing(&self.plain))
            .unwrap_or_default()
    }

    /// There `"3" > 2` is true, and `~` writes `true`; here a text is no number, and it writes `True`.
    fn refuse_differences(&self, text: &str) -> Result<(), String> {
        let joined = syntax::joined(text);
        if let Some(name) = joined.iter().find(|name| self.plain_only.contains(name)) {
            return Err(format!(
                "cannot be filled in: it joins `{name}` with `~`, which writes it otherwise in Nunjucks; write `{{{{ {name} }}}}` apart"
            ));
        }
        let names = syntax::compared_with_numbers(text);
        match names.iter().find(|name| self.texts.contains(name)) {
            Some(name) => Err(format!(
                "cannot be filled in: it compares `{name}`, a text, with a number; write `{name} | int`"
            )),
            None => Ok(()),
        }
    }
}

/// A prompt, filled in; the error goes on after its name.
pub(in super::super) fn prompt(
    environment: &Environment<'_>,
    raw: &str,
    variables: &Resolved,
) -> Result<String, String> {
    variables.refuse_differences(raw)?;
    if let Ok(json) = serde_json::from_str::<Value>(raw)
        && let Ok(filled) = of_json(environment, json, &variables.plain)
    {
        return serde_json::to_string_pretty(&filled)
            .map_err(|error| format!("cannot be written as JSON: {error}"));
    }
    let filled = variables.filled.as_ref().map_err(Clone::clone)?;
    if is_partial(raw) {
        return Ok(raw.to_owned());
    }
    render(environment, raw, filled)
}

fn variables(values: &[(String, Value)]) -> Variables {
    Variables::of_values(
        values
            .iter()
            .map(|(name, value)| (name.clone(), value::of(value)))
            .collect(),
    )
}

/// Puts the values of other variables where a variable says `{{ name }}`: the first of each, again and again.
fn replace_names(values: &mut [(String, Value)]) {
    static NAME: LazyLock<Option<Regex>> =
        LazyLock::new(|| Regex::new(r"\{\{\s*([A-Za-z0-9_]+)\s*\}\}").ok());
    let Some(pattern) = NAME.as_ref() else { return };
    for _ in 0..MOST_ROUNDS {
        let mut is_settled = true;
        for index in 0..values.len() {
            let Some((_, Value::String(text))) = values.get(index) else {
                continue;
            };
            let Some(found) = pattern.captures(text) else {
                continue;
            };
            let (Some(whole), Some(name)) = (found.get(0), found.get(1)) else {
                continue;
            };
            let Some((_, other)) = values.iter().find(|(other, _)| other == name.as_str()) else {
                continue;
            };
            let put = value::text(&value::of(other));
            if text.len() + put.len() > MOST_BYTES {
                continue;
            }
            let mut replaced = text.clone();
            replaced.replace_range(whole.range(), &put);
            if let Some((_, slot)) = values.get_mut(index) {
                *slot = Value::String(replaced);
            }
            is_settled = false;
        }
        if is_settled {
            return;
        }
    }
}

/// Whether a text names a variable that has no value, by promptfoo's own look at it.
fn names_nothing(text: &str, values: &[(String, Value)]) -> bool {
    static USES: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
        let patterns = [
            r"(?s)\{#.*?#\}",
            r"\{\{\s*([^{}\s|]+)\s*(?:\|[^}]+)?\}\}|\{%\s*(?:if|for)\s+([^{}\s]+)\s*.*?%\}",
            r"\{%\s*for\s+(\w+)\s+in\s+(\w+)\s*%\}",
        ];
        let compiled: Result<Vec<Regex>, _> =
            patterns.iter().map(|text| Regex::new(text)).collect();
        compiled.ok()?.try_into().ok()
    });
    let Some([comments, uses, loops]) = USES.as_ref() else {
        return false;
    };
    if !text.contains("{{") && !text.contains("{%") {
        return false;
    }
    let text = comments.replace_all(text, "");
    let mut names = BTreeSet::new();
    for found in uses.captures_iter(&text) {
        let name = found.get(1).or_else(|| found.get(2));
        names.extend(name.map(|name| name.as_str().to_owned()));
    }
    for found in loops.captures_iter(&text) {
        names.remove(found.get(1).map_or("", |name| name.as_str()));
        names.extend(found.get(2).map(|name| name.as_str().to_owned()));
    }
    names.iter().any(|name| {
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        let root = name.get(..end.unwrap_or(name.len())).unwrap_or_default();
        let is_name = root.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
        is_name && root != "env" && !values.iter().any(|(known, _)| known == root)
    })
}

/// Whether a text has a tag that does not end on its line: it is then taken as it stands.
pub(in super::super) fn is_partial(text: &str) -> bool {
    static PATTERNS: LazyLock<Option<[Regex; 3]>> = LazyLock::new(|| {
        let patterns = [
            r"(?m)(\{%[^%]*$|\{\{[^}]*$|\{#[^#]*$)",
            r"\{%\s*raw\s*%\}",
            r"\{%\s*endraw\s*%\}",
        ];
        let compiled: Result<Vec<Regex>, _> =
            patterns.iter().map(|text| Regex::new(text)).collect();
        compiled.ok()?.try_into().ok()
    });
    let Some([partial, raw, end]) = PATTERNS.as_ref() else {
        return false;
    };
    partial.is_match(text) && !(raw.is_match(text) && end.is_match(text))
}

/// JSON with each of its texts filled in, and its numbers as JavaScript writes them.
fn of_json(
    environment: &Environment<'_>,
    json: Value,
    variables: &Variables,
) -> Result<Value, String> {
    Ok(match json {
        Value::String(text) => Value::String(render(environment, &text, variables)?),
        Value::Array(items) => items
            .into_iter()
            .map(|item| of_json(environment, item, variables))
            .collect::<Result<_, _>>()?,
        Value::Object(entries) => {
            let filled: Result<_, String> = entries
                .into_iter()
                .map(|(key, value)| Ok((key, of_json(environment, value, variables)?)))
                .collect();
            Value::Object(filled?)
        }
        Value::Number(number) => Value::Number(whole(number)),
        other => other,
    })
}

/// 4.0 as 4.
#[allow(clippy::cast_possible_truncation)] // whole, and below 2^53
fn whole(number: Number) -> Number {
    const MOST_EXACT: f64 = 9_007_199_254_740_992.0;
    match number.as_f64() {
        Some(value) if number.is_f64() && value.fract() == 0.0 && value.abs() < MOST_EXACT => {
            Number::from(value as i64)
        }
        _ => number,
    }
}
