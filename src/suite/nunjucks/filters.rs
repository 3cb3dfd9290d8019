//! Filters that Nunjucks has and minijinja has not, or has otherwise; those that would come out differently are taken
//! away, so that they are named as unknown.

use super::{super::template, value};
use minijinja::{
    Environment, Error, ErrorKind, State,
    value::{Value, ValueKind},
};
use std::fmt::Write as _;

/// Filters of minijinja's that mean another thing in Nunjucks, or nothing.
const OTHERS: [&str; 16] = [
    "attr", "bool", "chain", "count", "d", "groupby", "items", "lines", "map", "max", "min",
    "pprint", "split", "tojson", "unique", "zip",
];

/// Adds them.
pub(super) fn add(environment: &mut Environment<'_>) {
    for name in OTHERS {
        environment.remove_filter(name);
    }
    environment.add_filter("load", |text: &str| {
        serde_json::from_str(text)
            .map(|parsed: serde_json::Value| value::of(&parsed))
            .map_err(|error| Error::new(ErrorKind::CannotDeserialize, error.to_string()))
    });
    environment.add_filter("dump", dump);
    environment.add_filter("length", |value: &Value| {
        length(value).map_or_else(|| Value::from(value.len().unwrap_or(0)), Value::from)
    });
    environment.add_filter("join", join);
    environment.add_filter("title", title);
    environment.add_filter("round", round);
    environment.add_filter("list", |given: &Value| match given.kind() {
        ValueKind::Seq | ValueKind::Iterable | ValueKind::String => Ok(each(given)),
        _ => Err(Error::new(
            ErrorKind::InvalidOperation,
            "`list` takes a list or a text",
        )),
    });
    environment.add_filter("wordcount", |text: &str| {
        let words = text.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
        words.filter(|word| !word.is_empty()).count()
    });
    environment.add_filter("nl2br", |text: &str| {
        text.replace("\r\n", "\n").replace('\n', "<br />\n")
    });
    environment.add_filter("escape", |value: &Value| escaped(&value::text(value)));
    environment.add_filter("e", |value: &Value| escaped(&value::text(value)));
    environment.add_filter("urlencode", urlencode);
    environment.add_filter("string", |value: &Value| value::text(value));
    // For the loops and the `.length` that `syntax` rewrites.
    environment.add_filter("each", each);
    environment.add_filter("pairs", pairs);
    environment.add_filter("js_length", |value: &Value| {
        length(value).map_or_else(|| value.get_attr("length").unwrap_or_default(), Value::from)
    });
    environment.add_filter("regex_escape", |text: &str| regex::escape(text));
}

fn join(state: &mut State<'_, '_>, value: &Value, between: Option<&str>) -> Result<String, Error> {
    let between = between.unwrap_or("");
    template::spend_joined(state, value, between.len())?;
    Ok(value::joined(value, between))
}

fn dump(value: &Value, spaces: Option<usize>) -> Result<String, Error> {
    const MOST_SPACES: usize = 10;
    let wrong =
        |error: serde_json::Error| Error::new(ErrorKind::BadSerialization, error.to_string());
    match spaces.unwrap_or(0).min(MOST_SPACES) {
        0 => serde_json::to_string(value).map_err(wrong),
        spaces => {
            let indent = " ".repeat(spaces);
            let formatter = serde_json::ser::PrettyFormatter::with_indent(indent.as_bytes());
            let mut out = Vec::new();
            let mut serializer = serde_json::Serializer::with_formatter(&mut out, formatter);
            serde::Serialize::serialize(value, &mut serializer).map_err(wrong)?;
            Ok(String::from_utf8_lossy(&out).into_owned())
        }
    }
}

/// JavaScript's `length` of a text or a list.
fn length(value: &Value) -> Option<usize> {
    match value.kind() {
        ValueKind::String => value.as_str().map(|text| text.encode_utf16().count()),
        ValueKind::Seq => value.len(),
        _ => None,
    }
}

/// JavaScript's: a half goes up.
fn round(number: f64, digits: Option<i32>, method: Option<&str>) -> f64 {
    let factor = 10_f64.powi(digits.unwrap_or(0));
    let scaled = number * factor;
    let whole = match method {
        Some("ceil") => scaled.ceil(),
        Some("floor") => scaled.floor(),
        _ => (scaled + 0.5).floor(),
    };
    whole / factor
}

fn title(text: &str) -> String {
    let words = text.split(' ').map(|word| {
        let mut chars = word.chars();
        let first = chars.next().map(char::to_uppercase);
        let rest = chars.as_str().to_lowercase();
        first.map_or_else(String::new, |first| first.collect::<String>() + &rest)
    });
    words.collect::<Vec<_>>().join(" ")
}

fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '\\' => out.push_str("&#92;"),
            c => out.push(c),
        }
    }
    out
}

fn urlencode(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a string cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

/// What a loop with one name goes through: a list, or the characters of a text; a table has no length there, so nothing.
fn each(given: &Value) -> Value {
    match given.kind() {
        ValueKind::Seq | ValueKind::Iterable => given.clone(),
        ValueKind::String => {
            let chars = given.as_str().unwrap_or_default().chars();
            value::list(chars.map(|c| Value::from(c.to_string())).collect())
        }
        _ => value::list(Vec::new()),
    }
}

/// What a loop with two names goes through: the keys and values of a table, or the items of a list, taken apart.
fn pairs(given: &Value) -> Value {
    match given.kind() {
        ValueKind::Seq | ValueKind::Iterable => given.clone(),
        ValueKind::Map => {
            let keys = given.try_iter().into_iter().flatten();
            let pairs = keys.map(|key| {
                let item = given.get_item(&key).unwrap_or_default();
                value::list(vec![key, item])
            });
            value::list(pairs.collect())
        }
        _ => value::list(Vec::new()),
    }
}
