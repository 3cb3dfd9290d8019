//! The file that `--env-file` names: lines of `NAME=value`. Read only when it is asked for. Expands nothing inside of
//! values, and shows no value in a message: it may be a key.

use super::problem::{ConfigError, Problem};
use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// More than any such file needs; a wrong path may lead to something endless.
const MAX_BYTES: u64 = 1 << 20;

/// Reads the file. All problems at once; a file that is not there is one.
pub fn load(path: &Path) -> Result<Vec<(String, String)>, ConfigError> {
    let refuse = |problems| ConfigError::in_file(path, problems);
    let unread = |error: io::Error| {
        let message = match error.kind() {
            io::ErrorKind::NotFound => "--env-file: there is no such file".to_owned(),
            _ => format!("--env-file: cannot be read: {error}"),
        };
        refuse(vec![Problem::general(message)])
    };
    let mut bytes = Vec::new();
    fs::File::open(path)
        .and_then(|file| file.take(MAX_BYTES + 1).read_to_end(&mut bytes))
        .map_err(unread)?;
    if bytes.len() as u64 > MAX_BYTES {
        let message = "--env-file: is larger than 1 MiB, which no file of variables is";
        return Err(refuse(vec![Problem::general(message)]));
    }
    let text = String::from_utf8(bytes).map_err(|_| {
        refuse(vec![Problem::general(
            "--env-file: is not UTF-8 text".to_owned(),
        )])
    })?;
    parse(&text).map_err(refuse)
}

/// The variables of a text, in its order; of a name that stands twice both.
///
/// A line is empty, a comment that begins with `#`, or `NAME=value`, with `export` before it or not. A value is taken as
/// it stands up to ` #`; in double quotes with `\n`, `\t`, `\"`, `\\` and `\$` as escapes; in single quotes without any.
/// Values in quotes may go over several lines.
pub fn parse(text: &str) -> Result<Vec<(String, String)>, Vec<Problem>> {
    let text = text.trim_start_matches('\u{feff}');
    let mut variables = Vec::new();
    let mut problems = Vec::new();
    let mut lines = text.lines().enumerate();
    while let Some((index, line)) = lines.next() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut more = || lines.next().map(|(_, line)| line);
        match assignment(line, &mut more) {
            Ok(variable) => variables.push(variable),
            Err(message) => problems.push(Problem::on(index + 1, message)),
        }
    }
    if problems.is_empty() {
        Ok(variables)
    } else {
        Err(problems)
    }
}

type Lines<'l, 't> = &'l mut dyn FnMut() -> Option<&'t str>;

fn assignment(line: &str, more: Lines<'_, '_>) -> Result<(String, String), String> {
    let rest = match line.strip_prefix("export") {
        Some(rest) if rest.starts_with(char::is_whitespace) => rest.trim_start(),
        _ => line,
    };
    let (name, value) = rest
        .split_once('=')
        .ok_or("must be `NAME=value`, or a comment that begins with `#`")?;
    let name = name.trim_end();
    if !is_name(name) {
        return Err(
            "must begin with the name of a variable: letters, digits and `_`, no digit first"
                .to_owned(),
        );
    }
    let value = value.trim_start();
    let value = match value.chars().next() {
        Some(quote @ ('"' | '\'')) => quoted(after_first(value), quote, more)?,
        _ => plain(value),
    };
    Ok((name.to_owned(), value))
}

fn after_first(text: &str) -> &str {
    let mut chars = text.chars();
    chars.next();
    chars.as_str()
}

/// Whether a text can be the name of a variable.
pub fn is_name(text: &str) -> bool {
    !text.is_empty()
        && !text.starts_with(|c: char| c.is_ascii_digit())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

/// A value without quotes: up to a comment, which needs a space before it.
fn plain(value: &str) -> String {
    let comment = [" #", "\t#"]
        .iter()
        .filter_map(|mark| value.find(mark))
        .min();
    let value = comment.map_or(value, |at| value.split_at(at).0);
    let value = if value.starts_with('#') { "" } else { value };
    value.trim_end().to_owned()
}

/// A value after its opening quote, to the closing one; only a comment may follow.
fn quoted(first: &str, quote: char, more: Lines<'_, '_>) -> Result<String, String> {
    let mut value = String::new();
    let mut line = first;
    loop {
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            if c == quote {
                let after = chars.as_str().trim_start();
                return if after.is_empty() || after.starts_with('#') {
                    Ok(value)
                } else {
                    Err("has something behind the closing quote".to_owned())
                };
            }
            if c == '\\' && quote == '"' {
                match chars.next() {
                    Some('n') => value.push('\n'),
                    Some('t') => value.push('\t'),
                    Some(c @ ('"' | '\\' | '$')) => value.push(c),
                    Some(c) => value.extend(['\\', c]),
                    None => value.push('\\'),
                }
            } else {
                value.push(c);
            }
        }
        value.push('\n');
        line = more().ok_or("has no closing quote")?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Vec<(String, String)> {
        parse(text).unwrap()
    }

    #[test]
    fn every_form_of_a_line_is_read() {
        let text = "\u{feff}# keys\n\n  A=one\nexport B = two # three\r\nC='a \\n # $x'  # four\nD=\"a\\n\\\"\\$\\q\"\nE=\n\
                    F=x#y=z\nG=\"two\nlines\"\nH=#none\nexported=yes\n";
        let expected = [
            ("A", "one"),
            ("B", "two"),
            ("C", "a \\n # $x"),
            ("D", "a\n\"$\\q"),
            ("E", ""),
            ("F", "x#y=z"),
            ("G", "two\nlines"),
            ("H", ""),
            ("exported", "yes"),
        ];
        let expected = expected.map(|(name, value)| (name.to_owned(), value.to_owned()));
        assert_eq!(parsed(text), expected);
    }

    #[test]
    fn every_problem_names_its_line_and_no_value() {
        let text = "A=fine\nsk-secret\n1B=sk-secret\nC D=sk-secret\nE='sk-secret' sk-secret\nF=\"sk-secret\n";
        let problems = parse(text).unwrap_err();
        let lines: Vec<_> = problems.iter().map(|problem| problem.line).collect();
        assert_eq!(lines, [2, 3, 4, 5, 6].map(Some));
        assert!(problems.iter().all(|p| !p.message.contains("secret")));
    }

    #[test]
    fn a_file_that_is_not_there_is_an_error() {
        let error = load(Path::new("/nowhere/.env")).unwrap_err();
        assert_eq!(
            error.to_string(),
            "/nowhere/.env: --env-file: there is no such file"
        );
        assert!(load(Path::new("/")).is_err(), "a folder is no file");
    }
}
