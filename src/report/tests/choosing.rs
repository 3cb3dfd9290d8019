//! Needs, and a month's cost.

use super::made::{evidence, failed, local, run, runs};
use crate::{
    domain::record::LaneStatus,
    report::{Choice, Projection},
};

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
        said.contains("cost is $0.000104, $0.000004 above $0.0001"),
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
        "`cheap` misses it: pass is 50 %, 40 points below 90 %; it failed on 20 of 40 cells, which count as not passed."
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
fn failures_on_prompts_without_checks_are_no_merit() {
    let mut made = half_failed(true);
    // Only the prompts that `cheap` did not fail on have checks.
    for (_, cells) in made.iter_mut().step_by(2) {
        cells[1].checks.clear();
    }
    let choice = chosen("pass>=0.9", &made);
    assert_eq!(choice.chosen.as_deref(), Some("sound"));
    assert_eq!(
        choice.sentences()[1],
        "`cheap` misses it: failed is 50 %, 45 points above 5 %; it failed on 20 of 40 cells, on prompts without checks, and may on no more than 5 % where `failed` is not named."
    );
    let choice = chosen("pass>=0.9,failed<=0.6", &made);
    assert_eq!(choice.chosen.as_deref(), Some("cheap"));
}

#[test]
fn the_cheapest_is_so_on_average_and_in_a_month() {
    let mut made = runs(
        20,
        &[
            ("tailed", 20, 100.0, Some(0.001)),
            ("even", 20, 200.0, Some(0.002)),
        ],
    );
    for (_, cells) in made.iter_mut().take(9) {
        cells[0].lane.cost_usd = Some(0.1);
    }
    let choice = chosen("pass>=0.5", &made);
    assert_eq!(choice.chosen.as_deref(), Some("even"));
    let figure = |choice: &Choice, lane: usize| choice.lanes[lane].terms[0].figure.unwrap();
    let choice = chosen("cost<0.01", &made);
    assert!((figure(&choice, 0) - 0.04555).abs() < 1e-9);
    assert!(!choice.lanes[0].is_met && choice.lanes[1].is_met && choice.lanes[1].is_certain);
    // Where it costs the same, the faster one is named first.
    let lanes = [("a", 20, 200.0, Some(0.001)), ("b", 20, 100.0, Some(0.001))];
    assert_eq!(
        chosen("pass>0", &runs(20, &lanes)).sentences()[0],
        "`b` is, with `a`, the cheapest lane that meets the need."
    );
}

#[test]
fn the_mean_of_a_cost_has_an_interval_by_prompts() {
    let mut made = runs(8, &[("mini", 8, 100.0, Some(0.001))]);
    for (_, cells) in made.iter_mut().take(4) {
        cells[0].lane.cost_usd = Some(0.003);
    }
    let term = |made: &[super::made::Made]| chosen("cost<0.0025", made).lanes[0].terms[0].clone();
    let once = term(&made);
    // The standard deviation of 8 values, 4 of them 1 and 4 of them 3, is the root of 8/7.
    let reach = 0.001 * 1.959_964 * (8.0_f64 / 7.0 / 8.0).sqrt();
    let interval = once.interval.unwrap();
    assert!(
        (interval.high - 0.002 - reach).abs() < 1e-9 && (0.002 - interval.low - reach).abs() < 1e-9
    );
    assert!(once.is_met && !once.is_certain);
    let mut twice = made.clone();
    for (run, cells) in made {
        twice.push((run, cells));
    }
    assert!((term(&twice).interval.unwrap().high - interval.high).abs() < 1e-9);
    assert_eq!(term(&twice[..5]).interval, None);
}

#[test]
fn money_for_answers_that_never_came_is_money() {
    let mut made = runs(4, &[("mini", 4, 200.0, Some(0.001))]);
    made[0].1[0] = failed("mini");
    made[0].1[0].lane.cost_usd = Some(0.005);
    made[1].1[0].lane.status = LaneStatus::Cancelled;
    let month = |made: &[super::made::Made]| Projection::of(&evidence(made).summaries()[0], 1_000);
    let lane = &evidence(&made).summaries()[0];
    assert!((lane.total_cost_usd.unwrap() - 0.008).abs() < 1e-12);
    assert!(!lane.is_total_cost_partial);
    // Over the three that ended by themselves.
    assert_eq!(month(&made).cells, 3);
    assert!((month(&made).cost_usd_per_month.unwrap() - 8.0 / 3.0).abs() < 1e-9);
    // Whom the host refused, it charges nothing; what was cut off may cost something.
    made[0].1[0].lane.cost_usd = None;
    assert!(!month(&made).is_partial);
    made[1].1[0].lane.cost_usd = None;
    assert!(month(&made).is_partial);
    assert!((month(&made).cost_usd_per_month.unwrap() - 2.0 / 3.0).abs() < 1e-9);
    let choice = chosen("cost<1,failed<1", &made);
    assert!(choice.lanes[0].is_met && !choice.lanes[0].terms[0].is_certain);
    assert!(
        choice.sentences()[1].contains("cost may be higher, for what some cells cost nobody told")
    );
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
            "`here` misses it: cost is not known.".to_owned()
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
