//! A text that grows at its end, wrapped: only its tail is wrapped again when more arrives. Holds no style and no
//! scroll position.

use super::wrap::{self, Row};
use crate::domain::sanitise::Sanitiser;

/// Columns that a tab stands for.
const TAB: &str = "    ";

/// One growing text with its rows.
#[derive(Debug, Clone)]
pub struct Transcript {
    sanitiser: Sanitiser,
    /// Bytes of the source that have been taken.
    taken: usize,
    text: String,
    rows: Vec<Row>,
    width: usize,
    /// Bytes wrapped so far: what a test bounds.
    work: usize,
}

impl Transcript {
    /// Empty, for rows of so many columns.
    pub fn new(width: usize) -> Self {
        Self {
            sanitiser: Sanitiser::default(),
            taken: 0,
            text: String::new(),
            rows: Vec::new(),
            width,
            work: 0,
        }
    }

    /// Takes what is new in a source that only ever grows. The source is untrusted; what is kept is safe to show.
    pub fn follow(&mut self, source: &str) {
        let Some(piece) = source.get(self.taken..).filter(|piece| !piece.is_empty()) else {
            return;
        };
        self.taken = source.len();
        let from = self.text.len();
        self.sanitiser.push(piece, &mut self.text);
        self.expand_tabs(from);
        if from == 0 {
            let lead = self.text.len() - self.text.trim_start_matches('\n').len();
            self.text.drain(..lead);
        }
        self.wrap_tail();
    }

    /// Rows of so many columns from now on.
    pub fn set_width(&mut self, width: usize) {
        if self.width != width {
            self.width = width;
            self.rows.clear();
            self.wrap_tail();
        }
    }

    /// The rows that show something: an empty last one waits for its text.
    pub fn len(&self) -> usize {
        let waits = self.rows.last().is_some_and(|row| row.start == row.end);
        self.rows.len() - usize::from(waits)
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The text of a row; nothing beyond the last one.
    pub fn row(&self, index: usize) -> &str {
        self.rows
            .get(index)
            .and_then(|row| self.text.get(row.start..row.end))
            .unwrap_or("")
    }

    /// Bytes wrapped so far.
    pub const fn work(&self) -> usize {
        self.work
    }

    fn wrap_tail(&mut self) {
        let from = self.rows.pop().map_or(0, |row| row.start);
        self.work += wrap::wrap(&self.text, from, self.width, wrap::columns, &mut self.rows);
    }

    fn expand_tabs(&mut self, from: usize) {
        let new = self.text.get(from..).unwrap_or("");
        if new.contains('\t') {
            let expanded = new.replace('\t', TAB);
            self.text.truncate(from);
            self.text.push_str(&expanded);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn all(transcript: &Transcript) -> Vec<String> {
        (0..transcript.len())
            .map(|row| transcript.row(row).to_owned())
            .collect()
    }

    #[test]
    fn shows_safe_text_without_leading_line_feeds() {
        let mut transcript = Transcript::new(20);
        transcript.follow("\n\n");
        transcript.follow("\n\n\u{1b}[31mred\tand\rmore\n");
        assert_eq!(all(&transcript), ["red    and", "more"]);
    }

    #[test]
    fn wraps_again_when_the_width_changes() {
        let mut transcript = Transcript::new(5);
        transcript.follow("one two three");
        assert_eq!(all(&transcript), ["one ", "two ", "three"]);
        transcript.set_width(7);
        assert_eq!(all(&transcript), ["one two ", "three"]);
    }

    #[test]
    fn an_answer_of_a_hundred_thousand_tokens_costs_no_more_per_token() {
        let (mut transcript, mut source) = (Transcript::new(60), String::new());
        for index in 0..100_000 {
            source.push_str(if index % 40 == 39 { " end.\n" } else { " word" });
            transcript.follow(&source);
        }
        // Every piece wraps at most the row that it lands in, and rows are 60 columns.
        assert!(transcript.work() < 100_000 * 70, "{}", transcript.work());
        assert!(transcript.len() > 8_000);
    }

    #[test]
    fn one_endless_word_costs_no_more_per_piece() {
        let (mut transcript, mut source) = (Transcript::new(60), String::new());
        for _ in 0..20_000 {
            source.push_str("xxxxx");
            transcript.follow(&source);
        }
        assert!(transcript.work() < 20_000 * 70, "{}", transcript.work());
    }

    proptest! {
        #[test]
        fn pieces_give_what_the_whole_gives(
            pieces in proptest::collection::vec("[ab \n\t\u{1b}\\[é日m;0-9]{0,12}", 0..12),
            width in 1usize..20,
        ) {
            let (mut grown, mut source) = (Transcript::new(width), String::new());
            for piece in &pieces {
                source.push_str(piece);
                grown.follow(&source);
            }
            let mut whole = Transcript::new(width);
            whole.follow(&source);
            prop_assert_eq!(all(&grown), all(&whole));
        }
    }
}
