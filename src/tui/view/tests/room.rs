//! What gives way where there is little room, and what never does.

use super::*;
use crate::domain::{
    event::FinishReason,
    failure::{FailureKind, LaneFailure},
};

/// The first lane has failed after a part of its answer, for a reason that takes several rows.
fn failed(size: (u16, u16)) -> Bench {
    let mut bench = Bench::new(size, four_lanes());
    bench.ask("count");
    bench.event(0, 0, LaneEventKind::Sent { attempt: 1 });
    bench.stream(0, 10, StreamEvent::answer("first row\nsecond row"));
    let message = format!("meltdown {}", "and much more to say ".repeat(8));
    let error = LaneFailure::new(FailureKind::Server, message).with_status(500);
    bench.event(0, 20, LaneEventKind::Failed { error });
    bench.settle(0, 20);
    bench
}

#[test]
fn a_failure_is_told_once_and_leaves_the_answer_on_the_screen() {
    for size in [(60, 18), (80, 24), (120, 34), (200, 50), (60, 12), (60, 60)] {
        let text = failed(size).text();
        assert!(text.contains("second row"), "{size:?}:\n{text}");
        assert!(text.contains("500 server error"), "{size:?}:\n{text}");
        assert_eq!(text.matches("meltdown").count(), 1, "{size:?}:\n{text}");
    }
}

#[test]
fn the_end_of_what_a_failure_says_can_be_reached() {
    let mut bench = failed((60, 18));
    assert!(bench.text().contains("↓ 3 more"), "{}", bench.text());
    bench.key(KeyCode::Tab);
    bench.key(KeyCode::End);
    let text = bench.text();
    assert!(
        !text.contains('↓') && text.contains("│ more to say "),
        "{text}"
    );
    bench.key(KeyCode::Home);
    for _ in 0..20 {
        bench.key(KeyCode::Down);
    }
    assert_eq!(bench.text(), text);
}

#[test]
fn the_key_that_folds_is_named_where_it_does_so() {
    let mut bench = Bench::new((120, 34), four_lanes());
    bench.ask("count");
    bench.stream(2, 10, StreamEvent::reasoning("hm"));
    let thought = |bench: &mut Bench| {
        let text = bench.text();
        text.lines()
            .any(|line| line.contains("▾ thought") || line.contains("▸ thought"))
            && !text.contains("t folds")
            && !text.contains("t unfolds")
    };
    assert!(thought(&mut bench), "in the prompt t types a letter");
    bench.key(KeyCode::Tab);
    assert!(thought(&mut bench), "t folds the focused lane");
    bench.key(KeyCode::Char('3'));
    assert!(bench.text().contains("t folds"));
    bench.key(KeyCode::Char('t'));
    assert!(bench.text().contains("t unfolds"));
}

#[test]
fn tabs_that_do_not_fit_are_counted_and_the_focused_one_always_fits() {
    let names = [
        "eins",
        "zwei",
        "drei-mit-langem-namen",
        "vier",
        "fuenf",
        "sechs",
        "sieben-und-mehr",
        "acht",
    ];
    let lanes = names
        .map(|name| remote(name, "gpt-4o", Tier::Small))
        .to_vec();
    for columns in [40, 60, 80] {
        let mut bench = Bench::new((columns, 12), lanes.clone());
        bench.ask("count");
        bench.key(KeyCode::Tab);
        for (place, name) in (1..).zip(names) {
            let text = bench.text();
            let tabs = text.lines().nth(1).unwrap_or_default();
            let tab = format!(" {place} {}", name.get(..4).unwrap_or_default());
            assert!(tabs.contains(&tab), "{columns}: {tabs}");
            let number = |sign: char, at: fn(&str, char) -> Option<&str>| {
                at(tabs, sign)
                    .and_then(|text| text.trim().parse::<usize>().ok())
                    .unwrap_or(0)
            };
            let before = number('‹', |text, sign| {
                text.split_once(sign)
                    .and_then(|(_, rest)| rest.split(' ').next())
            });
            let behind = number('›', |text, sign| {
                text.split_once(sign)
                    .and_then(|(rest, _)| rest.rsplit(' ').next())
            });
            let drawn = (1..=8)
                .filter(|place| tabs.contains(&format!(" {place} ")))
                .count();
            assert_eq!(before + drawn + behind, 8, "{columns}: {tabs}");
            bench.key(KeyCode::Tab);
        }
    }
}

#[test]
fn the_list_of_lanes_marks_what_it_cuts() {
    let mut bench = failed((60, 18));
    bench.key(KeyCode::F(2));
    insta::assert_snapshot!(bench.text());
}

#[test]
fn details_say_none_yet_until_a_lane_has_ended() {
    let mut bench = Bench::new((110, 60), four_lanes());
    bench.ask("count");
    bench.stream(0, 10, StreamEvent::answer("one"));
    bench.key(KeyCode::F(4));
    assert!(bench.text().contains("the server reported none yet"));
    let reason = FinishReason::Stop;
    bench.stream(0, 20, StreamEvent::Finished { reason });
    bench.settle(0, 20);
    assert!(!bench.text().contains("none yet"));
}

#[test]
fn headings_of_the_details_are_wrapped() {
    let mut bench = failed((60, 200));
    bench.key(KeyCode::F(4));
    let text = bench.text();
    assert!(text.contains("Times, from t0"), "{text}");
    assert!(text.contains("transport"), "{text}");
}

#[test]
fn a_tiny_terminal_is_told_what_is_needed() {
    assert_eq!(
        Bench::new((20, 5), four_lanes()).text(),
        "Need 40×10, have\n20×5.\nCtrl-C stops and\nquits.\n\n"
    );
}

#[test]
fn a_long_name_leaves_the_place_its_room() {
    let name = "a-lane-with-a-name-that-fills-a-whole-line-of-any-pane";
    for columns in [40, 60] {
        let lanes = vec![remote(name, "gpt-4o", Tier::Small)];
        let text = Bench::new((columns, 12), lanes).text();
        let title = text.lines().find(|line| line.starts_with('┌'));
        let title = title.unwrap_or_default();
        assert!(title.contains("a-lane") && title.contains('…'), "{title}");
        assert!(title.ends_with(" openai ┐"), "{title}");
    }
}
