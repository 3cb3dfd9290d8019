//! JSON that is safe on a terminal: what would act on it is written as an escape. The values stay the same.

use crate::domain::sanitise::escaped_json;
use serde::Serialize;

/// One value over several lines, with a line feed at its end.
pub(super) fn document(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string_pretty(value).map(|json| escaped_json(&json) + "\n")
}

/// One value on one line, with a line feed at its end.
pub(super) fn line(value: &impl Serialize) -> serde_json::Result<String> {
    serde_json::to_string(value).map(|json| escaped_json(&json) + "\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::sanitise::is_safe;
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
