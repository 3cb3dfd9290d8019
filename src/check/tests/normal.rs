//! Texts that look the same: one form is compared, and what cannot be seen is named.

use super::*;

#[test]
fn one_normal_form_is_compared() {
    let (one, two) = ("Caf\u{e9}", "Cafe\u{301}");
    for (answer, wanted) in [
        (one, two),
        (two, one),
        ("\u{1100}\u{1161}", "\u{ac00}"),
        ("\u{212b}", "\u{c5}"),
    ] {
        for check in [
            json!({ "equals": wanted }),
            json!({ "contains": wanted }),
            json!({ "one_of": [wanted, "x"] }),
            json!({ "regex": format!("^{wanted}$") }),
        ] {
            assert_eq!(found(&check, answer).0, Some(true), "{check} {answer:?}");
        }
        let banned = json!({ "not_contains": wanted });
        assert_eq!(found(&banned, answer).0, Some(false), "{answer:?}");
    }
    // Compatibility forms stay apart: ² is not 2.
    let check = json!({ "equals": "2" });
    assert_eq!(found(&check, "\u{b2}").0, Some(false));
}

#[test]
fn a_difference_that_nobody_sees_is_named() {
    let cases = [
        (
            "Caf\u{e9}\u{200b}",
            "Caf\u{e9}",
            "they look the same, but the answer has U+200B",
        ),
        (
            "a b",
            "a\u{a0}b",
            "they look the same, but the check has U+00A0",
        ),
        ("a  b", "a b", "they differ in white space alone"),
    ];
    for (answer, wanted, said) in cases {
        for check in [json!({ "equals": wanted }), json!({ "contains": wanted })] {
            if check["contains"]
                .as_str()
                .is_some_and(|part| answer.contains(part))
            {
                continue;
            }
            let (passed, reason) = found(&check, answer);
            assert_eq!(passed, Some(false), "{check}");
            assert!(reason.contains(said), "{reason}");
        }
    }
}
