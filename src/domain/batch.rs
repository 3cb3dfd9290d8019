//! What is kept of a batch: its head, its runs, and its cells with their checks. Reads and writes no file.

use super::{
    check::Verdict,
    id::BatchId,
    record::{LaneRecord, RunHead},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// What started a batch.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BatchKind {
    /// A replay of a suite.
    Replay,
    /// A sitting in the playground.
    Sitting,
    /// One prompt of `ask`.
    Ask,
}

impl BatchKind {
    /// The word that is stored and shown.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replay => "replay",
            Self::Sitting => "sitting",
            Self::Ask => "ask",
        }
    }
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchHead {
    /// Unique.
    pub id: BatchId,
    /// RFC 3339 in UTC with milliseconds.
    pub started_at: String,
    /// What started it.
    pub kind: BatchKind,
    /// The suite's title; `None` where there was none.
    pub suite: Option<String>,
    /// How it was run: lanes with their sampling, model files and prices; schedule, seed, device, build. Holds no key.
    pub settings: Value,
}

impl BatchHead {
    /// What the settings say of a lane, as the configuration has it; `None` where they name none such.
    pub fn lane_settings(&self, name: &str) -> Option<&Value> {
        let lanes = self.settings.get("lane")?.as_array()?;
        let mut lanes = lanes.iter();
        lanes.find(|lane| lane.get("name").and_then(Value::as_str) == Some(name))
    }
}

/// One prompt of a batch: what was asked, and which case of its suite it was.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BatchRun {
    /// What was asked, when.
    pub head: RunHead,
    /// The case's id; `None` outside of a replay.
    pub prompt_id: Option<String>,
    /// Counted from 1.
    pub repetition: u32,
    /// The case's tags.
    pub tags: Vec<String>,
}

/// One cell: what a lane made of one prompt, and what the checks said.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// What the lane made of it.
    #[serde(flatten)]
    pub lane: LaneRecord,
    /// What came of the case's checks; empty where it has none.
    pub checks: Vec<Verdict>,
}

impl CellRecord {
    /// Whether its checks passed: all of them; `None` where there is none or one could not be judged and none failed. An
    /// answer that failed has not passed.
    pub fn is_passed(&self) -> Option<bool> {
        let each = self.checks.iter().map(|verdict| verdict.passed);
        let mut found = None;
        for passed in each {
            match passed {
                Some(false) => return Some(false),
                Some(true) if found.is_none() => found = Some(Some(true)),
                Some(true) => {}
                None => found = Some(None),
            }
        }
        found.flatten()
    }
}
