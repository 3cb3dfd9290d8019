//! What patterns find, as JavaScript's find it. The verdicts are those of Node 20's `new RegExp(pattern).test(text)`.

use super::*;
use regex::Regex;

/// Patterns, texts, and whether they are found there; `None`: what is no pattern there.
const FOUND: &[(&str, &str, Option<bool>)] = &[
    ("\\Abc", "bc", Some(false)),
    ("\\Abc", "xxAbc", Some(true)),
    ("bc\\z", "bc", Some(false)),
    ("bc\\z", "bcz", Some(true)),
    ("bc\\Z", "bcZ", Some(true)),
    ("(?i)abc", "abc", None),
    ("(?x)b c", "bc", None),
    ("(?P<n>q)", "q", None),
    ("(?<n>q)", "q", Some(true)),
    ("(?<größe>q)", "q", Some(true)),
    ("(?<a.b>q)", "q", None),
    ("(?i:a)", "A", None),
    ("a.b", "a\u{d}b", Some(false)),
    ("a.b", "a\u{2028}b", Some(false)),
    ("a.b", "a\u{a}b", Some(false)),
    ("a.b", "axb", Some(true)),
    ("[.]", ".", Some(true)),
    ("[.]", "x", Some(false)),
    ("b\\s", "b\u{85}", Some(false)),
    ("^\\s$", "\u{feff}", Some(true)),
    ("^\\S$", "\u{feff}", Some(false)),
    ("^\\S$", "\u{85}", Some(true)),
    ("[\\s]", "\u{a0}", Some(true)),
    ("[^\\S]", " ", Some(true)),
    ("[^\\s]", "\u{3000}", Some(false)),
    ("\\pz", "pz", Some(true)),
    ("\\p{L}", "é", Some(false)),
    ("\\p{L}", "p{L}", Some(true)),
    ("^\\d+$", "12", Some(true)),
    ("^\\d+$", "१२", Some(false)),
    ("^\\w+$", "né", Some(false)),
    ("n\\b", "né", Some(true)),
    ("n\\B", "né", Some(false)),
    ("n\\B", "na", Some(true)),
    ("\\B", "é", Some(true)),
    ("^\\B$", "", Some(true)),
    ("^[\\w-]+$", "a_b-c", Some(true)),
    ("^[\\w-.]+$", "a.b-c", Some(true)),
    ("^[\\w-.]+$", "a,b", Some(false)),
    ("^[\\d-x]+$", "1-x", Some(true)),
    ("^[\\d-x]+$", "a", Some(false)),
    ("[^\\w\\s]", "a b", Some(false)),
    ("[^\\d]", "1a", Some(true)),
    ("[\\D]", "12", Some(false)),
    ("a[^]b", "a\u{a}b", Some(true)),
    ("a[]b", "ab", Some(false)),
    ("[]]", "]", Some(false)),
    ("[^]]", "a]", Some(true)),
    ("{a}", "x{a}", Some(true)),
    ("^a{2}$", "aa", Some(true)),
    ("a{,2}", "a{,2}", Some(true)),
    ("a{2", "a{2", Some(true)),
    ("a{2,", "a{2,", Some(true)),
    ("a{2,1}", "aa", None),
    ("{2}", "{2}", None),
    ("a{2,}", "aa", Some(true)),
    ("x{2}?", "xx", Some(true)),
    ("[[]x", "[x", Some(true)),
    ("[a&&b]{3}", "a&b", Some(true)),
    ("[a--b]", "a", None),
    ("[a--b]", "b", None),
    ("[+--]", "-", Some(true)),
    ("[+--]", ",", Some(true)),
    ("[a~~b]", "~", Some(true)),
    ("[\\]\\-a]+", "]-a", Some(true)),
    ("[z-a]", "z", None),
    ("[a-]", "-", Some(true)),
    ("[-a]", "-", Some(true)),
    ("[[:alpha:]]", "a]", Some(true)),
    ("[[:alpha:]]", "b", Some(false)),
    ("\\<b\\>\\/", "<b>/", Some(true)),
    ("(?<year>\\d{4})-", "2024-", Some(true)),
    ("a(?=b)", "ab", Some(true)),
    ("(?<!a)b", "b", Some(true)),
    ("(a)\\1", "aa", Some(true)),
    ("\\1(a)", "a", Some(true)),
    ("\\1", "\u{1}", Some(true)),
    ("\\101", "A", Some(true)),
    ("\\8", "8", Some(true)),
    ("(a)\\2", "a\u{2}", Some(true)),
    ("\\0", "\u{0}", Some(true)),
    ("\\012", "\u{a}", Some(true)),
    ("\\k", "k", Some(true)),
    ("\\k<a>", "k<a>", Some(true)),
    ("(?<a>x)\\k<a>", "xx", Some(true)),
    ("[\\1]", "\u{1}", Some(true)),
    ("\\x41", "A", Some(true)),
    ("\\x4", "x4", Some(true)),
    ("\\u0041", "A", Some(true)),
    ("\\u{61}", "a", Some(false)),
    ("^\\u{3}$", "uuu", Some(true)),
    ("\\ud83d\\ude00", "😀", Some(true)),
    ("\\ud83d", "😀", Some(true)),
    ("\\u00e9", "é", Some(true)),
    ("\\cJ", "\u{a}", Some(true)),
    ("\\c1", "\\c1", Some(true)),
    ("[\\c1]", "\u{11}", Some(true)),
    ("[\\b]", "\u{8}", Some(true)),
    ("[\\B]", "B", Some(true)),
    (
        "\\e\\g\\h\\i\\j\\l\\m\\o\\q\\y\\G\\Q\\E",
        "eghijlmoqyGQE",
        Some(true),
    ),
    ("\\v\\f", "\u{b}\u{c}", Some(true)),
    ("\\a", "\u{7}", Some(false)),
    ("\\a", "a", Some(true)),
    ("a**", "a", None),
    ("a++", "aa", None),
    ("a+?", "a", Some(true)),
    ("a??", "a", Some(true)),
    ("^*", "a", None),
    ("*a", "a", None),
    ("(*)", "a", None),
    ("a|*", "a", None),
    ("(|a)", "b", Some(true)),
    ("()", "b", Some(true)),
    ("a)", "a)", None),
    ("(a", "a", None),
    ("[a", "a", None),
    ("a\\", "a\\", None),
    ("]", "]", Some(true)),
    ("}", "}", Some(true)),
    ("a#b c", "a#b c", Some(true)),
    ("😀", "a😀", Some(true)),
    ("😀+", "😀😀", Some(true)),
    ("[😀]", "😀", Some(true)),
    ("[😀]", "😃", Some(true)),
    ("^(😀|a)$", "😀", Some(true)),
    ("😀{2}", "😀😀", Some(false)),
    ("^b$", "a\u{a}b", Some(false)),
    ("a$", "a\u{a}", Some(false)),
    ("A", "a", Some(false)),
    ("(?:a|b)+c", "abac", Some(true)),
    ("((a)|b)", "b", Some(true)),
];

/// What is a pattern there and refused here, with a part of the reason.
const REFUSED: &[(&str, &str)] = &[
    (r"a(?=b)", "look-around"),
    (r"(?<!a)b", "look-around"),
    (r"(a)\1", "referred back"),
    (r"\1(a)", "referred back"),
    (r"(?<a>x)\k<a>", "referred back"),
    (r"\ud83d", "one half"),
    ("😀+", "one half"),
    ("😀{2}", "one half"),
    ("[😀]", "one half"),
];

#[test]
fn patterns_find_what_javascript_finds() {
    for (pattern, text, expected) in FOUND {
        match of_javascript(pattern).map(|rewritten| Regex::new(&rewritten)) {
            Ok(Ok(compiled)) => {
                let is_found = compiled.is_match(text);
                assert_eq!(
                    Some(is_found),
                    *expected,
                    "{pattern}: {compiled} on {text:?}"
                );
            }
            refused => {
                let is_known = REFUSED.iter().any(|(known, _)| known == pattern);
                assert!(expected.is_none() || is_known, "{pattern}: {refused:?}");
            }
        }
    }
}

#[test]
fn what_has_no_counterpart_is_refused_with_the_reason() {
    for (pattern, part) in REFUSED {
        let why = of_javascript(pattern).unwrap_err();
        assert!(why.contains(part) && why.contains(pattern), "{why}");
    }
    let why = of_javascript("(?i)abc").unwrap_err();
    let expected = "has the pattern `(?i)abc`, in which `(?` is followed by what JavaScript does not know there";
    assert_eq!(why, expected);
}

proptest::proptest! {
    #[test]
    fn any_pattern_is_taken(pattern in r"[\\\[\](){}?*+^$.|<>:=!ab0-9,xuckdDwsSbB😀-]{0,16}") {
        let _ = of_javascript(&pattern);
    }
}
