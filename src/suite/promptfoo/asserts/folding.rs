//! A text in capitals or small letters, as JavaScript's `toLowerCase` takes them for the same. Rust's is the same function,
//! <https://tc39.es/ecma262/#sec-string.prototype.tolowercase>; a pattern's own `(?i)` is another one.

use serde_json::{Value, json};
use std::{collections::HashMap, fmt::Write, sync::LazyLock};

/// Characters that become another one in small letters, by that one. No script above has capitals.
static CAPITALS: LazyLock<HashMap<char, Vec<char>>> = LazyLock::new(|| {
    let mut capitals: HashMap<char, Vec<char>> = HashMap::new();
    for c in '\0'..'\u{20000}' {
        let mut small = c.to_lowercase();
        if let (Some(only), None) = (small.next(), small.next())
            && only != c
        {
            capitals.entry(only).or_default().push(c);
        }
    }
    capitals
});

/// The check that an answer, in small letters, contains a text in small letters.
pub(super) fn contains(text: &str) -> Value {
    let small = text.to_lowercase();
    let exact = json!({ "regex": pattern(&small, false) });
    if !small.contains(['σ', 'ς']) {
        return exact;
    }
    // Which of the two a capital becomes depends on the letters around it.
    let why = "which small letter a capital `Σ` becomes is not looked at";
    json!({ "any": [
        exact,
        { "all": [{ "regex": pattern(&small, true) }, { "not_judged": why }] },
    ] })
}

fn pattern(small: &str, has_sigma: bool) -> String {
    /// The dot above that `İ` leaves behind.
    const DOT: char = '\u{307}';
    let chars: Vec<char> = small.chars().collect();
    let mut out = String::new();
    let mut at = 0;
    while let Some(&c) = chars.get(at) {
        let next = chars.get(at + 1).copied();
        at += 1;
        match (c, next) {
            ('i', None) => out.push_str("[iIİ]"),
            ('i', Some(DOT)) => {
                let _ = write!(out, "(?:[iI]{DOT}|İ)");
                at += 1;
            }
            (DOT, _) if at == 1 => {
                let _ = write!(out, "(?:{DOT}|İ)");
            }
            ('σ' | 'ς', _) => {
                out.push('[');
                out.push(c);
                if has_sigma {
                    out.push('Σ');
                }
                out.push(']');
            }
            (c, _) => match CAPITALS.get(&c) {
                None => out.push_str(&regex::escape(c.encode_utf8(&mut [0; 4]))),
                Some(capitals) => {
                    out.push('[');
                    out.push(c);
                    out.extend(capitals);
                    out.push(']');
                }
            },
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use regex::Regex;

    /// Whether it is found; `None`: not judged.
    fn finds(check: &Value, answer: &str) -> Option<bool> {
        let is_match = |pattern: &Value| {
            let pattern = pattern.as_str().unwrap();
            Regex::new(pattern).unwrap().is_match(answer)
        };
        match check.get("any") {
            None => Some(is_match(&check["regex"])),
            Some(parts) if is_match(&parts[0]["regex"]) => Some(true),
            Some(parts) if is_match(&parts[1]["all"][0]["regex"]) => None,
            Some(_) => Some(false),
        }
    }

    #[test]
    fn letters_are_the_same_that_javascript_takes_for_the_same() {
        // The verdicts are those of Node.
        for (answer, text, expected) in [
            ("Is it ROME?", "rome", Some(true)),
            ("ſ", "s", Some(false)),
            ("s", "ſ", Some(false)),
            ("İ", "i", Some(true)),
            ("İstanbul", "is", Some(false)),
            ("İstanbul", "i\u{307}s", Some(true)),
            ("i\u{307}s", "İS", Some(true)),
            ("aİb", "\u{307}B", Some(true)),
            ("ı", "I", Some(false)),
            ("\u{212a}", "k", Some(true)),
            ("STRASSE", "straße", Some(false)),
            ("STRAẞE", "straße", Some(true)),
            ("µ", "\u{39c}", Some(false)),
            ("ὀδός", "ΔΌΣ", Some(true)),
            ("δόσ", "ΔΌΣ", Some(false)),
            ("ΔΌΣ", "δόσ", None),
            ("a+B", "A+b", Some(true)),
            ("aab", "a+b", Some(false)),
            ("ΔΌΛ", "ΔΌΣ", Some(false)),
        ] {
            let check = contains(text);
            assert_eq!(finds(&check, answer), expected, "{answer}, {text}: {check}");
        }
    }

    proptest! {
        #[test]
        fn what_is_judged_is_what_small_letters_say(
            answer in "[a-cA-CiIİıßẞςσΣΩΩkK\u{307}.]{0,12}",
            text in "[a-cA-CiIİıßẞςσΣΩΩkK\u{307}.]{1,3}",
        ) {
            let expected = answer.to_lowercase().contains(&text.to_lowercase());
            if let Some(found) = finds(&contains(&text), &answer) {
                prop_assert_eq!(found, expected);
            }
        }
    }
}
