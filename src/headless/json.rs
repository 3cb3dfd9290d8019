//! JSON that is safe on a terminal: what would act on it is written as an escape. The values stay the same.

use crate::domain::sanitise::is_safe;
use serde::Serialize;
use std::fmt::Write as _;

/// One value over several lines, with a line feed at its end.
pub(super) fn document(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|json| escaped(&json))
}

/// One value on one line, with a line feed at its end.
pub(super) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(|json| escaped(&json))
}

/// Outside of strings JSON holds no such character but the line feed, so an escape can stand for each of them.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len() + 1);
    for c in json.chars() {
        // Line and paragraph separators end a line for some readers of JSON lines.
        if is_safe(c) && !matches!(c, '\u{2028}' | '\u{2029}') {
            out.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        }
    }
    out.push('\n');
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_acts_on_a_terminal_is_escaped() {
        let hostile = "a\u{1b}[31m\u{9b}0m\u{202e}b\u{7f}\u{85}\u{2028}\u{e0001}ü\n";
        let json = line(&hostile).expect("a string");
        assert_eq!(
            json,
            "\"a\\u001b[31m\\u009b0m\\u202eb\\u007f\\u0085\\u2028\\udb40\\udc01ü\\n\"\n"
        );
    }

    proptest! {
        #[test]
        fn the_value_stays_the_same(text in any::<String>(), number in any::<i32>()) {
            let value = serde_json::json!({ "a": [text.clone(), number], (text): null });
            for json in [document(&value), line(&value)] {
                let json = json.expect("valid");
                prop_assert!(json.chars().all(is_safe));
                let read: serde_json::Value = serde_json::from_str(&json).expect("valid");
                prop_assert_eq!(&read, &value);
            }
        }
    }
}
