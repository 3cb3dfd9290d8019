//! What a prompt file may write, and what it is told otherwise.

use super::*;
use crate::domain::check::{CheckSpec, JudgeSpec};
use proptest::prelude::*;

#[track_caller]
fn assert_refused(check: &Value, message: &str) {
    assert_eq!(parse(check).unwrap_err().to_string(), message);
}

#[test]
fn every_kind_is_read() {
    let number = |value, tolerance| CheckSpec::Number { value, tolerance };
    let texts = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| (*text).to_owned())
            .collect::<Vec<_>>()
    };
    let judge = |lane: Option<&str>, threshold, is_self_allowed| {
        CheckSpec::Judge(JudgeSpec {
            rubric: "Kind".to_owned(),
            lane: lane.map(str::to_owned),
            threshold,
            is_self_allowed,
        })
    };
    let cases = [
        (json!({"equals": "19"}), CheckSpec::Equals("19".to_owned())),
        (json!({"contains": "a"}), CheckSpec::Contains(texts(&["a"]))),
        (
            json!({"not_contains": ["a", "b"]}),
            CheckSpec::NotContains(texts(&["a", "b"])),
        ),
        (
            json!({"regex": "^a+$"}),
            CheckSpec::Regex("^a+$".to_owned()),
        ),
        (json!({"number": 19}), number(19.0, 0.0)),
        (json!({"number": "-1,234.5"}), number(-1234.5, 0.0)),
        (
            json!({"number": {"value": "3.25", "tolerance": 0.01}}),
            number(3.25, 0.01),
        ),
        (
            json!({"one_of": ["a", "b"]}),
            CheckSpec::OneOf(texts(&["a", "b"])),
        ),
        (json!({"json": true}), CheckSpec::Json),
        (
            json!({"json_schema": {"type": "object"}}),
            CheckSpec::JsonSchema(json!({"type": "object"})),
        ),
        (json!({"max_tokens": 100}), CheckSpec::MaxTokens(100)),
        (json!({"max_tokens": "100"}), CheckSpec::MaxTokens(100)),
        (json!({"max_seconds": 2.5}), CheckSpec::MaxSeconds(2.5)),
        (json!({"max_cost": 0}), CheckSpec::MaxCost(0.0)),
        (json!({"judge": "Kind"}), judge(None, 0.5, false)),
        (
            json!({"judge": {"rubric": "Kind", "lane": "big", "threshold": 0.8, "allow_self": true}}),
            judge(Some("big"), 0.8, true),
        ),
        (
            json!({"any": [{"json": true}, {"all": [{"number": 1}]}]}),
            CheckSpec::Any(vec![
                CheckSpec::Json,
                CheckSpec::All(vec![number(1.0, 0.0)]),
            ]),
        ),
        (
            json!({"json": true, "number": 1}),
            CheckSpec::All(vec![CheckSpec::Json, number(1.0, 0.0)]),
        ),
    ];
    for (check, spec) in cases {
        assert_eq!(parse(&check), Ok(spec), "{check}");
    }
}

#[test]
fn opposites_and_what_is_not_judged_are_read() {
    assert_eq!(
        parse(&json!({"not": {"json": true}})),
        Ok(CheckSpec::Not(Box::new(CheckSpec::Json)))
    );
    assert_eq!(
        parse(&json!({"not_judged": "by hand"})),
        Ok(CheckSpec::NotJudged("by hand".to_owned()))
    );
}

#[test]
fn wrong_values_are_named_with_their_place() {
    for (check, message) in [
        (
            json!("19"),
            "`check` must be a table, not a string, such as { contains = \"…\" }",
        ),
        (
            json!({"equals": 19}),
            "`check.equals` must be a string: write \"19\", or use `number`",
        ),
        (
            json!({"contains": ["a", ""]}),
            "`check.contains[1]` must not be empty",
        ),
        (
            json!({"contains": []}),
            "`check.contains` must not be an empty list",
        ),
        (
            json!({"one_of": "a"}),
            "`check.one_of` must be a list, not a string",
        ),
    ] {
        assert_refused(&check, message);
    }
}

#[test]
fn wrong_figures_are_named_with_their_place() {
    for (check, message) in [
        (
            json!({"number": "many"}),
            "`check.number` must be a number, not \"many\"",
        ),
        (
            json!({"number": "3 or 4"}),
            "`check.number` must be a number, not \"3 or 4\"",
        ),
        (
            json!({"number": {"tolerance": 1}}),
            "`check.number` needs a `value`",
        ),
        (
            json!({"number": {"value": 1, "tolerance": -1}}),
            "`check.number.tolerance` must not be negative, but is -1",
        ),
        (
            json!({"number": {"value": 1, "tolerence": 1}}),
            "`check.number.tolerence` is not known; did you mean `tolerance`?",
        ),
        (
            json!({"number": 1e17}),
            "`check.number` is too large to be told from its neighbours: give 1e17 a tolerance, or use `contains` for its digits",
        ),
        (
            json!({"json": false}),
            "`check.json` must be true; leave it out where the answer need not be JSON",
        ),
        (
            json!({"json_schema": true}),
            "`check.json_schema` must be a table that holds a schema, not a boolean",
        ),
        (
            json!({"max_tokens": 0}),
            "`check.max_tokens` must be a whole number from 1, not 0",
        ),
        (
            json!({"max_tokens": 2.5}),
            "`check.max_tokens` must be a whole number from 1, not 2.5",
        ),
        (
            json!({"max_seconds": null}),
            "`check.max_seconds` must be a number, not nothing",
        ),
    ] {
        assert_refused(&check, message);
    }
}

#[test]
fn wrong_judges_and_lists_are_named_with_their_place() {
    assert_refused(
        &json!({"not": 1}),
        "`check.not` must be a table, not a number, such as { contains = \"…\" }",
    );
    assert_refused(
        &json!({"not": {"regex": 1}}),
        "`check.not.regex` must be a string: write \"1\", or use `number`",
    );
    assert_refused(
        &json!({"not_judged": " "}),
        "`check.not_judged` must say why",
    );
    for (check, message) in [
        (
            json!({"judge": " "}),
            "`check.judge` must say what makes an answer good",
        ),
        (
            json!({"judge": {"lane": "a"}}),
            "`check.judge` needs a `rubric`: what makes an answer good, in words",
        ),
        (
            json!({"judge": {"rubric": "a", "threshold": 7}}),
            "`check.judge.threshold` must lie from 0 to 1, but is 7",
        ),
        (
            json!({"judge": {"rubric": "a", "allow_self": "yes"}}),
            "`check.judge.allow_self` must be true or false, not a string",
        ),
        (
            json!({"all": [{"json": true}, {"number": []}]}),
            "`check.all[1].number` must be a number, not a list",
        ),
        (json!({"any": []}), "`check.any` must not be an empty list"),
    ] {
        assert_refused(&check, message);
    }
}

#[test]
fn an_unknown_kind_is_told_the_nearest() {
    let nearest = |kind: &str| parse(&json!({kind: "a"})).unwrap_err().to_string();
    assert_eq!(
        nearest("contain"),
        "`check.contain` is no kind of check; did you mean `contains`?"
    );
    assert_eq!(
        nearest("Not-Contains"),
        "`check.Not-Contains` is no kind of check; did you mean `not_contains`?"
    );
    assert!(nearest("similarity").ends_with("is no kind of check; known are equals, contains, not_contains, regex, number, one_of, json, json_schema, max_tokens, max_seconds, max_cost, judge, all, any, not, not_judged"));
    assert!(
        parse(&json!({}))
            .unwrap_err()
            .to_string()
            .starts_with("`check` is empty; it takes equals, ")
    );
}

#[test]
fn patterns_that_cannot_be_used_are_named() {
    let reason = |pattern: &str| {
        parse(&json!({"any": [{"regex": pattern}]}))
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        reason("a(b"),
        "`check.any[0].regex` has the pattern `a(b`, which cannot be used: unclosed group"
    );
    for pattern in ["(?=a)b", "(?<!a)b", r"(a)\1"] {
        let reason = reason(pattern);
        assert!(
            reason.contains(pattern)
                && reason.ends_with("supported, so that no pattern can run for ever"),
            "{reason}"
        );
    }
    let words = json!({ "regex": r"^\W*(?:\w+\W+){11,39}\w+\W*$" });
    assert!(parse(&words).is_ok());
    let reason = reason(r"(\w{1000}){1000}");
    assert!(
        reason.ends_with(
            r"which needs more than 4 MiB when it is compiled; repeat less in it, or write `\S` for `\w`"
        ),
        "{reason}"
    );
}

#[test]
fn schemas_that_cannot_be_used_are_named() {
    let reason = |schema: Value| {
        parse(&json!({"json_schema": schema}))
            .unwrap_err()
            .to_string()
    };
    for address in [
        "https://example.com/a.json",
        "file:///etc/passwd",
        "http://127.0.0.1:1/a",
    ] {
        let schema = json!({"properties": {"a": {"$ref": address}}});
        assert_eq!(
            reason(schema),
            format!(
                "`check.json_schema` refers to `{address}`, which is not fetched; put what it holds under `$defs`"
            )
        );
    }
    let refused = [
        json!({"$ref": "other.json"}),
        json!({"$ref": "#/$defs/missing"}),
        json!({"type": "objekt"}),
        json!({"$schema": "https://example.com/draft", "type": "object"}),
        json!({"properties": {"a": {"pattern": "(?=a)"}}}),
        json!({"properties": {"a": {"format": "telephone"}}}),
    ];
    for schema in refused {
        let reason = reason(schema.clone());
        assert!(
            reason.starts_with("`check.json_schema` is no schema that can be used"),
            "{schema}: {reason}"
        );
    }
}

#[test]
fn checks_lie_at_most_so_deep() {
    let nested = |depth| (0..depth).fold(json!({"json": true}), |inner, _| json!({"any": [inner]}));
    assert!(parse(&nested(16)).is_ok());
    let error = parse(&nested(17)).unwrap_err();
    assert_eq!(
        error.problem,
        "lies deeper than 16 levels of `all`, `any` and `not`"
    );
}

#[test]
fn what_is_stored_is_read_again() {
    let spec =
        parse(&json!({"all": [{"number": {"value": 1, "tolerance": 0.5}}, {"judge": "Kind"}]}))
            .unwrap();
    let stored = serde_json::to_string(&spec).unwrap();
    assert_eq!(serde_json::from_str::<CheckSpec>(&stored).unwrap(), spec);
}

proptest! {
    #[test]
    fn what_is_read_can_be_compiled(kind in "(equals|contains|regex|number|one_of|max_tokens|judge)", text in ".{0,12}") {
        for value in [json!(text), json!([text])] {
            if let Ok(spec) = parse(&json!({&kind: value})) {
                prop_assert!(Checkers::default().checker(&spec).is_ok());
            }
        }
    }
}
