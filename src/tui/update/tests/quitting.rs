//! Quitting while lanes run: asked once, in one line, whether to wait, stop or go on.

use super::*;

fn asked() -> Bench {
    let mut bench = running();
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('q'));
    assert_eq!(bench.effects, []);
    let text = bench.text();
    let question = "Quit? 3 lanes run: w wait · s stop · g go on";
    assert!(text.contains(question), "{text}");
    bench
}

#[test]
fn stop_and_whoever_asks_again_stop_the_lanes_and_end() {
    let keys: [fn(&mut Bench); 3] = [
        |bench| bench.key(KeyCode::Char('s')),
        |bench| bench.key(KeyCode::Char('q')),
        |bench| bench.ctrl('c'),
    ];
    for key in keys {
        let mut bench = asked();
        key(&mut bench);
        let run = RunNumber(1);
        assert_eq!(bench.effects, [Effect::CancelAll { run }, Effect::Quit]);
    }
}

#[test]
fn wait_ends_when_the_last_lane_has_ended() {
    let mut bench = asked();
    bench.key(KeyCode::Char('w'));
    assert_eq!(bench.effects, []);
    assert!(bench.text().contains("quits when the lanes have ended"));
    settle_all(&mut bench);
    bench.send(Msg::RunClosed {
        run: RunNumber(1),
        at: Duration::from_millis(30),
    });
    assert_eq!(bench.effects, [Effect::Quit]);
}

#[test]
fn wait_ends_at_once_where_the_lanes_ended_while_the_question_stood() {
    let mut bench = asked();
    settle_all(&mut bench);
    bench.send(Msg::RunClosed {
        run: RunNumber(1),
        at: Duration::from_millis(30),
    });
    assert_eq!(bench.effects, [], "the person has not answered yet");
    bench.key(KeyCode::Char('w'));
    assert_eq!(bench.effects, [Effect::Quit]);
}

#[test]
fn go_on_and_escape_change_nothing() {
    for key in [KeyCode::Char('g'), KeyCode::Esc] {
        let mut bench = asked();
        bench.key(key);
        assert_eq!(bench.effects, []);
        assert!(!bench.text().contains("Quit?"));
        assert!(bench.model.is_running());
    }
    let mut bench = asked();
    bench.key(KeyCode::Char('w'));
    bench.key(KeyCode::Esc);
    settle_all(&mut bench);
    bench.send(Msg::RunClosed {
        run: RunNumber(1),
        at: Duration::from_millis(30),
    });
    assert_eq!(bench.effects, [], "whoever stays is not sent away");
}

#[test]
fn what_is_not_kept_is_said_until_the_end() {
    let mut bench = bench();
    bench.ask("hello");
    bench.send(Msg::NotKept("the disk is full".to_owned()));
    assert!(bench.text().contains("! not kept"));
    bench.key(KeyCode::Tab);
    assert!(bench.text().contains("! not kept"), "also after a key");
    let left = crate::tui::view::quit_summary(&bench.model);
    assert!(left.contains("not every answer of this sitting is in the history: the disk is full"));
}
