//! Variables whose values are lists, and what each of their items adds to an id. Fills nothing in.
//!
//! A variable whose value is a list is one case for each of its items; several lists are combined, the last one changes
//! first. A list in a list gives a variable that is a list. The id of such a case is the prompt's with
//! `-name=value` for every list, in which a value that is long, odd or there twice is its number instead: `-name=#2`.

use super::{
    draft::Draft,
    node::{Kind, Node},
};
use std::collections::HashMap;

/// A variable that changes from case to case.
#[derive(Debug)]
pub(super) struct Axis<'d> {
    /// Its place among the variables.
    pub(super) variable: usize,
    pub(super) items: &'d [Node],
    /// What an item adds to the id.
    pub(super) marks: Vec<String>,
}

/// The lists among a draft's variables.
pub(super) fn axes(draft: &Draft) -> Vec<Axis<'_>> {
    let lists = draft
        .vars
        .iter()
        .enumerate()
        .filter_map(|(variable, (name, node))| {
            let items = node.as_list()?;
            let names: Vec<Option<String>> = items.iter().map(plain_name).collect();
            let mut counts: HashMap<&String, usize> = HashMap::new();
            for value in names.iter().flatten() {
                *counts.entry(value).or_default() += 1;
            }
            let marks = names.iter().enumerate().map(|(index, value)| match value {
                Some(value) if counts.get(value) == Some(&1) => format!("-{name}={value}"),
                // It is there to be a list, not to be combined.
                None if matches!(items, [only] if only.as_list().is_some()) => String::new(),
                _ => format!("-{name}=#{}", index + 1),
            });
            Some(Axis {
                variable,
                items,
                marks: marks.collect(),
            })
        });
    lists.collect()
}

/// A value as a part of an id, where it is short and plain enough.
fn plain_name(node: &Node) -> Option<String> {
    const MAX: usize = 32;
    let text = match &node.value {
        Kind::Text(text) => text.trim().replace(' ', "_"),
        Kind::Number(number) => number.to_string(),
        Kind::Bool(flag) => flag.to_string(),
        Kind::Null | Kind::List(_) | Kind::Table(_) => return None,
    };
    let is_plain = |c: char| c.is_alphanumeric() || "_.+-".contains(c);
    (!text.is_empty() && text.chars().count() <= MAX && text.chars().all(is_plain)).then_some(text)
}
