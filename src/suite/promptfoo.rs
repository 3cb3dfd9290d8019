//! promptfoo's YAML, <https://www.promptfoo.dev/docs/configuration/reference>: prompts, tests with variables, and the
//! assertions that we have. What is not supported is named, and nothing of it is run: a test whose prompt would not be the
//! one that promptfoo asks is left out, and what an assertion that we have not would say is not judged.

mod asserts;
mod prompts;
mod table;
mod trials;
mod values;

#[cfg(test)]
mod examples;

use super::{
    Parsed,
    draft::{Custom, Draft},
    error::{Findings, Place, shorten},
    node::{self, Entry, Kind, Node},
    source::Source,
};
pub(super) use asserts::check_of;

use prompts::Prompt;
use std::path::{Path, PathBuf};
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

/// What the parts of a configuration are read with.
struct Reading<'r> {
    folder: &'r mut Folder,
    findings: &'r mut Findings,
    /// The file that is read: the configuration itself, or a part of it.
    file: Place,
    /// The path of that part.
    beside: Option<PathBuf>,
    /// The whole configuration, for `$ref`.
    root: &'r Node,
    /// Why there are fewer prompts than it says.
    lost_prompts: Vec<(Place, String)>,
    /// Why there are fewer tests than it says.
    lost_tests: Vec<(Place, String)>,
}

impl Reading<'_> {
    /// Names something that is not supported.
    fn leave_out(&mut self, place: &Place, what: &str) {
        self.findings
            .warn(place, format_args!("{what} is not supported and left out"));
    }

    /// Names a prompt that cannot be used.
    fn lose_prompt(&mut self, place: &Place, what: &str) {
        self.findings.warn(place, what);
        self.lost_prompts.push((place.clone(), what.to_owned()));
    }

    /// Names a test that cannot be used, or a reason of that.
    fn lose_test(&mut self, place: &Place, what: &str) {
        self.findings.warn(place, what);
        self.lost_tests.push((place.clone(), what.to_owned()));
    }

    /// Names what keeps the assertions of a test from being judged.
    fn judge_nothing(&mut self, trial: &mut Trial, place: &Place, what: &str) {
        self.findings.warn(
            place,
            format_args!("{what} is not supported: the assertions there stay not judged"),
        );
        trial.not_judged = Some(what.to_owned());
    }

    /// Refuses a configuration of which nothing is left, with the reasons.
    fn refuse_nothing(&mut self, is_without_prompts: bool, is_without_tests: bool) {
        if self.findings.is_refused() {
            return;
        }
        let (lost, nothing) = match (is_without_prompts, is_without_tests) {
            (true, _) => (
                std::mem::take(&mut self.lost_prompts),
                "`prompts` holds no prompt that can be used",
            ),
            (false, true) => (
                std::mem::take(&mut self.lost_tests),
                "`tests` holds no test that can be used",
            ),
            (false, false) => return,
        };
        self.findings.refuse(&self.file, nothing);
        for (place, why) in lost {
            self.findings.refuse(&place, why);
        }
    }

    /// Reads a file that a value names; `None` where it cannot be read, which is noted.
    fn file(&mut self, place: &Place, path: &Path) -> Option<Source> {
        let read = self.folder.read(path);
        read.map_err(|problem| self.findings.refuse(place, problem))
            .ok()
    }

    /// Reads something of another file: problems inside are told with the place inside.
    fn within<T>(&mut self, source: &Source, read: impl FnOnce(&mut Self) -> T) -> T {
        let outer = (
            std::mem::replace(&mut self.file, source.place(0)),
            std::mem::replace(&mut self.beside, source.path.clone()),
        );
        let found = read(self);
        (self.file, self.beside) = outer;
        found
    }

    /// A path beside the file that is read, as one from the configuration.
    fn beside(&self, path: &Path) -> PathBuf {
        match self.beside.as_deref().and_then(Path::parent) {
            Some(folder) => {
                let path = folder.join(path);
                std::path::absolute(&path).unwrap_or(path)
            }
            None => path.to_owned(),
        }
    }

    /// What a table with `$ref` refers to, where that stands in the configuration itself.
    fn referred(&self, node: &Node) -> Option<Node> {
        let path = node.key("$ref")?.as_text()?.strip_prefix("#/")?;
        let mut found = self.root;
        for part in path.split('/') {
            found = match found.as_list() {
                Some(items) => items.get(part.parse::<usize>().ok()?)?,
                None => found.key(&part.replace("~1", "/").replace("~0", "~"))?,
            };
        }
        // One that refers on is named as one without a type.
        Some(found.clone())
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
