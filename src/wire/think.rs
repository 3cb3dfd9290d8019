//! Splits inline thinking from an answer: `<think>…</think>` that opens it. Later tags are part of the answer, and so is
//! a closing tag that nothing opened.

use crate::domain::event::StreamEvent;
use std::time::Duration;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// More white space than this is not waited on: a model that writes nothing else must not look dead, nor fill the
/// memory.
const MOST_HELD_BYTES: usize = 4 << 10;

/// Splits the text of one answer, which may come in pieces of any size.
///
/// White space before the opening tag goes with it, thinking that is white space alone is none, and white space right
/// after the closing tag is dropped. What could be the beginning of a tag is held back until it is clear, and then given
/// apart from what made it clear: it arrived earlier.
#[derive(Debug, Default)]
pub struct ThinkSplitter {
    state: State,
    held: String,
    held_since: Duration,
    now: Duration,
    late: Option<LateText>,
}

/// An event whose text arrived before the read that gave it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LateText {
    /// Its place among the events of the read.
    pub index: usize,
    /// When the first of it arrived.
    pub at: Duration,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum State {
    /// Nothing but white space and the beginning of a tag has come.
    #[default]
    Opening,
    /// Inside of the tags; nothing but white space has come.
    Blank,
    /// Inside of the tags.
    Thinking,
    /// After the closing tag; nothing but white space has come.
    Closed,
    /// The answer.
    Answer,
}

impl ThinkSplitter {
    /// What is taken from now on arrived at this time.
    pub const fn arrive(&mut self, at: Duration) {
        self.now = at;
        self.late = None;
    }

    /// The event since the last [`Self::arrive`] whose text had been held since an earlier arrival.
    pub const fn late(&self) -> Option<LateText> {
        self.late
    }

    /// Takes one piece.
    pub fn push(&mut self, piece: &str, out: &mut Vec<StreamEvent>) {
        if piece.is_empty() {
            return;
        }
        if self.state == State::Answer {
            out.push(StreamEvent::answer(piece));
            return;
        }
        let mut text = std::mem::take(&mut self.held);
        let held = text.len();
        text.push_str(piece);
        self.read(&text, held, out);
    }

    /// No more text comes, or none is expected: gives what was held back.
    pub fn flush(&mut self, out: &mut Vec<StreamEvent>) {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return;
        }
        match self.state {
            State::Blank if held.trim().is_empty() => return,
            State::Blank | State::Thinking => self.state = State::Thinking,
            State::Opening | State::Closed | State::Answer => self.state = State::Answer,
        }
        self.give(&held, held.len(), out);
    }

    /// Reads text of which the first `held` bytes had been held back.
    fn read(&mut self, text: &str, held: usize, out: &mut Vec<StreamEvent>) {
        match self.state {
            State::Opening => self.read_opening(text, held, out),
            State::Blank | State::Thinking => self.read_thinking(text, held, out),
            State::Closed => {
                let rest = text.trim_start();
                if !rest.is_empty() {
                    self.state = State::Answer;
                    self.give(rest, 0, out);
                }
            }
            State::Answer => self.give(text, held, out),
        }
    }

    fn read_opening(&mut self, text: &str, held: usize, out: &mut Vec<StreamEvent>) {
        let begun = text.trim_start();
        if let Some(rest) = begun.strip_prefix(OPEN) {
            self.state = State::Blank;
            self.read_thinking(rest, 0, out);
        } else if OPEN.starts_with(begun) && text.len() <= MOST_HELD_BYTES {
            self.hold(text, held);
        } else {
            self.state = State::Answer;
            self.give(text, held, out);
        }
    }

    fn read_thinking(&mut self, text: &str, held: usize, out: &mut Vec<StreamEvent>) {
        if let Some((thought, rest)) = text.split_once(CLOSE) {
            self.push_thought(thought, held, out);
            self.state = State::Closed;
            return self.read(rest, 0, out);
        }
        let (thought, tag) = text.split_at(text.len() - begun_close(text));
        if self.push_thought(thought, held, out) {
            self.hold(tag, held.saturating_sub(thought.len()));
        } else {
            self.hold(text, held);
        }
    }

    /// Returns false where the thought is still blank and must be held.
    fn push_thought(&mut self, thought: &str, held: usize, out: &mut Vec<StreamEvent>) -> bool {
        if self.state == State::Blank
            && thought.trim().is_empty()
            && thought.len() <= MOST_HELD_BYTES
        {
            return false;
        }
        self.state = State::Thinking;
        self.give(thought, held, out);
        true
    }

    /// Holds text back of which the first `held` bytes were held before.
    fn hold(&mut self, text: &str, held: usize) {
        if held == 0 {
            self.held_since = self.now;
        }
        text.clone_into(&mut self.held);
    }

    /// Gives text of the current state, what was held of it first.
    fn give(&mut self, text: &str, held: usize, out: &mut Vec<StreamEvent>) {
        let (old, new) = text.split_at(held.min(text.len()));
        if !old.is_empty() && self.held_since != self.now {
            self.late = Some(LateText {
                index: out.len(),
                at: self.held_since,
            });
        }
        for part in [old, new].into_iter().filter(|part| !part.is_empty()) {
            out.push(match self.state {
                State::Blank | State::Thinking => StreamEvent::reasoning(part),
                State::Opening | State::Closed | State::Answer => StreamEvent::answer(part),
            });
        }
    }
}

/// How many bytes at the end of the text could begin the closing tag.
fn begun_close(text: &str) -> usize {
    (1..CLOSE.len())
        .rev()
        .find(|length| CLOSE.get(..*length).is_some_and(|tag| text.ends_with(tag)))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests;
