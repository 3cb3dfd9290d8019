//! Names in paths: percent-encoded, so that no name ends its segment or changes its path. Knows no dialect.

/// One segment of a path. All but letters, digits and `-._~` is encoded, as AWS's signatures want it.
pub fn segment(name: &str) -> String {
    encoded(name, b"")
}

/// One segment of a path in which `@`, which parts a model from its version, stays as it is.
pub(super) fn segment_with_version(name: &str) -> String {
    encoded(name, b"@")
}

fn encoded(name: &str, kept: &[u8]) -> String {
    let encode = |byte: u8| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
            char::from(byte).to_string()
        }
        _ if kept.contains(&byte) => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    name.bytes().map(encode).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_stands_for_itself_is_kept() {
        assert_eq!(segment("a-b._~9:/é?@"), "a-b._~9%3A%2F%C3%A9%3F%40");
        assert_eq!(segment_with_version("m@001/x"), "m@001%2Fx");
    }
}
