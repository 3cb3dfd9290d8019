//! What is wrong with prompt files, each problem with its file and line, and what of them is left out. Prints nothing.

use std::{fmt, rc::Rc};

/// More problems than a person reads at once; the rest is counted.
const MAX_PROBLEMS: usize = 20;

/// More warnings than a person reads at once; the rest is counted.
const MAX_WARNINGS: usize = 100;

/// The longest piece of a file that a message repeats, in characters.
const MAX_SHOWN: usize = 60;

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The file's name as a person gave it.
    pub file: String,
    /// The line in the file, from 1; `None` where no line is to blame.
    pub line: Option<usize>,
    /// What is wrong, with which key and value, and what to do about it.
    pub message: String,
}

/// Prompt files that cannot be used. Shown with one line per problem: `FILE:LINE: message`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SuiteError {
    /// The first of them, in the order they were found; never empty.
    pub problems: Vec<Problem>,
    /// How many more there are.
    pub more: usize,
}

impl SuiteError {
    /// A problem with a file as a whole.
    pub(super) fn of_file(file: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            problems: vec![Problem {
                file: file.into(),
                line: None,
                message: message.into(),
            }],
            more: 0,
        }
    }
}

impl fmt::Display for SuiteError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, problem) in self.problems.iter().enumerate() {
            if index > 0 {
                out.write_str("\n")?;
            }
            match problem.line {
                Some(line) => write!(out, "{}:{line}: {}", problem.file, problem.message)?,
                None => write!(out, "{}: {}", problem.file, problem.message)?,
            }
        }
        match self.more {
            0 => Ok(()),
            1 => out.write_str("\nand 1 more problem"),
            more => write!(out, "\nand {more} more problems"),
        }
    }
}

impl std::error::Error for SuiteError {}

/// A line of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Place {
    /// The file's name as a person gave it.
    pub(super) file: Rc<str>,
    /// From 1; 0 where no line is to blame.
    pub(super) line: usize,
}

impl Default for Place {
    fn default() -> Self {
        Self {
            file: Rc::from(""),
            line: 0,
        }
    }
}

impl Place {
    /// Another line of the same file.
    pub(super) fn at(&self, line: usize) -> Self {
        Self {
            file: Rc::clone(&self.file),
            line,
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => out.write_str(&self.file),
            line => write!(out, "{}:{line}", self.file),
        }
    }
}

/// What was found while files were read.
#[derive(Debug, Default)]
pub(super) struct Findings {
    problems: Vec<Problem>,
    more: usize,
    /// Warnings that come before all others, for a person who sees only the first.
    alarms: Vec<String>,
    warnings: Vec<String>,
    more_warnings: usize,
    notes: Vec<String>,
}

impl Findings {
    /// Notes something that makes the files unusable.
    pub(super) fn refuse(&mut self, place: &Place, message: impl Into<String>) {
        if self.problems.len() == MAX_PROBLEMS {
            self.more += 1;
            return;
        }
        self.problems.push(Problem {
            file: place.file.to_string(),
            line: (place.line > 0).then_some(place.line),
            message: message.into(),
        });
    }

    /// Notes something that is left out; the same sentence about the same place once.
    pub(super) fn warn(&mut self, place: &Place, sentence: impl fmt::Display) {
        self.push_warning(format!("{place}: {sentence}"));
    }

    /// As [`Self::warn`], and said before all that is left out.
    pub(super) fn alarm(&mut self, place: &Place, sentence: impl fmt::Display) {
        let alarm = format!("{place}: {sentence}");
        if !self.alarms.contains(&alarm) {
            self.alarms.push(alarm);
        }
    }

    /// Notes something that is not used and changes nothing of what is asked or judged; the same sentence once.
    pub(super) fn note(&mut self, place: &Place, sentence: impl fmt::Display) {
        let note = format!("{place}: {sentence}");
        if self.notes.len() < MAX_WARNINGS && !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn push_warning(&mut self, warning: String) {
        if self.warnings.contains(&warning) {
            return;
        }
        if self.warnings.len() == MAX_WARNINGS {
            self.more_warnings += 1;
        } else {
            self.warnings.push(warning);
        }
    }

    /// Takes over what is wrong with a file that could not be read.
    pub(super) fn add(&mut self, error: SuiteError) {
        for problem in error.problems {
            if self.problems.len() == MAX_PROBLEMS {
                self.more += 1;
            } else {
                self.problems.push(problem);
            }
        }
        self.more += error.more;
    }

    /// Takes over what was found in another file.
    pub(super) fn merge(&mut self, other: Self) {
        self.add(SuiteError {
            problems: other.problems,
            more: other.more,
        });
        self.alarms.extend(other.alarms);
        for warning in other.warnings {
            self.push_warning(warning);
        }
        self.more_warnings += other.more_warnings;
        self.notes.extend(other.notes);
    }

    /// Takes over what was found in one file by two looks at it, in the order of its lines.
    pub(super) fn merge_by_line(&mut self, mut one: Self, other: Self) {
        one.problems.extend(other.problems);
        one.more += other.more;
        one.problems.sort_by_key(|problem| problem.line);
        one.warnings.extend(other.warnings);
        one.more_warnings += other.more_warnings;
        one.notes.extend(other.notes);
        self.merge(one);
    }

    /// How many warnings there are beyond those that are listed.
    pub(super) const fn more_warnings(&self) -> usize {
        self.more_warnings
    }

    /// Whether something makes the files unusable.
    pub(super) fn is_refused(&self) -> bool {
        !self.problems.is_empty()
    }

    /// The notes so far.
    pub(super) fn take_notes(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notes)
    }

    /// The warnings, or the problems where there are any.
    pub(super) fn into_warnings(mut self) -> Result<Vec<String>, SuiteError> {
        if self.is_refused() {
            return Err(SuiteError {
                problems: self.problems,
                more: self.more,
            });
        }
        if self.more_warnings > 0 {
            self.warnings.push(format!(
                "{} more parts of these files are not supported and left out",
                self.more_warnings
            ));
        }
        self.alarms.append(&mut self.warnings);
        Ok(self.alarms)
    }
}

/// A piece of a file for a message: on one line and not long.
pub(super) fn shorten(text: &str) -> String {
    let mut words = text.split_whitespace();
    let mut short = words.next().unwrap_or_default().to_owned();
    for word in words {
        short.push(' ');
        short.push_str(word);
        if short.len() > 4 * MAX_SHOWN {
            break;
        }
    }
    match short.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => {
            short.truncate(end);
            short + "…"
        }
        None => short,
    }
}

/// An error's words on one line; longer than a piece of a file may be.
pub(super) fn shorten_to_line(text: &str) -> String {
    const MAX: usize = 300;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MAX) {
        Some((end, _)) => line.get(..end).unwrap_or_default().to_owned() + "…",
        None => line,
    }
}

/// How to go on after an unknown word: the one that was probably meant, else all.
pub(super) fn advice<'a>(word: &str, known: &[&'a str], what: &str) -> String {
    const MAX_KNOWN: usize = 20;
    let folded = word.to_lowercase();
    let limit = 1 + word.chars().count() / 3;
    let near = known
        .iter()
        .map(|known| {
            (
                strsim::damerau_levenshtein(&folded, &known.to_lowercase()),
                *known,
            )
        })
        .filter(|(distance, _)| *distance <= limit)
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((_, near)) => format!("; did you mean `{}`?", shorten(near)),
        None if known.is_empty() => format!("; there are no {what}"),
        None => {
            let rest = known.len().saturating_sub(MAX_KNOWN);
            let shown: Vec<&'a str> = known.iter().copied().take(MAX_KNOWN).collect();
            let more = if rest > 0 {
                format!(" and {rest} more")
            } else {
                String::new()
            };
            format!("; known {what}: {}{more}", shown.join(", "))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn problems_are_lines_and_only_the_first_are_shown() {
        let mut findings = Findings::default();
        let place = Place {
            file: "a.toml".into(),
            line: 3,
        };
        for number in 0..=MAX_PROBLEMS {
            findings.refuse(&place.at(number), format!("is wrong {number}"));
        }
        let error = findings.into_warnings().unwrap_err().to_string();
        assert!(
            error.starts_with("a.toml: is wrong 0\na.toml:1: is wrong 1\n"),
            "{error}"
        );
        assert!(error.ends_with("\nand 1 more problem"), "{error}");
    }

    #[test]
    fn the_same_warning_is_said_once() {
        let mut findings = Findings::default();
        let place = Place {
            file: "a.yaml".into(),
            line: 3,
        };
        findings.warn(&place, "`x` is left out");
        findings.warn(&place, "`x` is left out");
        assert_eq!(
            findings.into_warnings().unwrap(),
            ["a.yaml:3: `x` is left out"]
        );
    }

    #[test]
    fn warnings_beyond_the_listed_ones_are_counted() {
        let mut findings = Findings::default();
        let place = Place::default();
        for number in 0..MAX_WARNINGS + 5 {
            findings.warn(&place, number);
        }
        assert_eq!(findings.more_warnings(), 5);
        let warnings = findings.into_warnings().unwrap();
        assert_eq!(warnings.len(), MAX_WARNINGS + 1);
        assert!(warnings.last().unwrap().starts_with("5 more parts"));
    }

    #[test]
    fn shown_pieces_are_short_and_on_one_line() {
        assert_eq!(shorten(" a\n\tb "), "a b");
        assert_eq!(shorten(&"é".repeat(100)).chars().count(), MAX_SHOWN + 1);
        assert_eq!(
            advice("promt", &["id", "prompt"], "keys"),
            "; did you mean `prompt`?"
        );
        assert_eq!(
            advice("zebra", &["id", "prompt"], "keys"),
            "; known keys: id, prompt"
        );
        assert_eq!(
            advice("zebra", &[], "variables"),
            "; there are no variables"
        );
    }
}
