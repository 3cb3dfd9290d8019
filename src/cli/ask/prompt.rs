//! Where the prompt comes from: the command line, a file or standard input. Changes nothing but the line feeds at its end.

use crate::failure::CliError;
use std::{
    fs::File,
    io::{self, IsTerminal, Read},
    path::Path,
};

/// The longest prompt that is read: many times the context of any model; an endless input must not fill the memory.
const MAX_BYTES: usize = 16 << 20;

/// Reads the prompt that the command line asks for.
pub(super) fn read(prompt: Option<&str>, file: Option<&Path>) -> Result<String, CliError> {
    let stdin = || from(io::stdin().lock(), "standard input", MAX_BYTES);
    match (prompt, file) {
        (Some("-"), None) => stdin(),
        (Some(prompt), None) => checked(prompt.to_owned(), "the command line"),
        (None, Some(path)) if path == Path::new("-") => stdin(),
        (None, Some(path)) => {
            let name = format!("`{}`", path.display());
            let file = File::open(path).map_err(|error| unreadable(&name, error))?;
            from(file, &name, MAX_BYTES)
        }
        (None, None) if !io::stdin().is_terminal() => stdin(),
        (None, None) => Err(CliError::usage("there is no prompt").hint(
            "`tierscope ask \"…\"`, `tierscope ask -f FILE`, or a pipe into `tierscope ask -`",
        )),
        (Some(_), Some(_)) => Err(CliError::usage(
            "a prompt and a file with a prompt cannot both be given",
        )),
    }
}

fn from(source: impl Read, name: &str, max_bytes: usize) -> Result<String, CliError> {
    let mut bytes = Vec::new();
    source
        .take(max_bytes as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| unreadable(name, error))?;
    if bytes.len() > max_bytes {
        return Err(CliError::usage(format!(
            "the prompt from {name} is longer than {max_bytes} bytes"
        )));
    }
    let mut text = String::from_utf8(bytes).map_err(|error| {
        CliError::usage(format!("the prompt from {name} is not UTF-8"))
            .caused_by(error.utf8_error())
    })?;
    text.truncate(text.trim_end_matches(['\n', '\r']).len());
    checked(text, name)
}

fn checked(prompt: String, name: &str) -> Result<String, CliError> {
    if prompt.trim().is_empty() {
        return Err(CliError::usage(format!("the prompt from {name} is empty")));
    }
    Ok(prompt)
}

fn unreadable(name: &str, error: io::Error) -> CliError {
    CliError::usage(format!("cannot read the prompt from {name}")).caused_by(error)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::failure::Exit;

    fn message(outcome: Result<String, CliError>) -> String {
        let error = outcome.expect_err("refused");
        assert_eq!(error.exit(), Exit::Usage);
        error.message
    }

    #[test]
    fn a_prompt_keeps_all_but_the_line_feeds_at_its_end() {
        let text = from(" a\n\n b \r\n\n".as_bytes(), "x", 100);
        assert_eq!(text.expect("read"), " a\n\n b ");
        assert_eq!(read(Some("hi"), None).expect("given"), "hi");
    }

    #[test]
    fn what_is_no_prompt_is_refused() {
        assert!(message(from("\n \n".as_bytes(), "x", 100)).contains("x is empty"));
        assert!(message(read(Some(" "), None)).contains("is empty"));
        assert!(message(from([0xff].as_slice(), "x", 100)).contains("not UTF-8"));
        assert!(message(from("abcd".as_bytes(), "x", 3)).contains("longer than 3 bytes"));
        assert!(from("abc".as_bytes(), "x", 3).is_ok());
        let missing = Path::new("/nowhere/at/all");
        assert!(message(read(None, Some(missing))).contains("`/nowhere/at/all`"));
        assert!(message(read(Some("a"), Some(missing))).contains("both"));
    }
}
