//! promptfoo's `prompts`: texts, files, and conversations in JSON or YAML. Runs no script that makes a prompt.

use super::{
    super::{
        csv,
        draft::messages,
        error::{Place, shorten},
        files::is_wide,
        node::{self, Entry, Kind, Node},
        source::Source,
        template::is_template,
        text,
    },
    Reading, extension, file_of, is_script,
    trials::Trial,
    without_function,
};
use std::path::{Path, PathBuf};

/// Files that hold prompts we can read.
const READ: [&str; 8] = ["txt", "md", "j2", "json", "jsonl", "yaml", "yml", "csv"];

/// Where prompts are kept that are no files.
const ELSEWHERE: [&str; 6] = [
    "http", "https", "langfuse", "portkey", "helicone", "package",
];

/// One prompt.
#[derive(Debug, Clone)]
pub(super) struct Prompt {
    pub(super) label: Option<String>,
    /// The template, before anything is filled in; a conversation is JSON.
    pub(super) raw: String,
}

impl Prompt {
    /// What is asked in a test.
    pub(super) fn text(&self, trial: &Trial) -> String {
        let part = |part: &Option<String>| part.clone().unwrap_or_default();
        format!("{}{}{}", part(&trial.prefix), self.raw, part(&trial.suffix))
    }

    /// Whether a test means it by this name.
    pub(super) fn is_called(&self, name: &str) -> bool {
        match &self.label {
            Some(label) => {
                label == name
                    || label
                        .strip_prefix(name)
                        .is_some_and(|rest| rest.starts_with(':'))
            }
            None => self.raw == name,
        }
    }

    /// Whether it is a conversation, as far as that can be seen before it is filled in.
    pub(super) fn is_conversation(&self) -> bool {
        self.raw.trim_start().starts_with('[') && self.raw.contains("\"role\"")
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
                reading.lose_prompt(&place, "a prompt without `raw` or `id` cannot be read");
                return Vec::new();
            };
            let is_bare = field("raw").is_none() && field("label").is_none();
            if is_bare && field("display").is_none() && file_of(raw).is_none() {
                let what = format!(
                    "the prompt `{}` has neither `raw` nor `label`",
                    shorten(raw)
                );
                reading.lose_prompt(&place, &what);
                return Vec::new();
            }
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
    let scheme = text.split_once("://").map(|(scheme, _)| scheme);
    let is_elsewhere = scheme.is_some_and(|scheme| ELSEWHERE.contains(&scheme));
    if is_elsewhere && !text.contains(char::is_whitespace) || text.starts_with("package:") {
        let what = format!(
            "the prompt `{}` is kept elsewhere and not fetched",
            shorten(text)
        );
        reading.lose_prompt(place, &what);
        return Vec::new();
    }
    if let Some(command) = text.strip_prefix("exec:") {
        let what = format!(
            "the prompt of `{}` is made by a script, and none is run",
            shorten(command)
        );
        reading.lose_prompt(place, &what);
        return Vec::new();
    }
    let Some(path) = path_of(text, reading) else {
        if is_lost(text, place, reading) {
            return Vec::new();
        }
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
    }
}

/// The path that a prompt is written as: with `file://`, or a word that ends like one.
fn path_of(text: &str, reading: &Reading<'_>) -> Option<PathBuf> {
    if let Some(path) = file_of(text) {
        return Some(path.to_owned());
    }
    if text.contains(['\n', ' ', '{']) {
        return None;
    }
    let path = Path::new(text);
    let is_known = READ.contains(&extension(path).as_str()) || is_script(without_function(text));
    let is_pattern = text.contains('*') && text.contains(['/', '.']);
    (is_known || is_pattern || reading.folder.path(path).is_file()).then(|| path.to_owned())
}

/// The files that a path with `*` means, in their order.
pub(super) fn files(path: &Path, place: &Place, reading: &mut Reading<'_>) -> Vec<PathBuf> {
    if !path.to_string_lossy().contains('*') {
        return vec![path.to_owned()];
    }
    let folder = glob::Pattern::escape(&reading.folder.base.to_string_lossy());
    let pattern = Path::new(&folder).join(path);
    if is_wide(&pattern) {
        let problem = format!(
            "`{}` looks through too many files; begin it in a smaller folder",
            shorten(&path.to_string_lossy())
        );
        reading.findings.refuse(place, problem);
        return Vec::new();
    }
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
    let name = path.to_string_lossy();
    let shown = shorten(&name);
    if !READ.contains(&extension.as_str()) {
        let why = if is_script(without_function(&name)) {
            "is a script, and none is run".to_owned()
        } else if reading.folder.path(path).is_dir() {
            "is a folder; write its files, such as `prompts/*.txt`".to_owned()
        } else {
            format!(
                "is of no kind that prompts are read from ({})",
                READ.join(", ")
            )
        };
        reading.lose_prompt(place, &format!("the prompt file `{shown}` {why}"));
        return Vec::new();
    }
    let Some(source) = reading.file(place, path) else {
        return Vec::new();
    };
    if is_lost(&source.text, place, reading) {
        return Vec::new();
    }
    match extension.as_str() {
        "txt" => text::blocks(&source.text)
            .iter()
            .map(|(_, block)| plain(block.trim(), label))
            .collect(),
        "jsonl" => source
            .text
            .lines()
            .filter(|line| !line.is_empty())
            .flat_map(|line| conversation(line, label, place, reading))
            .collect(),
        "csv" => of_table(&source, label, reading),
        "json" => conversation(&source.text, label, place, reading),
        "yaml" | "yml" => match node::of_yaml(&source.text) {
            Ok(node) => conversation(&node.json().to_string(), label, place, reading),
            // It may be a template that is no YAML before it is filled in.
            Err(_) => vec![plain(&source.text, label)],
        },
        _ => vec![plain(&source.text, label)],
    }
}

/// The column `prompt` of a table, with the column `label`; without a comma, a prompt a line.
fn of_table(source: &Source, label: Option<&str>, reading: &mut Reading<'_>) -> Vec<Prompt> {
    if !source.text.contains(',') {
        let mut lines: Vec<&str> = source
            .text
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        if lines
            .first()
            .is_some_and(|line| line.trim().eq_ignore_ascii_case("prompt"))
        {
            lines.remove(0);
        }
        return lines.into_iter().map(|line| plain(line, label)).collect();
    }
    let Some(table) = csv::rows(source, reading.findings) else {
        return Vec::new();
    };
    let column = |name: &str| table.header.iter().position(|column| column == name);
    let Some(of_prompt) = column("prompt") else {
        let problem = format!(
            "needs a column `prompt`; its columns are {}",
            shorten(&table.header.join(", "))
        );
        reading.findings.refuse(&source.place(1), problem);
        return Vec::new();
    };
    let of_label = column("label");
    let cell = |cells: &[String], at: usize| cells.get(at).map(|cell| cell.trim().to_owned());
    let prompts = table.rows.iter().filter_map(|(_, cells)| {
        let raw = cell(cells, of_prompt).filter(|raw| !raw.is_empty())?;
        let own = of_label
            .and_then(|at| cell(cells, at))
            .filter(|label| !label.is_empty());
        Some(plain(&raw, own.as_deref().or(label)))
    });
    prompts.collect()
}

/// A conversation in JSON, or other JSON. What is none before it is filled in is looked at again afterwards.
fn conversation(
    json: &str,
    label: Option<&str>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Vec<Prompt> {
    let Ok(node) = node::of_json(json, place.line) else {
        return vec![plain(json, label)];
    };
    if let Some(path) = file_inside(&node) {
        let what = format!(
            "a prompt takes a part from the file `{}`, which is not supported",
            shorten(path)
        );
        reading.lose_prompt(place, &what);
        return Vec::new();
    }
    let is_chat = node
        .as_list()
        .is_some_and(|items| items.iter().all(|item| item.key("role").is_some()));
    if is_chat && let Err((_, problem)) = messages(&node) {
        reading.lose_prompt(place, &format!("a prompt cannot be asked: {problem}"));
        return Vec::new();
    }
    vec![plain(json, label)]
}

/// Whether a prompt tells what was said in other tests, which is named: each is asked for itself here.
fn is_lost(text: &str, place: &Place, reading: &mut Reading<'_>) -> bool {
    let is_lost = text.contains("_conversation") && is_template(text);
    if is_lost {
        let what =
            "a prompt goes on from the tests before (`_conversation`), which is not supported";
        reading.lose_prompt(place, what);
    }
    is_lost
}

/// The first text inside that names a file.
fn file_inside(node: &Node) -> Option<&str> {
    match &node.value {
        Kind::Text(text) => text.starts_with("file://").then_some(text),
        Kind::List(items) => items.iter().find_map(file_inside),
        Kind::Table(entries) => entries.iter().find_map(|entry| file_inside(&entry.node)),
        _ => None,
    }
}
