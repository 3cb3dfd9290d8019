//! How a batch was run, whatever its settings hold, as nested lists. Knows no key of them.

use super::text::{block, line};
use crate::{domain::batch::BatchHead, report::folders};
use serde_json::Value;
use std::fmt::Write as _;

/// Deeper values are written as JSON.
const DEEPEST: usize = 6;

/// The settings of a batch.
pub(super) fn batch(head: &BatchHead) -> String {
    let mut out = format!(
        "<h3>{} <code>{}</code></h3>\n<p class=\"meta\">begun {}{}</p>\n",
        head.kind.name(),
        line(&head.id.0),
        line(&head.started_at),
        head.suite
            .as_deref()
            .map_or_else(String::new, |suite| format!(", {}", line(suite)))
    );
    value(&folders::without(&head.settings), 0, &mut out);
    out
}

fn value(of: &Value, depth: usize, out: &mut String) {
    match of {
        Value::Object(fields) if depth < DEEPEST => {
            out.push_str("<dl class=\"settings\">");
            // What it is called comes first.
            let is_name = |name: &str| matches!(name, "name" | "lane" | "id");
            let named = fields
                .iter()
                .filter(|(name, field)| is_name(name) && field.is_string());
            let others = fields
                .iter()
                .filter(|(name, field)| !(is_name(name) && field.is_string()));
            for (name, field) in named.chain(others) {
                let name = line(name).replace('_', " ");
                let _ = write!(out, "<dt>{name}</dt><dd>");
                value(field, depth + 1, out);
                out.push_str("</dd>\n");
            }
            out.push_str("</dl>");
        }
        Value::Array(items) if depth < DEEPEST && items.iter().any(Value::is_object) => {
            for item in items {
                value(item, depth + 1, out);
            }
        }
        Value::Array(items) if depth < DEEPEST => {
            for (place, item) in items.iter().enumerate() {
                if place > 0 {
                    out.push_str(", ");
                }
                value(item, depth + 1, out);
            }
        }
        Value::String(text) => out.push_str(&block(text)),
        Value::Null => out.push('–'),
        other => out.push_str(&line(&other.to_string())),
    }
}
