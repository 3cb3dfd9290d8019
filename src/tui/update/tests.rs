//! Tests of what messages do: keys first, then runs, then any sequence of anything.

mod anything;
mod costs;
mod prepared;
mod quitting;

use super::*;
use crate::{
    domain::{
        event::{FinishReason, LaneEvent, LaneEventKind, StreamEvent},
        id::LaneId,
        plan::Schedule,
        tier::Tier,
    },
    tui::{
        model::RunNumber,
        view::tests::{Bench, four_lanes, local, remote},
    },
};
use ratatui::crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use std::time::Duration;

fn bench() -> Bench {
    Bench::new((120, 40), four_lanes())
}

/// A run with one lane that ended; three go on.
fn running() -> Bench {
    let mut bench = bench();
    bench.ask("hello");
    bench.stream(0, 10, StreamEvent::answer("hi"));
    let reason = FinishReason::Stop;
    bench.stream(0, 10, StreamEvent::Finished { reason });
    bench.settle(0, 10);
    bench.effects.clear();
    bench
}

fn settle_all(bench: &mut Bench) {
    for lane in 0..4 {
        bench.event(lane, 20, LaneEventKind::Cancelled);
        bench.settle(lane, 20);
    }
}

#[test]
fn lanes_get_ready_once_at_the_start() {
    let mut bench = bench();
    let lanes = vec![0, 1, 2, 3];
    assert_eq!(bench.effects, [Effect::Prepare { lanes }]);
    bench.send(Msg::Resize {
        columns: 100,
        rows: 30,
    });
    assert_eq!(bench.effects.len(), 1);
    bench.send(Msg::LanesFound(vec![local("found", Tier::Mid)]));
    assert_eq!(bench.effects[1], Effect::Prepare { lanes: vec![4] });
}

#[test]
fn enter_asks_all_lanes_that_are_on() {
    let mut bench = bench();
    bench.effects.clear();
    bench.type_text("hello");
    bench.press(KeyEvent::new(KeyCode::Enter, KeyModifiers::ALT));
    bench.type_text("world");
    bench.key(KeyCode::Enter);
    assert_eq!(
        bench.effects,
        [Effect::StartRun {
            run: RunNumber(1),
            prompt: "hello\nworld".to_owned(),
            schedule: Schedule::Race,
            lanes: vec![0, 1, 2, 3],
        }]
    );
    assert_eq!(bench.model.editor.text(), "");
}

#[test]
fn an_empty_prompt_and_no_lanes_are_told() {
    let mut bench = bench();
    bench.effects.clear();
    bench.type_text("  ");
    bench.key(KeyCode::Enter);
    assert!(bench.text().contains("type a prompt first"));
    let mut bench = Bench::new((120, 40), Vec::new());
    bench.ask("hello");
    assert!(bench.effects.is_empty());
    assert!(bench.text().contains("no lane is switched on"));
    assert_eq!(bench.model.editor.text(), "hello", "nothing is lost");
}

#[test]
fn asking_while_a_run_goes_on_stops_it_first() {
    let mut bench = running();
    bench.key(KeyCode::F(5));
    let run = RunNumber(1);
    assert_eq!(bench.effects[0], Effect::CancelAll { run });
    assert!(
        matches!(&bench.effects[1], Effect::StartRun { run: RunNumber(2), prompt, .. } if prompt == "hello")
    );
    // What still comes from the first run no longer counts.
    let events = vec![LaneEvent {
        lane: LaneId(1),
        at: Duration::from_millis(5),
        kind: LaneEventKind::Stream(StreamEvent::answer("late")),
    }];
    bench.send(Msg::RunEvents { run, events });
    assert!(!bench.text().contains("late"));
}

#[test]
fn ctrl_c_stops_then_quits() {
    let mut bench = running();
    bench.ctrl('c');
    let run = RunNumber(1);
    assert_eq!(bench.effects, [Effect::CancelAll { run }]);
    bench.now = Duration::from_millis(900);
    bench.ctrl('c');
    assert_eq!(
        bench.effects[1..],
        [Effect::CancelAll { run }, Effect::Quit]
    );
}

#[test]
fn ctrl_c_much_later_stops_again_and_quits_when_nothing_runs() {
    let mut bench = running();
    bench.ctrl('c');
    bench.now = Duration::from_millis(1_500);
    bench.ctrl('c');
    assert!(!bench.effects.contains(&Effect::Quit));
    settle_all(&mut bench);
    bench.now = Duration::from_secs(5);
    bench.effects.clear();
    bench.ctrl('c');
    assert_eq!(bench.effects, [Effect::Quit]);
}

#[test]
fn one_lane_is_stopped_by_its_id_in_the_run() {
    let mut bench = bench();
    bench.key(KeyCode::F(2));
    bench.key(KeyCode::Char(' '));
    bench.key(KeyCode::Esc);
    bench.ask("hello");
    bench.effects.clear();
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('2'));
    bench.key(KeyCode::Char('x'));
    let (run, lane) = (RunNumber(1), LaneId(1));
    assert_eq!(bench.effects, [Effect::CancelLane { run, lane }]);
    assert_eq!(bench.model.focused, 2);
    bench.key(KeyCode::Char('X'));
    assert_eq!(bench.effects[1], Effect::CancelAll { run });
}

#[test]
fn a_lane_that_has_ended_is_not_stopped() {
    let mut bench = running();
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('x'));
    assert!(bench.effects.is_empty());
}

#[test]
fn switching_a_running_lane_off_stops_it() {
    let mut bench = running();
    bench.key(KeyCode::F(2));
    bench.key(KeyCode::Down);
    bench.key(KeyCode::Char(' '));
    let (run, lane) = (RunNumber(1), LaneId(1));
    assert_eq!(bench.effects, [Effect::CancelLane { run, lane }]);
    assert_eq!(bench.model.shown(), [0, 2, 3]);
    bench.key(KeyCode::Char(' '));
    assert_eq!(bench.effects[1], Effect::Prepare { lanes: vec![1] });
}

#[test]
fn tab_goes_over_the_panes_and_back_to_the_prompt() {
    let mut bench = bench();
    for focused in 0..4 {
        bench.key(KeyCode::Tab);
        assert_eq!(
            (bench.model.focus, bench.model.focused),
            (Focus::Panes, focused)
        );
    }
    bench.key(KeyCode::Tab);
    assert_eq!(bench.model.focus, Focus::Prompt);
    bench.key(KeyCode::BackTab);
    assert_eq!((bench.model.focus, bench.model.focused), (Focus::Panes, 3));
    bench.key(KeyCode::Char('z'));
    bench.key(KeyCode::Esc);
    assert!(!bench.model.is_zoomed && bench.model.focus == Focus::Panes);
    bench.key(KeyCode::Esc);
    assert_eq!(bench.model.focus, Focus::Prompt);
}

#[test]
fn letters_are_text_in_the_prompt_and_commands_on_the_panes() {
    let mut bench = bench();
    bench.type_text("q?x");
    assert_eq!(bench.model.editor.text(), "q?x");
    assert_eq!(bench.model.overlay, None);
    bench.effects.clear();
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('q'));
    assert_eq!(bench.effects, [Effect::Quit]);
}

#[test]
fn earlier_prompts_come_back_and_the_draft_is_kept() {
    let mut bench = running();
    bench.ask("second");
    bench.type_text("draft");
    bench.key(KeyCode::Up);
    assert_eq!(bench.model.editor.text(), "second");
    bench.key(KeyCode::Up);
    assert_eq!(bench.model.editor.text(), "hello");
    bench.key(KeyCode::Down);
    bench.key(KeyCode::Down);
    assert_eq!(bench.model.editor.text(), "draft");
}

#[test]
fn a_paste_of_many_lines_is_text_wherever_the_focus_is() {
    let mut bench = bench();
    bench.key(KeyCode::Tab);
    bench.effects.clear();
    bench.send(Msg::Paste("one\r\ntwo\rq\n".to_owned()));
    assert_eq!(bench.model.editor.text(), "one\ntwo\nq\n");
    assert!(bench.effects.is_empty());
    assert_eq!(bench.model.focus, Focus::Prompt);
}

#[test]
fn the_editor_takes_the_prompt_and_gives_it_back() {
    let mut bench = bench();
    bench.type_text("draft");
    bench.ctrl('e');
    assert_eq!(
        bench.effects.last(),
        Some(&Effect::OpenEditor("draft".to_owned()))
    );
    bench.send(Msg::EditorClosed(Ok("better\nprompt\n".to_owned())));
    assert_eq!(bench.model.editor.text(), "better\nprompt");
    bench.send(Msg::EditorClosed(Err("vi: not\u{1b}[2J found".to_owned())));
    assert!(bench.text().contains("vi: not found"));
    bench.press(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::ALT));
    assert_eq!(bench.model.editor.text(), "draft");
}

#[test]
fn a_scrolled_pane_stays_where_it_is_while_text_arrives() {
    let mut bench = running();
    for line in 0..100 {
        bench.stream(1, 10, StreamEvent::answer(format!("line {line}\n")));
    }
    assert!(bench.text().contains("line 99"));
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('2'));
    bench.key(KeyCode::Home);
    bench.stream(1, 20, StreamEvent::answer("the end"));
    let text = bench.text();
    assert!(text.contains("line 0") && !text.contains("the end") && text.contains("more"));
    bench.key(KeyCode::End);
    bench.stream(1, 30, StreamEvent::answer(" and more"));
    assert!(bench.text().contains("the end and more"));
    bench.key(KeyCode::PageUp);
    assert!(!bench.text().contains("the end and more"));
}

#[test]
fn thoughts_fold_when_the_answer_begins_unless_the_person_says_otherwise() {
    let mut bench = running();
    bench.stream(2, 10, StreamEvent::reasoning("let me see"));
    assert!(bench.text().contains("let me see"));
    bench.stream(2, 20, StreamEvent::answer("forty-two"));
    assert!(!bench.text().contains("let me see"));
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('3'));
    bench.key(KeyCode::Char('t'));
    assert!(bench.text().contains("let me see"));
    bench.key(KeyCode::Char('t'));
    assert!(!bench.text().contains("let me see"));
}

#[test]
fn nothing_is_drawn_when_nothing_changed() {
    let mut bench = running();
    bench.model.take_change();
    let (run, lane) = (RunNumber(7), 1);
    bench.send(Msg::RunEvents {
        run,
        events: Vec::new(),
    });
    bench.send(Msg::WindowFocus { has_focus: true });
    bench.send(Msg::Place {
        lane,
        place: "openai".to_owned(),
    });
    bench.send(Msg::Resize {
        columns: 120,
        rows: 40,
    });
    bench.press(KeyEvent::new(KeyCode::Char('u'), KeyModifiers::ALT));
    assert_eq!(bench.model.take_change(), Urgency::None);
    bench.stream(1, 30, StreamEvent::answer("x"));
    assert_eq!(bench.model.take_change(), Urgency::Stream);
    bench.key(KeyCode::Char('y'));
    assert_eq!(bench.model.take_change(), Urgency::Input);
}

#[test]
fn clocks_run_only_while_lanes_do() {
    let mut bench = bench();
    let now = Duration::from_millis(50);
    assert_eq!(bench.model.next_clock(now), None, "idle");
    bench.ask("hello");
    assert_eq!(
        bench.model.next_clock(now),
        Some(Duration::from_millis(100))
    );
    bench.send(Msg::WindowFocus { has_focus: false });
    assert!(bench.model.next_clock(now) >= Some(Duration::from_secs(1)));
    settle_all(&mut bench);
    assert_eq!(bench.model.next_clock(now), None, "all have ended");
}

#[test]
fn a_run_that_closes_leaves_no_lane_running() {
    let mut bench = running();
    bench.send(Msg::RunClosed {
        run: RunNumber(1),
        at: Duration::from_millis(40),
    });
    assert!(!bench.model.is_running());
    assert!(bench.text().contains("the lane ended without saying"));
}

#[test]
fn the_schedule_counts_from_the_next_prompt_on() {
    let mut bench = running();
    bench.key(KeyCode::F(3));
    assert!(bench.text().contains("race, next fair"));
    bench.key(KeyCode::F(5));
    assert!(matches!(
        bench.effects.last(),
        Some(Effect::StartRun {
            schedule: Schedule::Fair,
            ..
        })
    ));
}

#[test]
fn being_told_to_end_stops_the_lanes() {
    let mut bench = running();
    bench.send(Msg::Terminate);
    let run = RunNumber(1);
    assert_eq!(bench.effects, [Effect::CancelAll { run }, Effect::Quit]);
}

#[test]
fn untrusted_text_is_never_shown_as_it_is() {
    let evil = "\u{1b}]0;x\u{7}\u{1b}[2Ja\u{202e}b\u{200b}c\u{9b}31md\r";
    let mut lane = remote(evil, evil, Tier::Small);
    lane.place = evil.to_owned();
    let mut bench = Bench::new((80, 24), vec![lane]);
    bench.send(Msg::Paste(evil.to_owned()));
    bench.send(Msg::Notice(evil.to_owned()));
    bench.text();
    bench.ask("x");
    bench.stream(0, 1, StreamEvent::reasoning(evil));
    bench.stream(0, 2, StreamEvent::answer(evil));
    for key in [KeyCode::F(2), KeyCode::F(4)] {
        bench.key(key);
        for cell in &bench.draw(80, 24).content {
            assert!(
                !cell
                    .symbol()
                    .chars()
                    .any(|c| c.is_control() || "\u{202e}\u{200b}".contains(c))
            );
        }
    }
}
