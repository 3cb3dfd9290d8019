//! Reads YAML within limits, and says in our own words what is wrong with it. Knows no key.

use super::{super::error::shorten, super::error::shorten_to_line, Node, Placed, YamlNode};
use serde_saphyr::{
    Error, UserMessageFormatter, budget::BudgetBreach, options::DuplicateKeyPolicy,
};

/// A level takes some 35 KiB of the stack without optimisation.
const MAX_DEPTH: usize = 32;
const MAX_NODES: usize = 5_000_000;
/// What aliases may repeat, in all.
const MAX_REPLAYED: usize = 100_000;

/// Reads a YAML document; the error is a line and what is wrong there. Nesting, aliases and size are limited.
pub(in super::super) fn of_yaml(text: &str) -> Result<Node, (usize, String)> {
    let options = serde_saphyr::options! {
        budget: serde_saphyr::budget! {
            max_documents: 1,
            max_depth: MAX_DEPTH,
            max_nodes: MAX_NODES,
            max_events: 20_000_000,
        },
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: MAX_REPLAYED },
        duplicate_keys: DuplicateKeyPolicy::Error,
        strict_booleans: true,
        with_snippet: false,
    };
    let node: YamlNode = serde_saphyr::from_str_with_options(text, options).map_err(|error| {
        let line = error.location().map_or(0, |location| location.line());
        (usize::try_from(line).unwrap_or(0), words(&error))
    })?;
    Ok(node.place())
}

/// What is wrong, without the line. The library speaks to the programmer who calls it.
fn words(error: &Error) -> String {
    match error.without_snippet() {
        Error::DuplicateMappingKey { key: Some(key), .. } => {
            format!("the key `{}` is there twice", shorten(key))
        }
        Error::DuplicateMappingKey { key: None, .. } => "a key is there twice".to_owned(),
        Error::MultipleDocuments { .. }
        | Error::Budget {
            breach: BudgetBreach::Documents { .. },
            ..
        } => "another document begins here (`---`), and only one is read; put it into a file of its own"
            .to_owned(),
        Error::Budget {
            breach: BudgetBreach::Depth { .. },
            ..
        } => format!("it is nested more than {MAX_DEPTH} levels deep"),
        Error::Budget {
            breach:
                BudgetBreach::Aliases { .. }
                | BudgetBreach::Anchors { .. }
                | BudgetBreach::AliasAnchorRatio { .. },
            ..
        }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => too_many_aliases(),
        Error::Budget { .. } => {
            format!("it holds too much: {MAX_NODES} values at most; share it out among several files")
        }
        Error::RecursiveReferencesRequireWeakTypes { .. } => {
            "an alias (`*name`) stands inside of what it repeats".to_owned()
        }
        Error::UnknownAnchor { .. } => {
            "an alias (`*name`) repeats what no `&name` before it names".to_owned()
        }
        Error::NonFiniteFloat { value, .. } => format!(
            "`{}` is no number that can be asked; in quotes it is a text",
            shorten(value)
        ),
        Error::MergeValueNotMapOrSeqOfMaps { .. } => {
            "`<<` needs a table, or a list of tables".to_owned()
        }
        Error::Eof { .. } => "it ends too early".to_owned(),
        // Inside of what an alias repeats; the kind is lost there.
        Error::AliasError { msg, .. } if msg.contains("limit exceeded") => too_many_aliases(),
        // Of a syntax that is none, and our own.
        Error::AliasError { msg, .. } | Error::Message { msg, .. } => without_places(msg),
        other => without_places(&other.render_with_formatter(&UserMessageFormatter)),
    }
}

fn too_many_aliases() -> String {
    format!(
        "its aliases (`*name`) repeat too much: more than {MAX_REPLAYED} values, or too many aliases; write it out"
    )
}

/// The line is said before.
fn without_places(text: &str) -> String {
    let text = text.split(" at line ").next().unwrap_or(text);
    shorten_to_line(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fmt::Write as _;

    #[test]
    fn what_is_wrong_is_said_in_our_own_words() {
        let deep = format!("a: {}1{}", "[".repeat(40), "]".repeat(40));
        let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x]\n");
        for level in 1..8 {
            let below = format!("*a{}", level - 1);
            let _ = writeln!(bomb, "a{level}: &a{level} [{}]", vec![below; 9].join(", "));
        }
        for (text, line, expected) in [
            ("a: 1\nb: 2\na: 3\n", 3, "the key `a` is there twice"),
            ("a: 1\n---\nb: 2\n", 2, "another document begins here"),
            (&deep, 1, "nested more than 32 levels deep"),
            (&bomb, 6, "its aliases (`*name`) repeat too much"),
            (
                "a: *b\n",
                1,
                "an alias (`*name`) repeats what no `&name` before it names",
            ),
            ("a: &b [*b]\n", 1, "an alias (`*name`)"),
            (
                "a: .inf\n",
                1,
                "`.inf` is no number that can be asked; in quotes it is a text",
            ),
            ("a: .nan\n", 1, "`.nan` is no number"),
            ("<<: 1\n", 1, "`<<`"),
            ("a: [1\n", 0, ""),
            ("a: \"x\n", 0, ""),
            ("a:\n\t- 1\n", 0, ""),
            ("? [a]\n: 1\n", 0, "a key must be a word"),
            ("a: b: c\n", 0, ""),
            ("a: !!int x\n", 0, ""),
            ("a: !!binary '?'\n", 0, ""),
            ("a: }\n", 0, ""),
        ] {
            let (found, problem) = of_yaml(text).map(|node| node.json()).unwrap_err();
            assert!(problem.contains(expected), "{text}: {problem}");
            assert!(line == 0 || found == line, "{text}: {found}, {problem}");
            for word in [
                "Option",
                "Policy",
                "Budget",
                "budget",
                "_",
                "limit exceeded",
                "\n",
            ] {
                assert!(!problem.contains(word), "{text}: {problem}");
            }
        }
    }
}
