//! What text from standard input is: a suite, however broken, is told what is wrong with it, and never asked as a prompt,
//! which would cost money. Reads nothing.

use super::files::Format;

/// The keys of a suite, one of which its first line may set.
const KEYS: [&str; 8] = [
    "title",
    "system",
    "tags",
    "vars",
    "check",
    "max_tokens",
    "repeat",
    "prompt",
];

/// What a text is taken for; the error is what to do instead.
pub(super) fn format(text: &str) -> Result<Format, String> {
    let is_comment = |line: &&str| line.trim().is_empty() || line.starts_with('#');
    let first = text
        .lines()
        .find(|line| !is_comment(line))
        .unwrap_or_default()
        .trim();
    let is_object = |line: &str| serde_json::from_str::<serde_json::Map<_, _>>(line).is_ok();
    if first.starts_with("{\"") || is_object(first) {
        return Ok(Format::Jsonl);
    }
    let start = text.trim_start();
    if start
        .strip_prefix('[')
        .is_some_and(|rest| rest.trim_start().starts_with('{'))
    {
        return Err(
            "is a list in JSON; write one object a line (jq -c '.[]' does), or put the text into a .txt file if it is a prompt"
                .to_owned(),
        );
    }
    Ok(if text.lines().any(is_mark) || is_setting(first) {
        Format::Toml
    } else if is_promptfoo(text, first) {
        Format::Promptfoo
    } else if is_header(first) {
        Format::Csv
    } else {
        Format::Text
    })
}

/// Whether a line begins a prompt in TOML: `[[prompt]]`, with spaces and a comment where TOML allows them.
pub(super) fn is_mark(line: &str) -> bool {
    let inner = line
        .trim()
        .strip_prefix("[[")
        .and_then(|rest| rest.split_once("]]"));
    inner.is_some_and(|(name, rest)| {
        let rest = rest.trim_start();
        name.trim() == "prompt" && (rest.is_empty() || rest.starts_with('#'))
    })
}

/// `title = …`.
fn is_setting(line: &str) -> bool {
    line.split_once('=')
        .is_some_and(|(key, _)| KEYS.contains(&key.trim()))
}

/// A line `prompts:` in what begins like YAML.
fn is_promptfoo(text: &str, first: &str) -> bool {
    let is_key = |line: &str, wanted: Option<&str>| {
        line.split_once(':').is_some_and(|(key, rest)| {
            let is_wanted = match wanted {
                Some(wanted) => key == wanted,
                None => key
                    .chars()
                    .all(|c| c.is_alphanumeric() || "_-$".contains(c)),
            };
            is_wanted && (rest.is_empty() || rest.starts_with(char::is_whitespace))
        })
    };
    (first == "---" || is_key(first, None))
        && text.lines().any(|line| is_key(line, Some("prompts")))
}

/// Names of columns, one of them `prompt`: short, and without the marks of a sentence.
fn is_header(line: &str) -> bool {
    const MOST: usize = 40;
    let mark = [',', ';', '\t']
        .into_iter()
        .find(|mark| line.contains(*mark));
    let Some(mark) = mark else { return false };
    let names = line.split(mark).map(|name| name.trim().trim_matches('"'));
    let is_name = |name: &str| {
        name.chars().count() <= MOST
            && name.split(' ').count() <= 3
            && name
                .chars()
                .all(|c| c.is_alphanumeric() || "_- :".contains(c))
    };
    names.clone().all(is_name) && names.clone().any(|name| name == "prompt")
}

#[cfg(test)]
mod tests {
    use super::Format::{Csv, Jsonl, Promptfoo, Text, Toml};

    #[test]
    fn a_suite_is_told_from_a_prompt() {
        let suites = [
            ("# a\n[[prompt]]\nprompt = 'x'\n", Toml),
            ("\ntitle = \"broken", Toml),
            ("title=\"a\"\n[[prompt]]\nprompt = \"x\n", Toml),
            ("tags=[\"a\"]\n", Toml),
            ("titel = 'x'\n[[ prompt ]] # one\nprompt = 'x'", Toml),
            ("\n{\"prompt\": \"x\"}\n", Jsonl),
            ("{\"prompt\": broken}", Jsonl),
            ("prompts:\n  - x\n", Promptfoo),
            ("# yaml\ndescription: a b\nprompts: [\n", Promptfoo),
            ("---\nprompts: [x]\n", Promptfoo),
            ("prompt,expected\na,b\n", Csv),
            ("id;\"prompt\"\n1;\"a\n", Csv),
            ("expected\tprompt\n", Csv),
        ];
        let prompts = [
            "Say hi.\n---\nSay [[prompt]].",
            "a = 1",
            "Mend these prompts:\n- x\n",
            "Hello: is this a prompt?\nprompts:none\n",
            "prompt, but what of? Say it.",
            "[1] is a footnote",
            "prompt",
        ];
        for (text, format) in suites.into_iter().chain(prompts.map(|text| (text, Text))) {
            assert_eq!(super::format(text), Ok(format), "{text}");
        }
        for text in ["[{\"prompt\": \"x\"}]", " [\n  {\"prompt\": 1}\n]\n"] {
            assert!(
                super::format(text)
                    .unwrap_err()
                    .contains("one object a line")
            );
        }
    }
}
