//! Reads a table of a prompt file key by key, so that a key nobody asked for is found. Knows no key by itself.

use super::{
    error::{Findings, Place, advice},
    node::{Entry, Node},
};

/// A table that is being read. Every key that is read becomes a known one; [`Fields::finish`] refuses the others.
#[derive(Debug)]
pub(super) struct Fields<'n> {
    /// What to call it in a message: `[[prompt]]`.
    pub(super) name: String,
    /// Where it begins.
    pub(super) place: Place,
    entries: &'n [Entry],
    known: Vec<&'static str>,
}

impl<'n> Fields<'n> {
    /// Takes a table; `None` where it is none, which is noted.
    pub(super) fn of(
        node: &'n Node,
        name: impl Into<String>,
        place: Place,
        findings: &mut Findings,
    ) -> Option<Self> {
        let name = name.into();
        let Some(entries) = node.as_table() else {
            findings.refuse(
                &place,
                format!("{name} must be a table, not {}", node.kind()),
            );
            return None;
        };
        Some(Self {
            name,
            place,
            entries,
            known: Vec::new(),
        })
    }

    /// The value of a key, and where it is.
    pub(super) fn take(&mut self, key: &'static str) -> Option<(&'n Node, Place)> {
        if !self.known.contains(&key) {
            self.known.push(key);
        }
        let entry = self.entries.iter().find(|entry| entry.key == key)?;
        Some((&entry.node, self.place.at(entry.line)))
    }

    /// Reads a key; `None` where it is absent, and where it is wrong, which is noted.
    pub(super) fn read<T>(
        &mut self,
        key: &'static str,
        findings: &mut Findings,
        read: impl FnOnce(&'n Node) -> Result<T, String>,
    ) -> Option<T> {
        let (node, place) = self.take(key)?;
        let place = place.at(node.line);
        read(node)
            .map_err(|problem| findings.refuse(&place, format!("`{key}` {problem}")))
            .ok()
    }

    /// Refuses the keys that nobody has read.
    pub(super) fn finish(self, findings: &mut Findings) {
        for entry in self
            .entries
            .iter()
            .filter(|entry| !self.known.contains(&entry.key.as_str()))
        {
            let ending = advice(&entry.key, &self.known, "keys");
            findings.refuse(
                &self.place.at(entry.line),
                format!(
                    "unknown key `{}` in {}{ending}",
                    super::error::shorten(&entry.key),
                    self.name
                ),
            );
        }
    }
}

/// A text.
pub(super) fn text(node: &Node) -> Result<String, String> {
    node.as_text()
        .map(str::to_owned)
        .ok_or_else(|| format!("must be a string, not {}", node.kind()))
}

/// A text with something in it.
pub(super) fn word(node: &Node) -> Result<String, String> {
    let text = text(node)?;
    if text.trim().is_empty() {
        Err("must not be empty".to_owned())
    } else {
        Ok(text)
    }
}

/// A whole number from 1.
pub(super) fn count(node: &Node) -> Result<u32, String> {
    let number = node
        .as_number()
        .ok_or_else(|| format!("must be a whole number, not {}", node.kind()))?;
    let whole = match &node.value {
        super::node::Kind::Number(number) => {
            number.as_u64().and_then(|whole| u32::try_from(whole).ok())
        }
        _ => None,
    };
    whole.filter(|whole| *whole > 0).ok_or_else(|| {
        format!(
            "must be a whole number from 1 to {}, not {number}",
            u32::MAX
        )
    })
}

/// A list of texts with something in them.
pub(super) fn words(node: &Node) -> Result<Vec<String>, String> {
    let items = node
        .as_list()
        .ok_or_else(|| format!("must be a list of strings, not {}", node.kind()))?;
    items
        .iter()
        .map(|item| word(item).map_err(|_| "must hold strings only, none of them empty".to_owned()))
        .collect()
}

/// A table whose keys are names.
pub(super) fn named(node: &Node) -> Result<Vec<(String, Node)>, String> {
    let entries = node
        .as_table()
        .ok_or_else(|| format!("must be a table, not {}", node.kind()))?;
    Ok(entries
        .iter()
        .map(|entry| (entry.key.clone(), entry.node.clone()))
        .collect())
}
