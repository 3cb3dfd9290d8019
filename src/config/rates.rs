//! Whether a lane's `extra` asks for something that costs otherwise than the list says. Knows no prices.

use serde_json::{Map, Value};

/// Fields of a body that order what is billed apart: places, speed, searches, caches that live for hours.
const BILLED_APART: [&str; 9] = [
    "inference_geo",
    "plugins",
    "prompt_cache_retention",
    "search_parameters",
    "serviceTier",
    "speed",
    "ttl",
    "web_search",
    "web_search_options",
];
/// Service tiers at list prices.
const STANDARD: [&str; 3] = ["default", "standard", "standard_only"];

/// Whether these fields make list prices wrong: another service tier, tools that the host runs, searches, long caches.
pub(super) fn are_others(extra: &Map<String, Value>) -> bool {
    let tier = extra.get("service_tier").and_then(Value::as_str);
    tier.is_some_and(|tier| !STANDARD.contains(&tier))
        || extra.get("tools").is_some_and(has_hosted_tool)
        || extra.iter().any(|(key, value)| orders_more(key, value))
}

fn orders_more(key: &str, value: &Value) -> bool {
    BILLED_APART.contains(&key)
        || match value {
            Value::Object(inner) => inner.iter().any(|(key, value)| orders_more(key, value)),
            Value::Array(items) => items.iter().any(|item| orders_more("", item)),
            _ => false,
        }
}

/// Functions are the person's own; everything else runs at the host.
fn has_hosted_tool(tools: &Value) -> bool {
    let is_own = |tool: &Value| {
        matches!(
            tool.get("type").and_then(Value::as_str),
            Some("function" | "custom")
        ) || tool.get("input_schema").is_some()
            || tool.get("functionDeclarations").is_some()
    };
    !tools
        .as_array()
        .is_some_and(|tools| tools.iter().all(is_own))
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_is_billed_apart_has_no_list_price() {
        let others = |extra: Value| are_others(extra.as_object().unwrap());
        for apart in [
            json!({ "service_tier": "flex" }),
            json!({ "service_tier": "auto" }),
            json!({ "tools": [{ "type": "web_search_20250305" }] }),
            json!({ "tools": [{ "google_search": {} }] }),
            json!({ "web_search_options": {} }),
            json!({ "system": [{ "cache_control": { "type": "ephemeral", "ttl": "1h" } }] }),
            json!({ "prompt_cache_retention": "24h" }),
        ] {
            assert!(others(apart.clone()), "{apart}");
        }
        for usual in [
            json!({}),
            json!({ "reasoning_effort": "low", "service_tier": "default" }),
            json!({ "tools": [{ "type": "function", "function": { "name": "f" } }] }),
            json!({ "system": [{ "cache_control": { "type": "ephemeral" } }] }),
        ] {
            assert!(!others(usual.clone()), "{usual}");
        }
    }
}
