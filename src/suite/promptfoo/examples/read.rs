//! Every form that prompts, variables and tests are read in, and what is asked then.

use super::{Home, checks, ids, loaded, prompts};
use serde_json::json;

/// Files beside a configuration.
const BESIDE: [(&str, &str); 10] = [
    ("p/one.txt", "\nAsk {{x}}\n---\nTell {{x}}\n"),
    ("p/two.md", "# {{x}}\n"),
    ("p/lines.csv", "prompt\nSay {{x}}\nSing {{x}}\n"),
    (
        "p/table.csv",
        "label,prompt\nfirst,\"Say, {{x}}\"\n,Sing {{x}}\n",
    ),
    ("p/form.json", "{\"task\": \"{{x}}\", \"n\": 2.0}"),
    ("p/form.yaml", "task: '{{x}}'\nlist: []\n"),
    ("v/values.yaml", "x: one\nz: 1\n"),
    ("v/more.json", "{\"z\": 2}"),
    ("v/text.sql", "  select 1\n\n"),
    ("v/table.yaml", "a: [1, 2]\n"),
];

#[test]
fn prompts_are_read_in_every_form() {
    let cases: [(&str, &[&str]); 8] = [
        ("file://p/one.txt", &["Ask X", "Tell X"]),
        ("p/two.md", &["# X\n"]),
        ("p/lines.csv", &["Say X", "Sing X"]),
        ("p/table.csv", &["Say, X", "Sing X"]),
        ("p/form.json", &["{\n  \"task\": \"X\",\n  \"n\": 2\n}"]),
        ("p/form.yaml", &["{\n  \"task\": \"X\",\n  \"list\": []\n}"]),
        ("'{{ x'", &["{{ x"]),
        ("\"- role: user\\n  content: Hi {{x}}\\n\"", &["Hi X"]),
    ];
    for (prompt, expected) in cases {
        let text = format!("prompts: [{prompt}]\ntests: [{{vars: {{x: X}}}}]\n");
        let home = Home::of(&BESIDE);
        home.write("a.yaml", text.as_bytes());
        let suite = home.load(&["a.yaml"]).unwrap();
        assert_eq!(prompts(&suite), expected, "{prompt}");
        let is_raw = prompt.contains("{{ x'");
        assert_eq!(
            suite.warnings.len(),
            usize::from(is_raw),
            "{:?}",
            suite.warnings
        );
    }
}

#[test]
fn variables_are_read_and_made_of_each_other_in_every_form() {
    let cases: [(&str, &[&str]); 12] = [
        ("{x: one, y: \"line\\n\"}", &["one|line|"]),
        ("{x: '{{ y }}!', y: '{{z}}', z: 3}", &["3!|3|3"]),
        ("{x: '{{ y | upper }}', y: b}", &["B|b|"]),
        ("{x: '{{ nobody.x }}', y: b}", &["{{ nobody.x }}|b|"]),
        ("{x: [a, b], y: [1, 2]}", &["a|1,2|", "b|1,2|"]),
        ("{x: {k: 1}, y: null, z: true}", &["[object Object]||true"]),
        ("{x: file://v/text.sql}", &["select 1||"]),
        ("{x: file://v/table.yaml}", &["{\"a\":[1,2]}||"]),
        ("v/values.yaml", &["one||1"]),
        ("[v/values.yaml, 'v/mor*.json']", &["one||2"]),
        ("{x: [file://v/text.sql, b]}", &["select 1||", "b||"]),
        ("{x: 4.0, y: 0.50, z: 1e3}", &["4|0.5|1000"]),
    ];
    for (vars, expected) in cases {
        let text =
            format!("prompts: ['{{{{x}}}}|{{{{y}}}}|{{{{z}}}}']\ntests: [{{vars: {vars}}}]\n");
        let home = Home::of(&BESIDE);
        home.write("a.yaml", text.as_bytes());
        assert_eq!(
            prompts(&home.load(&["a.yaml"]).unwrap()),
            expected,
            "{vars}"
        );
    }
}

#[test]
fn oddities_of_templates_are_named() {
    let text = "\
prompts: ['{{x}}{{y}}{{z}}']
tests:
  - vars: {x: {k: 1}, y: '{{nobody}}'}
";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!(prompts(&suite), ["[object Object]{{nobody}}"]);
    let expected = [
        "a.yaml:3: `z` has no value and is left empty in the prompt",
        "a.yaml:3: the variable `y` names one without a value and stays as it stands",
        "a.yaml:3: a variable that is a table becomes `[object Object]` in the prompt; the filter `dump` writes it as JSON",
    ];
    assert_eq!(suite.warnings, expected);
}

#[test]
fn tests_are_read_in_every_form() {
    let home = Home::of(&[
        (
            "a.yaml",
            "\
prompts: [{raw: 'A {{x}}', label: a}, {raw: 'B {{x}}', label: 'b: long'}]
defaultTest: file://default.json
assertionTemplates:
  polite: {type: contains, value: please}
tests:
  - file://t/*.yaml
  - t/rows.csv
  - t/lines.jsonl
  - vars: {x: here}
    prompts: [b]
    options: {repeat: 3}
    assert: [{$ref: '#/assertionTemplates/polite'}]
",
        ),
        (
            "default.json",
            "{\"vars\": {\"x\": \"none\"}, \"options\": {\"prefix\": \"> \"}}",
        ),
        (
            "t/1.yaml",
            "- vars: ../v/*.yaml\n- vars: {x: one}\n  prompts: a\n",
        ),
        (
            "t/2.yaml",
            "description: two\nvars: {x: two}\nprompts: [a]\n",
        ),
        ("v/in.yaml", "x: in\n"),
        (
            "t/rows.csv",
            "x,__expected1,__expected2,__config:__expected2:threshold,__metric,__metadata:k\nr,contains: s,latency,900,m,1\n",
        ),
        ("t/lines.jsonl", "{\"vars\": {\"x\": \"line\"}}\n\n"),
    ]);
    let suite = home.load(&["a.yaml"]).unwrap();
    assert_eq!(suite.warnings, [""; 0]);
    let expected = [
        "> A in", "> B in", "> A one", "> A two", "> A r", "> B r", "> A line", "> B line",
        "> B here",
    ];
    assert_eq!(prompts(&suite), expected);
    assert_eq!(ids(&suite)[3], "two-a");
    assert_eq!(
        checks(&suite)[4],
        json!([{ "contains": "s" }, { "max_seconds": 0.9 }])
    );
    assert_eq!(checks(&suite)[8], json!({ "contains": "please" }));
    assert_eq!(suite.cases.last().unwrap().repeat, 3);
}

#[test]
fn a_problem_in_a_file_of_tests_is_told_with_its_place_there() {
    let home = Home::of(&[
        (
            "a.yaml",
            "prompts: ['{{x|shout}}', y]\ntests: file://t.csv\n",
        ),
        ("t.csv", "x,__expected\na,javascript: true\n"),
    ]);
    let problems = home.load(&["a.yaml"]).unwrap_err();
    assert_eq!(
        problems,
        "t.csv:2: `prompt` cannot be filled in: filter shout is unknown"
    );
}

#[test]
fn a_file_outside_of_the_folder_is_named_before_all_else() {
    let text = "\
prompts: ['{{a}}{{b}}{{c}}']
redteam: {}
tests:
  - vars: {a: file://in/x.txt, b: file://../secret.txt}
  - vars: {a: file://in/../x.txt, c: 'file://../*.md'}
";
    let home = Home::of(&[
        ("c/a.yaml", text),
        ("c/in/x.txt", "in"),
        ("c/x.txt", "in"),
        ("secret.txt", "secret"),
        ("other.md", "other"),
    ]);
    let suite = home.load(&["c/a.yaml"]).unwrap();
    let [first, second, third, ..] = &suite.warnings[..] else {
        panic!("{:?}", suite.warnings);
    };
    assert!(
        first.ends_with("a.yaml:4: `../secret.txt` lies outside of the configuration's folder, and what stands in it may be sent to the lanes"),
        "{first}"
    );
    assert!(
        second.contains("a.yaml:5: ") && second.contains("other.md` lies outside"),
        "{second}"
    );
    assert!(third.contains("`redteam` is not supported"), "{third}");
}

#[test]
fn values_that_promptfoo_asks_otherwise() {
    let text = "\
prompts: ['{{a}}|{{b}}|{{c}}|{{d}}|{{e}}|{{f}}']
tests:
  - vars: {a: 1_000, b: 2024-01-05, c: 9007199254740993, d: 1.0, e: 0x1F, f: 1e3}
  - vars: file://v.yaml
";
    let home = Home::of(&[("a.yaml", text), ("v.yaml", "a: 5\n")]);
    let suite = home.load(&["a.yaml"]).unwrap();
    let expected = ["1000|2024-01-05|9007199254740993|1|31|1000", "5|||||"];
    assert_eq!(prompts(&suite), expected);
}
