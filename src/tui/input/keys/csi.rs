//! Sequences that begin with `ESC [`: what they mean as keys.

use super::{Found, LONGEST_SEQUENCE, key, typed};
use crossterm::event::{Event, KeyCode, KeyModifiers};

/// The event at the start of what follows `ESC [`.
pub(super) fn first(bytes: &[u8]) -> Found {
    // The Linux console writes its function keys as `[[A` to `[[E`.
    if let [b'[', rest @ ..] = bytes {
        return match rest {
            [] => Found::Unfinished,
            [letter @ b'A'..=b'E', ..] => {
                Found::Event(2, key(KeyCode::F(letter - b'A' + 1), KeyModifiers::NONE))
            }
            [..] => Found::Nothing(2),
        };
    }
    let Some(end) = bytes.iter().position(|byte| !matches!(byte, 0x20..=0x3f)) else {
        return if bytes.len() > LONGEST_SEQUENCE {
            Found::Nothing(bytes.len())
        } else {
            Found::Unfinished
        };
    };
    let parameters = bytes.get(..end).unwrap_or_default();
    let last = bytes.get(end).copied().unwrap_or_default();
    if !matches!(last, 0x40..=0x7e) {
        // Not part of any sequence: what follows stands for itself.
        return Found::Nothing(end);
    }
    let used = end + 1;
    if last == b'~' && parameters == b"200" {
        return Found::PasteBegins(used);
    }
    match meaning(&Parameters::of(parameters), last) {
        Some(event) => Found::Event(used, event),
        None => Found::Nothing(used),
    }
}

/// A key named by one letter, after `ESC O` or `ESC [`.
pub(super) fn letter(letter: u8, modifiers: KeyModifiers) -> Option<Event> {
    let code = match letter {
        b'A' => KeyCode::Up,
        b'B' => KeyCode::Down,
        b'C' => KeyCode::Right,
        b'D' => KeyCode::Left,
        b'F' => KeyCode::End,
        b'H' => KeyCode::Home,
        b'M' => KeyCode::Enter,
        b'P'..=b'S' => KeyCode::F(letter - b'P' + 1),
        _ => return None,
    };
    Some(key(code, modifiers))
}

/// Numbers parted by `;`, each with parts of its own after `:`.
struct Parameters {
    groups: Vec<Vec<Option<u32>>>,
}

impl Parameters {
    fn of(bytes: &[u8]) -> Self {
        let number = |digits: &[u8]| std::str::from_utf8(digits).ok()?.parse().ok();
        Self {
            groups: bytes
                .split(|byte| *byte == b';')
                .map(|group| group.split(|byte| *byte == b':').map(number).collect())
                .collect(),
        }
    }

    fn at(&self, group: usize, part: usize) -> Option<u32> {
        *self.groups.get(group)?.get(part)?
    }

    /// The modifiers of a key: one more than the sum of their bits.
    fn modifiers(&self, group: usize) -> KeyModifiers {
        let bits = self.at(group, 0).unwrap_or(1).saturating_sub(1);
        [
            (1, KeyModifiers::SHIFT),
            (2, KeyModifiers::ALT),
            (4, KeyModifiers::CONTROL),
            (8, KeyModifiers::SUPER),
            (16, KeyModifiers::HYPER),
            (32, KeyModifiers::META),
        ]
        .into_iter()
        .filter(|(bit, _)| bits & bit != 0)
        .map(|(_, modifier)| modifier)
        .collect()
    }

    /// Whether a terminal that reports more than it was asked for tells of a key let go.
    fn is_release(&self) -> bool {
        self.at(1, 1) == Some(3)
    }
}

fn meaning(parameters: &Parameters, last: u8) -> Option<Event> {
    if parameters.is_release() {
        return None;
    }
    match last {
        b'~' => tilde(parameters),
        b'u' => coded(parameters.at(0, 0)?, parameters.modifiers(1)),
        b'Z' => Some(key(KeyCode::BackTab, KeyModifiers::SHIFT)),
        b'I' => Some(Event::FocusGained),
        b'O' => Some(Event::FocusLost),
        // `M` is a mouse report here, and `R` with two numbers is the cursor's position.
        b'M' => None,
        b'R' if parameters.at(0, 0) != Some(1) => None,
        other => letter(other, parameters.modifiers(1)),
    }
}

fn tilde(parameters: &Parameters) -> Option<Event> {
    let number = parameters.at(0, 0)?;
    let function = |first: u32, name: u8| {
        u8::try_from(number - first)
            .ok()
            .map(|offset| KeyCode::F(name + offset))
    };
    let code = match number {
        1 | 7 => KeyCode::Home,
        2 => KeyCode::Insert,
        3 => KeyCode::Delete,
        4 | 8 => KeyCode::End,
        5 => KeyCode::PageUp,
        6 => KeyCode::PageDown,
        11..=15 => function(11, 1)?,
        17..=21 => function(17, 6)?,
        23..=26 => function(23, 11)?,
        28..=29 => function(28, 15)?,
        31..=34 => function(31, 17)?,
        27 => return coded(parameters.at(2, 0)?, parameters.modifiers(1)),
        _ => return None,
    };
    Some(key(code, parameters.modifiers(1)))
}

/// A key named by the code point it would type.
fn coded(code: u32, modifiers: KeyModifiers) -> Option<Event> {
    let code = match code {
        9 if modifiers.contains(KeyModifiers::SHIFT) => KeyCode::BackTab,
        9 => KeyCode::Tab,
        13 | 57414 => KeyCode::Enter,
        27 => KeyCode::Esc,
        8 | 127 => KeyCode::Backspace,
        57399..=57408 => KeyCode::Char(char::from_digit(code - 57399, 10)?),
        57409 => KeyCode::Char('.'),
        57410 => KeyCode::Char('/'),
        57411 => KeyCode::Char('*'),
        57412 => KeyCode::Char('-'),
        57413 => KeyCode::Char('+'),
        57415 => KeyCode::Char('='),
        57417 => KeyCode::Left,
        57418 => KeyCode::Right,
        57419 => KeyCode::Up,
        57420 => KeyCode::Down,
        57421 => KeyCode::PageUp,
        57422 => KeyCode::PageDown,
        57423 => KeyCode::Home,
        57424 => KeyCode::End,
        57425 => KeyCode::Insert,
        57426 => KeyCode::Delete,
        // The rest of the private area: modifiers pressed alone, media keys.
        57344..=63743 => return None,
        _ => {
            let letter = char::from_u32(code).filter(|letter| !letter.is_control())?;
            return Some(match typed(letter) {
                Event::Key(event) => key(event.code, event.modifiers | modifiers),
                other => other,
            });
        }
    };
    Some(key(code, modifiers))
}
