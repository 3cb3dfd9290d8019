//! What is asked of a model: messages and sampling. Knows no wire format and no limits of a host.

use serde::{Deserialize, Serialize};

/// One request, the same for every dialect; a dialect turns it into its own body.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChatRequest {
    /// The model's name as its host knows it; unused by local lanes.
    pub model: String,
    /// Instructions that stand before the conversation.
    pub system: Option<String>,
    /// The conversation, oldest first, ending with the person's message.
    pub messages: Vec<Message>,
    /// How tokens are chosen and where the answer ends.
    pub sampling: Sampling,
    /// How much a reasoning model should think.
    pub effort: Option<Effort>,
    /// Merged into the request body last, as it is.
    pub extra: serde_json::Map<String, serde_json::Value>,
}

impl ChatRequest {
    /// The text of the last message of the person, or nothing.
    pub fn prompt_text(&self) -> &str {
        self.messages
            .iter()
            .rev()
            .find(|message| message.role == Role::User)
            .map_or("", |message| message.content.as_str())
    }
}

/// One message of a conversation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    /// Who speaks.
    pub role: Role,
    /// What was said.
    pub content: String,
}

/// Who speaks in a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The person.
    User,
    /// The model.
    Assistant,
}

/// How tokens are chosen and where the answer ends; what is `None` is left to the model's host.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct Sampling {
    /// Most completion tokens, thinking included.
    pub max_tokens: Option<u32>,
    /// 0 is greedy.
    pub temperature: Option<f64>,
    /// Nucleus: the smallest set of tokens whose probability reaches this.
    pub top_p: Option<f64>,
    /// Only the k likeliest tokens.
    pub top_k: Option<u32>,
    /// Only tokens at least this fraction as likely as the likeliest.
    pub min_p: Option<f64>,
    /// Makes sampling repeatable where the host supports it.
    pub seed: Option<u64>,
    /// Texts that end the answer; they are not part of it.
    pub stop: Vec<String>,
}

/// How much a reasoning model should think before it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Effort {
    /// No thinking where the model can go without.
    None,
    /// A little.
    Low,
    /// The usual amount.
    Medium,
    /// As much as it takes.
    High,
}

impl Effort {
    /// All of them, from nothing to all.
    pub const ALL: [Self; 4] = [Self::None, Self::Low, Self::Medium, Self::High];

    /// The word used on the command line and in configuration.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}
