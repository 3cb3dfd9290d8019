//! Lenient reading of the JSON inside events. Knows no dialect.

use serde_json::Value;

/// Beyond this length the number of values is counted before they are built.
const LONG_BYTES: usize = 1 << 20;

/// The most values of a long event: each one takes tens of bytes once it is built.
const MOST_VALUES: usize = 1 << 18;

/// Parses one event; `None` when it is not JSON, or is far more intricate than any answer.
///
/// Halves of surrogate pairs, which some servers send one by one, become U+FFFD.
pub fn parse(text: &str) -> Option<Value> {
    if text.len() > LONG_BYTES && values_at_most(text) > MOST_VALUES {
        return None;
    }
    serde_json::from_str(text)
        .ok()
        .or_else(|| serde_json::from_str(&without_lone_surrogates(text)?).ok())
}

fn values_at_most(text: &str) -> usize {
    text.bytes()
        .filter(|byte| matches!(byte, b',' | b'[' | b'{'))
        .count()
}

/// The text with every unpaired `\ud800`…`\udfff` replaced; `None` where there is none.
fn without_lone_surrogates(text: &str) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    let mut mended = false;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        out.push_str(before);
        let length = match (surrogate(escape), escape.get(6..).and_then(surrogate)) {
            (Some(Half::High), Some(Half::Low)) => 12,
            (Some(_), _) => {
                mended = true;
                out.push_str("\\ufffd");
                rest = escape.get(6..).unwrap_or_default();
                continue;
            }
            (None, _) => escape.chars().take(2).map(char::len_utf8).sum(),
        };
        let (escape, after) = escape.split_at(length);
        out.push_str(escape);
        rest = after;
    }
    out.push_str(rest);
    mended.then_some(out)
}

#[derive(PartialEq)]
enum Half {
    High,
    Low,
}

/// Which half of a pair the escape at the start of this text stands for.
fn surrogate(text: &str) -> Option<Half> {
    let digits = text.strip_prefix("\\u")?.get(..4)?;
    match u16::from_str_radix(digits, 16).ok()? {
        0xd800..=0xdbff => Some(Half::High),
        0xdc00..=0xdfff => Some(Half::Low),
        _ => None,
    }
}

/// A text that is there and not empty.
pub fn text<'a>(value: &'a Value, field: &str) -> Option<&'a str> {
    value.get(field)?.as_str().filter(|text| !text.is_empty())
}

/// A count; `null`, a negative one or a fraction is unknown.
pub fn count(value: &Value, field: &str) -> Option<u64> {
    let number = value.get(field)?;
    number.as_u64().or_else(|| {
        let float = number.as_f64()?;
        let whole = float.fract() == 0.0 && (0.0..9e15).contains(&float);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked above
        whole.then_some(float as u64)
    })
}

/// A number that is not negative, times `factor`.
pub fn scaled(value: &Value, field: &str, factor: f64) -> Option<f64> {
    let number = value.get(field)?.as_f64()?;
    (number >= 0.0).then_some(number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn unpaired_halves_become_replacement_characters() {
        let parsed = parse(r#"{"a":"x\ud83dy","b":"\ud83d\ude00","c":"\\ud83d","d":"\udc00"}"#);
        let expected = json!({"a": "x\u{fffd}y", "b": "😀", "c": "\\ud83d", "d": "\u{fffd}"});
        assert_eq!(parsed, Some(expected));
    }

    #[test]
    fn what_is_not_json_stays_nothing() {
        for text in ["", "<html>", "{\"a\":", "[DONE]", "\\u12", "\"\\ud83d"] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_long_event_of_countless_values_is_refused_before_it_is_built() {
        let many = format!("[{}1]", "1,".repeat(LONG_BYTES));
        assert_eq!(parse(&many), None);
        let long_text = format!("\"{}\"", "x".repeat(LONG_BYTES + 1));
        assert!(parse(&long_text).is_some());
    }

    #[test]
    fn a_null_count_is_unknown_and_not_zero() {
        let value = json!({"a": null, "b": 0, "c": 12.0, "d": -1, "e": 1.5, "f": "7"});
        let counts = ["a", "b", "c", "d", "e", "f", "g"].map(|field| count(&value, field));
        assert_eq!(counts, [None, Some(0), Some(12), None, None, None, None]);
    }
}
