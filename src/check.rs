//! Holds answers against the checks of a suite, and reads those checks from a prompt file. Asks nobody: a judge's prompt
//! and how its words are read are here, the asking is not.

use crate::domain::check::CheckSpec;
use serde_json::Value;

/// A check that cannot be used: where inside it, and why, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {problem}")]
pub struct CheckError {
    /// Such as `check.all[1].regex`.
    pub path: String,
    /// Goes on after the path.
    pub problem: String,
}

/// Reads a check as a prompt file holds it: a table whose keys are kinds of checks; several are all to pass.
///
/// # Errors
/// What is wrong with it, and where inside it.
pub fn parse(value: &Value) -> Result<CheckSpec, CheckError> {
    Err(CheckError {
        path: "check".to_owned(),
        problem: format!("is not known: {value}"),
    })
}

/// A check that is ready to be held against answers.
#[derive(Debug)]
pub struct Checker;
