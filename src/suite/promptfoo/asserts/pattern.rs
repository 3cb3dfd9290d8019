//! A pattern of JavaScript's as one of the `regex` crate that finds the same. What that crate has not (look-around,
//! back-references) is left as it is, and refused where it is compiled.

use std::{iter::Peekable, str::Chars};

/// Rewrites a pattern: there `\d`, `\w` and `\b` know ASCII only, and signs that mean something here stand for
/// themselves.
pub(super) fn of_javascript(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut chars = pattern.chars().peekable();
    let mut is_class = false;
    while let Some(c) = chars.next() {
        match (c, is_class) {
            ('\\', _) => escape(&mut chars, is_class, &mut out),
            ('[', false) => {
                is_class = true;
                out.push('[');
                if chars.next_if_eq(&'^').is_some() {
                    if chars.next_if_eq(&']').is_some() {
                        // `[^]` is any character.
                        out.pop();
                        out.push_str(r"(?s:.)");
                        is_class = false;
                    } else {
                        out.push('^');
                    }
                }
            }
            ('{', false) if !is_count(chars.clone()) => out.push_str(r"\{"),
            (']', true) => {
                is_class = false;
                out.push(']');
            }
            ('[' | '&' | '~', true) => {
                out.push('\\');
                out.push(c);
            }
            ('-', true) if chars.peek() == Some(&'-') => out.push_str(r"\-"),
            (c, _) => out.push(c),
        }
    }
    out
}

/// What follows a backslash.
fn escape(chars: &mut Peekable<Chars<'_>>, is_class: bool, out: &mut String) {
    let Some(c) = chars.next() else {
        out.push('\\');
        return;
    };
    match (c, is_class) {
        ('d', false) => out.push_str("[0-9]"),
        ('d', true) => out.push_str("0-9"),
        ('D', _) => out.push_str("[^0-9]"),
        ('w', false) => out.push_str("[0-9A-Za-z_]"),
        ('w', true) => out.push_str("0-9A-Za-z_"),
        ('W', _) => out.push_str("[^0-9A-Za-z_]"),
        ('b', false) => out.push_str(r"(?-u:\b)"),
        ('b', true) => out.push_str(r"\x08"),
        ('0', _) => out.push_str(r"\x00"),
        (c, _) if c.is_ascii_alphanumeric() => {
            out.push('\\');
            out.push(c);
        }
        (c, _) => out.push_str(&regex::escape(&c.to_string())),
    }
}

/// Whether a brace begins a count, such as `{2,3}`; any other stands for itself.
fn is_count(rest: Peekable<Chars<'_>>) -> bool {
    let inside: String = rest.take_while(|c| *c != '}').collect();
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let is_digits = |text: &str| text.chars().all(|c| c.is_ascii_digit());
    !least.is_empty() && is_digits(least) && is_digits(most)
}

#[cfg(test)]
mod tests {
    use super::*;
    use regex::Regex;

    #[test]
    fn patterns_find_what_javascript_finds() {
        let cases = [
            (r"^\d+$", "12", true),
            (r"^\d+$", "१२", false),
            (r"^\w+$", "né", false),
            (r"n\b", "né", true),
            (r"^[\w-]+$", "a_b-c", true),
            (r"[^\w\s]", "a b", false),
            (r"[^\d]", "1a", true),
            (r"[\D]", "12", false),
            (r"a.b", "a\nb", false),
            (r"a[^]b", "a\nb", true),
            (r"{a}", "x{a}", true),
            (r"^a{2}$", "aa", true),
            (r"a{,2}", "a{,2}", true),
            (r"[[]x", "[x", true),
            (r"[a&&b]{3}", "a&b", true),
            (r"\<b\>\/", "<b>/", true),
            (r"[\]\-a]+", "]-a", true),
            (r"(?<year>\d{4})-", "2024-", true),
        ];
        for (pattern, text, is_found) in cases {
            let rewritten = of_javascript(pattern);
            let compiled = Regex::new(&rewritten).unwrap();
            assert_eq!(compiled.is_match(text), is_found, "{pattern}: {rewritten}");
        }
        assert!(Regex::new(&of_javascript(r"a(?=b)")).is_err());
        assert!(Regex::new(&of_javascript(r"(a)\1")).is_err());
    }
}
