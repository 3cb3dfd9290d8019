//! Strengths: against a general optimiser, by hand, and where the votes do not decide.

use super::{
    known::{assert_near, assert_overlap, figures, number, numbers},
    *,
};
use serde_json::Value;

fn vote(first: usize, second: usize, outcome: Outcome) -> Vote {
    Vote {
        first,
        second,
        outcome,
    }
}

fn position(value: &Value) -> usize {
    usize::try_from(value.as_u64().unwrap()).unwrap()
}

fn votes_of(case: &Value) -> Vec<Vote> {
    let rows = case["votes"].as_array().unwrap().iter();
    rows.map(|row| {
        let outcome = serde_json::from_value(row[2].clone()).unwrap();
        vote(position(&row[0]), position(&row[1]), outcome)
    })
    .collect()
}

#[test]
fn strengths_are_those_of_greatest_likelihood() {
    for case in figures("votes") {
        let standing = Standing::of(position(&case["lanes"]), &votes_of(&case));
        assert!(standing.is_decided);
        let (lows, highs) = (numbers(&case["low"]), numbers(&case["high"]));
        for (at, lane) in standing.lanes.iter().enumerate() {
            assert_near(lane.strength, &case["strengths"][at], 1e-5);
            assert_overlap(lane.interval.unwrap(), lows[at], highs[at], 0.08);
            assert!(lane.interval.unwrap().has(number(&case["strengths"][at])));
        }
    }
}

#[test]
fn three_wins_to_one_are_odds_of_three() {
    let mut votes = vec![vote(0, 1, Outcome::Win); 3];
    votes.push(vote(1, 0, Outcome::Win));
    let standing = Standing::of(2, &votes);
    let [first, second] = standing.lanes[..] else {
        panic!("{standing:?}");
    };
    assert!((first.chance_against(&second) - 0.75).abs() < 1e-9);
    assert!((first.elo() - second.elo() - 400.0 * 3f64.log10()).abs() < 1e-6);
    assert_eq!(
        (first.wins, first.losses, second.wins, second.losses),
        (3, 1, 1, 3)
    );
}

#[test]
fn ties_alone_make_equals() {
    let standing = Standing::of(3, &[vote(0, 1, Outcome::Tie), vote(1, 2, Outcome::Tie)]);
    assert!(standing.is_decided);
    for lane in &standing.lanes {
        assert!(lane.strength.abs() < 1e-9, "{lane:?}");
    }
    assert_eq!(standing.lanes[1].ties, 2);
}

#[test]
fn a_lane_that_never_lost_leads_and_has_no_interval() {
    let votes = [
        vote(0, 1, Outcome::Win),
        vote(1, 2, Outcome::Win),
        vote(2, 1, Outcome::Win),
        vote(2, 0, Outcome::Loss),
    ];
    let standing = Standing::of(3, &votes);
    assert!(!standing.is_decided);
    let strengths = standing
        .lanes
        .iter()
        .map(|lane| lane.strength)
        .collect::<Vec<_>>();
    assert!(
        strengths[0] > strengths[1] + 1.0 && strengths[0].is_finite(),
        "{strengths:?}"
    );
    assert!((strengths[1] - strengths[2]).abs() < 1e-6, "{strengths:?}");
    assert!(standing.lanes.iter().all(|lane| lane.interval.is_none()));
}

#[test]
fn lanes_that_never_met_are_not_decided() {
    let pair = |one, other| {
        [
            vote(one, other, Outcome::Win),
            vote(one, other, Outcome::Loss),
        ]
    };
    let apart = [pair(0, 1), pair(2, 3)].concat();
    assert!(!Standing::of(4, &apart).is_decided);
    let joined = [pair(0, 1), pair(2, 3), pair(1, 2)].concat();
    assert!(Standing::of(4, &joined).is_decided);
}

#[test]
fn no_votes_no_lanes_and_wrong_votes_are_taken() {
    assert_eq!(Standing::of(0, &[vote(0, 1, Outcome::Win)]).lanes, []);
    let wrong = [vote(0, 7, Outcome::Win), vote(1, 1, Outcome::Loss)];
    let standing = Standing::of(2, &wrong);
    assert_eq!(standing.lanes, [Strength::default(); 2]);
    assert!(!standing.is_decided);
}
