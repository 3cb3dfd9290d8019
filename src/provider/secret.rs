//! A key that cannot be shown by accident. Does not know where keys come from.

use std::fmt;
use zeroize::Zeroizing;

/// What stands in place of a key.
pub const MASK: &str = "***";

/// Shorter values are not looked for in texts: they would mask ordinary words.
const LEAST_MASKED_BYTES: usize = 6;

/// A key. `Debug` and `Display` print `***`; its memory is wiped when it is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// Takes a key; white space around it, which pasting leaves behind, is dropped.
    pub fn new(value: &str) -> Self {
        Self(Zeroizing::new(value.trim().to_owned()))
    }

    /// The key itself, for the header that carries it and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the key masked.
    pub fn mask(&self, text: &str) -> String {
        if self.0.len() < LEAST_MASKED_BYTES {
            return text.to_owned();
        }
        text.replace(self.0.as_str(), MASK)
    }

    /// The bytes with every occurrence of the key masked, and a beginning of the key at their end too: the rest of it
    /// may have been cut off.
    pub fn mask_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        let key = self.0.as_bytes();
        if key.len() < LEAST_MASKED_BYTES {
            return bytes.to_vec();
        }
        let mut out = Vec::with_capacity(bytes.len());
        let mut rest = bytes;
        while let Some((first, after)) = rest.split_first() {
            if let Some(after) = rest.strip_prefix(key) {
                out.extend_from_slice(MASK.as_bytes());
                rest = after;
            } else if rest.len() >= LEAST_MASKED_BYTES && key.starts_with(rest) {
                out.extend_from_slice(MASK.as_bytes());
                return out;
            } else {
                out.push(*first);
                rest = after;
            }
        }
        out
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(MASK)
    }
}

impl fmt::Display for Secret {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(MASK)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shows_itself_nowhere() {
        let key = Secret::new(" sk-abcdef\n");
        assert_eq!(
            format!("{key} {key:?} {:?}", Some(&key)),
            "*** *** Some(***)"
        );
        assert_eq!(key.expose(), "sk-abcdef");
    }

    #[test]
    fn masks_every_occurrence() {
        let key = Secret::new("sk-abcdef");
        assert_eq!(key.mask("sk-abcdef, sk-abcdefsk-abcdef"), "***, ******");
        assert_eq!(key.mask_bytes(b"\xffsk-abcdef\xff"), b"\xff***\xff");
        assert_eq!(key.mask_bytes(b"wrong key: sk-abcd"), b"wrong key: ***");
        assert_eq!(key.mask_bytes(b"a disk"), b"a disk");
    }

    #[test]
    fn a_short_key_does_not_mask_words() {
        assert_eq!(Secret::new("key").mask("wrong key"), "wrong key");
        assert_eq!(Secret::new("").mask("wrong key"), "wrong key");
    }
}
