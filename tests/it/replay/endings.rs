//! Files that cannot be read or kept, and what is said at the end.

use super::stage::{Ended, Home, answer, sums_server};
use crate::loopback::{Gate, Loopback, Step};
use std::{fs, process::Command, process::Stdio};

/// The program under limits of the shell.
#[cfg(unix)]
fn limited(home: &Home, limits: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", &format!("{limits}; exec \"$0\" \"$@\"")])
        .arg(env!("CARGO_BIN_EXE_tierscope"))
        .args(arguments)
        .env_clear()
        .env("TIERSCOPE_HOME", home.path())
        .env("TIERSCOPE_KEYRING", "off")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

#[cfg(target_os = "linux")]
#[test]
fn standard_input_is_read_as_far_as_a_file_and_no_farther() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    // The limit is for the case that this test finds something.
    let mut command = limited(&home, "ulimit -v 8000000", &["replay", "-"]);
    command.stdin(fs::File::open("/dev/zero").expect("zeros"));
    let ended = Ended::of(command.spawn().expect("the program"));
    assert_eq!(ended.status, Some(2), "{}", ended.err);
    assert!(
        ended.err.contains("is larger than 256 MiB"),
        "{}",
        ended.err
    );
}

#[cfg(unix)]
#[test]
fn a_file_that_may_not_grow_is_an_error_and_no_death() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(150);
    // Counted in halves of a KiB or in whole ones, as the shell has it.
    let mut command = limited(&home, "ulimit -f 200", &["replay", &suite]);
    let ended = Ended::of(command.spawn().expect("the program"));
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("a limit of files"), "{}", ended.err);
    let sent = server.requests().len();
    assert!(sent < 150, "{sent} were paid for");
    let ended = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let again = server.requests().len();
    assert!(again > sent && again < sent + 150, "{sent}, then {again}");
}

#[test]
fn what_cannot_be_written_stops_a_batch_that_goes_on_before_anything_is_sent() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(3);
    let first = home.run(&["replay", &suite]);
    assert_eq!(first.status, Some(0), "{}", first.err);
    let history = rusqlite::Connection::open(home.history()).expect("opened");
    history
        .execute_batch(
            "DELETE FROM run WHERE position = 1; DELETE FROM cell WHERE run NOT IN (SELECT id FROM run);
             UPDATE batch SET ended_at = NULL;
             CREATE TRIGGER full BEFORE UPDATE ON batch BEGIN SELECT RAISE(ABORT, 'no room'); END;",
        )
        .expect("changed");
    drop(history);
    let sent = server.requests().len();
    let ended = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("no room"), "{}", ended.err);
    assert_eq!(server.requests().len(), sent);
}

#[test]
fn a_history_that_was_deleted_meanwhile_is_told_and_fails() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Loopback::route(move |_| {
        let mut reply = answer();
        reply.steps.insert(1, Step::Gate(held.clone()));
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(2);
    let child = home.spawn(&["replay", &suite]);
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    fs::remove_file(home.history()).expect("deleted");
    gate.open();
    let ended = Ended::of(child);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("holds 0 cells of this batch, and 2 ended"),
        "{}",
        ended.err
    );
}

#[test]
fn numbers_and_words_agree_and_money_that_ran_out_asks_for_more() {
    let server = sums_server();
    let home = Home::with_lanes(
        &server,
        &["mini"],
        "max_tokens = 100\nprice = { input = 1000, output = 2000 }\n",
    );
    let one = home.sums(1);
    let ended = home.run(&["replay", &one, "--max-cost", "0.0001"]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    let said = "; 1 cell is left; the same command with --resume and a higher --max-cost goes on.";
    assert!(ended.err.contains(said), "{}", ended.err);
    assert!(ended.err.contains("1 cell to do"), "{}", ended.err);
    let ended = home.run(&["replay", &one, "--resume"]);
    assert!(ended.err.contains("1 of 1 cell is left"), "{}", ended.err);
    assert!(ended.err.contains("1 of 1 cell in"), "{}", ended.err);
    assert!(!ended.err.contains("1 cells"), "{}", ended.err);
}
