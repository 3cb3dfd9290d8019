//! Which settings keep a batch of the same suite from being continued: their names, never what they say. Asks nobody.

use super::settings::{name_of, without_pace};
use serde_json::Value;
use std::collections::BTreeSet;

/// More are not named.
const MOST: usize = 8;

/// The settings that differ between two batches of a suite, in words.
pub(super) fn words(ours: &Value, theirs: &Value) -> String {
    let mut found = names(ours, theirs);
    if found.is_empty() {
        return "the prompts".to_owned();
    }
    let more = found.len().saturating_sub(MOST);
    found.truncate(MOST);
    let mut words = found.join(", ");
    if more > 0 {
        words = format!("{words} and {more} more");
    }
    words
}

fn names(ours: &Value, theirs: &Value) -> Vec<String> {
    let (ours, theirs) = (without_pace(ours.clone()), without_pace(theirs.clone()));
    let mut found = Vec::new();
    for key in keys(&ours, &theirs) {
        let (our, their) = (&ours[key.as_str()], &theirs[key.as_str()]);
        match key.as_str() {
            "lane" => lanes(our, their, &mut found),
            // What hashing added later is no difference.
            "files" => found.extend(
                keys(our, their)
                    .into_iter()
                    .filter(|name| {
                        let differs =
                            |what: &str| our[name.as_str()][what] != their[name.as_str()][what];
                        differs("bytes") || differs("changed_at")
                    })
                    .map(|name| format!("the file of lane `{name}`")),
            ),
            _ => within(&key, our, their, &mut found),
        }
    }
    found
}

fn lanes(ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    let named = |lanes: &Value, name: &str| {
        let lanes = lanes.as_array().into_iter().flatten();
        lanes
            .into_iter()
            .find(|lane| name_of(lane) == name)
            .cloned()
    };
    let all = [ours, theirs]
        .into_iter()
        .filter_map(Value::as_array)
        .flatten();
    let all: BTreeSet<&str> = all.map(name_of).collect();
    for name in all {
        match (named(ours, name), named(theirs, name)) {
            (Some(our), Some(their)) => found.extend(
                keys(&our, &their)
                    .into_iter()
                    .filter(|key| our[key.as_str()] != their[key.as_str()])
                    .map(|key| format!("`{key}` of lane `{name}`")),
            ),
            _ => found.push(format!("lane `{name}`, which only one of them has")),
        }
    }
}

fn within(key: &str, ours: &Value, theirs: &Value, found: &mut Vec<String>) {
    if ours == theirs {
        return;
    }
    let inner = keys(ours, theirs);
    if inner.is_empty() {
        found.push(format!("`{key}`"));
    }
    for name in inner {
        if ours[name.as_str()] != theirs[name.as_str()] {
            found.push(format!("`{key}.{name}`"));
        }
    }
}

/// The keys of either.
fn keys(ours: &Value, theirs: &Value) -> BTreeSet<String> {
    let both = [ours, theirs].into_iter().filter_map(Value::as_object);
    both.flat_map(|all| all.keys().cloned()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn what_differs_is_named_and_the_order_and_the_time_are_not() {
        let ours = json!({
            "schedule": "race", "command_line": { "system": "a", "judge": null },
            "lane": [{ "name": "a", "timeout": "1s", "top_p": 1 }, { "name": "b", "model": "m" }],
        });
        let mut theirs = json!({
            "schedule": "race", "command_line": { "system": "a", "judge": null },
            "lane": [{ "name": "b", "model": "m" }, { "name": "a", "timeout": "9s", "top_p": 1 }],
            "files": { "a": { "sha256": "0" } },
        });
        assert_eq!(words(&ours, &theirs), "the prompts");
        theirs["lane"][1]["top_p"] = json!(0.5);
        theirs["schedule"] = json!("fair");
        theirs["command_line"]["system"] = json!("secret");
        theirs["lane"][0]["name"] = json!("c");
        assert_eq!(
            words(&ours, &theirs),
            "`command_line.system`, `top_p` of lane `a`, lane `b`, which only one of them has, lane `c`, which only one of them \
             has, `schedule`"
        );
    }
}
