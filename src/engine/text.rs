//! Bytes of tokens become text: characters split over tokens are held back, stop texts are found and held back.
//!
//! Knows no tokens and no events.

use std::mem;

/// Joins characters whose bytes come in several tokens.
#[derive(Debug, Default)]
pub struct Utf8Joiner {
    held: Vec<u8>,
}

impl Utf8Joiner {
    /// Takes bytes and appends the characters that are complete; what can never become one is U+FFFD.
    pub fn push(&mut self, bytes: &[u8], out: &mut String) {
        self.held.extend_from_slice(bytes);
        let mut rest: &[u8] = &self.held;
        let tail = loop {
            match str::from_utf8(rest) {
                Ok(text) => {
                    out.push_str(text);
                    break &[][..];
                }
                Err(error) => {
                    let (valid, broken) = rest.split_at(error.valid_up_to());
                    out.push_str(&String::from_utf8_lossy(valid));
                    let Some(length) = error.error_len() else {
                        break broken;
                    };
                    out.push(char::REPLACEMENT_CHARACTER);
                    rest = broken.get(length..).unwrap_or_default();
                }
            }
        };
        let kept = tail.len();
        self.held.drain(..self.held.len() - kept);
    }

    /// Whether the last character is complete.
    pub fn is_complete(&self) -> bool {
        self.held.is_empty()
    }

    /// The end: an incomplete character is U+FFFD.
    pub fn finish(&mut self, out: &mut String) {
        if !mem::take(&mut self.held).is_empty() {
            out.push(char::REPLACEMENT_CHARACTER);
        }
    }
}

/// Finds the stop texts in an answer that comes in pieces.
#[derive(Debug)]
pub struct StopFinder {
    stops: Vec<String>,
    held: String,
}

impl StopFinder {
    /// Looks for these; empty ones are ignored.
    pub fn new(stops: &[String]) -> Self {
        Self {
            stops: stops
                .iter()
                .filter(|stop| !stop.is_empty())
                .cloned()
                .collect(),
            held: String::new(),
        }
    }

    /// Takes a piece and appends what cannot be part of a stop text. True when one was met; it and what follows is
    /// dropped.
    pub fn push(&mut self, piece: &str, out: &mut String) -> bool {
        if self.stops.is_empty() {
            out.push_str(piece);
            return false;
        }
        self.held.push_str(piece);
        let first = self
            .stops
            .iter()
            .filter_map(|stop| self.held.find(stop.as_str()))
            .min();
        if let Some(at) = first {
            out.push_str(self.held.split_at(at).0);
            self.held.clear();
            return true;
        }
        let kept = self
            .stops
            .iter()
            .map(|stop| overlap(&self.held, stop))
            .max()
            .unwrap_or(0);
        let tail = self.held.split_off(self.held.len() - kept);
        out.push_str(&mem::replace(&mut self.held, tail));
        false
    }

    /// The end: what was held back is part of the answer after all.
    pub fn finish(&mut self, out: &mut String) {
        out.push_str(&mem::take(&mut self.held));
    }
}

/// Bytes of the longest end of `text` that begins `sought` without being all of it.
pub(super) fn overlap(text: &str, sought: &str) -> usize {
    sought
        .char_indices()
        .map(|(at, _)| at)
        .rev()
        .find(|at| text.ends_with(sought.split_at(*at).0))
        .unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn joined(bytes: &[u8], chunk: usize) -> String {
        let mut joiner = Utf8Joiner::default();
        let mut out = String::new();
        for part in bytes.chunks(chunk) {
            joiner.push(part, &mut out);
        }
        joiner.finish(&mut out);
        out
    }

    #[test]
    fn an_emoji_in_four_bytes_comes_as_one_character() {
        let mut joiner = Utf8Joiner::default();
        let mut out = String::new();
        for byte in "🦙".as_bytes().iter().take(3) {
            joiner.push(&[*byte], &mut out);
            assert!(out.is_empty() && !joiner.is_complete());
        }
        joiner.push(&[0x99], &mut out);
        assert_eq!(out, "🦙");
        assert!(joiner.is_complete());
    }

    #[test]
    fn a_broken_character_does_not_swallow_what_follows() {
        assert_eq!(
            joined(b"a\xf0\x9fbc\xff\xc3", 1),
            "a\u{fffd}bc\u{fffd}\u{fffd}"
        );
    }

    #[test]
    fn the_earliest_stop_text_wins_and_is_not_part_of_the_answer() {
        let mut finder = StopFinder::new(&["END".into(), String::new(), "\n\n".into()]);
        let mut out = String::new();
        assert!(!finder.push("one\n", &mut out));
        assert_eq!(out, "one");
        assert!(finder.push("\ntwo END", &mut out));
        assert_eq!(out, "one");
    }

    #[test]
    fn a_beginning_that_leads_nowhere_is_given_back() {
        let mut finder = StopFinder::new(&["STOP".into()]);
        let mut out = String::new();
        assert!(!finder.push("a STO", &mut out));
        assert_eq!(out, "a ");
        assert!(!finder.push("RY ST", &mut out));
        assert_eq!(out, "a STORY ");
        finder.finish(&mut out);
        assert_eq!(out, "a STORY ST");
    }

    proptest! {
        #[test]
        fn any_split_of_the_bytes_gives_the_same_text(text in ".{0,40}", chunk in 1usize..5) {
            prop_assert_eq!(joined(text.as_bytes(), chunk), text);
        }

        #[test]
        fn any_bytes_read_as_the_standard_library_reads_them(
            bytes in proptest::collection::vec(any::<u8>(), 0..40),
            chunk in 1usize..5,
        ) {
            prop_assert_eq!(joined(&bytes, chunk), String::from_utf8_lossy(&bytes));
        }

        #[test]
        fn a_stop_text_is_found_under_any_split(
            before in "[ab]{0,8}", stop in "[abc]{1,3}c", after in "[abc]{0,8}", chunk in 1usize..4,
        ) {
            let whole = format!("{before}{stop}{after}");
            let mut finder = StopFinder::new(std::slice::from_ref(&stop));
            let mut out = String::new();
            let characters: Vec<char> = whole.chars().collect();
            let hit = characters
                .chunks(chunk)
                .any(|part| finder.push(&part.iter().collect::<String>(), &mut out));
            prop_assert!(hit);
            prop_assert_eq!(out, whole.split(&stop).next().unwrap_or_default());
        }
    }
}
