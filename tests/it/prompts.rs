//! The suites in `prompts/`: their keys, ids and checks are of the documented form, and README lists each of them.
//!
//! Whether the expected answers are right, and whether patterns compile, is not judged here.

use std::{collections::BTreeSet, fs, path::PathBuf};
use toml::{Table, Value};

const KEYS_OF_A_SUITE: [&str; 3] = ["title", "system", "prompt"];
const KEYS_OF_A_PROMPT: [&str; 7] = [
    "id",
    "prompt",
    "system",
    "vars",
    "tags",
    "check",
    "max_tokens",
];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("prompts")
}

/// Name and text of every suite.
fn suites() -> Vec<(String, String)> {
    let entries = fs::read_dir(folder()).unwrap();
    let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|e| e == "toml"));
    paths.sort();
    let named = paths.iter().map(|path| {
        let name = path.file_name().unwrap().to_str().unwrap();
        (name.to_owned(), fs::read_to_string(path).unwrap())
    });
    named.collect()
}

/// What is wrong with a suite.
fn mistakes(text: &str) -> Vec<String> {
    let suite: Table = match text.parse() {
        Ok(suite) => suite,
        Err(error) => return vec![error.to_string()],
    };
    let mut found = unknown_keys(&suite, &KEYS_OF_A_SUITE);
    if !suite.get("title").is_some_and(is_text) {
        found.push("no title".into());
    }
    if suite.get("system").is_some_and(|system| !is_text(system)) {
        found.push("`system` is no text".into());
    }
    let prompts = match suite.get("prompt").and_then(Value::as_array) {
        Some(prompts) if !prompts.is_empty() => prompts.as_slice(),
        _ => {
            found.push("no prompt".into());
            &[]
        }
    };
    let mut ids = BTreeSet::new();
    for prompt in prompts.iter().map(Value::as_table) {
        let Some(prompt) = prompt else {
            found.push("a prompt is no table".into());
            continue;
        };
        let id = prompt.get("id").and_then(Value::as_str).unwrap_or_default();
        if !is_kebab_case(id) || !ids.insert(id) {
            found.push(format!("`{id}`: not in kebab case, or not unique"));
        }
        let inside = mistakes_of_prompt(prompt).into_iter();
        found.extend(inside.map(|mistake| format!("{id}: {mistake}")));
    }
    found
}

fn mistakes_of_prompt(prompt: &Table) -> Vec<String> {
    let mut found = unknown_keys(prompt, &KEYS_OF_A_PROMPT);
    let vars = prompt.get("vars");
    match prompt.get("prompt") {
        Some(Value::String(text)) if text.trim().is_empty() => found.push("empty prompt".into()),
        // Without variables nothing in a text is meant for the template.
        Some(Value::String(text)) if vars.is_none() => {
            let mut marks = ["{{", "{%", "{#"].iter();
            found.extend(
                marks
                    .find(|mark| text.contains(**mark))
                    .map(|mark| format!("`{mark}` without `vars`")),
            );
        }
        Some(Value::String(text)) => {
            let names = vars.and_then(Value::as_table).into_iter().flatten();
            let unused = names.filter(|(name, _)| !text.contains(&format!("{{{{ {name} }}}}")));
            found.extend(unused.map(|(name, _)| format!("unused variable `{name}`")));
        }
        _ => found.push("no prompt".into()),
    }
    let is_of_its_type = |(key, value): (&String, &Value)| match key.as_str() {
        "system" => is_text(value),
        "vars" => value.is_table(),
        "tags" => is_list_of(value, |tag| tag.as_str().is_some_and(is_kebab_case)),
        "max_tokens" => value.as_integer().is_some_and(|tokens| tokens > 0),
        _ => true,
    };
    let wrong = prompt.iter().filter(|entry| !is_of_its_type(*entry));
    found.extend(wrong.map(|(key, value)| format!("`{key}` is {value}")));
    found.extend(prompt.get("check").and_then(mistake_of_check));
    found
}

/// What is wrong with a check, or with the first wrong one inside it.
fn mistake_of_check(check: &Value) -> Option<String> {
    let table = check.as_table().filter(|table| table.len() == 1);
    let Some((kind, value)) = table.and_then(|table| table.iter().next()) else {
        return Some(format!("a check is a table with one key, not {check}"));
    };
    let is_right = match kind.as_str() {
        "equals" | "contains" | "not_contains" | "regex" | "judge" => is_text(value),
        "number" => value.is_integer() || value.as_float().is_some_and(f64::is_finite),
        "one_of" => is_list_of(value, is_text),
        "json" => value.as_bool() == Some(true),
        "json_schema" => is_schema(value),
        "max_tokens" => value.as_integer().is_some_and(|tokens| tokens > 0),
        "max_seconds" | "max_cost" => is_positive(value),
        "all" | "any" if is_list_of(value, Value::is_table) => {
            let mut checks = value.as_array().into_iter().flatten();
            return checks.find_map(mistake_of_check);
        }
        "all" | "any" => false,
        _ => return Some(format!("no kind of check is called `{kind}`")),
    };
    (!is_right).then(|| format!("the check `{kind}` has a wrong value: {value}"))
}

fn unknown_keys(table: &Table, known: &[&str]) -> Vec<String> {
    let unknown = table.keys().filter(|key| !known.contains(&key.as_str()));
    unknown.map(|key| format!("unknown key `{key}`")).collect()
}

fn is_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| !text.trim().is_empty())
}

fn is_list_of(value: &Value, is_one: impl Fn(&Value) -> bool) -> bool {
    let list = value.as_array();
    list.is_some_and(|list| !list.is_empty() && list.iter().all(is_one))
}

fn is_positive(value: &Value) -> bool {
    value.as_integer().is_some_and(|number| number > 0)
        || value.as_float().is_some_and(|number| number > 0.0)
}

fn is_schema(value: &Value) -> bool {
    let schema = serde_json::to_value(value).unwrap();
    schema.is_object() && jsonschema::validator_for(&schema).is_ok()
}

fn is_kebab_case(name: &str) -> bool {
    let is_part = |part: &str| {
        let mut letters = part.bytes();
        !part.is_empty() && letters.all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
    };
    name.split('-').all(is_part)
}

#[test]
fn suites_are_of_the_documented_form() {
    let suites = suites();
    assert!(suites.len() >= 8, "only {} suites read", suites.len());
    let found = suites.iter().flat_map(|(name, text)| {
        let mistakes = mistakes(text).into_iter();
        mistakes.map(move |mistake| format!("{name}: {mistake}"))
    });
    let found: Vec<String> = found.collect();
    assert!(found.is_empty(), "{}", found.join("\n"));
}

#[test]
fn readme_lists_every_suite_and_its_size() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let expected = suites().into_iter().map(|(name, text)| {
        let suite: Table = text.parse().unwrap();
        format!(
            "| `{name}` | {} |",
            suite["prompt"].as_array().unwrap().len()
        )
    });
    let expected: BTreeSet<String> = expected.collect();
    let rows = readme
        .lines()
        .filter(|line| line.starts_with("| `") && line.contains(".toml"));
    let listed = rows.map(|row| {
        let cells: Vec<&str> = row.split('|').take(3).collect();
        format!("{}|", cells.join("|"))
    });
    assert_eq!(listed.collect::<BTreeSet<_>>(), expected);
}

#[test]
fn the_example_of_readme_is_of_the_form_that_it_explains() {
    let readme = fs::read_to_string(folder().join("README.md")).unwrap();
    let example = readme.split("```toml\n").nth(1);
    let example = example.and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(mistakes(example), Vec::<String>::new());
}

#[test]
fn mistakes_are_found() {
    let with_check = |check: &str| {
        format!("title = 'a'\n[[prompt]]\nid = 'a-1'\nprompt = 'b'\ncheck = {check}\n")
    };
    let good = [
        "{ number = 2.5 }",
        "{ any = [{ json = true }, { max_cost = 0.1 }] }",
        "{ one_of = ['a', 'b'] }",
        "{ json_schema = { type = 'object' } }",
    ];
    for check in good {
        assert_eq!(mistakes(&with_check(check)), Vec::<String>::new());
    }
    let bad = [
        "{}",
        "'a'",
        "{ number = '2' }",
        "{ number = 1, contains = 'a' }",
        "{ contain = 'a' }",
        "{ regex = 1 }",
        "{ one_of = [] }",
        "{ one_of = [1] }",
        "{ json = 'yes' }",
        "{ json_schema = { type = 'objekt' } }",
        "{ max_seconds = 0 }",
        "{ all = { contains = 'a' } }",
        "{ all = [{ any = [{ judge = '' }] }] }",
    ]
    .map(with_check);
    let also_bad = [
        "title = ",
        "title = 'a'",
        "[[prompt]]\nid = 'a'\nprompt = 'b'",
        "title = 'a'\ntags = []\n[[prompt]]\nid = 'a'\nprompt = 'b'",
        "title = 'a'\n[[prompt]]\nid = 'A b'\nprompt = 'c'",
        "title = 'a'\n[[prompt]]\nid = 'a'\nprompt = ' '",
        "title = 'a'\n[[prompt]]\nid = 'a'\nprompt = '{{ b }}'",
        "title = 'a'\n[[prompt]]\nid = 'a'\nprompt = 'b'\nvars = { c = 1 }",
        "title = 'a'\n[[prompt]]\nid = 'a'\nprompt = 'b'\nexpected = 1",
        "title = 'a'\n[[prompt]]\nid = 'a'\nprompt = 'b'\n[[prompt]]\nid = 'a'\nprompt = 'b'",
    ]
    .map(String::from);
    for text in bad.iter().chain(&also_bad) {
        assert!(!mistakes(text).is_empty(), "this passes:\n{text}");
    }
}
