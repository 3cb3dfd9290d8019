//! Checks of what an answer says.

use super::*;
use std::fmt::Write as _;

#[test]
fn equals_leaves_white_space_around_out_and_nothing_else() {
    let check = json!({"equals": "a  b"});
    assert_passes(&check, "\n a  b\t", "the answer is `a b`");
    assert_fails(&check, "a b!", "the answer is `a b!`, not `a b`");
    assert_eq!(found(&check, "A  b").0, Some(false));
    assert_eq!(found(&check, "a b").0, Some(false));
    assert_fails(
        &json!({"equals": "x"}),
        "",
        "the answer is nothing, not `x`",
    );
}

#[test]
fn every_part_is_to_be_there_and_every_missing_one_is_named() {
    let check = json!({"contains": ["red", "green", "blue"]});
    assert_passes(&check, "red, green, blue", "found: `red`, `green`, `blue`");
    assert_fails(&check, "Red and green", "not found: `red`, `blue`");
    let check = json!({"not_contains": ["sorry", "cannot"]});
    assert_passes(&check, "Gladly.", "not found: `sorry`, `cannot`");
    assert_fails(&check, "I cannot.", "found: `cannot`");
    let many = json!({"contains": ["1", "2", "3", "4", "5"]});
    assert_fails(&many, "", "not found: `1`, `2`, `3` and 2 more");
}

#[test]
fn one_of_several_is_enough() {
    let check = json!({"one_of": ["yes", "no"]});
    assert_passes(&check, " no\n", "the answer is `no`");
    assert_fails(
        &check,
        "maybe",
        "the answer is `maybe`, none of `yes`, `no`",
    );
}

#[test]
fn a_pattern_is_found_anywhere() {
    let check = json!({"regex": r"\b(\d+) apples"});
    assert_passes(
        &check,
        "There are 12 apples.",
        r"`12 apples` matches `\b(\d+) apples`",
    );
    assert_fails(
        &check,
        "There are none.",
        r"nothing matches `\b(\d+) apples`",
    );
    assert_eq!(found(&json!({"regex": "^b$"}), "a\nb").0, Some(false));
    assert_eq!(
        found(&json!({"regex": "(?m)^B$(?i)"}), "a\nB").0,
        Some(true)
    );
}

#[test]
fn a_pattern_that_explodes_elsewhere_does_not_here() {
    let text = "a".repeat(20_000);
    assert_eq!(
        found(&json!({"regex": "^(a+)+$"}), &format!("{text}!")).0,
        Some(false)
    );
    assert_eq!(found(&json!({"regex": "^(a|aa)*b"}), &text).0, Some(false));
}

#[test]
fn json_is_bare_or_in_one_fence() {
    let check = json!({"json": true});
    for text in [
        r#"{"a": [1, 2.5e3, "x"]}"#,
        " [] \n",
        "null",
        "```json\n{\"a\": 1}\n```",
        "```JSON  \n{\"a\": \"```\"}\n``` ",
        "```\n[1,\n2]\n```",
        "````json\n{}\n````",
        r#"{"a": 1, "a": 2}"#,
        "1e999",
    ] {
        assert_eq!(
            found(&check, text),
            (Some(true), "valid JSON".to_owned()),
            "{text}"
        );
    }
    for text in [
        "",
        "{a: 1}",
        "{'a': 1}",
        "{\"a\": 1,}",
        "{} {}",
        "NaN",
        "```python\n{}\n```",
        "```json\n{}",
        "```json\n{}```",
        "Here:\n```json\n{}\n```",
    ] {
        assert_eq!(found(&check, text).0, Some(false), "{text}");
    }
    assert_fails(&check, " ", "the answer is empty");
    assert_fails(
        &check,
        "{\"a\": 1,}",
        "not valid JSON: key must be a string at line 1 column 9",
    );
    let (_, reason) = found(&check, "Here:\n```json\n{}\n```");
    assert!(
        reason.ends_with("; text stands beside the fenced block"),
        "{reason}"
    );
}

#[test]
fn deep_json_brings_nothing_down() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    assert_eq!(found(&json!({"json": true}), &deep).0, Some(true));
    let (passed, reason) = found(&json!({"json_schema": {"type": "array"}}), &deep);
    assert_eq!(passed, Some(false));
    assert!(reason.contains("recursion limit"), "{reason}");
}

#[test]
fn a_schema_names_the_first_fault_and_its_place() {
    let schema = json!({"json_schema": {
        "type": "object",
        "required": ["name"],
        "properties": {"name": {"type": "string"}, "ages": {"items": {"$ref": "#/$defs/age"}}, "mail": {"format": "email"}},
        "$defs": {"age": {"type": "integer", "maximum": 150}},
    }});
    assert_passes(
        &schema,
        "```json\n{\"name\": \"a\", \"ages\": [1]}\n```",
        "JSON that the schema accepts",
    );
    assert_fails(&schema, "{}", "\"name\" is a required property");
    assert_fails(
        &schema,
        r#"{"name": "a", "ages": [1, 200]}"#,
        "`/ages/1`: 200 is greater than the maximum of 150",
    );
    assert_eq!(
        found(&schema, r#"{"name": "a", "mail": "nobody"}"#).0,
        Some(false)
    );
    assert_eq!(found(&schema, "no JSON").0, Some(false));
}

#[test]
fn schemas_that_refer_to_themselves_end() {
    // Each of these would never come to an end if it were only followed.
    for schema in [
        json!({"$ref": "#"}),
        json!({"$dynamicRef": "#"}),
        json!({"allOf": [{"$ref": "#"}]}),
        json!({"anyOf": [{"type": "string"}, {"$ref": "#"}]}),
        json!({"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}),
    ] {
        assert_eq!(
            found(&json!({"json_schema": schema}), "{}").0,
            Some(true),
            "{schema}"
        );
    }
    let tree = json!({"json_schema": {"type": "object", "properties": {"child": {"$ref": "#"}}}});
    assert_eq!(found(&tree, r#"{"child": {"child": {}}}"#).0, Some(true));
    assert_eq!(found(&tree, r#"{"child": {"child": 1}}"#).0, Some(false));
}

#[test]
fn reasons_stay_short_and_safe_to_show() {
    let mut text = String::new();
    for at in 0..2_000 {
        write!(text, "line {at}\n\u{1b}[31m").unwrap();
    }
    let long = "x".repeat(500);
    for check in [
        json!({"equals": long}),
        json!({"regex": "(?s).+"}),
        json!({"one_of": [long]}),
        json!({"contains": [long]}),
    ] {
        let (_, reason) = found(&check, &text);
        assert!(reason.chars().count() < 160, "{reason}");
        assert!(!reason.contains(['\n', '\u{1b}']), "{reason}");
    }
}
