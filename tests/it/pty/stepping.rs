//! `play --speed step`: what to press is said, what is pressed does not show, and the terminal gets its echo back.

use super::kit::{Session, Setup};
use rustix::process::Signal;

const HEADER: &str = r#"{"schema":1,"run":{"id":"r","started_at":"","schedule":"race","prompt":{"system":null,"text":"hi"},"version":""},"lanes":[{"lane":"a","tier":null,"provider":"openai","model":"m","access":"api"}]}"#;

/// A recording of three pieces, of which the first is not shown yet.
fn begun() -> Session {
    let setup = Setup::without_config().args(&["play", "three.tape", "--speed", "step"]);
    let mut lines = vec![
        HEADER.to_owned(),
        r#"{"lane":"a","at_us":0,"event":"sent","attempt":1}"#.to_owned(),
    ];
    for (at, piece) in ["un", "believ", "able"].iter().enumerate() {
        let at = at + 1;
        lines.push(format!(
            r#"{{"lane":"a","at_us":{at},"event":"answer","text":"{piece}"}}"#
        ));
    }
    lines.push(r#"{"lane":"a","at_us":9,"event":"finished","reason":"stop"}"#.to_owned());
    setup.file("three.tape", &(lines.join("\n") + "\n"));
    let mut session = setup.start();
    session.wait_text("Return shows the next piece, Ctrl-D all that is left, Ctrl-C ends");
    let (before, now) = session.termios();
    assert_ne!(before, now, "no echo");
    session
}

#[test]
fn a_word_stays_whole_while_it_is_stepped_through() {
    let mut session = begun();
    for shown in ["un", "unbeliev", "unbelievable"] {
        session.send("\r");
        session.wait(shown, |screen| {
            screen.contents().lines().any(|line| line.trim() == shown)
        });
    }
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0, "{}", ended.screen);
}

#[test]
fn the_end_of_the_input_brings_the_rest() {
    let mut session = begun();
    session.send("\r\x04");
    session.wait_text("unbelievable");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0, "{}", ended.screen);
}

#[test]
fn stopped_it_gives_the_terminal_its_echo_back() {
    let session = begun();
    session.signal(Signal::INT);
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 130, "{}", ended.screen);
    for signal in [Signal::TERM, Signal::HUP, Signal::QUIT] {
        let session = begun();
        session.signal(signal);
        let ended = session.ended();
        ended.assert_restored();
        assert_eq!(ended.status, 143, "{signal:?}: {}", ended.screen);
    }
    // By the key, too.
    let mut session = begun();
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 130, "{}", ended.screen);
}
