//! The last number of an answer.

use super::super::number::{LastNumber, last, read};
use super::*;
use proptest::prelude::*;

#[track_caller]
fn assert_reads(cases: &[(&str, f64)]) {
    for (text, value) in cases {
        assert_eq!(last(text), LastNumber::Value(*value), "{text}");
    }
}

#[track_caller]
fn assert_unreadable(cases: &[(&str, &str)]) {
    for (text, what) in cases {
        let found = last(text);
        let is_so = matches!(found, LastNumber::Unreadable { what: found, .. } if found == *what);
        assert!(is_so, "{text}: {found:?}");
    }
}

#[test]
fn numbers_are_read_as_people_write_them() {
    assert_reads(&[
        ("19", 19.0),
        ("The sum of 12 and 7 is 19.", 19.0),
        ("**19**", 19.0),
        ("_19_", 19.0),
        ("Answer:19!", 19.0),
        (r"\boxed{19}", 19.0),
        ("12 + 7 = 19", 19.0),
        ("24-5", 5.0),
        ("5-19", 19.0),
        ("5–19", 19.0),
        ("3.25", 3.25),
        (".5", 0.5),
        ("0.50.", 0.5),
        ("1.5e-3", 0.0015),
        ("6.02E23", 6.02e23),
        ("2e−3", 0.002),
        ("1,234.5", 1234.5),
        ("1,234,567", 1_234_567.0),
        ("12,34,567", 1_234_567.0),
        ("1\u{202f}234\u{a0}567", 1_234_567.0),
        ("1'234'567.25", 1_234_567.25),
        ("1_000_000", 1e6),
        (r"12\,345", 12_345.0),
        ("12{,}345", 12_345.0),
        ("答案是19。", 19.0),
        ("19\u{a0}2", 2.0),
        ("[1,2,19]", 19.0),
        ("1, 2, 3", 3.0),
    ]);
}

#[test]
fn signs_currencies_and_units_stand_around_them() {
    assert_reads(&[
        ("-5", -5.0),
        ("−5", -5.0),
        ("x=-5", -5.0),
        ("x = - 5", -5.0),
        ("- 5", 5.0),
        ("(-5)", -5.0),
        ("(3)-5", 5.0),
        ("10−5", 5.0),
        ("--5", 5.0),
        ("-.5", -0.5),
        ("+5", 5.0),
        ("$19", 19.0),
        (r"\$19.50", 19.5),
        ("US$19", 19.0),
        ("-$5", -5.0),
        ("$-5", -5.0),
        ("$5-$10", 10.0),
        ("€1,234", 1234.0),
        ("19€", 19.0),
        ("19 %", 19.0),
        ("-19%", -19.0),
        ("19kg", 19.0),
        ("5 m²", 5.0),
        ("the 2nd", 2.0),
    ]);
}

#[test]
fn what_only_looks_like_a_number_is_passed_over() {
    for text in [
        "19, as of version 9.11.2",
        "19 (2024-01-05)",
        "19 (2024-05)",
        "19 on 05/01/2024",
        "19 at 12:30",
        "19 at 2024-01-05T12:30:00Z",
        "19 from 192.168.0.1",
        "19 in H2O",
        "19 for COVID-19",
        "19 says GPT-4o, or gpt-4.1",
        "19 at v1.2",
        "19 is not 0x1F",
        "19 = x_1",
        "19 = x^2",
        "19 (see example.com/7)",
        "19 at 3f2a9c",
    ] {
        assert_eq!(last(text), LastNumber::Value(19.0), "{text}");
    }
    for text in ["", "nineteen", "v2", "1.2.3", "…", "-", "$", "."] {
        assert_eq!(last(text), LastNumber::None, "{text}");
    }
}

#[test]
fn what_may_be_read_in_two_ways_is_not_read() {
    assert_unreadable(&[
        ("19 or 3/4", "a fraction"),
        ("3⁄4", "a fraction"),
        ("½", "a power or a fraction"),
        ("2½", "a power or a fraction"),
        ("10²", "a power or a fraction"),
        (r"\frac{3}{4}", "a part of a fraction"),
        ("10^6", "an exponent"),
        ("10^{6}", "an exponent"),
        ("2**10", "an exponent"),
        ("√2", "under a root"),
        (r"\sqrt{2}", "under a root"),
        (r"\sqrt[3]{2}", "under a root"),
        ("3,14", "one number or several"),
        ("0,125", "one number or several"),
        ("1.234,56", "one number or several"),
        ("1.234.567", "one number or several"),
        ("12 345", "one number or several"),
        ("1e999", "too large"),
    ]);
    // One that can be read after it makes it good.
    assert_eq!(last("3/4 = 0.75"), LastNumber::Value(0.75));
}

#[test]
fn words_behind_a_number_multiply_it() {
    assert_reads(&[
        ("5 million", 5e6),
        ("about 1.1 million people", 1_100_000.0),
        ("-$2.5 billion", -2.5e9),
        ("$3bn", 3e9),
        ("5-10 Million", 1e7),
        ("5-million", 5e6),
        ("**5** million", 5e6),
        (r"\boxed{5\text{ million}}", 5e6),
        ("1,234 thousand", 1_234_000.0),
        ("3 crore", 3e7),
        ("2 million, or 19", 19.0),
        ("2 million\n19", 19.0),
        // Units, and words that only begin like one.
        ("273.15 K", 273.15),
        ("5m", 5.0),
        ("5 kg", 5.0),
        ("5km", 5.0),
        ("5 MB", 5.0),
        ("5 mm", 5.0),
        ("5 Ms", 5.0),
        ("5 k-means runs", 5.0),
        ("5 M&Ms", 5.0),
        ("5 millionaires", 5.0),
        ("5\nmillion", 5.0),
        ("5. Million", 5.0),
    ]);
    let several = "a multiple that can be read in more than one way";
    assert_unreadable(&[
        ("5k", several),
        ("5K", several),
        ("5 k", several),
        ("1.5M", several),
        ("$1.5M", several),
        ("$5m", several),
        ("5m€", several),
        ("$ 5 k and $5 K", several),
        ("5 M", several),
        ("7B", several),
        ("5 Millionen", several),
        ("500万", several),
        ("5 million-dollar houses", several),
        ("5 hundredths", "a part of one"),
        ("2 million 500 thousand", "a part of a larger number"),
        ("2 thousand and 5", "a part of a larger number"),
        ("1e3 million", "a multiple of a power"),
    ]);
    assert_fails(
        &json!({"number": 5}),
        "It is 5 million.",
        "the last number is 5000000, not 5",
    );
    assert_fails(
        &json!({"number": 1.5}),
        "It is $1.5M.",
        "the last number is written as `1.5M`, which is a multiple that can be read in more than one way; 1.5 is wanted",
    );
    // An expected value in a table stays a text.
    assert_eq!(["5 million", "5k", "5bn"].map(read), [None; 3]);
}

#[test]
fn a_verdict_names_the_number() {
    assert_passes(
        &json!({"number": 19}),
        "It is 19.0.",
        "the last number is 19",
    );
    assert_fails(
        &json!({"number": 19}),
        "19? No, 18.",
        "the last number is 18, not 19",
    );
    assert_fails(
        &json!({"number": 19}),
        "none",
        "there is no number in the answer; 19 is wanted",
    );
    assert_fails(
        &json!({"number": 0.75}),
        "It is 3/4.",
        "the last number is written as `3/4`, which is a fraction; 0.75 is wanted",
    );
    assert_fails(
        &json!({"number": -0.5}),
        "0.5",
        "the last number is 0.5, not -0.5",
    );
}

#[test]
fn a_tolerance_reaches_both_ways_and_holds_its_ends() {
    let check = json!({"number": {"value": 1, "tolerance": 0.1}});
    for (text, passed) in [
        ("1.1", true),
        ("0.9", true),
        ("1.11", false),
        ("0.89", false),
        ("-1", false),
    ] {
        assert_eq!(found(&check, text).0, Some(passed), "{text}");
    }
    assert_fails(&check, "1.2", "the last number is 1.2, not 1 ± 0.1");
}

#[test]
fn only_a_number_is_a_whole_number() {
    assert_eq!(
        ["19", " -1,234.5 ", "$5", "-$5", "50%", ".5", "−2"].map(read),
        [
            Some(19.0),
            Some(-1234.5),
            Some(5.0),
            Some(-5.0),
            Some(50.0),
            Some(0.5),
            Some(-2.0)
        ]
    );
    for text in [
        "", "19 20", "19kg", "x19", "3/4", "- 5", "--5", "nan", "1,2",
    ] {
        assert_eq!(read(text), None, "{text}");
    }
}

proptest! {
    #[test]
    fn what_is_written_is_read(value in -1e12f64..1e12, decimals in 0usize..6) {
        let written = format!("{value:.decimals$}");
        let value: f64 = written.parse().unwrap();
        for text in [written.clone(), format!("It was 7, now {written}."), format!("**${written}** (USD)")] {
            prop_assert_eq!(last(&text), LastNumber::Value(value), "{}", text);
        }
        prop_assert_eq!(read(&written), Some(value));
    }

    #[test]
    fn groups_of_three_are_read(value in 0u64..1_000_000_000_000) {
        let digits = crate::domain::figures::count(value);
        let value = value as f64;
        for separator in [",", "\u{a0}", "'", "_"] {
            let text = digits.replace(' ', separator);
            prop_assert_eq!(last(&text), LastNumber::Value(value));
        }
    }

    #[test]
    fn any_text_is_taken(text in r"([0-9]|[-−+.,:/^_{}$%e '½²\\]|\*\*|a|是|\n){0,24}") {
        if let LastNumber::Value(value) = last(&text) {
            prop_assert!(value.is_finite());
        }
        let _ = read(&text);
    }
}
