//! promptfoo's `tests`: variables and assertions, in the configuration or in files beside it. Runs no script.

use super::{
    super::{
        draft::{Check, merged},
        error::{Place, shorten},
        fields::count,
        node::{self, Entry, Kind, Node},
        source::Source,
    },
    Reading, asserts, extension, file_of, is_script,
    prompts::files,
    scalar, table, values, without_function,
};
use std::path::Path;

/// Why nothing of a test is judged.
pub(super) const THRESHOLD: &str =
    "`threshold` of a test, by which a part of its assertions is enough,";

/// One test.
#[derive(Debug, Clone, Default)]
pub(super) struct Trial {
    pub(super) place: Place,
    pub(super) description: Option<String>,
    pub(super) vars: Vec<(String, Node)>,
    pub(super) checks: Vec<Check>,
    pub(super) prefix: Option<String>,
    pub(super) suffix: Option<String>,
    pub(super) repeat: Option<u32>,
    /// The prompts that it is for; `None`: all.
    pub(super) prompts: Option<Vec<String>>,
    /// Whether a list of texts is one test for each of them; `None`: it is.
    is_expanding: Option<bool>,
    is_without_defaults: bool,
    /// What keeps its assertions from being judged.
    pub(super) not_judged: Option<String>,
    /// Why it cannot be asked as it is meant.
    pub(super) lost: Option<String>,
    /// Variables whose values cannot be had.
    pub(super) lost_vars: Vec<String>,
}

impl Trial {
    /// One that says nothing.
    pub(super) fn at(place: Place) -> Self {
        Self {
            place,
            ..Self::default()
        }
    }

    /// What holds for all tests, with what this one says put over it.
    pub(super) fn over(&self, default: &Self) -> Self {
        let below = if self.is_without_defaults {
            &[][..]
        } else {
            &default.checks
        };
        let is_given = |name: &String| self.vars.iter().any(|(known, _)| known == name);
        let lost_below = default.lost_vars.iter().filter(|name| !is_given(name));
        Self {
            place: self.place.clone(),
            description: self.description.clone(),
            vars: merged(&default.vars, self.vars.clone()),
            checks: below.iter().chain(&self.checks).cloned().collect(),
            prefix: self.prefix.clone().or_else(|| default.prefix.clone()),
            suffix: self.suffix.clone().or_else(|| default.suffix.clone()),
            repeat: self.repeat.or(default.repeat),
            prompts: self.prompts.clone().or_else(|| default.prompts.clone()),
            is_expanding: self.is_expanding.or(default.is_expanding),
            is_without_defaults: self.is_without_defaults,
            not_judged: self
                .not_judged
                .clone()
                .or_else(|| default.not_judged.clone()),
            lost: self.lost.clone().or_else(|| default.lost.clone()),
            lost_vars: lost_below.chain(&self.lost_vars).cloned().collect(),
        }
    }

    /// The test as it is asked, its lists told apart; the error says why it cannot be.
    pub(super) fn settled(mut self) -> Result<Self, String> {
        if let Some(why) = self.lost {
            return Err(why);
        }
        if let Some(name) = self.lost_vars.first() {
            return Err(format!("the value of `{}` cannot be had", shorten(name)));
        }
        let is_expanding = self.is_expanding.unwrap_or(true);
        for (_, node) in &mut self.vars {
            settle(node, is_expanding);
        }
        if let Some(what) = self.not_judged.take()
            && !self.checks.is_empty()
        {
            let why = format!("{what} is not supported");
            self.checks = vec![asserts::not_judged(&self.place, &why)];
        }
        Ok(self)
    }
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

/// Reads all tests; what cannot be used is noted.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Trial> {
    let place = reading.file.at(node.line);
    match &node.value {
        Kind::List(items) => items.iter().flat_map(|item| one(item, reading)).collect(),
        Kind::Text(path) => of_file(path, &place, reading),
        Kind::Table(_) => one(node, reading),
        Kind::Null => Vec::new(),
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
    let Some(scenarios) = node.as_list() else {
        let place = reading.file.at(node.line);
        reading.lose_test(
            &place,
            "`scenarios` that are no list are not supported and left out",
        );
        return trials;
    };
    for scenario in scenarios {
        let place = reading.file.at(scenario.line);
        let Some(sets) = scenario.key("config") else {
            reading.lose_test(
                &place,
                "a scenario without `config` is not supported and left out",
            );
            continue;
        };
        let tests = match scenario.key("tests") {
            Some(tests) => read(tests, reading),
            None => vec![Trial::at(place)],
        };
        for set in read(sets, reading) {
            trials.extend(tests.iter().map(|test| test.over(&set)));
        }
    }
    trials
}

/// Reads what holds for all tests.
pub(super) fn read_default(node: &Node, reading: &mut Reading<'_>) -> Trial {
    let place = reading.file.at(node.line);
    let Some(path) = node.as_text().and_then(file_of) else {
        return part(node, reading);
    };
    match values::table_of(path, &place, "defaultTest", reading) {
        Some((source, inner)) => reading.within(&source, |reading| part(&inner, reading)),
        None => Trial::default(),
    }
}

fn one(node: &Node, reading: &mut Reading<'_>) -> Vec<Trial> {
    let place = reading.file.at(node.line);
    if let Some(target) = reading.referred(node) {
        return vec![trial(&target, reading)];
    }
    if let Some(path) = node.key("path").and_then(Node::as_text) {
        let what = format!(
            "the tests of `{}`, with a configuration of their own, are not supported and left out",
            shorten(path)
        );
        reading.lose_test(&place, &what);
        return Vec::new();
    }
    match node.as_text() {
        Some(path) => of_file(path, &place, reading),
        None => vec![trial(node, reading)],
    }
}

fn of_file(text: &str, place: &Place, reading: &mut Reading<'_>) -> Vec<Trial> {
    let path = file_of(text).unwrap_or(Path::new(text));
    if text.contains("://") && !text.starts_with("file://") {
        let what = format!(
            "the file of tests `{}` is kept elsewhere and not fetched",
            shorten(text)
        );
        reading.lose_test(place, &what);
        return Vec::new();
    }
    let mut trials = Vec::new();
    for path in files(path, place, reading) {
        let kind = extension(&path);
        let name = path.to_string_lossy();
        let why = if is_script(without_function(&name)) {
            "is a script, and none is run"
        } else if !["csv", "yaml", "yml", "json", "jsonl"].contains(&kind.as_str()) {
            "is of no kind that tests are read from (csv, yaml, yml, json, jsonl)"
        } else {
            if let Some(source) = reading.file(place, &path) {
                trials
                    .extend(reading.within(&source, |reading| of_source(&source, &kind, reading)));
            }
            continue;
        };
        let what = format!("the file of tests `{}` {why}", shorten(&name));
        reading.lose_test(place, &what);
    }
    trials
}

fn of_source(source: &Source, kind: &str, reading: &mut Reading<'_>) -> Vec<Trial> {
    match kind {
        "csv" => table::read(source, reading),
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
    }
}

fn trial(node: &Node, reading: &mut Reading<'_>) -> Trial {
    const SAYING: [&str; 7] = [
        "vars",
        "assert",
        "options",
        "metadata",
        "provider",
        "providerOutput",
        "threshold",
    ];
    if node.as_table().is_some() && SAYING.iter().all(|key| node.key(key).is_none()) {
        let place = reading.file.at(node.line);
        let problem = format!(
            "a test needs one of {}; its variables stand under `vars`",
            SAYING.join(", ")
        );
        reading.findings.refuse(&place, problem);
        return Trial::at(place);
    }
    part(node, reading)
}

/// A test, or what holds for all of them.
fn part(node: &Node, reading: &mut Reading<'_>) -> Trial {
    let mut trial = Trial::at(reading.file.at(node.line));
    let Some(entries) = node.as_table() else {
        reading.findings.refuse(
            &trial.place,
            format!("a test must be a table, not {}", node.kind()),
        );
        return trial;
    };
    for Entry { key, line, node } in entries {
        let place = reading.file.at(*line);
        match key.as_str() {
            "description" => trial.description = node.as_text().map(str::to_owned),
            "vars" => values::add_all(node, &place, &mut trial, reading),
            "assert" => trial.checks = asserts::read(node, reading),
            "options" => options(node, &mut trial, reading),
            "metadata" => {}
            "threshold" => reading.judge_nothing(&mut trial, &place, THRESHOLD),
            "assertScoringFunction" => {
                reading.judge_nothing(&mut trial, &place, "`assertScoringFunction` of a test");
            }
            "provider" | "providers" => {
                let sentence = format!(
                    "`{key}` of a test is not used: lanes come from the configuration and the command line"
                );
                reading.findings.warn(&place, sentence);
            }
            "providerOutput" => {
                trial.lost = Some("it brings its answer along (`providerOutput`)".to_owned());
            }
            "prompts" => trial.prompts = names(node, &place, reading),
            key => reading.leave_out(&place, &format!("`{}` of a test", shorten(key))),
        }
    }
    trial
}

fn names(node: &Node, place: &Place, reading: &mut Reading<'_>) -> Option<Vec<String>> {
    let items = match &node.value {
        Kind::List(items) => items.as_slice(),
        _ => std::slice::from_ref(node),
    };
    let names: Option<Vec<String>> = items
        .iter()
        .map(|item| item.as_text().map(str::to_owned))
        .collect();
    if names.is_none() {
        let problem = format!(
            "`prompts` of a test must be a list of names, not {}",
            node.kind()
        );
        reading.findings.refuse(place, problem);
    }
    names
}

fn options(node: &Node, trial: &mut Trial, reading: &mut Reading<'_>) {
    for Entry { key, line, node } in node.as_table().unwrap_or_default() {
        let place = reading.file.at(*line);
        match key.as_str() {
            "prefix" => trial.prefix = scalar(node),
            "suffix" => trial.suffix = scalar(node),
            "disableVarExpansion" => trial.is_expanding = Some(node.value != Kind::Bool(true)),
            "disableDefaultAsserts" => trial.is_without_defaults = node.value == Kind::Bool(true),
            "repeat" => match count(node) {
                Ok(times) => trial.repeat = Some(times),
                Err(problem) => {
                    let problem = format!("`options.repeat` of a test {problem}");
                    reading.findings.refuse(&place, problem);
                }
            },
            "transform" | "postprocess" => {
                let what = format!("`options.{key}` of a test, which changes the answer first,");
                reading.judge_nothing(trial, &place, &what);
            }
            "transformVars" => {
                trial.lost = Some(
                    "its variables are changed by a script (`options.transformVars`)".to_owned(),
                );
            }
            "provider" => {
                let sentence = "`options.provider` of a test is not used: `--judge` names the lane that judges";
                reading.findings.warn(&place, sentence);
            }
            "delay" => reading
                .findings
                .note(&place, "`options.delay` of a test is not used"),
            key => {
                reading.leave_out(&place, &format!("`options.{}` of a test", shorten(key)));
            }
        }
    }
}
