//! What is said about files that cannot be used.

use super::{Home, loaded, refusal};
use crate::suite::{load, load_with};
use std::{fs::File, io, path::PathBuf};

#[test]
fn wrong_toml_is_named_with_line_and_key() {
    let wrong = [
        (
            "[[prompt]]\nprompt = \"x",
            "a.toml:2: invalid basic string, expected `\"`",
        ),
        (
            "titel = \"A\"\n[[prompt]]\nprompt = \"x\"",
            "a.toml:1: unknown key `titel` in the file; did you mean `title`?",
        ),
        (
            "[[prompt]]\npromt = \"x\"",
            "a.toml:1: [[prompt]] needs a `prompt` or `messages`\na.toml:2: unknown key `promt` in [[prompt]]; did you mean `prompt`?",
        ),
        (
            "[[prompt]]\nid = \"a\"\nprompt = 5",
            "a.toml:3: `prompt` must be a string, not a number",
        ),
        (
            "[[prompt]]\nid = \"a\"\nprompt = \" \"",
            "a.toml:3: `prompt` must not be empty",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\ntags = \"a\"",
            "a.toml:3: `tags` must be a list of strings, not a string",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\nrepeat = 0",
            "a.toml:3: `repeat` must be a whole number from 1 to 4294967295, not 0",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\nmax_tokens = 1.5",
            "a.toml:3: `max_tokens` must be a whole number from 1 to 4294967295, not 1.5",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\ncheck = \"y\"",
            "a.toml:3: `check` must be a table such as { contains = \"…\" }, not a string",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\nvars = { a = [] }",
            "a.toml:3: `vars` `a` is an empty list, which leaves no prompt",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\nmessages = []",
            "a.toml:3: [[prompt]] has both `prompt` and `messages`",
        ),
        (
            "[prompt]\nprompt = \"x\"",
            "a.toml:1: `prompt` must be written as [[prompt]]",
        ),
        (
            "title = \"A\"",
            "a.toml: holds no prompt: it needs a [[prompt]]",
        ),
        (
            "[[prompt]]\nprompt = \"x\"\nvars = { n = nan }",
            "a.toml:3: nan is no number that can be used",
        ),
        (
            "[[prompt]]\nid = \"a\\u0007\"\nprompt = \"x\"",
            "a.toml:2: `id` must not hold control characters",
        ),
    ];
    for (text, message) in wrong {
        assert_eq!(refusal("a.toml", text), message, "{text}");
    }
}

#[test]
fn problems_come_in_the_order_of_lines_and_known_keys_once() {
    let wrong = [
        (
            "[[prompt]]\nprompt = \"x\"\nzebra_crossing = 1",
            "a.toml:3: unknown key `zebra_crossing` in [[prompt]]; known keys: id, system, tags, vars, check, max_tokens, repeat, prompt, messages",
        ),
        (
            "[[prompt]]\nprompt = \"{{ y }}\"\nvars = { x = 1 }\n[[prompt]]\nprompt = 1",
            "a.toml:2: `prompt` uses an unknown variable `y`; did you mean `x`?\na.toml:5: `prompt` must be a string, not a number",
        ),
    ];
    for (text, message) in wrong {
        assert_eq!(refusal("a.toml", text), message, "{text}");
    }
}

#[test]
fn wrong_conversations_are_named() {
    let wrong = [
        ("[]", "must be a list of { role, content }, not empty"),
        ("[{ role = \"user\" }]", "holds one without `content`"),
        (
            "[{ role = \"usr\", content = \"x\" }]",
            "holds an unknown role `usr`; did you mean `user`?",
        ),
        (
            "[{ role = \"user\", content = 1 }]",
            "holds a `content` that is no text",
        ),
        (
            "[{ role = \"assistant\", content = \"x\" }]",
            "must end with a message of the role `user`",
        ),
        (
            "[{ role = \"user\", content = \"x\" }, { role = \"system\", content = \"y\" }]",
            "must have `system` first",
        ),
        (
            "[{ role = \"user\", content = \"x\", name = \"y\" }]",
            "holds an unknown key `name`; known keys: role, content",
        ),
    ];
    for (messages, problem) in wrong {
        let text = format!("[[prompt]]\nmessages = {messages}");
        assert_eq!(
            refusal("a.toml", &text),
            format!("a.toml:2: `messages` {problem}"),
            "{text}"
        );
    }
    let both = "[[prompt]]\nsystem = \"s\"\nmessages = [{ role = \"system\", content = \"t\" }, { role = \"user\", content = \"x\" }]";
    assert!(
        refusal("a.toml", both).contains("has both `system` and a message of the role `system`")
    );
}

#[test]
fn wrong_lines_of_json_are_named() {
    let text = "{\"prompt\": \"x\"}\n\n{\"prompt\": \"x}\n[1]\n{\"prompt\": \"x\", \"prompt\": \"y\"}\n{\"prompt\": 1}";
    assert_eq!(
        refusal("a.jsonl", text),
        "a.jsonl:3: is no JSON object: column 14: EOF while parsing a string\n\
         a.jsonl:4: the line must be a table, not a list\n\
         a.jsonl:5: is no JSON object: column 24: the key `prompt` is there twice\n\
         a.jsonl:6: `prompt` must be a string, not a number"
    );
    let nested = format!(
        "{{\"prompt\": \"x\", \"vars\": {}1{}}}",
        "[".repeat(100_000),
        "]".repeat(100_000)
    );
    assert!(refusal("a.jsonl", &nested).contains("recursion limit"));
}

#[test]
fn ids_are_unique() {
    let twice = "[[prompt]]\nid = \"a\"\nprompt = \"x\"\n[[prompt]]\nid = \"a\"\nprompt = \"y\"\n";
    assert_eq!(
        refusal("a.toml", twice),
        "a.toml:4: the id `a` is already used on line 1"
    );
    let home = Home::of(&[
        ("a.jsonl", r#"{"id": "x", "prompt": "1"}"#),
        ("b.jsonl", r#"{"id": "x", "prompt": "2"}"#),
        ("c.jsonl", r#"{"id": "a/x", "prompt": "3"}"#),
    ]);
    assert_eq!(
        home.load(&["a.jsonl", "b.jsonl", "c.jsonl"]).unwrap_err(),
        "c.jsonl:1: the id `a/x` is also used in a.jsonl:1"
    );
    for twice in [["a.jsonl", "a.jsonl"], ["a.jsonl", "./a.jsonl"]] {
        let message = home.load(&twice).unwrap_err();
        assert!(message.ends_with("a.jsonl: is named twice"), "{message}");
        assert_eq!(message.lines().count(), 1, "{message}");
    }
}

#[test]
fn templates_that_cannot_be_filled_in_are_named() {
    let of = |prompt: &str, check: &str| {
        refusal(
            "a.toml",
            &format!(
                "[[prompt]]\nvars = {{ city = \"Rome\" }}\nprompt = \"{prompt}\"\ncheck = {check}"
            ),
        )
    };
    assert_eq!(
        of("{{ citi }}", "{}"),
        "a.toml:3: `prompt` uses an unknown variable `citi`; did you mean `city`?"
    );
    assert_eq!(
        of("x", "{ all = [{ number = \"{{ city }}\" }] }"),
        "a.toml:4: `check.all.number` becomes `Rome`, which is no number"
    );
    assert!(
        of("x", "{ contains = \"{{ zebra }}\" }")
            .starts_with("a.toml:4: `check.contains` uses an unknown variable")
    );
    let endless = "{% for a in range(99999) %}{% for b in range(99999) %}{% endfor %}{% endfor %}";
    assert!(of(endless, "{}").contains("its loops are too long"));
    assert!(
        of("{% if city == 'x' %}y{% endif %}", "{}")
            .contains("`prompt` is empty when it is filled in")
    );
}

#[test]
fn a_matrix_may_be_too_large() {
    let hundred = format!("{:?}", (0..100).collect::<Vec<_>>());
    let text = format!(
        "[[prompt]]\nprompt = \"x\"\nvars = {{ a = {hundred}, b = {hundred}, c = {hundred}, d = [1, 2] }}"
    );
    assert_eq!(
        refusal("a.toml", &text),
        "a.toml:1: `vars` make 2000000 prompts of `a-1`; a suite has at most 1000000"
    );
}

#[test]
fn a_check_that_cannot_be_used_is_named() {
    let home = Home::of(&[(
        "a.toml",
        "[[prompt]]\nprompt = \"x\"\ncheck = { contain = \"y\" }",
    )]);
    let path = home.path().join("a.toml");
    let error = load_with(
        &[path],
        || Ok(Vec::new()),
        |_| {
            let path = "check.contain".to_owned();
            Err(crate::check::CheckError {
                path,
                problem: "is not known".to_owned(),
            })
        },
    );
    let message = error.unwrap_err().to_string();
    assert!(
        message.ends_with("a.toml:3: `check.contain` is not known"),
        "{message}"
    );
}

#[test]
fn files_that_are_no_prompts_are_refused() {
    let home = Home::of(&[
        ("empty.txt", " \n"),
        ("only.txt", "---\n---\n"),
        ("only.csv", "prompt\n"),
        ("x.rs", "x"),
        ("dir/x.rs", "x"),
    ]);
    home.write("binary.toml", b"a\0b");
    home.write("latin.txt", b"caf\xe9");
    home.write("wide.csv", b"\xff\xfeh\0i\0");
    File::create(home.path().join("huge.toml"))
        .unwrap()
        .set_len(1 << 30)
        .unwrap();
    let wrong = [
        ("empty.txt", "empty.txt: is empty"),
        ("only.txt", "only.txt: holds no prompt"),
        ("only.csv", "only.csv: holds no prompt"),
        (
            "binary.toml",
            "binary.toml: is binary, not text: byte 1 is zero",
        ),
        (
            "latin.txt",
            "latin.txt: is not UTF-8 text: line 1, byte 3; if it is Latin-1, convert it: iconv -f ISO-8859-1 -t UTF-8",
        ),
        (
            "wide.csv",
            "wide.csv: is UTF-16 text, not UTF-8; convert it: iconv -f UTF-16 -t UTF-8",
        ),
        (
            "huge.toml",
            "huge.toml: is larger than 256 MiB (1024 MiB), the most that is read; split it into several files",
        ),
        (
            "hugo.toml",
            "hugo.toml: there is no such file; did you mean `huge.toml`?",
        ),
        (
            "x.rs",
            "x.rs: is of no known kind: a prompt file is .toml, .jsonl, .csv, .txt, .md or .yaml",
        ),
        (
            "dir",
            "dir: holds no prompt files (.toml, .jsonl, .csv, .txt, .md, .yaml)",
        ),
    ];
    for (name, message) in wrong {
        assert_eq!(home.load(&[name]).unwrap_err(), message);
    }
    let all = home.load(&["empty.txt", "binary.toml"]).unwrap_err();
    assert_eq!(all.lines().count(), 2, "{all}");
}

#[test]
fn standard_input_may_fail() {
    let error = load(&[PathBuf::from("-")], || Err(io::Error::other("gone")));
    assert_eq!(
        error.unwrap_err().to_string(),
        "standard input: cannot be read: gone"
    );
    let error = load(&[PathBuf::from("-"), PathBuf::from("-")], || {
        Ok(b"x".to_vec())
    });
    assert_eq!(
        error.unwrap_err().to_string(),
        "-: standard input is named twice"
    );
    assert!(load(&[], || Ok(Vec::new())).is_err());
}

#[test]
fn yaml_that_grows_is_refused() {
    let levels = (1..12).map(|level| {
        let below = format!("*a{}", level - 1);
        format!("a{level}: &a{level} [{}]", vec![below; 10].join(", "))
    });
    let laughs = levels.collect::<Vec<_>>().join("\n");
    let laughs = format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{laughs}");
    let steps: Vec<String> = (0..2000)
        .map(|depth| format!("{}- ", " ".repeat(depth)))
        .collect();
    let wrong = [
        format!("{laughs}\nprompts: [x]\n"),
        format!("prompts: {}x{}\n", "[".repeat(50_000), "]".repeat(50_000)),
        format!("prompts:\n{}\n", steps.join("\n")),
        "prompts: [x\n".to_owned(),
        "prompts: [x]\nprompts: [y]\n".to_owned(),
        "prompts: [x]\n---\nprompts: [y]\n".to_owned(),
        "a: 1\n".to_owned(),
        "- x\n".to_owned(),
    ];
    for text in wrong {
        let message = refusal("a.yaml", &text);
        assert_eq!(message.lines().count(), 1, "{message}");
        assert!(message.len() < 400, "{message}");
    }
    assert!(loaded("a.yaml", "prompts: [x]\n").is_ok());
}

#[test]
fn more_yaml_than_is_read_is_refused() {
    let long = format!("prompts:\n  - {}\n", "x".repeat(8 << 20));
    let advice =
        "is larger than 8 MiB (9 MiB), the most that is read of YAML; put its tests into CSV";
    assert!(refusal("a.yaml", &long).starts_with(&format!("a.yaml: {advice}")));
    let error = load(&[PathBuf::from("-")], || Ok(long.into_bytes())).unwrap_err();
    assert!(error.to_string().contains(advice), "{error}");
}

#[test]
fn files_of_a_folder_that_are_no_suites_are_named() {
    let home = Home::of(&[
        ("a/x.txt", "x"),
        ("a/Cargo.toml", "[package]\nname = \"x\"\n"),
        ("a/docker-compose.yaml", "services:\n  x: {}\n"),
    ]);
    let what = |name: &str, held: &str| {
        format!(
            "a/{name}: holds no {held}: of a folder all such files are read; move it, or name the files that are suites"
        )
    };
    let expected = [
        what("Cargo.toml", "[[prompt]]"),
        what("docker-compose.yaml", "`prompts`"),
    ];
    assert_eq!(home.load(&["a"]).unwrap_err(), expected.join("\n"));
}

/// It would wait for a writer that never comes.
#[cfg(unix)]
#[test]
fn a_pipe_is_refused() {
    let home = Home::of(&[("a.yaml", "prompts: ['file://pipe.txt']\n")]);
    for name in ["pipe.jsonl", "pipe.txt"] {
        let made = std::process::Command::new("mkfifo")
            .arg(home.path().join(name))
            .status();
        if !made.is_ok_and(|status| status.success()) {
            eprintln!("skipped: there is no mkfifo here");
            return;
        }
    }
    for name in ["pipe.jsonl", "a.yaml"] {
        let message = home.load(&[name]).unwrap_err();
        assert!(
            message.contains("is a pipe or a device, not a file"),
            "{message}"
        );
    }
}
