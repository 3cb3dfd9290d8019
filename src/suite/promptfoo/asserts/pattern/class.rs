//! A class of a pattern of JavaScript's, `[…]`. There a bracket, `&&`, `--` and `~~` inside of it mean nothing.

use super::{
    Rewriting, Why,
    escape::{Escaped, inside, whole},
};

/// One thing in a class.
enum Item {
    Char(char),
    Set(&'static str),
}

/// Rewrites what follows the opening bracket, up to the closing one.
pub(super) fn rewrite(pattern: &mut Rewriting) -> Result<(), Why> {
    let is_inverse = pattern.peek(0) == Some('^');
    pattern.at += usize::from(is_inverse);
    if pattern.peek(0) == Some(']') {
        pattern.at += 1;
        // Any character, and none.
        pattern
            .out
            .push_str(if is_inverse { "(?s:.)" } else { r"[^\s\S]" });
        return Ok(());
    }
    pattern.out.push_str(if is_inverse { "[^" } else { "[" });
    loop {
        let item = match pattern.peek(0) {
            Some(']') => {
                pattern.at += 1;
                pattern.out.push(']');
                return Ok(());
            }
            _ => item(pattern)?,
        };
        let has_end = pattern.peek(0) == Some('-') && pattern.peek(1).is_some_and(|c| c != ']');
        if !has_end {
            push(&item, &mut pattern.out);
            continue;
        }
        pattern.at += 1;
        let end = self::item(pattern)?;
        push(&item, &mut pattern.out);
        match (&item, &end) {
            (Item::Char(first), Item::Char(last)) if first > last => {
                return Err(format!("`{first}-{last}` ends before it begins"));
            }
            (Item::Char(_), Item::Char(_)) => pattern.out.push('-'),
            // Between others it is a hyphen.
            _ => pattern.out.push_str(r"\-"),
        }
        push(&end, &mut pattern.out);
    }
}

fn item(pattern: &mut Rewriting) -> Result<Item, Why> {
    let c = match pattern.next() {
        None => return Err("a class is never closed".to_owned()),
        Some('\\') => match inside(pattern)? {
            Escaped::Char(c) => c,
            Escaped::Set(set) | Escaped::Edge(set) => return Ok(Item::Set(set)),
        },
        Some(c) => c,
    };
    whole(c).map(Item::Char)
}

fn push(item: &Item, out: &mut String) {
    match item {
        Item::Char(c) => {
            if matches!(c, '[' | ']' | '\\' | '^' | '-' | '&' | '~') {
                out.push('\\');
            }
            out.push(*c);
        }
        Item::Set(set) if set.starts_with('^') => {
            out.push('[');
            out.push_str(set);
            out.push(']');
        }
        Item::Set(set) => out.push_str(set),
    }
}
