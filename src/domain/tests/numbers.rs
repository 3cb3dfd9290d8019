//! Metrics, worked by hand.

use super::*;
use crate::domain::{cost::Price, failure::*, metrics::Thinking};

/// `left` and `right` differ by less than a thousandth.
#[track_caller]
fn close(left: Option<f64>, right: f64) {
    assert!(
        left.is_some_and(|left| (left - right).abs() < 0.001),
        "{left:?} is not {right}"
    );
}

fn streamed() -> LaneState {
    let mut events = vec![
        (0, QUEUED),
        (5, sent(1)),
        (7, LaneEventKind::Connected),
        (20, ACCEPTED),
    ];
    events.extend(ten_chars(105, 11, answer));
    events.push((206, reported(12, 55, Some(0))));
    events.push((207, STOPPED));
    fold(&events)
}

#[test]
fn times_count_from_the_moment_the_request_was_handed_over() {
    let timing = streamed().timing();
    close(timing.queue_ms, 5.0);
    assert_eq!(timing.load_ms, None);
    close(timing.connect_ms, 2.0);
    close(timing.ttfb_ms, 15.0);
    close(timing.ttft_ms, 100.0);
    close(timing.ttfa_ms, 100.0);
    assert_eq!(timing.thinking_ms, None, "no reasoning was streamed");
    close(timing.e2e_ms, 200.0);
}

#[test]
fn the_first_arrival_is_not_counted_into_the_decode_rate() {
    let speed = streamed().speed();
    // 55 tokens over 110 characters, 10 of which came with the first arrival: 50 tokens in 100 ms.
    close(speed.decode_tokens_per_sec, 500.0);
    close(speed.chars_per_sec, 1_000.0);
    close(speed.e2e_tokens_per_sec, 275.0);
    close(speed.tokens_per_chunk, 5.0);
    close(speed.chunk_gap_ms.p50, 10.0);
    close(speed.chunk_gap_ms.max, 10.0);
    assert_eq!(
        speed.chunk_gap_ms.p95, None,
        "ten gaps are too few for a 95th percentile"
    );
    assert_eq!(speed.stalls, Some(0));
    assert_eq!(
        speed.prefill_tokens_per_sec, None,
        "nobody reported a prefill time"
    );
}

#[test]
fn hidden_reasoning_does_not_inflate_the_speed() {
    let mut events = vec![(0, QUEUED), (0, sent(1)), (1, ACCEPTED)];
    events.extend(ten_chars(9_000, 11, answer));
    events.push((9_101, reported(12, 1_055, Some(1_000))));
    events.push((9_101, STOPPED));
    let lane = fold(&events);
    assert_eq!(lane.thinking(), Thinking::Hidden);
    close(lane.speed().decode_tokens_per_sec, 500.0);
    close(lane.speed().tokens_per_chunk, 5.0);
    assert_eq!(lane.timing().thinking_ms, None);
}

#[test]
fn summarised_reasoning_is_measured_over_the_answer_alone() {
    let mut events = vec![(0, sent(1)), (1, ACCEPTED), (500, summary("I compare."))];
    events.extend(ten_chars(2_000, 11, answer));
    let mut unsplit = events.clone();
    events.push((2_101, reported(12, 1_055, Some(1_000))));
    unsplit.push((2_101, reported(12, 1_055, None)));
    let lane = fold(&events);
    close(lane.speed().decode_tokens_per_sec, 500.0);
    close(lane.timing().thinking_ms, 1_500.0);
    let unsplit = fold(&unsplit);
    assert_eq!(
        unsplit.speed().decode_tokens_per_sec,
        None,
        "the split is unknown"
    );
    assert_eq!(unsplit.speed().tokens_per_chunk, None);
    close(unsplit.speed().chars_per_sec, 1_000.0);
}

#[test]
fn reasoning_streamed_as_it_is_thought_is_part_of_the_window() {
    let mut events = vec![(0, sent(1)), (1, ACCEPTED)];
    events.extend(ten_chars(100, 10, reasoning));
    events.extend(ten_chars(200, 11, answer));
    events.push((301, reported(12, 105, Some(50))));
    let lane = fold(&events);
    // 105 tokens over 210 characters, 10 of which came first: 100 tokens in 200 ms.
    close(lane.speed().decode_tokens_per_sec, 500.0);
    close(lane.timing().thinking_ms, 100.0);
    close(lane.timing().ttfa_ms, 200.0);
}

#[test]
fn thinking_without_an_answer_lasts_from_its_first_to_its_last_piece() {
    let mut events = vec![(0, sent(1))];
    events.extend(ten_chars(100, 4, reasoning));
    let timing = fold(&events).timing();
    close(timing.thinking_ms, 30.0);
    assert_eq!(timing.ttfa_ms, None);
}

#[test]
fn too_few_tokens_or_too_short_a_window_give_no_rate() {
    let mut short = vec![(0, sent(1))];
    short.extend(ten_chars(10, 5, answer));
    short.push((60, reported(1, 500, Some(0))));
    assert_eq!(fold(&short).speed().decode_tokens_per_sec, None, "40 ms");
    assert_eq!(fold(&short).speed().chars_per_sec, None);
    let mut few = vec![(0, sent(1))];
    few.extend(ten_chars(10, 11, answer));
    few.push((200, reported(1, 8, Some(0))));
    assert_eq!(
        fold(&few).speed().decode_tokens_per_sec,
        None,
        "7.3 tokens after the first arrival"
    );
    few.push((200, reported(1, 9, Some(0))));
    assert!(
        fold(&few).speed().decode_tokens_per_sec.is_some(),
        "8.2 are enough"
    );
}

#[test]
fn everything_in_one_arrival_has_no_decode_rate() {
    let lane = fold(&[
        (0, sent(1)),
        (900, answer("all of it, ")),
        (900, answer("at once")),
        (901, reported(5, 400, Some(0))),
    ]);
    assert_eq!(lane.speed().decode_tokens_per_sec, None);
    close(lane.speed().e2e_tokens_per_sec, 444.444);
}

#[test]
fn a_stall_is_longer_than_four_medians_and_a_quarter_second() {
    let mut events = vec![(0, sent(1))];
    events.extend(ten_chars(0, 10, answer));
    events.extend(ten_chars(90 + 251, 10, answer));
    events.extend(ten_chars(431 + 250, 10, answer));
    assert_eq!(
        fold(&events).speed().stalls,
        Some(1),
        "251 ms is one, 250 ms is not"
    );
}

#[test]
fn a_retry_moves_t0_and_its_wait_is_queueing() {
    let lane = fold(&[
        (0, QUEUED),
        (10, sent(1)),
        (12, LaneEventKind::Connected),
        (20, ACCEPTED),
        (30, QUEUED),
        (1_000, sent(2)),
        (1_010, ACCEPTED),
        (1_050, answer("x")),
    ]);
    let timing = lane.timing();
    close(timing.queue_ms, 1_000.0);
    assert_eq!(
        timing.connect_ms, None,
        "the second attempt reused the connection"
    );
    close(timing.ttfb_ms, 10.0);
    close(timing.ttft_ms, 50.0);
    assert_eq!(lane.attempts, 2);
}

#[test]
fn loading_is_neither_queueing_nor_latency() {
    let timing = fold(&[
        (0, QUEUED),
        (40, LaneEventKind::Loading { percent: 0 }),
        (900, LaneEventKind::Loading { percent: 100 }),
        (1_040, sent(1)),
        (1_045, ACCEPTED),
        (1_100, answer("x")),
    ])
    .timing();
    close(timing.queue_ms, 40.0);
    close(timing.load_ms, 1_000.0);
    close(timing.ttft_ms, 60.0);
}

#[test]
fn a_lane_that_failed_while_loading_still_says_how_long_that_took() {
    let error = LaneFailure::new(FailureKind::Engine, "no memory");
    let timing = fold(&[
        (0, QUEUED),
        (0, LaneEventKind::Loading { percent: 0 }),
        (70, LaneEventKind::Failed { error }),
    ])
    .timing();
    close(timing.load_ms, 70.0);
    assert_eq!(timing.e2e_ms, None);
}

#[test]
fn a_count_that_was_reported_is_not_replaced_by_a_later_nought() {
    let usage = |prompt, cached, completion| Usage {
        prompt_tokens: prompt,
        cached_prompt_tokens: cached,
        completion_tokens: completion,
        source: Some(UsageSource::Reported),
        ..Usage::default()
    };
    let whole = usage(Some(100), Some(40), Some(25));
    for last in [usage(Some(0), Some(0), Some(0)), usage(None, None, None)] {
        let told = |usage| LaneEventKind::Stream(StreamEvent::Usage { usage });
        let lane = fold(&[
            (0, sent(1)),
            (5, answer("text")),
            (9, told(whole)),
            (9, told(last)),
        ]);
        assert_eq!(lane.usage(), whole);
        // The first count of a stream is no count of what came after it.
        let first = usage(Some(100), Some(40), Some(1));
        let lane = fold(&[
            (0, sent(1)),
            (1, told(first)),
            (5, answer("a long text")),
            (9, told(last)),
        ]);
        let usage = lane.usage();
        assert_eq!(
            (usage.prompt_tokens, usage.cached_prompt_tokens),
            (Some(100), Some(40))
        );
        assert_eq!(
            (usage.completion_tokens, usage.source),
            (Some(3), Some(UsageSource::Estimated))
        );
    }
}

#[test]
fn without_usage_tokens_are_estimated_and_say_so() {
    let lane = fold(&[
        (0, sent(1)),
        (5, reasoning("12345678")),
        (9, answer("日本語")),
    ]);
    let usage = lane.usage();
    assert_eq!(usage.source, Some(UsageSource::Estimated));
    assert_eq!(usage.reasoning_tokens, Some(2));
    assert_eq!(usage.completion_tokens, Some(5));
    assert_eq!(usage.prompt_tokens, None);
    assert_eq!(
        fold(&[(0, sent(1))]).usage(),
        Usage::default(),
        "nothing came, nothing is known"
    );
}

#[test]
fn counts_from_before_the_text_do_not_pass_for_the_whole_where_it_broke_off() {
    let failed = LaneEventKind::Failed {
        error: LaneFailure::new(FailureKind::Truncated, "cut"),
    };
    for end in [failed, LaneEventKind::Cancelled] {
        let early = [(0, sent(1)), (5, reported(9, 1, None)), (6, answer("x"))];
        let mut events = early.to_vec();
        events.extend(ten_chars(10, 66, answer));
        events.push((700, end.clone()));
        let usage = fold(&events).usage();
        assert_eq!(usage.completion_tokens, Some(166), "661 characters");
        assert_eq!(usage.prompt_tokens, Some(9));
        assert_eq!(usage.source, Some(UsageSource::Estimated));
        assert_eq!(fold(&events).warnings(), Vec::<String>::new());

        let hidden = [(5, reported(9, 300, Some(250))), (6, answer("x"))];
        let lane = fold(&[&hidden[..], &[(7, end.clone())]].concat());
        assert_eq!(lane.usage().completion_tokens, Some(300), "at least that");
        assert_eq!(lane.usage().reasoning_tokens, Some(250));
        assert_eq!(lane.usage().source, Some(UsageSource::Estimated));

        let afterwards = [(5, answer("x")), (6, end), (7, reported(9, 3, None))];
        assert_eq!(fold(&afterwards).usage().completion_tokens, Some(3));
        assert_eq!(
            fold(&afterwards).usage().source,
            Some(UsageSource::Reported)
        );
    }
    let done = fold(&[(5, reported(9, 7, None)), (6, answer("x")), (7, STOPPED)]);
    assert_eq!(done.usage().completion_tokens, Some(7));
    assert_eq!(done.usage().source, Some(UsageSource::Reported));
}

#[test]
fn no_tokens_for_a_text_is_an_unknown_count_and_said_so() {
    let lane = fold(&[
        (5, answer("12345678")),
        (6, reported(9, 0, None)),
        (7, STOPPED),
    ]);
    assert_eq!(lane.usage().completion_tokens, Some(2));
    assert_eq!(lane.usage().source, Some(UsageSource::Estimated));
    assert_eq!(
        lane.warnings(),
        ["the provider reports 0 completion tokens although text came: they are estimated"]
    );
    let silent = fold(&[(6, reported(9, 0, None)), (7, STOPPED)]);
    assert_eq!(silent.usage().completion_tokens, Some(0));
    assert_eq!(silent.usage().source, Some(UsageSource::Reported));
}

#[test]
fn a_missing_price_is_an_unknown_cost() {
    let usage = Usage {
        prompt_tokens: Some(1_000),
        cached_prompt_tokens: Some(400),
        cache_write_tokens: None,
        completion_tokens: Some(100),
        reasoning_tokens: None,
        source: None,
    };
    let price = Price {
        input: Some(1.0),
        output: Some(10.0),
        cached_input: Some(0.1),
        as_of: None,
        ..Price::default()
    };
    assert_eq!(price.cost_usd(&usage), Some(0.001_64));
    let no_cached = Price {
        cached_input: None,
        ..price.clone()
    };
    assert_eq!(no_cached.cost_usd(&usage), None);
    let uncached = Usage {
        cached_prompt_tokens: None,
        ..usage
    };
    assert_eq!(no_cached.cost_usd(&uncached), Some(0.002));
    assert_eq!(Price::default().cost_usd(&usage), None);
    assert_eq!(
        price.cost_usd(&Usage {
            completion_tokens: None,
            ..usage
        }),
        None
    );
}

#[test]
fn parts_larger_than_their_whole_are_kept_with_a_warning() {
    let lane = fold(&[
        (0, sent(1)),
        (5, answer("x")),
        (6, reported(3, 10, Some(11))),
        (7, STOPPED),
    ]);
    assert_eq!(lane.usage().reasoning_tokens, Some(11));
    assert_eq!(lane.usage().completion_tokens, Some(10));
    assert_eq!(
        lane.warnings(),
        ["the provider reports more reasoning tokens (11) than completion tokens (10)"]
    );
}

#[test]
fn a_budget_eaten_by_thinking_is_said_in_words() {
    let length = LaneEventKind::Stream(StreamEvent::Finished {
        reason: FinishReason::Length,
    });
    let lane = fold(&[(0, sent(1)), (6, reported(3, 200, Some(200))), (7, length)]);
    assert_eq!(
        lane.warnings(),
        ["thinking took 200 of 200 tokens: raise max_tokens"]
    );
}
