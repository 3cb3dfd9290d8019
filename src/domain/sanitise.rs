//! Makes untrusted text safe to show: no escape sequence, control, bidirectional or invisible character gets through.
//!
//! Works on pieces as they arrive: a sequence that is split over two pieces is removed like a whole one. Changes only
//! what is shown; records keep the text as it came. Does not wrap, cut or colour.

use std::{borrow::Cow, fmt::Write as _};
use unicode_width::UnicodeWidthChar;

/// The most zero-width marks kept on one character: more than any script needs, fewer than a flood.
const MAX_MARKS: u8 = 8;
/// The longest control string that is swallowed when nothing ends it; what follows is text again.
const MAX_STRING: u16 = 4096;

/// Makes a whole text safe; line feeds and tabs stay. Borrows when nothing had to change.
pub fn sanitise(text: &str) -> Cow<'_, str> {
    if text.chars().all(is_plain) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    Sanitiser::default().push(text, &mut out);
    Cow::Owned(out)
}

/// Makes a text safe for a single line: every run of white space becomes one space, none stays at the ends.
pub fn sanitise_line(text: &str) -> String {
    let safe = sanitise(text);
    let mut out = String::with_capacity(safe.len());
    for word in safe.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// Makes a stream of pieces safe. However the text is split, the pieces give what the whole text gives.
#[derive(Debug, Clone, Default)]
pub struct Sanitiser {
    state: State,
    /// The last character was a carriage return, already shown as a line feed.
    after_return: bool,
    /// Zero-width marks on the last character.
    marks: u8,
    keeps_joiners: bool,
    /// The last character that was kept; what joins belongs to it.
    last: Option<char>,
}

/// Where a terminal's parser would stand (ECMA-48, and the state machine that terminals share).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    #[default]
    Text,
    /// After ESC.
    Escape,
    /// In a control sequence, after CSI.
    Control,
    /// In a control string (OSC, DCS, SOS, PM, APC), with the number of characters swallowed.
    ControlString { swallowed: u16 },
    /// After an ESC inside a control string.
    StringEscape,
}

impl Sanitiser {
    /// Joiners and variation selectors that belong to a cluster stay: emoji, Persian and Hindi are as they were written.
    /// For text that a terminal lays out itself, where nobody counts columns.
    pub fn keeping_joiners() -> Self {
        Self {
            keeps_joiners: true,
            ..Self::default()
        }
    }

    /// Takes a piece and appends what may be shown of it.
    pub fn push(&mut self, piece: &str, out: &mut String) {
        for c in piece.chars() {
            self.take(c, out);
        }
    }

    fn take(&mut self, c: char, out: &mut String) {
        self.state = match self.state {
            State::Text => self.take_text(c, out),
            State::Escape => match c {
                '[' => State::Control,
                ']' | 'P' | 'X' | '^' | '_' => State::ControlString { swallowed: 0 },
                ' '..='/' => State::Escape,
                '0'..='~' => State::Text,
                _ => self.take_text(c, out),
            },
            State::Control => match c {
                ' '..='?' => State::Control,
                '@'..='~' => State::Text,
                _ => self.take_text(c, out),
            },
            State::ControlString { swallowed } => match c {
                '\u{1b}' => State::StringEscape,
                '\u{7}' | '\u{18}' | '\u{1a}' | '\u{9c}' => State::Text,
                '\n' | '\r' => self.take_text(c, out),
                _ if swallowed >= MAX_STRING => self.take_text(c, out),
                _ => State::ControlString {
                    swallowed: swallowed + 1,
                },
            },
            State::StringEscape if c == '\\' => State::Text,
            State::StringEscape => {
                self.state = State::Escape;
                return self.take(c, out);
            }
        };
    }

    /// A character outside of any sequence, or one that breaks a sequence off.
    fn take_text(&mut self, c: char, out: &mut String) -> State {
        let after_return = std::mem::take(&mut self.after_return);
        match c {
            '\u{1b}' => return State::Escape,
            '\u{9b}' => return State::Control,
            '\n' if after_return => {}
            // A lone carriage return would let later text cover earlier text.
            '\r' => {
                self.after_return = true;
                self.keep('\n', out);
            }
            '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}' => self.keep('\n', out),
            '\n' | '\t' => self.keep(c, out),
            // The 8-bit introducers of control strings fall in here too: without its introducer a string is plain
            // text, and text in a wrong encoding is full of them.
            _ if self.keeps_joiners && self.joins(c) => self.keep(c, out),
            _ if c.is_control() || is_invisible(c) => {}
            _ => self.keep(c, out),
        }
        State::Text
    }

    /// Whether a joiner or a variation selector stands on a character that it can change.
    fn joins(&self, c: char) -> bool {
        let Some(last) = self.last else { return false };
        match c {
            // Zero-width non-joiner and joiner, in the scripts and emoji that are written with them.
            '\u{200c}' | '\u{200d}' => last >= '\u{a9}' && !last.is_whitespace(),
            // Digits, # and * become key caps.
            '\u{fe0e}' | '\u{fe0f}' => {
                matches!(last, '0'..='9' | '#' | '*') || last >= '\u{a9}' && !last.is_whitespace()
            }
            '\u{e0100}'..='\u{e01ef}' => last >= '\u{2e80}',
            _ => false,
        }
    }

    fn keep(&mut self, c: char, out: &mut String) {
        self.last = Some(c);
        if c.width() == Some(0) {
            if self.marks >= MAX_MARKS {
                return;
            }
            self.marks += 1;
        } else {
            self.marks = 0;
        }
        out.push(c);
    }
}

/// Whether a character does nothing but show itself, on its line or, as a line feed or tab, between lines and columns.
pub fn is_safe(c: char) -> bool {
    is_plain(c) || !(c.is_control() || is_invisible(c))
}

/// Characters that always pass as they are, whatever stands around them.
fn is_plain(c: char) -> bool {
    matches!(c, '\n' | '\t' | ' '..='~' | '\u{a1}'..='\u{ac}' | '\u{ae}'..='\u{2ff}')
}

/// Characters that show nothing, or that change how others are shown or ordered. Joiners and variation selectors are
/// among them: terminals disagree about the width of what they make, and a wrong width ruins a whole line.
fn is_invisible(c: char) -> bool {
    matches!(c,
        '\u{ad}' // soft hyphen
        | '\u{34f}' | '\u{61c}' // grapheme joiner, Arabic letter mark
        | '\u{115f}' | '\u{1160}' | '\u{3164}' | '\u{ffa0}' // Hangul fillers
        | '\u{17b4}' | '\u{17b5}' // Khmer inherent vowels
        | '\u{180b}'..='\u{180f}' // Mongolian selectors
        | '\u{200b}'..='\u{200f}' // zero-width space, joiners, direction marks
        | '\u{202a}'..='\u{202e}' // bidirectional embeddings and overrides
        | '\u{2060}'..='\u{206f}' // word joiner, invisible operators, isolates
        | '\u{fe00}'..='\u{fe0f}' // variation selectors
        | '\u{feff}' // byte order mark
        | '\u{fff0}'..='\u{fffb}' // specials, interlinear annotation
        | '\u{fffe}' | '\u{ffff}'
        | '\u{1bca0}'..='\u{1bca3}' // shorthand format controls
        | '\u{1d173}'..='\u{1d17a}' // musical format controls
        | '\u{e0000}'..='\u{e0fff}' // tags, further variation selectors
    )
}

/// JSON that is safe on a terminal: what would act on it is written as an escape. The values stay the same: outside of
/// strings JSON holds no such character but the line feed, so an escape can stand for each of them.
pub fn escaped_json(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // Line and paragraph separators end a line for some readers of JSON lines.
        if is_safe(c) && !matches!(c, '\u{2028}' | '\u{2029}') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out
}

#[cfg(test)]
mod tests;
