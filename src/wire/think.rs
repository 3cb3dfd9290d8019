//! Splits inline thinking from an answer: `<think>…</think>` that opens it. Later tags are part of the answer, and so is
//! a closing tag that nothing opened.

use crate::domain::event::StreamEvent;

const OPEN: &str = "<think>";
const CLOSE: &str = "</think>";

/// More white space than this is not waited on: a model that writes nothing else must not look dead, nor fill the
/// memory.
const MOST_HELD_BYTES: usize = 4 << 10;

/// Splits the text of one answer, which may come in pieces of any size.
///
/// White space before the opening tag goes with it, thinking that is white space alone is none, and white space right
/// after the closing tag is dropped. What could be the beginning of a tag is held back until it is clear.
#[derive(Debug, Default)]
pub struct ThinkSplitter {
    state: State,
    held: String,
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
        text.push_str(piece);
        self.read(text, out);
    }

    /// No more text comes, or none is expected: gives what was held back.
    pub fn flush(&mut self, out: &mut Vec<StreamEvent>) {
        let held = std::mem::take(&mut self.held);
        if held.is_empty() {
            return;
        }
        match self.state {
            State::Thinking => out.push(StreamEvent::reasoning(held)),
            State::Blank if held.trim().is_empty() => {}
            State::Blank => {
                self.state = State::Thinking;
                out.push(StreamEvent::reasoning(held));
            }
            State::Opening | State::Closed | State::Answer => {
                self.state = State::Answer;
                out.push(StreamEvent::answer(held));
            }
        }
    }

    fn read(&mut self, text: String, out: &mut Vec<StreamEvent>) {
        match self.state {
            State::Opening => self.read_opening(text, out),
            State::Blank | State::Thinking => self.read_thinking(text, out),
            State::Closed => {
                let rest = text.trim_start();
                if !rest.is_empty() {
                    self.state = State::Answer;
                    out.push(StreamEvent::answer(rest));
                }
            }
            State::Answer => out.push(StreamEvent::answer(text)),
        }
    }

    fn read_opening(&mut self, text: String, out: &mut Vec<StreamEvent>) {
        let begun = text.trim_start();
        if let Some(rest) = begun.strip_prefix(OPEN) {
            self.state = State::Blank;
            self.read_thinking(rest.to_owned(), out);
        } else if OPEN.starts_with(begun) && text.len() <= MOST_HELD_BYTES {
            self.held = text;
        } else {
            self.state = State::Answer;
            out.push(StreamEvent::answer(text));
        }
    }

    fn read_thinking(&mut self, text: String, out: &mut Vec<StreamEvent>) {
        if let Some((thought, rest)) = text.split_once(CLOSE) {
            self.push_thought(thought, out);
            self.state = State::Closed;
            return self.read(rest.to_owned(), out);
        }
        let (thought, tag) = text.split_at(text.len() - begun_close(&text));
        if self.push_thought(thought, out) {
            tag.clone_into(&mut self.held);
        } else {
            self.held = text;
        }
    }

    /// Returns false where the thought is still blank and must be held.
    fn push_thought(&mut self, thought: &str, out: &mut Vec<StreamEvent>) -> bool {
        if self.state == State::Blank
            && thought.trim().is_empty()
            && thought.len() <= MOST_HELD_BYTES
        {
            return false;
        }
        self.state = State::Thinking;
        if !thought.is_empty() {
            out.push(StreamEvent::reasoning(thought));
        }
        true
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
