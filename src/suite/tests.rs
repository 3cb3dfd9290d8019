//! Tests of prompt files as a whole: what they become, and what is said about files that cannot be used.

mod faults;
mod forms;

use super::{ParseCheck, load_with};
use crate::domain::{case::Case, check::CheckSpec};
use serde_json::Value;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Takes every check as it stands, so that a test sees what the checks are given.
pub(super) const RECORDED: ParseCheck = |value| Ok(CheckSpec::JsonSchema(value.clone()));

/// A suite with all of its cases at hand.
#[derive(Debug, PartialEq)]
pub(super) struct Suite {
    pub(super) title: String,
    pub(super) cases: Vec<Case>,
    pub(super) warnings: Vec<String>,
    pub(super) notes: Vec<String>,
}

impl From<super::Suite> for Suite {
    fn from(suite: super::Suite) -> Self {
        Self {
            title: suite.title,
            cases: suite.cases.iter().map(Result::unwrap).collect(),
            warnings: suite.warnings,
            notes: suite.notes,
        }
    }
}

/// A folder with files in it.
pub(super) struct Home(tempfile::TempDir);

impl Home {
    pub(super) fn of(files: &[(&str, &str)]) -> Self {
        let home = Self(tempfile::tempdir().unwrap());
        for (name, text) in files {
            home.write(name, text.as_bytes());
        }
        home
    }

    pub(super) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(super) fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    /// What these paths in it become; problems without the folder's name.
    pub(super) fn load(&self, names: &[&str]) -> Result<Suite, String> {
        let paths: Vec<PathBuf> = names.iter().map(|name| self.path().join(name)).collect();
        let shown = format!("{}/", self.path().display());
        match load_with(
            &paths,
            || panic!("standard input is not asked for"),
            RECORDED,
        ) {
            Ok(suite) => {
                let mut suite = Suite::from(suite);
                for said in suite.warnings.iter_mut().chain(&mut suite.notes) {
                    *said = said.replace(&shown, "");
                }
                Ok(suite)
            }
            Err(error) => Err(error.to_string().replace(&shown, "")),
        }
    }
}

/// What one file becomes.
pub(super) fn loaded(name: &str, text: &str) -> Result<Suite, String> {
    Home::of(&[(name, text)]).load(&[name])
}

/// What is wrong with a file.
fn refusal(name: &str, text: &str) -> String {
    loaded(name, text).expect_err(text)
}

pub(super) fn ids(suite: &Suite) -> Vec<&str> {
    suite.cases.iter().map(|case| case.id.as_str()).collect()
}

pub(super) fn prompts(suite: &Suite) -> Vec<&str> {
    suite.cases.iter().map(Case::prompt).collect()
}

/// The checks as they were handed over.
pub(super) fn checks(suite: &Suite) -> Vec<Value> {
    fn one(check: &CheckSpec) -> Value {
        match check {
            CheckSpec::JsonSchema(value) => value.clone(),
            CheckSpec::All(parts) => parts.iter().map(one).collect(),
            other => panic!("{other:?}"),
        }
    }
    let checks = suite
        .cases
        .iter()
        .map(|case| case.check.as_ref().map_or(Value::Null, one));
    checks.collect()
}
