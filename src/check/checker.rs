//! Checks that are ready to be held against many answers. Compiles each pattern and each schema once.

use super::{
    Answer, CheckError,
    normal::nfc,
    pattern,
    rules::{Kind, Rule},
    schema,
};
use crate::domain::check::{CheckSpec, Opinion, Verdict};
use jsonschema::Validator;
use regex::Regex;
use std::{collections::HashMap, sync::Arc};

/// The most patterns, and the most schemas, that are kept: a suite has either few, or one for each of its prompts, which
/// would fill the memory.
const MOST_KEPT: usize = 32;

/// Makes checkers, and keeps what it compiled for the next ones.
#[derive(Debug, Default)]
pub struct Checkers {
    patterns: HashMap<String, Arc<Regex>>,
    schemas: HashMap<String, Arc<Validator>>,
}

impl Checkers {
    /// Compiles a check.
    ///
    /// # Errors
    /// A pattern or a schema that cannot be used; none where the check comes from [`super::parse`].
    pub fn checker(&mut self, spec: &CheckSpec) -> Result<Checker, CheckError> {
        Ok(Checker {
            rule: self.rule(spec, "check")?,
        })
    }

    fn rule(&mut self, spec: &CheckSpec, path: &str) -> Result<Rule, CheckError> {
        let refuse = |problem| CheckError {
            path: format!("{path}.{}", spec.name()),
            problem,
        };
        let kind = match spec {
            CheckSpec::Equals(text) => Kind::Equals(nfc(text).into_owned()),
            CheckSpec::Contains(texts) => Kind::Contains(all_nfc(texts)),
            CheckSpec::NotContains(texts) => Kind::NotContains(all_nfc(texts)),
            CheckSpec::Regex(text) => Kind::Regex(self.pattern(&nfc(text)).map_err(refuse)?),
            CheckSpec::Number { value, tolerance } => Kind::Number {
                value: *value,
                tolerance: *tolerance,
            },
            CheckSpec::OneOf(texts) => Kind::OneOf(all_nfc(texts)),
            CheckSpec::Json => Kind::Json,
            CheckSpec::JsonSchema(value) => Kind::JsonSchema(self.schema(value).map_err(refuse)?),
            CheckSpec::MaxTokens(most) => Kind::MaxTokens(*most),
            CheckSpec::MaxSeconds(most) => Kind::MaxSeconds(*most),
            CheckSpec::MaxCost(most) => Kind::MaxCost(*most),
            CheckSpec::Judge(judge) => Kind::Judge(judge.clone()),
            CheckSpec::All(parts) => Kind::All(self.rules(parts, path, spec.name())?),
            CheckSpec::Any(parts) => Kind::Any(self.rules(parts, path, spec.name())?),
            CheckSpec::Not(part) => Kind::Not(Box::new(self.rule(part, &format!("{path}.not"))?)),
            CheckSpec::NotJudged(why) => Kind::NotJudged(why.clone()),
        };
        Ok(Rule {
            name: spec.name(),
            kind,
        })
    }

    fn rules(
        &mut self,
        parts: &[CheckSpec],
        path: &str,
        name: &str,
    ) -> Result<Vec<Rule>, CheckError> {
        let parts = parts.iter().enumerate();
        parts
            .map(|(index, part)| self.rule(part, &format!("{path}.{name}[{index}]")))
            .collect()
    }

    fn pattern(&mut self, text: &str) -> Result<Arc<Regex>, String> {
        if let Some(pattern) = self.patterns.get(text) {
            return Ok(Arc::clone(pattern));
        }
        let pattern = Arc::new(pattern::compile(text)?);
        make_room(&mut self.patterns);
        self.patterns.insert(text.to_owned(), Arc::clone(&pattern));
        Ok(pattern)
    }

    fn schema(&mut self, value: &serde_json::Value) -> Result<Arc<Validator>, String> {
        let written = value.to_string();
        if let Some(schema) = self.schemas.get(&written) {
            return Ok(Arc::clone(schema));
        }
        let schema = Arc::new(schema::compile(value)?);
        make_room(&mut self.schemas);
        self.schemas.insert(written, Arc::clone(&schema));
        Ok(schema)
    }
}

/// Forgets all of a full map: what is used again comes back.
fn make_room<T>(kept: &mut HashMap<String, T>) {
    if kept.len() >= MOST_KEPT {
        kept.clear();
    }
}

/// One check, compiled.
#[derive(Debug, Clone)]
pub struct Checker {
    rule: Rule,
}

impl Checker {
    /// Holds an answer against the check. `opinions` are those of its judges, in the order of [`CheckSpec::judges`]; where
    /// one is missing, what hangs on it is not known. So a verdict without opinions that is known needs no judge.
    pub fn evaluate(&self, answer: &Answer<'_>, opinions: &[Opinion]) -> Verdict {
        self.rule.judge(answer, &mut opinions.iter())
    }

    /// Whether the next judge can still change something: the one whose opinion would come after these, in the order of
    /// [`CheckSpec::judges`]. It cannot where the rest of the check, or of a part that holds it, decides without it: a part of
    /// `all` that failed, a part of `any` that passed.
    pub fn needs_judge(&self, answer: &Answer<'_>, opinions: &[Opinion]) -> bool {
        let verdict = self.evaluate(answer, opinions);
        let mut is_open = Vec::new();
        self.rule.judges(&verdict, true, &mut is_open);
        is_open.get(opinions.len()).copied().unwrap_or(false)
    }

    /// The same, with one verdict for each of several checks that are all to pass.
    pub fn verdicts(&self, answer: &Answer<'_>, opinions: &[Opinion]) -> Vec<Verdict> {
        let opinions = &mut opinions.iter();
        match &self.rule.kind {
            Kind::All(parts) => parts
                .iter()
                .map(|part| part.judge(answer, opinions))
                .collect(),
            _ => vec![self.rule.judge(answer, opinions)],
        }
    }
}

fn all_nfc(texts: &[String]) -> Vec<String> {
    texts.iter().map(|text| nfc(text).into_owned()).collect()
}
