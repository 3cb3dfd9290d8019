//! promptfoo's `prompts`: texts, files, and conversations in JSON or YAML. Runs no script that makes a prompt.

use super::{
    super::{
        draft::{Text, messages},
        error::{Place, shorten},
        node::{self, Entry, Kind, Node},
        template::with_pairs,
        text,
    },
    Reading, extension, file_of,
    trials::Trial,
};
use crate::domain::request::Role;
use std::path::{Path, PathBuf};

/// Files that hold prompts we can read.
const READ: [&str; 7] = ["txt", "md", "j2", "json", "jsonl", "yaml", "yml"];

/// Files that make prompts in a way that is not ours.
const NOT_READ: [&str; 10] = [
    "js", "cjs", "mjs", "ts", "cts", "mts", "py", "csv", "xlsx", "rb",
];

/// One prompt.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) label: Option<String>,
    raw: String,
    /// Instructions, where it is a conversation.
    pub(super) system: Option<Text>,
    /// Who says what, where it is a conversation.
    pub(super) turns: Option<Vec<(Role, Text)>>,
}

impl Prompt {
    /// What is asked in a test.
    pub(super) fn text(&self, trial: &Trial) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        let raw = with_pairs(&self.raw);
        format!("{}{raw}{}", part(&trial.prefix), part(&trial.suffix))
    }
}

/// Reads all of them; what cannot be used is noted.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Prompt> {
    match &node.value {
        Kind::List(items) => items.iter().flat_map(|item| one(item, reading)).collect(),
        // Paths and labels: an older form.
        Kind::Table(entries) if node.key("raw").is_none() && node.key("id").is_none() => entries
            .iter()
            .flat_map(|entry| labelled(entry, reading))
            .collect(),
        _ => one(node, reading),
    }
}

fn one(node: &Node, reading: &mut Reading<'_>) -> Vec<Prompt> {
    let place = reading.file.at(node.line);
    match &node.value {
        Kind::Text(text) => of_text(text, None, &place, reading),
        Kind::Table(entries) => {
            let field = |key: &str| node.key(key).and_then(Node::as_text);
            let Some(raw) = field("raw").or_else(|| field("id")) else {
                if let ([entry], None) = (entries.as_slice(), node.key("label")) {
                    return labelled(entry, reading);
                }
                reading.leave_out(&place, "a prompt without `raw` or `id`");
                return Vec::new();
            };
            for entry in entries {
                if !["raw", "id", "label", "display"].contains(&entry.key.as_str()) {
                    let place = reading.file.at(entry.line);
                    reading.leave_out(&place, &format!("`{}` of a prompt", shorten(&entry.key)));
                }
            }
            let label = field("label").or_else(|| field("display"));
            of_text(raw, label, &place, reading)
        }
        _ => {
            reading.findings.refuse(
                &place,
                format!("a prompt must be a string or a table, not {}", node.kind()),
            );
            Vec::new()
        }
    }
}

fn labelled(entry: &Entry, reading: &mut Reading<'_>) -> Vec<Prompt> {
    let place = reading.file.at(entry.line);
    of_text(&entry.key, entry.node.as_text(), &place, reading)
}

fn of_text(
    text: &str,
    label: Option<&str>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<Prompt> {
    let Some(path) = path_of(text, reading) else {
        if text.trim().is_empty() {
            reading.findings.refuse(place, "a prompt must not be empty");
            return Vec::new();
        }
        return if text.trim_start().starts_with('[') {
            conversation(text, label, place, reading)
        } else {
            vec![plain(text, label)]
        };
    };
    let mut prompts = Vec::new();
    for path in files(&path, place, reading) {
        prompts.extend(of_file(&path, label, place, reading));
    }
    prompts
}

fn plain(text: &str, label: Option<&str>) -> Prompt {
    Prompt {
        label: label.map(str::to_owned),
        raw: text.to_owned(),
        system: None,
        turns: None,
    }
}

/// The path that a prompt is written as: with `file://`, or a word that looks like one and is there.
fn path_of(text: &str, reading: &Reading<'_>) -> Option<PathBuf> {
    if let Some(path) = file_of(text) {
        return Some(path.to_owned());
    }
    let path = Path::new(text);
    let extension = extension(path);
    let is_known = READ
        .iter()
        .chain(&NOT_READ)
        .any(|known| *known == extension);
    let is_path = !text.contains(['\n', ' ', '{']) && is_known;
    (is_path && (text.contains('*') || reading.folder.path(path).is_file()))
        .then(|| path.to_owned())
}

/// The files that a path with `*` means, in their order.
pub(super) fn files(path: &Path, place: &Place, reading: &mut Reading<'_>) -> Vec<PathBuf> {
    if !path.to_string_lossy().contains('*') {
        return vec![path.to_owned()];
    }
    let folder = glob::Pattern::escape(&reading.folder.base.to_string_lossy());
    let pattern = Path::new(&folder).join(path);
    let pattern = pattern.to_string_lossy();
    let found: Vec<PathBuf> = match glob::glob(&pattern) {
        Ok(paths) => paths.flatten().filter(|path| path.is_file()).collect(),
        Err(error) => {
            reading.findings.refuse(
                place,
                format!("`{}` is no pattern: {}", shorten(&pattern), error.msg),
            );
            return Vec::new();
        }
    };
    if found.is_empty() {
        reading.findings.refuse(
            place,
            format!("`{}` is the name of no file", shorten(&pattern)),
        );
    }
    // Joining the folder before them once more must not change them.
    found
        .into_iter()
        .map(|path| std::path::absolute(&path).unwrap_or(path))
        .collect()
}

fn of_file(
    path: &Path,
    label: Option<&str>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<Prompt> {
    let extension = extension(path);
    let shown = shorten(&path.to_string_lossy());
    if !READ.contains(&extension.as_str()) {
        reading.leave_out(place, &format!("the prompt file `{shown}`"));
        return Vec::new();
    }
    let Some(source) = reading.file(place, path) else {
        return Vec::new();
    };
    match extension.as_str() {
        "txt" => text::blocks(&source.text)
            .iter()
            .map(|(_, block)| plain(block.trim(), label))
            .collect(),
        "jsonl" => source
            .text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .flat_map(|line| conversation(line, label, place, reading))
            .collect(),
        "json" => conversation(&source.text, label, place, reading),
        "yaml" | "yml" => match node::of_yaml(&source.text) {
            Ok(node) => conversation(&node.json().to_string(), label, place, reading),
            // It may be a template that is no YAML before it is filled in.
            Err(_) => vec![plain(source.text.trim(), label)],
        },
        _ => vec![plain(source.text.trim(), label)],
    }
}

/// A conversation in JSON. One that is none before it is filled in stays text, which is looked at again afterwards.
fn conversation(
    json: &str,
    label: Option<&str>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<Prompt> {
    let Ok(node) = node::of_json(json, place.line) else {
        return vec![plain(json.trim(), label)];
    };
    let is_chat = node
        .as_list()
        .is_some_and(|items| items.iter().all(|item| item.key("role").is_some()));
    if !is_chat {
        return vec![plain(json.trim(), label)];
    }
    match messages(&node) {
        Ok((system, turns)) => vec![Prompt {
            system,
            turns: Some(turns),
            ..plain("", label)
        }],
        Err((_, problem)) => {
            reading
                .findings
                .warn(place, format_args!("a prompt is left out: {problem}"));
            Vec::new()
        }
    }
}
