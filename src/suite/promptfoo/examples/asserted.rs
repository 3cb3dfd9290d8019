//! What becomes of each assertion, and that it passes what promptfoo passes. The verdicts are those of promptfoo 0.121 on
//! the same texts, asked with its provider `echo`.

use super::{Home, bare, checks};
use crate::{
    check::{Answer, Checkers},
    domain::record::LaneStatus,
    suite::load,
};
use serde_json::{Value, json};

#[test]
fn every_assertion_that_we_have() {
    let text = "\
prompts: ['{{x}}']
tests:
  - vars: {x: 'a.b', list: 'p, q'}
    assert:
      - {type: equals, value: '{{x}}'}
      - {type: equals, value: {k: 1}}
      - {type: contains-all, value: [a, 1]}
      - {type: contains-any, value: '{{list}}'}
      - {type: not-contains, value: c, weight: 3}
      - {type: not-contains-any, value: [c, d]}
      - {type: icontains, value: '{{x}}'}
      - {type: icontains-any, value: [a+, b]}
      - {type: icontains-all, value: [a, b]}
      - {type: starts-with, value: a.}
      - {type: regex, value: '\\d+'}
      - {type: is-json, value: {type: object}}
      - {type: is-json, value: file://schema.yaml}
      - {type: llm-rubric, value: 'is about {{x}}', threshold: 0.8}
      - {type: model-graded-closedqa, value: is polite}
      - {type: latency, threshold: 200}
      - {type: not-cost, threshold: 0.5}
";
    let home = Home::of(&[("a.yaml", text), ("schema.yaml", "type: array\n")]);
    let suite = home.load(&["a.yaml"]).unwrap();
    assert_eq!(suite.warnings, [""; 0]);
    let schema = |kind: &str| {
        let draft = "http://json-schema.org/draft-07/schema#";
        bare(&json!({ "json_schema": { "type": kind, "$schema": draft } }))
    };
    let expected = json!([[
        { "equals": "a.b" },
        bare(&json!({ "json_schema": { "const": { "k": 1 } } })),
        { "contains": ["a", "1"] },
        { "any": [{ "contains": "p" }, { "contains": "q" }] },
        { "not_contains": "c" },
        { "not": { "any": [{ "contains": "c" }, { "contains": "d" }] } },
        { "regex": r"[aA]\.[bB]" },
        { "any": [{ "regex": r"[aA]\+" }, { "regex": "[bB]" }] },
        { "all": [{ "regex": "[aA]" }, { "regex": "[bB]" }] },
        { "regex": r"\Aa\." },
        { "regex": "[0-9]+" },
        schema("object"),
        schema("array"),
        { "judge": { "rubric": "is about a.b", "threshold": 0.8 } },
        { "judge": "is polite" },
        { "max_seconds": 0.2 },
        { "not": { "max_cost": 0.5 } },
    ]]);
    assert_eq!(Value::from(checks(&suite)), expected);
}

/// Whether an answer passes the only assertion of a configuration.
fn passes(assertion: &str, answer: &str) -> Option<bool> {
    let text = format!("prompts: [x]\ntests:\n  - assert: [{assertion}]\n");
    let home = Home::of(&[("a.yaml", &text)]);
    let suite = load(&[home.path().join("a.yaml")], || Ok(Vec::new())).unwrap();
    let spec = suite.cases.case(0).unwrap().unwrap().check.unwrap();
    let answer = Answer {
        status: LaneStatus::Done,
        text: answer,
        completion_tokens: None,
        tokens_source: None,
        e2e_ms: None,
        cost_usd: None,
    };
    let checker = Checkers::default().checker(&spec).unwrap();
    checker.evaluate(&answer, &[]).passed
}

/// Assertions, answers, and whether promptfoo passes them; `None`: what stays not judged here.
const ANSWERS: &[(&str, &str, Option<bool>)] = &[
    ("{type: equals, value: Rome}", "Rome", Some(true)),
    ("{type: equals, value: Rome}", "rome", Some(false)),
    ("{type: not-equals, value: Rome}", "Oslo", Some(true)),
    ("{type: equals, value: 12}", "12", Some(true)),
    (
        "{type: equals, value: {a: [1]}}",
        r#"{ "a": [1] }"#,
        Some(true),
    ),
    (
        "{type: equals, value: {a: [1]}}",
        r#"{"a": [2]}"#,
        Some(false),
    ),
    (
        "{type: equals, value: {a: [1]}}",
        "```json\n{\"a\": [1]}\n```",
        Some(false),
    ),
    ("{type: contains, value: '1.0'}", "v1.0", Some(true)),
    ("{type: contains, value: 42}", "is 42.", Some(true)),
    ("{type: icontains, value: ROME}", "in rome", Some(true)),
    ("{type: not-icontains, value: ROME}", "in rome", Some(false)),
    ("{type: not-icontains, value: ROME}", "in Oslo", Some(true)),
    (
        r#"{type: contains-any, value: 'a, "b, c"'}"#,
        "x b, c",
        Some(true),
    ),
    (
        r#"{type: contains-any, value: 'a, "b, c"'}"#,
        "x b c",
        Some(false),
    ),
    ("{type: contains-all, value: [red, 7]}", "7 red", Some(true)),
    (
        "{type: not-contains-all, value: [red, blue]}",
        "red",
        Some(true),
    ),
    (
        "{type: not-contains-all, value: [red, blue]}",
        "blue red",
        Some(false),
    ),
    (
        "{type: not-contains-any, value: [red, blue]}",
        "red",
        Some(false),
    ),
    (
        "{type: not-contains-any, value: [red, blue]}",
        "green",
        Some(true),
    ),
    (
        "{type: icontains-all, value: [Red, BLUE]}",
        "blue red",
        Some(true),
    ),
    (
        "{type: not-icontains-any, value: [Red, BLUE]}",
        "blue",
        Some(false),
    ),
    ("{type: starts-with, value: 'The '}", "The end", Some(true)),
    (
        "{type: starts-with, value: 'The '}",
        " The end",
        Some(false),
    ),
    ("{type: not-starts-with, value: The}", "An end", Some(true)),
    (r"{type: regex, value: '^\d{2}$'}", "12", Some(true)),
    (r"{type: regex, value: '^\d{2}$'}", "123", Some(false)),
    (r"{type: regex, value: '\bcat\b'}", "a cat.", Some(true)),
    (r"{type: regex, value: '[\w.]+@\w+'}", "me@x", Some(true)),
    ("{type: not-regex, value: '^a'}", "ba", Some(true)),
    ("{type: regex, value: '^b$'}", "a\nb", Some(false)),
    ("{type: regex, value: 'A'}", "a", Some(false)),
    (r"{type: regex, value: '\Abc'}", "bc", Some(false)),
    (r"{type: regex, value: '\Abc'}", "xxAbc", Some(true)),
    (r"{type: regex, value: 'bc\z'}", "bc", Some(false)),
    ("{type: regex, value: '(?i)abc'}", "abc", None),
    ("{type: not-regex, value: '(?x)b c'}", "abc", None),
    ("{type: regex, value: a.b}", "a\rb", Some(false)),
    ("{type: icontains, value: s}", "ſ", Some(false)),
    ("{type: icontains, value: i}", "İ", Some(true)),
    ("{type: icontains-any, value: [σ]}", "Σ", None),
    ("{type: is-json}", "[1, 2]", Some(true)),
    ("{type: is-json}", "```json\n{}\n```", Some(false)),
    ("{type: is-json}", "x", Some(false)),
    ("{type: not-is-json}", "x", Some(true)),
    ("{type: not-is-json}", "{}", Some(false)),
    (
        "{type: is-json, value: {type: object, required: [a]}}",
        r#"{"a": 1}"#,
        Some(true),
    ),
    (
        "{type: is-json, value: {type: object, required: [a]}}",
        r#"{"b": 1}"#,
        Some(false),
    ),
    (
        "{type: not-is-json, value: {required: [a]}}",
        r#"{"b": 1}"#,
        Some(true),
    ),
    (
        r#"{type: is-json, value: '{"type": "array", "items": [{"type": "string"}]}'}"#,
        r#"["x"]"#,
        Some(true),
    ),
    (
        r#"{type: is-json, value: '{"type": "array", "items": [{"type": "string"}]}'}"#,
        "[1]",
        Some(false),
    ),
    ("{type: contains-json}", r#"{"a": 1}"#, Some(true)),
    (
        "{type: contains-json}",
        "```json\n{\"a\": 1}\n```",
        Some(true),
    ),
    ("{type: contains-json}", "no brace", Some(false)),
    ("{type: contains-json}", "[1]", Some(false)),
    (
        "{type: contains-json, value: {required: [a]}}",
        r#"{"a": 1}"#,
        Some(true),
    ),
    ("{type: not-contains-json}", r#"{"a": 1}"#, Some(false)),
    ("{type: not-contains-json}", "none", Some(true)),
    ("{type: contains-json}", r#"so: {"a": 1}"#, None),
    ("{type: javascript, value: output.length > 1}", "x", None),
    ("{type: regex, value: 'a(?=b)'}", "ab", None),
    ("{type: levenshtein, value: x}", "x", None),
];

#[test]
fn answers_pass_that_pass_with_promptfoo() {
    for (assertion, answer, expected) in ANSWERS {
        assert_eq!(
            passes(assertion, answer),
            *expected,
            "{assertion} on {answer:?}"
        );
    }
}
