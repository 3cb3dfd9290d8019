//! The check of a draft with its variables filled in: texts of it are templates, and where a number is wanted the text
//! becomes one. Reads no check.

use super::{
    error::shorten,
    template::{Filling, Variables, is_template},
};
use minijinja::Environment;
use serde_json::{Number, Value};

/// The keys of a check whose values are numbers, also where a template makes them.
const NUMBERS: [&str; 7] = [
    "number",
    "value",
    "tolerance",
    "max_tokens",
    "max_seconds",
    "max_cost",
    "threshold",
];

/// Fills a check in; the error is a sentence that begins with its place in the check.
pub(super) fn filled(
    environment: &Environment<'static>,
    check: &Value,
    variables: &Variables,
) -> Result<Value, String> {
    filled_value(environment, check, variables, &mut vec!["check".to_owned()])
}

fn filled_value(
    environment: &Environment<'static>,
    value: &Value,
    variables: &Variables,
    path: &mut Vec<String>,
) -> Result<Value, String> {
    match value {
        Value::String(text) if is_template(text) => {
            let filled = Filling::of(environment, text)
                .and_then(|filling| filling.fill(variables))
                .map_err(|problem| format!("`{}` {problem}", path.join(".")))?;
            if path
                .last()
                .is_some_and(|key| NUMBERS.contains(&key.as_str()))
            {
                let number = parsed_number(&filled);
                return number.map(Value::Number).ok_or_else(|| {
                    format!(
                        "`{}` becomes `{}`, which is no number",
                        path.join("."),
                        shorten(&filled)
                    )
                });
            }
            Ok(Value::String(filled))
        }
        Value::Array(items) => items
            .iter()
            .map(|item| filled_value(environment, item, variables, path))
            .collect(),
        Value::Object(entries) => {
            let mut filled = serde_json::Map::new();
            for (key, value) in entries {
                path.push(key.clone());
                filled.insert(
                    key.clone(),
                    filled_value(environment, value, variables, path)?,
                );
                path.pop();
            }
            Ok(Value::Object(filled))
        }
        other => Ok(other.clone()),
    }
}

fn parsed_number(text: &str) -> Option<Number> {
    let text = text.trim();
    text.parse::<i64>()
        .ok()
        .map(Number::from)
        .or_else(|| text.parse().ok().and_then(Number::from_f64))
}
