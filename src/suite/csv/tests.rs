//! What rows become, and what is said about columns and cells.

use super::*;

fn read_text(text: &str) -> Result<Vec<Draft>, String> {
    let source = Source::of_bytes("a.csv", text.as_bytes().to_vec()).unwrap();
    let mut findings = Findings::default();
    let mut drafts = Vec::new();
    read(&source, &mut findings, &mut |draft| drafts.push(draft)).unwrap();
    findings
        .into_warnings()
        .map_err(|error| error.to_string())?;
    Ok(drafts)
}

#[test]
fn columns_are_what_they_say_or_variables() {
    let text = "id,prompt,expected,tags,city\na,\"In {{ city }},\n\"\"now\"\"?\",Paris,x; y,Rome\n,b,4.5,,\n";
    let drafts = read_text(text).unwrap();
    let [first, second] = drafts.as_slice() else {
        panic!("{drafts:?}")
    };
    assert_eq!(
        first.messages.first().unwrap().1.text,
        "In {{ city }},\n\"now\"?"
    );
    assert_eq!((first.id.as_deref(), first.place.line), (Some("a"), 2));
    assert_eq!(first.tags, ["x", "y"]);
    assert_eq!(first.vars, [("city".to_owned(), Node::of_text("Rome", 2))]);
    assert_eq!(
        first.checks.first().unwrap().value,
        json!({ "contains": "Paris" })
    );
    assert_eq!((second.id.as_deref(), second.place.line), (None, 4));
    assert_eq!(
        second.checks.first().unwrap().value,
        json!({ "number": 4.5 })
    );
}

#[test]
fn expected_is_a_number_where_an_answers_would_be_read_as_one() {
    let held = |cell: &str| expected(cell).unwrap();
    assert_eq!(held(" 1,000 "), json!({ "number": 1000.0 }));
    assert_eq!(held("-1,234.5"), json!({ "number": -1234.5 }));
    assert_eq!(held("1e3"), json!({ "number": 1000.0 }));
    for text in [
        "1,5",
        "50 %",
        "12:30",
        "9.11.2",
        "12345678901234567890",
        "1e999",
        "nan",
    ] {
        assert_eq!(held(text), json!({ "contains": text }));
    }
}

#[test]
fn columns_that_look_like_checks_are_no_variables() {
    let refused = [
        ("check", "checks stand in `expected`"),
        ("__expected", "checks stand in `expected`"),
        ("Expected", "did you mean `expected`?"),
        ("max_tokens", "JSON lines (.jsonl) have it"),
        ("messages", "JSON lines (.jsonl) have it"),
    ];
    for (name, advice) in refused {
        let error = read_text(&format!("prompt,{name}\na,1\n")).unwrap_err();
        assert!(
            error.starts_with(&format!("a.csv:1: the column `{name}`")),
            "{error}"
        );
        assert!(error.contains(advice), "{error}");
        let used = format!("prompt,{name}\na,1\n{{{{ {name} }}}},2\n");
        assert_eq!(read_text(&used).unwrap().len(), 2);
    }
}

#[test]
fn a_column_that_no_template_uses_is_named() {
    let warned = |text: &str| {
        let source = Source::of_bytes("a.csv", text.as_bytes().to_vec()).unwrap();
        let mut findings = Findings::default();
        read(&source, &mut findings, &mut |_| {}).unwrap();
        findings.into_warnings().unwrap()
    };
    let expected = "a.csv:1: the column `town` is used in no prompt, system or check";
    assert_eq!(
        warned("prompt,city,town\nIn {{ city }}?,Rome,x\n"),
        [expected]
    );
    assert_eq!(warned("prompt,town\nIn Rome?,x\n"), [""; 0]);
}

#[test]
fn expected_may_be_a_check_and_cells_may_be_parted_by_semicolons() {
    let drafts = read_text("prompt;expected\na;{\"\"\"regex\"\": 1}\n").unwrap_err();
    assert!(
        drafts.contains("a.csv:2: `expected` begins like a check"),
        "{drafts}"
    );
    let drafts = read_text("prompt;expected\na, b;\"{\"\"regex\"\": \"\"x\"\"}\"\n").unwrap();
    assert_eq!(
        drafts.first().unwrap().checks.first().unwrap().value,
        json!({ "regex": "x" })
    );
}

#[test]
fn what_is_wrong_is_named_with_its_line() {
    let wrong = [
        (
            "question\na\n",
            "a.csv:1: needs a column `prompt`; known columns: question",
        ),
        (
            "promt\na\n",
            "a.csv:1: needs a column `prompt`; did you mean `promt`?",
        ),
        (
            "prompt,x\na,b\nc\n",
            "a.csv:3: has 1 cells, but the header has 2 columns",
        ),
        (
            "prompt,x\na,\"b\nc,d\n",
            "a.csv:2: has a quote that is never closed",
        ),
        (
            "prompt,prompt\na,b\n",
            "a.csv:1: there are two columns `prompt`",
        ),
        ("prompt,\na,b\n", "a.csv:1: column 2 has no name"),
        ("prompt,x\n,b\n", "a.csv:2: `prompt` must not be empty"),
    ];
    for (text, message) in wrong {
        assert_eq!(read_text(text).unwrap_err(), message, "{text}");
    }
}
