//! What is not supported is named, and what cannot be is refused.

use super::{Home, checks, ids, loaded, prompts};
use crate::{check::CheckError, suite::load_with};
use serde_json::{Value, json};

#[test]
fn what_is_not_supported_is_named_and_the_test_stays() {
    let text = "\
prompts: ['{{x}} {{nobody}}', file://make.py]
targets: [echo]
tests:
  - vars: {x: a, y: file://make.js}
    metadata: {owner: me}
    threshold: 0.5
    options: {transform: output.trim(), provider: openai:gpt-4o}
    assert:
      - {type: javascript, value: output.length > 3}
      - {type: similar, value: hello, threshold: 0.8}
      - {type: not-icontains, value: x}
      - {type: assert-set, assert: [{type: contains, value: x}]}
      - {type: contains, value: a, weight: 0}
      - {type: equals, value: a, transform: output.trim()}
      - {type: contains-json, metric: form, weight: 2}
      - {type: latency}
      - $ref: '#/assertionTemplates/polite'
  - s3://bucket/tests.csv
  - tests.xlsx
assertionTemplates: {}
outputPath: out.json
sharing: false
";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!((ids(&suite), prompts(&suite)), (vec!["test-1"], vec!["a "]));
    assert_eq!(checks(&suite), [json!({ "json": true })]);
    let expected = [
        "1: the prompt file `make.py` is not supported and left out",
        "2: `targets` is not used: lanes come from the configuration and the command line",
        "4: the value `make.js` is not supported and left out",
        "6: `threshold` of a test is not supported and left out",
        "7: `options.transform` of a test is not supported and left out",
        "7: `options.provider` of a test is not supported and left out",
        "9: the assertion `javascript` is not supported and left out",
        "10: the assertion `similar` is not supported and left out",
        "11: the assertion `not-icontains` is not supported and left out",
        "12: `assert` of an assertion is not supported and left out",
        "12: the assertion `assert-set` is not supported and left out",
        "13: the assertion `contains` of no weight is not supported and left out",
        "14: the assertion `equals`, which changes the answer first, is not supported and left out",
        "15: `metric` of an assertion is not supported and left out",
        "15: `weight` of an assertion is not supported and left out",
        "15: `contains-json` is checked as `json`: the whole answer must be JSON, bare or in a fence",
        "16: the assertion `latency` has no `threshold` and is left out",
        "17: the assertion `#/assertionTemplates/polite` is not supported and left out",
        "18: the file of tests `s3://bucket/tests.csv` is not supported and left out",
        "19: the file of tests `tests.xlsx` is not supported and left out",
        "20: `assertionTemplates` is not supported and left out",
        "21: `outputPath` is not supported and left out",
        "22: `sharing` is not supported and left out",
        "4: `nobody` has no value and is left empty in the prompt",
    ];
    assert_eq!(
        suite.warnings,
        expected.map(|warning| format!("a.yaml:{warning}"))
    );
}

#[test]
fn a_test_without_usable_assertions_stays() {
    let text = "prompts: [x]\ntests:\n  - assert: [{type: python, value: 'True'}]\n";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!((suite.cases.len(), suite.warnings.len()), (1, 1));
    assert_eq!(checks(&suite), [Value::Null]);
}

#[test]
fn an_assertion_that_the_checks_refuse_is_left_out() {
    let home = Home::of(&[(
        "a.yaml",
        "prompts: [x]\ntests:\n  - assert: [{type: regex, value: '(?=x)'}]\n",
    )]);
    let suite = load_with(
        &[home.path().join("a.yaml")],
        || Ok(Vec::new()),
        |_| {
            Err(CheckError {
                path: "check.regex".to_owned(),
                problem: "is no pattern".to_owned(),
            })
        },
    )
    .unwrap();
    assert_eq!(suite.cases.case(0).unwrap().unwrap().check, None);
    let warning = suite.warnings.first().unwrap();
    assert!(
        warning.ends_with(
            "a.yaml:3: this assertion cannot be used and is left out: `check.regex` is no pattern"
        ),
        "{warning}"
    );
}

#[test]
fn what_cannot_be_is_refused() {
    let wrong = [
        (
            "prompts: []\n",
            "a.yaml: `prompts` holds no prompt that can be used",
        ),
        (
            "prompts: [file://make.py]\n",
            "a.yaml: `prompts` holds no prompt that can be used",
        ),
        (
            "prompts: [file://none.txt]\n",
            "a.yaml:1: `none.txt` there is no such file",
        ),
        (
            "prompts: [x]\ntests: [https://docs.google.com/x]\n",
            "a.yaml: `tests` holds no test that can be used",
        ),
        (
            "prompts: [x]\ntests:\n  - vars: 1\n",
            "a.yaml:3: `vars` must be a table, not a number",
        ),
        (
            "prompts: [x]\ntests:\n  - assert: 1\n",
            "a.yaml:3: `assert` must be a list, not a number",
        ),
        (
            "prompts: [1]\n",
            "a.yaml:1: a prompt must be a string or a table, not a number",
        ),
        (
            "prompts: ['{{x|nothing}}']\ntests:\n  - vars: {x: 1}\n",
            "a.yaml:3: `prompt` cannot be filled in: filter nothing is unknown",
        ),
    ];
    for (text, message) in wrong {
        assert_eq!(loaded("a.yaml", text).unwrap_err(), message, "{text}");
    }
}

#[test]
fn what_stands_around_a_conversation_is_named() {
    let text = "\
prompts: ['[{\"role\": \"user\", \"content\": \"{{x}}\"}]', 'Plain {{x}}']
tests:
  - vars: {x: a}
    options: {prefix: 'Say: '}
  - vars: {x: b}
";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!(prompts(&suite), ["a", "Say: Plain a", "b", "Plain b"]);
    let warned = suite
        .warnings
        .iter()
        .filter(|warning| warning.contains("around a conversation"));
    assert_eq!(warned.count(), 1, "{:?}", suite.warnings);
}
