//! Holds answers against the checks of a suite, and reads those checks from a prompt file. Asks nobody: a judge's prompt
//! and how its words are read are here, the asking is not.
//!
//! A prompt file's check becomes a [`CheckSpec`] with [`parse`]; [`Checkers`] makes a [`Checker`] of it, which holds what
//! can be compiled once; that one turns an [`Answer`] and the opinions of judges into a [`Verdict`].
//!
//! [`CheckSpec`]: crate::domain::check::CheckSpec
//! [`Verdict`]: crate::domain::check::Verdict

mod checker;
mod json;
pub mod judge;
mod normal;
mod number;
mod pattern;
mod reader;
mod rules;
mod schema;
mod wording;

pub use self::{
    checker::{Checker, Checkers},
    reader::parse,
};

use crate::domain::{
    record::{LaneRecord, LaneStatus},
    usage::UsageSource,
};

/// A check that cannot be used: where inside it, and why, as a sentence.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{path}` {problem}")]
pub struct CheckError {
    /// Such as `check.all[1].regex`.
    pub path: String,
    /// Goes on after the path.
    pub problem: String,
}

/// What is held against a check.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Answer<'a> {
    /// How the lane ended: no check of a lane that failed passes, and none of one that was stopped can be judged.
    pub status: LaneStatus,
    /// What it answered, thinking left out.
    pub text: &'a str,
    /// Tokens of the completion, thinking included.
    pub completion_tokens: Option<u64>,
    /// Where the tokens come from; an estimate is judged too, and its verdict says so.
    pub tokens_source: Option<UsageSource>,
    /// Milliseconds to its last piece.
    pub e2e_ms: Option<f64>,
    /// US dollars.
    pub cost_usd: Option<f64>,
}

impl<'a> From<&'a LaneRecord> for Answer<'a> {
    fn from(lane: &'a LaneRecord) -> Self {
        Self {
            status: lane.status,
            text: &lane.answer,
            completion_tokens: lane.usage.completion_tokens,
            tokens_source: lane.usage.source,
            e2e_ms: lane.timing.e2e_ms,
            cost_usd: lane.cost_usd,
        }
    }
}

#[cfg(test)]
mod tests;
