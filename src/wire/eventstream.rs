//! AWS's event streams: binary frames with typed headers and two checksums. Knows no dialect and reads no payload.
//!
//! Source: <https://smithy.io/2.0/aws/amazon-eventstream.html>. A frame is its length and that of its headers (four bytes
//! each, big-endian), a checksum of these eight bytes, the headers, the payload, and a checksum of all before it.

use super::lines::too_long;
use crate::domain::failure::{FailureKind, LaneFailure};

/// Bytes before the headers.
const PRELUDE_BYTES: usize = 12;

/// Bytes of a frame without headers and payload.
const LEAST_BYTES: usize = PRELUDE_BYTES + 4;

/// A buffer that grew beyond this is given back after its frame.
const KEPT_BYTES: usize = 64 << 10;

/// What a frame says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Frame<'a> {
    /// A part of the answer.
    Event {
        /// Its `:event-type`.
        name: &'a str,
        /// In practice JSON.
        payload: &'a [u8],
    },
    /// A fault that the service's model names, which ends the stream.
    Exception {
        /// Its `:exception-type`.
        name: &'a str,
        /// In practice JSON with a message.
        payload: &'a [u8],
    },
    /// A fault that it does not name, which ends the stream.
    Error {
        /// Its `:error-code`.
        code: &'a str,
        /// Its `:error-message`.
        message: &'a str,
    },
}

/// Reads frames out of bytes that may be split anywhere.
#[derive(Debug)]
pub struct FrameReader {
    carry: Vec<u8>,
    limit: usize,
}

impl FrameReader {
    /// Frames of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self {
            carry: Vec::new(),
            limit,
        }
    }

    /// Takes the bytes of one read and hands every frame that they complete to `take`.
    ///
    /// Fails with `protocol` when a checksum is wrong or a frame is longer than the limit, and with what `take` fails
    /// with.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(Frame<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        self.carry.extend_from_slice(bytes);
        let mut rest = self.carry.as_slice();
        while let Some((frame, after)) = split_frame(rest, self.limit)? {
            take(frame)?;
            rest = after;
        }
        let taken = self.carry.len() - rest.len();
        self.carry.drain(..taken);
        if self.carry.is_empty() {
            self.carry.shrink_to(KEPT_BYTES);
        }
        Ok(())
    }

    /// The bytes ended, perhaps inside of a frame; what cannot be the beginning of one fails with `protocol`.
    pub fn finish(&self) -> Result<(), LaneFailure> {
        let longest = u32::try_from(self.limit).unwrap_or(u32::MAX).to_be_bytes();
        match (self.carry.first(), longest.first()) {
            (Some(found), Some(most)) if found > most => Err(no_frame()),
            _ => Ok(()),
        }
    }
}

/// The first frame and what follows it; `None` where it is not complete. Each check is made as soon as its bytes are
/// there, so that a split of the bytes changes nothing.
fn split_frame(bytes: &[u8], limit: usize) -> Result<Option<(Frame<'_>, &[u8])>, LaneFailure> {
    let Some(length) = number(bytes, 0) else {
        return Ok(None);
    };
    if length < LEAST_BYTES {
        return Err(no_frame());
    }
    let (Some(headers), Some(checksum), Some(prelude)) =
        (number(bytes, 4), number(bytes, 8), bytes.get(..8))
    else {
        // A length beyond all bounds is not waited for.
        return if length > limit {
            Err(no_frame())
        } else {
            Ok(None)
        };
    };
    if crc32(prelude) != checksum || headers > length - LEAST_BYTES {
        return Err(no_frame());
    }
    if length > limit {
        return Err(too_long(limit));
    }
    let Some((frame, after)) = bytes.split_at_checked(length) else {
        return Ok(None);
    };
    let (signed, checksum) = frame.split_at(length - 4);
    if number(checksum, 0) != Some(crc32(signed)) {
        return Err(LaneFailure::new(
            FailureKind::Protocol,
            "a frame of the stream does not match its checksum: it was damaged on the way",
        ));
    }
    let inside = signed.get(PRELUDE_BYTES..).unwrap_or_default();
    let (headers, payload) = inside.split_at(headers);
    let frame = Headers::of(headers).and_then(|headers| headers.frame(payload));
    frame.map(|frame| Some((frame, after))).ok_or_else(no_frame)
}

fn no_frame() -> LaneFailure {
    LaneFailure::new(
        FailureKind::Protocol,
        "the server did not answer in the format of its API, an event stream of AWS; is the base_url right?",
    )
}

/// Four bytes as a number.
fn number(bytes: &[u8], at: usize) -> Option<usize> {
    let four = bytes.get(at..)?.first_chunk::<4>()?;
    usize::try_from(u32::from_be_bytes(*four)).ok()
}

/// The headers that say what a frame is; the others are skipped.
#[derive(Debug, Default)]
struct Headers<'a> {
    message_type: Option<&'a str>,
    event_type: Option<&'a str>,
    exception_type: Option<&'a str>,
    error_code: Option<&'a str>,
    error_message: Option<&'a str>,
}

impl<'a> Headers<'a> {
    /// `None` where they do not keep to the format.
    fn of(mut bytes: &'a [u8]) -> Option<Self> {
        let mut headers = Self::default();
        while let Some((length, rest)) = bytes.split_first() {
            let (name, rest) = rest.split_at_checked(usize::from(*length))?;
            let (kind, rest) = rest.split_first()?;
            let (value, rest) = split_value(*kind, rest)?;
            bytes = rest;
            let known = match name {
                b":message-type" => &mut headers.message_type,
                b":event-type" => &mut headers.event_type,
                b":exception-type" => &mut headers.exception_type,
                b":error-code" => &mut headers.error_code,
                b":error-message" => &mut headers.error_message,
                _ => continue,
            };
            *known = Some(std::str::from_utf8(value).ok()?);
        }
        Some(headers)
    }

    fn frame(&self, payload: &'a [u8]) -> Option<Frame<'a>> {
        match self.message_type? {
            "event" => Some(Frame::Event {
                name: self.event_type?,
                payload,
            }),
            "exception" => Some(Frame::Exception {
                name: self.exception_type?,
                payload,
            }),
            "error" => Some(Frame::Error {
                code: self.error_code.unwrap_or_default(),
                message: self.error_message.unwrap_or_default(),
            }),
            _ => None,
        }
    }
}

/// The value of a header and what follows it; its type tells its length.
fn split_value(kind: u8, bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let length = match kind {
        0 | 1 => 0, // true, false
        2 => 1,
        3 => 2,
        4 => 4,
        5 | 8 => 8, // a number, a time
        9 => 16,
        6 | 7 => {
            // bytes, text
            let (length, rest) = bytes.split_first_chunk::<2>()?;
            return rest.split_at_checked(usize::from(u16::from_be_bytes(*length)));
        }
        _ => return None,
    };
    bytes.split_at_checked(length)
}

/// The checksum of gzip and of PNG, as a number.
fn crc32(bytes: &[u8]) -> usize {
    let crc = bytes.iter().fold(u32::MAX, |crc, byte| {
        let index = (crc ^ u32::from(*byte)) & 0xff;
        TABLE[index as usize] ^ (crc >> 8)
    });
    !crc as usize
}

/// What each byte does to the checksum.
const TABLE: [u32; 256] = {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = byte;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 == 1 {
                0xedb8_8320 ^ (crc >> 1)
            } else {
                crc >> 1
            };
            bit += 1;
        }
        table[byte as usize] = crc;
        byte += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    /// The value that every description of this checksum gives.
    #[test]
    fn the_checksum_is_the_usual_one() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        assert_eq!(crc32(b""), 0);
    }

    fn frame(headers: &[u8], payload: &[u8]) -> Vec<u8> {
        let length = LEAST_BYTES + headers.len() + payload.len();
        let mut bytes = Vec::new();
        let push = |bytes: &mut Vec<u8>, number: usize| {
            bytes.extend(u32::try_from(number).unwrap().to_be_bytes());
        };
        push(&mut bytes, length);
        push(&mut bytes, headers.len());
        let checksum = crc32(&bytes);
        push(&mut bytes, checksum);
        bytes.extend(headers);
        bytes.extend(payload);
        let checksum = crc32(&bytes);
        push(&mut bytes, checksum);
        bytes
    }

    fn text(name: &str, value: &str) -> Vec<u8> {
        let mut bytes = vec![u8::try_from(name.len()).unwrap()];
        bytes.extend(name.as_bytes());
        bytes.push(7);
        bytes.extend(u16::try_from(value.len()).unwrap().to_be_bytes());
        bytes.extend(value.as_bytes());
        bytes
    }

    fn read(bytes: &[u8]) -> Result<Vec<String>, FailureKind> {
        let mut reader = FrameReader::new(1 << 16);
        let mut found = Vec::new();
        let fed = reader.feed(bytes, |frame| {
            found.push(format!("{frame:?}"));
            Ok(())
        });
        fed.map_err(|failure| failure.kind).map(|()| found)
    }

    #[test]
    fn headers_of_every_type_are_skipped_by_their_length() {
        let mut headers = Vec::new();
        for (kind, length) in [
            (0, 0),
            (1, 0),
            (2, 1),
            (3, 2),
            (4, 4),
            (5, 8),
            (8, 8),
            (9, 16),
        ] {
            headers.extend([1, b'x', kind]);
            headers.extend(vec![0xff; length]);
        }
        headers.extend([1, b'y', 6, 0, 2, 0xff, 0xff]);
        headers.extend(text(":message-type", "event"));
        headers.extend(text(":event-type", "messageStart"));
        let expected = format!(
            "{:?}",
            Frame::Event {
                name: "messageStart",
                payload: b"{}"
            }
        );
        assert_eq!(read(&frame(&headers, b"{}")), Ok(vec![expected]));
    }

    #[test]
    fn what_does_not_keep_to_the_format_is_a_protocol_error() {
        let event = [text(":message-type", "event"), text(":event-type", "a")].concat();
        let whole = frame(&event, b"{}");
        assert!(read(&whole).is_ok());
        for at in 0..whole.len() {
            let mut damaged = whole.clone();
            damaged[at] ^= 1;
            // A longer length may also be waited for, but for the checksum behind it.
            assert_eq!(read(&damaged), Err(FailureKind::Protocol), "byte {at}");
        }
        for headers in [
            text(":message-type", "event"),
            text(":message-type", "wonder"),
            text(":event-type", "a"),
            [text(":message-type", "event"), vec![1, b'x', 10]].concat(),
            [text(":message-type", "event"), vec![200, b'x']].concat(),
        ] {
            assert_eq!(
                read(&frame(&headers, b"{}")),
                Err(FailureKind::Protocol),
                "{headers:?}"
            );
        }
        let long = frame(&event, &vec![b' '; 1 << 16]);
        assert_eq!(read(&long), Err(FailureKind::Protocol));
        assert_eq!(
            read(long.split_at(PRELUDE_BYTES).0),
            Err(FailureKind::Protocol)
        );
    }
}
