//! Properties of the fold over arbitrary streams.

use super::*;
use crate::domain::{
    event::{LaneEvent, ReasoningForm},
    failure::{FailureKind, LaneFailure},
    id::LaneId,
    lane::Phase,
    run::RunState,
};
use proptest::prelude::*;

fn event() -> impl Strategy<Value = LaneEventKind> {
    prop_oneof![
        Just(QUEUED),
        (0_u8..=100).prop_map(|percent| LaneEventKind::Loading { percent }),
        (1_u32..4).prop_map(sent),
        Just(LaneEventKind::Connected),
        Just(ACCEPTED),
        ".{0,6}".prop_map(|text| answer(&text)),
        ".{0,6}".prop_map(|text| reasoning(&text)),
        ".{0,6}".prop_map(|text| summary(&text)),
        (0_u64..50, 0_u64..500, proptest::option::of(0_u64..500))
            .prop_map(|(prompt, all, thought)| reported(prompt, all, thought)),
        Just(STOPPED),
        Just(LaneEventKind::Cancelled),
        Just(LaneEventKind::Failed {
            error: LaneFailure::new(FailureKind::Server, "broken")
        }),
        any::<bool>().prop_map(|disturbed| LaneEventKind::Settled { disturbed }),
    ]
}

/// Events of three lanes in the order of time.
fn stream() -> impl Strategy<Value = Vec<LaneEvent>> {
    proptest::collection::vec((0_usize..3, 0_u64..40, event()), 0..60).prop_map(|steps| {
        let mut at = 0;
        steps
            .into_iter()
            .map(|(lane, gap, kind)| {
                at += gap;
                LaneEvent {
                    lane: LaneId(lane),
                    at: at_ms(at),
                    kind,
                }
            })
            .collect()
    })
}

proptest! {
    #[test]
    fn lanes_do_not_depend_on_how_their_events_are_interleaved(events in stream()) {
        let mut together = RunState::new(3);
        for event in &events {
            together.apply(event);
        }
        let mut apart = RunState::new(3);
        for lane in 0..3 {
            for event in events.iter().filter(|event| event.lane == LaneId(lane)) {
                apart.apply(event);
            }
        }
        prop_assert_eq!(together, apart);
    }

    #[test]
    fn splitting_the_pieces_of_one_arrival_changes_no_time_and_no_rate(
        pieces in proptest::collection::vec(("[a-zé]{2,8}", 0_u64..60, any::<bool>()), 1..40),
        tokens in 0_u64..400,
    ) {
        let (mut whole, mut split) = (vec![(0, sent(1))], vec![(0, sent(1))]);
        let mut at = 10;
        for (text, gap, is_reasoning) in &pieces {
            at += gap;
            let piece = if *is_reasoning { reasoning } else { answer };
            whole.push((at, piece(text)));
            let middle = text.char_indices().nth(1).map_or(0, |(index, _)| index);
            let (left, right) = text.split_at(middle);
            split.extend([(at, piece(left)), (at, piece(right))]);
        }
        whole.push((at, reported(1, tokens, Some(0))));
        split.push((at, reported(1, tokens, Some(0))));
        let (whole, split) = (fold(&whole), fold(&split));
        prop_assert_eq!(&whole.answer, &split.answer);
        prop_assert_eq!(&whole.reasoning, &split.reasoning);
        prop_assert_eq!(whole.timing(), split.timing());
        prop_assert_eq!(whole.rates(), split.rates());
        prop_assert_eq!(whole.usage(), split.usage());
    }

    #[test]
    fn every_number_is_finite_and_no_time_is_negative(events in stream()) {
        let mut run = RunState::new(3);
        for event in &events {
            run.apply(event);
            for lane in &run.lanes {
                let (timing, speed) = (lane.timing(), lane.speed());
                let numbers = [
                    timing.queue_ms, timing.load_ms, timing.connect_ms, timing.ttfb_ms,
                    timing.ttft_ms, timing.ttfa_ms, timing.thinking_ms, timing.e2e_ms,
                    speed.decode_tokens_per_sec, speed.e2e_tokens_per_sec, speed.chars_per_sec,
                    speed.tokens_per_chunk, speed.chunk_gap_ms.p50, speed.chunk_gap_ms.max,
                ];
                for number in numbers.into_iter().flatten() {
                    prop_assert!(number.is_finite() && number >= 0.0, "{number}");
                }
                if let (Some(first), Some(answer)) = (timing.ttft_ms, timing.ttfa_ms) {
                    prop_assert!(first <= answer);
                }
                if let (Some(first), Some(last)) = (timing.ttft_ms, timing.e2e_ms) {
                    prop_assert!(first <= last);
                }
            }
        }
    }

    #[test]
    fn nothing_changes_the_text_of_a_lane_that_has_ended(events in stream()) {
        let mut run = RunState::new(3);
        for event in &events {
            let before = run.clone();
            run.apply(event);
            for (before, after) in before.lanes.iter().zip(&run.lanes) {
                if before.phase.is_terminal() {
                    prop_assert_eq!(&before.phase, &after.phase);
                    prop_assert_eq!(&before.answer, &after.answer);
                    prop_assert_eq!(&before.timeline, &after.timeline);
                }
            }
        }
    }

    #[test]
    fn consistent_usage_gives_no_warning_and_inconsistent_usage_is_kept(
        prompt in 0_u64..100, cached in 0_u64..100, all in 0_u64..100, thought in 0_u64..100,
    ) {
        let usage = Usage {
            prompt_tokens: Some(prompt),
            cached_prompt_tokens: Some(cached),
            cache_write_tokens: None,
            completion_tokens: Some(all),
            reasoning_tokens: Some(thought),
            source: Some(UsageSource::Reported),
        };
        let lane = fold(&[(0, LaneEventKind::Stream(StreamEvent::Usage { usage }))]);
        prop_assert_eq!(lane.usage(), usage);
        let expected = usize::from(cached > prompt) + usize::from(thought > all);
        prop_assert_eq!(lane.warnings().len(), expected);
    }
}

#[test]
fn an_empty_piece_starts_no_clock() {
    let hidden = LaneEventKind::Stream(StreamEvent::Reasoning {
        text: String::new(),
        form: ReasoningForm::Hidden,
    });
    let lane = fold(&[
        (0, sent(1)),
        (10, ACCEPTED),
        (20, answer("")),
        (30, reasoning("")),
        (35, hidden),
        (40, reported(9, 1, None)),
    ]);
    assert_eq!(lane.timing().ttft_ms, None);
    assert_eq!(lane.timing().e2e_ms, None);
    assert_eq!(lane.phase, Phase::Prefill { done: 0, total: 0 });
    assert!(lane.timeline.all.is_empty());
}

#[test]
fn the_phases_follow_the_events() {
    let mut lane = LaneState::default();
    let steps = [
        (QUEUED, Phase::Queued),
        (
            LaneEventKind::Loading { percent: 40 },
            Phase::Loading { percent: 40 },
        ),
        (sent(1), Phase::Connecting),
        (LaneEventKind::Connected, Phase::Connecting),
        (ACCEPTED, Phase::Prefill { done: 0, total: 0 }),
        (
            LaneEventKind::Stream(StreamEvent::Prefill { done: 3, total: 9 }),
            Phase::Prefill { done: 3, total: 9 },
        ),
        (reasoning("hm"), Phase::Thinking),
        (answer("42"), Phase::Answering),
        (STOPPED, Phase::Done(FinishReason::Stop)),
        (answer("late"), Phase::Done(FinishReason::Stop)),
        (LaneEventKind::Cancelled, Phase::Done(FinishReason::Stop)),
    ];
    for (event, phase) in steps {
        lane.apply(at_ms(1), &event);
        assert_eq!(lane.phase, phase);
    }
    assert_eq!(lane.answer, "42");
}
