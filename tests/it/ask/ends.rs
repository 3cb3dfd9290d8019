//! Signals and closed pipes.

use super::stage::{Asked, Home};
use crate::loopback::{Loopback, Reply, Speech, Step};
use serde_json::Value;
use std::{
    io::{BufRead, BufReader, Read},
    process::Child,
    time::Duration,
};

/// Says two words and then nothing more.
fn stalled() -> Loopback {
    let speech = Speech::of(&["two ", "words", "more"]).openai();
    Loopback::route(move |_| speech.clone().broken_after(3, Step::Stall))
}

/// Reads lines until one holds this text.
fn read_until(out: &mut impl BufRead, text: &str) -> String {
    let mut read = String::new();
    while !read.contains(text) {
        let before = read.len();
        out.read_line(&mut read).expect("UTF-8");
        assert!(read.len() > before, "ended before `{text}`: {read}");
    }
    read
}

#[cfg(unix)]
fn send(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_child(child);
    rustix::process::kill_process(pid, signal).expect("still there");
}

#[cfg(unix)]
#[test]
fn signals_stop_the_lanes_and_print_what_there_is() {
    use rustix::process::Signal;
    for (signal, code) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let server = stalled();
        let home = Home::with_lanes(&server.url("/v1"), &["a"]);
        let mut child = home.start(&mut home.ask(&["hi", "--format", "events"]));
        let mut out = BufReader::new(child.stdout.take().expect("piped"));
        read_until(&mut out, "words");
        send(&child, signal);
        let mut rest = String::new();
        out.read_to_string(&mut rest).expect("UTF-8");
        assert!(
            rest.contains("\"cancelled\"") && rest.contains("\"settled\""),
            "{rest}"
        );
        let asked = Asked::of(child.wait_with_output().expect("ended")).with_code(code);
        assert_eq!(asked.err, "");
        server.wait_blocking(|log| log.requests.first()?.closed_at);
    }
}

#[cfg(unix)]
#[test]
fn an_interrupted_document_is_complete() {
    let server = stalled();
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let child = home.start(&mut home.ask(&["hi", "--format", "json"]));
    server.wait_blocking(|log| (log.sent.len() >= 3).then_some(()));
    send(&child, rustix::process::Signal::INT);
    let asked = Asked::of(child.wait_with_output().expect("ended")).with_code(130);
    let document: Value = serde_json::from_str(&asked.out).expect("a document");
    super::schema::Schema::load("run.json").accepts(&document);
    assert_eq!(document["lanes"][0]["status"], "cancelled");
}

#[cfg(unix)]
#[test]
fn a_second_signal_ends_at_once_though_nobody_reads() {
    // More text than a pipe holds, and nobody reads it: the program cannot write its last words.
    let text = "x".repeat(1 << 20);
    let speech = Speech::of(&[&text, "end"]).openai();
    let server = Loopback::route(move |_| speech.clone().broken_after(2, Step::Stall));
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    // The limit is high, so that nothing but the first signal closes the connection.
    let mut child = home.start(&mut home.ask(&["hi", "--max-tokens", "1000000"]));
    server.wait_blocking(|log| (log.sent.len() >= 2).then_some(()));
    let mut out = child.stdout.take().expect("piped");
    let mut first = [0];
    out.read_exact(&mut first).expect("text");
    send(&child, rustix::process::Signal::INT);
    server.wait_blocking(|log| log.requests.first()?.closed_at);
    send(&child, rustix::process::Signal::INT);
    assert_eq!(child.wait().expect("ended").code(), Some(130));
    drop(out);
}

#[test]
fn an_endless_answer_stops_at_the_token_limit_or_at_the_deadline() {
    let chunk =
        r#"data: {"choices":[{"index":0,"delta":{"content":"more "},"finish_reason":null}]}"#;
    let chunk = format!("{chunk}\n\n");
    let server = Loopback::route(move |request| {
        let is_fast = request.index == 0;
        let pause = Duration::from_millis(if is_fast { 0 } else { 20 });
        Reply::events().step(Step::Endless(chunk.clone().into_bytes(), pause))
    });
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let told = |arguments: &[&str], code| -> Value {
        let asked = home.asked(arguments).with_code(code);
        let mut document: Value = serde_json::from_str(&asked.out).expect("a document");
        super::schema::Schema::load("run.json").accepts(&document);
        document["lanes"][0].take()
    };
    let cut = told(&["hi", "--format", "json", "--max-tokens", "8"], 0);
    assert_eq!(cut["finish_reason"], "length");
    let chars = cut["answer"].as_str().expect("text").len();
    assert!(
        (4 * 1_056..4 * 1_056 + 64).contains(&chars),
        "{chars} characters"
    );
    let late = told(
        &[
            "hi",
            "--format",
            "json",
            "--timeout",
            "1s",
            "--schedule",
            "fair",
        ],
        3,
    );
    assert_eq!(late["error"]["kind"], "timeout");
    assert!(late["answer"].as_str().expect("text").starts_with("more "));
    for request in 0..2 {
        server.wait_blocking(|log| log.requests.get(request)?.closed_at);
    }
}

#[test]
fn a_closed_pipe_is_silent_and_no_error() {
    let speech = Speech::of(&["a "; 200]).paced(Duration::from_millis(5), Duration::from_millis(5));
    let server = Loopback::start([speech.openai(), Reply::status(500)]);
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let mut child = home.start(&mut home.ask(&["hi", "--format", "events"]));
    let mut out = BufReader::new(child.stdout.take().expect("piped"));
    read_until(&mut out, "\"answer\"");
    drop(out);
    let asked = Asked::of(child.wait_with_output().expect("ended")).with_code(0);
    assert_eq!(asked.err, "");
}
