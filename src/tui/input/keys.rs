//! Bytes of a terminal to keys: any split of the bytes gives the same keys, and an unknown sequence is dropped whole.
//! Understands the classic encodings, xterm's modified keys, and the keyboard protocol with its `u` sequences.
//! Reads nothing and knows no time: whoever reads says when a sequence will not go on.

mod csi;

use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use std::mem;

const ESC: u8 = 0x1b;
const PASTE_END: &[u8] = b"\x1b[201~";
/// No sequence that means a key is nearly this long.
const LONGEST_SEQUENCE: usize = 256;

/// Splits bytes into keys and pastes.
#[derive(Debug, Default)]
pub struct Decoder {
    buffer: Vec<u8>,
    paste: Option<Vec<u8>>,
}

/// What the start of the buffer is.
enum Found {
    /// This many bytes are this event.
    Event(usize, Event),
    /// This many bytes begin a paste.
    PasteBegins(usize),
    /// This many bytes mean nothing here.
    Nothing(usize),
    /// It goes on.
    Unfinished,
}

impl Decoder {
    /// Takes bytes as they were read.
    pub fn feed(&mut self, bytes: &[u8], out: &mut Vec<Event>) {
        self.buffer.extend_from_slice(bytes);
        self.decode(out);
    }

    /// Whether an escape character waits to be told from the beginning of a sequence. The beginning of a character
    /// waits for its end however long that takes: the next byte tells whether it comes.
    pub const fn is_unfinished(&self) -> bool {
        self.paste.is_none() && matches!(self.buffer.as_slice(), [ESC] | [ESC, 0x00..=0x7f, ..])
    }

    /// Nothing more came for a while: an escape character that begins nothing is a key, the rest means nothing.
    pub fn settle(&mut self, out: &mut Vec<Event>) {
        if !self.is_unfinished() {
            return;
        }
        match mem::take(&mut self.buffer).as_slice() {
            [ESC] => out.push(key(KeyCode::Esc, KeyModifiers::NONE)),
            [ESC, byte @ 0x20..=0x7e] => {
                out.push(key(KeyCode::Char(char::from(*byte)), KeyModifiers::ALT));
            }
            _ => {}
        }
    }

    fn decode(&mut self, out: &mut Vec<Event>) {
        let mut at = 0;
        loop {
            let rest = self.buffer.get(at..).unwrap_or_default();
            if self.paste.is_some() {
                let Some(used) = self.collect_paste(at, out) else {
                    return;
                };
                at += used;
                continue;
            }
            match first(rest) {
                Found::Event(used, event) => {
                    out.push(event);
                    at += used;
                }
                Found::PasteBegins(used) => {
                    self.paste = Some(Vec::new());
                    at += used;
                }
                Found::Nothing(used) => at += used,
                Found::Unfinished => break,
            }
        }
        self.buffer.drain(..at.min(self.buffer.len()));
    }

    /// Takes what belongs to the paste; returns how much the end used up, or `None` when all was taken and it goes on.
    fn collect_paste(&mut self, at: usize, out: &mut Vec<Event>) -> Option<usize> {
        let rest = self.buffer.get(at..).unwrap_or_default();
        let paste = self.paste.get_or_insert_default();
        if let Some(end) = find(rest, PASTE_END) {
            paste.extend_from_slice(rest.get(..end).unwrap_or_default());
            let text = String::from_utf8_lossy(&mem::take(paste)).into_owned();
            self.paste = None;
            out.push(Event::Paste(text));
            return Some(end + PASTE_END.len());
        }
        // The end itself may be cut in two.
        let kept = (1..PASTE_END.len())
            .rev()
            .find(|&length| {
                PASTE_END
                    .get(..length)
                    .is_some_and(|start| rest.ends_with(start))
            })
            .unwrap_or(0);
        let taken = rest.len() - kept;
        paste.extend_from_slice(rest.get(..taken).unwrap_or_default());
        self.buffer.drain(..at + taken);
        None
    }
}

/// A pressed key.
fn key(code: KeyCode, modifiers: KeyModifiers) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

fn find(haystack: &[u8], needle: &[u8]) -> Option<usize> {
    haystack
        .windows(needle.len())
        .position(|window| window == needle)
}

fn first(bytes: &[u8]) -> Found {
    match bytes {
        [] | [ESC] => Found::Unfinished,
        [ESC, b'[', rest @ ..] => csi::first(rest).after(2),
        [ESC, b'O', rest @ ..] => match rest {
            [] => Found::Unfinished,
            [letter, ..] => csi::letter(*letter, KeyModifiers::NONE)
                .map_or(Found::Nothing(3), |event| Found::Event(3, event)),
        },
        [ESC, b']' | b'P' | b'_' | b'^' | b'X', rest @ ..] => string(rest),
        // An escape character before another sequence is a key of its own.
        [ESC, ESC, ..] => Found::Event(1, key(KeyCode::Esc, KeyModifiers::NONE)),
        [ESC, rest @ ..] => match plain(rest) {
            Found::Event(used, Event::Key(event)) => Found::Event(
                used + 1,
                key(event.code, event.modifiers | KeyModifiers::ALT),
            ),
            other => other.after(1),
        },
        _ => plain(bytes),
    }
}

impl Found {
    /// The same, with bytes before it.
    fn after(self, bytes: usize) -> Self {
        match self {
            Self::Event(used, event) => Self::Event(used + bytes, event),
            Self::PasteBegins(used) => Self::PasteBegins(used + bytes),
            Self::Nothing(used) => Self::Nothing(used + bytes),
            Self::Unfinished => Self::Unfinished,
        }
    }
}

/// An answer of the terminal to a question that nobody here asked: skipped to its end.
fn string(bytes: &[u8]) -> Found {
    let end = bytes.iter().position(|byte| *byte == 0x07).map(|at| at + 1);
    let terminator = find(bytes, b"\x1b\\").map(|at| at + 2);
    match (end, terminator) {
        (Some(end), Some(other)) => Found::Nothing(end.min(other) + 2),
        (Some(end), None) | (None, Some(end)) => Found::Nothing(end + 2),
        (None, None) if bytes.len() > LONGEST_SEQUENCE => Found::Nothing(bytes.len() + 2),
        (None, None) => Found::Unfinished,
    }
}

/// A character or a control character.
fn plain(bytes: &[u8]) -> Found {
    let Some(&byte) = bytes.first() else {
        return Found::Unfinished;
    };
    let control = |letter: u8| key(KeyCode::Char(char::from(letter)), KeyModifiers::CONTROL);
    let event = match byte {
        b'\r' => key(KeyCode::Enter, KeyModifiers::NONE),
        b'\t' => key(KeyCode::Tab, KeyModifiers::NONE),
        0x7f => key(KeyCode::Backspace, KeyModifiers::NONE),
        0x00 => control(b' '),
        0x01..=0x1a => control(byte - 1 + b'a'),
        0x1c..=0x1f => control(byte - 0x1c + b'4'),
        _ => return character(bytes),
    };
    Found::Event(1, event)
}

fn character(bytes: &[u8]) -> Found {
    let length = match bytes.first() {
        Some(0x00..=0x7f) => 1,
        Some(0xc2..=0xdf) => 2,
        Some(0xe0..=0xef) => 3,
        Some(0xf0..=0xf4) => 4,
        _ => return Found::Nothing(1),
    };
    let has_stray = bytes
        .iter()
        .take(length)
        .skip(1)
        .any(|byte| byte & 0xc0 != 0x80);
    let Some(encoded) = bytes.get(..length) else {
        return if has_stray {
            Found::Nothing(1)
        } else {
            Found::Unfinished
        };
    };
    match std::str::from_utf8(encoded)
        .ok()
        .and_then(|text| text.chars().next())
    {
        Some(letter) => Found::Event(length, typed(letter)),
        None => Found::Nothing(1),
    }
}

/// A character as it was typed; a capital letter was typed with shift.
fn typed(letter: char) -> Event {
    let modifiers = if letter.is_uppercase() {
        KeyModifiers::SHIFT
    } else {
        KeyModifiers::NONE
    };
    key(KeyCode::Char(letter), modifiers)
}

#[cfg(test)]
mod tests;
