//! What is not supported is named, and what cannot be is refused.

use super::{Home, checks, ids, loaded, prompts};
use crate::{check::CheckError, domain::check::CheckSpec, suite::load_with};
use serde_json::{Value, json};

#[test]
fn what_is_not_supported_is_named_and_the_test_stays() {
    let text = "\
prompts: ['{{x}} {{nobody}}', file://make.py]
targets: [echo]
tests:
  - vars: {x: a}
    metadata: {owner: me}
    options: {provider: openai:gpt-4o, storeOutputAs: y}
    assert:
      - {type: javascript, value: output.length > 3}
      - {type: similar, value: hello, threshold: 0.8}
      - {type: assert-set, assert: [{type: contains, value: x}]}
      - {type: contains, value: a, weight: 0}
      - {type: equals, value: a, transform: output.trim()}
      - {type: contains-json, metric: form, weight: 2}
      - {type: latency}
      - $ref: '#/nowhere'
      - {type: regex, value: file://check.js}
  - vars: {x: b, y: file://make.js}
  - s3://bucket/tests.csv
  - tests.xlsx
extensions: [file://hook.js]
outputPath: out.json
sharing: false
";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!((ids(&suite), prompts(&suite)), (vec!["test-1"], vec!["a "]));
    let expected = [
        "1: the prompt file `make.py` is a script, and none is run",
        "6: `options.provider` of a test is not used: `--judge` names the lane that judges",
        "6: `options.storeOutputAs` of a test is not supported and left out",
        "8: the assertion `javascript` is not supported: answers that nothing else fails stay not judged",
        "9: the assertion `similar` is not supported: answers that nothing else fails stay not judged",
        "10: the assertion `assert-set` is not supported: answers that nothing else fails stay not judged",
        "12: the assertion `equals` with `transform`, which changes the answer first, is not supported: answers that nothing else fails stay not judged",
        "13: `contains-json` finds JSON that is the whole answer, bare or in a fence; an answer with more around it stays not judged",
        "14: the assertion `latency` has no `threshold`, so answers that nothing else fails stay not judged",
        "15: the assertion `#/nowhere` is not supported: answers that nothing else fails stay not judged",
        "16: the assertion with the script `check.js` is not supported: answers that nothing else fails stay not judged",
        "17: the value `make.js` is a script, and none is run",
        "18: the file of tests `s3://bucket/tests.csv` is kept elsewhere and not fetched",
        "19: the file of tests `tests.xlsx` is of no kind that tests are read from (csv, yaml, yml, json, jsonl)",
        "20: `extensions` is not supported and left out",
        "17: a test is left out: the value of `y` cannot be had",
        "4: `nobody` has no value and is left empty in the prompt",
    ];
    assert_eq!(
        suite.warnings,
        expected.map(|warning| format!("a.yaml:{warning}"))
    );
    let expected = [
        "2: `targets` is not used: lanes come from the configuration and the command line",
        "11: the assertion `contains` of no weight decides nothing and is left out",
        "13: `metric` of an assertion names a figure of promptfoo's and is not used",
        "21: `outputPath` is not used",
        "22: `sharing` is not used",
    ];
    assert_eq!(suite.notes, expected.map(|note| format!("a.yaml:{note}")));
}

#[test]
fn by_an_assertion_that_is_not_supported_nothing_is_judged() {
    let text = "\
prompts: [x]
tests:
  - assert: [{type: python, value: 'True'}]
  - assert: [{type: contains, value: a}, {type: ruby, value: 'true'}]
";
    let suite = loaded("a.yaml", text).unwrap();
    let why = |kind: &str| {
        let why = format!("the assertion `{kind}` of promptfoo's is not supported");
        json!({ "not_judged": why })
    };
    assert_eq!(
        checks(&suite),
        [why("python"), json!([{ "contains": "a" }, why("ruby")])]
    );
}

#[test]
fn where_a_part_is_enough_or_the_answer_is_changed_nothing_is_judged() {
    let text = "\
prompts: [x]
defaultTest:
  assert: [{type: contains, value: b}]
tests:
  - threshold: 0.5
    assert: [{type: contains, value: a}]
  - options: {transform: output.trim()}
  - {vars: {}, assertScoringFunction: file://score.js}
  - options: {disableDefaultAsserts: true}
    threshold: 0.5
";
    let suite = loaded("a.yaml", text).unwrap();
    let not_judged = |what: &str| json!({ "not_judged": format!("{what} is not supported") });
    let expected = [
        not_judged("`threshold` of a test, by which a part of its assertions is enough,"),
        not_judged("`options.transform` of a test, which changes the answer first,"),
        not_judged("`assertScoringFunction` of a test"),
        Value::Null,
    ];
    assert_eq!(checks(&suite), expected);
    assert_eq!(suite.warnings.len(), 4, "{:?}", suite.warnings);
    assert!(suite.warnings.iter().all(|warning| {
        warning.ends_with("is not supported: the assertions there stay not judged")
    }));
}

#[test]
fn an_assertion_that_the_checks_refuse_judges_nothing() {
    let home = Home::of(&[(
        "a.yaml",
        "prompts: [x]\ntests:\n  - assert: [{type: regex, value: '(x{9}){9}'}]\n",
    )]);
    let suite = load_with(
        &[home.path().join("a.yaml")],
        || Ok(Vec::new()),
        |check| match check.get("not_judged") {
            Some(why) => Ok(CheckSpec::NotJudged(why.to_string())),
            None => Err(CheckError {
                path: "check.regex".to_owned(),
                problem: "is no pattern".to_owned(),
            }),
        },
    )
    .unwrap();
    let check = suite.cases.case(0).unwrap().unwrap().check;
    assert!(matches!(check, Some(CheckSpec::NotJudged(_))), "{check:?}");
    let warning = suite.warnings.first().unwrap();
    assert!(
        warning.ends_with(
            "a.yaml:3: this assertion cannot be used, so nothing is judged by it: `check.regex` is no pattern"
        ),
        "{warning}"
    );
}

/// Configurations that cannot be used, and why.
const REFUSED: &[(&str, &str)] = &[
    (
        "prompts: []\n",
        "a.yaml: `prompts` holds no prompt that can be used",
    ),
    (
        "prompts: ['file://make.py:one']\n",
        "a.yaml: `prompts` holds no prompt that can be used\na.yaml:1: the prompt file `make.py:one` is a script, and none is run",
    ),
    (
        "prompts:\n  - file://prompt.pdf\n  - langfuse://one\n  - exec:./make\n",
        "a.yaml: `prompts` holds no prompt that can be used\na.yaml:2: the prompt file `prompt.pdf` is of no kind that prompts are read from (txt, md, j2, json, jsonl, yaml, yml, csv)\na.yaml:3: the prompt `langfuse://one` is kept elsewhere and not fetched\na.yaml:4: the prompt of `./make` is made by a script, and none is run",
    ),
    (
        "prompts: [prompts/none.txt]\n",
        "a.yaml:1: `prompts/none.txt` there is no such file",
    ),
    (
        "prompts: ['{% for turn in _conversation %}{{turn.output}}{% endfor %}']\n",
        "a.yaml: `prompts` holds no prompt that can be used\na.yaml:1: a prompt goes on from the tests before (`_conversation`), which is not supported",
    ),
    (
        "prompts: [x]\ndefaultTest: file://default.js\n",
        "a.yaml:2: `defaultTest` cannot be read from `default.js`: it is a script, and none is run",
    ),
    (
        "prompts: [x]\ntests:\n  - vars: file://vars.csv\n",
        "a.yaml:3: `vars` cannot be read from `vars.csv`: it is neither YAML nor JSON",
    ),
    (
        "prompts: [x]\ntests:\n  - x: 1\n",
        "a.yaml:3: a test needs one of vars, assert, options, metadata, provider, providerOutput, threshold; its variables stand under `vars`",
    ),
    (
        "prompts: [x]\ntests:\n  - vars: {a: 1}\n    prompts: [y]\n",
        "a.yaml:3: `prompts` of a test names `y`, which is no label of a prompt",
    ),
    (
        "prompts: [x]\ndefaultTest: {options: {transformVars: vars}}\n",
        "a.yaml: `tests` holds no test that can be used\na.yaml:1: a test is left out: its variables are changed by a script (`options.transformVars`)",
    ),
    (
        "prompts: [x]\nscenarios: file://scenarios.yaml\n",
        "a.yaml: `tests` holds no test that can be used\na.yaml:2: `scenarios` that are no list are not supported and left out",
    ),
    (
        "prompts: [file://none.txt]\n",
        "a.yaml:1: `none.txt` there is no such file",
    ),
    (
        "prompts: [x]\ntests: [https://docs.google.com/x]\n",
        "a.yaml: `tests` holds no test that can be used\na.yaml:2: the file of tests `https://docs.google.com/x` is kept elsewhere and not fetched",
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

#[test]
fn what_cannot_be_is_refused() {
    for (text, message) in REFUSED {
        assert_eq!(loaded("a.yaml", text).unwrap_err(), *message, "{text}");
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
    let one_text = "Say: [{\"role\": \"user\", \"content\": \"a\"}]";
    assert_eq!(prompts(&suite), [one_text, "Say: Plain a", "b", "Plain b"]);
    let warned = suite
        .warnings
        .iter()
        .filter(|warning| warning.contains("around a conversation"));
    assert_eq!(warned.count(), 1, "{:?}", suite.warnings);
}
