//! Tests of what is said about configuration files that cannot be used: full texts, with their lines.

use super::*;

fn environment() -> Environment {
    Environment::from_iter([("HOME", "/home/ada")])
}

/// What is wrong with a text, as a person reads it.
fn complaints(text: &str) -> String {
    let problems = parse(text, &environment()).expect_err(text);
    ConfigError::in_file("c.toml", problems).to_string()
}

/// A lane with these lines in it.
fn lane(lines: &str) -> String {
    format!("[[lane]]\nname = \"a\"\nprovider = \"openai\"\nmodel = \"m\"\n{lines}\n")
}

/// Lines in a lane, and what is said about them.
const BAD_LINES: &[(&str, &str)] = &[
    (
        "temprature = 1",
        "unknown key `temprature` in [[lane]] `a`; did you mean `temperature`?",
    ),
    (
        "temperature = \"hot\"",
        "`temperature` must be a number, not a string",
    ),
    (
        "temperature = 2.5",
        "`temperature` must be a number from 0 to 2, not 2.5",
    ),
    (
        "temperature = nan",
        "`temperature` must be a number from 0 to 2, not NaN",
    ),
    ("max_tokens = 0", "`max_tokens` must be at least 1"),
    (
        "max_tokens = -1",
        "`max_tokens` must be a whole number from 0 to 4294967295, not -1",
    ),
    (
        "max_tokens = 1.5",
        "`max_tokens` must be a whole number, not a number",
    ),
    (
        "seed = -1",
        "`seed` must be a whole number from 0 to 18446744073709551615, not -1",
    ),
    (
        "tier = \"huge\"",
        "`tier` must be one of base, small, mid, flagship, reasoning, not `huge`",
    ),
    (
        "effort = \"hgih\"",
        "`effort` must be one of none, low, medium, high, not `hgih`; did you mean `high`?",
    ),
    (
        "timeout = \"soon\"",
        "`timeout` must be a duration such as `500ms`, `90s`, `2m` or `1m30s`, not `soon`",
    ),
    (
        "timeout = 0",
        "`timeout` must be longer than 0 and at most 24h, not 0 seconds",
    ),
    (
        "timeout = true",
        "`timeout` must be a duration such as \"90s\", not a boolean",
    ),
    ("stop = [1]", "`stop` must hold strings only"),
    (
        "stop = [\"\"]",
        "`stop` must not hold an empty string, which would end every answer",
    ),
    (
        "enabled = \"yes\"",
        "`enabled` must be true or false, not a string",
    ),
    (
        "base_url = \"api.openai.com\"",
        "`base_url` must begin with http:// or https://, not `api.openai.com`",
    ),
    (
        "base_url = \"https://:80/v1\"",
        "`base_url` must be an address, not `https://:80/v1`",
    ),
    (
        "base_url = \"http://[::1\"",
        "`base_url` must be an address, not `http://[::1`: invalid IPv6 address",
    ),
    (
        "base_url = \"http://127.0.0.1:99999/v1\"",
        "`base_url` must be an address, not `http://127.0.0.1:99999/v1`: invalid port number",
    ),
    (
        "base_url = \"https://me:pw@host/v1\"",
        "`base_url` must not hold a user name or a password",
    ),
    (
        "base_url = \"https://host/v1?x=1\"",
        "`base_url` must not hold `?` or `#`: a path is put after it",
    ),
    (
        "api_key_env = \"sk-abc\"",
        "`api_key_env` must be the name of an environment variable, not a key",
    ),
    (
        "headers = { \"a b\" = \"x\" }",
        "`headers` holds `a b`, which cannot be the name of a header",
    ),
    (
        "headers = { \"X-A\" = \"a\", \"x-a\" = \"b\" }",
        "`headers` holds `x-a` twice: case does not tell headers apart",
    ),
    (
        "headers = { a = \"x\\n\" }",
        "`headers` holds a value for `a` that a header cannot carry: use plain ASCII",
    ),
    (
        "headers = { a = 1 }",
        "`headers` a must be a string, not a whole number",
    ),
    ("price = 1", "`price` must be a table, not a whole number"),
    (
        "price = { input = -1 }",
        "`input` must be a number from 0 to 1000000, not -1",
    ),
    (
        "price = { as_of = \"soon\" }",
        "`as_of` must be a day such as \"2026-11-01\", not `soon`",
    ),
    (
        "price = { imput = 1 }",
        "unknown key `imput` in `price` of [[lane]] `a`; did you mean `input`?",
    ),
    (
        "max_retries = 21",
        "`max_retries` must be from 0 to 20, not 21",
    ),
    ("extra = 1", "`extra` must be a table, not a whole number"),
    (
        "extra = { x = inf }",
        "`extra` holds a number that JSON cannot carry",
    ),
    (
        "gpu_layers = \"most\"",
        "`gpu_layers` must be \"auto\", \"all\" or a number of layers, not `most`",
    ),
    (
        "gpu_layers = -1",
        "`gpu_layers` must be a whole number from 0 to 4294967295, not -1",
    ),
    ("template = \"\"", "`template` must not be empty"),
    (
        "schedule = \"race\"",
        "unknown key `schedule` in [[lane]] `a`; it belongs in [defaults]",
    ),
];

/// Files, and what is said about them.
const BAD_FILES: &[(&str, &str)] = &[
    (
        "x = ",
        "c.toml:1: string values must be quoted, expected literal string",
    ),
    ("\n[defaults\n", "c.toml:2: unclosed table, expected `]`"),
    (
        "[defaults]\nseed = 1\nseed = 2\n",
        "c.toml:3: duplicate key",
    ),
    (
        "[default]\n",
        "c.toml:1: unknown key `default` in the file; did you mean `defaults`?",
    ),
    (
        "defaults = 1\n",
        "c.toml:1: `defaults` must be a table, not a whole number",
    ),
    (
        "[lane]\nname = \"a\"\n",
        "c.toml:1: `lane` must be written as [[lane]]",
    ),
    (
        "[[lane]]\n",
        "c.toml:1: a [[lane]] needs a `name`\nc.toml:1: [[lane]] needs a `provider`",
    ),
    (
        "\n[[lane]]\nname = \"a\"\n",
        "c.toml:2: [[lane]] `a` needs a `provider`",
    ),
    (
        "[[lane]]\nname = \"a\"\nprovider = \"opnai\"\n",
        "c.toml:3: `provider` names an unknown provider `opnai`; did you mean `openai`?",
    ),
    (
        "[[lane]]\nname = \"a\\u001b[2J\"\nprovider = \"ollama\"\nmodel = \"m\"\n",
        "c.toml:2: `name` must not hold control characters",
    ),
    (
        "[[lane]]\nname = \"a\"\nprovider = \"local\"\n",
        "c.toml:1: lane `a` (local) needs a `path`: the GGUF file to run",
    ),
    (
        "[[lane]]\nname = \"a\"\nprovider = \"anthropic\"\n",
        "c.toml:1: lane `a` (anthropic) needs a `model`, such as \"claude-haiku-4-5\"",
    ),
    (
        "[[lane]]\nname = \"a\"\nprovider = \"openai-compatible\"\nmodel = \"m\"\n",
        "c.toml:1: lane `a` (openai-compatible) needs a `base_url`, such as \"http://127.0.0.1:8000/v1\"",
    ),
    (
        "[host.opeanai]\nconcurrency = 0\n",
        "c.toml:1: unknown host `opeanai`; did you mean `openai`?\nc.toml:2: `concurrency` must be at least 1",
    ),
    (
        "[host.local]\n",
        "c.toml:1: `local` is no host: it is not reached over a network",
    ),
    (
        "[network]\nproxy = \"here\"\n",
        "c.toml:2: `proxy` must be a URL such as \"http://127.0.0.1:3128\"",
    ),
    (
        "[ui]\ncolour = 1\n",
        "c.toml:2: unknown key `colour` in [ui]; known keys: theme, keys",
    ),
];

#[test]
fn bad_values_are_named_with_their_line() {
    for (line, complaint) in BAD_LINES {
        assert_eq!(complaints(&lane(line)), format!("c.toml:5: {complaint}"));
    }
}

#[test]
fn a_key_in_the_file_is_refused_and_not_repeated() {
    assert_eq!(
        complaints(&lane("api_key = \"sk-123\"")),
        "c.toml:5: unknown key `api_key` in [[lane]] `a`; keys are not kept in this file: put the name of an \
         environment variable into `api_key_env`"
    );
}

#[test]
fn bad_tables_are_named_with_their_line() {
    for (text, complaint) in BAD_FILES {
        assert_eq!(complaints(text), *complaint);
    }
}

#[test]
fn all_problems_are_named_at_once_and_a_name_is_unique() {
    let text = format!("{}{}", lane("top_p = 2"), lane("min_p = \"x\""));
    assert_eq!(
        complaints(&text),
        "c.toml:5: `top_p` must be a number from 0 to 1, not 2\n\
         c.toml:6: lane name `a` is already used on line 1\n\
         c.toml:10: `min_p` must be a number, not a string"
    );
}

#[test]
fn files_that_are_none_are_refused() {
    let home = tempfile::tempdir().unwrap();
    let path = home.path().join("c.toml");
    assert_eq!(load(&path, &environment()), Ok(None));
    fs::write(&path, b"# fine\nx = \"\xff\"\n").unwrap();
    let message = load(&path, &environment()).unwrap_err().to_string();
    assert_eq!(message, format!("{}:2: is not UTF-8 text", path.display()));
    fs::write(&path, vec![b'#'; 1 << 20 | 1]).unwrap();
    let message = load(&path, &environment()).unwrap_err().to_string();
    assert_eq!(
        message,
        format!(
            "{}: is larger than 1 MiB, which no configuration is",
            path.display()
        )
    );
    let message = load(home.path(), &environment()).unwrap_err().to_string();
    assert!(message.contains("cannot be"), "{message}");
}
