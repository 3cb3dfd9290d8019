//! Where the prompt comes from, and what the formats print.

use super::{schema::Schema, stage::Home};
use crate::loopback::{Loopback, Reply, Speech};
use serde_json::Value;
use std::time::Duration;
use tierscope::domain::{
    event::LaneEvent,
    id::LaneId,
    record::RunRecord,
    run::RunState,
    tape::{TapeHeader, TapeLine},
};

fn server() -> Loopback {
    let speech = Speech::of(&["Hel", "lo"]).thinking(&["hm"]);
    Loopback::route(move |_| speech.openai())
}

/// The prompts that were received, from the last message of each body.
fn prompts(server: &Loopback) -> Vec<String> {
    let requests = server.requests();
    let bodies = requests
        .iter()
        .map(|request| serde_json::from_slice::<Value>(&request.body).expect("JSON"));
    bodies
        .map(|body| {
            body["messages"][0]["content"]
                .as_str()
                .expect("text")
                .to_owned()
        })
        .collect()
}

#[test]
fn the_prompt_is_an_argument_a_file_or_standard_input() {
    let server = server();
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let path = home.file("prompt.txt", b"from\na file\n");
    home.asked(&["argument"]).with_code(0);
    home.asked(&["-f", &path]).with_code(0);
    home.asked_with_input(&["-"], b"from a dash\n").with_code(0);
    home.asked_with_input(&[], "from a pipe: ü".as_bytes())
        .with_code(0);
    home.asked_with_input(&["-f", "-"], b"from a file of a dash")
        .with_code(0);
    assert_eq!(
        prompts(&server),
        [
            "argument",
            "from\na file",
            "from a dash",
            "from a pipe: ü",
            "from a file of a dash"
        ]
    );
}

#[test]
fn what_is_no_prompt_asks_nobody() {
    let server = server();
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let path = home.file("prompt.txt", b"x");
    let latin = home.file("latin.txt", b"\xe9");
    for arguments in [
        &["x", "-f", path.as_str()][..],
        &[""],
        &["-f", "/nowhere/at/all"],
        &["-f", latin.as_str()],
        &["-"],
        &[],
        &["x", "--format", "xml"],
        &["x", "--lane", "nobody"],
    ] {
        let asked = home.asked(arguments).with_code(2);
        assert_eq!(asked.out, "", "{arguments:?}");
        assert!(asked.err.contains("error:"), "{arguments:?}: {}", asked.err);
    }
    assert_eq!(server.connections(), 0);
}

#[test]
fn text_is_the_answer_and_a_table() {
    let server = server();
    let home = Home::with_lanes(&server.url("/v1"), &["a"]);
    let asked = home.asked(&["hi"]).with_code(0);
    assert!(
        asked.out.starts_with("│ hm\n\nHello\n\nlane "),
        "{}",
        asked.out
    );
    assert!(asked.out.contains("✓ done"), "{}", asked.out);
    assert_eq!(asked.err, "");
    let asked = home.asked(&["hi", "-q"]).with_code(0);
    assert_eq!((asked.out.as_str(), asked.err.as_str()), ("Hello\n", ""));
    let asked = home.asked(&["hi", "--color", "always"]).with_code(0);
    assert!(
        asked.out.starts_with("\u{1b}[2m│ hm\u{1b}[0m\n\nHello\n"),
        "{:?}",
        asked.out
    );
}

#[test]
fn events_are_a_tape_that_folds_to_what_json_says() {
    let server = server();
    let home = Home::with_lanes(&server.url("/v1"), &["a", "b"]);
    let tape = home.asked(&["hi", "--format", "events"]).with_code(0);
    let schema = Schema::load("tape.json");
    let lines: Vec<Value> = tape
        .out
        .lines()
        .map(|line| serde_json::from_str(line).expect("a line of JSON"))
        .collect();
    for line in &lines {
        schema.accepts(line);
    }
    let header: TapeHeader = serde_json::from_value(lines[0].clone()).expect("a header");
    let mut state = RunState::new(header.lanes.len());
    for line in &lines[1..] {
        let line: TapeLine = serde_json::from_value(line.clone()).expect("an event");
        let id = header.lanes.iter().position(|lane| lane.lane == line.lane);
        state.apply(&LaneEvent {
            lane: LaneId(id.expect("a lane of the header")),
            at: Duration::from_micros(line.at_us),
            kind: line.event,
        });
    }
    assert!(state.is_settled());
    let json = home.asked(&["hi", "--format", "json"]).with_code(0);
    let record: RunRecord = serde_json::from_str(&json.out).expect("a record");
    assert_eq!(record.run.prompt, header.run.prompt);
    for (folded, told) in state.lanes.iter().zip(&record.lanes) {
        assert_eq!(folded.answer, told.answer);
        assert_eq!(folded.reasoning, told.reasoning);
        assert_eq!(folded.usage(), told.usage);
        assert_eq!(folded.finish(), told.finish_reason);
        assert_eq!(folded.attempts, told.attempts);
        assert_eq!(
            folded.timing().ttft_ms.is_some(),
            told.timing.ttft_ms.is_some()
        );
    }
}

#[test]
fn one_lane_that_fails_leaves_the_others_and_makes_the_status_3() {
    let speech = Speech::of(&["fine"]).openai();
    let server = Loopback::route(move |request| {
        if String::from_utf8_lossy(&request.body).contains("\"bad\"") {
            Reply::json(
                401,
                r#"{"error":{"message":"no \u001b[31mentry","type":"auth"}}"#,
            )
        } else {
            speech.clone()
        }
    });
    let home = Home::with_lanes(&server.url("/v1"), &["good", "bad"]);
    let asked = home.asked(&["hi"]).with_code(3);
    assert!(asked.out.contains("── good · "), "{}", asked.out);
    assert!(
        asked.out.contains("401 wrong key: no entry"),
        "{}",
        asked.out
    );
    let asked = home.asked(&["hi", "--format", "json"]).with_code(3);
    let record: Value = serde_json::from_str(&asked.out).expect("a document");
    Schema::load("run.json").accepts(&record);
    assert_eq!(record["lanes"][0]["answer"], "fine");
    assert_eq!(record["lanes"][1]["error"]["kind"], "auth");
    assert_eq!(record["lanes"][1]["error"]["status"], 401);
}

#[test]
fn no_lane_at_all_is_a_mistake_with_a_hint() {
    let home = Home::new(
        "[[lane]]\nname = \"off\"\nprovider = \"ollama\"\nmodel = \"x\"\nenabled = false\n",
    );
    let asked = home.asked(&["hi"]).with_code(2);
    assert!(asked.err.contains("hint:"), "{}", asked.err);
}
