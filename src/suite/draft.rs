//! One prompt as a file says it, before variables are filled in, and how a table becomes one. Renders nothing.

use super::{
    error::{Findings, Place, advice, shorten},
    fields::{Fields, count, named, text, word, words},
    node::Node,
};
use crate::domain::request::Role;
use serde_json::Value;

/// A text of a file, which may be a template.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Text {
    pub(super) text: String,
    /// Where it begins.
    pub(super) line: usize,
}

/// A check as its file holds it.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Check {
    pub(super) value: Value,
    pub(super) place: Place,
}

/// The customs of the file that a prompt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Custom {
    /// Texts are templates only where there are variables; an unknown variable is an error, and so is a wrong check.
    #[default]
    Own,
    /// The only text is a template of promptfoo's, and each check one of its assertions: an unknown variable is nothing,
    /// with a warning; by a check that cannot be used nothing is judged, with a warning.
    Promptfoo,
}

/// One prompt, or one for each combination of its variables.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Draft {
    pub(super) place: Place,
    /// `None`: named after its file and its number in it.
    pub(super) id: Option<String>,
    pub(super) system: Option<Text>,
    pub(super) messages: Vec<(Role, Text)>,
    pub(super) tags: Vec<String>,
    /// A list is one case for each of its items.
    pub(super) vars: Vec<(String, Node)>,
    /// All of them are to pass.
    pub(super) checks: Vec<Check>,
    pub(super) max_tokens: Option<u32>,
    pub(super) repeat: Option<u32>,
    pub(super) custom: Custom,
}

impl Draft {
    /// One that only asks.
    pub(super) fn of_prompt(place: Place, prompt: impl Into<String>) -> Self {
        let line = place.line;
        Self {
            place,
            id: None,
            system: None,
            messages: vec![(
                Role::User,
                Text {
                    text: prompt.into(),
                    line,
                },
            )],
            tags: Vec::new(),
            vars: Vec::new(),
            checks: Vec::new(),
            max_tokens: None,
            repeat: None,
            custom: Custom::Own,
        }
    }
}

/// What a file says for all of its prompts.
#[derive(Debug, Clone, Default)]
pub(super) struct Defaults {
    system: Option<Text>,
    tags: Vec<String>,
    vars: Vec<(String, Node)>,
    check: Option<Check>,
    max_tokens: Option<u32>,
    repeat: Option<u32>,
}

/// Reads the keys that a suite and a prompt share.
pub(super) fn defaults(fields: &mut Fields<'_>, findings: &mut Findings) -> Defaults {
    let place = fields.place.clone();
    Defaults {
        system: fields.read("system", findings, |node| {
            Ok(Text {
                text: text(node)?,
                line: node.line,
            })
        }),
        tags: fields.read("tags", findings, words).unwrap_or_default(),
        vars: fields.read("vars", findings, vars).unwrap_or_default(),
        check: fields.read("check", findings, |node| check(node, &place)),
        max_tokens: fields.read("max_tokens", findings, count),
        repeat: fields.read("repeat", findings, count),
    }
}

/// Reads a table with a prompt; `None` where it is wrong, which is noted.
pub(super) fn prompt(
    mut fields: Fields<'_>,
    defaults: &Defaults,
    findings: &mut Findings,
) -> Option<Draft> {
    let id = fields.read("id", findings, id);
    if let Some(id) = &id {
        fields.name = format!("{} `{}`", fields.name, shorten(id));
    }
    let own = self::defaults(&mut fields, findings);
    let prompt = fields.take("prompt").is_some();
    let prompt_text = fields.read("prompt", findings, |node| {
        Ok(Text {
            text: word(node)?,
            line: node.line,
        })
    });
    let turns = fields
        .take("messages")
        .map(|(node, place)| (node, place.at(node.line)));
    let place = fields.place.clone();
    let name = fields.name.clone();
    fields.finish(findings);
    let (system, messages) = match (prompt, turns) {
        (true, Some((_, place))) => {
            findings.refuse(&place, format!("{name} has both `prompt` and `messages`"));
            return None;
        }
        (false, None) => {
            findings.refuse(&place, format!("{name} needs a `prompt` or `messages`"));
            return None;
        }
        (true, None) => (None, vec![(Role::User, prompt_text?)]),
        (false, Some((node, place))) => messages(node)
            .map_err(|(line, problem)| findings.refuse(&place.at(line), problem))
            .ok()?,
    };
    if let (Some(system), Some(_)) = (&system, &own.system) {
        findings.refuse(
            &place.at(system.line),
            format!("{name} has both `system` and a message of the role `system`"),
        );
    }
    Some(Draft {
        place,
        id,
        // An empty one is the lane's own: it takes back what the suite says.
        system: system
            .or(own.system)
            .or_else(|| defaults.system.clone())
            .filter(|system| !system.text.is_empty()),
        messages,
        tags: union(&defaults.tags, own.tags),
        vars: merged(&defaults.vars, own.vars),
        checks: own
            .check
            .or_else(|| defaults.check.clone())
            .into_iter()
            .collect(),
        max_tokens: own.max_tokens.or(defaults.max_tokens),
        repeat: own.repeat.or(defaults.repeat),
        custom: Custom::Own,
    })
}

/// Variables of below, replaced and added to by those of above.
pub(super) fn merged(below: &[(String, Node)], above: Vec<(String, Node)>) -> Vec<(String, Node)> {
    let mut all = below.to_vec();
    for (name, node) in above {
        match all.iter_mut().find(|(known, _)| *known == name) {
            Some(known) => known.1 = node,
            None => all.push((name, node)),
        }
    }
    all
}

fn union(below: &[String], above: Vec<String>) -> Vec<String> {
    let mut all = below.to_vec();
    for tag in above {
        if !all.contains(&tag) {
            all.push(tag);
        }
    }
    all
}

/// What a prompt may be called.
pub(super) fn id(node: &Node) -> Result<String, String> {
    const MAX: usize = 200;
    let id = word(node)?.trim().to_owned();
    if id.chars().any(char::is_control) {
        Err("must not hold control characters".to_owned())
    } else if id.chars().count() > MAX {
        Err(format!("must not be longer than {MAX} characters"))
    } else {
        Ok(id)
    }
}

fn vars(node: &Node) -> Result<Vec<(String, Node)>, String> {
    let vars = named(node)?;
    for (name, value) in &vars {
        if value.as_list().is_some_and(<[Node]>::is_empty) {
            return Err(format!(
                "`{}` is an empty list, which leaves no prompt",
                shorten(name)
            ));
        }
    }
    Ok(vars)
}

fn check(node: &Node, place: &Place) -> Result<Check, String> {
    match node.as_table() {
        Some(_) => Ok(Check {
            value: node.json(),
            place: place.at(node.line),
        }),
        None => Err(format!(
            "must be a table such as {{ contains = \"…\" }}, not {}",
            node.kind()
        )),
    }
}

/// A conversation: instructions first, and who said what.
pub(super) type Conversation = (Option<Text>, Vec<(Role, Text)>);

/// Reads a conversation; the error is a line and what is wrong there.
pub(super) fn messages(node: &Node) -> Result<Conversation, (usize, String)> {
    let wrong = |line: usize, problem: String| Err((line, format!("`messages` {problem}")));
    let Some(items) = node.as_list().filter(|items| !items.is_empty()) else {
        return wrong(
            node.line,
            "must be a list of { role, content }, not empty".to_owned(),
        );
    };
    let (mut system, mut turns) = (None::<Text>, Vec::new());
    for item in items {
        let part = |key: &str| match item.key(key) {
            Some(value) => value
                .as_text()
                .map(str::to_owned)
                .or_else(|| (key == "content").then(|| text_of_parts(value)).flatten())
                .ok_or((
                    value.line,
                    format!("`messages` holds a `{key}` that is no text"),
                )),
            None => Err((item.line, format!("`messages` holds one without `{key}`"))),
        };
        let known = ["role", "content"];
        let other = item
            .as_table()
            .unwrap_or_default()
            .iter()
            .find(|e| !known.contains(&e.key.as_str()));
        if let Some(other) = other {
            let ending = advice(&other.key, &known, "keys");
            return wrong(
                other.line,
                format!("holds an unknown key `{}`{ending}", shorten(&other.key)),
            );
        }
        let (role, text) = (
            part("role")?,
            Text {
                text: part("content")?,
                line: item.line,
            },
        );
        match (role.as_str(), &mut system) {
            ("user", _) => turns.push((Role::User, text)),
            ("assistant", _) => turns.push((Role::Assistant, text)),
            ("system" | "developer", _) if !turns.is_empty() => {
                return wrong(item.line, "must have `system` first".to_owned());
            }
            ("system" | "developer", Some(system)) => {
                system.text = format!("{}\n\n{}", system.text, text.text);
            }
            ("system" | "developer", system @ None) => *system = Some(text),
            _ => {
                let ending = advice(&role, &["system", "user", "assistant"], "roles");
                return wrong(
                    item.line,
                    format!("holds an unknown role `{}`{ending}", shorten(&role)),
                );
            }
        }
    }
    match turns.last() {
        Some((Role::User, text)) if text.text.trim().is_empty() => {
            wrong(text.line, "ends with an empty message".to_owned())
        }
        Some((Role::User, _)) => Ok((system, turns)),
        _ => wrong(
            node.line,
            "must end with a message of the role `user`".to_owned(),
        ),
    }
}

/// The text of a content in parts, where all of them are text.
fn text_of_parts(node: &Node) -> Option<String> {
    let parts = node.as_list()?.iter().map(|part| {
        let is_text = part.key("type").and_then(Node::as_text) == Some("text");
        is_text
            .then(|| part.key("text").and_then(Node::as_text))
            .flatten()
    });
    parts
        .collect::<Option<Vec<&str>>>()
        .map(|parts| parts.concat())
}
