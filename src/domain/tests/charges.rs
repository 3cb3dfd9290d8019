//! What a lane that nobody counted may be charged for.

use super::*;
use crate::domain::{cost::Price, failure::*};

#[test]
fn what_may_be_charged_for_and_costs_at_the_least() {
    let failed = |kind, status: Option<u16>| {
        let failure = LaneFailure {
            status,
            ..LaneFailure::new(kind, "x")
        };
        LaneEventKind::Failed { error: failure }
    };
    let may = |events: &[(u64, LaneEventKind)]| fold(events).may_be_charged();
    let refused = failed(FailureKind::RateLimited, Some(429));
    let lost = failed(FailureKind::Connect, None);
    assert!(!may(&[(0, sent(1)), (1, refused.clone())]));
    assert!(!may(&[
        (0, sent(1)),
        (1, LaneEventKind::Connected),
        (2, refused)
    ]));
    assert!(!may(&[(0, sent(1)), (1, lost.clone())]), "nobody was there");
    assert!(may(&[
        (0, sent(1)),
        (1, LaneEventKind::Connected),
        (2, lost)
    ]));
    assert!(may(&[
        (0, sent(1)),
        (1, failed(FailureKind::Timeout, None))
    ]));
    let cut = failed(FailureKind::Server, None);
    assert!(may(&[(0, sent(1)), (1, ACCEPTED), (2, cut.clone())]));
    assert!(may(&[(0, sent(1)), (1, ACCEPTED), (2, STOPPED)]));
    assert!(!may(&[(0, QUEUED)]), "nothing was sent yet");

    let price = Price {
        input: Some(1.0),
        output: Some(10.0),
        reasoning: Some(20.0),
        ..Price::default()
    };
    let mut lane = fold(&[
        (0, sent(1)),
        (1, ACCEPTED),
        (2, answer("12345678")),
        (3, cut),
    ]);
    assert_eq!(lane.cost_usd(Some(&price)), None);
    assert_eq!(
        lane.cost_at_least_usd(Some(&price)),
        None,
        "no prompt is known"
    );
    lane.prompt_estimate = Some(100);
    // 100 + 2 × 10 millionths.
    assert_eq!(lane.cost_at_least_usd(Some(&price)), Some(0.000_12));
    assert_eq!(lane.cost_at_least_usd(None), None);
}
