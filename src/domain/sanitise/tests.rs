//! Tests of what may be shown. Does not test what a terminal makes of it.

use super::*;
use proptest::prelude::*;

#[test]
fn removes_escape_sequences_whole() {
    for (dirty, clean) in [
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("a\u{1b}[2J\u{1b}[1;1Hb", "ab"),
        ("\u{1b}[?1049h\u{1b}[38:2::1:2:3mx", "x"),
        ("\u{1b}]0;title\u{7}text", "text"),
        (
            "\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\",
            "link",
        ),
        ("\u{1b}]52;c;cm0gLXJm\u{9c}after", "after"),
        (
            "\u{1b}P$qm\u{1b}\\x\u{1b}_apc\u{1b}\\y\u{1b}^pm\u{7}z",
            "xyz",
        ),
        ("\u{1b}creset\u{1b}(Bset\u{1b}7", "resetset"),
        ("\u{9b}31mred\u{9b}0m", "red"),
        ("\u{9d}0;title\u{9c}", "0;title"),
        ("cut off \u{1b}", "cut off "),
        ("cut off \u{1b}[12", "cut off "),
        ("\u{1b}\u{1b}[31mred", "red"),
        ("\u{1b}[3\u{1b}[1mred", "red"),
    ] {
        assert_eq!(sanitise(dirty), clean, "{dirty:?}");
    }
}

#[test]
fn an_unterminated_string_hides_no_more_than_its_line() {
    assert_eq!(sanitise("a\u{1b}]0;never ended\nnext line"), "a\nnext line");
    let long = format!("\u{1b}]0;{}end", "x".repeat(usize::from(MAX_STRING) * 2));
    assert!(sanitise(&long).ends_with("xend"));
}

#[test]
fn a_string_that_is_broken_by_another_sequence_ends_there() {
    assert_eq!(sanitise("\u{1b}]0;a\u{1b}[31mred"), "red");
}

#[test]
fn keeps_lines_and_tabs_and_turns_other_breaks_into_line_feeds() {
    assert_eq!(
        sanitise("a\tb\r\nc\rd\u{2028}e\u{c}f\u{85}g"),
        "a\tb\nc\nd\ne\nf\ng"
    );
    assert_eq!(sanitise("shown\rhidden"), "shown\nhidden");
}

#[test]
fn drops_controls_and_invisible_characters() {
    assert_eq!(sanitise("a\0b\u{8}c\u{7f}d\u{80}e\u{9f}f"), "abcdef");
    assert_eq!(sanitise("ab\u{202e}cd\u{2066}ef\u{200f}"), "abcdef");
    assert_eq!(sanitise("a\u{200b}b\u{feff}c\u{ad}d\u{2063}e"), "abcde");
    assert_eq!(sanitise("hi\u{e0068}\u{e0069}\u{e007f}"), "hi");
    assert_eq!(sanitise("👩\u{200d}💻 ❤\u{fe0f}"), "👩💻 ❤");
}

#[test]
fn keeps_real_text_of_all_scripts() {
    let text =
        "naïve Straße 日本語 한국어 हिन्दी עברית العربية e\u{301} 🦀 \u{1f1e9}\u{1f1ea} €—“”…";
    assert_eq!(sanitise(text), text);
}

#[test]
fn bounds_the_marks_on_one_character() {
    let flood = format!("a{}b", "\u{301}".repeat(1000));
    assert_eq!(sanitise(&flood).chars().count(), 2 + usize::from(MAX_MARKS));
}

#[test]
fn one_line_has_no_breaks() {
    assert_eq!(
        sanitise_line(" no\r\n model\t\u{1b}[1mhere\u{1b}[0m "),
        "no model here"
    );
}

#[test]
fn borrows_what_needs_no_change() {
    assert!(matches!(sanitise("plain\n\ttext ü"), Cow::Borrowed(_)));
}

const LINE_BREAKS: [char; 2] = ['\u{2028}', '\u{2029}'];

/// Text in which everything dangerous is frequent.
fn hostile() -> impl Strategy<Value = String> {
    let c = prop_oneof![
        Just('\u{1b}'),
        Just('\r'),
        Just('\n'),
        proptest::sample::select("[]PX^_\\m;0?HcA \t".chars().collect::<Vec<_>>()),
        proptest::char::range('\0', '\u{9f}'),
        proptest::char::range('\u{2000}', '\u{206f}'),
        proptest::char::range('\u{300}', '\u{310}'),
        any::<char>(),
    ];
    proptest::collection::vec(c, 0..60).prop_map(|chars| chars.into_iter().collect())
}

proptest! {
    #[test]
    fn nothing_dangerous_gets_through(text in hostile()) {
        let safe = sanitise(&text);
        for c in safe.chars() {
            prop_assert!(c == '\n' || c == '\t' || !c.is_control(), "{c:?}");
            prop_assert!(!is_invisible(c), "{c:?}");
            prop_assert!(!LINE_BREAKS.contains(&c));
        }
    }

    #[test]
    fn any_split_gives_the_same(text in hostile(), cuts in proptest::collection::vec(0usize..60, 0..6)) {
        let chars: Vec<char> = text.chars().collect();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(chars.len())).collect();
        cuts.push(chars.len());
        cuts.sort_unstable();
        let (mut from, mut sanitiser, mut pieces) = (0, Sanitiser::default(), String::new());
        for cut in cuts {
            let piece: String = chars[from..cut].iter().collect();
            sanitiser.push(&piece, &mut pieces);
            from = cut;
        }
        prop_assert_eq!(pieces, sanitise(&text));
    }

    #[test]
    fn what_is_safe_stays_as_it_is(text in hostile()) {
        let once = sanitise(&text).into_owned();
        prop_assert_eq!(sanitise(&once), once.as_str());
    }
}

#[test]
fn joiners_that_belong_to_a_cluster_stay_where_that_is_wanted() {
    let family = "\u{1f468}\u{200d}\u{1f469}\u{200d}\u{1f467}";
    let persian = "\u{645}\u{6cc}\u{200c}\u{62e}\u{648}\u{627}\u{647}\u{645}";
    let hindi = "\u{915}\u{94d}\u{200d}\u{937}";
    let cases = [
        (family, family),
        (persian, persian),
        (hindi, hindi),
        (
            "\u{2764}\u{fe0f} 1\u{fe0f}\u{20e3}",
            "\u{2764}\u{fe0f} 1\u{fe0f}\u{20e3}",
        ),
        // On nothing, or where nothing is joined, they hide.
        ("\u{200d}a\u{200d}b \u{200c}c", "ab c"),
        ("pass\u{200b}word\u{202e}\u{fe0f}", "password"),
        ("a\u{fe0f}\u{ad}\u{1b}[2J", "a"),
    ];
    for (text, shown) in cases {
        let mut out = String::new();
        Sanitiser::keeping_joiners().push(text, &mut out);
        assert_eq!(out, shown, "{text:?}");
    }
}
