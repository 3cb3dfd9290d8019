//! How long files and functions may be.

use super::{
    lexer::Kind,
    rules::{Finding, finding},
    source::Source,
};
use std::collections::BTreeSet;

const MOST_LINES_OF_A_FILE: usize = 400;
const MOST_LINES_OF_A_FUNCTION: usize = 70;

pub fn file_is_short(source: &Source) -> Vec<Finding> {
    let lines = source.text.lines().count();
    if lines <= MOST_LINES_OF_A_FILE {
        return Vec::new();
    }
    let text = format!("{lines} lines, {MOST_LINES_OF_A_FILE} at most: split it by concept");
    vec![finding(source, lines, text)]
}

/// Counts the lines of a body that hold code, as clippy does; braces, comments and blank lines are free.
pub fn functions_are_short(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (at, token) in source
        .tokens
        .iter()
        .enumerate()
        .filter(|(_, t)| t.is_word("fn"))
    {
        let Some(name) = source.tokens.get(at + 1).filter(|t| t.kind == Kind::Word) else {
            continue;
        };
        let lines = body_of(source, at).map_or(0, |body| lines_of_code(source, body));
        if lines > MOST_LINES_OF_A_FUNCTION {
            let text = format!(
                "`{}` has {lines} lines, {MOST_LINES_OF_A_FUNCTION} at most",
                name.text
            );
            findings.push(finding(source, token.first_line, text));
        }
    }
    findings
}

/// The tokens between the braces of the function whose `fn` is at `at`; none where it has no body.
fn body_of(source: &Source, mut at: usize) -> Option<std::ops::Range<usize>> {
    loop {
        let token = source.tokens.get(at)?;
        match token.text.as_str() {
            _ if token.kind != Kind::Mark => at += 1,
            ";" => return None,
            "{" => return Some(at + 1..source.closing(at)?),
            "(" | "[" => at = source.closing(at)? + 1,
            _ => at += 1,
        }
    }
}

fn lines_of_code(source: &Source, body: std::ops::Range<usize>) -> usize {
    let tokens = source.tokens[body].iter();
    let lines: BTreeSet<usize> = tokens.flat_map(|t| t.first_line..=t.last_line).collect();
    lines.len()
}

#[test]
fn a_file_of_401_lines_is_too_long() {
    let of = |lines: usize| file_is_short(&Source::new("src/a.rs", &"// a\n".repeat(lines)));
    assert_eq!((of(400).len(), of(401).len()), (0, 1));
}

#[test]
fn a_function_of_71_lines_is_too_long() {
    let body = |lines: usize| format!("{}\n// a comment\n\n", "    b();\n".repeat(lines));
    let of = |text: String| functions_are_short(&Source::new("src/a.rs", &text)).len();
    let function = |lines| {
        format!(
            "fn a(x: [u8; 2]) -> u8\nwhere u8: Copy {{\n{}}}",
            body(lines)
        )
    };
    assert_eq!((of(function(70)), of(function(71))), (0, 1));
    let string = format!("fn a() {{\n\"{}\";\n}}", "line\n".repeat(70));
    assert_eq!(of(string), 1);
    let declared = format!(
        "trait A {{ fn a();\n fn b(); }} const C: fn(u8) = d; fn e() {{ }}\n{}",
        body(90)
    );
    assert_eq!(of(declared), 0);
}
