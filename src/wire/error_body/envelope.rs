//! The shapes in which errors come, and what can be taken from each. Gives no kind.

use crate::wire::json;
use serde_json::Value;
use std::time::Duration;

/// What an error object says.
#[derive(Debug, Default)]
pub struct Envelope {
    /// The words for people.
    pub message: String,
    /// The words for machines (type, code, status, reason), in lower case and parted by spaces.
    pub words: String,
    /// The HTTP status that the body names.
    pub status: Option<u16>,
    /// The names of quotas that were used up, in lower case and parted by spaces.
    pub quotas: String,
    /// How long to wait, where the body says so.
    pub wait: Option<Duration>,
}

/// Whether a JSON value of a stream is an error: an `error` that says anything, or one of the flat envelopes.
pub fn is_error(value: &Value) -> bool {
    let Some(object) = single(value).as_object() else {
        return false;
    };
    let says = |field: &str, word: &str| object.get(field).and_then(Value::as_str) == Some(word);
    object.get("error").is_some_and(is_truthy)
        || says("object", "error")
        || says("type", "error")
        || (!has_content(single(value))
            && (object.get("detail").is_some_and(is_truthy)
                || object.get("message").is_some_and(Value::is_string)))
}

/// Whether a JSON value is a message with nothing beside it that marks it as an error.
pub fn is_remark(value: &Value) -> bool {
    let has = |field: &&str| single(value).get(*field).is_some_and(is_truthy);
    let marks = ["error", "detail", "code", "type", "error_type", "status"];
    single(value).get("message").is_some_and(Value::is_string)
        && !marks.iter().any(has)
        && single(value).get("object").and_then(Value::as_str) != Some("error")
}

fn has_content(value: &Value) -> bool {
    ["choices", "candidates", "response", "done"]
        .iter()
        .any(|field| value.get(field).is_some())
}

/// Whether a value says anything: 0 is the code of success, and fields that are empty say nothing together either.
fn is_truthy(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(is_true) => *is_true,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(list) => !list.is_empty(),
        Value::Object(map) => map.values().any(is_truthy),
    }
}

/// Google wraps the error of a stream that was not asked for as events in a list.
fn single(value: &Value) -> &Value {
    match value {
        Value::Array(list) => list.first().unwrap_or(value),
        _ => value,
    }
}

impl Envelope {
    /// An error that is nothing but text.
    pub fn of_text(message: String) -> Self {
        Self {
            message,
            ..Self::default()
        }
    }

    /// Reads any of the envelopes; `None` when the value is none of them.
    pub fn of(value: &Value) -> Option<Self> {
        let root = single(value).as_object()?;
        let mut envelope = Self::default();
        let errors = root.get("errors").map(single);
        let inner = root.get("error").filter(|error| is_truthy(error));
        match inner.or(errors) {
            Some(inner @ Value::Object(_)) => envelope.take_object(inner),
            Some(Value::String(text)) => text.clone_into(&mut envelope.message),
            _ => {}
        }
        envelope.take_object(single(value));
        (!envelope.message.is_empty() || !envelope.words.is_empty() || inner.is_some())
            .then_some(envelope)
    }

    /// Adds a word that came from elsewhere.
    pub fn add_word(&mut self, word: &str) {
        self.words.push_str(&word.to_lowercase());
        self.words.push(' ');
    }

    /// Takes what one object says; what is known already stays.
    fn take_object(&mut self, object: &Value) {
        for field in ["type", "code", "status", "error_type"] {
            match object.get(field) {
                Some(Value::String(word)) => {
                    self.add_word(word);
                    self.status = self.status.or_else(|| word.parse().ok());
                }
                Some(Value::Number(number)) => {
                    let number = number.as_u64().and_then(|code| u16::try_from(code).ok());
                    self.status = self.status.or(number);
                }
                _ => {}
            }
        }
        for field in ["status_code", "raw_status_code"] {
            let code = json::count(object, field).and_then(|code| u16::try_from(code).ok());
            self.status = code.or(self.status);
        }
        self.status = self.status.filter(|status| (400..600).contains(status));
        if let Some(inner) = object.get("innererror").and_then(|e| json::text(e, "code")) {
            self.add_word(inner);
        }
        let details = object.get("details").and_then(Value::as_array);
        for detail in details.into_iter().flatten() {
            if let Some(reason) = json::text(detail, "reason") {
                self.add_word(reason);
            }
            let wait = json::text(detail, "retryDelay").and_then(seconds);
            self.wait = self.wait.or(wait);
            let violations = detail.get("violations").and_then(Value::as_array);
            for violation in violations.into_iter().flatten() {
                let names = ["quotaId", "quotaMetric"];
                for name in names.iter().filter_map(|key| json::text(violation, key)) {
                    self.quotas.push_str(&name.to_lowercase());
                    self.quotas.push(' ');
                }
            }
        }
        if self.message.is_empty() {
            self.message = message_of(object).unwrap_or_default();
            if let Some(raw) = object.get("metadata").and_then(|m| m.get("raw")) {
                self.add_raw(raw);
            }
        }
    }

    /// What the host behind a router said.
    fn add_raw(&mut self, raw: &Value) {
        let behind = match raw {
            Value::String(text) => match serde_json::from_str(text) {
                Ok(value) => Self::of(&value),
                Err(_) => Some(Self::of_text(text.clone())),
            },
            _ => Self::of(raw),
        };
        if let Some(behind) = behind.filter(|behind| !behind.message.is_empty()) {
            self.message = if self.message.is_empty() {
                behind.message
            } else {
                format!("{}: {}", self.message, behind.message)
            };
            self.words.push_str(&behind.words);
        }
    }
}

/// The words for people of one object: a text, a list of what is wrong with the request, or an object of these.
fn message_of(object: &Value) -> Option<String> {
    let said = ["message", "detail"]
        .iter()
        .filter_map(|field| object.get(field))
        .find(|said| is_truthy(said))?;
    match said {
        Value::String(text) => Some(text.clone()),
        Value::Array(faults) => {
            let faults: Vec<String> = faults.iter().filter_map(fault).collect();
            (!faults.is_empty()).then(|| faults.join("; "))
        }
        Value::Object(_) => message_of(said).or_else(|| Some(said.to_string())),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// One fault of a request: `{"loc": ["body", "model"], "msg": "field required"}`.
fn fault(fault: &Value) -> Option<String> {
    if let Value::String(text) = fault {
        return Some(text.clone());
    }
    let message = json::text(fault, "msg").or_else(|| json::text(fault, "message"))?;
    let place: Vec<String> = fault
        .get("loc")
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
        .map(|step| {
            step.as_str()
                .map_or_else(|| step.to_string(), str::to_owned)
        })
        .collect();
    Some(if place.is_empty() {
        message.to_owned()
    } else {
        format!("{}: {message}", place.join("."))
    })
}

/// Google's form of a duration, as `48s` or `1.5s`.
fn seconds(text: &str) -> Option<Duration> {
    let seconds = text.strip_suffix('s')?.parse().ok()?;
    Duration::try_from_secs_f64(seconds).ok()
}
