//! However the playground ends, or pauses, the terminal is as it was.

use super::{
    kit::{GLANCE, PATIENCE, Session, Setup, lane},
    modes::{ALTERNATE, Modes, PASTE, WHEEL},
};
use crate::loopback::{Gate, Loopback, Reply, Step};
use rustix::process::Signal;
use std::time::Instant;

/// A lane that nobody ever answers: enough to look at.
fn idle() -> Setup {
    Setup::with_config(&lane("quiet", "http://127.0.0.1:9/v1"))
}

/// The first frame stands.
fn started(setup: Setup) -> Session {
    let mut session = setup.start();
    session.wait_text("tierscope");
    session.wait_text("quiet");
    session
}

fn is_ours(session: &mut Session) {
    session.wait("the alternate screen", |screen| {
        screen.alternate_screen() && screen.contents().contains("tierscope")
    });
}

#[test]
fn while_it_runs_the_terminal_is_ours() {
    let session = started(idle());
    let (before, now) = session.termios();
    assert_ne!(before, now, "raw mode");
    let modes = Modes::after(&session.raw());
    assert!(modes.is_on(ALTERNATE) && modes.is_on(PASTE));
    assert_eq!(modes.keyboard, 1);
    assert!(
        !modes.is_on(1000) && !modes.is_on(1006),
        "the mouse is free"
    );
    assert!(!modes.is_on(WHEEL), "the wheel is no arrow key");
    assert_eq!(modes.foreign, [""; 0], "it asks the terminal nothing");
}

#[test]
fn quitting_restores_the_terminal() {
    let mut session = started(idle());
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert_eq!(ended.modes.set.get(&ALTERNATE), Some(&1));
}

#[test]
fn an_error_restores_the_terminal_and_is_told_on_the_normal_screen() {
    let ended = idle().var("TIERSCOPE_TEST_PANIC", "error").start().ended();
    ended.assert_restored();
    assert_eq!(ended.status, 1);
    assert!(ended.screen.contains("rehearsed error"), "{}", ended.screen);
}

#[test]
fn a_panic_restores_the_terminal_before_it_is_told() {
    let ended = idle().var("TIERSCOPE_TEST_PANIC", "loop").start().ended();
    ended.assert_restored();
    assert_eq!(ended.status, 101);
    assert!(
        ended.screen.contains("rehearsed panic of the loop"),
        "{}",
        ended.screen
    );
}

#[test]
fn a_panic_of_a_task_goes_to_the_log_and_the_screen_stays() {
    let mut session = idle().var("TIERSCOPE_TEST_PANIC", "task").start();
    is_ours(&mut session);
    let log = session.home().join("tierscope.log");
    session.wait("the panic in the log", |_| {
        std::fs::read_to_string(&log).is_ok_and(|log| log.contains("rehearsed panic of a task"))
    });
    is_ours(&mut session);
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert!(ended.log.contains("rehearsed"));
    assert!(!String::from_utf8_lossy(&ended.raw).contains("rehearsed"));
}

#[test]
fn signals_that_end_it_restore_the_terminal() {
    for (signal, status) in [
        (Signal::TERM, 143),
        (Signal::HUP, 143),
        (Signal::QUIT, 143),
        (Signal::INT, 130),
    ] {
        let session = started(idle());
        session.signal(signal);
        let ended = session.ended();
        ended.assert_restored();
        assert_eq!(ended.status, status, "{signal:?}");
    }
}

#[test]
fn a_signal_ends_it_in_the_middle_of_answers() {
    let gate = Gate::closed();
    let server = Loopback::start([Reply::events()
        .send("data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"half an answer\"}}]}\n\n")
        .step(Step::Gate(gate))]);
    let mut session = Setup::with_config(&lane("quiet", &server.url("/v1"))).start();
    session.wait_text("quiet");
    session.send("hello\r");
    session.wait_text("half an answer");
    session.signal(Signal::TERM);
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 143);
}

/// A command line that takes the terminal as an editor does, and then goes on until somebody ends it. Deaf to SIGHUP:
/// the program leads its session here, so the system sends one to all that it leaves behind.
fn editor(rest: &str) -> String {
    let modes = r"\033[?1049h\033[?2004h\033[>1u\033[?1000h\033[?25l";
    format!(
        "sh -c 'trap \"\" HUP; stty raw -echo; printf \"{modes}\"; echo $$ > \"$HOME/ids\"; {rest}'"
    )
}

#[test]
fn a_signal_ends_an_open_editor_too_and_undoes_what_it_did() {
    let alone = "echo ready >> \"$HOME/ids\"; exec sleep 600";
    let with_child = "sleep 600 & echo $! >> \"$HOME/ids\"; echo ready >> \"$HOME/ids\"; wait";
    let deaf = format!("trap \"\" TERM; {with_child}");
    for (signal, rest) in [
        (Signal::TERM, alone),
        (Signal::HUP, alone),
        (Signal::TERM, with_child),
        (Signal::TERM, &deaf),
    ] {
        let mut session = started(idle().var("EDITOR", editor(rest)));
        session.send("\x05");
        let list = session.home().join("ids");
        let mut ids = String::new();
        session.wait("an open editor", |_| {
            ids = std::fs::read_to_string(&list).unwrap_or_default();
            ids.ends_with("ready\n")
        });
        session.signal(signal);
        // First: whoever still has the terminal keeps its output open.
        for id in ids.lines().filter(|line| *line != "ready") {
            wait_gone(id);
        }
        let ended = session.ended();
        ended.assert_restored();
        assert_eq!(ended.status, 143);
    }
}

#[test]
fn a_terminal_that_goes_away_ends_it() {
    assert_eq!(started(idle()).vanish(), 143);
}

#[test]
fn a_terminal_that_goes_away_without_a_signal_ends_it_too() {
    assert_eq!(started(idle().without_hangup()).vanish(), 143);
}

#[test]
fn suspended_it_gives_the_terminal_back_and_resumed_it_draws_everything() {
    let mut session = started(idle());
    session.signal(Signal::TSTP);
    session.wait_stopped();
    session.wait_raw(0, "the terminal given back", |raw| {
        String::from_utf8_lossy(raw).contains("\x1b[?1049l")
    });
    let (before, now) = session.termios();
    assert_eq!(before, now, "the line settings while it is stopped");
    let raw = session.raw();
    Modes::after(&raw).assert_restored();

    session.signal(Signal::CONT);
    let seen = raw.len();
    session.wait_raw(seen, "a whole frame", |raw| {
        let text = String::from_utf8_lossy(raw);
        text.contains("\x1b[?1049h") && text.contains("tierscope") && text.contains("quiet")
    });
    is_ours(&mut session);
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert_eq!(ended.modes.set.get(&ALTERNATE), Some(&2));
}

#[test]
fn suspended_by_a_key_it_does_the_same() {
    let mut session = started(idle());
    session.send("\x1a");
    session.wait_stopped();
    session.wait_raw(0, "the terminal given back", |raw| {
        String::from_utf8_lossy(raw).contains("\x1b[?1049l")
    });
    Modes::after(&session.raw()).assert_restored();
    session.signal(Signal::CONT);
    is_ours(&mut session);
    session.signal(Signal::TERM);
    session.ended().assert_restored();
}

#[test]
fn stopped_without_warning_it_takes_the_terminal_again() {
    let mut session = started(idle());
    session.signal(Signal::STOP);
    session.wait_stopped();
    let seen = session.raw().len();
    session.signal(Signal::CONT);
    session.wait_raw(seen, "a whole frame", |raw| {
        String::from_utf8_lossy(raw).contains("tierscope")
    });
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
}

/// Waits until no process with this number runs any more.
fn wait_gone(id: &str) {
    let deadline = Instant::now() + PATIENCE;
    // One that nobody has asked for its status is gone all the same.
    while std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| !stat.rsplit(')').next().unwrap().trim().starts_with('Z'))
    {
        assert!(Instant::now() < deadline, "process {id} still runs");
        std::thread::park_timeout(GLANCE);
    }
}
