//! Tests of prices against sums made by hand.

use super::*;

/// Gemini 2.5 Pro as of 2026-11-25.
fn stepped() -> Price {
    Price {
        input: Some(1.25),
        output: Some(10.0),
        cached_input: Some(0.125),
        above: vec![LongPrice {
            prompt_tokens: 200_000,
            input: Some(2.5),
            output: Some(15.0),
            cached_input: Some(0.25),
            ..LongPrice::default()
        }],
        ..Price::default()
    }
}

fn usage(prompt: u64, completion: u64) -> Usage {
    Usage {
        prompt_tokens: Some(prompt),
        completion_tokens: Some(completion),
        ..Usage::default()
    }
}

#[test]
fn a_long_prompt_makes_all_of_the_request_dearer() {
    // 200,000 × 1.25 + 1,000 × 10 = 260,000 millionths.
    assert_eq!(stepped().cost_usd(&usage(200_000, 1_000)), Some(0.26));
    // 200,001 × 2.5 + 1,000 × 15 = 515,002.5 millionths.
    assert_eq!(
        stepped().cost_usd(&usage(200_001, 1_000)),
        Some(0.515_002_5)
    );
    let cached = Usage {
        cached_prompt_tokens: Some(150_000),
        ..usage(250_000, 1_000)
    };
    // 100,000 × 2.5 + 150,000 × 0.25 + 1,000 × 15 = 302,500: cached tokens count for the length.
    assert_eq!(stepped().cost_usd(&cached), Some(0.302_5));
}

#[test]
fn the_highest_step_that_was_passed_counts() {
    let step = |prompt_tokens, input| LongPrice {
        prompt_tokens,
        input: Some(input),
        output: Some(10.0),
        ..LongPrice::default()
    };
    let price = Price {
        input: Some(1.0),
        output: Some(10.0),
        above: vec![step(256_000, 4.0), step(128_000, 2.0)],
        ..Price::default()
    };
    let costs = [128_000, 128_001, 256_001].map(|prompt| price.cost_usd(&usage(prompt, 0)));
    assert_eq!(costs, [Some(0.128), Some(0.256_002), Some(1.024_004)]);
}

#[test]
fn a_price_that_the_step_leaves_out_is_unknown() {
    let mut price = stepped();
    price.above[0].cached_input = None;
    let cached = Usage {
        cached_prompt_tokens: Some(1),
        ..usage(250_000, 1)
    };
    assert_eq!(price.cost_usd(&cached), None);
    assert!(price.cost_usd(&usage(250_000, 1)).is_some());
}

#[test]
fn tokens_written_into_a_cache_have_their_own_price() {
    // Claude Sonnet 4.6.
    let price = Price {
        input: Some(3.0),
        output: Some(15.0),
        cached_input: Some(0.3),
        cache_write: Some(3.75),
        ..Price::default()
    };
    let written = Usage {
        cached_prompt_tokens: Some(2_000),
        cache_write_tokens: Some(1_000),
        ..usage(4_000, 100)
    };
    // 1,000 × 3 + 2,000 × 0.3 + 1,000 × 3.75 + 100 × 15 = 8,850 millionths.
    assert_eq!(price.cost_usd(&written), Some(0.008_85));
    let unpriced = Price {
        cache_write: None,
        ..price.clone()
    };
    assert_eq!(unpriced.cost_usd(&written), None);
    let contradictory = Usage {
        cache_write_tokens: Some(3_000),
        ..written
    };
    assert_eq!(price.cost_usd(&contradictory), None);
}

#[test]
fn reasoning_with_a_price_of_its_own_needs_its_count() {
    let price = Price {
        input: Some(1.0),
        output: Some(4.0),
        reasoning: Some(10.0),
        ..Price::default()
    };
    let thought = Usage {
        reasoning_tokens: Some(300),
        ..usage(1_000, 500)
    };
    // 1,000 × 1 + 200 × 4 + 300 × 10 = 4,800 millionths.
    assert_eq!(price.cost_usd(&thought), Some(0.004_8));
    assert_eq!(price.cost_usd(&usage(1_000, 500)), None);
    let too_much = Usage {
        reasoning_tokens: Some(501),
        ..thought
    };
    assert_eq!(price.cost_usd(&too_much), None);
}

#[test]
fn the_most_is_never_less_than_what_it_costs_then() {
    let price = Price {
        input: Some(2.0),
        output: Some(10.0),
        cached_input: Some(0.2),
        cache_write: Some(2.5),
        reasoning: Some(12.0),
        ..Price::default()
    };
    // 1,000 × 2.5 + 1,024 × 12 = 14,788 millionths.
    assert_eq!(price.at_most_usd(1_000, 1_024), Some(0.014_788));
    assert_eq!(stepped().at_most_usd(200_001, 1_000), Some(0.515_002_5));
    assert_eq!(Price::default().at_most_usd(1, 1), None);
}

#[test]
fn a_sum_says_what_it_lacks() {
    let mut sum = CostSum::default();
    assert!(sum.is_empty());
    sum.add(Some(0.25), false);
    sum.add(Some(0.5), true);
    assert_eq!(
        (sum.known_usd, sum.has_unknown, sum.is_estimated),
        (Some(0.75), false, true)
    );
    let mut other = CostSum::default();
    other.add(None, true);
    let both = sum.with(other);
    assert_eq!((both.known_usd, both.has_unknown), (Some(0.75), true));
    assert_eq!(other.with(CostSum::default()), other);
}
