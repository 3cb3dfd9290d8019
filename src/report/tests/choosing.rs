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
    let made = runs(10, &[("mini", 9, 200.0, Some(0.000_104))]);
    let said = chosen("cost<0.0001", &made).sentences().pop().unwrap();
    assert!(
        said.contains("cost is $0.000104, $0.00000400 above $0.000100"),
        "{said}"
    );
    let mut made = runs(10, &[("mini", 10, 200.0, Some(0.0001))]);
    made[0].1[0] = failed("mini");
    let said = chosen("cost<1,failed<=0.5", &made)
        .sentences()
        .pop()
        .unwrap();
    assert_eq!(said, "`mini` meets it; it failed on 1 of 10 cells.");
}

/// A cheap lane whose host failed on every second prompt, and a dearer one that did not; with checks or without.
fn half_failed(is_checked: bool) -> Vec<super::made::Made> {
    let mut made = runs(
        40,
        &[
            ("cheap", 40, 100.0, Some(0.0001)),
            ("sound", 40, 300.0, Some(0.001)),
        ],
    );
    for (place, (_, cells)) in made.iter_mut().enumerate() {
        if place % 2 == 0 {
            cells[0] = failed("cheap");
        }
        if !is_checked {
            for cell in cells.iter_mut() {
                cell.checks.clear();
            }
        }
    }
    made
}

#[test]
fn an_answer_that_never_came_has_not_passed() {
    let choice = chosen("pass>=0.9,cost<1", &half_failed(true));
    assert_eq!(choice.chosen.as_deref(), Some("sound"));
    assert_eq!(choice.terms(), "pass >= 90 %, cost < $1");
    assert_eq!(
        choice.sentences()[1],
        "`cheap` misses it: pass is 50 %, 40 points below 90 %; it failed on 20 of 40 cells, which count as not passed where \
         they have checks."
    );
    // Also where no other lane shows that the prompts have checks.
    let mut alone = half_failed(true);
    for (_, cells) in &mut alone {
        cells.pop();
    }
    let choice = chosen("pass>=0.9", &alone);
    assert_eq!(choice.chosen, None);
    assert_eq!(choice.lanes[0].terms[0].figure, Some(0.5));
}

#[test]
fn a_lane_that_often_fails_is_not_the_cheapest_without_checks_either() {
    let choice = chosen("cost<1", &half_failed(false));
    assert_eq!(choice.chosen.as_deref(), Some("sound"));
    assert_eq!(
        choice.terms(),
        "cost < $1, failed <= 5 % (assumed, where neither `pass` nor `failed` is named)"
    );
    assert_eq!(
        choice.sentences()[1..],
        [
            "`cheap` misses it: failed is 50 %, 45 points above 5 %; it failed on 20 of 40 cells.",
            "`sound` meets it.",
        ]
    );
    // Who says how often it may fail is taken at their word.
    let choice = chosen("cost<1,failed<=0.6", &half_failed(false));
    assert_eq!(choice.chosen.as_deref(), Some("cheap"));
    assert_eq!(choice.terms(), "cost < $1, failed <= 60 %");
}

#[test]
fn repetitions_make_no_evidence_of_their_own() {
    let repeated = |repetitions: u32| {
        let made = (1..=repetitions).flat_map(|repetition| {
            let mut made = runs(8, &[("mini", 8, 200.0, Some(0.0001))]);
            for (run, _) in &mut made {
                run.repetition = repetition;
            }
            made
        });
        chosen("pass>=0.9,ttfa<105ms", &made.collect::<Vec<_>>())
    };
    let (once, often) = (repeated(1), repeated(20));
    let intervals = |choice: &Choice| {
        let terms = choice.lanes[0].terms.iter();
        terms.map(|term| term.interval.unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(
        intervals(&once),
        intervals(&often),
        "the same, twenty times over"
    );
    assert!(!often.lanes[0].is_certain);
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
