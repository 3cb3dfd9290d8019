//! promptfoo's YAML, <https://www.promptfoo.dev/docs/configuration/reference>: prompts, tests with variables, and the
//! assertions that we have. What is not supported is named, and nothing of it is run: a test whose prompt would not be the
//! one that promptfoo asks is left out, and what an assertion that we have not would say is not judged.

mod asserts;
mod prompts;
mod reading;
mod table;
mod trials;
mod values;

#[cfg(test)]
mod examples;

use super::{
    Parsed,
    draft::{Custom, Draft},
    error::{Findings, shorten},
    node::{self, Entry, Kind, Node},
    source::Source,
};
pub(super) use asserts::check_of;

use prompts::Prompt;
use reading::{Folder, Reading};
use std::path::Path;
use trials::Trial;

/// Keys that change nothing that is asked or checked here.
const SILENT: [&str; 4] = ["$schema", "metadata", "tags", "assertionTemplates"];

/// Keys of what promptfoo does with its results, or of how fast it works.
const NOT_USED: [&str; 9] = [
    "outputPath",
    "outputs",
    "sharing",
    "writeLatestResults",
    "commandLineOptions",
    "tracing",
    "derivedMetrics",
    "metrics",
    "envPath",
];

/// Files that hold programs.
const SCRIPTS: [&str; 17] = [
    "js", "cjs", "mjs", "ts", "cts", "mts", "jsx", "tsx", "py", "rb", "go", "sh", "bash", "ps1",
    "pl", "bat", "exe",
];

/// Reads a configuration.
pub(super) fn read(source: &Source, findings: &mut Findings) -> Parsed {
    let mut parsed = Parsed::default();
    let document = match node::of_yaml(&source.text) {
        Ok(document) => document,
        Err((line, problem)) => {
            findings.refuse(&source.place(line), problem);
            return parsed;
        }
    };
    let Some(entries) = document
        .as_table()
        .filter(|_| document.key("prompts").is_some())
    else {
        findings.refuse(
            &source.place(0),
            "is no configuration of promptfoo's: it has no `prompts`",
        );
        return parsed;
    };
    let mut folder = Folder::of(source);
    let mut reading = Reading {
        folder: &mut folder,
        findings,
        file: source.place(0),
        beside: None,
        root: &document,
        lost_prompts: Vec::new(),
        lost_tests: Vec::new(),
    };
    let configuration = configuration(entries, &mut reading);
    parsed.drafts = drafts(&configuration, &mut reading);
    parsed.title = configuration.title;
    parsed.uses = folder.uses;
    parsed
}

/// What a configuration holds for us.
#[derive(Debug, Default)]
struct Configuration {
    title: Option<String>,
    prompts: Vec<Prompt>,
    trials: Vec<Trial>,
    default: Trial,
    repeat: Option<u32>,
}

fn configuration(entries: &[Entry], reading: &mut Reading<'_>) -> Configuration {
    let mut found = Configuration::default();
    let mut scenarios = None;
    let mut is_without_tests = true;
    for Entry { key, line, node } in entries {
        let place = reading.file.at(*line);
        match key.as_str() {
            "description" => found.title = node.as_text().map(shorten),
            "prompts" => found.prompts = prompts::read(node, reading),
            "tests" => {
                is_without_tests &= is_nothing(node);
                found.trials.extend(trials::read(node, reading));
            }
            "scenarios" => {
                is_without_tests &= is_nothing(node);
                scenarios = Some(node).filter(|node| !is_nothing(node));
            }
            "defaultTest" => found.default = trials::read_default(node, reading),
            "evaluateOptions" => found.repeat = evaluate_options(node, reading),
            "providers" | "targets" => reading.findings.note(
                &place,
                format_args!(
                    "`{key}` is not used: lanes come from the configuration and the command line"
                ),
            ),
            key if SILENT.contains(&key) => {}
            key if NOT_USED.contains(&key) => reading
                .findings
                .note(&place, format_args!("`{key}` is not used")),
            key => reading.leave_out(&place, &format!("`{}`", shorten(key))),
        }
    }
    if let Some(scenarios) = scenarios {
        found
            .trials
            .extend(trials::read_scenarios(scenarios, reading));
    }
    if is_without_tests {
        // Every prompt is asked as it is.
        let line = entries.first().map_or(0, |entry| entry.line);
        found.trials.push(Trial::at(reading.file.at(line)));
    }
    found
}

/// Whether a value holds no test, so that every prompt is asked as it is.
fn is_nothing(node: &Node) -> bool {
    match &node.value {
        Kind::Null => true,
        Kind::List(items) => items.is_empty(),
        _ => false,
    }
}

fn evaluate_options(node: &Node, reading: &mut Reading<'_>) -> Option<u32> {
    let mut repeat = None;
    for entry in node.as_table().unwrap_or_default() {
        let place = reading.file.at(entry.line);
        match (entry.key.as_str(), super::fields::count(&entry.node)) {
            ("repeat", Ok(times)) => repeat = Some(times),
            ("repeat", Err(problem)) => {
                reading
                    .findings
                    .refuse(&place, format!("`evaluateOptions.repeat` {problem}"));
            }
            (
                "maxConcurrency" | "delay" | "showProgressBar" | "cache" | "timeoutMs"
                | "maxEvalTimeMs",
                _,
            ) => {
                let key = &entry.key;
                reading
                    .findings
                    .note(&place, format_args!("`evaluateOptions.{key}` is not used"));
            }
            (key, _) => reading.leave_out(&place, &format!("`evaluateOptions.{}`", shorten(key))),
        }
    }
    repeat
}

/// Every test with every prompt, test by test.
fn drafts(configuration: &Configuration, reading: &mut Reading<'_>) -> Vec<Draft> {
    let Configuration {
        prompts,
        trials,
        default,
        repeat,
        ..
    } = configuration;
    let trial_names = unique(
        trials.iter().map(|trial| trial.description.as_deref()),
        "test",
    );
    let prompt_names = unique(
        prompts.iter().map(|prompt| prompt.label.as_deref()),
        "prompt",
    );
    let mut drafts = Vec::new();
    let mut is_asked = false;
    for (trial, trial_name) in trials.iter().zip(&trial_names) {
        let trial = match trial.over(default).settled() {
            Ok(trial) => trial,
            Err(why) => {
                reading.lose_test(&trial.place, &format!("a test is left out: {why}"));
                continue;
            }
        };
        is_asked = true;
        name_what_is_around(&trial, prompts, reading);
        for (prompt, prompt_name) in prompts.iter().zip(&prompt_names) {
            let names = trial.prompts.as_ref();
            if names.is_some_and(|names| !names.iter().any(|name| prompt.is_called(name))) {
                continue;
            }
            let mut draft = Draft::of_prompt(trial.place.clone(), prompt.text(&trial));
            draft.id = Some(match (prompts.len(), trials.len()) {
                (1, _) => trial_name.clone(),
                (_, 1) => prompt_name.clone(),
                _ => format!("{trial_name}-{prompt_name}"),
            });
            draft.vars.clone_from(&trial.vars);
            draft.checks.clone_from(&trial.checks);
            draft.repeat = trial.repeat.or(*repeat);
            draft.custom = Custom::Promptfoo;
            drafts.push(draft);
        }
    }
    reading.refuse_nothing(prompts.is_empty(), !is_asked);
    drafts
}

/// Names what is not as a person may think: text around a conversation, and prompts that a test means and that are none.
fn name_what_is_around(trial: &Trial, prompts: &[Prompt], reading: &mut Reading<'_>) {
    let is_around = trial.prefix.is_some() || trial.suffix.is_some();
    if is_around && prompts.iter().any(Prompt::is_conversation) {
        let sentence =
            "`prefix` or `suffix` around a conversation makes one text of it, as in promptfoo";
        reading.findings.warn(&trial.place, sentence);
    }
    for name in trial.prompts.iter().flatten() {
        if !prompts.iter().any(|prompt| prompt.is_called(name)) {
            let problem = format!(
                "`prompts` of a test names `{}`, which is no label of a prompt",
                shorten(name)
            );
            reading.findings.refuse(&trial.place, problem);
        }
    }
}

/// A name for each that no other has: a part of its own words, else its number.
fn unique<'a>(words: impl Iterator<Item = Option<&'a str>>, what: &str) -> Vec<String> {
    let names: Vec<Option<String>> = words.map(|words| words.and_then(slug)).collect();
    let mut seen = std::collections::HashMap::new();
    for name in names.iter().flatten() {
        *seen.entry(name.clone()).or_insert(0_usize) += 1;
    }
    let chosen = names.iter().enumerate().map(|(index, name)| match name {
        Some(name) if seen.get(name) == Some(&1) => name.clone(),
        _ => format!("{what}-{}", index + 1),
    });
    chosen.collect()
}

/// Words as a part of an id.
fn slug(words: &str) -> Option<String> {
    const MAX: usize = 48;
    let mut slug = String::new();
    for c in words.chars() {
        if c.is_alphanumeric() {
            slug.extend(c.to_lowercase());
        } else if !slug.is_empty() && !slug.ends_with('-') {
            slug.push('-');
        }
        if slug.chars().count() == MAX {
            break;
        }
    }
    let slug = slug.trim_end_matches('-');
    (!slug.is_empty()).then(|| slug.to_owned())
}

/// The path of a value such as `file://prompt.txt`.
fn file_of(text: &str) -> Option<&Path> {
    text.strip_prefix("file://").map(Path::new)
}

/// Whether a path is one of a program.
fn is_script(path: &Path) -> bool {
    SCRIPTS.contains(&extension(path).as_str())
}

/// A path without the function that may follow it, as in `prompts.py:first`.
fn without_function(path: &str) -> &Path {
    let path = path.strip_prefix("file://").unwrap_or(path);
    match path.rsplit_once(':') {
        Some((before, _)) if is_script(Path::new(before)) => Path::new(before),
        _ => Path::new(path),
    }
}

/// The extension of a path in lower case.
fn extension(path: &Path) -> String {
    path.extension()
        .map(|extension| extension.to_string_lossy().to_lowercase())
        .unwrap_or_default()
}

/// A scalar as the text that a template would make of it.
fn scalar(node: &Node) -> Option<String> {
    match &node.value {
        Kind::Text(text) => Some(text.clone()),
        Kind::Number(number) => Some(number.to_string()),
        Kind::Bool(flag) => Some(flag.to_string()),
        Kind::Null | Kind::List(_) | Kind::Table(_) => None,
    }
}
