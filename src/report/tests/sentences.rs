//! The summary is true, whatever the figures are.

use super::made::{cell, evidence, failed, local, run, runs};
use crate::{
    domain::failure::{FailureKind, LaneFailure},
    report::{Evidence, Findings, Wishes, sentence::summary},
};

fn said(made: &[super::made::Made]) -> String {
    summary(&evidence(made).summaries())
}

#[test]
fn the_cheapest_that_is_nearly_as_good() {
    let made = runs(
        50,
        &[
            ("mini", 47, 200.0, Some(0.0001)),
            ("maxi", 49, 800.0, Some(0.0012)),
            ("base", 10, 100.0, Some(0.00001)),
        ],
    );
    assert_eq!(
        said(&made),
        "`mini` is the cheapest lane within 4 points of the best, `maxi`: 12× cheaper on average, 4.0× faster at the median. It \
         passes 94 % [84, 98] of 50, `maxi` 98 % [90, 99.6] of 50. The intervals overlap: more prompts may change the order."
    );
}

#[test]
fn a_dearer_or_slower_one_is_said_to_be_so() {
    let made = runs(
        100,
        &[
            ("mini", 97, 900.0, Some(0.001)),
            ("maxi", 100, 300.0, Some(0.002)),
        ],
    );
    let said = said(&made);
    assert!(
        said.starts_with("`mini` is the cheapest lane within 3 points of the best, `maxi`: 2.0× cheaper on average, 3.0× slower"),
        "{said}"
    );
}

#[test]
fn the_best_may_be_the_only_one_that_is_enough() {
    let lanes = [
        ("mini", 10, 200.0, Some(0.0001)),
        ("maxi", 49, 800.0, Some(0.0012)),
    ];
    assert_eq!(
        said(&runs(50, &lanes)),
        "`maxi` passes most often: 98 % [90, 99.6] of 50, and no other lane comes within 5 points of it."
    );
    let lanes = [
        ("mini", 48, 200.0, Some(0.002)),
        ("maxi", 49, 800.0, Some(0.001)),
    ];
    assert_eq!(
        said(&runs(50, &lanes)),
        "`maxi` passes most often: 98 % [90, 99.6] of 50, and no lane within 5 points of it is cheaper. The intervals overlap: \
         more prompts may change the order."
    );
}

#[test]
fn ties_are_said_to_be_ties() {
    // Equal in all: the faster one counts as the best, and none is said to pass more often.
    let lanes = [("a", 40, 200.0, Some(0.001)), ("b", 40, 100.0, Some(0.001))];
    let equal = said(&runs(50, &lanes));
    assert!(
        equal.starts_with("`b` passes as often as any: 80 % [67, 89] of 50, and no lane within 5 points of it is cheaper."),
        "{equal}"
    );
    // Passes alike, one cheaper.
    let lanes = [("a", 40, 200.0, Some(0.001)), ("b", 40, 100.0, Some(0.002))];
    let cheaper = said(&runs(50, &lanes));
    assert!(
        cheaper.starts_with(
            "`a` passes as often as any: 80 % [67, 89] of 50, and no lane within 5 points"
        ),
        "{cheaper}"
    );
}

#[test]
fn a_price_that_is_not_known_makes_it_the_fastest() {
    let made: Vec<_> = (0..20)
        .map(|prompt| {
            let cells = vec![
                local("here", Some(prompt < 19), 100.0),
                cell("there", Some(true), 500.0, Some(0.001)),
            ];
            (run(&format!("p{prompt}"), 1), cells)
        })
        .collect();
    let said = said(&made);
    assert!(
        said.starts_with(
            "`here` is the fastest lane within 5 points of the best, `there`: 5.0× faster at the median (not every price is \
             known). It passes 95 %"
        ),
        "{said}"
    );
    let without = runs(20, &[("a", 20, 100.0, None), ("b", 20, 300.0, None)]);
    let without = super::sentences::said(&without);
    assert!(
        without.starts_with("`a` passes as often as any")
            && without.contains("faster (no price is known)"),
        "{without}"
    );
}

#[test]
fn a_price_of_nothing_divides_nothing() {
    let lanes = [
        ("free", 49, 100.0, Some(0.0)),
        ("paid", 50, 100.0, Some(0.001)),
    ];
    let said = said(&runs(50, &lanes));
    assert!(
        said.starts_with(
            "`free` is the cheapest lane within 2 points of the best, `paid`: free. It passes"
        ),
        "{said}"
    );
}

#[test]
fn one_lane_no_checks_and_nothing_at_all() {
    assert_eq!(said(&[]), "There is no cell to report.");
    assert_eq!(
        said(&runs(10, &[("a", 9, 100.0, None)])),
        "`a` passes 90 % [60, 98] of 10."
    );
    assert_eq!(
        said(&runs(10, &[("a", 0, 100.0, None), ("b", 0, 90.0, None)])),
        "No lane passed a check (20 answers were judged)."
    );
    let unchecked = vec![(
        run("p", 1),
        vec![
            cell("a", None, 100.0, Some(0.002)),
            cell("b", None, 300.0, Some(0.001)),
        ],
    )];
    assert_eq!(
        said(&unchecked),
        "No answer was checked, so nothing can be said about quality. `a` was the fastest to the end, 100 ms at the median. \
         `b` was the cheapest, $0.0010 a prompt on average."
    );
    let mut open = cell("a", Some(true), 100.0, None);
    open.checks[0].passed = None;
    assert_eq!(
        said(&[(run("p", 1), vec![open])]),
        "No answer could be judged, so nothing can be said about quality."
    );
    assert_eq!(
        said(&[(run("p", 1), vec![failed("a")])]),
        "No cell is done, so there is nothing to compare."
    );
}

#[test]
fn lanes_that_failed_are_named() {
    let mut made = runs(
        10,
        &[("a", 10, 100.0, Some(0.1)), ("b", 5, 90.0, Some(0.2))],
    );
    made[0].1.remove(0);
    let fewer = super::sentences::said(&made);
    assert!(
        fewer.starts_with(
            "The lanes were not judged on the same prompts, so none is ranked: `b` passes 50 %"
        ),
        "{fewer}"
    );
    made[0].1.insert(0, failed("a"));
    let said = said(&made);
    assert!(
        said.contains("`a` passes most often: 90 %")
            && said.ends_with("`a` failed on 1 of 10 cells, which counts as not passed."),
        "{said}"
    );
}

#[test]
fn who_fails_often_is_neither_the_fastest_nor_the_cheapest() {
    let cells = |prompt: u32| {
        let cheap = if prompt.is_multiple_of(2) {
            failed("cheap")
        } else {
            cell("cheap", None, 100.0, Some(0.0001))
        };
        vec![cheap, cell("sound", None, 300.0, Some(0.001))]
    };
    let made: Vec<_> = (0..10)
        .map(|prompt| (run(&format!("p{prompt}"), 1), cells(prompt)))
        .collect();
    assert_eq!(
        said(&made),
        "No answer was checked, so nothing can be said about quality. `sound` was the fastest to the end, 300 ms at the \
         median. `sound` was the cheapest, $0.0010 a prompt on average. `cheap` failed on 50 % of its cells, more than 5 %, \
         and is not among those compared."
    );
}

#[test]
fn cheap_is_what_all_prompts_cost_together() {
    // At the median `tailed` costs half as much, and 20 times as much in all.
    let mut made = runs(
        20,
        &[
            ("tailed", 20, 100.0, Some(0.001)),
            ("even", 20, 100.0, Some(0.002)),
        ],
    );
    for (_, cells) in made.iter_mut().take(9) {
        cells[0].lane.cost_usd = Some(0.1);
    }
    assert!(
        said(&made).starts_with("`even` passes as often as any: 100 % [84, 100] of 20, and no lane within 5 points of it is cheaper."),
        "{}",
        said(&made)
    );
    let mut unchecked = made.clone();
    for cell in unchecked.iter_mut().flat_map(|(_, cells)| cells) {
        cell.checks.clear();
    }
    assert!(said(&unchecked).ends_with("`even` was the cheapest, $0.0020 a prompt on average."));
    // Free is what costs nothing, not what costs nothing at the median.
    for (place, (_, cells)) in made.iter_mut().enumerate() {
        cells[0].lane.cost_usd = Some(if place < 9 { 0.001 } else { 0.0 });
        cells[1].checks[0].passed = Some(place > 0);
    }
    for (_, cells) in &mut made {
        cells.swap(0, 1);
        cells[0].lane.cost_usd = Some(0.0001);
    }
    let said = said(&made);
    assert!(said.starts_with("`even` is the cheapest lane within 5 points of the best, `tailed`: 4.5× cheaper on average."), "{said}");
}

#[test]
fn a_lane_that_is_cheap_prompt_by_prompt_and_dear_on_average_is_named() {
    let mut made = runs(
        20,
        &[("a", 20, 100.0, Some(0.001)), ("b", 20, 100.0, Some(0.002))],
    );
    assert_eq!(remarks(&evidence(&made)), Vec::<String>::new());
    made[0].1[0].lane.cost_usd = Some(0.1);
    assert_eq!(
        remarks(&evidence(&made)),
        [
            "`a` is cheaper than `b` prompt by prompt and dearer on average, which is what a month costs: some prompts cost far more \
          than others."
        ]
    );
    // Where it is dearer prompt by prompt as well, the tables still show a median that is not.
    for (_, cells) in made.iter_mut().take(9) {
        cells[0].lane.cost_usd = Some(0.1);
    }
    let said = remarks(&evidence(&made));
    assert!(
        said[0].starts_with("`a` is cheaper than `b` at the median and dearer on average"),
        "{said:?}"
    );
}

#[test]
fn who_fails_on_prompts_without_checks_does_not_lead() {
    // `a` failed on 30 of 40, none of which has checks.
    let made: Vec<_> = (0..40)
        .map(|at| {
            let passed = (at < 10).then_some(true);
            let a = if at < 10 {
                cell("a", passed, 10.0, Some(0.0001))
            } else {
                failed("a")
            };
            let other = |lane: &str, time| cell(lane, passed.map(|_| at > 0), time, Some(0.001));
            (
                run(&format!("p{at}"), 1),
                vec![a, other("b", 100.0), other("c", 200.0)],
            )
        })
        .collect();
    let said = said(&made);
    assert!(
        said.starts_with("`b` passes as often as any: 90 %"),
        "{said}"
    );
    assert!(
        said.ends_with(
            " `a` failed on 75 % of its cells, more than 5 %, and is not among those compared."
        ),
        "{said}"
    );
}

#[test]
fn equals_are_named_together() {
    let unchecked = |lanes: &[(&str, f64, f64)]| {
        let cells = lanes
            .iter()
            .map(|(lane, time, cost)| cell(lane, None, *time, Some(*cost)));
        said(&[(run("p", 1), cells.collect())])
    };
    let tied = unchecked(&[("a", 100.0, 0.001), ("b", 100.0, 0.001)]);
    assert!(
        tied.ends_with(
            " No lane was faster to the end than another, 100 ms at the median. No lane was cheaper than another, $0.0010 a \
             prompt on average."
        ),
        "{tied}"
    );
    let two = unchecked(&[
        ("a", 100.0, 0.002),
        ("b", 100.0, 0.001),
        ("c", 300.0, 0.001),
    ]);
    assert!(
        two.ends_with(
            " `a` and `b` were the fastest to the end, 100 ms at the median. `b` and `c` were the cheapest, $0.0010 a prompt on \
             average."
        ),
        "{two}"
    );
    let lanes = [
        ("a", 49, 100.0, Some(0.001)),
        ("b", 48, 90.0, Some(0.001)),
        ("c", 50, 100.0, Some(0.002)),
    ];
    let judged = said(&runs(50, &lanes));
    assert!(
        judged.starts_with("`a` is, with `b`, the cheapest lane within 2 points of the best, `c`: 2.0× cheaper on average."),
        "{judged}"
    );
}

#[test]
fn what_nobody_told_is_said() {
    let mut made = runs(
        10,
        &[("a", 10, 100.0, Some(0.1)), ("b", 10, 90.0, Some(0.2))],
    );
    // Cut off after it had begun.
    made[0].1[0] = failed("a");
    made[0].1[0].lane.error = Some(LaneFailure::new(FailureKind::Truncated, "cut off"));
    let said = said(&made);
    assert!(
        said.ends_with(" What some cells of `a` cost nobody told; it is in no price above."),
        "{said}"
    );
}

#[test]
fn prompts_and_repetitions_are_told_apart() {
    let made: Vec<_> = (1..=5)
        .flat_map(|repetition| {
            let mut made = runs(10, &[("a", 8, 100.0, None)]);
            for (run, _) in &mut made {
                run.repetition = repetition;
            }
            made
        })
        .collect();
    assert_eq!(
        said(&made),
        "`a` passes 80 % [49, 94] of 50 (10 prompts × 5)."
    );
}

#[test]
fn a_lane_that_was_two_models_is_named() {
    let mut evidence = Evidence::default();
    let one = cell("mini", Some(true), 10.0, None);
    let mut other = cell("mini", Some(true), 10.0, None);
    "another".clone_into(&mut other.lane.model);
    evidence.add(&run("a", 1), &one, None);
    assert_eq!(remarks(&evidence), Vec::<String>::new());
    evidence.add(&run("b", 1), &other, None);
    let said = remarks(&evidence);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("mini") && said[0].contains("not the same model"),
        "{said:?}"
    );
}

fn remarks(evidence: &Evidence) -> Vec<String> {
    Findings::new(Vec::new(), evidence.clone(), &Wishes::default()).remarks
}
