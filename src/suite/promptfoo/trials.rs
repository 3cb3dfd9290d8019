//! promptfoo's `tests`: variables and assertions, in the configuration or in files beside it. Runs no script.

use super::{
    super::{
        draft::{Check, merged},
        error::{Place, shorten},
        node::{self, Entry, Kind, Node},
    },
    Reading, asserts, extension, file_of,
    prompts::files,
    scalar, table,
};
use std::path::Path;

/// One test.
#[derive(Debug, Clone, Default)]
pub(super) struct Trial {
    pub(super) line: usize,
    pub(super) description: Option<String>,
    pub(super) vars: Vec<(String, Node)>,
    pub(super) checks: Vec<Check>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
}

impl Trial {
    /// What holds for all tests, with what this one says put over it.
    pub(super) fn over(&self, default: &Self) -> Self {
        Self {
            line: self.line,
            description: self.description.clone(),
            vars: merged(&default.vars, self.vars.clone()),
            checks: default.checks.iter().chain(&self.checks).cloned().collect(),
            prefix: self.prefix.clone().or_else(|| default.prefix.clone()),
            suffix: self.suffix.clone().or_else(|| default.suffix.clone()),
        }
    }
}

/// Reads all tests; what cannot be used is noted.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Trial> {
    let place = reading.file.at(node.line);
    match &node.value {
        Kind::List(items) => items.iter().flat_map(|item| one(item, reading)).collect(),
        Kind::Text(path) => of_file(path, &place, reading),
        Kind::Table(_) if node.key("path").is_some() => {
            reading.leave_out(&place, "`tests` made by a script with a configuration");
            Vec::new()
        }
        Kind::Table(_) => one(node, reading),
        _ => {
            reading.findings.refuse(
                &place,
                format!("`tests` must be a list, not {}", node.kind()),
            );
            Vec::new()
        }
    }
}

/// Reads scenarios: every test of one with each of its sets of variables.
pub(super) fn read_scenarios(node: &Node, reading: &mut Reading<'_>) -> Vec<Trial> {
    let mut trials = Vec::new();
    for scenario in node.as_list().unwrap_or_default() {
        let (Some(sets), Some(tests)) = (scenario.key("config"), scenario.key("tests")) else {
            let place = reading.file.at(scenario.line);
            reading.leave_out(&place, "a scenario without `config` or `tests`");
            continue;
        };
        let tests = read(tests, reading);
        for set in read(sets, reading) {
            trials.extend(tests.iter().map(|test| test.over(&set)));
        }
    }
    trials
}

/// Reads what holds for all tests.
pub(super) fn read_default(node: &Node, reading: &mut Reading<'_>) -> Trial {
    let place = reading.file.at(node.line);
    match node.as_text().and_then(file_of) {
        Some(path) => match reading
            .file(&place, path)
            .map(|source| node::of_yaml(&source.text))
        {
            Some(Ok(mut inner)) => {
                inner.move_to(node.line);
                trial(&inner, reading)
            }
            Some(Err((_, problem))) => {
                reading
                    .findings
                    .refuse(&place, format!("`defaultTest`: {problem}"));
                Trial::default()
            }
            None => Trial::default(),
        },
        None => trial(node, reading),
    }
}

fn one(node: &Node, reading: &mut Reading<'_>) -> Vec<Trial> {
    match node.as_text() {
        Some(path) => of_file(path, &reading.file.at(node.line), reading),
        None => vec![trial(node, reading)],
    }
}

fn of_file(text: &str, place: &Place, reading: &mut Reading<'_>) -> Vec<Trial> {
    let is_elsewhere = text.contains("://") && !text.starts_with("file://");
    let path = file_of(text).unwrap_or(Path::new(text));
    let kind = extension(path);
    if is_elsewhere || !["csv", "yaml", "yml", "json", "jsonl"].contains(&kind.as_str()) {
        reading.leave_out(place, &format!("the file of tests `{}`", shorten(text)));
        return Vec::new();
    }
    if text.contains('*') {
        reading.leave_out(
            place,
            &format!("the pattern of files of tests `{}`", shorten(text)),
        );
        return Vec::new();
    }
    let Some(source) = reading.file(place, path) else {
        return Vec::new();
    };
    // Problems inside are told with the place inside.
    let outer = std::mem::replace(&mut reading.file, source.place(0));
    let trials = match kind.as_str() {
        "csv" => table::read(&source, reading),
        "jsonl" => {
            let lines = source
                .text
                .lines()
                .enumerate()
                .filter(|(_, line)| !line.trim().is_empty());
            let mut trials = Vec::new();
            for (index, line) in lines {
                match node::of_json(line, index + 1) {
                    Ok(node) => trials.push(trial(&node, reading)),
                    Err(error) => reading.findings.refuse(
                        &source.place(index + 1),
                        format!("is no JSON object: {error}"),
                    ),
                }
            }
            trials
        }
        _ => match node::of_yaml(&source.text) {
            Ok(node) => read(&node, reading),
            Err((line, problem)) => {
                reading.findings.refuse(&source.place(line), problem);
                Vec::new()
            }
        },
    };
    reading.file = outer;
    // Those of another file are told apart by the line that names it.
    trials
        .into_iter()
        .map(|trial| Trial {
            line: place.line,
            ..trial
        })
        .collect()
}

fn trial(node: &Node, reading: &mut Reading<'_>) -> Trial {
    let mut trial = Trial {
        line: node.line,
        ..Trial::default()
    };
    let Some(entries) = node.as_table() else {
        let place = reading.file.at(node.line);
        reading.findings.refuse(
            &place,
            format!("a test must be a table, not {}", node.kind()),
        );
        return trial;
    };
    let mut is_expanding = true;
    for Entry { key, line, node } in entries {
        let place = reading.file.at(*line);
        match key.as_str() {
            "description" => trial.description = node.as_text().map(str::to_owned),
            "vars" => trial.vars = vars(node, &place, reading),
            "assert" => trial.checks = asserts::read(node, reading),
            "options" => is_expanding = options(node, &mut trial, reading),
            "metadata" => {}
            key => reading.leave_out(&place, &format!("`{}` of a test", shorten(key))),
        }
    }
    for (_, node) in &mut trial.vars {
        settle(node, is_expanding);
    }
    trial
}

/// There only a list of texts is one test for each of them; any other list is a value.
fn settle(node: &mut Node, is_expanding: bool) {
    if let Some(items) = node.as_list() {
        let is_matrix =
            is_expanding && items.first().is_some_and(|first| first.as_text().is_some());
        if !is_matrix {
            let whole = Node {
                line: node.line,
                value: node.value.clone(),
            };
            node.value = Kind::List(vec![whole]);
        }
    }
}

/// Takes prefix and suffix; returns whether lists are one test for each of their items.
fn options(node: &Node, trial: &mut Trial, reading: &mut Reading<'_>) -> bool {
    let mut is_expanding = true;
    for Entry { key, line, node } in node.as_table().unwrap_or_default() {
        match key.as_str() {
            "prefix" => trial.prefix = scalar(node),
            "suffix" => trial.suffix = scalar(node),
            "disableVarExpansion" => is_expanding = node.value != Kind::Bool(true),
            key => {
                let place = reading.file.at(*line);
                reading.leave_out(&place, &format!("`options.{}` of a test", shorten(key)));
            }
        }
    }
    is_expanding
}

fn vars(node: &Node, place: &Place, reading: &mut Reading<'_>) -> Vec<(String, Node)> {
    let inner = match node.as_text().and_then(file_of) {
        Some(path) => match reading
            .file(place, path)
            .map(|source| node::of_yaml(&source.text))
        {
            Some(Ok(inner)) => inner,
            Some(Err((_, problem))) => {
                reading.findings.refuse(place, format!("`vars`: {problem}"));
                return Vec::new();
            }
            None => return Vec::new(),
        },
        None => node.clone(),
    };
    let Some(entries) = inner.as_table() else {
        reading.findings.refuse(
            place,
            format!("`vars` must be a table, not {}", inner.kind()),
        );
        return Vec::new();
    };
    let values = entries.iter().filter_map(|entry| {
        let value = value(&entry.node, place, reading)?;
        Some((entry.key.clone(), value))
    });
    values.collect()
}

/// A value, which may stand in a file beside; in a list each of them.
fn value(node: &Node, place: &Place, reading: &mut Reading<'_>) -> Option<Node> {
    if let Some(items) = node.as_list() {
        let items = items
            .iter()
            .filter_map(|item| value(item, place, reading))
            .collect();
        return Some(Node {
            line: node.line,
            value: Kind::List(items),
        });
    }
    let Some(path) = node.as_text().and_then(file_of) else {
        return Some(node.clone());
    };
    if path.to_string_lossy().contains('*') {
        let found = files(path, place, reading).into_iter();
        let items = found.filter_map(|path| text_of(&path, node, place, reading));
        let items: Vec<Node> = items.collect();
        return (!items.is_empty()).then_some(Node {
            line: node.line,
            value: Kind::List(items),
        });
    }
    text_of(path, node, place, reading)
}

fn text_of(path: &Path, node: &Node, place: &Place, reading: &mut Reading<'_>) -> Option<Node> {
    if !["txt", "md", "json", "yaml", "yml", "html", "xml", "csv"]
        .contains(&extension(path).as_str())
    {
        reading.leave_out(
            place,
            &format!("the value `{}`", shorten(&path.to_string_lossy())),
        );
        return None;
    }
    let source = reading.file(place, path)?;
    let text = match extension(path).as_str() {
        "yaml" | "yml" => {
            node::of_yaml(&source.text).map_or(source.text, |node| node.json().to_string())
        }
        _ => source.text.trim_end_matches('\n').to_owned(),
    };
    Some(Node::of_text(text, node.line))
}
