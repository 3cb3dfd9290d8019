//! Parts thinking from answer in text that comes in pieces. Knows no tokens; the tags depend on the model's family.
//!
//! Thinking stands at the beginning only, between an opening and a closing tag; the opening tag may already stand in
//! the prompt, put there by the chat template. Thinking of white space alone is none, and white space right behind the
//! closing tag belongs to neither.

use super::text::overlap;
use std::mem;

/// The tags around the thinking of one family of models.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tags {
    /// Before the thinking.
    pub open: &'static str,
    /// After the thinking.
    pub close: &'static str,
}

impl Tags {
    /// The tags of most families, and those that models without a word in their template are read with.
    pub const USUAL: Self = Self {
        open: "<think>",
        close: "</think>",
    };

    const KNOWN: [Self; 4] = [
        Self::USUAL,
        Self {
            open: "[THINK]",
            close: "[/THINK]",
        },
        Self {
            open: "<|START_THINKING|>",
            close: "<|END_THINKING|>",
        },
        Self {
            open: "<seed:think>",
            close: "</seed:think>",
        },
    ];

    /// The tags that a chat template speaks of.
    pub fn of_template(source: &str) -> Self {
        Self::KNOWN
            .into_iter()
            .find(|tags| source.contains(tags.open) || source.contains(tags.close))
            .unwrap_or(Self::USUAL)
    }

    /// Whether a prompt ends inside thinking that its template has opened.
    pub fn are_open_at_end_of(self, prompt: &str) -> bool {
        prompt.trim_end().ends_with(self.open)
    }
}

/// Which part of the output a text belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Thinking.
    Reasoning,
    /// What the person asked for.
    Answer,
}

/// Parts one output.
#[derive(Debug)]
pub struct Splitter {
    tags: Tags,
    state: State,
    held: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Nothing but white space has come, or the beginning of the opening tag.
    Beginning,
    /// The thinking has begun, but only white space of it has come.
    Opened,
    Thinking,
    /// White space behind the closing tag is being dropped.
    Closed,
    Answer,
}

impl Splitter {
    /// Begins with the output of a model; `is_open` where the prompt ends with the opening tag.
    pub fn new(tags: Tags, is_open: bool) -> Self {
        Self {
            tags,
            state: if is_open {
                State::Opened
            } else {
                State::Beginning
            },
            held: String::new(),
        }
    }

    /// Parts nothing: everything is the answer.
    pub fn plain() -> Self {
        Self {
            tags: Tags::USUAL,
            state: State::Answer,
            held: String::new(),
        }
    }

    /// Whether the output is inside the thinking now.
    pub fn is_thinking(&self) -> bool {
        matches!(self.state, State::Opened | State::Thinking)
    }

    /// Whether it is still open whether the output begins with thinking.
    pub fn is_undecided(&self) -> bool {
        self.state == State::Beginning
    }

    /// Takes a piece and hands on what is certain, never an empty text.
    pub fn push(&mut self, piece: &str, emit: &mut impl FnMut(Part, &str)) {
        if self.state == State::Answer {
            if !piece.is_empty() {
                emit(Part::Answer, piece);
            }
            return;
        }
        self.held.push_str(piece);
        loop {
            let before = (self.state, self.held.len());
            self.step(emit);
            if before == (self.state, self.held.len()) {
                return;
            }
        }
    }

    /// The end: what was held back belongs where the output stands.
    pub fn finish(&mut self, emit: &mut impl FnMut(Part, &str)) {
        let held = mem::take(&mut self.held);
        let part = match self.state {
            State::Beginning | State::Answer => Part::Answer,
            State::Opened if held.trim().is_empty() => return,
            State::Opened | State::Thinking => Part::Reasoning,
            State::Closed => return,
        };
        if !held.is_empty() {
            emit(part, &held);
        }
    }

    fn step(&mut self, emit: &mut impl FnMut(Part, &str)) {
        match self.state {
            State::Beginning => self.step_beginning(),
            State::Opened => self.step_opened(),
            State::Thinking => self.step_thinking(emit),
            State::Closed => {
                let answer = self.held.trim_start();
                if !answer.is_empty() {
                    self.held = answer.to_owned();
                    self.state = State::Answer;
                }
            }
            State::Answer => {
                if !self.held.is_empty() {
                    emit(Part::Answer, &mem::take(&mut self.held));
                }
            }
        }
    }

    fn step_beginning(&mut self) {
        let text = self.held.trim_start();
        if let Some(rest) = text.strip_prefix(self.tags.open) {
            self.held = rest.to_owned();
            self.state = State::Opened;
        } else if !self.tags.open.starts_with(text) {
            self.state = State::Answer;
        }
    }

    fn step_opened(&mut self) {
        let text = self.held.trim_start();
        if let Some(rest) = text.strip_prefix(self.tags.close) {
            self.held = rest.to_owned();
            self.state = State::Closed;
        } else if let Some(rest) = text.strip_prefix(self.tags.open) {
            // The template opened the thinking, and the model opens it once more.
            self.held = rest.to_owned();
        } else if !self.tags.close.starts_with(text) && !self.tags.open.starts_with(text) {
            self.state = State::Thinking;
        }
    }

    fn step_thinking(&mut self, emit: &mut impl FnMut(Part, &str)) {
        if let Some((thought, rest)) = self.held.split_once(self.tags.close) {
            if !thought.is_empty() {
                emit(Part::Reasoning, thought);
            }
            self.held = rest.to_owned();
            self.state = State::Closed;
            return;
        }
        let kept = overlap(&self.held, self.tags.close);
        let tail = self.held.split_off(self.held.len() - kept);
        let thought = mem::replace(&mut self.held, tail);
        if !thought.is_empty() {
            emit(Part::Reasoning, &thought);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn split(pieces: &[&str], is_open: bool) -> (String, String) {
        let mut splitter = Splitter::new(Tags::USUAL, is_open);
        let (mut reasoning, mut answer) = (String::new(), String::new());
        let mut emit = |part, text: &str| {
            assert!(!text.is_empty());
            match part {
                Part::Reasoning => reasoning.push_str(text),
                Part::Answer => answer.push_str(text),
            }
        };
        for piece in pieces {
            splitter.push(piece, &mut emit);
        }
        splitter.finish(&mut emit);
        (reasoning, answer)
    }

    fn parts(reasoning: &str, answer: &str) -> (String, String) {
        (reasoning.to_owned(), answer.to_owned())
    }

    #[test]
    fn thinking_at_the_beginning_is_parted() {
        assert_eq!(
            split(&["\n<think>I weigh", " it.</think>\n\nYes."], false),
            parts("I weigh it.", "Yes.")
        );
    }

    #[test]
    fn a_tag_later_on_is_text() {
        assert_eq!(
            split(&["Use <think> so: <think>x</think>"], false),
            parts("", "Use <think> so: <think>x</think>")
        );
    }

    #[test]
    fn thinking_that_the_template_has_opened_needs_no_tag() {
        assert_eq!(
            split(&["I weigh.</thi", "nk>Yes."], true),
            parts("I weigh.", "Yes.")
        );
        assert_eq!(
            split(&["<think>twice</think>Yes."], true),
            parts("twice", "Yes.")
        );
    }

    #[test]
    fn thinking_of_white_space_is_none() {
        assert_eq!(
            split(&["<think>\n\n</think>\n\nYes."], false),
            parts("", "Yes.")
        );
    }

    #[test]
    fn thinking_that_never_ends_is_all_thinking() {
        assert_eq!(
            split(&["<think>on and on </thi"], false),
            parts("on and on </thi", "")
        );
    }

    #[test]
    fn white_space_before_an_answer_without_thinking_stays() {
        assert_eq!(split(&["  ", "<th", "ree>"], false), parts("", "  <three>"));
    }

    #[test]
    fn a_template_says_which_tags_its_model_uses() {
        assert_eq!(Tags::of_template("{{ '[/THINK]' }}").open, "[THINK]");
        assert_eq!(Tags::of_template("nothing of the kind"), Tags::USUAL);
        assert!(Tags::USUAL.are_open_at_end_of("<|assistant|>\n<think>\n"));
        assert!(!Tags::USUAL.are_open_at_end_of("<think>\n\n</think>\n\n"));
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_parts(
            text in "[ \n]{0,2}(<think>)?[a<t/ ]{0,6}(</think>)?[ \n]{0,2}[a<]{0,6}",
            chunk in 1usize..6,
            is_open: bool,
        ) {
            let characters: Vec<char> = text.chars().collect();
            let pieces: Vec<String> = characters.chunks(chunk).map(|part| part.iter().collect()).collect();
            let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
            prop_assert_eq!(split(&pieces, is_open), split(&[&text], is_open));
        }
    }
}
