//! promptfoo's assertions become checks, where we have the same; the others are named. Runs no script and no check.

use super::{
    super::{
        draft::Check,
        error::{Place, shorten},
        node::{self, Entry, Kind, Node},
        template::is_template,
    },
    Reading, extension, file_of, scalar,
};
use serde_json::{Value, json};

/// Reads a list of them; what cannot be used is noted.
pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Vec<Check> {
    let Some(items) = node.as_list() else {
        let place = reading.file.at(node.line);
        reading.findings.refuse(
            &place,
            format!("`assert` must be a list, not {}", node.kind()),
        );
        return Vec::new();
    };
    items.iter().filter_map(|item| one(item, reading)).collect()
}

/// An assertion as a cell of a table holds it: `type(threshold): value`, or a text that the answer is to equal.
pub(super) fn of_cell(cell: &str, line: usize, reading: &mut Reading<'_>) -> Option<Check> {
    let place = reading.file.at(line);
    let (head, value) = cell
        .split_once(':')
        .map_or((cell, None), |(head, value)| (head, Some(value)));
    let (kind, threshold) = match head
        .trim()
        .strip_suffix(')')
        .and_then(|head| head.split_once('('))
    {
        Some((kind, threshold)) => (kind.trim(), threshold.trim().parse().ok()),
        None => (head.trim(), None),
    };
    let kind = match kind {
        "grade" => "llm-rubric",
        "fn" | "eval" => "javascript",
        kind => kind,
    };
    let is_kind = is_known(kind) && (value.is_some() || is_bare(kind) || threshold.is_some());
    let (kind, value) = if is_kind {
        (kind, value.map(str::trim))
    } else {
        ("equals", Some(cell))
    };
    let value = value
        .filter(|value| !value.is_empty())
        .map(|value| Node::of_text(value, line));
    let value = match value {
        Some(value) if is_json(kind) => value
            .as_text()
            .and_then(|text| node::of_json(text, line).ok())
            .or(Some(value)),
        value => value,
    };
    made(
        &Assertion {
            kind,
            value: value.as_ref(),
            threshold,
        },
        &place,
        reading,
    )
}

fn one(item: &Node, reading: &mut Reading<'_>) -> Option<Check> {
    let place = reading.file.at(item.line);
    let kind = item.key("type").and_then(Node::as_text);
    let (Some(entries), Some(kind)) = (item.as_table(), kind) else {
        let reference = item.key("$ref").and_then(Node::as_text);
        let what = reference.map_or("an assertion without `type`".to_owned(), |reference| {
            format!("the assertion `{}`", shorten(reference))
        });
        reading.leave_out(&place, &what);
        return None;
    };
    for Entry { key, line, node } in entries {
        let place = reading.file.at(*line);
        match key.as_str() {
            "type" | "value" | "threshold" => {}
            "weight" if node.as_number() == Some(0.0) => {
                reading.leave_out(
                    &place,
                    &format!("the assertion `{}` of no weight", shorten(kind)),
                );
                return None;
            }
            "transform" | "contextTransform" => {
                let what = format!(
                    "the assertion `{}`, which changes the answer first,",
                    shorten(kind)
                );
                reading.leave_out(&place, &what);
                return None;
            }
            key => reading.leave_out(&place, &format!("`{}` of an assertion", shorten(key))),
        }
    }
    let threshold = item.key("threshold").and_then(Node::as_number);
    made(
        &Assertion {
            kind,
            value: item.key("value"),
            threshold,
        },
        &place,
        reading,
    )
}

/// An assertion, taken apart.
struct Assertion<'a> {
    kind: &'a str,
    value: Option<&'a Node>,
    threshold: Option<f64>,
}

/// Kinds that may be written in a table; a cell that begins otherwise is a text.
fn is_known(kind: &str) -> bool {
    const KINDS: [&str; 45] = [
        "equals",
        "contains",
        "icontains",
        "contains-all",
        "contains-any",
        "icontains-all",
        "icontains-any",
        "starts-with",
        "regex",
        "is-json",
        "contains-json",
        "llm-rubric",
        "model-graded-closedqa",
        "latency",
        "cost",
        "javascript",
        "python",
        "ruby",
        "similar",
        "levenshtein",
        "rouge-n",
        "bleu",
        "meteor",
        "gleu",
        "webhook",
        "is-sql",
        "contains-sql",
        "is-xml",
        "contains-xml",
        "is-html",
        "contains-html",
        "is-valid-openai-function-call",
        "is-valid-openai-tools-call",
        "perplexity",
        "perplexity-score",
        "factuality",
        "model-graded-factuality",
        "answer-relevance",
        "context-recall",
        "context-relevance",
        "context-faithfulness",
        "g-eval",
        "classifier",
        "moderation",
        "is-refusal",
    ];
    KINDS.contains(&kind.strip_prefix("not-").unwrap_or(kind))
}

fn is_json(kind: &str) -> bool {
    matches!(kind, "is-json" | "contains-json")
}

/// Kinds that say something without a value.
fn is_bare(kind: &str) -> bool {
    let kind = kind.strip_prefix("not-").unwrap_or(kind);
    kind.starts_with("is-")
        || [
            "contains-json",
            "contains-sql",
            "contains-xml",
            "contains-html",
        ]
        .contains(&kind)
}

fn made(assertion: &Assertion<'_>, place: &Place, reading: &mut Reading<'_>) -> Option<Check> {
    let shown = shorten(assertion.kind);
    let value = match converted(assertion, place, reading) {
        Ok(value) => value?,
        Err(None) => {
            reading.leave_out(place, &format!("the assertion `{shown}`"));
            return None;
        }
        Err(Some(problem)) => {
            reading.findings.warn(
                place,
                format_args!("the assertion `{shown}` {problem} and is left out"),
            );
            return None;
        }
    };
    Some(Check {
        value,
        line: place.line,
    })
}

/// The check; `Ok(None)` where a file is missing, which is noted; `Err(None)` where we have no such check.
fn converted(
    assertion: &Assertion<'_>,
    place: &Place,
    reading: &mut Reading<'_>,
) -> Result<Option<Value>, Option<String>> {
    let value = match assertion.value.map(|value| inner(value, place, reading)) {
        Some(None) => return Ok(None),
        Some(value) => value,
        None => None,
    };
    let value = value.as_ref();
    if assertion.kind == "contains-json" {
        let strict = "`contains-json` is checked as `json`: the whole answer must be JSON, bare or in a fence";
        reading.findings.warn(place, strict);
    }
    let limit = || {
        assertion
            .threshold
            .ok_or_else(|| Some("has no `threshold`".to_owned()))
    };
    Ok(Some(match assertion.kind {
        "equals" => match given(value)? {
            value if scalar(value).is_some() => json!({ "equals": text(Some(value))? }),
            // An object is compared with the answer's, whatever their white space.
            value => json!({ "json_schema": { "const": value.json() } }),
        },
        "contains" => json!({ "contains": text(value)? }),
        "not-contains" => json!({ "not_contains": text(value)? }),
        "icontains" => json!({ "regex": pattern("(?i)", &text(value)?) }),
        "starts-with" => json!({ "regex": pattern(r"\A", &text(value)?) }),
        "regex" => json!({ "regex": text(value)? }),
        "is-json" | "contains-json" => match value {
            None => json!({ "json": true }),
            Some(schema) => json!({ "json_schema": schema_of(schema)? }),
        },
        "llm-rubric" | "model-graded-closedqa" => match assertion.threshold {
            Some(threshold) => {
                json!({ "judge": { "rubric": text(value)?, "threshold": threshold } })
            }
            None => json!({ "judge": text(value)? }),
        },
        "latency" => json!({ "max_seconds": limit()? / 1000.0 }),
        "cost" => json!({ "max_cost": limit()? }),
        kind => of_list(kind, value)?,
    }))
}

/// The check of a kind that has a list of texts.
fn of_list(kind: &str, value: Option<&Node>) -> Result<Value, Option<String>> {
    const KINDS: [&str; 6] = [
        "contains-all",
        "contains-any",
        "not-contains-any",
        "not-contains-all",
        "icontains-all",
        "icontains-any",
    ];
    if !KINDS.contains(&kind) {
        return Err(None);
    }
    let list = texts(given(value)?)
        .ok_or_else(|| Some("has a `value` that is no list of texts".to_owned()))?;
    let each = |of: fn(&String) -> Value| list.iter().map(of).collect::<Vec<_>>();
    let folded = |text: &String| json!({ "regex": pattern("(?i)", text) });
    Ok(match kind {
        "contains-all" => json!({ "contains": list }),
        "not-contains-any" => json!({ "not_contains": list }),
        "contains-any" => json!({ "any": each(|text| json!({ "contains": text })) }),
        "not-contains-all" => json!({ "any": each(|text| json!({ "not_contains": text })) }),
        "icontains-all" => json!({ "all": each(folded) }),
        _ => json!({ "any": each(folded) }),
    })
}

fn given(value: Option<&Node>) -> Result<&Node, Option<String>> {
    value.ok_or_else(|| Some("has no `value`".to_owned()))
}

fn text(value: Option<&Node>) -> Result<String, Option<String>> {
    scalar(given(value)?).ok_or_else(|| Some("has a `value` that is no text".to_owned()))
}

/// A value, which may stand in a file beside; `None` where it cannot be read, which is noted.
fn inner(value: &Node, place: &Place, reading: &mut Reading<'_>) -> Option<Node> {
    let Some(path) = value.as_text().and_then(file_of) else {
        return Some(value.clone());
    };
    let shown = shorten(&path.to_string_lossy());
    if !["txt", "md", "json", "yaml", "yml"].contains(&extension(path).as_str()) {
        reading.leave_out(place, &format!("the assertion with the file `{shown}`"));
        return None;
    }
    let source = reading.file(place, path)?;
    match extension(path).as_str() {
        "txt" | "md" => Some(Node::of_text(source.text.trim(), value.line)),
        _ => match node::of_yaml(&source.text) {
            Ok(node) => Some(node),
            Err((_, problem)) => {
                reading
                    .findings
                    .refuse(place, format!("`{shown}`: {problem}"));
                None
            }
        },
    }
}

fn schema_of(node: &Node) -> Result<Value, Option<String>> {
    let parsed = match &node.value {
        Kind::Table(_) => Some(node.json()),
        Kind::Text(text) => node::of_yaml(text).ok().map(|node| node.json()),
        _ => None,
    };
    parsed
        .filter(Value::is_object)
        .ok_or_else(|| Some("has a `value` that is no schema".to_owned()))
}

/// A list of texts, or one text with commas.
fn texts(node: &Node) -> Option<Vec<String>> {
    let texts: Vec<String> = match &node.value {
        Kind::List(items) => items.iter().map(scalar).collect::<Option<_>>()?,
        Kind::Text(text) => text.split(',').map(|part| part.trim().to_owned()).collect(),
        _ => return None,
    };
    (!texts.is_empty() && texts.iter().all(|text| !text.is_empty())).then_some(texts)
}

/// A pattern that finds a text as it stands; what a template makes is escaped once it is made.
fn pattern(head: &str, text: &str) -> String {
    if is_template(text) {
        format!("{head}{{% filter regex_escape %}}{text}{{% endfilter %}}")
    } else {
        format!("{head}{}", regex::escape(text))
    }
}
