//! What the three formats print.

use super::stage::{PLAIN, asking, named, printed};
use crate::{
    domain::{
        event::{FinishReason, LaneEvent, LaneEventKind, StreamEvent},
        failure::{FailureKind, LaneFailure},
        id::LaneId,
        record::{LaneStatus, RunRecord},
        run::RunState,
        tape::{TapeHeader, TapeLine},
        usage::{Usage, UsageSource},
    },
    headless::ask::{Format, Outcome, Style},
    run::{
        Lane,
        tests::script::{Act, answer, sent, stop, wait},
    },
};
use std::time::Duration;

fn thought(text: &str) -> Act {
    Act::Say(LaneEventKind::Stream(StreamEvent::reasoning(text)))
}

fn failed() -> Act {
    Act::Say(LaneEventKind::Failed {
        error: LaneFailure::new(FailureKind::Auth, "no \u{1b}[31mentry").with_status(401),
    })
}

fn usage() -> Act {
    Act::Say(LaneEventKind::Stream(StreamEvent::Usage {
        usage: Usage {
            prompt_tokens: Some(7),
            cached_prompt_tokens: None,
            cache_write_tokens: None,
            completion_tokens: Some(3),
            reasoning_tokens: Some(1),
            source: Some(UsageSource::Reported),
        },
    }))
}

/// Three lanes: the second speaks first, the third fails.
fn three() -> Vec<Lane> {
    vec![
        named(
            "slow",
            [
                sent(),
                wait(20),
                answer("one "),
                wait(80),
                answer("two"),
                usage(),
                stop(),
            ],
        ),
        named(
            "quick",
            [
                sent(),
                wait(10),
                thought("let me\nsee"),
                wait(40),
                answer("42\n"),
                stop(),
            ],
        ),
        named("locked", [sent(), failed()]),
    ]
}

#[tokio::test(start_paused = true)]
async fn a_single_lane_prints_its_answer_and_a_table() {
    let lanes = vec![named(
        "only",
        [
            sent(),
            wait(5),
            answer("Hel"),
            answer("lo"),
            usage(),
            stop(),
        ],
    )];
    let (out, err, outcome) = printed(asking(lanes, Format::Text, PLAIN)).await;
    assert_eq!(outcome, Outcome::Done);
    assert_eq!(err, "");
    let (text, table) = out.split_once("\n\n").expect("a table after an empty line");
    assert_eq!(text, "Hello");
    assert!(table.starts_with("lane "), "{table}");
    assert!(
        table.contains("only") && table.contains("✓ done"),
        "{table}"
    );
}

#[tokio::test(start_paused = true)]
async fn the_lane_that_speaks_first_streams_and_the_others_follow_under_their_headings() {
    let (out, err, outcome) = printed(asking(three(), Format::Text, PLAIN)).await;
    assert_eq!(outcome, Outcome::LaneFailed);
    assert_eq!(err, "");
    let expected = "── quick · quick-model · script\n│ let me\n│ see\n\n42\n\n\
                    ── slow · slow-model · script\none two\n\nlane ";
    assert!(out.starts_with(expected), "{out}");
    assert!(out.contains("✗ wrong key"), "{out}");
    assert!(out.contains("401 wrong key: no entry"), "{out}");
    assert!(!out.contains('\u{1b}'), "{out:?}");
}

#[tokio::test(start_paused = true)]
async fn quiet_leaves_the_answers_alone() {
    let style = Style {
        is_quiet: true,
        ..PLAIN
    };
    let lanes = vec![named("a", [sent(), thought("hm"), answer("42"), stop()])];
    let (out, err, _) = printed(asking(lanes, Format::Text, style)).await;
    assert_eq!((out.as_str(), err.as_str()), ("42\n", ""));
    let (out, err, outcome) = printed(asking(three(), Format::Text, style)).await;
    assert_eq!(outcome, Outcome::LaneFailed);
    assert!(!out.contains("let me") && !out.contains("✓"), "{out}");
    assert_eq!(err, "✗ locked: 401 wrong key: no entry\n");
}

#[tokio::test(start_paused = true)]
async fn colours_set_thinking_and_names_apart() {
    let style = Style {
        is_colored: true,
        ..PLAIN
    };
    let (out, _, _) = printed(asking(three(), Format::Text, style)).await;
    assert!(out.contains("── \u{1b}[1mquick\u{1b}[0m · "), "{out:?}");
    assert!(
        out.contains("\u{1b}[2m│ let me\n│ see\u{1b}[0m\n\n42\n"),
        "{out:?}"
    );
}

#[tokio::test(start_paused = true)]
async fn nothing_from_outside_acts_on_the_terminal() {
    let hostile = "a\u{1b}]0;title\u{7}\u{1b}[2Jb\u{9b}5m\u{202e}c\u{200b}\rd";
    let split = hostile.chars().map(|c| answer(&c.to_string()));
    let script = [sent(), thought(hostile)].into_iter().chain(split);
    let lane = named("n\u{1b}[1mame\u{202e}", script.chain([stop()]));
    let other = named("b", [sent(), wait(1), answer("x"), stop()]);
    for format in [Format::Text, Format::Json, Format::Events] {
        let asking = asking(vec![lane.clone(), other.clone()], format, PLAIN);
        let (out, err, _) = printed(asking).await;
        let is_bad = |c: &char| !crate::domain::sanitise::is_safe(*c);
        assert_eq!(out.chars().chain(err.chars()).find(is_bad), None, "{out:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_pipe_gets_the_exact_text() {
    let text = "\u{1f468}\u{200d}\u{1f469} so\u{ad}ft \u{645}\u{6cc}\u{200c}\u{62e} \u{202e}x\u{1b}[1m\u{fe0f}";
    let pieces = text.chars().map(|c| answer(&c.to_string()));
    let lane = named("one", [sent()].into_iter().chain(pieces).chain([stop()]));
    for (is_exact, expected) in [
        (true, text),
        (
            false,
            "\u{1f468}\u{200d}\u{1f469} soft \u{645}\u{6cc}\u{200c}\u{62e} x",
        ),
    ] {
        let style = Style {
            is_exact,
            is_quiet: true,
            ..PLAIN
        };
        let (out, _, _) = printed(asking(vec![lane.clone()], Format::Text, style)).await;
        assert_eq!(out, format!("{expected}\n"));
    }
}

#[tokio::test(start_paused = true)]
async fn json_is_one_document_with_every_lane() {
    let (out, err, outcome) = printed(asking(three(), Format::Json, PLAIN)).await;
    assert_eq!(outcome, Outcome::LaneFailed);
    assert_eq!(err, "");
    let record: RunRecord = serde_json::from_str(&out).expect("one document");
    assert_eq!(record.schema, 1);
    assert_eq!(record.run.prompt.text, "hello");
    let [slow, quick, locked] = record.lanes.as_slice() else {
        panic!("three lanes: {record:?}");
    };
    assert_eq!(
        (slow.answer.as_str(), slow.status),
        ("one two", LaneStatus::Done)
    );
    assert_eq!(slow.finish_reason, Some(FinishReason::Stop));
    assert_eq!(slow.usage.completion_tokens, Some(3));
    assert_eq!(slow.timing.ttft_ms, Some(20.0));
    assert_eq!(slow.timing.e2e_ms, Some(100.0));
    assert_eq!(quick.reasoning, "let me\nsee");
    assert_eq!(quick.timing.thinking_ms, Some(40.0));
    assert_eq!(quick.usage.source, Some(UsageSource::Estimated));
    assert_eq!(locked.status, LaneStatus::Failed);
    assert_eq!(locked.error.as_ref().expect("failed").status, Some(401));
}

#[tokio::test(start_paused = true)]
async fn events_are_a_tape_that_folds_to_the_same_record() {
    let lanes = three();
    let (out, err, outcome) = printed(asking(lanes.clone(), Format::Events, PLAIN)).await;
    assert_eq!(outcome, Outcome::LaneFailed);
    assert_eq!(err, "");
    let mut tape_lines = out.lines();
    let header: TapeHeader =
        serde_json::from_str(tape_lines.next().expect("a header")).expect("header");
    assert_eq!((header.schema, header.lanes.len()), (1, 3));
    let mut tape = RunState::new(3);
    for event in tape_lines {
        let line: TapeLine = serde_json::from_str(event).expect("an event");
        let id = header.lanes.iter().position(|lane| lane.lane == line.lane);
        tape.apply(&LaneEvent {
            lane: LaneId(id.expect("a lane of the header")),
            at: Duration::from_micros(line.at_us),
            kind: line.event,
        });
    }
    assert!(tape.is_settled());
    let plans = || lanes.iter().map(|lane| lane.plan.as_ref());
    let read = RunRecord::new(header.run.clone(), plans(), &tape);
    let (json, _, _) = printed(asking(lanes.clone(), Format::Json, PLAIN)).await;
    let mut told: RunRecord = serde_json::from_str(&json).expect("a record");
    told.run = header.run;
    for (told, read) in told.lanes.iter_mut().zip(&read.lanes) {
        // Two runs: how long each lane was queued is not scripted.
        assert!(told.timing.queue_ms.is_some() && read.timing.queue_ms.is_some());
        told.timing.queue_ms = read.timing.queue_ms;
    }
    assert_eq!(told, read);
}

#[tokio::test(start_paused = true)]
async fn progress_is_wiped_before_anything_else_is_printed() {
    let loading = |percent| Act::Say(LaneEventKind::Loading { percent });
    let lanes = vec![named(
        "big",
        [
            loading(0),
            wait(500),
            loading(50),
            wait(500),
            sent(),
            answer("x"),
            stop(),
        ],
    )];
    for format in [Format::Text, Format::Json] {
        let mut asking = asking(lanes.clone(), format, PLAIN);
        asking.shows_progress = true;
        let (out, err, _) = printed(asking).await;
        assert!(!out.contains('\u{1b}'), "{out}");
        assert!(err.contains("big: loading 50 %"), "{err:?}");
        assert!(err.ends_with("\r\u{1b}[2K"), "{err:?}");
    }
}
