//! One draft with one combination of its variables becomes a case. Reads no file.

use super::{
    ParseCheck,
    draft::{Check, Custom, Draft, Text, messages},
    error::{Findings, Place, shorten_to_line},
    filled_check,
    matrix::Axis,
    node::{self, Node},
    nunjucks::{self, Resolved},
    promptfoo,
    template::{self, Filling, Variables},
};
use crate::domain::{
    case::Case,
    check::CheckSpec,
    request::{Message, Role},
};
use minijinja::Environment;
use serde_json::{Value, json};

/// What a table becomes in a template of promptfoo's.
const TABLE: &str = "[object Object]";

/// What is wrong, and where.
pub(super) type Wrong = (Place, String);

/// How templates are understood, by the customs of their file.
pub(super) struct Environments {
    own: Environment<'static>,
    promptfoo: Environment<'static>,
}

impl Environments {
    pub(super) fn new() -> Self {
        Self {
            own: template::environment(),
            promptfoo: nunjucks::environment(),
        }
    }
}

/// What a draft is filled in with.
pub(super) struct Fill<'d> {
    draft: &'d Draft,
    environment: &'d Environment<'static>,
    parse_check: ParseCheck,
}

/// The texts of a draft, looked over once.
pub(super) struct Texts<'d> {
    system: Option<(&'d Text, Filling<'d>)>,
    messages: Vec<(Role, &'d Text, Filling<'d>)>,
}

impl<'d> Texts<'d> {
    pub(super) fn of(fill: &Fill<'d>) -> Result<Self, Wrong> {
        let filling = |key: &str, text: &'d Text| {
            if !fill.is_filled() {
                return Ok(Filling::Plain(&text.text));
            }
            Filling::of(fill.environment, &text.text)
                .map_err(|problem| fill.wrong(key, text.line, &problem))
        };
        Ok(Self {
            system: match &fill.draft.system {
                Some(text) => Some((text, filling("system", text)?)),
                None => None,
            },
            messages: fill
                .draft
                .messages
                .iter()
                .map(|(role, text)| Ok((*role, text, filling(fill.key(), text)?)))
                .collect::<Result<_, Wrong>>()?,
        })
    }
}

/// The variables of one combination, by the customs of their file.
enum Known {
    Own(Variables),
    Promptfoo(Resolved),
}

impl<'d> Fill<'d> {
    pub(super) fn of(
        draft: &'d Draft,
        environments: &'d Environments,
        parse_check: ParseCheck,
    ) -> Self {
        let environment = match draft.custom {
            Custom::Own => &environments.own,
            Custom::Promptfoo => &environments.promptfoo,
        };
        Self {
            draft,
            environment,
            parse_check,
        }
    }

    /// Whether its texts are templates that our own customs fill in.
    fn is_filled(&self) -> bool {
        self.draft.custom == Custom::Own && !self.draft.vars.is_empty()
    }

    fn key(&self) -> &'static str {
        if self.draft.messages.len() > 1 {
            "messages"
        } else {
            "prompt"
        }
    }

    fn wrong(&self, key: &str, line: usize, problem: &str) -> Wrong {
        (self.draft.place.at(line), format!("`{key}` {problem}"))
    }

    /// The case of one combination.
    pub(super) fn case(
        &self,
        texts: &Texts<'_>,
        axes: &[Axis<'_>],
        index: usize,
        id: &str,
        findings: &mut Findings,
    ) -> Result<Case, Wrong> {
        let (known, marks) = self.combination(axes, index);
        let fill = |key: &str, text: &Text, filling: &Filling<'_>| {
            let filled = match &known {
                Known::Own(variables) => filling.fill(variables),
                Known::Promptfoo(resolved) => {
                    nunjucks::prompt(self.environment, &text.text, resolved)
                }
            };
            filled.map_err(|problem| self.wrong(key, text.line, &problem))
        };
        let mut system = match &texts.system {
            Some((text, filling)) => Some(fill("system", text, filling)?),
            None => None,
        };
        let mut messages = Vec::new();
        for (role, text, filling) in &texts.messages {
            messages.push(Message {
                role: *role,
                content: fill(self.key(), text, filling)?,
            });
        }
        if let Known::Promptfoo(resolved) = &known {
            if index == 0 {
                self.name_oddities(resolved, &messages, findings);
            }
            self.unpack_chat(&mut system, &mut messages)?;
        }
        if messages
            .last()
            .is_none_or(|last| last.content.trim().is_empty())
        {
            return Err(self.wrong(
                self.key(),
                self.draft.place.line,
                "is empty when it is filled in",
            ));
        }
        Ok(Case {
            id: format!("{id}{marks}"),
            system,
            messages,
            tags: self.draft.tags.clone(),
            check: self.checks(&known, findings)?,
            max_tokens: self.draft.max_tokens,
            repeat: self.draft.repeat.unwrap_or(1),
        })
    }

    /// The variables of a combination, and what it adds to the id.
    fn combination(&self, axes: &[Axis<'_>], index: usize) -> (Known, String) {
        let mut chosen = vec![None; self.draft.vars.len()];
        let mut parts = vec![""; axes.len()];
        let mut rest = index;
        for (axis, part) in axes.iter().zip(&mut parts).rev() {
            let at = rest % axis.items.len();
            rest /= axis.items.len();
            if let (Some(slot), Some(item)) = (chosen.get_mut(axis.variable), axis.items.get(at)) {
                *slot = Some(item);
            }
            *part = axis.marks.get(at).map_or("", String::as_str);
        }
        let values = self.draft.vars.iter().zip(chosen);
        let values =
            values.map(|((name, node), chosen)| (name.clone(), chosen.unwrap_or(node).json()));
        let known = match self.draft.custom {
            Custom::Own => Known::Own(Variables::of(values)),
            Custom::Promptfoo => Known::Promptfoo(Resolved::of(self.environment, values.collect())),
        };
        (known, parts.concat())
    }

    /// What a template of promptfoo's makes of variables that a person might not have meant.
    fn name_oddities(&self, resolved: &Resolved, filled: &[Message], findings: &mut Findings) {
        let place = &self.draft.place;
        for (_, text) in &self.draft.messages {
            if nunjucks::is_partial(&text.text) {
                let what = "a `{{`, `{%` or `{#` of the prompt does not end on its line, so the prompt is asked as it stands";
                findings.warn(place, what);
                continue;
            }
            for name in resolved.missing(self.environment, &text.text) {
                findings.warn(
                    place,
                    format_args!("`{name}` has no value and is left empty in the prompt"),
                );
            }
        }
        for name in &resolved.left {
            findings.warn(
                place,
                format_args!(
                    "the variable `{name}` names one without a value and stays as it stands"
                ),
            );
        }
        let has = |text: &str| text.contains(TABLE);
        if filled.iter().any(|message| has(&message.content))
            && !self.draft.messages.iter().any(|(_, text)| has(&text.text))
        {
            findings.warn(
                place,
                format_args!("a variable that is a table becomes `{TABLE}` in the prompt; the filter `dump` writes it as JSON"),
            );
        }
    }

    /// A prompt of promptfoo's that is a conversation in JSON, or in YAML, becomes one.
    fn unpack_chat(
        &self,
        system: &mut Option<String>,
        turns: &mut Vec<Message>,
    ) -> Result<(), Wrong> {
        let [only] = turns.as_slice() else {
            return Ok(());
        };
        let text = only.content.trim_start();
        let node = if text.starts_with('[') {
            node::of_json(&only.content, self.draft.place.line).ok()
        } else if text.starts_with("- role:") {
            node::of_yaml(&only.content).ok()
        } else {
            None
        };
        let is_turn = |item: &Node| item.key("role").is_some() && item.key("content").is_some();
        let Some(node) = node.filter(|node| {
            node.as_list()
                .is_some_and(|items| !items.is_empty() && items.iter().all(is_turn))
        }) else {
            return Ok(());
        };
        let (instructions, said) =
            messages(&node).map_err(|(_, problem)| (self.draft.place.clone(), problem))?;
        if let Some(instructions) = instructions {
            *system = Some(instructions.text);
        }
        let said = said.into_iter().map(|(role, text)| Message {
            role,
            content: text.text,
        });
        *turns = said.collect();
        Ok(())
    }

    fn checks(&self, known: &Known, findings: &mut Findings) -> Result<Option<CheckSpec>, Wrong> {
        let mut checks = Vec::new();
        for check in &self.draft.checks {
            match known {
                Known::Own(variables) => {
                    let parsed = self
                        .filled_check(check, variables)
                        .and_then(|value| self.parsed(&value));
                    checks.push(parsed.map_err(|problem| (check.place.clone(), problem))?);
                }
                Known::Promptfoo(resolved) => {
                    checks.push(self.assertion(check, resolved, findings)?);
                }
            }
        }
        Ok(match checks.len() {
            0 => None,
            1 => checks.pop(),
            _ => Some(CheckSpec::All(checks)),
        })
    }

    fn parsed(&self, value: &Value) -> Result<CheckSpec, String> {
        (self.parse_check)(value).map_err(|error| shorten_to_line(&error.to_string()))
    }

    fn filled_check(&self, check: &Check, variables: &Variables) -> Result<Value, String> {
        if !self.is_filled() {
            return Ok(check.value.clone());
        }
        filled_check::filled(self.environment, &check.value, variables)
    }

    /// An assertion of promptfoo's as a check; one that cannot be used judges nothing, and is named.
    fn assertion(
        &self,
        check: &Check,
        resolved: &Resolved,
        findings: &mut Findings,
    ) -> Result<CheckSpec, Wrong> {
        let fill = |text: &str| resolved.text(self.environment, text);
        let made = promptfoo::check_of(&check.value, &fill).and_then(|value| self.parsed(&value));
        made.or_else(|problem| {
            findings.warn(
                &check.place,
                format_args!(
                    "this assertion cannot be used, so nothing is judged by it: {problem}"
                ),
            );
            let why = format!("an assertion of promptfoo's that cannot be used: {problem}");
            self.parsed(&json!({ "not_judged": why }))
                .map_err(|problem| (check.place.clone(), problem))
        })
    }
}
