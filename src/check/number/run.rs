//! A run of digits with what joins them, and how it reads.

use super::{
    context::is_letter,
    multiple::{Multiple, multiple},
};
use std::{fmt::Write, ops::Range};

/// What stands between two groups of digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Joiner {
    Dot,
    Comma,
    /// A space that does not break a line.
    Space,
    /// An apostrophe or an underscore.
    Mark,
    Slash,
    Colon,
    Hyphen,
}

/// How a run reads.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Reading {
    /// As a number, the first or a later one of the run.
    Value { value: f64, is_first: bool },
    /// As a date, a version or the like: no number.
    Skip,
    /// In more than one way.
    Unreadable(&'static str),
}

const SEVERAL: Reading = Reading::Unreadable("one number or several");

/// Groups of digits, joined without a gap.
#[derive(Debug)]
pub(super) struct Run {
    /// Positions of the digits; the first group is empty where the run begins with a point.
    groups: Vec<Range<usize>>,
    joiners: Vec<Joiner>,
    /// The digits of the exponent with its sign.
    exponent: Option<Range<usize>>,
    ending: Ending,
    /// Position behind it.
    pub(super) end: usize,
    /// What stands behind it and makes a multiple of it, and the position behind that.
    multiple: Option<(Multiple, usize)>,
    /// A short group of digits stands before it, parted by a plain space.
    is_after_group: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Plain,
    /// Letters with more digits among them.
    Word,
    /// A raised digit or a fraction.
    Raised,
}

impl Run {
    /// Reads the run that begins here.
    pub(super) fn at(chars: &[(usize, char)], start: usize) -> Self {
        let mut groups = vec![digits(chars, start)];
        let mut joiners = Vec::new();
        let mut end = groups[0].end;
        while let Some((joiner, length)) = joiner(chars, end) {
            let next = digits(chars, end + length);
            if next.is_empty() {
                break;
            }
            end = next.end;
            joiners.push(joiner);
            groups.push(next);
        }
        let exponent = exponent(chars, end);
        end = exponent.as_ref().map_or(end, |exponent| exponent.end);
        let (ending, end) = ending(chars, end);
        Self {
            is_after_group: is_after_group(chars, start),
            groups,
            joiners,
            exponent,
            ending,
            end,
            multiple: multiple(chars, start, end),
        }
    }

    /// The position behind a word that makes a multiple of it.
    pub(super) fn behind_multiple(&self) -> Option<usize> {
        self.multiple.map(|(_, behind)| behind)
    }

    /// Where it stands in the text.
    pub(super) fn bytes(&self, chars: &[(usize, char)], length: usize) -> Range<usize> {
        let byte = |at: usize| chars.get(at).map_or(length, |(byte, _)| *byte);
        byte(self.groups[0].start)..byte(self.behind_multiple().unwrap_or(self.end))
    }

    /// Reads it.
    pub(super) fn reading(&self, chars: &[(usize, char)]) -> Reading {
        let count = |joiner: Joiner| self.joiners.iter().filter(|j| **j == joiner).count();
        match (self.ending, count(Joiner::Slash), count(Joiner::Hyphen)) {
            (Ending::Word, _, _) => Reading::Skip,
            _ if count(Joiner::Colon) > 0 => Reading::Skip,
            (_, 2.., _) | (_, _, 2..) => Reading::Skip,
            (Ending::Raised, _, _) => Reading::Unreadable("a power or a fraction"),
            (Ending::Plain, 1, _) => Reading::Unreadable("a fraction"),
            (Ending::Plain, 0, 1) => self.after_hyphen(chars),
            (Ending::Plain, 0, 0) => self.from(0, chars),
        }
    }

    /// The second number of a range; a month is none: `2024-05`.
    fn after_hyphen(&self, chars: &[(usize, char)]) -> Reading {
        let Some(hyphen) = self
            .joiners
            .iter()
            .position(|joiner| *joiner == Joiner::Hyphen)
        else {
            return Reading::Skip;
        };
        let after = &self.groups[hyphen + 1];
        if after.len() > 1 && chars.get(after.start).is_some_and(|(_, c)| *c == '0') {
            return Reading::Skip;
        }
        self.from(hyphen + 1, chars)
    }

    /// Reads the number that the groups from here on make up.
    fn from(&self, first: usize, chars: &[(usize, char)]) -> Reading {
        let (groups, joiners) = (&self.groups[first..], &self.joiners[first..]);
        let dots = joiners
            .iter()
            .filter(|joiner| **joiner == Joiner::Dot)
            .count();
        let has_decimals = dots == 1 && joiners.last() == Some(&Joiner::Dot);
        let whole = if has_decimals {
            &groups[..groups.len() - 1]
        } else {
            groups
        };
        let separators = if has_decimals {
            &joiners[..joiners.len() - 1]
        } else {
            joiners
        };
        let value =
            |from: usize| self.value(&groups[from..], has_decimals, chars, first + from == 0);
        match (separators.first(), dots) {
            (None, _) => {
                let is_grouped = self.is_after_group && first == 0 && groups[0].len() == 3;
                if is_grouped { SEVERAL } else { value(0) }
            }
            (Some(Joiner::Dot), 2..) if separators.len() == dots => {
                let are_thousands = groups.iter().skip(1).all(|group| group.len() == 3);
                if are_thousands {
                    SEVERAL
                } else {
                    Reading::Skip
                }
            }
            _ if dots > usize::from(has_decimals) => SEVERAL,
            (Some(separator), _) => {
                let are_alike = separators.iter().all(|other| other == separator);
                let is_zero = chars.get(whole[0].start).is_some_and(|(_, c)| *c == '0');
                let is_comma = *separator == Joiner::Comma;
                if are_alike && !is_zero && (are_thousands(whole) || is_comma && are_lakhs(whole)) {
                    return value(0);
                }
                match separator {
                    Joiner::Space => value(whole.len() - 1),
                    // `1,2,19` can only be a list.
                    Joiner::Comma if are_alike && whole.len() > 2 => value(whole.len() - 1),
                    _ => SEVERAL,
                }
            }
        }
    }

    fn value(
        &self,
        groups: &[Range<usize>],
        has_decimals: bool,
        chars: &[(usize, char)],
        is_first: bool,
    ) -> Reading {
        let mut written = String::new();
        for (index, group) in groups.iter().enumerate() {
            if has_decimals && index + 1 == groups.len() {
                written.push('.');
            }
            written.extend(chars[group.clone()].iter().map(|(_, c)| *c));
        }
        match (self.multiple, &self.exponent) {
            (None, _) => {}
            // So that no rounding but the last comes between: 1.1 million.
            (Some((Multiple::Power(power), _)), None) => {
                let _ = write!(written, "e{power}");
            }
            (Some((Multiple::Unclear(what), _)), _) => return Reading::Unreadable(what),
            (Some(_), Some(_)) => return Reading::Unreadable("a multiple of a power"),
        }
        if let Some(exponent) = &self.exponent {
            written.push('e');
            written.extend(
                chars[exponent.clone()]
                    .iter()
                    .map(|(_, c)| if *c == '−' { '-' } else { *c }),
            );
        }
        match written.parse::<f64>() {
            Ok(value) if value.is_finite() => Reading::Value { value, is_first },
            _ => Reading::Unreadable("too large"),
        }
    }
}

fn digits(chars: &[(usize, char)], start: usize) -> Range<usize> {
    let rest = chars.get(start..).unwrap_or_default();
    let length = rest.iter().take_while(|(_, c)| c.is_ascii_digit()).count();
    start..start + length
}

/// What may join two groups of digits here, and how many characters it has.
fn joiner(chars: &[(usize, char)], at: usize) -> Option<(Joiner, usize)> {
    let char_at = |at: usize| chars.get(at).map(|(_, c)| *c);
    Some(match char_at(at)? {
        '.' => (Joiner::Dot, 1),
        ',' => (Joiner::Comma, 1),
        '\u{a0}' | '\u{2009}' | '\u{202f}' => (Joiner::Space, 1),
        '\'' | '’' | '_' => (Joiner::Mark, 1),
        '/' | '⁄' => (Joiner::Slash, 1),
        ':' => (Joiner::Colon, 1),
        '-' | '−' => (Joiner::Hyphen, 1),
        // As LaTeX writes thousands.
        '\\' if char_at(at + 1) == Some(',') => (Joiner::Space, 2),
        '{' if char_at(at + 1) == Some(',') && char_at(at + 2) == Some('}') => (Joiner::Comma, 3),
        _ => return None,
    })
}

fn exponent(chars: &[(usize, char)], at: usize) -> Option<Range<usize>> {
    let char_at = |at: usize| chars.get(at).map(|(_, c)| *c);
    char_at(at).filter(|c| matches!(c, 'e' | 'E'))?;
    let signed = usize::from(matches!(char_at(at + 1), Some('+' | '-' | '−')));
    let digits = digits(chars, at + 1 + signed);
    let is_whole = !digits.is_empty() && !char_at(digits.end).is_some_and(is_letter);
    is_whole.then_some(at + 1..digits.end)
}

/// What follows directly, and the position behind it.
fn ending(chars: &[(usize, char)], at: usize) -> (Ending, usize) {
    let rest = chars.get(at..).unwrap_or_default();
    if rest
        .first()
        .is_some_and(|(_, c)| c.is_numeric() && !c.is_ascii_digit())
    {
        let raised = rest.iter().take_while(|(_, c)| c.is_numeric()).count();
        return (Ending::Raised, at + raised);
    }
    let word = rest
        .iter()
        .take_while(|(_, c)| is_letter(*c) || c.is_ascii_digit())
        .count();
    if rest.iter().take(word).any(|(_, c)| c.is_ascii_digit()) {
        (Ending::Word, at + word)
    } else {
        (Ending::Plain, at)
    }
}

/// Whether one to three digits stand before, parted by one plain space: `12 345`.
fn is_after_group(chars: &[(usize, char)], start: usize) -> bool {
    let mut earlier = chars
        .get(..start)
        .unwrap_or_default()
        .iter()
        .rev()
        .map(|(_, c)| *c);
    if earlier.next() != Some(' ') {
        return false;
    }
    let mut digits = 0;
    let next = earlier.find(|c| {
        digits += usize::from(c.is_ascii_digit());
        !c.is_ascii_digit() || digits > 3
    });
    let is_free = next.is_none_or(|c| !(is_letter(c) || c == '.' || c == ','));
    (1..=3).contains(&digits) && is_free
}

/// Groups of three after one to three digits.
fn are_thousands(groups: &[Range<usize>]) -> bool {
    groups.len() > 1
        && (1..=3).contains(&groups[0].len())
        && groups.iter().skip(1).all(|group| group.len() == 3)
}

/// Groups of two before the last three digits, as they are written in India: `12,34,567`.
fn are_lakhs(groups: &[Range<usize>]) -> bool {
    let [first, middle @ .., last] = groups else {
        return false;
    };
    !middle.is_empty()
        && (1..=2).contains(&first.len())
        && middle.iter().all(|group| group.len() == 2)
        && last.len() == 3
}

/// A fraction in one character.
pub(super) fn is_fraction(c: char) -> bool {
    matches!(c, '¼'..='¾' | '⅐'..='⅞' | '↉')
}
