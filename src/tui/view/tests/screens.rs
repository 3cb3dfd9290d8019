//! The screen at several sizes, in all phases.

use super::*;
use crate::{
    domain::{
        event::{FinishReason, RetryWait},
        failure::{FailureKind, LaneFailure},
        usage::{Usage, UsageSource},
    },
    provider::Readiness,
};

/// Four lanes in the middle of their answers.
fn streaming(size: (u16, u16)) -> Bench {
    let mut bench = Bench::new(size, four_lanes());
    bench.ask("How many r's are in strawberry?");
    for lane in 0..4 {
        bench.event(lane, 0, LaneEventKind::Queued { retry: None });
        bench.event(lane, 0, LaneEventKind::Sent { attempt: 1 });
    }
    bench.stream(0, 20, StreamEvent::Accepted);
    bench.stream(0, 42, StreamEvent::answer("There are "));
    bench.stream(0, 100, StreamEvent::answer("3 r's in \"strawberry\".\n"));
    let usage = Usage {
        prompt_tokens: Some(18),
        completion_tokens: Some(14),
        source: Some(UsageSource::Counted),
        ..Usage::default()
    };
    bench.stream(0, 101, StreamEvent::Usage { usage });
    let reason = FinishReason::Stop;
    bench.stream(0, 102, StreamEvent::Finished { reason });
    bench.settle(0, 102);
    bench.stream(
        1,
        412,
        StreamEvent::answer("The word **strawberry** has:\n\n"),
    );
    bench.stream(1, 900, StreamEvent::answer("  • one r after the t\n"));
    bench.stream(
        1,
        1_300,
        StreamEvent::answer("  • two r's before the y\n\nSo there are three"),
    );
    bench.stream(
        2,
        890,
        StreamEvent::reasoning("Let me count the letters one by one.\n"),
    );
    bench.stream(
        2,
        9_000,
        StreamEvent::reasoning("s-t-r-a-w-b-e-r-r-y. The r's are at positions 3, 8 and 9, so …"),
    );
    bench.stream(
        3,
        10,
        StreamEvent::Prefill {
            done: 512,
            total: 2_048,
        },
    );
    bench.now = Duration::from_millis(10_740);
    bench
}

#[test]
fn four_lanes_stream_at_120_by_34() {
    insta::assert_snapshot!(streaming((120, 34)).text());
}

#[test]
fn four_lanes_stream_at_80_by_24() {
    insta::assert_snapshot!(streaming((80, 24)).text());
}

#[test]
fn four_lanes_stream_at_60_by_18() {
    insta::assert_snapshot!(streaming((60, 18)).text());
}

#[test]
fn the_way_to_help_is_named_at_every_size() {
    for columns in 40..=120 {
        let mut bench = streaming((columns, 18));
        for focus in ["prompt", "panes"] {
            let text = bench.text();
            let hints = text.lines().last().unwrap_or_default();
            assert!(hints.contains("F1 help"), "{focus} at {columns}: {hints}");
            bench.key(KeyCode::Tab);
        }
    }
}

#[test]
fn a_short_run_has_a_time_in_milliseconds() {
    let mut bench = Bench::new((80, 24), vec![local("small", Tier::Small)]);
    bench.ask("hi");
    bench.event(0, 0, LaneEventKind::Sent { attempt: 1 });
    bench.stream(0, 12, StreamEvent::answer("yes"));
    bench.now = Duration::from_millis(12);
    let first = |bench: &mut Bench| bench.text().lines().next().map(str::to_owned);
    assert!(first(&mut bench).is_some_and(|line| line.contains(" 0.0 s ")));
    let reason = FinishReason::Stop;
    bench.stream(0, 31, StreamEvent::Finished { reason });
    bench.settle(0, 31);
    bench.now = Duration::from_secs(9);
    assert!(first(&mut bench).is_some_and(|line| line.contains(" 31 ms ")));
}

#[test]
fn four_lanes_stream_at_200_by_50() {
    insta::assert_snapshot!(streaming((200, 50)).text());
}

#[test]
fn styles_say_focus_tier_and_what_is_secondary() {
    let mut bench = streaming((120, 34));
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Tab);
    insta::assert_snapshot!(bench.styles());
}

#[test]
fn without_colours_no_cell_has_one() {
    let mut bench = Bench::with((80, 24), four_lanes(), Colors::None);
    bench.ask("hello");
    bench.key(KeyCode::Tab);
    for cell in &bench.draw(80, 24).content {
        assert_eq!((cell.fg, cell.bg), (Color::Reset, Color::Reset));
    }
}

#[test]
fn before_the_first_prompt_lanes_say_how_far_they_are() {
    let mut bench = Bench::new((100, 24), four_lanes());
    let percent = 43;
    bench.send(Msg::Readiness {
        lane: 0,
        readiness: Readiness::Loading { percent },
    });
    let failure = LaneFailure::new(FailureKind::Engine, "truncated GGUF\u{1b}[31m: 12 bytes");
    bench.send(Msg::Readiness {
        lane: 3,
        readiness: Readiness::Failed(failure),
    });
    insta::assert_snapshot!(bench.text());
}

#[test]
fn every_end_is_said_in_words() {
    let mut bench = Bench::new((160, 24), four_lanes());
    bench.ask("count");
    for lane in 0..4 {
        bench.event(lane, 0, LaneEventKind::Sent { attempt: 1 });
    }
    let error =
        LaneFailure::new(FailureKind::Auth, "Incorrect API key\u{202e} provided").with_status(401);
    bench.event(1, 30, LaneEventKind::Failed { error });
    bench.settle(1, 30);
    bench.stream(2, 40, StreamEvent::reasoning("hm "));
    let usage = Usage {
        completion_tokens: Some(200),
        reasoning_tokens: Some(199),
        source: Some(UsageSource::Reported),
        ..Usage::default()
    };
    bench.stream(2, 50, StreamEvent::Usage { usage });
    let reason = FinishReason::Length;
    bench.stream(2, 50, StreamEvent::Finished { reason });
    bench.event(2, 50, LaneEventKind::Settled { disturbed: true });
    bench.stream(3, 60, StreamEvent::answer("partial"));
    bench.event(3, 70, LaneEventKind::Cancelled);
    bench.settle(3, 70);
    let retry = Some(RetryWait {
        kind: FailureKind::RateLimited,
        after_ms: 4_000,
    });
    bench.event(0, 500, LaneEventKind::Queued { retry });
    bench.now = Duration::from_millis(1_200);
    insta::assert_snapshot!(bench.text());
}

#[test]
fn a_lane_that_waits_to_try_again_says_which_keys_give_it_up() {
    let lanes = vec![
        remote("mini", "gpt-4o-mini", Tier::Small),
        remote("flagship", "gpt-4o", Tier::Flagship),
    ];
    let mut bench = Bench::new((120, 24), lanes);
    bench.ask("Say it.");
    for lane in [0, 1] {
        let retry = Some(RetryWait {
            kind: FailureKind::RateLimited,
            after_ms: 4_000,
        });
        bench.event(lane, 500, LaneEventKind::Queued { retry });
    }
    bench.now = Duration::from_millis(1_200);
    let text = bench.text();
    assert_eq!(
        text.matches("rate limited, again in 4 s").count(),
        2,
        "{text}"
    );
    assert!(text.contains("Tab, 1, x gives up this lane"), "{text}");
    assert!(text.contains("Tab, 2, x gives up this lane"), "{text}");
    bench.now = Duration::from_millis(3_700);
    assert!(
        bench.text().contains("rate limited, again in 1 s"),
        "it counts down"
    );
    bench.key(KeyCode::Tab);
    let text = bench.text();
    assert!(text.contains("│ x gives up this lane"), "{text}");
    assert!(text.contains("2, then x gives up this lane"), "{text}");
    bench.key(KeyCode::Char('2'));
    bench.effects.clear();
    bench.key(KeyCode::Char('x'));
    let run = RunNumber(bench.model.runs);
    let lane = LaneId(1);
    assert_eq!(
        bench.effects,
        [Effect::CancelLane { run, lane }],
        "as it was said"
    );
}

#[test]
fn finished_lanes_are_compared_with_the_first() {
    let lanes = vec![
        remote("mini", "gpt-4o-mini", Tier::Small),
        remote("flagship", "gpt-4o", Tier::Flagship),
    ];
    let mut bench = Bench::new((120, 24), lanes);
    bench.ask("Say it.");
    for (lane, last_ms, tokens) in [(0, 400, 40), (1, 11_200, 200)] {
        bench.event(lane, 0, LaneEventKind::Sent { attempt: 1 });
        bench.stream(lane, last_ms / 4, StreamEvent::answer("said "));
        bench.stream(lane, last_ms, StreamEvent::answer("and done"));
        let usage = Usage {
            prompt_tokens: Some(10),
            completion_tokens: Some(tokens),
            source: Some(UsageSource::Reported),
            ..Usage::default()
        };
        bench.stream(lane, last_ms, StreamEvent::Usage { usage });
        let reason = FinishReason::Stop;
        bench.stream(lane, last_ms, StreamEvent::Finished { reason });
        bench.settle(lane, last_ms);
    }
    bench.now = Duration::from_secs(601);
    insta::assert_snapshot!(bench.text());
}

#[test]
fn a_zoomed_pane_takes_the_place_of_all() {
    let mut bench = streaming((120, 34));
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::Char('3'));
    bench.key(KeyCode::Char('z'));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn a_long_prompt_scrolls_in_its_place() {
    let mut bench = Bench::new((60, 18), four_lanes());
    bench.send(Msg::Paste(
        "one line\n".repeat(40)
            + "日本語 and the last line, which is longer than the terminal is wide",
    ));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn too_small_a_terminal_is_told_so() {
    insta::assert_snapshot!(streaming((30, 5)).text());
}

#[test]
fn help_lists_every_key() {
    let mut bench = Bench::new((120, 200), four_lanes());
    bench.key(KeyCode::F(1));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn help_scrolls_on_a_small_screen() {
    let mut bench = Bench::new((60, 18), four_lanes());
    bench.key(KeyCode::F(1));
    bench.key(KeyCode::End);
    insta::assert_snapshot!(bench.text());
}

#[test]
fn details_give_every_number_its_formula() {
    let mut bench = streaming((110, 60));
    bench.key(KeyCode::F(4));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn the_list_of_lanes() {
    let mut bench = streaming((80, 24));
    bench.key(KeyCode::F(2));
    bench.key(KeyCode::Down);
    bench.key(KeyCode::Char(' '));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn quitting_leaves_a_table() {
    let mut bench = streaming((100, 30));
    assert_eq!(quit_summary(&Bench::new((80, 24), four_lanes()).model), "");
    bench.ctrl('c');
    insta::assert_snapshot!(quit_summary(&bench.model));
}
