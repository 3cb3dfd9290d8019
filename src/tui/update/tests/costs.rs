//! What a prompt may cost, before it is sent; and what the sitting has cost.

use super::*;
use crate::domain::usage::{Usage, UsageSource};

/// Answers of at most 1,000 tokens cost a cent on each of two lanes.
fn limited(max_cost_usd: f64) -> Bench {
    let mut bench = Bench::limited((120, 40), max_cost_usd);
    bench.effects.clear();
    bench
}

fn has_started(bench: &Bench) -> bool {
    bench
        .effects
        .iter()
        .any(|effect| matches!(effect, Effect::StartRun { .. }))
}

#[test]
fn below_the_limit_nobody_is_asked() {
    let mut bench = limited(0.05);
    bench.ask("hello");
    assert!(has_started(&bench) && bench.model.question.is_none());
}

#[test]
fn above_the_limit_no_keeps_the_text_and_yes_sends_it() {
    for no in [KeyCode::Char('n'), KeyCode::Char('N'), KeyCode::Esc] {
        let mut bench = limited(0.01);
        bench.ask("hello");
        let text = bench.text();
        assert!(
            text.contains("Send? y/n  up to ~$0.0200, over max_cost $0.0100"),
            "{text}"
        );
        // Neither another key nor Enter once more is a yes, and nothing is typed.
        for key in [
            KeyCode::Enter,
            KeyCode::Char('q'),
            KeyCode::F(5),
            KeyCode::Backspace,
        ] {
            bench.key(key);
        }
        assert!(!has_started(&bench) && bench.model.question.is_some());
        bench.key(no);
        assert_eq!(bench.model.editor.text(), "hello");
        assert!(!has_started(&bench) && bench.model.question.is_none());
    }
    let mut bench = limited(0.01);
    bench.ask("hello");
    bench.read();
    bench.key(KeyCode::Char('y'));
    assert!(has_started(&bench));
    assert_eq!(bench.model.editor.text(), "");
    bench.key(KeyCode::Up);
    assert_eq!(bench.model.editor.text(), "hello", "it can be gone back to");
}

#[test]
fn a_yes_counts_only_where_the_question_can_have_been_read() {
    let mut bench = limited(0.01);
    bench.ask("hello");
    bench.key(KeyCode::Char('y'));
    assert!(!has_started(&bench), "typed before it was on the screen");
    bench.text();
    bench.now += Duration::from_millis(100);
    bench.key(KeyCode::Char('y'));
    assert!(!has_started(&bench), "typed before anybody could read it");
    bench.send(Msg::Resize {
        columns: 39,
        rows: 40,
    });
    bench.read();
    bench.key(KeyCode::Char('y'));
    assert!(!has_started(&bench), "a terminal too small to show it");
    assert!(bench.model.question.is_some());
    bench.send(Msg::Resize {
        columns: 40,
        rows: 10,
    });
    assert!(bench.text().contains("Send? y/n"), "{}", bench.text());
    bench.key(KeyCode::Char('y'));
    assert!(has_started(&bench));

    let mut tiny = Bench::limited((39, 9), 0.01);
    tiny.effects.clear();
    tiny.ask("hello");
    tiny.read();
    tiny.key(KeyCode::Char('y'));
    assert!(!has_started(&tiny), "it was never shown");
    tiny.key(KeyCode::Char('n'));
    assert!(tiny.model.question.is_none(), "a no harms nobody");
}

#[test]
fn a_paste_is_no_yes_and_ctrl_c_is_a_no() {
    let mut bench = limited(0.01);
    bench.ask("hello");
    bench.send(Msg::Paste(" y".to_owned()));
    assert_eq!(bench.model.editor.text(), "hello y");
    assert!(bench.model.question.is_none() && !has_started(&bench));
    bench.key(KeyCode::Enter);
    bench.ctrl('c');
    assert_eq!(bench.effects, []);
    assert!(bench.model.question.is_none() && !has_started(&bench));
    assert_eq!(bench.model.editor.text(), "hello y");
}

#[test]
fn what_the_sitting_has_cost_counts() {
    let mut bench = limited(0.0202);
    bench.ask("hello");
    assert!(has_started(&bench));
    for lane in 0..4 {
        let usage = Usage {
            prompt_tokens: Some(100),
            completion_tokens: Some(25),
            source: Some(UsageSource::Reported),
            ..Usage::default()
        };
        bench.stream(lane, 10, StreamEvent::Usage { usage });
        let reason = FinishReason::Stop;
        bench.stream(lane, 10, StreamEvent::Finished { reason });
        bench.settle(lane, 10);
    }
    // Two lanes: 100 × 2.5 + 25 × 10 millionths each.
    assert_eq!(bench.model.sitting().known_usd, Some(0.001));
    bench.effects.clear();
    bench.ask("again");
    assert!(!has_started(&bench));
    assert!(
        bench.text().contains(", with $0.0010 before"),
        "{}",
        bench.text()
    );
    bench.read();
    bench.key(KeyCode::Char('y'));
    assert_eq!(bench.model.sitting().known_usd, Some(0.001));
    assert!(bench.text().contains("Σ $0.0010"), "{}", bench.text());
}

#[test]
fn a_lane_that_was_cut_off_makes_the_sum_open() {
    let mut bench = bench();
    bench.ask("hello");
    bench.stream(1, 5, StreamEvent::Accepted);
    bench.ask("again");
    let sitting = bench.model.sitting();
    assert_eq!((sitting.known_usd, sitting.has_unknown), (None, true));
    assert!(bench.text().contains("Σ ?"), "{}", bench.text());
}

#[test]
fn the_estimate_follows_every_change_of_the_text() {
    let mut bench = bench();
    let tokens = |bench: &Bench| bench.model.editor.estimate().tokens();
    bench.type_text("twelve chars");
    assert_eq!(tokens(&bench), 3);
    bench.key(KeyCode::Backspace);
    bench.send(Msg::Paste("日本".to_owned()));
    assert_eq!(tokens(&bench), 5, "11 quarters and two whole ones");
    bench.press(KeyEvent::new(KeyCode::Char('z'), KeyModifiers::ALT));
    bench.press(KeyEvent::new(KeyCode::Char('y'), KeyModifiers::ALT));
    assert_eq!(tokens(&bench), 5);
    bench.ctrl('u');
    assert_eq!(tokens(&bench), 0);
}

#[test]
fn a_tiny_terminal_says_nothing_about_costs() {
    let mut bench = Bench::new((50, 20), four_lanes());
    bench.type_text("hello");
    assert!(!bench.text().contains("at most"));
    let mut bench = Bench::new((100, 30), four_lanes());
    assert!(!bench.text().contains("at most"));
    bench.type_text("hello");
    // 2 × 2.5 + 1,000 × 10 millionths on each of two lanes.
    let line = " at most ~$0.0200:  small –, flagship ~$0.0100, thinker ~$0.0100, base –";
    assert!(bench.text().contains(line), "{}", bench.text());
    let mut bench = Bench::new((60, 20), four_lanes());
    bench.type_text("hello");
    let text = bench.text();
    let line = text.lines().find(|line| line.contains("at most")).unwrap();
    assert!(line.ends_with('…') && line.chars().count() <= 60, "{line}");
}
