//! Tests: configurations as people write them for promptfoo, and what becomes of each.

mod asserted;
mod left_out;
mod read;

use crate::suite::tests::{Home, checks, ids, loaded, prompts};
use serde_json::{Value, json};

/// The only note on a configuration whose parts are all supported, with the line of `providers`.
fn only_lanes(name: &str, line: usize) -> [String; 1] {
    [format!(
        "{name}:{line}: `providers` is not used: lanes come from the configuration and the command line"
    )]
}

/// JSON without a fence around it.
fn bare(check: &Value) -> Value {
    json!({ "all": [check, { "not": { "regex": r"\A\s*`" } }] })
}

#[test]
fn a_first_configuration() {
    let text = "\
# yaml-language-server: $schema=https://promptfoo.dev/config-schema.json
description: Two ways to ask
prompts:
  - 'Put this into {{language}}: {{input}}'
  - 'How does one say \"{{ input }}\" in {{ language }}?'
providers:
  - openai:gpt-4o-mini
  - id: anthropic:messages:claude-haiku-4-5
    config: {temperature: 0}
tests:
  - vars: {language: French, input: Good evening}
    assert:
      - type: contains
        value: Bonsoir
  - description: Signs, and Spanish!
    vars:
      language: Spanish
      input: Where is the station?
    assert:
      - type: icontains
        value: ¿Dónde está (la estación)?
      - type: latency
        threshold: 2500
      - type: cost
        threshold: 0.001
";
    let suite = loaded("a.yaml", text).unwrap();
    assert_eq!(suite.title, "Two ways to ask");
    assert_eq!(suite.warnings, [""; 0]);
    assert_eq!(suite.notes, only_lanes("a.yaml", 6));
    let expected = [
        "test-1-prompt-1",
        "test-1-prompt-2",
        "signs-and-spanish-prompt-1",
        "signs-and-spanish-prompt-2",
    ];
    assert_eq!(ids(&suite), expected);
    assert_eq!(prompts(&suite)[0], "Put this into French: Good evening");
    assert_eq!(
        prompts(&suite)[3],
        "How does one say \"Where is the station?\" in Spanish?"
    );
    let of_second = json!([
        { "regex": r"¿[dD][óÓ][nN][dD][eE] [eE][sS][tT][áÁ] \([lL][aA] [eE][sS][tT][aA][cC][iI][óÓ][nN]\)\?" },
        { "max_seconds": 2.5 },
        { "max_cost": 0.001 },
    ]);
    assert_eq!(
        checks(&suite)[1..3],
        [json!({ "contains": "Bonsoir" }), of_second]
    );
}

#[test]
fn conversations_in_json_and_yaml() {
    let home = Home::of(&[
        (
            "p.yaml",
            "prompts: [file://chat.json, file://filled.json, file://chat.yaml]\ntests:\n  - vars: {topic: 'the \"tide\"', who: file://who.txt}\n",
        ),
        (
            "chat.json",
            r#"[{"role": "system", "content": "You are {{ who }}."}, {"role": "user", "content": "Tell me about {{topic}}."}]"#,
        ),
        (
            "filled.json",
            "[\n {\"role\": \"system\", \"content\": {{ who | dump }}},\n {\"role\": \"user\", \"content\": {{ topic | dump }}}\n]\n",
        ),
        (
            "chat.yaml",
            "- role: user\n  content: Hello\n- role: assistant\n  content: Hi\n- role: user\n  content:\n    - type: text\n      text: '{{topic}}'\n",
        ),
        ("who.txt", "a sailor\n"),
    ]);
    let suite = home.load(&["p.yaml"]).unwrap();
    assert_eq!(suite.warnings, [""; 0]);
    assert_eq!(
        prompts(&suite),
        [
            "Tell me about the \"tide\".",
            "the \"tide\"",
            "the \"tide\""
        ]
    );
    let systems: Vec<Option<&str>> = suite
        .cases
        .iter()
        .map(|case| case.system.as_deref())
        .collect();
    assert_eq!(systems, [Some("You are a sailor."), Some("a sailor"), None]);
    assert_eq!(suite.cases[2].messages.len(), 3);
    // A folder's other files are parts of the configuration, not prompts of their own.
    assert_eq!(ids(&home.load(&["."]).unwrap()), ids(&suite));
}

#[test]
fn lists_of_texts_are_combined_and_other_lists_are_values() {
    let text = "\
prompts:
  - raw: '{{greeting}} {{name}}{% for n in numbers %} {{n}}{% endfor %}'
    label: Greeting
tests:
  - vars:
      greeting: [Hello, Good day]
      name: [Ada, Bob]
      numbers: [1, 2]
  - vars: {greeting: [Hello, Bye], name: all, numbers: []}
    options: {disableVarExpansion: true, prefix: 'Say: ', suffix: '!'}
";
    let suite = loaded("a.yaml", text).unwrap();
    let said = [
        "Hello Ada 1 2",
        "Hello Bob 1 2",
        "Good day Ada 1 2",
        "Good day Bob 1 2",
    ];
    assert_eq!(prompts(&suite)[..4], said);
    assert_eq!(prompts(&suite)[4], "Say: Hello,Bye all!");
    assert_eq!(ids(&suite)[2], "test-1-greeting=Good_day-name=Ada");
}

#[test]
fn tests_in_csv_and_defaults() {
    let home = Home::of(&[
        (
            "c/promptfooconfig.yaml",
            "prompts: file://prompts.txt\ndefaultTest:\n  vars: {tone: warm, shape: '{{tone}} verse'}\n  assert:\n    - type: not-contains\n      value: AI\ntests: file://tests.csv\n",
        ),
        (
            "c/prompts.txt",
            "In {{ shape }} about {{topic}}\n---\nA {{tone}} line on {{topic}}\n",
        ),
        (
            "c/tests.csv",
            "topic,tone,__expected,__expected2,__description\nrain,cold,contains-any: wet; rain,is-json,The Rain\nsnow,kind,white,grade: is kind,\nsun,dry,latency(1500),\"regex: s[uoi]n\",\n",
        ),
    ]);
    let suite = home.load(&["c"]).unwrap();
    assert_eq!(
        (suite.title.as_str(), suite.warnings.len()),
        ("c", 0),
        "{:?}",
        suite.warnings
    );
    assert_eq!(
        prompts(&suite)[..2],
        ["In cold verse about rain", "A cold line on rain"]
    );
    assert_eq!(
        ids(&suite)[..3],
        ["the-rain-prompt-1", "the-rain-prompt-2", "test-2-prompt-1"]
    );
    let not_ai = json!({ "not_contains": "AI" });
    let expected = [
        json!([not_ai, { "any": [{ "contains": "wet; rain" }] }, bare(&json!({ "json": true }))]),
        json!([not_ai, { "equals": "white" }, { "judge": "is kind" }]),
        json!([not_ai, { "max_seconds": 1.5 }, { "regex": "s[uoi]n" }]),
    ];
    let found: Vec<Value> = checks(&suite).into_iter().step_by(2).collect();
    assert_eq!(found, expected);
}

#[test]
fn prompts_without_tests_and_in_many_files() {
    let home = Home::of(&[
        (
            "a.yml",
            "prompts:\n  - prompts/*.txt\n  - id: file://more.md\n    label: More\n  - lines.jsonl\nevaluateOptions: {repeat: 2}\n",
        ),
        ("prompts/b.txt", "B\n---\nC"),
        ("prompts/a.txt", "A"),
        ("more.md", "# M\n---\nstill M"),
        ("lines.jsonl", "[{\"role\":\"user\",\"content\":\"L\"}]\n"),
    ]);
    let suite = home.load(&["a.yml"]).unwrap();
    assert_eq!(prompts(&suite), ["A", "B", "C", "# M\n---\nstill M", "L"]);
    assert_eq!(
        ids(&suite),
        ["prompt-1", "prompt-2", "prompt-3", "more", "prompt-5"]
    );
    assert!(suite.cases.iter().all(|case| case.repeat == 2));
}

#[test]
fn a_history_that_a_loop_writes() {
    let chat = "[
  {% for message in before %}{% for role, content in message %}
  {\"role\": \"{{ role }}\", \"content\": {{ content | dump }}},
  {% endfor %}{% endfor %}
  {\"role\": \"user\", \"content\": {{ question | dump }}}
]
";
    let text = "\
prompts:
  - file://chat.json
  - '[{\"role\": \"user\", \"content\": \"Please: {{question}}\"}]'
defaultTest:
  vars:
    before:
      - user: Who wrote \"Emma\"?
      - assistant: Jane Austen
tests:
  - vars: {question: 'And \"Persuasion\"?'}
";
    let home = Home::of(&[("a.yaml", text), ("chat.json", chat)]);
    let suite = home.load(&["a.yaml"]).unwrap();
    assert_eq!(
        prompts(&suite),
        ["And \"Persuasion\"?", "Please: And \"Persuasion\"?"]
    );
    let first = suite.cases.first().unwrap();
    let said: Vec<&str> = first
        .messages
        .iter()
        .map(|turn| turn.content.as_str())
        .collect();
    assert_eq!(said[..2], ["Who wrote \"Emma\"?", "Jane Austen"]);
}

#[test]
fn scenarios_and_values_from_many_files() {
    let text = "\
prompts: ['{{tongue}}: {{line}}']
scenarios:
  - description: tongues
    config:
      - vars: {tongue: Latin, hello: Salve}
      - vars: {tongue: Dutch, hello: Hoi}
    tests:
      - vars: {line: hi}
        assert: [{type: contains, value: '{{hello}}'}]
tests:
  - vars: {tongue: Greek, line: file://lines/*.txt}
";
    let home = Home::of(&[
        ("a.yaml", text),
        ("lines/b.txt", "two\n"),
        ("lines/a.txt", "one\n"),
    ]);
    let suite = home.load(&["."]).unwrap();
    assert_eq!(suite.warnings, [""; 0]);
    let expected = ["Greek: one", "Greek: two", "Latin: hi", "Dutch: hi"];
    assert_eq!(prompts(&suite), expected);
    assert_eq!(
        checks(&suite)[2..],
        [json!({ "contains": "Salve" }), json!({ "contains": "Hoi" })]
    );
    assert_eq!(ids(&suite)[1], "test-1-line=two");
}
