//! An assertion with its value filled in becomes a check that means the same. Reads no file.

use super::{super::super::node, folding, pattern};
use serde_json::{Value, json};

/// How a text is filled in; the error goes on after its name.
type Fill<'f> = &'f dyn Fn(&str) -> Result<String, String>;

/// Kinds that we have; each may have `not-` before it, but those that a judge rates.
const KINDS: [&str; 13] = [
    "equals",
    "contains",
    "icontains",
    "contains-all",
    "contains-any",
    "icontains-all",
    "icontains-any",
    "starts-with",
    "regex",
    "is-json",
    "contains-json",
    "latency",
    "cost",
];

/// Kinds that a judge rates.
const RATED: [&str; 2] = ["llm-rubric", "model-graded-closedqa"];

/// What a schema means where it does not say its draft.
const DRAFT: &str = "http://json-schema.org/draft-07/schema#";

/// Whether we have a kind of assertion.
pub(super) fn is_ours(kind: &str) -> bool {
    RATED.contains(&kind) || KINDS.contains(&kind.strip_prefix("not-").unwrap_or(kind))
}

/// The check of an assertion that has been read, or of one that judges nothing.
pub(in super::super::super) fn check_of(read: &Value, fill: Fill<'_>) -> Result<Value, String> {
    let Some(assertion) = read.get("assertion") else {
        return Ok(read.clone());
    };
    let kind = assertion.get("type").and_then(Value::as_str).unwrap_or("");
    let filled = |value: &Value| match value {
        Value::String(text) => fill(text)
            .map(Value::String)
            .map_err(|problem| format!("has a `value` that {problem}")),
        other => Ok(other.clone()),
    };
    let value = match assertion.get("value") {
        None | Some(Value::Null) => None,
        Some(Value::Array(items)) => Some(items.iter().map(filled).collect::<Result<_, _>>()?),
        Some(value) => Some(filled(value)?),
    };
    let filled = Assertion {
        value,
        threshold: assertion.get("threshold").and_then(Value::as_f64),
    };
    let (kind, is_inverse) = kind
        .strip_prefix("not-")
        .map_or((kind, false), |kind| (kind, true));
    let check = filled.check(kind)?;
    Ok(if is_inverse { inverse(&check) } else { check })
}

/// The opposite of a check.
fn inverse(check: &Value) -> Value {
    match check.get("contains") {
        Some(Value::String(text)) => json!({ "not_contains": text }),
        _ => json!({ "not": check }),
    }
}

/// An assertion, filled in.
struct Assertion {
    value: Option<Value>,
    threshold: Option<f64>,
}

impl Assertion {
    fn check(&self, kind: &str) -> Result<Value, String> {
        let limit = || {
            self.threshold
                .ok_or_else(|| "has no `threshold`".to_owned())
        };
        let folded = |text: &String| folding::contains(text);
        let contained = |text: &String| json!({ "contains": text });
        Ok(match kind {
            "equals" => match self.given()? {
                value @ (Value::Object(_) | Value::Array(_)) => {
                    bare(&json!({ "json_schema": { "const": value } }))
                }
                value => json!({ "equals": scalar(value) }),
            },
            "contains" => json!({ "contains": self.text()? }),
            "icontains" => folded(&self.text()?),
            "contains-all" => json!({ "contains": self.texts()? }),
            "icontains-all" => json!({ "all": each(&self.texts()?, folded) }),
            "contains-any" => json!({ "any": each(&self.texts()?, contained) }),
            "icontains-any" => json!({ "any": each(&self.texts()?, folded) }),
            "starts-with" => json!({ "regex": format!(r"\A{}", regex::escape(&self.word()?)) }),
            "regex" => json!({ "regex": pattern::of_javascript(&self.word()?)? }),
            "is-json" => bare(&self.json()?),
            "contains-json" => contains_json(&self.json()?),
            "latency" => json!({ "max_seconds": limit()? / 1000.0 }),
            "cost" => json!({ "max_cost": limit()? }),
            _ => match self.threshold {
                Some(threshold) => {
                    json!({ "judge": { "rubric": self.word()?, "threshold": threshold } })
                }
                None => json!({ "judge": self.word()? }),
            },
        })
    }

    fn given(&self) -> Result<&Value, String> {
        self.value
            .as_ref()
            .ok_or_else(|| "has no `value`".to_owned())
    }

    /// A text with something in it.
    fn word(&self) -> Result<String, String> {
        match self.given()? {
            Value::String(text) if !text.is_empty() => Ok(text.clone()),
            _ => Err("has a `value` that is no text".to_owned()),
        }
    }

    /// A text with something in it, or a number as one.
    fn text(&self) -> Result<String, String> {
        match self.given()? {
            Value::Number(number) => Ok(scalar(&Value::Number(number.clone()))),
            _ => self.word(),
        }
    }

    /// A list, or a text whose parts stand between commas.
    fn texts(&self) -> Result<Vec<String>, String> {
        let texts: Option<Vec<String>> = match self.given()? {
            Value::Array(items) => items
                .iter()
                .map(|item| (!item.is_object() && !item.is_array()).then(|| scalar(item)))
                .collect(),
            Value::String(text) => parts(text),
            _ => None,
        };
        match texts {
            // An empty text is in every answer, and an empty list is promptfoo's way to say nothing.
            Some(texts) if !texts.is_empty() && texts.iter().all(|text| !text.is_empty()) => {
                Ok(texts)
            }
            _ => Err("has a `value` that is no list of texts".to_owned()),
        }
    }

    /// The check that a text is JSON, of the schema where there is one.
    fn json(&self) -> Result<Value, String> {
        let schema = match &self.value {
            None => return Ok(json!({ "json": true })),
            Some(Value::String(text)) if text.is_empty() => return Ok(json!({ "json": true })),
            Some(Value::String(text)) => node::of_yaml(text).ok().map(|node| node.json()),
            Some(value) => Some(value.clone()),
        };
        let Some(Value::Object(mut schema)) = schema else {
            return Err("has a `value` that is no schema".to_owned());
        };
        schema.entry("$schema").or_insert_with(|| json!(DRAFT));
        Ok(json!({ "json_schema": schema }))
    }
}

/// JSON without a fence around it.
fn bare(check: &Value) -> Value {
    json!({ "all": [check, { "not": { "regex": r"\A\s*`" } }] })
}

/// An object in JSON anywhere in the answer. One that is all of it is found, and without a brace there is none.
fn contains_json(check: &Value) -> Value {
    let object = json!({ "regex": r"\A\s*(?:`{3,}\s*\w*\s*)?\{" });
    let why = "`contains-json` of promptfoo's is looked for in the whole answer only";
    json!({ "any": [
        { "all": [check, object] },
        { "all": [{ "contains": "{" }, { "not_judged": why }] },
    ] })
}

fn each(texts: &[String], of: impl Fn(&String) -> Value) -> Vec<Value> {
    texts.iter().map(of).collect()
}

/// A scalar as JavaScript writes it.
fn scalar(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Number(number) => match number.as_f64() {
            Some(value) if number.is_f64() => format!("{value}"),
            _ => number.to_string(),
        },
        other => other.to_string(),
    }
}

/// What stands between commas; a part in quotes may hold some. `None` where a quote is never closed.
fn parts(text: &str) -> Option<Vec<String>> {
    let mut parts = Vec::new();
    let mut rest = text;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',');
        if rest.is_empty() {
            return Some(parts);
        }
        if let Some(quoted) = rest.strip_prefix('"') {
            let (part, after) = unquoted(quoted)?;
            parts.push(part);
            rest = after.trim_start();
            if !rest.is_empty() && !rest.starts_with(',') {
                return None;
            }
        } else {
            let end = rest.find(',').unwrap_or(rest.len());
            let (part, after) = rest.split_at(end);
            parts.push(part.trim().to_owned());
            rest = after;
        }
    }
}

/// What stands before the closing quote, and what follows it.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut part = String::new();
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let next = chars.peek().map(|(_, next)| *next);
        match (c, next) {
            ('\\', Some(escaped @ ('"' | '\\'))) => {
                part.push(escaped);
                chars.next();
            }
            ('"', Some('"')) => {
                part.push('"');
                chars.next();
            }
            ('"', _) => return Some((part, text.get(at + 1..).unwrap_or_default())),
            (c, _) => part.push(c),
        }
    }
    None
}
