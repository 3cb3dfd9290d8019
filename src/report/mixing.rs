//! What a reader must know of lanes whose figures mix several things: models, settings, days of prices. Compares what the
//! batches say of how they were run, and no figure.

use super::{
    evidence::{Evidence, LaneEvidence},
    quoted,
};
use crate::domain::batch::BatchHead;
use serde_json::{Map, Value};
use std::collections::BTreeSet;

/// What changes neither the answers of a lane nor their time nor their cost.
const ASIDE: [&str; 9] = [
    "name",
    "tier",
    "enabled",
    "api_key_env",
    "headers",
    "timeout",
    "connect_timeout",
    "idle_timeout",
    "max_retries",
];
/// What the command line says for all lanes.
const OF_ALL: [(&str, &str); 2] = [("system", "--system"), ("max_tokens", "--max-tokens")];

/// A sentence for each lane and each thing that it mixes.
pub(super) fn remarks(batches: &[BatchHead], evidence: &Evidence) -> Vec<String> {
    let mut remarks = Vec::new();
    for lane in &evidence.lanes {
        let name = quoted(&lane.lane);
        let is_mixed = evidence.mixed.contains(&lane.lane);
        if is_mixed {
            remarks.push(format!(
                "{name} was not the same model in all of these cells; its figures mix them."
            ));
        }
        let mut differing = differing(batches, lane);
        if is_mixed {
            differing.retain(|key| !matches!(key.as_str(), "model" | "provider"));
        }
        let has_days = lane.price_days.len() > 1;
        if has_days {
            differing.remove("price");
            remarks.push(format!(
                "{name} has prices of several days ({}); its costs mix them.",
                days(lane)
            ));
        }
        if !differing.is_empty() {
            let keys: Vec<String> = differing.iter().map(|key| quoted(key)).collect();
            remarks.push(format!(
                "{name} was run with other settings in some of these batches ({}); its figures mix them.",
                keys.join(", ")
            ));
        }
    }
    remarks
}

/// The days of a lane's prices.
pub(super) fn days(lane: &LaneEvidence) -> String {
    let days: Vec<String> = lane.price_days.iter().map(|day| quoted(day)).collect();
    days.join(" and ")
}

/// The keys whose values are not the same in all batches that have cells of the lane; batches that say nothing of it
/// are none of them.
fn differing(batches: &[BatchHead], lane: &LaneEvidence) -> BTreeSet<String> {
    let own = lane.batches.iter().filter_map(|place| batches.get(*place));
    let mut all = own.filter_map(|batch| settings(batch, &lane.lane));
    let mut differing = BTreeSet::new();
    let Some(first) = all.next() else {
        return differing;
    };
    for other in all {
        for key in first.keys().chain(other.keys()) {
            if first.get(key) != other.get(key) {
                differing.insert(key.clone());
            }
        }
    }
    differing
}

/// What a batch says of a lane, without what changes nothing.
fn settings(batch: &BatchHead, name: &str) -> Option<Map<String, Value>> {
    let mut lane = batch.lane_settings(name)?.as_object()?.clone();
    lane.retain(|key, value| !ASIDE.contains(&key.as_str()) && !value.is_null());
    // The same file may lie in another folder.
    if let Some(Value::String(path)) = lane.get_mut("path") {
        *path = path.rsplit(['/', '\\']).next().unwrap_or(path).to_owned();
    }
    let of = |key: &str| batch.settings.get(key);
    if let Some(bytes) = of("files").and_then(|files| files.get(name)?.get("bytes")) {
        lane.insert("model file".to_owned(), bytes.clone());
    }
    for (key, name) in OF_ALL {
        let value = of("command_line").and_then(|line| line.get(key));
        if let Some(value) = value.filter(|value| !value.is_null()) {
            lane.insert(name.to_owned(), value.clone());
        }
    }
    Some(lane)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::{
        Findings, Wishes,
        tests::made::{batch, cell, run},
    };
    use serde_json::json;

    /// What is remarked of two batches with these settings and days of prices, of which the second has cells of `a` or not.
    fn of(settings: [Value; 2], days: [&str; 2], is_in_both: bool) -> (Vec<String>, Findings) {
        let mut evidence = Evidence::default();
        let mut batches = Vec::new();
        for (place, (settings, day)) in settings.into_iter().zip(days).enumerate() {
            let mut head = batch(&format!("b{place}"));
            head.settings = settings;
            batches.push(head);
            let name = if place == 0 || is_in_both { "a" } else { "b" };
            let mut cell = cell(name, Some(true), 1.0, Some(0.1));
            cell.lane.price_as_of = Some(day.to_owned());
            evidence.begin_batch(place);
            evidence.begin_run(BTreeSet::default());
            evidence.add(&run("p", 1), &cell, None);
        }
        let findings = Findings::new(batches, evidence, &Wishes::default());
        (findings.remarks.clone(), findings)
    }

    fn lane(more: &Value) -> Value {
        let mut lane = json!({ "name": "a", "model": "m", "timeout": "1s", "path": "/x/m.gguf" });
        for (key, value) in more.as_object().unwrap() {
            lane[key] = value.clone();
        }
        json!({ "lane": [{ "name": "z" }, lane], "command_line": { "max_tokens": null } })
    }

    #[test]
    fn other_settings_of_a_lane_are_named() {
        let day = ["2026-11-01"; 2];
        let low = lane(
            &json!({ "effort": "low", "max_tokens": 10, "timeout": "9s", "path": "/y/m.gguf" }),
        );
        let high = lane(&json!({ "effort": "high", "base_url": "http://x" }));
        let (remarks, _) = of([low.clone(), high.clone()], day, true);
        assert_eq!(
            remarks,
            [
                "`a` was run with other settings in some of these batches (`base_url`, `effort`, `max_tokens`); its figures \
              mix them."
            ]
        );
        let mut limited = low.clone();
        limited["command_line"]["max_tokens"] = json!(5);
        limited["files"]["a"]["bytes"] = json!(3);
        let (remarks, _) = of([low.clone(), limited], day, true);
        assert!(
            remarks[0].contains("(`--max-tokens`, `model file`)"),
            "{remarks:?}"
        );
        assert!(of([low.clone(), low.clone()], day, true).0.is_empty());
        assert!(
            of([low.clone(), high], day, false).0.is_empty(),
            "not asked in the second one"
        );
        assert!(
            of([low, json!({ "schedule": "race" })], day, true)
                .0
                .is_empty()
        );
    }

    #[test]
    fn all_days_of_prices_are_named() {
        let settings = [
            &json!({ "price": { "input": 1 } }),
            &json!({ "price": { "input": 2 } }),
        ];
        let days = ["2026-11-01", "2026-01-01"];
        let (remarks, findings) = of(settings.map(lane), days, true);
        assert_eq!(
            remarks,
            ["`a` has prices of several days (`2026-01-01` and `2026-11-01`); its costs mix them."]
        );
        let mut text = Vec::new();
        crate::report::markdown::write(&mut text, &findings).unwrap();
        let text = String::from_utf8(text).unwrap();
        let line = "Prices: `a` as of `2026-01-01` and `2026-11-01`.";
        assert!(text.contains(line), "{text}");
        let (remarks, _) = of(settings.map(lane), ["2026-11-01"; 2], true);
        assert!(remarks[0].contains("(`price`)"), "{remarks:?}");
    }
}
