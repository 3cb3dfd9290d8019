//! The playground in use: a typed prompt is answered, Ctrl-C stops, hostile text stays text.

use super::{
    kit::{Setup, lane},
    modes::Modes,
};
use crate::loopback::{Gate, Loopback, Reply, Speech, Step};

fn chunk(text: &str) -> String {
    let delta = serde_json::json!({ "choices": [{ "index": 0, "delta": { "content": text } }] });
    format!("data: {delta}\n\n")
}

#[test]
fn a_typed_prompt_is_answered_by_every_lane() {
    let one = Loopback::start([Speech::of(&["The first", " answer"]).openai()]);
    let two = Loopback::start([Speech::of(&["The second", " answer"]).openai()]);
    let config = lane("one", &one.url("/v1")) + &lane("two", &two.url("/v1"));
    let mut session = Setup::with_config(&config).size(120, 34).start();
    session.wait_text("one");
    session.send("What is it?\r");
    session.wait_text("The first answer");
    session.wait_text("The second answer");
    for server in [&one, &two] {
        let body = server.requests()[0].json();
        let asked = body["messages"].as_array().unwrap().last().unwrap().clone();
        assert_eq!(asked["content"], "What is it?");
    }
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert!(
        ended.screen.contains("one") && ended.screen.contains("two"),
        "the summary on the normal screen: {}",
        ended.screen
    );
}

#[cfg(feature = "local")]
#[test]
fn without_any_configuration_the_pocket_models_answer() {
    let mut session = Setup::without_config().size(120, 34).start();
    for name in [
        "pocket-base",
        "pocket-small",
        "pocket-flagship",
        "pocket-reasoning",
    ] {
        session.wait_text(name);
    }
    session.send("How many l's are in hello?\r");
    session.wait("four lanes done", |screen| {
        // A base model continues until it is cut.
        let text = screen.contents();
        text.matches("✓ done").count() + text.matches("✂ length").count() >= 4
    });
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert!(ended.screen.contains("pocket-flagship"), "{}", ended.screen);
    assert!(!ended.log.is_empty(), "llama.cpp speaks to the log");
    assert!(!String::from_utf8_lossy(&ended.raw).contains("sched_reserve"));
}

#[cfg(feature = "local")]
#[test]
fn the_demo_asks_a_prepared_prompt_at_one_key() {
    // What somebody configured is not touched, and not even read.
    let mut session = Setup::with_config("[[lane]]\nnonsense = 1\n")
        .size(120, 40)
        .args(&["demo"])
        .start();
    for name in ["pocket-reasoning", "loopback demo", "F7 tries one"] {
        session.wait_text(name);
    }
    session.send("\x1b[18~");
    session.wait_text("asked: How many r in strawberry?");
    session.wait("every lane done", |screen| {
        let text = screen.contents();
        text.matches("✓ done").count() >= 6 && !text.contains("✗")
    });
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
    assert!(ended.screen.contains("demo-flagship"), "{}", ended.screen);
}

#[test]
fn a_paste_is_text_and_sends_nothing() {
    let server = Loopback::start([Speech::of(&["Both lines"]).openai()]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1"))).start();
    session.wait_text("one");
    session.send("\x1b[200~first line\r\nsecond\x1b[31m line\x1b[201~");
    session.wait_text("second");
    assert_eq!(server.requests().len(), 0);
    session.send("\r");
    session.wait_text("Both lines");
    session.wait_text("✓ done");
    let body = server.requests()[0].json();
    let asked = body["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(asked["content"], "first line\nsecond\x1b[31m line");
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    let shown = String::from_utf8(ended.raw).unwrap();
    assert!(
        !shown.contains("second\x1b[31m"),
        "the paste is shown as text"
    );
}

#[test]
fn shift_enter_begins_a_new_line() {
    let server = Loopback::start([Speech::of(&["Two lines"]).openai()]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1"))).start();
    session.wait_text("one");
    session.send("first\x1b[13;2usecond\r");
    session.wait_text("Two lines");
    session.wait_text("✓ done");
    let body = server.requests()[0].json();
    let asked = body["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(asked["content"], "first\nsecond");
}

#[test]
fn without_a_terminal_it_says_what_to_use_instead() {
    let home = tempfile::TempDir::new().unwrap();
    let config = lane("one", "http://127.0.0.1:9/v1");
    std::fs::write(home.path().join("config.toml"), config).unwrap();
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .env("TIERSCOPE_HOME", home.path())
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{said}");
    assert!(said.contains("standard output is none"), "{said}");
    assert!(said.contains("hint: use `tierscope ask`"), "{said}");
    assert!(output.stdout.is_empty());
}

#[test]
fn much_that_is_typed_at_once_arrives_whole() {
    let server = Loopback::start([Speech::of(&["Got it"]).openai()]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1"))).start();
    session.wait_text("one");
    let prompt = "lorem ipsum dolor ".repeat(200) + "end";
    session.send(&prompt);
    session.send("\r");
    session.wait_text("Got it");
    let body = server.requests()[0].json();
    let asked = body["messages"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(asked["content"], prompt);
}

#[test]
fn ctrl_c_stops_what_runs_and_then_quits() {
    let gate = Gate::closed();
    let server = Loopback::start([Reply::events()
        .send(chunk("half an answer"))
        .step(Step::Gate(gate))]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1"))).start();
    session.wait_text("one");
    session.send("hello\r");
    session.wait_text("half an answer");
    session.send("\x03");
    session.wait_text("stopped");
    session.wait_text("half an answer");
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
}

#[test]
fn no_escape_sequence_of_an_answer_reaches_the_terminal() {
    let hostile = "before \x1b]52;c;aGk=\x07 \x1b]0;title\x1b\\ \x1b[2J\x1b[?1000h \x1bP1$r\x1b\\ \
                   \u{9b}31m \u{202e}drawkcab\u{202c} \x07\x08 \u{200b} after";
    let server = Loopback::start([
        Speech::of(&[hostile]).openai(),
        Reply::json(
            400,
            serde_json::json!({ "error": { "message": hostile } }).to_string(),
        ),
    ]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1")))
        .size(200, 50)
        .start();
    session.wait_text("one");
    session.send("hello\r");
    session.wait_text("before");
    session.wait_text("after");
    session.send("again\r");
    session.wait_text("rejected");
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.modes.foreign, [""; 0]);
    let modes = Modes::after(&ended.raw);
    assert_eq!(modes.set.get(&1000), None);
    let text = String::from_utf8(ended.raw).unwrap();
    for banned in ['\u{9b}', '\u{202e}', '\u{202c}', '\u{200b}', '\x07', '\x08'] {
        assert!(!text.contains(banned), "{banned:?} reached the terminal");
    }
}

#[test]
fn the_persons_editor_has_the_terminal_while_it_is_open() {
    let server = Loopback::start([Speech::of(&["Edited"]).openai()]);
    let mut session = Setup::with_config(&lane("one", &server.url("/v1")))
        .var(
            "EDITOR",
            "sh -c 'printf \"  %s-%s\" written outside > \"$0\"; echo closing'",
        )
        .start();
    session.wait_text("one");
    let seen = session.raw().len();
    session.send("\x05");
    session.wait_raw(seen, "the editor's own output", |raw| {
        let text = String::from_utf8_lossy(raw);
        text.split_once("\x1b[?1049l")
            .is_some_and(|(_, outside)| outside.contains("closing"))
    });
    session.wait_text("written-outside");
    session.send("\r");
    session.wait_text("Edited");
    session.send("\x03");
    session.ended().assert_restored();
}

#[test]
fn a_tape_is_played_in_the_playground_and_asks_nobody() {
    let server = Loopback::start([Speech::of(&["Nine", "teen"]).openai()]);
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("config.toml"),
        lane("one", &server.url("/v1")),
    )
    .unwrap();
    let tape = std::process::Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .env("TIERSCOPE_HOME", folder.path())
        .env("TIERSCOPE_KEYRING", "off")
        .args(["ask", "--format", "events", "12 + 7?"])
        .output()
        .unwrap();
    let file = folder.path().join("run.tape");
    std::fs::write(&file, tape.stdout).unwrap();
    let path = file.display().to_string();
    let mut session = Setup::without_config()
        .args(&["play", &path])
        .size(120, 34)
        .start();
    session.wait_text("Nineteen");
    session.wait_text("(played)");
    session.wait("done and no failure", |screen| {
        let text = screen.contents();
        text.contains("✓ done") && !text.contains("rejected")
    });
    assert_eq!(server.requests().len(), 1, "only the recording asked");
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
}
