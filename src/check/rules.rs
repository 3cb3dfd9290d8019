//! A check with all that can be compiled once, and how an answer fares with it.

use super::{
    Answer, json,
    normal::{nfc, unseen},
    number::{self, LastNumber},
    schema,
    wording::{counted, plain, quote, sentence},
};
use crate::domain::{
    check::{JudgeSpec, Opinion, Verdict},
    record::LaneStatus,
    usage::UsageSource,
};
use jsonschema::Validator;
use regex::Regex;
use std::sync::Arc;

/// Part of a tolerance's reach that is left to rounding: 0.1 from 1 is 1.1, whatever the last binary digit says.
const ROUNDING: f64 = 4.0 * f64::EPSILON;

/// One check.
#[derive(Debug, Clone)]
pub(super) struct Rule {
    /// The word it is written with.
    pub(super) name: &'static str,
    pub(super) kind: Kind,
}

#[derive(Debug, Clone)]
pub(super) enum Kind {
    Equals(String),
    Contains(Vec<String>),
    NotContains(Vec<String>),
    Regex(Arc<Regex>),
    Number { value: f64, tolerance: f64 },
    OneOf(Vec<String>),
    Json,
    JsonSchema(Arc<Validator>),
    MaxTokens(u64),
    MaxSeconds(f64),
    MaxCost(f64),
    Judge(JudgeSpec),
    All(Vec<Rule>),
    Any(Vec<Rule>),
    Not(Box<Rule>),
    NotJudged(String),
}

/// Whether it passed, and why.
type Finding = (Option<bool>, String);

impl Rule {
    /// Holds an answer against it. Judges take the opinions in their order, also where a part before them has failed.
    pub(super) fn judge<'o>(
        &self,
        answer: &Answer<'_>,
        opinions: &mut impl Iterator<Item = &'o Opinion>,
    ) -> Verdict {
        let mut verdict = Verdict {
            check: self.name.to_owned(),
            passed: None,
            reason: String::new(),
            score: None,
            judge_cost_unknown: false,
            parts: Vec::new(),
        };
        (verdict.passed, verdict.reason) = match (answer.status, &self.kind) {
            (LaneStatus::Failed, _) => (Some(false), "the lane failed".to_owned()),
            (LaneStatus::Cancelled, _) => {
                (None, "the lane was stopped before it was done".to_owned())
            }
            (LaneStatus::Done, Kind::Judge(judge)) => {
                let opinion = opinions.next();
                verdict.score = opinion.and_then(|opinion| opinion.score);
                verdict.judge_cost_unknown =
                    opinion.is_some_and(|opinion| opinion.cost.has_unknown);
                rated(judge, opinion)
            }
            (LaneStatus::Done, Kind::All(parts)) => {
                verdict.parts = parts
                    .iter()
                    .map(|part| part.judge(answer, opinions))
                    .collect();
                all(&verdict.parts)
            }
            (LaneStatus::Done, Kind::Any(parts)) => {
                verdict.parts = parts
                    .iter()
                    .map(|part| part.judge(answer, opinions))
                    .collect();
                any(&verdict.parts)
            }
            (LaneStatus::Done, Kind::Not(part)) => {
                let part = part.judge(answer, opinions);
                let reason = format!("`{}`: {}", part.check, part.reason);
                let passed = part.passed.map(|passed| !passed);
                verdict.parts = vec![part];
                (passed, reason)
            }
            (LaneStatus::Done, kind) => kind.find(answer),
        };
        verdict
    }
}

impl Rule {
    /// For each judge in it, in their order, whether nothing around it is decided yet.
    pub(super) fn judges(&self, verdict: &Verdict, is_open: bool, out: &mut Vec<bool>) {
        let is_open = is_open && verdict.passed.is_none();
        match &self.kind {
            Kind::Judge(_) => out.push(is_open),
            Kind::All(parts) | Kind::Any(parts) => {
                for (part, verdict) in parts.iter().zip(&verdict.parts) {
                    part.judges(verdict, is_open, out);
                }
            }
            Kind::Not(part) => {
                if let Some(verdict) = verdict.parts.first() {
                    part.judges(verdict, is_open, out);
                }
            }
            _ => {}
        }
    }
}

impl Kind {
    /// Of the kinds that need nothing but the answer.
    fn find(&self, answer: &Answer<'_>) -> Finding {
        let text = &*nfc(answer.text);
        match self {
            Self::Equals(wanted) => one_of(text, std::slice::from_ref(wanted)),
            Self::OneOf(wanted) => one_of(text, wanted),
            Self::Contains(wanted) => {
                let missing: Vec<_> = wanted.iter().filter(|part| !text.contains(*part)).collect();
                match missing[..] {
                    [] => (Some(true), format!("found: {}", quotes(wanted))),
                    [part] => {
                        let unseen = unseen(text.trim(), part.trim());
                        (Some(false), format!("not found: {}{unseen}", quote(part)))
                    }
                    _ => (Some(false), format!("not found: {}", quotes(missing))),
                }
            }
            Self::NotContains(banned) => {
                let there: Vec<_> = banned.iter().filter(|part| text.contains(*part)).collect();
                match there[..] {
                    [] => (Some(true), format!("not found: {}", quotes(banned))),
                    _ => (Some(false), format!("found: {}", quotes(there))),
                }
            }
            Self::Regex(pattern) => match pattern.find(text) {
                Some(found) => (
                    Some(true),
                    format!(
                        "{} matches {}",
                        quote(found.as_str()),
                        quote(pattern.as_str())
                    ),
                ),
                None => (
                    Some(false),
                    format!("nothing matches {}", quote(pattern.as_str())),
                ),
            },
            Self::Number { value, tolerance } => number(text, *value, *tolerance),
            Self::Json => match json::check(text) {
                Ok(()) => (Some(true), "valid JSON".to_owned()),
                Err(why) => (Some(false), why),
            },
            Self::JsonSchema(schema) => {
                match json::value(text).map(|value| schema::complaint(schema, &value)) {
                    Ok(None) => (Some(true), "JSON that the schema accepts".to_owned()),
                    Ok(Some(why)) | Err(why) => (Some(false), why),
                }
            }
            Self::MaxTokens(most) => tokens(answer, *most),
            Self::MaxSeconds(most) => seconds(answer, *most),
            Self::MaxCost(most) => cost(answer, *most),
            Self::NotJudged(why) => (None, sentence(why)),
            Self::Judge(_) | Self::All(_) | Self::Any(_) | Self::Not(_) => {
                (None, "not judged".to_owned())
            }
        }
    }
}

fn one_of(text: &str, wanted: &[String]) -> Finding {
    let text = text.trim();
    if wanted.iter().any(|wanted| wanted.trim() == text) {
        return (Some(true), format!("the answer is {}", quote(text)));
    }
    let rather = match wanted {
        [one] => format!("not {}{}", quote(one), unseen(text, one.trim())),
        several => format!("none of {}", quotes(several)),
    };
    (
        Some(false),
        format!("the answer is {}, {rather}", quote(text)),
    )
}

fn number(text: &str, wanted: f64, tolerance: f64) -> Finding {
    let target = match tolerance {
        0.0 => plain(wanted),
        _ => format!("{} ± {}", plain(wanted), plain(tolerance)),
    };
    match number::last(text) {
        LastNumber::None => (
            Some(false),
            format!("there is no number in the answer; {target} is wanted"),
        ),
        LastNumber::Unreadable { text, what } => (
            Some(false),
            format!(
                "the last number is written as {}, which is {what}; {target} is wanted",
                quote(text)
            ),
        ),
        LastNumber::Value(value) => {
            let slack = if tolerance > 0.0 {
                ROUNDING * value.abs().max(wanted.abs())
            } else {
                0.0
            };
            let is_near = (value - wanted).abs() <= tolerance + slack;
            let but = if is_near {
                String::new()
            } else {
                format!(", not {target}")
            };
            (
                Some(is_near),
                format!("the last number is {}{but}", plain(value)),
            )
        }
    }
}

fn tokens(answer: &Answer<'_>, most: u64) -> Finding {
    match answer.completion_tokens {
        None => (None, "the number of tokens is not known".to_owned()),
        Some(tokens) => (
            Some(tokens <= most),
            format!("{}{tokens} tokens, of {most} at most", mark(answer)),
        ),
    }
}

fn seconds(answer: &Answer<'_>, most: f64) -> Finding {
    match answer.e2e_ms.filter(|time| time.is_finite()) {
        None => (
            None,
            "the time to the end of the answer is not known".to_owned(),
        ),
        Some(time) => (
            Some(time <= most * 1_000.0),
            format!(
                "{} s, of {} s at most",
                plain(time.round() / 1_000.0),
                plain(most)
            ),
        ),
    }
}

fn cost(answer: &Answer<'_>, most: f64) -> Finding {
    match answer.cost_usd.filter(|cost| cost.is_finite()) {
        None => (None, "the cost is not known".to_owned()),
        Some(cost) => (
            Some(cost <= most),
            format!(
                "{}${}, of ${} at most",
                mark(answer),
                plain(cost),
                plain(most)
            ),
        ),
    }
}

/// Before a figure that rests on an estimate of the tokens.
fn mark(answer: &Answer<'_>) -> &'static str {
    match answer.tokens_source {
        Some(UsageSource::Estimated) => "~",
        Some(UsageSource::Reported | UsageSource::Counted) | None => "",
    }
}

fn rated(judge: &JudgeSpec, opinion: Option<&Opinion>) -> Finding {
    let Some(opinion) = opinion else {
        return (None, "no judge has rated it".to_owned());
    };
    let why = sentence(&opinion.reason);
    match opinion.score {
        None => (None, format!("no rating: {why}")),
        Some(score) => {
            let passed = score >= judge.threshold;
            let colon = if why.is_empty() { "" } else { ": " };
            (
                Some(passed),
                format!(
                    "rated {}, {} needed{colon}{why}",
                    plain(score),
                    plain(judge.threshold)
                ),
            )
        }
    }
}

/// Fails where a part fails, and passes where all do (Kleene's three-valued conjunction).
fn all(parts: &[Verdict]) -> Finding {
    let failed: Vec<_> = parts
        .iter()
        .filter(|part| part.passed == Some(false))
        .collect();
    let unknown: Vec<_> = parts.iter().filter(|part| part.passed.is_none()).collect();
    match (&failed[..], &unknown[..]) {
        ([], []) => (
            Some(true),
            format!("{} passed", counted(parts.len(), "check")),
        ),
        ([], unknown) => (None, because("could not be judged", unknown, parts.len())),
        (failed, _) => (Some(false), because("failed", failed, parts.len())),
    }
}

/// Passes where a part passes, and fails where all do (Kleene's three-valued disjunction).
fn any(parts: &[Verdict]) -> Finding {
    let passed = parts.iter().find(|part| part.passed == Some(true));
    let unknown: Vec<_> = parts.iter().filter(|part| part.passed.is_none()).collect();
    match (passed, &unknown[..]) {
        (Some(part), _) => (Some(true), format!("`{}`: {}", part.check, part.reason)),
        (None, []) => (
            Some(false),
            because("failed", &parts.iter().collect::<Vec<_>>(), parts.len()),
        ),
        (None, unknown) => (None, because("could not be judged", unknown, parts.len())),
    }
}

/// The first of several parts speaks for them.
fn because(what: &str, parts: &[&Verdict], of: usize) -> String {
    let first = parts.first().map_or_else(String::new, |part| {
        format!("`{}`: {}", part.check, part.reason)
    });
    format!("{} of {of} {what}; {first}", parts.len())
}

fn quotes(texts: impl IntoIterator<Item = impl AsRef<str>>) -> String {
    let quoted: Vec<_> = texts.into_iter().map(|text| quote(text.as_ref())).collect();
    match &quoted[..] {
        [first, second, third, rest @ ..] if !rest.is_empty() => {
            format!("{first}, {second}, {third} and {} more", rest.len())
        }
        few => few.join(", "),
    }
}
