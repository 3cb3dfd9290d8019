//! A value of a prompt file with its line, the same for TOML, JSON and YAML. Knows no key.

mod yaml;

pub(super) use yaml::of_yaml;

use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};
use serde_saphyr::Spanned;
use std::{fmt, marker::PhantomData};
use toml::de::{DeTable, DeValue};

/// A value and where it begins.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Node {
    /// From 1.
    pub(super) line: usize,
    /// What it is.
    pub(super) value: Kind,
}

/// What a value is.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Kind {
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Node>),
    Table(Vec<Entry>),
}

/// A key of a table, in the order of the file.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Entry {
    pub(super) key: String,
    pub(super) line: usize,
    pub(super) node: Node,
}

impl Node {
    /// A text.
    pub(super) fn of_text(text: impl Into<String>, line: usize) -> Self {
        Self {
            line,
            value: Kind::Text(text.into()),
        }
    }

    /// The text, where it is one.
    pub(super) fn as_text(&self) -> Option<&str> {
        match &self.value {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The entries, where it is a table.
    pub(super) fn as_table(&self) -> Option<&[Entry]> {
        match &self.value {
            Kind::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The items, where it is a list.
    pub(super) fn as_list(&self) -> Option<&[Node]> {
        match &self.value {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The same without the node.
    pub(super) fn into_table(self) -> Option<Vec<Entry>> {
        match self.value {
            Kind::Table(entries) => Some(entries),
            _ => None,
        }
    }

    /// The same without the node.
    pub(super) fn into_list(self) -> Option<Vec<Node>> {
        match self.value {
            Kind::List(items) => Some(items),
            _ => None,
        }
    }

    /// The number, where it is one.
    pub(super) fn as_number(&self) -> Option<f64> {
        match &self.value {
            Kind::Number(number) => number.as_f64(),
            _ => None,
        }
    }

    /// A key of a table.
    pub(super) fn key(&self, key: &str) -> Option<&Node> {
        self.as_table()?
            .iter()
            .find(|entry| entry.key == key)
            .map(|entry| &entry.node)
    }

    /// With its article, for a message.
    pub(super) fn kind(&self) -> &'static str {
        match &self.value {
            Kind::Null => "nothing",
            Kind::Bool(_) => "a boolean",
            Kind::Number(_) => "a number",
            Kind::Text(_) => "a string",
            Kind::List(_) => "a list",
            Kind::Table(_) => "a table",
        }
    }

    /// The value without its lines.
    pub(super) fn json(&self) -> Value {
        match &self.value {
            Kind::Null => Value::Null,
            Kind::Bool(flag) => Value::Bool(*flag),
            Kind::Number(number) => Value::Number(number.clone()),
            Kind::Text(text) => Value::String(text.clone()),
            Kind::List(items) => items.iter().map(Self::json).collect(),
            Kind::Table(entries) => Value::Object(
                entries
                    .iter()
                    .map(|entry| (entry.key.clone(), entry.node.json()))
                    .collect::<Map<_, _>>(),
            ),
        }
    }
}

/// Reads a TOML document; the error is a line and what is wrong there.
pub(super) fn of_toml(text: &str) -> Result<Node, (usize, String)> {
    let lines = Lines::of(text);
    let document = DeTable::parse(text).map_err(|error| {
        let line = error.span().map_or(0, |span| lines.line(span.start));
        (line, error.message().to_owned())
    })?;
    Ok(Node {
        line: 1,
        value: toml_table(document.get_ref(), &lines)?,
    })
}

fn toml_table(table: &DeTable<'_>, lines: &Lines) -> Result<Kind, (usize, String)> {
    // The parser sorts keys by name; in the file they stand in an order that means something.
    let mut sorted: Vec<_> = table.iter().collect();
    sorted.sort_by_key(|(key, _)| key.span().start);
    let entries = sorted.into_iter().map(|(key, value)| {
        let line = lines.line(value.span().start);
        Ok(Entry {
            key: key.get_ref().to_string(),
            line: lines.line(key.span().start),
            node: Node {
                line,
                value: toml_value(value.get_ref(), line, lines)?,
            },
        })
    });
    entries.collect::<Result<_, _>>().map(Kind::Table)
}

fn toml_value(value: &DeValue<'_>, line: usize, lines: &Lines) -> Result<Kind, (usize, String)> {
    let float = |text: &str| text.parse().ok().and_then(Number::from_f64);
    Ok(match value {
        DeValue::String(text) => Kind::Text(text.to_string()),
        DeValue::Boolean(flag) => Kind::Bool(*flag),
        DeValue::Datetime(moment) => Kind::Text(moment.to_string()),
        DeValue::Integer(integer) => i64::from_str_radix(integer.as_str(), integer.radix())
            .map(|integer| Kind::Number(integer.into()))
            .map_err(|_| (line, format!("the number {integer} is too large")))?,
        DeValue::Float(number) => float(number.as_str()).map(Kind::Number).ok_or_else(|| {
            (
                line,
                format!("{} is no number that can be used", number.as_str()),
            )
        })?,
        DeValue::Array(items) => {
            let nodes = items.iter().map(|item| {
                let line = lines.line(item.span().start);
                Ok(Node {
                    line,
                    value: toml_value(item.get_ref(), line, lines)?,
                })
            });
            Kind::List(nodes.collect::<Result<_, (usize, String)>>()?)
        }
        DeValue::Table(table) => toml_table(table, lines)?,
    })
}

/// Where lines begin, so that a line is found without reading the text again.
struct Lines(Vec<usize>);

impl Lines {
    fn of(text: &str) -> Self {
        let feeds = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        Self(feeds.map(|(offset, _)| offset + 1).collect())
    }

    fn line(&self, offset: usize) -> usize {
        1 + self.0.partition_point(|start| *start <= offset)
    }
}

/// Reads one JSON value that stands on a line; a key that is there twice is an error.
pub(super) fn of_json(text: &str, line: usize) -> Result<Node, serde_json::Error> {
    let JsonNode(tree) = serde_json::from_str(text)?;
    let mut node = Node {
        line,
        value: tree.0,
    };
    node.move_to(line);
    Ok(node)
}

impl Node {
    /// Says of all of it that it is on one line.
    pub(super) fn move_to(&mut self, to: usize) {
        self.line = to;
        match &mut self.value {
            Kind::List(items) => items.iter_mut().for_each(|item| item.move_to(to)),
            Kind::Table(entries) => entries.iter_mut().for_each(|entry| {
                entry.line = to;
                entry.node.move_to(to);
            }),
            _ => {}
        }
    }
}

impl Node {
    /// Says of all of it that it stands so many lines further down.
    pub(super) fn move_down(&mut self, lines: usize) {
        self.line += lines;
        match &mut self.value {
            Kind::List(items) => items.iter_mut().for_each(|item| item.move_down(lines)),
            Kind::Table(entries) => entries.iter_mut().for_each(|entry| {
                entry.line += lines;
                entry.node.move_down(lines);
            }),
            _ => {}
        }
    }
}

/// A value whose children know, or do not know, where they are.
trait Placed: for<'de> Deserialize<'de> {
    fn place(self) -> Node;
}

struct Tree<P>(Kind, PhantomData<P>);

#[derive(Deserialize)]
#[serde(transparent)]
struct JsonNode(Tree<JsonNode>);

impl Placed for JsonNode {
    fn place(self) -> Node {
        Node {
            line: 0,
            value: self.0.0,
        }
    }
}

#[derive(Deserialize)]
#[serde(transparent)]
struct YamlNode(Spanned<Tree<YamlNode>>);

impl Placed for YamlNode {
    fn place(self) -> Node {
        let line = usize::try_from(self.0.referenced.line()).unwrap_or(0);
        Node {
            line,
            value: self.0.value.0,
        }
    }
}

impl<'de, P: Placed> Deserialize<'de> for Tree<P> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(TreeVisitor(PhantomData))
    }
}

struct TreeVisitor<P>(PhantomData<P>);

impl<'de, P: Placed> Visitor<'de> for TreeVisitor<P> {
    type Value = Tree<P>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Null, PhantomData))
    }

    fn visit_none<E>(self) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Null, PhantomData))
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Self::Value, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Bool(flag), PhantomData))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Number(number.into()), PhantomData))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Number(number.into()), PhantomData))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Self::Value, E> {
        // YAML's `.inf` and `.nan` are no numbers in JSON.
        let kind =
            Number::from_f64(number).map_or_else(|| Kind::Text(number.to_string()), Kind::Number);
        Ok(Tree(kind, PhantomData))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
        self.visit_string(text.to_owned())
    }

    fn visit_string<E>(self, text: String) -> Result<Self::Value, E> {
        Ok(Tree(Kind::Text(text), PhantomData))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut nodes = Vec::new();
        while let Some(item) = items.next_element::<P>()? {
            nodes.push(item.place());
        }
        Ok(Tree(Kind::List(nodes), PhantomData))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<Entry> = Vec::new();
        let mut seen = std::collections::HashSet::new();
        while let Some(key) = map.next_key::<P>()? {
            let key = key.place();
            let name = match &key.value {
                Kind::Text(text) => text.clone(),
                Kind::List(_) | Kind::Table(_) => {
                    return Err(A::Error::custom("a key must be a word"));
                }
                _ => key.json().to_string(),
            };
            if !seen.insert(name.clone()) {
                return Err(A::Error::custom(format_args!(
                    "the key `{name}` is there twice"
                )));
            }
            let node = map.next_value::<P>()?.place();
            entries.push(Entry {
                key: name,
                line: key.line,
                node,
            });
        }
        Ok(Tree(Kind::Table(entries), PhantomData))
    }
}
