//! JSON schemas of a suite. Fetches nothing: a schema is complete in itself.

use super::{
    pattern::{MOST_BYTES, MOST_CACHE_BYTES},
    wording::{excerpt, quote, sentence},
};
use jsonschema::{PatternOptions, Validator};
use serde_json::Value;

/// Compiles a schema, or says why not; the sentence goes on after the place of the check. Draft 2020-12 where `$schema` does
/// not say otherwise. `format` is held to, too, and a format that is not known is refused, for nothing would hold to it.
pub(super) fn compile(schema: &Value) -> Result<Validator, String> {
    if let Some(address) = foreign_reference(schema) {
        return Err(format!(
            "refers to {}, which is not fetched; put what it holds under `$defs`",
            quote(address)
        ));
    }
    let patterns = PatternOptions::regex()
        .size_limit(MOST_BYTES)
        .dfa_size_limit(MOST_CACHE_BYTES);
    jsonschema::options()
        .offline()
        .with_pattern_options(patterns)
        .should_validate_formats(true)
        .should_ignore_unknown_formats(false)
        .build(schema)
        .map_err(|error| {
            let place = error.instance_path().to_string();
            let place = if place.is_empty() {
                String::new()
            } else {
                format!(" at `{}`", excerpt(&place))
            };
            format!(
                "is no schema that can be used{place}: {}",
                sentence(&error.to_string())
            )
        })
}

/// The first thing that is wrong with a value, and where in it; `None` where the schema accepts it.
pub(super) fn complaint(schema: &Validator, value: &Value) -> Option<String> {
    let error = schema.validate(value).err()?;
    let place = error.instance_path().to_string();
    let what = sentence(&error.to_string());
    Some(if place.is_empty() {
        what
    } else {
        format!("`{}`: {what}", excerpt(&place))
    })
}

/// A reference that leads to another document by its address.
fn foreign_reference(schema: &Value) -> Option<&str> {
    match schema {
        Value::Object(entries) => entries.iter().find_map(|(key, value)| match value {
            Value::String(address)
                if matches!(key.as_str(), "$ref" | "$dynamicRef") && is_foreign(address) =>
            {
                Some(address.as_str())
            }
            value => foreign_reference(value),
        }),
        Value::Array(items) => items.iter().find_map(foreign_reference),
        _ => None,
    }
}

/// Whether it has a scheme; the schemas of JSON Schema itself are built in.
fn is_foreign(address: &str) -> bool {
    let has_scheme = address.split_once(':').is_some_and(|(scheme, _)| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c))
    });
    has_scheme && !address.contains("://json-schema.org/") && !address.starts_with("urn:")
}
