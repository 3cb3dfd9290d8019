//! The prompts of this sitting and those before, to go back to. Stores nothing on disk.

/// The most prompts that are kept.
const MOST: usize = 1_000;

/// Earlier prompts, and where among them the person is.
#[derive(Debug, Clone, Default)]
pub struct Prompts {
    /// Oldest first.
    sent: Vec<String>,
    /// Which one is in the editor; none: the draft.
    at: Option<usize>,
    /// What was in the editor before going back.
    draft: String,
}

impl Prompts {
    /// With earlier prompts, oldest first.
    pub const fn new(sent: Vec<String>) -> Self {
        Self {
            sent,
            at: None,
            draft: String::new(),
        }
    }

    /// A prompt was sent.
    pub fn push(&mut self, prompt: &str) {
        self.at = None;
        self.draft.clear();
        if self.sent.last().is_none_or(|last| last != prompt) {
            self.sent.push(prompt.to_owned());
        }
        if self.sent.len() > MOST {
            self.sent.remove(0);
        }
    }

    /// The prompt before the one in the editor, whose text is kept when it is the draft.
    pub fn earlier(&mut self, current: &str) -> Option<&str> {
        let at = match self.at {
            None => {
                current.clone_into(&mut self.draft);
                self.sent.len().checked_sub(1)?
            }
            Some(at) => at.checked_sub(1)?,
        };
        self.at = Some(at);
        self.sent.get(at).map(String::as_str)
    }

    /// The prompt after the one in the editor; after the last one the draft.
    pub fn later(&mut self) -> Option<&str> {
        let at = self.at? + 1;
        self.at = (at < self.sent.len()).then_some(at);
        Some(self.sent.get(at).unwrap_or(&self.draft))
    }
}

/// Prompts to try, one after another and round again.
#[derive(Debug, Clone, Default)]
pub struct Prepared {
    prompts: Vec<String>,
    next: usize,
    /// Whether they may be sent to remote lanes too without having been looked at.
    pub is_for_all_lanes: bool,
}

impl Prepared {
    /// These, in order.
    pub const fn new(prompts: Vec<String>) -> Self {
        Self {
            prompts,
            next: 0,
            is_for_all_lanes: false,
        }
    }

    /// These, which may be sent to every lane there is.
    pub const fn for_all_lanes(prompts: Vec<String>) -> Self {
        Self {
            prompts,
            next: 0,
            is_for_all_lanes: true,
        }
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }

    /// The next one.
    pub fn next(&self) -> Option<&str> {
        self.prompts.get(self.next).map(String::as_str)
    }

    /// The next one was used.
    pub fn advance(&mut self) {
        self.next = (self.next + 1) % self.prompts.len().max(1);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prepared_prompts_come_round_again() {
        let mut prepared = Prepared::new(vec!["a".to_owned(), "b".to_owned()]);
        for expected in ["a", "b", "a"] {
            assert_eq!(prepared.next(), Some(expected));
            prepared.advance();
        }
        assert_eq!(Prepared::default().next(), None);
    }

    #[test]
    fn goes_back_and_comes_forward_to_the_draft() {
        let mut prompts = Prompts::new(vec!["first".to_owned()]);
        prompts.push("second");
        prompts.push("second");
        assert_eq!(prompts.earlier("draft"), Some("second"));
        assert_eq!(prompts.earlier("second"), Some("first"));
        assert_eq!(prompts.earlier("first"), None);
        assert_eq!(prompts.later(), Some("second"));
        assert_eq!(prompts.later(), Some("draft"));
        assert_eq!(prompts.later(), None);
    }
}
