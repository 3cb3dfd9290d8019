//! Any sequence of messages at any size: nothing panics, nothing is drawn outside.

use super::*;
use crate::{
    domain::{
        event::RetryWait,
        failure::{FailureKind, LaneFailure},
        usage::{Usage, UsageSource},
    },
    provider::Readiness,
};
use proptest::prelude::*;

fn key() -> impl Strategy<Value = KeyEvent> {
    let code = prop_oneof![
        4 => proptest::sample::select("abcdegijklnqrstxXyz?123456789 é日".chars().collect::<Vec<_>>())
            .prop_map(KeyCode::Char),
        4 => proptest::sample::select(vec![
            KeyCode::Enter,
            KeyCode::Esc,
            KeyCode::Tab,
            KeyCode::BackTab,
            KeyCode::Up,
            KeyCode::Down,
            KeyCode::Left,
            KeyCode::Right,
            KeyCode::Home,
            KeyCode::End,
            KeyCode::PageUp,
            KeyCode::PageDown,
            KeyCode::Backspace,
            KeyCode::Delete,
        ]),
        2 => (1u8..8).prop_map(KeyCode::F),
    ];
    let modifiers = proptest::sample::select(vec![
        KeyModifiers::NONE,
        KeyModifiers::NONE,
        KeyModifiers::SHIFT,
        KeyModifiers::ALT,
        KeyModifiers::CONTROL,
    ]);
    (code, modifiers).prop_map(|(code, modifiers)| KeyEvent::new(code, modifiers))
}

fn usage() -> impl Strategy<Value = Usage> {
    let count = || proptest::option::of(prop_oneof![0u64..3_000, Just(u64::MAX)]);
    (count(), count(), count(), count()).prop_map(|(prompt, cached, completion, reasoning)| Usage {
        prompt_tokens: prompt,
        cached_prompt_tokens: cached,
        cache_write_tokens: None,
        completion_tokens: completion,
        reasoning_tokens: reasoning,
        source: Some(UsageSource::Reported),
    })
}

fn kind() -> impl Strategy<Value = LaneEventKind> {
    let text = || "[a-c \n\t日\u{1b}\\[é]{1,40}";
    prop_oneof![
        Just(LaneEventKind::Queued {
            retry: Some(RetryWait {
                kind: FailureKind::RateLimited,
                after_ms: u64::MAX,
            })
        }),
        any::<u8>().prop_map(|percent| LaneEventKind::Loading { percent }),
        any::<u32>().prop_map(|attempt| LaneEventKind::Sent { attempt }),
        Just(LaneEventKind::Connected),
        Just(LaneEventKind::Stream(StreamEvent::Accepted)),
        (any::<u32>(), any::<u32>())
            .prop_map(|(done, total)| LaneEventKind::Stream(StreamEvent::Prefill { done, total })),
        text().prop_map(|text| LaneEventKind::Stream(StreamEvent::reasoning(text))),
        text().prop_map(|text| LaneEventKind::Stream(StreamEvent::answer(text))),
        usage().prop_map(|usage| LaneEventKind::Stream(StreamEvent::Usage { usage })),
        Just(LaneEventKind::Stream(StreamEvent::Finished {
            reason: FinishReason::Length
        })),
        text().prop_map(|text| LaneEventKind::Failed {
            error: LaneFailure::new(FailureKind::Server, text)
        }),
        Just(LaneEventKind::Cancelled),
        any::<bool>().prop_map(|disturbed| LaneEventKind::Settled { disturbed }),
    ]
}

fn msg() -> impl Strategy<Value = Msg> {
    let at = || (0u64..100_000).prop_map(Duration::from_millis);
    let run = || (0u64..4).prop_map(RunNumber);
    let events = proptest::collection::vec(
        (0usize..6, at(), kind()).prop_map(|(lane, at, kind)| LaneEvent {
            lane: LaneId(lane),
            at,
            kind,
        }),
        0..8,
    );
    prop_oneof![
        8 => (key(), at()).prop_map(|(key, at)| Msg::Key { key, at }),
        1 => "[a \n日\u{1b}]{0,200}".prop_map(Msg::Paste),
        2 => (0u16..220, 0u16..70).prop_map(|(columns, rows)| Msg::Resize { columns, rows }),
        1 => any::<bool>().prop_map(|has_focus| Msg::WindowFocus { has_focus }),
        2 => (run(), at()).prop_map(|(run, origin)| Msg::RunStarted { run, origin }),
        6 => (run(), events).prop_map(|(run, events)| Msg::RunEvents { run, events }),
        1 => (run(), at()).prop_map(|(run, at)| Msg::RunClosed { run, at }),
        1 => (0usize..6, 0u8..=255).prop_map(|(lane, percent)| Msg::Readiness {
            lane,
            readiness: Readiness::Loading { percent },
        }),
        1 => Just(Msg::LanesFound(vec![remote("found", "m", Tier::Mid)])),
        1 => Just(Msg::EditorClosed(Ok("x\ny\n".to_owned()))),
        1 => Just(Msg::Notice("note".to_owned())),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn nothing_panics_and_the_cursor_stays_inside(
        msgs in proptest::collection::vec(msg(), 0..60),
        lanes in 0usize..5,
        drawn in (1u16..220, 1u16..70),
    ) {
        let mut bench = Bench::new((80, 24), four_lanes().into_iter().take(lanes).collect());
        for (index, msg) in msgs.into_iter().enumerate() {
            bench.now += Duration::from_millis(70);
            bench.send(msg);
            if index % 8 == 0 {
                let (columns, rows) = bench.model.size;
                bench.draw(columns.max(1), rows.max(1));
            }
        }
        // A size that the model has not heard of yet: the frame decides.
        bench.draw(drawn.0, drawn.1);
        bench.draw(1, 1);
        let last = bench.model.panes.len().max(1) - 1;
        prop_assert!(bench.model.focused <= last);
    }
}
