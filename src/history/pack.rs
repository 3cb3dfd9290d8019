//! Tapes in the database: lines of JSON, deflated. Knows nothing of what is in them.

use flate2::{Compression, read::DeflateDecoder, write::DeflateEncoder};
use std::io::{self, Read, Write};

/// A tape can grow by this factor at the most when it is unpacked; deflate's own limit is about 1,032.
const MAX_TAPE_BYTES: u64 = 1 << 30;

/// Packs the lines of a tape.
pub(super) fn packed(lines: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(lines)?;
    encoder.finish()
}

/// Unpacks them again; too much for a tape is an error.
pub(super) fn unpacked(tape: &[u8]) -> io::Result<String> {
    let mut lines = String::new();
    let mut decoder = DeflateDecoder::new(tape).take(MAX_TAPE_BYTES + 1);
    decoder.read_to_string(&mut lines)?;
    if lines.len() as u64 > MAX_TAPE_BYTES {
        return Err(io::Error::other("the tape is larger than 1 GiB"));
    }
    Ok(lines)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_packed_comes_back() {
        let lines = "{\"lane\":\"ä\"}\n".repeat(1_000);
        let tape = packed(lines.as_bytes()).unwrap();
        assert!(tape.len() < lines.len() / 20, "{} bytes", tape.len());
        assert_eq!(unpacked(&tape).unwrap(), lines);
        assert!(unpacked(&[0xff, 0, 1]).is_err());
    }
}
