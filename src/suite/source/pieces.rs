//! A file read piece by piece: looked through with the same eyes as one that is read whole, and its line feeds made alike
//! on the way. Holds no more of it than a buffer.

use super::{EMPTY, MAX_BYTES, UTF_16, binary, not_utf_8, too_large};
use std::io::{self, BufRead, Read};

const BUFFER_BYTES: usize = 64 << 10;
const BYTE_ORDER_MARK: [u8; 3] = [0xef, 0xbb, 0xbf];

/// What is wrong with a file as a text, in the words that reading it whole would give.
pub(super) fn look_through(mut file: impl Read) -> io::Result<Result<(), String>> {
    let mut buffer = vec![0; BUFFER_BYTES];
    let mut look = Look::default();
    // The beginning of a character whose end is in the next piece.
    let mut held = 0;
    let mut is_first = true;
    loop {
        let room = buffer.get_mut(held..).unwrap_or_default();
        let read = if is_first {
            filled(&mut file, room)?
        } else {
            file.read(room)?
        };
        let mut piece = buffer.get(..held + read).unwrap_or_default();
        if is_first {
            is_first = false;
            if piece.starts_with(&[0xff, 0xfe]) || piece.starts_with(&[0xfe, 0xff]) {
                return Ok(Err(UTF_16.to_owned()));
            }
            if let Some(rest) = piece.strip_prefix(&BYTE_ORDER_MARK) {
                look.skipped = BYTE_ORDER_MARK.len();
                piece = rest;
            }
        }
        let rest = look.take(piece, read == 0);
        if read == 0 {
            return Ok(look.verdict());
        }
        let end = held + read;
        held = rest;
        buffer.copy_within(end - rest..end, 0);
    }
}

/// Reads until a buffer is full or nothing more comes.
fn filled(file: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut read = 0;
    while let Some(room) = buffer.get_mut(read..).filter(|room| !room.is_empty()) {
        match file.read(room)? {
            0 => break,
            more => read += more,
        }
    }
    Ok(read)
}

#[derive(Debug, Default)]
struct Look {
    skipped: usize,
    /// Bytes of whole characters, as far as all was well.
    sound: usize,
    /// Bytes that were looked at for zeros.
    seen: usize,
    feeds: usize,
    zero: Option<usize>,
    wrong: Option<(usize, usize)>,
    has_text: bool,
}

impl Look {
    /// Takes the bytes since the last sound one, and says how many at its end are the beginning of a character.
    fn take(&mut self, piece: &[u8], is_last: bool) -> usize {
        let held = self.seen - self.sound.min(self.seen);
        if self.zero.is_none() {
            let fresh = piece.get(held..).unwrap_or_default();
            let zero = fresh.iter().position(|byte| *byte == 0);
            self.zero = zero.map(|at| self.seen + at);
        }
        if self.wrong.is_some() {
            self.seen += piece.len();
            self.sound = self.seen;
            return 0;
        }
        self.seen = self.sound + piece.len();
        let (text, is_cut, is_wrong) = match std::str::from_utf8(piece) {
            Ok(text) => (text, false, false),
            Err(error) => {
                let sound = piece.get(..error.valid_up_to()).unwrap_or_default();
                let is_cut = error.error_len().is_none() && !is_last;
                (
                    std::str::from_utf8(sound).unwrap_or_default(),
                    is_cut,
                    !is_cut,
                )
            }
        };
        self.has_text |= !text.trim().is_empty();
        self.feeds += text.bytes().filter(|byte| *byte == b'\n').count();
        self.sound += text.len();
        if is_wrong {
            self.wrong = Some((1 + self.feeds, self.sound));
            self.sound = self.seen;
        }
        if is_cut { piece.len() - text.len() } else { 0 }
    }

    fn verdict(&self) -> Result<(), String> {
        if (self.skipped + self.seen) as u64 > MAX_BYTES {
            return Err(too_large(None));
        }
        match (self.zero, self.wrong) {
            (Some(offset), _) => Err(binary(offset)),
            (None, Some((line, offset))) => Err(not_utf_8(line, offset)),
            (None, None) if self.has_text => Ok(()),
            (None, None) => Err(EMPTY.to_owned()),
        }
    }
}

/// Text without a byte order mark, in which `\r\n` is `\n`.
pub(super) struct Unified<R> {
    inner: R,
    /// A `\r` whose next byte is not known yet.
    has_return: bool,
}

impl<R: BufRead> Unified<R> {
    pub(super) fn new(mut inner: R) -> io::Result<Self> {
        if inner.fill_buf()?.starts_with(&BYTE_ORDER_MARK) {
            inner.consume(BYTE_ORDER_MARK.len());
        }
        Ok(Self {
            inner,
            has_return: false,
        })
    }
}

impl<R: BufRead> Read for Unified<R> {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        let mut written = 0;
        while let Some(room) = out.get_mut(written..).filter(|room| !room.is_empty()) {
            let ahead = self.inner.fill_buf()?;
            if self.has_return && ahead.first() != Some(&b'\n') {
                self.has_return = false;
                if let Some(first) = room.first_mut() {
                    *first = b'\r';
                    written += 1;
                }
                continue;
            }
            self.has_return = false;
            if ahead.is_empty() {
                break;
            }
            let most = ahead.len().min(room.len());
            let plain = ahead.iter().take(most).position(|byte| *byte == b'\r');
            let taken = plain.unwrap_or(most);
            for (to, from) in room.iter_mut().zip(ahead.iter().take(taken)) {
                *to = *from;
            }
            written += taken;
            self.has_return = plain.is_some();
            self.inner.consume(taken + usize::from(plain.is_some()));
        }
        Ok(written)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::io::BufReader;

    /// Hands over a few bytes at a time.
    struct Slow<'b>(&'b [u8], usize);

    impl Read for Slow<'_> {
        fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
            let most = self.1.min(out.len());
            (&mut self.0).take(most as u64).read(out)
        }
    }

    fn whole(bytes: &[u8]) -> Result<String, String> {
        super::super::decode(bytes.to_vec())
    }

    fn in_pieces(bytes: &[u8], step: usize) -> Result<String, String> {
        look_through(Slow(bytes, step)).unwrap()?;
        let file = BufReader::with_capacity(step.max(3), bytes);
        let mut text = String::new();
        let unified = Unified::new(file).unwrap();
        BufReader::with_capacity(step, unified)
            .read_to_string(&mut text)
            .unwrap();
        Ok(text)
    }

    #[test]
    fn faults_are_told_in_the_same_words() {
        let long = [vec![b'a'; BUFFER_BYTES - 1], "ä\r\n".as_bytes().to_vec()].concat();
        let broken = [long.clone(), vec![0xc3]].concat();
        for bytes in [
            b"\xff\xfea\0".to_vec(),
            b"\xef\xbb\xbfone\r\ntwo\n".to_vec(),
            b"\xef\xbb\xbf".to_vec(),
            b"a\nb\xe9\n\0".to_vec(),
            b"a\nb\xe9".to_vec(),
            Vec::new(),
            long,
            broken,
        ] {
            for step in [1, 2, 7, BUFFER_BYTES] {
                assert_eq!(in_pieces(&bytes, step), whole(&bytes), "{step}");
            }
        }
    }

    proptest! {
        #[test]
        fn pieces_say_what_the_whole_says(
            parts in prop::collection::vec(
                prop::sample::select(vec![
                    &b"a"[..], b"\n", b"\r", b"\r\n", "ä".as_bytes(), "\u{1f600}".as_bytes(), b"\0", b"\xc3", b" ",
                    b"\xef\xbb\xbf", b"\xf0\x9f",
                ]),
                0..12,
            ),
            step in 1_usize..9,
        ) {
            let bytes = parts.concat();
            prop_assert_eq!(in_pieces(&bytes, step), whole(&bytes));
        }
    }
}
