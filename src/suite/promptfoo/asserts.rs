//! promptfoo's assertions as a configuration writes them. Those that we have become checks once they are filled in; by the
//! others nothing is judged, and they are named. Runs no script and no check.

mod checks;
mod folding;
mod pattern;

pub(in super::super) use checks::check_of;

use super::{
    super::{
        draft::Check,
        error::{Place, shorten},
        node::{self, Entry, Kind, Node},
    },
    Reading, extension, file_of,
};
use serde_json::{Value, json};

/// Reads a list of them; what cannot be used is noted.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Check> {
    let Some(items) = node.as_list() else {
        let place = reading.file.at(node.line);
        if node.value != Kind::Null {
            reading.findings.refuse(
                &place,
                format!("`assert` must be a list, not {}", node.kind()),
            );
        }
        return Vec::new();
    };
    let checks = items
        .iter()
        .filter_map(|item| match reading.referred(item) {
            Some(target) => one(&target, item.line, reading),
            None => one(item, item.line, reading),
        });
    checks.collect()
}

/// An assertion as a cell of a table holds it: `type(threshold): value`, or a text that the answer is to equal.
pub(super) fn of_cell(cell: &str, line: usize, reading: &mut Reading<'_>) -> Option<Check> {
    let place = reading.file.at(line);
    let (head, value) = cell
        .split_once(':')
        .map_or((cell, None), |(head, value)| (head, Some(value)));
    let (kind, threshold) = match head.strip_suffix(')').and_then(|head| head.split_once('(')) {
        Some((kind, threshold)) => (kind, threshold.parse::<f64>().ok()),
        None => (head, None),
    };
    let is_plain = threshold.is_some() || !head.contains('(');
    let kind = match kind {
        "grade" => "llm-rubric",
        "fn" | "eval" => "javascript",
        "file" if cell.starts_with("file://") && is_script(cell) => "javascript",
        kind => kind,
    };
    if !(is_known(kind) && is_plain) {
        return made(
            "equals",
            Some(&Node::of_text(cell, line)),
            None,
            &place,
            reading,
        );
    }
    let threshold = threshold.or_else(|| has_default(kind).then_some(0.75));
    let value = value.map(str::trim).filter(|value| !value.is_empty());
    let value = value.map(|value| Node::of_text(value, line));
    made(kind, value.as_ref(), threshold, &place, reading)
}

/// Sets the threshold of an assertion that has been read.
pub(super) fn set_threshold(check: &mut Check, threshold: f64) {
    if let Some(assertion) = check.value.get_mut("assertion") {
        assertion["threshold"] = json!(threshold);
    }
}

/// A check that judges nothing.
pub(super) fn not_judged(place: &Place, why: &str) -> Check {
    Check {
        value: json!({ "not_judged": why }),
        place: place.clone(),
    }
}

fn one(item: &Node, line: usize, reading: &mut Reading<'_>) -> Option<Check> {
    let place = reading.file.at(line);
    let kind = item.key("type").and_then(Node::as_text);
    let (Some(entries), Some(kind)) = (item.as_table(), kind) else {
        let reference = item.key("$ref").and_then(Node::as_text).or(item.as_text());
        let what = reference.map_or("an assertion without `type`".to_owned(), |reference| {
            format!("the assertion `{}`", shorten(reference))
        });
        return Some(unsupported(&what, &place, reading));
    };
    let shown = shorten(kind);
    let number = |key: &str| item.key(key).and_then(Node::as_number);
    if number("weight") == Some(0.0) {
        let sentence =
            format!("the assertion `{shown}` of no weight decides nothing and is left out");
        reading.findings.note(&place, sentence);
        return None;
    }
    for Entry { key, line, .. } in entries {
        let place = reading.file.at(*line);
        match key.as_str() {
            // A weight changes how good an answer is, which is not kept, and not whether it passes.
            "type" | "value" | "threshold" | "weight" | "assert" => {}
            "metric" => {
                let sentence =
                    "`metric` of an assertion names a figure of promptfoo's and is not used";
                reading.findings.note(&place, sentence);
            }
            "provider" => {
                let sentence =
                    "`provider` of an assertion is not used: `--judge` names the lane that judges";
                reading.findings.warn(&place, sentence);
            }
            "transform" | "contextTransform" => {
                let what = format!(
                    "the assertion `{shown}` with `{key}`, which changes the answer first,"
                );
                return Some(unsupported(&what, &place, reading));
            }
            key => reading.leave_out(&place, &format!("`{}` of an assertion", shorten(key))),
        }
    }
    made(
        kind,
        item.key("value"),
        number("threshold"),
        &place,
        reading,
    )
}

fn unsupported(what: &str, place: &Place, reading: &mut Reading<'_>) -> Check {
    reading.findings.warn(
        place,
        format_args!("{what} is not supported: answers that nothing else fails stay not judged"),
    );
    not_judged(place, &format!("{what} of promptfoo's is not supported"))
}

/// The assertion with its value at hand, to be filled in; `None` where a file of it is missing, which is noted.
fn made(
    kind: &str,
    value: Option<&Node>,
    threshold: Option<f64>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Option<Check> {
    let shown = shorten(kind);
    if !checks::is_ours(kind) {
        let what = format!("the assertion `{shown}`");
        return Some(unsupported(&what, place, reading));
    }
    let value = match value {
        Some(value) => Some(inner(value, place, reading)?),
        None => None,
    };
    let value = match value {
        Some(Err(what)) => return Some(unsupported(&what, place, reading)),
        Some(Ok(value)) => Some(value.json()),
        None => None,
    };
    if kind.ends_with("contains-json") {
        let sentence = format!(
            "`{shown}` finds JSON that is the whole answer, bare or in a fence; an answer with more around it stays not judged"
        );
        reading.findings.warn(place, sentence);
    }
    let check = Check {
        value: json!({ "assertion": { "type": kind, "value": value, "threshold": threshold } }),
        place: place.clone(),
    };
    // What can be said before it is filled in is said once.
    match check_of(&check.value, &|text| Ok(text.to_owned())) {
        Err(problem) if !has_template(&check.value) => {
            reading.findings.warn(
                place,
                format_args!("the assertion `{shown}` {problem}, so answers that nothing else fails stay not judged"),
            );
            let why = format!("the assertion `{shown}` of promptfoo's {problem}");
            Some(not_judged(place, &why))
        }
        _ => Some(check),
    }
}

fn has_template(value: &Value) -> bool {
    let text = value.to_string();
    text.contains("{{") || text.contains("{%")
}

/// A value, which may stand in a file beside; the outer `None` where that cannot be read, which is noted.
fn inner(value: &Node, place: &Place, reading: &mut Reading<'_>) -> Option<Result<Node, String>> {
    if let Kind::List(items) = &value.value {
        let mut read = Vec::new();
        for item in items {
            match inner(item, place, reading)? {
                Ok(item) => read.push(item),
                Err(what) => return Some(Err(what)),
            }
        }
        return Some(Ok(Node {
            line: value.line,
            value: Kind::List(read),
        }));
    }
    let Some(path) = value.as_text().and_then(file_of) else {
        return Some(Ok(value.clone()));
    };
    let shown = shorten(&path.to_string_lossy());
    let kind = extension(path);
    if !["txt", "md", "json", "yaml", "yml"].contains(&kind.as_str()) {
        let what = if is_script(&shown) {
            format!("the assertion with the script `{shown}`")
        } else {
            format!("the assertion with the file `{shown}`")
        };
        return Some(Err(what));
    }
    let source = reading.file(place, path)?;
    if ["txt", "md"].contains(&kind.as_str()) {
        return Some(Ok(Node::of_text(source.text.trim(), value.line)));
    }
    match node::of_yaml(&source.text) {
        Ok(node) => Some(Ok(node)),
        Err((_, problem)) => {
            reading
                .findings
                .refuse(place, format!("`{shown}`: {problem}"));
            None
        }
    }
}

/// Whether a path is one of a script, a function in it included.
fn is_script(path: &str) -> bool {
    super::is_script(super::without_function(path))
}

/// Kinds whose threshold a cell need not name.
fn has_default(kind: &str) -> bool {
    ["cost", "latency"].contains(&kind.strip_prefix("not-").unwrap_or(kind))
}

/// Kinds that may be written in a table; a cell that begins otherwise is a text.
fn is_known(kind: &str) -> bool {
    const OTHERS: [&str; 51] = [
        "agent-rubric",
        "answer-relevance",
        "bleu",
        "classifier",
        "contains-html",
        "contains-sql",
        "contains-xml",
        "context-faithfulness",
        "context-recall",
        "context-relevance",
        "conversation-relevance",
        "factuality",
        "finish-reason",
        "g-eval",
        "gleu",
        "guardrails",
        "is-html",
        "is-refusal",
        "is-sql",
        "is-valid-function-call",
        "is-valid-openai-function-call",
        "is-valid-openai-tools-call",
        "is-xml",
        "javascript",
        "levenshtein",
        "pi",
        "meteor",
        "model-graded-factuality",
        "moderation",
        "perplexity",
        "perplexity-score",
        "python",
        "rouge-n",
        "ruby",
        "similar",
        "similar:cosine",
        "similar:dot",
        "similar:euclidean",
        "tool-call-f1",
        "skill-used",
        "trajectory:goal-success",
        "trajectory:tool-args-match",
        "trajectory:step-count",
        "trajectory:tool-sequence",
        "trajectory:tool-used",
        "trace-error-spans",
        "trace-span-count",
        "trace-span-duration",
        "search-rubric",
        "webhook",
        "word-count",
    ];
    checks::is_ours(kind) || OTHERS.contains(&kind.strip_prefix("not-").unwrap_or(kind))
}
