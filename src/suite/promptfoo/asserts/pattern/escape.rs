//! What follows a backslash in a pattern of JavaScript's. Letters that mean nothing there stand for themselves.

use super::{Rewriting, Why, halves};

/// ASCII digits, and what is none.
const DIGITS: [&str; 2] = ["0-9", "^0-9"];
/// Letters of words, which are ASCII, and what is none.
const WORDS: [&str; 2] = ["0-9A-Za-z_", "^0-9A-Za-z_"];
/// White space with the ends of lines, and what is none.
const SPACES: [&str; 2] = [
    r"\t-\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}",
    r"^\t-\r \u{a0}\u{1680}\u{2000}-\u{200a}\u{2028}\u{2029}\u{202f}\u{205f}\u{3000}\u{feff}",
];

/// What it means.
pub(super) enum Escaped {
    Char(char),
    /// What stands between the brackets of a class.
    Set(&'static str),
    /// A place between two characters, as it is written here.
    Edge(&'static str),
}

/// Reads one outside of a class.
pub(super) fn outside(pattern: &mut Rewriting) -> Result<Escaped, Why> {
    match pattern.peek(0) {
        Some(edge @ ('b' | 'B')) => {
            pattern.at += 1;
            Ok(Escaped::Edge(if edge == 'b' {
                r"(?-u:\b)"
            } else {
                r"(?-u:\B)"
            }))
        }
        Some('1'..='9') if refers_back(pattern) => Err(back()),
        _ => anywhere(pattern),
    }
}

/// Reads one inside of a class.
pub(super) fn inside(pattern: &mut Rewriting) -> Result<Escaped, Why> {
    match (pattern.peek(0), pattern.peek(1)) {
        (Some('b'), _) => {
            pattern.at += 1;
            Ok(Escaped::Char('\u{8}'))
        }
        (Some('c'), Some(c)) if c.is_ascii_digit() || c == '_' => {
            pattern.at += 2;
            Ok(Escaped::Char(control(c)))
        }
        _ => anywhere(pattern),
    }
}

fn anywhere(pattern: &mut Rewriting) -> Result<Escaped, Why> {
    let Some(c) = pattern.next() else {
        return Err("nothing follows the last backslash".to_owned());
    };
    let set = |sets: [&'static str; 2]| Escaped::Set(sets[usize::from(c.is_ascii_uppercase())]);
    Ok(match c {
        'd' | 'D' => set(DIGITS),
        'w' | 'W' => set(WORDS),
        's' | 'S' => set(SPACES),
        'n' => Escaped::Char('\n'),
        'r' => Escaped::Char('\r'),
        't' => Escaped::Char('\t'),
        'v' => Escaped::Char('\u{b}'),
        'f' => Escaped::Char('\u{c}'),
        'x' => Escaped::Char(match hexadecimal(pattern, 2) {
            Some(code) => char::from_u32(code).unwrap_or(c),
            None => c,
        }),
        'u' => Escaped::Char(unit(pattern)?),
        'c' => match pattern.peek(0) {
            Some(letter) if letter.is_ascii_alphabetic() => {
                pattern.at += 1;
                Escaped::Char(control(letter))
            }
            // Then the backslash stands for itself.
            _ => {
                pattern.at -= 1;
                Escaped::Char('\\')
            }
        },
        'k' if pattern.groups.has_names => return Err(back()),
        '0'..='7' => Escaped::Char(octal(c, pattern)),
        c => Escaped::Char(c),
    })
}

/// Whether the number that follows is one of a group.
fn refers_back(pattern: &Rewriting) -> bool {
    let rest = pattern.chars.get(pattern.at..).unwrap_or_default();
    let digits: String = rest.iter().take_while(|c| c.is_ascii_digit()).collect();
    digits
        .parse::<usize>()
        .is_ok_and(|number| number <= pattern.groups.count)
}

fn back() -> Why {
    "a group is referred back to, which is not supported".to_owned()
}

fn control(c: char) -> char {
    char::from(u8::try_from(u32::from(c) % 32).unwrap_or_default())
}

/// So many hexadecimal digits; `None`, and nothing is read, where there are fewer.
fn hexadecimal(pattern: &mut Rewriting, length: usize) -> Option<u32> {
    let digits = pattern.chars.get(pattern.at..pattern.at + length)?;
    let mut code = 0;
    for digit in digits {
        code = code * 16 + digit.to_digit(16)?;
    }
    pattern.at += length;
    Some(code)
}

/// What `\u` means: a unit of UTF-16, or two of them that are one character.
fn unit(pattern: &mut Rewriting) -> Result<char, Why> {
    let Some(first) = hexadecimal(pattern, 4) else {
        return Ok('u');
    };
    if let Some(c) = char::from_u32(first) {
        return Ok(c);
    }
    let before = pattern.at;
    if pattern.peek(0) == Some('\\') && pattern.peek(1) == Some('u') {
        pattern.at += 2;
        let second = hexadecimal(pattern, 4).unwrap_or(0);
        let units = [first, second].map(|unit| u16::try_from(unit).unwrap_or(0));
        if let Some(Ok(c)) = char::decode_utf16(units).next() {
            return Ok(c);
        }
    }
    pattern.at = before;
    Err(format!(r"`\u{first:04x}` is one half of a character"))
}

/// Up to three octal digits, 377 at most.
fn octal(first: char, pattern: &mut Rewriting) -> char {
    let mut code = first.to_digit(8).unwrap_or(0);
    while let Some(digit) = pattern.peek(0).and_then(|c| c.to_digit(8))
        && code * 8 + digit <= 0o377
    {
        code = code * 8 + digit;
        pattern.at += 1;
    }
    char::from_u32(code).unwrap_or('\0')
}

/// A character of a class, where one half of it would do.
pub(super) fn whole(c: char) -> Result<char, Why> {
    if c.len_utf16() > 1 {
        Err(halves(c))
    } else {
        Ok(c)
    }
}
