//! A replay of promptfoo's configuration: what an assertion that we have not would say is nowhere counted as passed, and
//! nobody misses that.

use super::stage::{Home, sums_server};
use serde_json::{Value, json};

#[test]
fn by_an_assertion_that_is_not_supported_no_answer_passes() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.file(
        "p.yaml",
        "\
prompts: ['What is {{a}} + 7?']
providers: [echo]
tests:
  - vars: {a: 12}
    assert: [{type: contains, value: '19'}]
  - vars: {a: 13}
    assert: [{type: not-contains, value: '20'}, {type: javascript, value: output > 1}]
  - vars: {a: 14}
    assert: [{type: contains, value: '20'}, {type: python, value: 'True'}]
",
    );
    let ended = home.run(&["replay", &suite, "--quiet"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let warnings: Vec<&str> = ended
        .err
        .lines()
        .filter(|line| line.starts_with("warning: "))
        .collect();
    let [warning] = warnings[..] else {
        panic!("{}", ended.err)
    };
    assert!(
        warning.contains("p.yaml:7: the assertion `javascript` is not supported")
            && warning.ends_with("(and 1 more, which are shown without --quiet)"),
        "{warning}"
    );
    let batch = home.batch();
    let passed = |run: usize| -> Vec<&Value> {
        let checks = batch["runs"][run]["lanes"][0]["checks"].as_array();
        let checks = checks.expect("checks").iter();
        checks.map(|check| &check["passed"]).collect()
    };
    assert_eq!(passed(0), [&json!(true)]);
    assert_eq!(passed(1), [&json!(true), &Value::Null]);
    assert_eq!(passed(2), [&json!(false), &Value::Null]);
    let report = home.run(&["report", "--format", "json"]);
    let report: Value = serde_json::from_str(&report.out).expect("JSON");
    let checks = &report["summary"][0]["checks"];
    assert_eq!(
        (&checks["passed"], &checks["judged"], &checks["unknown"]),
        (&json!(1), &json!(2), &json!(1)),
        "{checks}"
    );
    let loud = home.run(&["replay", &suite]);
    assert!(
        loud.err.contains("p.yaml:2: `providers` is not used")
            && loud
                .err
                .contains("p.yaml:9: the assertion `python` is not supported"),
        "{}",
        loud.err
    );
}
