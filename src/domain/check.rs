//! What an answer is held against, and what came of it. Judges nothing itself.

use super::cost::CostSum;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A check of a suite, its values already looked over.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CheckSpec {
    /// The whole answer, white space around it left out.
    Equals(String),
    /// Every one of these stands in the answer.
    Contains(Vec<String>),
    /// None of these stands in the answer.
    NotContains(Vec<String>),
    /// The pattern is found in the answer.
    Regex(String),
    /// The last number of the answer.
    Number {
        /// What it should be.
        value: f64,
        /// How far it may be from that, either way.
        tolerance: f64,
    },
    /// The whole answer is one of these.
    OneOf(Vec<String>),
    /// The answer is valid JSON, in a fence or bare.
    Json,
    /// The answer is JSON that this schema accepts.
    JsonSchema(Value),
    /// Most completion tokens, thinking included.
    MaxTokens(u64),
    /// Most seconds to the end of the answer.
    MaxSeconds(f64),
    /// Most US dollars.
    MaxCost(f64),
    /// A lane rates the answer.
    Judge(JudgeSpec),
    /// Every one of these passes.
    All(Vec<CheckSpec>),
    /// At least one of these passes.
    Any(Vec<CheckSpec>),
    /// This does not pass.
    Not(Box<CheckSpec>),
    /// Something that no check of ours can say, and why: the answer neither passes nor fails by it.
    NotJudged(String),
}

impl CheckSpec {
    /// The word it is written with.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Equals(_) => "equals",
            Self::Contains(_) => "contains",
            Self::NotContains(_) => "not_contains",
            Self::Regex(_) => "regex",
            Self::Number { .. } => "number",
            Self::OneOf(_) => "one_of",
            Self::Json => "json",
            Self::JsonSchema(_) => "json_schema",
            Self::MaxTokens(_) => "max_tokens",
            Self::MaxSeconds(_) => "max_seconds",
            Self::MaxCost(_) => "max_cost",
            Self::Judge(_) => "judge",
            Self::All(_) => "all",
            Self::Any(_) => "any",
            Self::Not(_) => "not",
            Self::NotJudged(_) => "not_judged",
        }
    }

    /// The judges in it, in their order.
    pub fn judges(&self) -> Vec<&JudgeSpec> {
        match self {
            Self::Judge(judge) => vec![judge],
            Self::All(parts) | Self::Any(parts) => parts.iter().flat_map(Self::judges).collect(),
            Self::Not(part) => part.judges(),
            _ => Vec::new(),
        }
    }
}

/// A lane that rates answers.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct JudgeSpec {
    /// What makes an answer good, in words.
    pub rubric: String,
    /// The lane that judges; `None`: the one that the command line names.
    pub lane: Option<String>,
    /// The least rating that passes, 0 to 1.
    pub threshold: f64,
    /// Judges answers of its own model, too.
    pub is_self_allowed: bool,
}

/// What came of one check.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Verdict {
    /// The word the check is written with.
    pub check: String,
    /// Whether it passed; `None` where it could not be judged, such as the cost of an unknown price.
    pub passed: Option<bool>,
    /// Why, in a sentence. Holds parts of the answer: untrusted.
    pub reason: String,
    /// 0 to 1, where a judge rated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
    /// A judge was asked, and nobody knows what that cost.
    #[serde(default, skip_serializing_if = "is_false")]
    pub judge_cost_unknown: bool,
    /// What came of the checks inside it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Verdict>,
}

#[allow(clippy::trivially_copy_pass_by_ref)] // as serde calls it
const fn is_false(value: &bool) -> bool {
    !*value
}

impl Verdict {
    /// Whether what it cost to have it, or a part of it, judged is not known.
    pub fn has_unknown_judging(&self) -> bool {
        self.judge_cost_unknown || self.parts.iter().any(Self::has_unknown_judging)
    }
}

/// What a judge said about one answer, and what that cost.
#[derive(Debug, Clone, PartialEq)]
pub struct Opinion {
    /// 0 to 1; `None` where no rating could be read.
    pub score: Option<f64>,
    /// Its reason, or why there is no rating.
    pub reason: String,
    /// What it cost to ask.
    pub cost: CostSum,
}
