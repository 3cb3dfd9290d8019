//! Drafts become cases: their variables filled in, one case for each combination of them. Reads no file.

use super::{
    ParseCheck,
    cases::Heap,
    draft::{Check, Custom, Draft, Text, messages},
    error::{Findings, Place, shorten},
    filled_check,
    matrix::{Axis, axes},
    node::{self, Node},
    template::{Filling, Variables, environment, is_template},
};
use crate::domain::{
    case::Case,
    check::CheckSpec,
    request::{Message, Role},
};
use minijinja::Environment;
use serde_json::Value;

/// The most cases of a suite.
const MAX_CASES: usize = 1_000_000;

/// The most text of a suite.
const MAX_BYTES: usize = 1 << 30;

/// How the drafts of a suite become cases.
pub(super) struct Expander {
    parse_check: ParseCheck,
    own: Environment<'static>,
    promptfoo: Environment<'static>,
    bytes: usize,
    /// All cases so far.
    pub(super) cases: Heap,
}

impl std::fmt::Debug for Expander {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Expander")
            .field("cases", &self.cases.len())
            .finish_non_exhaustive()
    }
}

impl Expander {
    /// No cases yet.
    pub(super) fn new(parse_check: ParseCheck) -> Self {
        Self {
            parse_check,
            own: environment(Custom::Own),
            promptfoo: environment(Custom::Promptfoo),
            bytes: 0,
            cases: Heap::default(),
        }
    }

    /// Adds the cases of a draft; `number` is its number in its file, from 1.
    pub(super) fn add(
        &mut self,
        draft: &Draft,
        stem: &str,
        number: usize,
        findings: &mut Findings,
    ) {
        let id = draft
            .id
            .clone()
            .unwrap_or_else(|| format!("{stem}-{number}"));
        let axes = axes(draft);
        let total = axes
            .iter()
            .try_fold(1_usize, |total, axis| total.checked_mul(axis.items.len()));
        let room = MAX_CASES.saturating_sub(self.cases.len());
        if total.is_none_or(|total| total > room) {
            let count = total.map_or("far too many".to_owned(), |total| total.to_string());
            findings.refuse(
                &draft.place,
                format!(
                    "`vars` make {count} prompts of `{}`; a suite has at most {MAX_CASES}",
                    shorten(&id)
                ),
            );
            return;
        }
        let environment = match draft.custom {
            Custom::Own => &self.own,
            Custom::Promptfoo => &self.promptfoo,
        };
        let fill = Fill {
            draft,
            environment,
            parse_check: self.parse_check,
        };
        let texts = match Texts::of(&fill) {
            Ok(texts) => texts,
            Err((place, problem)) => return findings.refuse(&place, problem),
        };
        for index in 0..total.unwrap_or(0) {
            match fill.case(&texts, &axes, index, &id, findings) {
                Ok(case) => {
                    self.bytes += case
                        .messages
                        .iter()
                        .map(|message| message.content.len())
                        .sum::<usize>();
                    self.cases.push(&case, &draft.place);
                }
                // What is wrong with one combination is wrong with many.
                Err((place, problem)) => return findings.refuse(&place, problem),
            }
            if self.bytes > MAX_BYTES {
                let most = MAX_BYTES >> 20;
                return findings.refuse(
                    &draft.place,
                    format!("with this prompt the suite has more than {most} MiB of text"),
                );
            }
        }
    }
}

/// What is wrong, and where.
type Wrong = (Place, String);

/// What a draft is filled in with.
struct Fill<'d> {
    draft: &'d Draft,
    environment: &'d Environment<'static>,
    parse_check: ParseCheck,
}

/// The texts of a draft, looked over once.
struct Texts<'d> {
    system: Option<(&'d Text, Filling<'d>)>,
    messages: Vec<(Role, &'d Text, Filling<'d>)>,
}

impl<'d> Texts<'d> {
    fn of(fill: &Fill<'d>) -> Result<Self, Wrong> {
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

impl Fill<'_> {
    /// Whether its texts are templates.
    fn is_filled(&self) -> bool {
        self.draft.custom == Custom::Promptfoo || !self.draft.vars.is_empty()
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

    fn case(
        &self,
        texts: &Texts<'_>,
        axes: &[Axis<'_>],
        index: usize,
        id: &str,
        findings: &mut Findings,
    ) -> Result<Case, Wrong> {
        let (variables, marks) = self.combination(axes, index)?;
        let mut fill = |key: &str, text: &Text, filling: &Filling<'_>| {
            if self.draft.custom == Custom::Promptfoo && index == 0 {
                for name in filling.missing(&variables) {
                    findings.warn(
                        &self.draft.place,
                        format_args!("`{name}` has no value and is left empty in the prompt"),
                    );
                }
            }
            filling
                .fill(&variables)
                .map_err(|problem| self.wrong(key, text.line, &problem))
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
        if self.draft.custom == Custom::Promptfoo {
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
            check: self.checks(&variables, findings)?,
            max_tokens: self.draft.max_tokens,
            repeat: self.draft.repeat.unwrap_or(1),
        })
    }

    /// The variables of a combination, and what it adds to the id.
    fn combination(&self, axes: &[Axis<'_>], index: usize) -> Result<(Variables, String), Wrong> {
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
        let values = self
            .draft
            .vars
            .iter()
            .zip(chosen)
            .map(|((name, node), chosen)| (name.clone(), chosen.unwrap_or(node).json()));
        let values: Vec<(String, Value)> = values.collect();
        // There a variable may be made of others.
        let is_nested = |value: &Value| value.as_str().is_some_and(is_template);
        if self.draft.custom == Custom::Promptfoo
            && values.iter().any(|(_, value)| is_nested(value))
        {
            let plain = Variables::of(values.clone());
            let filled = values.into_iter().map(|(name, value)| match &value {
                Value::String(text) if is_template(text) => Filling::of(self.environment, text)
                    .and_then(|filling| filling.fill(&plain))
                    .map(|text| (name.clone(), Value::String(text)))
                    .map_err(|problem| self.wrong(&name, self.draft.place.line, &problem)),
                _ => Ok((name, value)),
            });
            let filled: Vec<(String, Value)> = filled.collect::<Result<_, Wrong>>()?;
            return Ok((Variables::of(filled), parts.concat()));
        }
        Ok((Variables::of(values), parts.concat()))
    }

    /// A prompt of promptfoo's that is a conversation in JSON becomes one.
    fn unpack_chat(
        &self,
        system: &mut Option<String>,
        turns: &mut Vec<Message>,
    ) -> Result<(), Wrong> {
        let [only] = turns.as_slice() else {
            return Ok(());
        };
        if !only.content.trim_start().starts_with('[') {
            return Ok(());
        }
        let Ok(node) = node::of_json(&only.content, self.draft.place.line) else {
            return Ok(());
        };
        let is_turn = |item: &Node| item.key("role").is_some() && item.key("content").is_some();
        if !node
            .as_list()
            .is_some_and(|items| !items.is_empty() && items.iter().all(is_turn))
        {
            return Ok(());
        }
        let (instructions, said) =
            messages(&node).map_err(|(line, problem)| (self.draft.place.at(line), problem))?;
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

    fn checks(
        &self,
        variables: &Variables,
        findings: &mut Findings,
    ) -> Result<Option<CheckSpec>, Wrong> {
        let mut checks = Vec::new();
        for check in &self.draft.checks {
            let parsed = self.filled_check(check, variables).and_then(|value| {
                (self.parse_check)(&value)
                    .map_err(|error| super::error::shorten_to_line(&error.to_string()))
            });
            let place = self.draft.place.at(check.line);
            match (parsed, self.draft.custom) {
                (Ok(check), _) => checks.push(check),
                (Err(problem), Custom::Own) => return Err((place, problem)),
                (Err(problem), Custom::Promptfoo) => {
                    findings.warn(
                        &place,
                        format_args!("this assertion cannot be used and is left out: {problem}"),
                    );
                }
            }
        }
        Ok(match checks.len() {
            0 => None,
            1 => checks.pop(),
            _ => Some(CheckSpec::All(checks)),
        })
    }

    fn filled_check(&self, check: &Check, variables: &Variables) -> Result<Value, String> {
        if !self.is_filled() {
            return Ok(check.value.clone());
        }
        filled_check::filled(self.environment, &check.value, variables)
    }
}
