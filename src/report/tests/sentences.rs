//! The summary is true, whatever the figures are.

use super::made::{cell, evidence, failed, local, run, runs};
use crate::report::{Evidence, Findings, Wishes, sentence::summary};

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
        "`mini` is the cheapest lane within 4 points of the best, `maxi`: 12× cheaper, 4.0× faster at the median. It \
         passes 94 % [84, 98] of 50, `maxi` 98 % [90, 100] of 50. The intervals overlap: more prompts may change the order."
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
        said.starts_with("`mini` is the cheapest lane within 3 points of the best, `maxi`: 2.0× cheaper, 3.0× slower"),
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
        "`maxi` passes most often: 98 % [90, 100] of 50, and no other lane comes within 5 points of it."
    );
    let lanes = [
        ("mini", 48, 200.0, Some(0.002)),
        ("maxi", 49, 800.0, Some(0.001)),
    ];
    assert_eq!(
        said(&runs(50, &lanes)),
        "`maxi` passes most often: 98 % [90, 100] of 50, and no lane within 5 points of it is cheaper. The intervals overlap: \
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
        said.starts_with("`free` is the cheapest lane within 2 points of the best, `paid`: free at the median. It passes"),
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
         `b` was the cheapest, $0.0010 a prompt at the median."
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
        fewer.ends_with(" Not every lane was judged on the same number of answers."),
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
         median. `sound` was the cheapest, $0.0010 a prompt at the median. `cheap` failed on 50 % of its cells, more than 5 %, \
         and is not among those compared."
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
