//! Reads tables of a TOML document key by key, so that a key nobody asked for is found and every problem has a line.
//! Knows no key by itself.

use super::problem::{Problem, nearest};
use serde_json::{Map as JsonMap, Number, Value as Json};
use std::{
    cell::{Cell, RefCell},
    collections::BTreeMap,
};
use toml::de::{DeTable, DeValue};

/// Collects the problems of one document.
#[derive(Debug)]
pub struct Problems<'t> {
    text: &'t str,
    found: RefCell<Vec<Problem>>,
}

impl<'t> Problems<'t> {
    /// No problems yet in this text.
    pub fn of(text: &'t str) -> Self {
        Self {
            text,
            found: RefCell::default(),
        }
    }

    /// The line of a byte of the text, from 1.
    pub fn line(&self, offset: usize) -> usize {
        let before = self.text.as_bytes().iter().take(offset);
        1 + before.filter(|byte| **byte == b'\n').count()
    }

    /// Notes a problem on a line.
    pub fn add(&self, line: usize, message: impl Into<String>) {
        self.found.borrow_mut().push(Problem::on(line, message));
    }

    /// All that was noted.
    pub fn into_found(self) -> Vec<Problem> {
        self.found.into_inner()
    }
}

/// One table of the document. Every key that is read becomes a known one; [`Table::finish`] refuses the others.
#[derive(Debug)]
pub struct Table<'d> {
    /// What to call it in a message: `[defaults]`.
    pub name: String,
    /// Where it begins.
    pub line: usize,
    entries: Vec<Entry<'d>>,
    known: Vec<&'static str>,
    problems: &'d Problems<'d>,
}

#[derive(Debug)]
struct Entry<'d> {
    key: &'d str,
    line: usize,
    value_line: usize,
    value: &'d DeValue<'d>,
    is_read: Cell<bool>,
}

impl<'d> Table<'d> {
    /// Takes a table that begins on a line.
    pub fn new(
        name: impl Into<String>,
        line: usize,
        table: &'d DeTable<'d>,
        problems: &'d Problems<'d>,
    ) -> Self {
        let entries = table
            .iter()
            .map(|(key, value)| Entry {
                key: key.get_ref(),
                line: problems.line(key.span().start),
                value_line: problems.line(value.span().start),
                value: value.get_ref(),
                is_read: Cell::new(false),
            })
            .collect();
        Self {
            name: name.into(),
            line,
            entries,
            known: Vec::new(),
            problems,
        }
    }

    /// Reads a key; `None` where it is absent, and where it is wrong, which is noted.
    pub fn read<T>(
        &mut self,
        key: &'static str,
        value: impl FnOnce(&'d DeValue<'d>) -> Result<T, String>,
    ) -> Option<T> {
        self.known.push(key);
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        entry.is_read.set(true);
        value(entry.value)
            .map_err(|problem| {
                self.problems
                    .add(entry.value_line, format!("`{key}` {problem}"));
            })
            .ok()
    }

    /// Reads a table below this one.
    pub fn table(&mut self, key: &'static str, name: impl Into<String>) -> Option<Table<'d>> {
        let table = self.read(key, table)?;
        let line = self.line_of(key).unwrap_or(self.line);
        Some(Table::new(name, line, table, self.problems))
    }

    /// Reads an array of tables below this one, each named after the array.
    pub fn tables(&mut self, key: &'static str, name: &str) -> Vec<Table<'d>> {
        let problems = self.problems;
        let items = self.read(key, |value| {
            let wrong = || format!("must be written as {name}");
            let items = value.as_array().ok_or_else(wrong)?;
            items
                .iter()
                .map(|item| {
                    let table = item.get_ref().as_table().ok_or_else(wrong)?;
                    Ok(Table::new(
                        name,
                        problems.line(item.span().start),
                        table,
                        problems,
                    ))
                })
                .collect::<Result<Vec<_>, String>>()
        });
        items.unwrap_or_default()
    }

    /// Reads every key as a table: for tables whose keys are names.
    pub fn named_tables(&mut self, name: impl Fn(&str) -> String) -> Vec<(String, Table<'d>)> {
        let mut tables = Vec::new();
        for entry in &self.entries {
            entry.is_read.set(true);
            match table(entry.value) {
                Ok(inner) => {
                    let inner = Table::new(name(entry.key), entry.line, inner, self.problems);
                    tables.push((entry.key.to_owned(), inner));
                }
                Err(problem) => self
                    .problems
                    .add(entry.value_line, format!("`{}` {problem}", entry.key)),
            }
        }
        tables
    }

    /// The line of a key.
    pub fn line_of(&self, key: &str) -> Option<usize> {
        self.entries
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| entry.line)
    }

    /// The known keys that are there.
    pub fn keys_read(&self) -> Vec<&'static str> {
        self.known
            .iter()
            .copied()
            .filter(|key| self.line_of(key).is_some())
            .collect()
    }

    /// Notes a problem with the table as a whole.
    pub fn refuse(&self, message: impl Into<String>) {
        self.problems.add(self.line, message);
    }

    /// Refuses the keys that nobody has read. `advice` knows better than the nearest key where it says something.
    pub fn finish(self, advice: impl Fn(&str) -> Option<&'static str>) {
        for entry in self.entries.iter().filter(|entry| !entry.is_read.get()) {
            let ending = match (
                advice(entry.key),
                nearest(entry.key, self.known.iter().copied()),
            ) {
                (Some(advice), _) => format!("; {advice}"),
                (None, Some(near)) => format!("; did you mean `{near}`?"),
                (None, None) => format!("; known keys: {}", self.known.join(", ")),
            };
            self.problems.add(
                entry.line,
                format!("unknown key `{}` in {}{ending}", entry.key, self.name),
            );
        }
    }
}

/// A text.
pub fn text(value: &DeValue<'_>) -> Result<String, String> {
    value
        .as_str()
        .map(str::to_owned)
        .ok_or_else(|| mismatch("a string", value))
}

/// A text with something in it.
pub fn word(value: &DeValue<'_>) -> Result<String, String> {
    let text = text(value)?;
    if text.trim().is_empty() {
        Err("must not be empty".to_owned())
    } else {
        Ok(text)
    }
}

/// `true` or `false`.
pub fn flag(value: &DeValue<'_>) -> Result<bool, String> {
    value
        .as_bool()
        .ok_or_else(|| mismatch("true or false", value))
}

/// A whole number that is not negative.
pub fn whole(value: &DeValue<'_>) -> Result<u64, String> {
    let integer = value
        .as_integer()
        .ok_or_else(|| mismatch("a whole number", value))?;
    u64::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
        format!(
            "must be a whole number from 0 to {}, not {integer}",
            u64::MAX
        )
    })
}

/// A count.
pub fn count(value: &DeValue<'_>) -> Result<u32, String> {
    let integer = value
        .as_integer()
        .ok_or_else(|| mismatch("a whole number", value))?;
    u32::from_str_radix(integer.as_str(), integer.radix()).map_err(|_| {
        format!(
            "must be a whole number from 0 to {}, not {integer}",
            u32::MAX
        )
    })
}

/// A number.
pub fn number(value: &DeValue<'_>) -> Result<f64, String> {
    let text = match value {
        DeValue::Float(float) => float.as_str().to_owned(),
        DeValue::Integer(integer) if integer.radix() == 10 => integer.as_str().to_owned(),
        other => return Err(mismatch("a number", other)),
    };
    text.parse()
        .map_err(|_| format!("must be a number, not {text}"))
}

/// A list of texts.
pub fn texts(value: &DeValue<'_>) -> Result<Vec<String>, String> {
    let wrong = || mismatch("a list of strings", value);
    value
        .as_array()
        .ok_or_else(wrong)?
        .iter()
        .map(|item| text(item.get_ref()).map_err(|_| "must hold strings only".to_owned()))
        .collect()
}

/// A table.
pub fn table<'d>(value: &'d DeValue<'d>) -> Result<&'d DeTable<'d>, String> {
    value.as_table().ok_or_else(|| mismatch("a table", value))
}

/// A table of names and texts.
pub fn text_map(value: &DeValue<'_>) -> Result<BTreeMap<String, String>, String> {
    value
        .as_table()
        .ok_or_else(|| mismatch("a table of strings", value))?
        .iter()
        .map(|(key, value)| {
            let text = text(value.get_ref()).map_err(|problem| format!("{key} {problem}"))?;
            Ok((key.get_ref().to_string(), text))
        })
        .collect::<Result<_, String>>()
}

/// A table as a JSON object.
pub fn json_object(value: &DeValue<'_>) -> Result<JsonMap<String, Json>, String> {
    match json(value)? {
        Json::Object(object) => Ok(object),
        _ => Err(mismatch("a table", value)),
    }
}

fn json(value: &DeValue<'_>) -> Result<Json, String> {
    Ok(match value {
        DeValue::String(text) => Json::String(text.to_string()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map_err(|_| format!("holds {integer}, which is too large"))?
            .into(),
        DeValue::Float(_) => {
            let number =
                Number::from_f64(number(value)?).ok_or("holds a number that JSON cannot carry")?;
            Json::Number(number)
        }
        DeValue::Boolean(flag) => Json::Bool(*flag),
        DeValue::Datetime(moment) => Json::String(moment.to_string()),
        DeValue::Array(items) => items
            .iter()
            .map(|item| json(item.get_ref()))
            .collect::<Result<_, _>>()?,
        DeValue::Table(entries) => Json::Object(
            entries
                .iter()
                .map(|(key, value)| Ok((key.get_ref().to_string(), json(value.get_ref())?)))
                .collect::<Result<_, String>>()?,
        ),
    })
}

/// What was wanted, and what was there instead; the value itself is not shown, it may be a key.
pub fn mismatch(wanted: &str, value: &DeValue<'_>) -> String {
    let article = match value {
        DeValue::String(_) => "a string",
        DeValue::Integer(_) => "a whole number",
        DeValue::Float(_) => "a number",
        DeValue::Boolean(_) => "a boolean",
        DeValue::Datetime(_) => "a date",
        DeValue::Array(_) => "a list",
        DeValue::Table(_) => "a table",
    };
    format!("must be {wanted}, not {article}")
}
