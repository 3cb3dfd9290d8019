//! Values as JavaScript has them: a list and a table are true also when they are empty, a list is written with commas, a
//! table as `[object Object]`, nothing as nothing, and 4.0 as 4.

use minijinja::value::{Enumerator, Object, ObjectRepr, Value, ValueKind};
use std::{fmt, sync::Arc};

/// From here on, neighbouring whole numbers are one number in JavaScript.
const MOST_EXACT: f64 = 9_007_199_254_740_992.0;

/// A value of a file as one of a template.
pub(super) fn of(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::from(()),
        serde_json::Value::Bool(flag) => Value::from(*flag),
        serde_json::Value::Number(number) => of_number(number),
        serde_json::Value::String(text) => Value::from(text.as_str()),
        serde_json::Value::Array(items) => list(items.iter().map(of).collect()),
        serde_json::Value::Object(entries) => Value::from_object(Table(
            entries
                .iter()
                .map(|(key, value)| (key.clone(), of(value)))
                .collect(),
        )),
    }
}

fn of_number(number: &serde_json::Number) -> Value {
    number.as_i64().map_or_else(
        || of_float(number.as_f64().unwrap_or(f64::NAN)),
        Value::from,
    )
}

#[allow(clippy::cast_possible_truncation)] // whole, and below 2^53
fn of_float(number: f64) -> Value {
    if number.fract() == 0.0 && number.abs() < MOST_EXACT {
        Value::from(number as i64)
    } else {
        Value::from(number)
    }
}

/// A list.
pub(super) fn list(items: Vec<Value>) -> Value {
    Value::from_object(List(items))
}

/// What a value becomes in a text.
pub(super) fn text(value: &Value) -> String {
    match value.kind() {
        ValueKind::Undefined | ValueKind::None => String::new(),
        ValueKind::Bool => if value.is_true() { "true" } else { "false" }.to_owned(),
        ValueKind::Number if !value.is_integer() => {
            f64::try_from(value.clone()).map_or_else(|_| value.to_string(), number_text)
        }
        ValueKind::Seq | ValueKind::Iterable => joined(value, ","),
        ValueKind::Map if !is_own(value) => "[object Object]".to_owned(),
        _ => value.to_string(),
    }
}

/// Whether it writes itself.
fn is_own(value: &Value) -> bool {
    value.downcast_object_ref::<Table>().is_some()
}

fn number_text(number: f64) -> String {
    if number.is_infinite() {
        return if number > 0.0 {
            "Infinity"
        } else {
            "-Infinity"
        }
        .to_owned();
    }
    // Without the sign of nothing.
    format!("{}", number + 0.0)
}

/// The texts of a list's items.
pub(super) fn joined(value: &Value, between: &str) -> String {
    let Ok(items) = value.try_iter() else {
        return String::new();
    };
    let texts: Vec<String> = items.map(|item| text(&item)).collect();
    texts.join(between)
}

/// A list of JavaScript's.
#[derive(Debug)]
struct List(Vec<Value>);

impl Object for List {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.0.get(key.as_usize()?).cloned()
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, item) in self.0.iter().enumerate() {
            if index > 0 {
                out.write_str(",")?;
            }
            out.write_str(&text(item))?;
        }
        Ok(())
    }
}

/// An object of JavaScript's.
#[derive(Debug)]
struct Table(Vec<(String, Value)>);

impl Object for Table {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        let key = key.as_str()?;
        let found = self.0.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.clone())
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        let keys: Vec<Value> = self
            .0
            .iter()
            .map(|(key, _)| Value::from(key.as_str()))
            .collect();
        Enumerator::Iter(Box::new(keys.into_iter()))
    }

    fn is_true(self: &Arc<Self>) -> bool {
        true
    }

    fn render(self: &Arc<Self>, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("[object Object]")
    }
}
