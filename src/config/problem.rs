//! What is wrong with a configuration: every problem at once, each with its place. Prints nothing.

use std::{fmt, path::PathBuf};

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The line in the file, from 1; `None` where no line is to blame.
    pub line: Option<usize>,
    /// What is wrong, with which value, and what to do about it.
    pub message: String,
}

impl Problem {
    /// A problem on a line.
    pub fn on(line: usize, message: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            message: message.into(),
        }
    }

    /// A problem that no line is to blame for.
    pub fn general(message: impl Into<String>) -> Self {
        Self {
            line: None,
            message: message.into(),
        }
    }
}

/// A configuration that cannot be used. Shown with one line per problem: `FILE:LINE: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConfigError {
    /// The file; `None` where the problems are not in a file.
    pub file: Option<PathBuf>,
    /// All of them, in the order of their lines; never empty.
    pub problems: Vec<Problem>,
}

impl ConfigError {
    /// Problems in a file.
    pub fn in_file(file: impl Into<PathBuf>, mut problems: Vec<Problem>) -> Self {
        problems.sort_by_key(|problem| problem.line);
        Self {
            file: Some(file.into()),
            problems,
        }
    }

    /// A problem outside of any file.
    pub fn outside(message: impl Into<String>) -> Self {
        Self {
            file: None,
            problems: vec![Problem::general(message)],
        }
    }
}

impl fmt::Display for ConfigError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            if let Some(file) = &self.file {
                write!(out, "{}:", file.display())?;
                if let Some(line) = problem.line {
                    write!(out, "{line}:")?;
                }
                out.write_str(" ")?;
            }
            out.write_str(&problem.message)?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// The word that was probably meant, where one is near enough.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let limit = 1 + word.chars().count() / 3;
    known
        .into_iter()
        .map(|candidate| (distance(word, candidate), candidate))
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}

/// How far apart two words are; one that only lacks an end or a beginning of the other is near.
fn distance(word: &str, candidate: &str) -> usize {
    let (word, folded) = (word.to_lowercase(), candidate.to_lowercase());
    let is_part = word.len() >= 3 && (folded.contains(&word) || word.contains(&folded));
    if is_part {
        1
    } else {
        strsim::damerau_levenshtein(&word, &folded)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_is_recognised() {
        let known = ["temperature", "top_p", "top_k", "max_tokens", "model"];
        let found = [
            "temprature",
            "modle",
            "max-tokens",
            "tokens",
            "Model",
            "colour",
        ]
        .map(|word| nearest(word, known));
        assert_eq!(
            found,
            [
                Some("temperature"),
                Some("model"),
                Some("max_tokens"),
                Some("max_tokens"),
                Some("model"),
                None
            ]
        );
    }

    #[test]
    fn each_problem_is_a_line_with_its_place() {
        let error = ConfigError::in_file(
            "c.toml",
            vec![
                Problem::on(7, "late"),
                Problem::on(2, "early"),
                Problem::general("somewhere"),
            ],
        );
        assert_eq!(
            error.to_string(),
            "c.toml: somewhere\nc.toml:2: early\nc.toml:7: late"
        );
        assert_eq!(ConfigError::outside("no file").to_string(), "no file");
    }
}
