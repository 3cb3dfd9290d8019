//! A key that cannot be shown by accident. Does not know where keys come from.

use std::fmt;
use zeroize::Zeroizing;

/// What stands in place of a key.
pub const MASK: &str = "***";

/// What stands where a text was cut off.
const ELLIPSIS: &str = "…";

/// What stands around the value of a parameter, and at the end of base64.
const WRAPPING: [char; 2] = ['=', '"'];

/// Words before the key of a header, in lower case.
const SCHEMES: [&str; 6] = ["apikey", "basic", "bearer", "digest", "negotiate", "token"];

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

    /// All that must not be shown of the value of a header: the whole of it, and the keys inside of it, which a server
    /// may repeat by themselves. Names of schemes and of parameters are no keys.
    pub fn in_header(value: &str) -> Vec<Self> {
        let mut found = vec![Self::new(value)];
        let is_between = |c: char| c.is_whitespace() || matches!(c, ';' | ',');
        for part in value.split(is_between).filter(|part| !is_scheme(part)) {
            let mut rest = Some(part);
            while let Some(part) = rest {
                let key = Self::new(part.trim_matches(WRAPPING));
                if key.0.len() >= LEAST_MASKED_BYTES && !found.contains(&key) {
                    found.push(key);
                }
                let after = part.split_once('=').map(|(_, after)| after);
                rest = after.filter(|after| !after.trim_matches(WRAPPING).is_empty());
            }
        }
        found
    }

    /// The key itself, for the header that carries it and for nothing else.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The text with every occurrence of the key masked, and a beginning of the key before an ellipsis too: there the
    /// rest of it was cut off.
    pub fn mask(&self, text: &str) -> String {
        if self.0.len() < LEAST_MASKED_BYTES {
            return text.to_owned();
        }
        let masked = text.replace(self.0.as_str(), MASK);
        let Some((cut, whole)) = masked.rsplit_once(ELLIPSIS) else {
            return masked;
        };
        let cut: Vec<String> = cut
            .split(ELLIPSIS)
            .map(|part| self.mask_end(part))
            .collect();
        format!("{}{ELLIPSIS}{whole}", cut.join(ELLIPSIS))
    }

    /// The text with a beginning of the key at its end masked.
    fn mask_end(&self, text: &str) -> String {
        let places = self.0.char_indices().rev().map(|(at, _)| at);
        let kept = places
            .filter(|at| *at >= LEAST_MASKED_BYTES)
            .find_map(|at| text.strip_suffix(self.0.split_at(at).0));
        kept.map_or_else(|| text.to_owned(), |kept| format!("{kept}{MASK}"))
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

fn is_scheme(word: &str) -> bool {
    SCHEMES
        .iter()
        .any(|scheme| scheme.eq_ignore_ascii_case(word))
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
    fn masks_a_key_that_was_cut_off() {
        let key = Secret::new("sk-abcdef");
        assert_eq!(key.mask("you sent sk-abcde…"), "you sent ***…");
        assert_eq!(key.mask("sk-abc… and sk-abcd…, no"), "***… and ***…, no");
        assert_eq!(key.mask("a disk…, sk-abcd"), "a disk…, sk-abcd");
        assert_eq!(Secret::new("schlüssel").mask("der schlü…"), "der ***…");
        assert_eq!(Secret::new("schlüssel").mask("der schl…"), "der schl…");
    }

    #[test]
    fn a_header_holds_its_value_and_the_keys_inside_of_it() {
        for (value, keys) in [
            ("sk-abcdef", &["sk-abcdef"][..]),
            ("Bearer sk-abcdef", &["Bearer sk-abcdef", "sk-abcdef"]),
            ("basic QWxhZA==", &["basic QWxhZA==", "QWxhZA"]),
            (
                "Custom one two-two",
                &["Custom one two-two", "Custom", "two-two"],
            ),
            (
                "session=abcdefg; theme=dark; id=\"x=yz0123\"",
                &[
                    "session=abcdefg; theme=dark; id=\"x=yz0123\"",
                    "session=abcdefg",
                    "abcdefg",
                    "theme=dark",
                    "id=\"x=yz0123",
                    "x=yz0123",
                    "yz0123",
                ],
            ),
            ("k=v", &["k=v"]),
        ] {
            let found = Secret::in_header(value);
            let found: Vec<&str> = found.iter().map(Secret::expose).collect();
            assert_eq!(found, keys, "{value}");
        }
    }

    #[test]
    fn a_short_key_does_not_mask_words() {
        assert_eq!(Secret::new("key").mask("wrong key"), "wrong key");
        assert_eq!(Secret::new("").mask("wrong key"), "wrong key");
    }
}
