//! Needs, and a month's cost.

use super::made::{evidence, failed, local, run, runs};
use crate::report::{Choice, Projection};

fn chosen(need: &str, made: &[super::made::Made]) -> Choice {
    Choice::of(&need.parse().unwrap(), &evidence(made))
}

#[test]
fn the_cheapest_that_meets_it_and_what_the_others_miss() {
    let made = runs(
        100,
        &[
            ("mini", 98, 200.0, Some(0.0001)),
            ("maxi", 99, 2_500.0, Some(0.002)),
            ("base", 20, 100.0, Some(0.00001)),
        ],
    );
    let choice = chosen("pass>=0.9,ttfa<2s,cost<0.001", &made);
    assert_eq!(choice.chosen.as_deref(), Some("mini"));
    assert_eq!(
        choice.sentences(),
        [
            "`mini` is the cheapest lane that meets the need.",
            "`mini` meets it.",
            "`maxi` misses it: cost is $0.0020, $0.0010 above $0.0010.",
            "`base` misses it: pass is 20 %, 70 points below 90 %.",
        ]
    );
}

#[test]
fn few_prompts_are_no_evidence() {
    let made = runs(8, &[("mini", 8, 200.0, Some(0.0001))]);
    let choice = chosen("pass>=90%", &made);
    assert_eq!(choice.chosen.as_deref(), Some("mini"));
    assert_eq!(
        choice.sentences()[1],
        "`mini` meets it; the evidence does not suffice to be sure: pass lies between 68 % and 100 %."
    );
    let made = runs(3, &[("mini", 3, 200.0, Some(0.0001))]);
    let said = &chosen("ttfa<2s", &made).sentences()[1];
    assert!(said.contains("ttfa has too few values"), "{said}");
}

#[test]
fn a_miss_is_never_written_as_a_hit() {
    let made = runs(1_000, &[("mini", 896, 200.0, Some(0.0001))]);
    let said = chosen("pass>=0.9", &made).sentences().pop().unwrap();
    assert!(
        said.contains("pass is 89.6 %, 0.4 points below 90 %"),
        "{said}"
    );
    let made = runs(10, &[("mini", 9, 200.0, Some(0.0001))]);
    let said = chosen("pass>0.9", &made).sentences().pop().unwrap();
    assert!(said.contains("misses it: pass is exactly 90 %"), "{said}");
    let mut made = runs(10, &[("mini", 10, 200.0, Some(0.0001))]);
    made[0].1[0] = failed("mini");
    let said = chosen("cost<1", &made).sentences().pop().unwrap();
    assert_eq!(said, "`mini` meets it; it failed on 1 of 10 cells.");
}

#[test]
fn what_is_not_known_meets_nothing() {
    let made = vec![(
        run("p", 1),
        vec![local("here", Some(true), 100.0), failed("gone")],
    )];
    let choice = chosen("cost<1", &made);
    assert_eq!(choice.chosen, None);
    assert_eq!(
        choice.sentences()[..2],
        [
            "No lane meets the need.".to_owned(),
            "`here` misses it: cost is not known; the evidence does not suffice to be sure: cost has too few values.".to_owned()
        ]
    );
    assert_eq!(chosen("pass>0", &[]).chosen, None);
}

#[test]
fn a_month_is_the_mean_as_often_as_there_are_requests() {
    let mut made = runs(
        4,
        &[("mini", 4, 200.0, Some(0.001)), ("here", 4, 1.0, None)],
    );
    made[0].1[0].lane.cost_usd = Some(0.005);
    let summaries = evidence(&made).summaries();
    let month = Projection::of(&summaries[0], 1_000_000);
    assert_eq!(month.cells, 4);
    assert!((month.mean_cost_usd.unwrap() - 0.002).abs() < 1e-12);
    assert!((month.cost_usd_per_month.unwrap() - 2_000.0).abs() < 1e-6);
    assert_eq!(Projection::of(&summaries[1], 5).cost_usd_per_month, None);
}
