//! Lanes that shared the machine are named, and their times are not compared with others without saying so.

use super::{
    forms::{accepts, as_html, as_json, as_markdown, validator},
    made::{Made, batch, cell, evidence, failed, local, run},
};
use crate::{
    domain::{batch::CellRecord, plan::Schedule},
    report::{
        BatchComparison, Choice, Findings, LaneComparison, Wishes, csv, sentence::summary,
        sharing::race_of,
    },
};
use std::collections::BTreeSet;

/// A cell of a local lane that answered so many prompts together.
fn together(lane: &str, e2e_ms: f64, many: Option<u32>) -> CellRecord {
    let mut cell = local(lane, Some(true), e2e_ms);
    cell.lane.server.sequences = many;
    cell
}

/// Twenty runs of these cells.
fn batch_of(schedule: Schedule, cells: &[CellRecord]) -> Vec<Made> {
    let made = (0..20).map(|prompt| {
        let mut run = run(&format!("p{prompt}"), 1);
        run.head.schedule = schedule;
        (run, cells.to_vec())
    });
    made.collect()
}

fn findings(made: &[Made]) -> Findings {
    Findings::new(vec![batch("b1")], evidence(made), &Wishes::default())
}

fn one_and_eight() -> Vec<Made> {
    let cells = [
        together("one", 100.0, None),
        together("eight", 737.0, Some(8)),
    ];
    batch_of(Schedule::Fair, &cells)
}

#[test]
fn a_lane_that_answers_prompts_together_is_not_slower_without_a_condition() {
    let mut made = one_and_eight();
    made[3].1[1].lane.server.sequences = Some(5);
    made[4].1[1].lane.server.sequences = None;
    let findings = findings(&made);
    assert_eq!(
        findings.remarks,
        [
            "`eight` answered up to 8 prompts together; its times and speeds are those of a share of the machine."
        ]
    );
    assert!(
        findings.sentence.contains(
            "no lane within 5 points of it is faster (no price is known; `eight` shared the machine)."
        ),
        "{}",
        findings.sentence
    );
    assert!(!findings.comparisons[0].paired.has_equal_shares);
    let need = Choice::of(&"pass>=0.5".parse().unwrap(), &findings.evidence);
    assert_eq!(
        need.sentences()[0],
        "`one` is the fastest lane that meets the need (no price is known; `eight` shared the machine)."
    );
}

#[test]
fn every_form_says_so() {
    let made = one_and_eight();
    let findings = findings(&made);
    let json = as_json(&made, &findings);
    accepts(&validator("report"), &json);
    assert_eq!(json["summary"][1]["sequences"], 8);
    assert!(json["summary"][0].get("sequences").is_none());
    assert_eq!(json["comparisons"][0]["has_equal_shares"], false);
    assert_eq!(json["remarks"][0], findings.remarks[0]);
    let html = as_html(&made, &findings);
    assert!(
        html.contains("<code>eight</code> answered up to 8 prompts together"),
        "{html}"
    );
    for text in [as_markdown(&findings), html] {
        assert!(text.contains("7.37× slower† ["), "{text}");
        assert!(
            text.contains("† Of unequal shares of the machine"),
            "{text}"
        );
    }
    // Not where all had as much of it.
    let alone = batch_of(
        Schedule::Fair,
        &[together("one", 100.0, None), together("two", 737.0, None)],
    );
    let alone = super::sharing::findings(&alone);
    let text = as_markdown(&alone);
    assert!(
        text.contains("7.37× slower [") && !text.contains("† Of"),
        "{text}"
    );
    assert_eq!(alone.remarks, Vec::<String>::new());
}

#[test]
fn the_last_column_says_how_many_prompts_were_answered_together() {
    let made = one_and_eight();
    let mut out = Vec::new();
    let mut rows = csv::Rows::new(&mut out).unwrap();
    for cell in &made[0].1 {
        rows.cell("b1", &made[0].0, cell).unwrap();
    }
    rows.finish().unwrap();
    let text = String::from_utf8(out).unwrap();
    let last: Vec<&str> = text
        .lines()
        .map(|line| line.rsplit(',').next().unwrap())
        .collect();
    assert_eq!(last, ["sequences", "", "8"]);
}

#[test]
fn local_lanes_that_raced_are_named_and_compared_among_themselves() {
    let cells = [
        together("c", 100.0, None),
        together("a", 300.0, None),
        together("b", 200.0, None),
    ];
    let made = batch_of(Schedule::Race, &cells);
    let raced = findings(&made);
    assert_eq!(
        raced.remarks,
        [
            "`c`, `a` and `b` computed at the same time on one machine (`race`); `--schedule fair` measures each lane alone."
        ]
    );
    assert!(
        raced
            .comparisons
            .iter()
            .all(|one| one.paired.has_equal_shares)
    );
    assert!(!raced.sentence.contains("machine"), "{}", raced.sentence);
    // Neither in turns, nor one alone, nor beside one that never answered.
    let fair = findings(&batch_of(Schedule::Fair, &cells));
    let lonely = [cells[0].clone(), cell("far", Some(true), 9.0, None)];
    let mut broken = failed("b");
    "local".clone_into(&mut broken.lane.access);
    let beside = [cells[0].clone(), broken];
    for quiet in [
        fair,
        findings(&batch_of(Schedule::Race, &lonely)),
        findings(&batch_of(Schedule::Race, &beside)),
    ] {
        assert_eq!(quiet.remarks, Vec::<String>::new());
        assert!(
            quiet
                .comparisons
                .iter()
                .all(|one| one.paired.has_equal_shares)
        );
    }
}

#[test]
fn beside_a_remote_lane_those_that_raced_are_the_condition() {
    let cells = [
        together("a", 300.0, None),
        together("b", 900.0, None),
        cell("far", Some(true), 100.0, Some(0.001)),
    ];
    let made = batch_of(Schedule::Race, &cells);
    let said = summary(&evidence(&made).summaries());
    assert!(
        said.contains("faster (not every price is known; `a` and `b` shared the machine)"),
        "{said}"
    );
    let mut open = made.clone();
    for cell in open.iter_mut().flat_map(|one| &mut one.1) {
        cell.checks.clear();
    }
    let said = summary(&evidence(&open).summaries());
    assert!(
        said.contains("`far` was the fastest to the end, 100 ms at the median (`a` and `b` shared the machine)."),
        "{said}"
    );
    let many: Vec<CellRecord> = (0..4)
        .map(|lane| together(&format!("l{lane}"), 1.0, None))
        .collect();
    let many = batch_of(Schedule::Race, &[many, vec![cells[2].clone()]].concat());
    let said = summary(&evidence(&many).summaries());
    assert!(said.contains("; 4 lanes shared the machine)"), "{said}");
}

#[test]
fn where_the_price_decides_only_a_ratio_of_times_needs_the_condition() {
    let made = |slow: f64| {
        let mut cheap = together("cheap", slow, Some(4));
        cheap.lane.cost_usd = Some(0.001);
        batch_of(
            Schedule::Fair,
            &[cheap, cell("dear", Some(true), 100.0, Some(0.002))],
        )
    };
    let said = summary(&evidence(&made(300.0)).summaries());
    // Passing alike, the cheapest counts as the best: no ratio is said.
    assert!(!said.contains("shared"), "{said}");
    let mut worse = made(300.0);
    worse[0].1[0].checks[0].passed = Some(false);
    let said = summary(&evidence(&worse).summaries());
    assert!(
        said.contains(
            "2.0× cheaper on average, 3.0× slower at the median (`cheap` shared the machine). It passes"
        ),
        "{said}"
    );
    let mut alike = made(100.0);
    alike[0].1[0].checks[0].passed = Some(false);
    let said = summary(&evidence(&alike).summaries());
    assert!(
        said.contains("2.0× cheaper on average. It passes"),
        "{said}"
    );
}

#[test]
fn unequal_shares_are_called_so() {
    let cells = [
        together("four", 100.0, Some(4)),
        together("eight", 200.0, Some(8)),
    ];
    let findings = findings(&batch_of(Schedule::Race, &cells));
    assert!(
        findings
            .sentence
            .contains("`four` and `eight` had unequal shares of the machine"),
        "{}",
        findings.sentence
    );
    assert_eq!(findings.remarks.len(), 3, "{:?}", findings.remarks);
    let alike = [
        together("this", 100.0, Some(4)),
        together("that", 200.0, Some(4)),
    ];
    let findings = super::sharing::findings(&batch_of(Schedule::Fair, &alike));
    assert_eq!(
        findings.remarks,
        [
            "`this` and `that` answered up to 4 prompts together; their times and speeds are those of a share of the machine."
        ]
    );
    assert!(
        !findings.sentence.contains("machine"),
        "{}",
        findings.sentence
    );
}

#[test]
fn a_later_batch_of_another_share_is_marked() {
    let before = evidence(&batch_of(Schedule::Fair, &[together("a", 100.0, None)]));
    let now = evidence(&batch_of(Schedule::Fair, &[together("a", 300.0, Some(8))]));
    let of = |now| BatchComparison::of(("b0", &before), ("b1", now));
    assert!(of(&before).lanes[0].paired.has_equal_shares);
    let change = of(&now);
    assert!(!change.lanes[0].paired.has_equal_shares);
    let mut findings = Findings::new(vec![batch("b1")], now, &Wishes::default());
    findings.change = Some(change);
    let text = as_markdown(&findings);
    let below = text.split("### Now against before").nth(1).unwrap();
    assert!(
        below.contains("3.00× slower†") && below.contains("† Of unequal"),
        "{text}"
    );
}

#[test]
fn of_races_only_the_largest_are_kept() {
    let one = |name: &str, lanes: &[&str]| {
        let cells = lanes.iter().map(|lane| together(lane, 1.0, None));
        (run(name, 1), cells.collect())
    };
    let evidence = evidence(&[
        one("p", &["a", "b"]),
        one("q", &["c", "b", "a"]),
        one("r", &["b", "c"]),
        one("s", &["d", "c"]),
        one("t", &["e"]),
    ]);
    let names = |race: &BTreeSet<String>| race.iter().map(String::as_str).collect::<String>();
    let kept: Vec<String> = evidence.races.iter().map(names).collect();
    assert_eq!(kept, ["abc", "cd"]);
    let all = LaneComparison::all(&evidence, "b");
    let equal: Vec<(&str, bool)> = all
        .iter()
        .map(|one| (one.lane.as_str(), one.paired.has_equal_shares))
        .collect();
    assert_eq!(
        equal,
        [("a", true), ("c", true), ("d", false), ("e", false)]
    );
}

#[test]
fn a_replay_knows_its_race_by_the_schedule() {
    let cells = [
        together("a", 100.0, None),
        cell("far", Some(true), 100.0, None),
        together("b", 200.0, Some(2)),
    ];
    let made = batch_of(Schedule::Race, &cells);
    let all = evidence(&made);
    let mut lanes = evidence(&batch_of(Schedule::Fair, &cells)).summaries();
    assert_eq!(race_of(Schedule::Fair, &mut lanes), BTreeSet::new());
    assert!(lanes.iter().all(|lane| lane.raced == 0));
    let race = race_of(Schedule::Race, &mut lanes);
    assert_eq!(all.races, [race]);
    assert_eq!(lanes, all.summaries());
    assert_eq!(race_of(Schedule::Race, &mut lanes[..2]), BTreeSet::new());
}
