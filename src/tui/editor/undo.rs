//! What was changed in the prompt, so that it can be taken back. Touches no text itself.

/// The most bytes of changes that are remembered; the oldest are forgotten first.
const MAX_BYTES: usize = 4 << 20;

/// One replacement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Change {
    pub(super) at: usize,
    pub(super) removed: String,
    pub(super) inserted: String,
    /// Where the cursor was before.
    pub(super) cursor: usize,
}

impl Change {
    const fn bytes(&self) -> usize {
        self.removed.len() + self.inserted.len()
    }

    /// Whether `next` goes on typing the word that this change typed.
    fn is_continued_by(&self, next: &Self) -> bool {
        let is_typing = self.removed.is_empty()
            && next.removed.is_empty()
            && next.inserted.chars().count() == 1;
        let is_same_word = !next.inserted.starts_with(char::is_whitespace)
            && !self.inserted.contains('\n')
            && !self.inserted.ends_with(char::is_whitespace);
        is_typing && is_same_word && next.at == self.at + self.inserted.len()
    }
}

/// Changes that were made, and those taken back.
#[derive(Debug, Clone, Default)]
pub(super) struct Undo {
    made: Vec<Change>,
    taken_back: Vec<Change>,
    /// Of all changes, those taken back included.
    bytes: usize,
}

impl Undo {
    /// Remembers a change; letters of one word become one.
    pub(super) fn push(&mut self, change: Change) {
        let forgotten: usize = self.taken_back.drain(..).map(|change| change.bytes()).sum();
        self.bytes = self.bytes - forgotten + change.bytes();
        match self.made.last_mut() {
            Some(last) if last.is_continued_by(&change) => last.inserted.push_str(&change.inserted),
            Some(_) | None => self.made.push(change),
        }
        while self.bytes > MAX_BYTES && self.made.len() > 1 {
            self.bytes -= self.made.remove(0).bytes();
        }
    }

    /// The change to take back.
    pub(super) fn back(&mut self) -> Option<Change> {
        let change = self.made.pop()?;
        self.taken_back.push(change.clone());
        Some(change)
    }

    /// The change to make again.
    pub(super) fn again(&mut self) -> Option<Change> {
        let change = self.taken_back.pop()?;
        self.made.push(change.clone());
        Some(change)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn paste(bytes: usize) -> Change {
        Change {
            at: 0,
            removed: String::new(),
            inserted: "x".repeat(bytes),
            cursor: 0,
        }
    }

    #[test]
    fn what_was_taken_back_and_forgotten_takes_no_room() {
        let mut undo = Undo::default();
        for _ in 0..5 {
            undo.push(paste(MAX_BYTES / 4));
            undo.back();
        }
        undo.push(paste(10));
        undo.push(paste(10));
        assert_eq!(undo.made.len(), 2);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn bytes_are_those_of_all_changes(steps in proptest::collection::vec((0u8..4, 0usize..MAX_BYTES), 0..40)) {
            let mut undo = Undo::default();
            for (step, bytes) in steps {
                match step {
                    0 => _ = undo.back(),
                    1 => _ = undo.again(),
                    2 => undo.push(paste(1)),
                    _ => undo.push(paste(bytes)),
                }
                let all = undo.made.iter().chain(&undo.taken_back);
                prop_assert_eq!(undo.bytes, all.map(Change::bytes).sum::<usize>());
            }
        }
    }
}
