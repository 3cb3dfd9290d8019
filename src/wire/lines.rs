//! Bytes to lines, before any decoding: a read may end inside a character or between `\r` and `\n`. Decodes nothing.

use crate::domain::failure::{FailureKind, LaneFailure};

/// The longest event that is read: longer ones are no answer, and must not fill the memory.
pub const MAX_EVENT_BYTES: usize = 16 << 20;

/// A buffer that grew beyond this is given back after its line.
const KEPT_BYTES: usize = 64 << 10;

const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// Splits on `\n`, `\r\n` and `\r`, and on nothing else.
#[derive(Debug)]
pub struct Lines {
    carry: Vec<u8>,
    limit: usize,
    after_return: bool,
    started: bool,
}

impl Lines {
    /// Lines of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self {
            carry: Vec::new(),
            limit,
            after_return: false,
            started: false,
        }
    }

    /// Takes the bytes of one read and hands every line that they complete to `take`, without its end.
    ///
    /// Fails with `protocol` when a line is longer than the limit, and with what `take` fails with.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(&[u8]) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let mut rest = bytes;
        while let [first, after @ ..] = rest {
            if self.after_return && *first == b'\n' {
                rest = after;
            }
            self.after_return = false;
            let end = rest.iter().position(|byte| matches!(byte, b'\n' | b'\r'));
            let head = rest.split_at(end.unwrap_or(rest.len())).0;
            if self.carry.len() + head.len() > self.limit {
                return Err(too_long(self.limit));
            }
            let Some(end) = end else {
                self.carry.extend_from_slice(head);
                return Ok(());
            };
            self.after_return = rest.get(end) == Some(&b'\r');
            rest = rest.get(end + 1..).unwrap_or_default();
            self.take_line(head, &mut take)?;
        }
        Ok(())
    }

    fn take_line(
        &mut self,
        head: &[u8],
        take: &mut impl FnMut(&[u8]) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let is_first = !std::mem::replace(&mut self.started, true);
        if self.carry.is_empty() {
            return take(without_mark(head, is_first));
        }
        self.carry.extend_from_slice(head);
        let taken = take(without_mark(&self.carry, is_first));
        self.carry.clear();
        self.carry.shrink_to(KEPT_BYTES);
        taken
    }

    /// The bytes ended: what stands after the last line end, if anything.
    pub fn finish(&mut self) -> Option<Vec<u8>> {
        let is_first = !std::mem::replace(&mut self.started, true);
        let rest = std::mem::take(&mut self.carry);
        let line = without_mark(&rest, is_first);
        (!line.is_empty()).then(|| line.to_vec())
    }
}

fn without_mark(line: &[u8], is_first: bool) -> &[u8] {
    match line.strip_prefix(BYTE_ORDER_MARK) {
        Some(rest) if is_first => rest,
        _ => line,
    }
}

/// The failure of an event that is longer than can be read.
pub fn too_long(limit: usize) -> LaneFailure {
    LaneFailure::new(
        FailureKind::Protocol,
        format!("one event of the stream is longer than {limit} bytes: this is no answer"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lines_of(reads: &[&[u8]]) -> Vec<Vec<u8>> {
        let mut lines = Lines::new(64);
        let mut found = Vec::new();
        for read in reads {
            lines
                .feed(read, |line| {
                    found.push(line.to_vec());
                    Ok(())
                })
                .unwrap();
        }
        found.extend(lines.finish());
        found
    }

    #[test]
    fn the_three_line_ends_end_a_line_and_nothing_else_does() {
        let text = "a\nb\r\nc\rd\u{2028}e\u{85}f\x0bg\n\nh";
        let expected: Vec<&[u8]> = vec![
            b"a",
            b"b",
            b"c",
            "d\u{2028}e\u{85}f\x0bg".as_bytes(),
            b"",
            b"h",
        ];
        assert_eq!(lines_of(&[text.as_bytes()]), expected);
    }

    #[test]
    fn a_mark_of_byte_order_is_dropped_at_the_start_only() {
        let found = lines_of(&[b"\xEF", b"\xBB\xBFa\n\xEF\xBB\xBFb\n"]);
        assert_eq!(found, [b"a".to_vec(), b"\xEF\xBB\xBFb".to_vec()]);
    }

    #[test]
    fn a_line_over_the_limit_fails_in_one_read_and_over_many() {
        let mut whole = Lines::new(8);
        assert!(whole.feed(b"123456789\n", |_| Ok(())).is_err());
        let mut parts = Lines::new(8);
        assert!(parts.feed(b"12345678", |_| Ok(())).is_ok());
        let failure = parts.feed(b"9", |_| Ok(())).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Protocol);
        assert!(parts.carry.len() <= 8);
    }

    #[test]
    fn the_buffer_of_a_long_line_is_given_back() {
        let mut lines = Lines::new(1 << 20);
        lines.feed(&vec![b'x'; 1 << 19], |_| Ok(())).unwrap();
        lines.feed(b"\n", |_| Ok(())).unwrap();
        assert!(lines.carry.capacity() <= KEPT_BYTES);
    }

    proptest! {
        #[test]
        fn any_split_gives_the_same_lines(
            bytes in proptest::collection::vec(prop_oneof![Just(b'\n'), Just(b'\r'), Just(0xEF), Just(b'a')], 0..40),
            cuts in proptest::collection::vec(any::<proptest::sample::Index>(), 0..6),
        ) {
            let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
            at.sort_unstable();
            let mut reads = Vec::new();
            let mut from = 0;
            for to in at.into_iter().chain([bytes.len()]) {
                reads.push(&bytes[from..to]);
                from = to;
            }
            prop_assert_eq!(lines_of(&reads), lines_of(&[&bytes]));
        }
    }
}
