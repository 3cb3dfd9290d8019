//! The chat template of a GGUF file, rendered as Hugging Face renders it. Knows no tokens.
//!
//! A template is untrusted code: it runs in a sandbox without files or clock but the date, with bounded steps. What
//! the person and the model said is untrusted text: [`Rendered`] tells it from what the template itself wrote, so that
//! a tokenizer can be kept from reading control tokens in it.

mod dialect;
mod split;

#[cfg(test)]
mod tests;

use super::thinking::Tags;
use crate::domain::request::{Effort, Message, Role};
use minijinja::{Environment, Value, value::Serde};
use std::{
    collections::BTreeMap,
    io::{self, Write},
};

/// Steps that one rendering may take.
const FUEL: u64 = 2_000_000;
/// Longest prompt that a rendering may make.
const MAX_TEXT_BYTES: usize = 16 << 20;

/// A parsed template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    bos: String,
    eos: String,
    tags: Tags,
}

/// What a template is rendered with.
#[derive(Debug, Clone, Copy)]
pub struct Conversation<'a> {
    /// Instructions before the conversation.
    pub system: Option<&'a str>,
    /// The conversation, oldest first.
    pub messages: &'a [Message],
    /// How much to think.
    pub effort: Option<Effort>,
    /// More variables, over all others.
    pub variables: &'a serde_json::Map<String, serde_json::Value>,
}

/// A prompt, and what of it the template wrote.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rendered {
    /// What the template made of the conversation.
    pub text: String,
    /// The same in pieces; where `is_exact` does not hold, near to it.
    pub pieces: Vec<Piece>,
    /// Whether the pieces put together are the text.
    pub is_exact: bool,
}

/// A piece of a prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// Written by the template; may hold control tokens.
    Template(String),
    /// Said by somebody; text alone.
    Content(String),
}

/// Why a template gives no prompt.
#[derive(Debug, thiserror::Error)]
pub enum TemplateError {
    /// It is not Jinja that we understand.
    #[error(
        "the chat template is not valid: {0}; name another in the lane's `template`, or set it to \"none\""
    )]
    Syntax(String),
    /// It gave up.
    #[error(
        "the chat template cannot render this conversation: {0}; name another in the lane's `template`, or set it to \"none\""
    )]
    Render(String),
}

impl ChatTemplate {
    /// Parses a template; `bos` and `eos` are the texts of the model's own tokens.
    pub fn parse(source: &str, bos: String, eos: String) -> Result<Self, TemplateError> {
        let environment = dialect::environment(FUEL)
            .and_then(|mut environment| {
                let source = dialect::without_generation_tags(source);
                environment.add_template_owned("chat", source)?;
                Ok(environment)
            })
            .map_err(|error| TemplateError::Syntax(words(&error)))?;
        Ok(Self {
            environment,
            bos,
            eos,
            tags: Tags::of_template(source),
        })
    }

    /// The tags around this model's thinking.
    pub fn tags(&self) -> Tags {
        self.tags
    }

    /// Renders a conversation up to where the model is to speak.
    pub fn render(&self, conversation: &Conversation<'_>) -> Result<Rendered, TemplateError> {
        match self.render_turns(&turns(conversation), conversation) {
            // Some models know no system message; their instructions stand before the first question.
            Err(_) if conversation.system.is_some() => {
                self.render_turns(&merged_turns(conversation), conversation)
            }
            outcome => outcome,
        }
    }

    fn render_turns(
        &self,
        turns: &[Turn<'_>],
        conversation: &Conversation<'_>,
    ) -> Result<Rendered, TemplateError> {
        let text = self.run(turns, conversation, &|content| content.text.to_owned())?;
        let marks = split::Marks::new();
        // A template may refuse the marks where it took the text; then nothing in the text is the template's for sure.
        let marked = self.run(turns, conversation, &|content| marks.mark(content.index))?;
        let contents: Vec<&str> = turns
            .iter()
            .flat_map(|turn| &turn.contents)
            .map(|content| content.text)
            .collect();
        Ok(split::pieces(text, &marks.split(&marked), &contents))
    }

    fn run(
        &self,
        turns: &[Turn<'_>],
        conversation: &Conversation<'_>,
        shown: &dyn Fn(&Content<'_>) -> String,
    ) -> Result<String, TemplateError> {
        let messages: Vec<Value> = turns
            .iter()
            .map(|turn| {
                let contents: Vec<String> = turn.contents.iter().map(shown).collect();
                Value::from_pairs([
                    ("role", turn.role.to_owned()),
                    ("content", contents.join("\n\n")),
                ])
            })
            .collect();
        self.environment
            .get_template("chat")
            .and_then(|template| {
                let mut text = Bounded(Vec::new());
                template.render_captured_to(self.variables(messages, conversation), &mut text)?;
                Ok(String::from_utf8_lossy(&text.0).into_owned())
            })
            .map_err(|error| TemplateError::Render(words(&error)))
    }

    fn variables(&self, messages: Vec<Value>, conversation: &Conversation<'_>) -> Value {
        let mut variables: BTreeMap<String, Value> = BTreeMap::new();
        let mut set = |name: &str, value: Value| variables.insert(name.to_owned(), value);
        set("messages", Value::from(messages));
        set("add_generation_prompt", Value::from(true));
        set("bos_token", Value::from(self.bos.as_str()));
        set("eos_token", Value::from(self.eos.as_str()));
        set("tools", Value::from(()));
        set("documents", Value::from(()));
        if let Some(effort) = conversation.effort {
            let thinks = effort != Effort::None;
            set("enable_thinking", Value::from(thinks));
            set("thinking", Value::from(thinks));
            if thinks {
                set("reasoning_effort", Value::from(effort.name()));
            }
        }
        for (name, value) in conversation.variables {
            set(name, Value::from(Serde(value)));
        }
        Value::from(variables)
    }
}

/// A text that stops growing at [`MAX_TEXT_BYTES`].
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.0.len().saturating_add(bytes.len()) > MAX_TEXT_BYTES {
            return Err(io::Error::other(format!(
                "the prompt grows beyond {} MiB",
                MAX_TEXT_BYTES >> 20
            )));
        }
        self.0.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// One message as a template sees it.
struct Turn<'a> {
    role: &'static str,
    contents: Vec<Content<'a>>,
}

struct Content<'a> {
    index: usize,
    text: &'a str,
}

fn turns<'a>(conversation: &Conversation<'a>) -> Vec<Turn<'a>> {
    conversation
        .system
        .map(|text| ("system", text))
        .into_iter()
        .chain(conversation.messages.iter().map(|message| {
            let role = match message.role {
                Role::User => "user",
                Role::Assistant => "assistant",
            };
            (role, message.content.as_str())
        }))
        .enumerate()
        .map(|(index, (role, text))| Turn {
            role,
            contents: vec![Content { index, text }],
        })
        .collect()
}

fn merged_turns<'a>(conversation: &Conversation<'a>) -> Vec<Turn<'a>> {
    let mut turns = turns(conversation);
    if turns.len() > 1 {
        let system = turns.remove(0);
        if let Some(first) = turns.first_mut() {
            first.contents.splice(0..0, system.contents);
        }
    }
    turns
}

/// The error with its causes, in one line.
fn words(error: &minijinja::Error) -> String {
    let mut text = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    text
}
