//! Recorded error bodies of real servers, where they are at hand: each one is of the right kind, in the server's words.

use super::recordings::folder;
use serde_json::Value;
use tierscope::{
    domain::failure::FailureKind::{
        self, Auth, ContextLength, NotFound, Permission, Rejected, Server,
    },
    wire::error_body::classify,
};

#[rustfmt::skip] // a table
const ROWS: &[(&str, FailureKind, &str)] = &[
    ("083", Auth, "invalid x-api-key"),
    ("085", Permission, "security token included in the request is invalid"),
    ("086", Auth, "Incorrect API key provided"),
    ("087", Auth, "Authentication Fails"),
    ("088", Auth, "API key not valid. Please pass a valid API key."),
    ("090", Auth, "Unauthorized"),
    ("091", Auth, "Incorrect API key provided: invalid-key."),
    ("092", Auth, "Missing Authentication header"),
    ("093", Auth, "Invalid API key provided."),
    ("094", Auth, "Incorrect API key provided."),
    ("095", ContextLength, "prompt is too long: 3333404 tokens > 200000 maximum"),
    ("097", ContextLength, "Input Tokens Exceeded"),
    ("098", ContextLength, "too many tokens"),
    ("099", ContextLength, "maximum context length is 1048565 tokens"),
    ("101", ContextLength, "prompt too long"),
    ("102", ContextLength, "Your input exceeds the context window"),
    ("104", ContextLength, "total length of all messages is too long"),
    ("105", ContextLength, "input token count (1250074) exceeds"),
    ("106", NotFound, "does not exist"),
    ("108", NotFound, "model identifier is invalid"),
    ("109", NotFound, "is not found for API version v1beta"),
    ("111", NotFound, "does not exist or you do not have access"),
    ("112", NotFound, "does not exist"),
    ("114", Rejected, "does not support effort level"),
    ("115", Rejected, "does not support 'developer'"),
    ("116", Rejected, "does not support 'system'"),
    ("118", NotFound, "model identifier is invalid"),
    ("119", NotFound, "model: claude-nonexistent-rig-test"),
    ("121", NotFound, "does not exist"),
    ("122", NotFound, "Specified model not found"),
    ("123", Auth, "API key is invalid."),
    ("125", Auth, "Incorrect API key provided"),
    ("126", Rejected, "decimal above maximum value"),
    ("128", Rejected, "type must be number, but is string"),
    ("129", Auth, "Invalid API Key"),
    ("130", Server, "tools param requires --jinja flag"),
    ("132", NotFound, "Invalid model: definitely-not-a-model"),
    ("133", Auth, "Invalid API Key"),
    ("134", NotFound, "does not exist or you do not have access"),
    ("136", NotFound, "Model not found: grok-nonexistent"),
    ("137", Auth, "Authentication Fails"),
    ("139", Rejected, "on-demand throughput"),
    ("141", NotFound, "not found, make sure the correct model ID"),
    ("142", NotFound, "API deployment for this resource does not exist"),
    ("144", NotFound, "API deployment for this resource does not exist"),
];

#[test]
fn every_recorded_error_is_of_its_kind_in_the_words_of_the_server() {
    let Some(folder) = folder() else { return };
    let manifest = std::fs::read(folder.join("MANIFEST.json")).unwrap();
    let manifest: Value = serde_json::from_slice(&manifest).unwrap();
    for (number, kind, words) in ROWS {
        let entry = manifest
            .as_array()
            .unwrap()
            .iter()
            .find(|entry| entry["file"].as_str().unwrap().starts_with(number))
            .unwrap();
        let file = entry["file"].as_str().unwrap();
        let body = std::fs::read(folder.join(file)).unwrap();
        let status = u16::try_from(entry["status"].as_u64().unwrap()).unwrap();
        let headers = &entry["response_headers"];
        let failure = classify(status, |name| headers[name].as_str(), &body);
        assert_eq!(failure.kind, *kind, "{file}: {failure:?}");
        assert_eq!(failure.status, Some(status), "{file}");
        assert!(failure.message.contains(words), "{file}: {failure:?}");
        assert!(!failure.message.contains('{'), "{file}: {failure:?}");
    }
}
