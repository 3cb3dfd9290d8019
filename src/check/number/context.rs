//! What stands before a number, and what that makes of it.

/// What stands before a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Before {
    /// Nothing that changes it.
    Nothing,
    /// A minus.
    Minus,
    /// A word that it is a part of.
    Word,
    /// Something that makes another number of it.
    Unreadable(&'static str),
}

/// Looks back from the first character of a number.
pub(super) fn before(chars: &[(usize, char)], start: usize) -> Before {
    let char_at = |at: Option<usize>| at.and_then(|at| chars.get(at)).map(|(_, c)| *c);
    let mut at = start.checked_sub(1);
    while char_at(at).is_some_and(is_currency) {
        at = at.and_then(|at| at.checked_sub(1));
    }
    let has_currency = at.map_or(0, |at| at + 1) != start;
    let back = |steps: usize| char_at(at.and_then(|at| at.checked_sub(steps)));
    match char_at(at) {
        Some('-' | '−') => minus(chars, at.unwrap_or(0)),
        Some(' ')
            if matches!(back(1), Some('-' | '−'))
                && is_after_equals(chars, at.unwrap_or(0) - 1) =>
        {
            Before::Minus
        }
        Some(c) if is_letter(c) && !has_currency => Before::Word,
        Some('_') if back(1).is_some_and(char::is_alphanumeric) => Before::Word,
        Some('/') if back(1).is_some_and(is_letter) => Before::Word,
        Some('^') => power(back(1)),
        Some('*') if back(1) == Some('*') && back(2).is_some_and(|c| c.is_ascii_digit()) => {
            power(back(2))
        }
        Some('√') => Before::Unreadable("under a root"),
        Some('{') => match back(1) {
            Some('^') => power(back(2)),
            Some('}') => Before::Unreadable("a part of a fraction"),
            Some(']') => Before::Unreadable("under a root"),
            _ if ends_with(chars, start, "\\sqrt{") => Before::Unreadable("under a root"),
            _ => Before::Nothing,
        },
        _ => Before::Nothing,
    }
}

/// A minus directly before the number: a sign, unless something to take away from stands before it.
fn minus(chars: &[(usize, char)], at: usize) -> Before {
    let mut earlier = chars
        .get(..at)
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|(_, c)| *c);
    match earlier.find(|c| !is_currency(*c)) {
        Some(c) if is_letter(c) => Before::Word,
        Some('-' | '−' | ')' | ']' | '}') => Before::Nothing,
        Some(c) if c.is_ascii_digit() => Before::Nothing,
        _ => Before::Minus,
    }
}

/// Whether a minus that a space parts from its number is a sign, and not a bullet: `x = - 5`.
fn is_after_equals(chars: &[(usize, char)], minus: usize) -> bool {
    let mut earlier = chars
        .get(..minus)
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|(_, c)| *c);
    matches!(earlier.find(|c| *c != ' '), Some('=' | '≈' | ':' | '('))
}

/// An exponent: of a number, which it makes another one, or of a name.
fn power(base: Option<char>) -> Before {
    match base {
        Some(c) if c.is_ascii_digit() || matches!(c, ')' | '}' | ']') => {
            Before::Unreadable("an exponent")
        }
        _ => Before::Word,
    }
}

fn ends_with(chars: &[(usize, char)], end: usize, word: &str) -> bool {
    let mut earlier = chars
        .get(..end)
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|(_, c)| *c);
    word.chars().rev().all(|c| earlier.next() == Some(c))
}

/// A letter of a script that parts its words with spaces; others may run into a number without making a word of it.
pub(super) fn is_letter(c: char) -> bool {
    c.is_alphabetic() && c < '\u{590}'
}

pub(super) fn is_currency(c: char) -> bool {
    matches!(c, '$' | '¢' | '£' | '¥' | '¤' | '\u{20a0}'..='\u{20cf}')
}
