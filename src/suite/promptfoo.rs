//! promptfoo's YAML, <https://www.promptfoo.dev/docs/configuration/reference>: prompts, tests with variables, and the
//! assertions that we have. What is not supported is named in a warning; nothing of it is run.

mod asserts;
mod prompts;
mod table;
mod trials;

#[cfg(test)]
mod examples;

use super::{
    Parsed,
    draft::{Custom, Draft},
    error::{Findings, Place, shorten},
    node::{self, Entry, Kind, Node},
    source::Source,
};
use prompts::Prompt;
use std::path::{Path, PathBuf};
use trials::Trial;

/// Keys that change nothing that is asked or checked here.
const SILENT: [&str; 1] = ["$schema"];

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
    };
    let configuration = configuration(entries, &mut reading);
    let file = reading.file.clone();
    parsed.drafts = drafts(&configuration, &file);
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
    let mut has_tests = false;
    for Entry { key, line, node } in entries {
        let place = reading.file.at(*line);
        has_tests |= key == "tests" || key == "scenarios";
        match key.as_str() {
            "description" => found.title = node.as_text().map(shorten),
            "prompts" => found.prompts = prompts::read(node, reading),
            "tests" => found.trials.extend(trials::read(node, reading)),
            "scenarios" => found.trials.extend(trials::read_scenarios(node, reading)),
            "defaultTest" => found.default = trials::read_default(node, reading),
            "evaluateOptions" => found.repeat = evaluate_options(node, reading),
            "providers" | "targets" => reading.findings.warn(
                &place,
                format_args!(
                    "`{key}` is not used: lanes come from the configuration and the command line"
                ),
            ),
            key if SILENT.contains(&key) => {}
            key => reading.leave_out(&place, &format!("`{}`", shorten(key))),
        }
    }
    let missing = if has_tests && found.trials.is_empty() {
        Some("`tests` holds no test that can be used")
    } else if found.prompts.is_empty() {
        Some("`prompts` holds no prompt that can be used")
    } else {
        None
    };
    if let Some(missing) = missing.filter(|_| !reading.findings.is_refused()) {
        reading.findings.refuse(&reading.file, missing);
    }
    if !has_tests {
        // Every prompt is asked as it is.
        let line = entries.first().map_or(0, |entry| entry.line);
        found.trials.push(Trial {
            line,
            ..Trial::default()
        });
    }
    if found.prompts.iter().any(|prompt| prompt.turns.is_some()) {
        for trial in &found.trials {
            let whole = trial.over(&found.default);
            if whole.prefix.is_some() || whole.suffix.is_some() {
                let place = reading.file.at(trial.line);
                reading.leave_out(&place, "`prefix` or `suffix` around a conversation");
            }
        }
    }
    found
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
            (key, _) => reading.leave_out(&place, &format!("`evaluateOptions.{}`", shorten(key))),
        }
    }
    repeat
}

/// Every test with every prompt, test by test.
fn drafts(configuration: &Configuration, file: &Place) -> Vec<Draft> {
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
    for (trial, trial_name) in trials.iter().zip(&trial_names) {
        let trial = trial.over(default);
        for (prompt, prompt_name) in prompts.iter().zip(&prompt_names) {
            let mut draft = Draft::of_prompt(file.at(trial.line), prompt.text(&trial));
            draft.id = Some(match (prompts.len(), trials.len()) {
                (1, _) => trial_name.clone(),
                (_, 1) => prompt_name.clone(),
                _ => format!("{trial_name}-{prompt_name}"),
            });
            draft.system.clone_from(&prompt.system);
            if let Some(turns) = &prompt.turns {
                draft.messages.clone_from(turns);
            }
            draft.vars.clone_from(&trial.vars);
            draft.checks.clone_from(&trial.checks);
            draft.repeat = *repeat;
            draft.custom = Custom::Promptfoo;
            drafts.push(draft);
        }
    }
    drafts
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

/// What the parts of a configuration are read with.
struct Reading<'r> {
    folder: &'r mut Folder,
    findings: &'r mut Findings,
    /// The configuration itself.
    file: Place,
}

impl Reading<'_> {
    /// Names something that is not supported.
    fn leave_out(&mut self, place: &Place, what: &str) {
        self.findings
            .warn(place, format_args!("{what} is not supported and left out"));
    }

    /// Reads a file that a value names; `None` where it cannot be read, which is noted.
    fn file(&mut self, place: &Place, path: &Path) -> Option<Source> {
        let read = self.folder.read(path);
        read.map_err(|problem| self.findings.refuse(place, problem))
            .ok()
    }
}

/// The folder that a configuration stands in.
struct Folder {
    base: PathBuf,
    /// What was read of it.
    uses: Vec<PathBuf>,
}

impl Folder {
    fn of(source: &Source) -> Self {
        let base = source
            .path
            .as_deref()
            .and_then(Path::parent)
            .unwrap_or(Path::new(""));
        Self {
            base: base.to_owned(),
            uses: Vec::new(),
        }
    }

    fn path(&self, path: &Path) -> PathBuf {
        self.base.join(path)
    }

    fn read(&mut self, path: &Path) -> Result<Source, String> {
        let path = self.path(path);
        let source = Source::read(&path).map_err(|error| {
            let name = path.display();
            let words = error
                .problems
                .first()
                .map_or("cannot be read", |problem| problem.message.as_str());
            format!("`{name}` {words}")
        })?;
        if !self.uses.contains(&path) {
            self.uses.push(path);
        }
        Ok(source)
    }
}

/// The path of a value such as `file://prompt.txt`.
fn file_of(text: &str) -> Option<&Path> {
    text.strip_prefix("file://").map(Path::new)
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
