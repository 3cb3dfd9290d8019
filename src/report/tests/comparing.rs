//! Two lanes, and two batches.

use super::{
    forms::{accepts, as_html, as_json, as_markdown, validator},
    made::{Made, batch, cell, evidence, failed, run, runs},
};
use crate::report::{
    BatchComparison, Findings, LaneComparison, Wishes,
    compare::ChangeKind::{self, Fixed, NewFailure, Regression},
};

#[test]
fn lanes_are_paired_by_prompt() {
    let mut made = runs(
        40,
        &[
            ("mini", 30, 100.0, Some(0.001)),
            ("maxi", 39, 400.0, Some(0.01)),
        ],
    );
    // A prompt that one lane alone has is in no pair.
    made.push((run("alone", 1), vec![cell("mini", Some(true), 1.0, None)]));
    let evidence = evidence(&made);
    let all = LaneComparison::all(&evidence, "maxi");
    assert_eq!(all.len(), 1);
    let LaneComparison { lane, base, paired } = &all[0];
    assert_eq!((lane.as_str(), base.as_str()), ("mini", "maxi"));
    let time = paired.e2e_ratio.unwrap();
    assert_eq!(time.prompts, 40);
    assert!((time.ratio - 0.25).abs() < 1e-9, "{time:?}");
    assert!((paired.cost_ratio.unwrap().ratio - 0.1).abs() < 1e-9);
    let checks = paired.checks.unwrap();
    assert_eq!((checks.prompts.both, checks.prompts.only_second), (30, 9));
    assert!((checks.difference.unwrap() + 9.0 / 40.0).abs() < 1e-12);
    assert!((checks.p_value - 2.0 / 512.0).abs() < 1e-12);
    assert!(LaneComparison::all(&evidence, "none").is_empty());
}

#[test]
fn repetitions_are_one_pair() {
    let made: Vec<Made> = (1..=3)
        .map(|repetition| {
            let slow = if repetition == 3 { 1_000.0 } else { 100.0 };
            let cells = vec![
                cell("a", Some(repetition != 3), slow, Some(0.0)),
                cell("b", Some(repetition == 3), 200.0, Some(0.0)),
            ];
            (run("p", repetition), cells)
        })
        .collect();
    let evidence = evidence(&made);
    let paired = LaneComparison::all(&evidence, "b")[0].paired;
    let time = paired.e2e_ratio.unwrap();
    assert_eq!((time.prompts, time.interval), (1, None));
    assert!((time.ratio - 0.5).abs() < 1e-12, "the median, {time:?}");
    assert_eq!(paired.checks.unwrap().prompts.only_first, 1);
    assert_eq!(paired.cost_ratio, None, "nothing to nothing has no ratio");
}

/// The row of `a` against `b` as both forms write it.
fn row(made: &[Made]) -> String {
    let mut findings = Findings::new(vec![batch("b1")], evidence(made), &Wishes::default());
    findings.comparisons = LaneComparison::all(&findings.evidence, "b");
    let page = as_html(made, &findings);
    let text = as_markdown(&findings);
    let (_, row) = text.split_once("## The same prompts").unwrap();
    let row = row.lines().find(|line| line.starts_with("| a |")).unwrap();
    for part in row.split(" | ").skip(1) {
        let part = part.trim_end_matches(" |");
        assert!(page.contains(&format!("<td>{part}</td>")), "{part}");
    }
    accepts(&validator("report"), &as_json(made, &findings));
    row.to_owned()
}

#[test]
fn a_row_says_of_how_many_prompts_it_is_and_what_is_free() {
    let free = |first: f64, second: f64, every: usize| -> Vec<Made> {
        let mut made = runs(
            20,
            &[
                ("a", 20, 100.0, Some(first)),
                ("b", 20, 100.0, Some(second)),
            ],
        );
        for one in made.iter_mut().step_by(every) {
            one.1[0].lane.cost_usd = Some(0.0);
        }
        made
    };
    let half = row(&free(0.001, 0.001, 2));
    assert!(half.contains("| 2.00× cheaper‡ [1."), "{half}");
    for (made, words) in [
        (free(0.0, 0.001, 20), "| free, the other is not |"),
        (free(0.0, 0.0, 20), "| both free |"),
    ] {
        let row = row(&made);
        assert!(row.contains(words), "{row}");
    }
    let mut made = runs(20, &[("b", 20, 1.0, Some(0.1)), ("a", 20, 1.0, Some(0.1))]);
    for one in &mut made[..3] {
        one.1[1].lane.timing.e2e_ms = None;
        one.1[0].lane.cost_usd = None;
        one.1[1].checks.clear();
    }
    made[3].1[1].lane.cost_usd = None;
    let fewer = row(&made);
    let expected = "| the same [1.00, 1.00] (17 of 20) | the same [1.00, 1.00] | the same [1.00, 1.00] (16 of 20) | 0 ";
    assert!(fewer.contains(expected), "{fewer}");
    assert!(fewer.contains("] (17 of 20) | 1.000 |"), "{fewer}");
    for one in &mut made {
        one.1[0].lane.cost_usd = Some(0.0);
    }
    let other = row(&made);
    assert!(
        other.contains("| –, as the other is free (19 of 20) |"),
        "{other}"
    );
}

fn changes(before: &[Made], now: &[Made]) -> (BatchComparison, Vec<(ChangeKind, String)>) {
    let change = BatchComparison::of(("old", &evidence(before)), ("new", &evidence(now)));
    let list = change.changes.iter();
    let list = list
        .map(|change| (change.kind, change.prompt.clone()))
        .collect();
    (change, list)
}

#[test]
fn regressions_come_first() {
    let one = |prompt: &str, cell| (run(prompt, 1), vec![cell]);
    let done = |passed| cell("a", passed, 100.0, Some(0.001));
    let before = [
        one("fixed", done(Some(false))),
        one("worse", done(Some(true))),
        one("same", done(Some(true))),
        one("bad", done(Some(false))),
        one("open", done(None)),
        one("mended", failed("a")),
        one("broken", done(Some(true))),
        one("gone", done(Some(true))),
    ];
    let now = [
        one("fixed", done(Some(true))),
        one("worse", done(Some(false))),
        one("same", done(Some(true))),
        one("bad", failed("a")),
        one("open", failed("a")),
        one("mended", done(None)),
        one("broken", failed("a")),
        one("new", done(Some(false))),
    ];
    let (change, list) = changes(&before, &now);
    let expected = [
        (Regression, "worse"),
        (Regression, "broken"),
        (NewFailure, "open"),
        (NewFailure, "new"),
        (Fixed, "fixed"),
        (Fixed, "mended"),
    ];
    assert_eq!(
        list,
        expected.map(|(kind, prompt)| (kind, prompt.to_owned()))
    );
    assert!(change.has_regressions());
    assert_eq!(
        (
            change.prompts,
            change.prompts_only_before,
            change.prompts_only_now
        ),
        (7, 1, 1)
    );
    assert_eq!(change.changed_prompts, 0);
    let words: Vec<String> = change
        .changes
        .iter()
        .map(|change| change.now.words())
        .collect();
    assert_eq!(
        words,
        [
            "not passed",
            "failed",
            "failed",
            "not passed",
            "passed",
            "not judged"
        ]
    );
    let (same, list) = changes(&before, &before);
    assert_eq!(list, []);
    assert!(!same.has_regressions());
    let ratio = same.lanes[0].paired.e2e_ratio.unwrap();
    assert!((ratio.ratio - 1.0).abs() < 1e-12);
}

#[test]
fn repetitions_are_judged_by_more_than_half() {
    let made = |passes: u32| -> Vec<Made> {
        (1..=3)
            .map(|repetition| {
                let passed = Some(repetition <= passes);
                (run("p", repetition), vec![cell("a", passed, 100.0, None)])
            })
            .collect()
    };
    let (change, list) = changes(&made(2), &made(1));
    assert_eq!(list, [(Regression, "p".to_owned())]);
    assert_eq!(change.changes[0].now.words(), "1 of 3 passed");
    assert_eq!(changes(&made(3), &made(2)).1, []);
}

#[test]
fn a_changed_text_and_other_lanes_are_told() {
    let before = runs(2, &[("a", 2, 1.0, None), ("old", 2, 1.0, None)]);
    let mut now = runs(2, &[("a", 2, 2.0, None), ("new", 2, 1.0, None)]);
    now[0].0.head.prompt.text.push('!');
    let (change, _) = changes(&before, &now);
    assert_eq!((change.prompts, change.changed_prompts), (2, 1));
    assert_eq!(change.lanes_only_before, ["old"]);
    assert_eq!(change.lanes_only_now, ["new"]);
    let ratio = change.lanes[0].paired.e2e_ratio.unwrap().ratio;
    assert!((ratio - 2.0).abs() < 1e-9, "{ratio}");
}

#[test]
fn of_another_suite_only_the_same_text_is_the_same_prompt() {
    let before = runs(3, &[("a", 3, 1.0, None)]);
    let mut now = runs(3, &[("a", 1, 1.0, None)]);
    // The id of the last one means something else there.
    now[2].0.head.prompt.text.push('!');
    let (old, new) = (evidence(&before), evidence(&now));
    let of = |change: BatchComparison| {
        let regressed: Vec<String> = change
            .of_kind(Regression)
            .map(|change| change.prompt.clone())
            .collect();
        (change.prompts, change.changed_prompts, regressed)
    };
    let own = of(BatchComparison::of(("old", &old), ("new", &new)));
    let other = of(BatchComparison::of_other_suites(
        ("old", &old),
        ("new", &new),
    ));
    let [second, third] = [1, 2].map(|at: usize| new.prompts[at].name.clone());
    assert_eq!(own, (3, 1, vec![second.clone(), third]));
    assert_eq!(other, (2, 0, vec![second]));
}

#[test]
fn the_same_id_with_another_text_is_another_prompt_in_one_report() {
    let mut made = runs(1, &[("a", 1, 1.0, None)]);
    let mut other = made.clone();
    other[0].0.head.prompt.text.push('!');
    made.extend(other);
    made.extend(made.clone());
    let evidence = evidence(&made);
    assert_eq!((evidence.prompts.len(), evidence.runs), (2, 4));
}
