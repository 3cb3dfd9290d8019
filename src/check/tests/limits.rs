//! Limits of tokens, time and cost, and lanes that did not end well.

use super::*;

const MEASURED: Answer<'static> = Answer {
    status: LaneStatus::Done,
    text: "19",
    completion_tokens: Some(312),
    tokens_source: Some(UsageSource::Reported),
    e2e_ms: Some(2_004.2),
    cost_usd: Some(0.000_12),
};

#[track_caller]
fn assert_found(check: &Value, answer: &Answer<'_>, passed: Option<bool>, reason: &str) {
    let verdict = verdict(check, answer, &[]);
    assert_eq!(
        (verdict.passed, verdict.reason.as_str()),
        (passed, reason),
        "{check}"
    );
}

#[test]
fn limits_hold_their_end() {
    assert_found(
        &json!({"max_tokens": 312}),
        &MEASURED,
        Some(true),
        "312 tokens, of 312 at most",
    );
    assert_found(
        &json!({"max_tokens": 311}),
        &MEASURED,
        Some(false),
        "312 tokens, of 311 at most",
    );
    assert_found(
        &json!({"max_seconds": 2.0042}),
        &MEASURED,
        Some(true),
        "2.004 s, of 2.0042 s at most",
    );
    assert_found(
        &json!({"max_seconds": 2}),
        &MEASURED,
        Some(false),
        "2.004 s, of 2 s at most",
    );
    assert_found(
        &json!({"max_cost": 0.00012}),
        &MEASURED,
        Some(true),
        "$0.00012, of $0.00012 at most",
    );
    assert_found(
        &json!({"max_cost": 0.0001}),
        &MEASURED,
        Some(false),
        "$0.00012, of $0.0001 at most",
    );
}

#[test]
fn what_is_not_known_never_passes() {
    let unknown = answer("19");
    assert_found(
        &json!({"max_tokens": 9}),
        &unknown,
        None,
        "the number of tokens is not known",
    );
    assert_found(
        &json!({"max_seconds": 9}),
        &unknown,
        None,
        "the time to the end of the answer is not known",
    );
    assert_found(
        &json!({"max_cost": 9}),
        &unknown,
        None,
        "the cost is not known",
    );
    let odd = Answer {
        cost_usd: Some(f64::NAN),
        e2e_ms: Some(f64::INFINITY),
        ..unknown
    };
    assert_found(&json!({"max_cost": 9}), &odd, None, "the cost is not known");
    assert_found(
        &json!({"max_seconds": 9}),
        &odd,
        None,
        "the time to the end of the answer is not known",
    );
}

#[test]
fn an_estimate_says_that_it_is_one() {
    let estimated = Answer {
        tokens_source: Some(UsageSource::Estimated),
        ..MEASURED
    };
    assert_found(
        &json!({"max_tokens": 400}),
        &estimated,
        Some(true),
        "~312 tokens, of 400 at most",
    );
    assert_found(
        &json!({"max_cost": 1}),
        &estimated,
        Some(true),
        "~$0.00012, of $1 at most",
    );
}

#[test]
fn no_check_of_a_failed_lane_passes() {
    let failed = Answer {
        status: LaneStatus::Failed,
        ..MEASURED
    };
    assert_found(
        &json!({"number": 19}),
        &failed,
        Some(false),
        "the lane failed",
    );
    assert_found(
        &json!({"not_contains": "x"}),
        &failed,
        Some(false),
        "the lane failed",
    );
    let stopped = Answer {
        status: LaneStatus::Cancelled,
        ..MEASURED
    };
    assert_found(
        &json!({"number": 19}),
        &stopped,
        None,
        "the lane was stopped before it was done",
    );
}
