//! What files of each form become.

use super::{Home, RECORDED, checks, ids, loaded, prompts};
use crate::{
    check::Checkers,
    domain::request::Role,
    suite::{fingerprint, load, load_with},
};
use serde_json::json;
use std::path::{Path, PathBuf};

#[test]
fn toml_holds_prompts_and_what_they_share() {
    let text = r#"
title = "Sums"
system = "Answer with the number only."
tags = ["sum"]
max_tokens = 20
vars = { a = 1 }
check = { json = true }

[[prompt]]
id = "first"
prompt = "What is {{ a }} + {{ b }}?"
vars = { b = 7 }
tags = ["easy", "sum"]
check = { number = "{{ a + b }}" }
repeat = 3

[[prompt]]
system = ""
max_tokens = 5
messages = [
  { role = "user", content = "{{ a }}?" },
  { role = "assistant", content = "Yes." },
  { role = "user", content = "Why?" },
]
"#;
    let suite = loaded("sums.toml", text).unwrap();
    assert_eq!(suite.title, "Sums");
    assert_eq!(ids(&suite), ["first", "sums-2"]);
    let [first, second] = suite.cases.as_slice() else {
        panic!()
    };
    assert_eq!(first.prompt(), "What is 1 + 7?");
    assert_eq!(
        first.system.as_deref(),
        Some("Answer with the number only.")
    );
    assert_eq!(
        (
            first.tags.join(" ").as_str(),
            first.max_tokens,
            first.repeat
        ),
        ("sum easy", Some(20), 3)
    );
    assert_eq!(
        (second.system.as_deref(), second.max_tokens, second.repeat),
        (None, Some(5), 1)
    );
    let turns: Vec<(Role, &str)> = second
        .messages
        .iter()
        .map(|turn| (turn.role, turn.content.as_str()))
        .collect();
    assert_eq!(
        turns,
        [
            (Role::User, "1?"),
            (Role::Assistant, "Yes."),
            (Role::User, "Why?")
        ]
    );
    assert_eq!(
        checks(&suite),
        [json!({ "number": 8 }), json!({ "json": true })]
    );
}

#[test]
fn without_variables_nothing_is_a_template() {
    let text = "[[prompt]]\nprompt = \"\"\"\nIs `{{ x }}` or {% y %} {# z #} Jinja?\n\"\"\"\ncheck = { contains = \"{{\" }\n";
    let suite = loaded("a.toml", text).unwrap();
    assert_eq!(
        prompts(&suite),
        ["Is `{{ x }}` or {% y %} {# z #} Jinja?\n"]
    );
    assert_eq!(checks(&suite), [json!({ "contains": "{{" })]);
    let suite = loaded("a.txt", "{{ x }}\n---\n{% y").unwrap();
    assert_eq!(
        (ids(&suite), prompts(&suite)),
        (vec!["a-1", "a-2"], vec!["{{ x }}", "{% y"])
    );
}

#[test]
fn lists_of_values_are_combined() {
    let text = "[[prompt]]\nid = \"p\"\nprompt = \"{{ b }}{{ a }}{{ c[0] }}\"\nvars = { b = [1, 2], a = [\"x y\", \"?\"], c = [[7]] }\n";
    let suite = loaded("a.toml", text).unwrap();
    let expected = ["p-b=1-a=x_y", "p-b=1-a=#2", "p-b=2-a=x_y", "p-b=2-a=#2"];
    assert_eq!(ids(&suite), expected);
    assert_eq!(prompts(&suite), ["1x y7", "1?7", "2x y7", "2?7"]);
}

#[test]
fn checks_are_filled_in_too() {
    let text = r#"{"id":"a","prompt":"{{x}}","system":"{{x}}!","vars":{"x":2.5,"names":["Al","Bo"]},"check":{"all":[{"number":{"value":"{{x*2}}","tolerance":0.1}},{"one_of":["{{names}}","b"]},{"max_tokens":"{{ (x*4)|int }}"}]}}"#;
    let suite = loaded("a.jsonl", text).unwrap();
    let check = |name: &str| json!({ "all": [{ "number": { "value": 5.0, "tolerance": 0.1 } }, { "one_of": [name, "b"] }, { "max_tokens": 10 }] });
    assert_eq!(checks(&suite), [check("Al"), check("Bo")]);
    assert_eq!(suite.cases.first().unwrap().system.as_deref(), Some("2.5!"));
}

#[test]
fn csv_rows_are_prompts() {
    let text = "\u{feff}id,prompt,expected,tags,city\r\na,Where is {{ city }}?,Italy,geo;easy,Rome\r\n,\"Two\r\nlines\",42,,Oslo\r\n";
    let suite = loaded("places.csv", text).unwrap();
    assert_eq!(ids(&suite), ["a", "places-2"]);
    assert_eq!(prompts(&suite), ["Where is Rome?", "Two\nlines"]);
    assert_eq!(
        checks(&suite),
        [json!({ "contains": "Italy" }), json!({ "number": 42.0 })]
    );
}

#[test]
fn carriage_returns_and_marks_change_nothing() {
    for (name, text) in [
        ("a.toml", "[[prompt]]\nprompt = \"\"\"x\ny\"\"\"\n"),
        ("a.jsonl", "{\"prompt\": \"x\\ny\"}\n\n"),
        ("a.txt", "x\ny\n"),
        ("a.yaml", "prompts:\n  - |-\n    x\n    y\n"),
    ] {
        let plain = loaded(name, text).unwrap();
        assert_eq!(prompts(&plain), ["x\ny"]);
        let other = loaded(name, &format!("\u{feff}{}", text.replace('\n', "\r\n"))).unwrap();
        assert_eq!(other, plain, "{name}");
    }
}

#[test]
fn several_files_are_one_suite() {
    let home = Home::of(&[
        (
            "easy.toml",
            "title = \"Easy\"\n[[prompt]]\nid = \"sum-1\"\nprompt = \"1\"\n[[prompt]]\nid = \"own\"\nprompt = \"2\"\n",
        ),
        ("hard.jsonl", "{\"id\": \"sum-1\", \"prompt\": \"3\"}\n"),
        ("more/README.md", "not a prompt"),
        ("more/text.md", "4"),
    ]);
    let suite = home.load(&["easy.toml", "hard.jsonl", "more"]).unwrap();
    assert_eq!(suite.title, "Easy + hard + more");
    assert_eq!(ids(&suite), ["easy/sum-1", "own", "hard/sum-1", "text-1"]);
    assert_eq!(prompts(&suite), ["1", "2", "3", "4"]);
    let renamed = home.load(&["easy.toml"]).unwrap();
    let fingerprint =
        |suite: super::Suite| fingerprint(&suite.cases.into_iter().collect()).unwrap();
    assert_ne!(fingerprint(renamed), fingerprint(suite));
}

#[test]
fn files_of_one_name_are_told_apart_by_their_folders() {
    let home = Home::of(&[
        ("en/q.txt", "1"),
        ("de/q.txt", "2"),
        ("de/r.txt", "3"),
        ("x/en/s.jsonl", r#"{"id": "own", "prompt": "4"}"#),
        ("y/en/s.jsonl", r#"{"id": "own", "prompt": "5"}"#),
        ("x/t.jsonl", r#"{"id": "own", "prompt": "6"}"#),
    ]);
    let names = |paths: &[&str]| -> Vec<String> {
        let suite = home.load(paths).unwrap();
        suite.cases.into_iter().map(|case| case.id).collect()
    };
    assert_eq!(names(&["en/q.txt", "de/q.txt"]), ["en/q-1", "de/q-1"],);
    assert_eq!(names(&["en", "de"]), ["en/q-1", "de/q-1", "r-1"]);
    assert_eq!(names(&["x", "y"]), ["x/en/s/own", "t/own", "y/en/s/own"],);
    // What was told apart before keeps its name.
    assert_eq!(names(&["x"]), ["s/own", "t/own"]);
}

#[test]
fn standard_input_is_a_file_as_well() {
    let ask = |text: &str| {
        let bytes = text.as_bytes().to_vec();
        let suite = load_with(&[PathBuf::from("-")], || Ok(bytes), RECORDED);
        suite
            .map(super::Suite::from)
            .map_err(|error| error.to_string())
    };
    let suite = ask("Say hi.\n---\nSay bye.\n").unwrap();
    assert_eq!(
        (suite.title.as_str(), ids(&suite)),
        ("stdin", vec!["stdin-1", "stdin-2"])
    );
    assert_eq!(prompts(&ask("{\"prompt\": \"x\"}").unwrap()), ["x"]);
    assert_eq!(prompts(&ask("[[prompt]]\nprompt = \"y\"").unwrap()), ["y"]);
    assert_eq!(ask("[[prompt]]\nprompt = ").unwrap_err().lines().count(), 1);
    assert_eq!(ask(" ").unwrap_err(), "standard input: is empty");
}

#[test]
fn the_starter_suites_load() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("prompts");
    let suite = super::Suite::from(load(&[folder], || Ok(Vec::new())).unwrap());
    assert_eq!((suite.title.as_str(), suite.warnings.len()), ("prompts", 0));
    assert!(suite.cases.len() > 200, "{}", suite.cases.len());
    let mut checkers = Checkers::default();
    for case in &suite.cases {
        let check = case.check.as_ref().expect(&case.id);
        let checker = checkers.checker(check);
        assert!(checker.is_ok(), "{}: {:?}", case.id, checker.err());
    }
}
