//! Takes the folders of this machine out of what a report shows: a file's name says which model it is, its hash that it is the
//! same one, and the home of whoever ran it is nobody's business. What is stored keeps them. Reads no file.

use serde_json::Value;

/// The keys of a lane, or of the network, whose value is a file.
const FILES: [&str; 4] = ["path", "template", "draft", "ca_file"];

/// The settings of a batch with the names of files alone.
pub(super) fn without(settings: &Value) -> Value {
    match settings {
        Value::Object(fields) => fields
            .iter()
            .map(|(key, value)| {
                let value = match value {
                    Value::String(text) if FILES.contains(&key.as_str()) => {
                        Value::from(file_name(text))
                    }
                    value => without(value),
                };
                (key.clone(), value)
            })
            .collect(),
        Value::Array(items) => items.iter().map(without).collect(),
        value => value.clone(),
    }
}

/// A sentence, such as why a local lane failed, with the names of files alone: whatever begins as a path from the root, from
/// home or from a drive, and has a folder in it, loses the folders.
pub(super) fn without_in(sentence: &str) -> String {
    let is_end =
        |c: char| c.is_whitespace() || matches!(c, '`' | '"' | '\'' | '(' | ')' | ',' | ';');
    sentence
        .split_inclusive(is_end)
        .map(|word| {
            let end = word.chars().next_back().filter(|c| is_end(*c));
            let path = word.trim_end_matches(is_end);
            let is_path = path.starts_with(['/', '~']) || path.get(1..3) == Some(":\\");
            let shown = if is_path && path.get(1..).is_some_and(|rest| rest.contains(['/', '\\'])) {
                file_name(path)
            } else {
                path
            };
            let mut out = shown.to_owned();
            out.extend(end);
            out
        })
        .collect()
}

fn file_name(path: &str) -> &str {
    let name = path.trim_end_matches(['/', '\\']);
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn files_keep_their_names_and_addresses_all() {
        let settings = json!({
            "lane": [
                { "name": "here", "path": "/home/ada/models/qwen3-4b.gguf", "template": "C:\\templates\\own.jinja" },
                { "name": "there", "base_url": "http://127.0.0.1:8000/v1", "template": "model" },
            ],
            "network": { "ca_file": "~/certs/ca.pem" },
            "command_line": { "system": "Say /etc/passwd." },
        });
        assert_eq!(
            without(&settings),
            json!({
                "lane": [
                    { "name": "here", "path": "qwen3-4b.gguf", "template": "own.jinja" },
                    { "name": "there", "base_url": "http://127.0.0.1:8000/v1", "template": "model" },
                ],
                "network": { "ca_file": "ca.pem" },
                "command_line": { "system": "Say /etc/passwd." },
            })
        );
    }

    #[test]
    fn sentences_lose_folders_and_nothing_else() {
        for (sentence, shown) in [
            (
                "cannot open `/home/ada/models/a.gguf`: No such file",
                "cannot open `a.gguf`: No such file",
            ),
            (
                "the tape ~/tapes/x.jsonl:3: broken",
                "the tape x.jsonl:3: broken",
            ),
            ("no C:\\models\\a.gguf, sorry", "no a.gguf, sorry"),
            (
                "POST http://h/v1 gave 3 / 4, and/or /v1",
                "POST http://h/v1 gave 3 / 4, and/or /v1",
            ),
            ("", ""),
            ("ünï / `", "ünï / `"),
        ] {
            assert_eq!(without_in(sentence), shown);
        }
    }
}
