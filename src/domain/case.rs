//! The prompts of a suite, rendered and ready to be asked. Reads no file and renders no template.

use super::{check::CheckSpec, request::Message};
use serde::{Deserialize, Serialize};

/// Prompts that belong together, out of one file or several.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Suite {
    /// What it is called.
    pub title: String,
    /// Its prompts in their order; their ids are unique.
    pub cases: Vec<Case>,
    /// What of its files is not supported and changes what is asked or judged; one sentence each.
    pub warnings: Vec<String>,
    /// What of its files is not used here and changes nothing of that; one sentence each.
    pub notes: Vec<String>,
}

/// One prompt of a suite.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Case {
    /// Unique in the suite.
    pub id: String,
    /// Instructions before the conversation; `None` leaves the lane's own.
    pub system: Option<String>,
    /// The conversation, oldest first; the last one is the person's.
    pub messages: Vec<Message>,
    /// Words to pick it by.
    pub tags: Vec<String>,
    /// What its answer is held against.
    pub check: Option<CheckSpec>,
    /// Most tokens of the answer; `None` leaves the lane's own.
    pub max_tokens: Option<u32>,
    /// How often it is asked; at least 1.
    pub repeat: u32,
}

impl Case {
    /// The person's last message.
    pub fn prompt(&self) -> &str {
        self.messages
            .last()
            .map_or("", |message| message.content.as_str())
    }
}
