//! Keys from bytes: each encoding, hostile sequences, and any split.

use super::Decoder;
use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers as Mod};
use proptest::prelude::*;

fn decoded(bytes: &[u8]) -> Vec<Event> {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    decoder.feed(bytes, &mut out);
    decoder.settle(&mut out);
    out
}

fn key(code: KeyCode, modifiers: Mod) -> Event {
    Event::Key(KeyEvent::new(code, modifiers))
}

#[test]
fn each_encoding_is_the_key() {
    let cases: &[(&str, KeyCode, Mod)] = &[
        ("a", KeyCode::Char('a'), Mod::NONE),
        ("A", KeyCode::Char('A'), Mod::SHIFT),
        ("é", KeyCode::Char('é'), Mod::NONE),
        ("漢", KeyCode::Char('漢'), Mod::NONE),
        ("\r", KeyCode::Enter, Mod::NONE),
        ("\n", KeyCode::Char('j'), Mod::CONTROL),
        ("\t", KeyCode::Tab, Mod::NONE),
        ("\x7f", KeyCode::Backspace, Mod::NONE),
        ("\x03", KeyCode::Char('c'), Mod::CONTROL),
        ("\x1a", KeyCode::Char('z'), Mod::CONTROL),
        ("\x00", KeyCode::Char(' '), Mod::CONTROL),
        ("\x1b", KeyCode::Esc, Mod::NONE),
        ("\x1bx", KeyCode::Char('x'), Mod::ALT),
        ("\x1b[", KeyCode::Char('['), Mod::ALT),
        ("\x1b\r", KeyCode::Enter, Mod::ALT),
        ("\x1b[A", KeyCode::Up, Mod::NONE),
        ("\x1bOB", KeyCode::Down, Mod::NONE),
        ("\x1b[1;5C", KeyCode::Right, Mod::CONTROL),
        ("\x1b[H", KeyCode::Home, Mod::NONE),
        ("\x1b[4~", KeyCode::End, Mod::NONE),
        ("\x1b[3;3~", KeyCode::Delete, Mod::ALT),
        ("\x1b[6~", KeyCode::PageDown, Mod::NONE),
        ("\x1bOP", KeyCode::F(1), Mod::NONE),
        ("\x1b[[B", KeyCode::F(2), Mod::NONE),
        ("\x1b[15~", KeyCode::F(5), Mod::NONE),
        ("\x1b[24~", KeyCode::F(12), Mod::NONE),
        ("\x1b[Z", KeyCode::BackTab, Mod::SHIFT),
        // The keyboard protocol, and xterm's way to say the same.
        ("\x1b[13;2u", KeyCode::Enter, Mod::SHIFT),
        ("\x1b[27;2;13~", KeyCode::Enter, Mod::SHIFT),
        ("\x1b[27u", KeyCode::Esc, Mod::NONE),
        ("\x1b[99;5u", KeyCode::Char('c'), Mod::CONTROL),
        ("\x1b[9;2u", KeyCode::BackTab, Mod::SHIFT),
        ("\x1b[57404u", KeyCode::Char('5'), Mod::NONE),
    ];
    for (bytes, code, modifiers) in cases {
        assert_eq!(
            decoded(bytes.as_bytes()),
            [key(*code, *modifiers)],
            "{bytes:?}"
        );
    }
}

#[test]
fn what_is_no_key_is_dropped_whole() {
    for bytes in [
        "\x1b[?62;22c",          // an answer to a question about the terminal
        "\x1b[12;40R",           // the cursor's position
        "\x1b]11;rgb:0/0/0\x07", // a colour
        "\x1b]11;rgb:0/0/0\x1b\\",
        "\x1bP>|term(1)\x1b\\", // a name
        "\x1b[<0;10;10M",       // the mouse
        "\x1b[97;1:3u",         // a key let go
        "\x1b[57441;2u",        // shift alone
    ] {
        assert_eq!(decoded(bytes.as_bytes()), [], "{bytes:?}");
    }
}

#[test]
fn bytes_that_are_no_text_are_dropped_and_the_next_key_is_read() {
    assert_eq!(
        decoded(b"\xff\xc3(\xe2\x82x"),
        [
            key(KeyCode::Char('('), Mod::NONE),
            key(KeyCode::Char('x'), Mod::NONE)
        ]
    );
}

#[test]
fn a_sequence_without_end_does_not_swallow_for_ever() {
    let mut bytes = vec![0x1b, b'['];
    bytes.extend(std::iter::repeat_n(b'1', 10_000));
    bytes.extend(b"Aq");
    let keys = decoded(&bytes);
    assert_eq!(keys.last(), Some(&key(KeyCode::Char('q'), Mod::NONE)));
}

#[test]
fn a_paste_is_one_event_whatever_it_holds() {
    let pasted = "two\r\nlines \x1b[31m and \x03 é";
    assert_eq!(
        decoded(format!("\x1b[200~{pasted}\x1b[201~x").as_bytes()),
        [
            Event::Paste(pasted.to_owned()),
            key(KeyCode::Char('x'), Mod::NONE)
        ]
    );
}

#[test]
fn time_does_not_end_a_paste() {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    decoder.feed(b"\x1b[200~half", &mut out);
    assert!(!decoder.is_unfinished());
    decoder.settle(&mut out);
    assert_eq!(out, []);
    decoder.feed(b" and half\x1b[201~", &mut out);
    assert_eq!(out, [Event::Paste("half and half".to_owned())]);
}

#[test]
fn an_escape_waits_for_what_may_follow() {
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    decoder.feed(b"\x1b", &mut out);
    assert_eq!(out, []);
    assert!(decoder.is_unfinished());
    decoder.feed(b"[A", &mut out);
    assert_eq!(out, [key(KeyCode::Up, Mod::NONE)]);
    assert!(!decoder.is_unfinished());
}

#[test]
fn time_does_not_end_a_character() {
    for (text, modifiers) in [("宽", Mod::NONE), ("🦀", Mod::NONE), ("\x1bé", Mod::ALT)] {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        let (start, end) = text.as_bytes().split_at(text.len() - 1);
        decoder.feed(start, &mut out);
        assert!(!decoder.is_unfinished(), "nothing wakes up for it");
        decoder.settle(&mut out);
        decoder.feed(end, &mut out);
        let letter = text.chars().last().unwrap();
        assert_eq!(out, [key(KeyCode::Char(letter), modifiers)]);
    }
    let mut decoder = Decoder::default();
    let mut out = Vec::new();
    decoder.feed(b"\xe5\xae", &mut out);
    decoder.settle(&mut out);
    decoder.feed(b"q\x1b", &mut out);
    assert!(decoder.is_unfinished());
    assert_eq!(out, [key(KeyCode::Char('q'), Mod::NONE)]);
}

fn pieces() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Z0-9 é漢🦀]{1,6}",
        Just("\x1b[1;5C".to_owned()),
        Just("\x1b[13;2u".to_owned()),
        Just("\x1bOP".to_owned()),
        Just("\x1b[200~pasted \x1b[20 text\x1b[201~".to_owned()),
        Just("\x1b]0;title\x07".to_owned()),
        Just("\r".to_owned()),
    ]
}

proptest! {
    #[test]
    fn any_split_gives_the_same_keys(
        pieces in prop::collection::vec(pieces(), 0..8),
        cuts in prop::collection::vec(0_usize..200, 0..12),
    ) {
        let bytes = pieces.concat().into_bytes();
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(bytes.len())).collect();
        cuts.push(bytes.len());
        cuts.sort_unstable();
        let mut from = 0;
        for cut in cuts {
            decoder.feed(&bytes[from..cut], &mut out);
            from = cut;
        }
        decoder.settle(&mut out);
        prop_assert_eq!(out, decoded(&bytes));
    }

    #[test]
    fn no_bytes_panic_or_are_kept_for_ever(bytes in prop::collection::vec(any::<u8>(), 0..600)) {
        let mut decoder = Decoder::default();
        let mut out = Vec::new();
        decoder.feed(&bytes, &mut out);
        decoder.settle(&mut out);
        prop_assert!(!decoder.is_unfinished());
    }
}
