//! A pattern of JavaScript's, without flags, as one of the `regex` crate that finds the same
//! (<https://tc39.es/ecma262/#sec-patterns>, with its annex B for what browsers and Node take besides). What has no
//! counterpart is refused with the reason. Compiles nothing.
//!
//! One difference is left: there a character outside of the basic plane is two, so that `^.$` does not find an emoji and
//! `^..$` does.

mod class;
mod escape;

#[cfg(test)]
mod tests;

use super::super::super::error::shorten;
use escape::Escaped;

/// Rewrites a pattern; the error goes on after the name of the assertion.
pub(super) fn of_javascript(pattern: &str) -> Result<String, String> {
    let chars: Vec<char> = pattern.chars().collect();
    let mut rewriting = Rewriting {
        groups: Groups::of(&chars),
        chars,
        at: 0,
        out: String::with_capacity(pattern.len()),
        is_repeatable: false,
    };
    rewriting
        .rewrite()
        .map_err(|why| format!("has the pattern `{}`, in which {why}", shorten(pattern)))?;
    Ok(rewriting.out)
}

/// What is wrong, after "in which".
type Why = String;

/// The groups of a pattern, counted before it is read: what `\1` means depends on those behind it too.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Groups {
    count: usize,
    has_names: bool,
}

impl Groups {
    fn of(chars: &[char]) -> Self {
        let mut groups = Self {
            count: 0,
            has_names: false,
        };
        let (mut at, mut is_class) = (0, false);
        while let Some(c) = chars.get(at) {
            match (c, is_class) {
                ('\\', _) => at += 1,
                ('[', false) => is_class = true,
                (']', true) => is_class = false,
                ('(', false) => {
                    let next = |steps: usize| chars.get(at + steps).copied();
                    let is_named = next(1) == Some('?')
                        && next(2) == Some('<')
                        && !matches!(next(3), Some('=' | '!'));
                    groups.count += usize::from(is_named || next(1) != Some('?'));
                    groups.has_names |= is_named;
                }
                _ => {}
            }
            at += 1;
        }
        groups
    }
}

struct Rewriting {
    chars: Vec<char>,
    groups: Groups,
    /// The character that is read next.
    at: usize,
    out: String,
    /// Whether something stands before that a count may follow.
    is_repeatable: bool,
}

impl Rewriting {
    fn rewrite(&mut self) -> Result<(), Why> {
        while let Some(c) = self.next() {
            match c {
                '\\' => self.escape()?,
                '[' => {
                    class::rewrite(self)?;
                    self.is_repeatable = true;
                }
                '(' => self.group()?,
                '*' | '+' | '?' => self.repeat(&c.to_string())?,
                '{' => match self.count() {
                    Some(count) => self.repeat(&count)?,
                    None => self.push(c)?,
                },
                '.' => {
                    self.out.push_str(r"[^\n\r\u{2028}\u{2029}]");
                    self.is_repeatable = true;
                }
                '^' | '$' | '|' => {
                    self.out.push(c);
                    self.is_repeatable = false;
                }
                ')' => {
                    self.out.push(c);
                    self.is_repeatable = true;
                }
                c => self.push(c)?,
            }
        }
        Ok(())
    }

    fn next(&mut self) -> Option<char> {
        let c = self.chars.get(self.at).copied();
        self.at += usize::from(c.is_some());
        c
    }

    fn peek(&self, steps: usize) -> Option<char> {
        self.chars.get(self.at + steps).copied()
    }

    /// A character that stands for itself.
    fn push(&mut self, c: char) -> Result<(), Why> {
        let is_counted =
            matches!(self.peek(0), Some('*' | '+' | '?')) || self.clone_count().is_some();
        if is_counted && c.len_utf16() > 1 {
            return Err(halves(c));
        }
        if r"\.+*?()|[]{}^$".contains(c) {
            self.out.push('\\');
        }
        self.out.push(c);
        self.is_repeatable = true;
        Ok(())
    }

    fn escape(&mut self) -> Result<(), Why> {
        match escape::outside(self)? {
            Escaped::Char(c) => self.push(c),
            Escaped::Set(set) => {
                self.out.push('[');
                self.out.push_str(set);
                self.out.push(']');
                self.is_repeatable = true;
                Ok(())
            }
            Escaped::Edge(edge) => {
                self.out.push_str(edge);
                self.is_repeatable = false;
                Ok(())
            }
        }
    }

    /// What follows an opening bracket.
    fn group(&mut self) -> Result<(), Why> {
        self.is_repeatable = false;
        self.out.push('(');
        if self.peek(0) != Some('?') {
            return Ok(());
        }
        match (self.peek(1), self.peek(2)) {
            (Some(':'), _) => {
                self.out.push_str("?:");
                self.at += 2;
                Ok(())
            }
            (Some('=' | '!'), _) | (Some('<'), Some('=' | '!')) => {
                Err("look-around is used, which is not supported".to_owned())
            }
            (Some('<'), _) => self.name(),
            _ => Err("`(?` is followed by what JavaScript does not know there".to_owned()),
        }
    }

    /// A group's name, which nothing refers to here.
    fn name(&mut self) -> Result<(), Why> {
        self.at += 2;
        let start = self.at;
        while self.peek(0).is_some_and(|c| c != '>') {
            self.at += 1;
        }
        let name: String = self.chars[start..self.at].iter().collect();
        let mut letters = name.chars();
        let is_name = letters
            .next()
            .is_some_and(|c| c.is_alphabetic() || c == '_')
            && letters.all(|c| c.is_alphanumeric() || c == '_');
        if !is_name || self.next().is_none() {
            return Err(format!("`{}` is no name of a group", shorten(&name)));
        }
        self.out.push_str("?<");
        self.out.push_str(&name);
        self.out.push('>');
        Ok(())
    }

    /// A count after what it counts.
    fn repeat(&mut self, count: &str) -> Result<(), Why> {
        if !self.is_repeatable {
            return Err(format!("there is nothing that `{count}` could repeat"));
        }
        self.out.push_str(count);
        if self.peek(0) == Some('?') {
            self.at += 1;
            self.out.push('?');
        }
        self.is_repeatable = false;
        Ok(())
    }

    /// The rest of a count such as `{2,3}`, with its braces; a brace before anything else stands for itself.
    fn count(&mut self) -> Option<String> {
        let digits = |from: usize| {
            let rest = self.chars.get(from..).unwrap_or_default();
            from + rest.iter().take_while(|c| c.is_ascii_digit()).count()
        };
        let mut end = digits(self.at);
        if end == self.at {
            return None;
        }
        if self.chars.get(end) == Some(&',') {
            end = digits(end + 1);
        }
        if self.chars.get(end) != Some(&'}') {
            return None;
        }
        let count = self.chars[self.at..end].iter().collect::<String>();
        self.at = end + 1;
        Some(format!("{{{count}}}"))
    }

    /// The count that follows, left where it is.
    fn clone_count(&mut self) -> Option<String> {
        let before = self.at;
        let count = (self.next() == Some('{')).then(|| self.count()).flatten();
        self.at = before;
        count
    }
}

fn halves(c: char) -> Why {
    format!("JavaScript takes one half of `{c}`")
}
