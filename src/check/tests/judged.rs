//! Judges' opinions, and checks made of checks.

use super::*;
use crate::domain::cost::CostSum;

fn opinion(score: Option<f64>, reason: &str) -> Opinion {
    Opinion {
        score,
        reason: reason.to_owned(),
        cost: CostSum::default(),
    }
}

#[test]
fn a_rating_passes_from_its_threshold() {
    let check = json!({"judge": {"rubric": "Kind", "threshold": 0.7}});
    let judged = |opinions: &[Opinion]| {
        let verdict = verdict(&check, &answer("x"), opinions);
        (verdict.passed, verdict.score, verdict.reason)
    };
    assert_eq!(
        judged(&[opinion(Some(0.7), "warm")]),
        (
            Some(true),
            Some(0.7),
            "rated 0.7, 0.7 needed: warm".to_owned()
        )
    );
    assert_eq!(
        judged(&[opinion(Some(0.6), "")]),
        (Some(false), Some(0.6), "rated 0.6, 0.7 needed".to_owned())
    );
    assert_eq!(
        judged(&[opinion(None, "it timed out")]),
        (None, None, "no rating: it timed out".to_owned())
    );
    assert_eq!(
        judged(&[]),
        (None, None, "no judge has rated it".to_owned())
    );
}

#[test]
fn opinions_reach_their_judges_whatever_stands_between() {
    let check = json!({"all": [
        {"judge": "first"},
        {"any": [{"contains": "x"}, {"judge": "second"}]},
        {"equals": "never"},
        {"judge": "third"},
    ]});
    let spec = parse(&check).unwrap();
    let rubrics: Vec<_> = spec
        .judges()
        .iter()
        .map(|judge| judge.rubric.clone())
        .collect();
    assert_eq!(rubrics, ["first", "second", "third"]);
    let opinions = [0.1, 0.2, 0.3].map(|score| opinion(Some(score), ""));
    let verdict = verdict(&check, &answer("x"), &opinions);
    let scores = [
        verdict.parts[0].score,
        verdict.parts[1].parts[1].score,
        verdict.parts[3].score,
    ];
    assert_eq!(scores, [Some(0.1), Some(0.2), Some(0.3)]);
}

#[test]
fn a_judge_whose_opinion_changes_nothing_is_not_needed() {
    let needs = |check: &Value, opinions: &[Opinion]| {
        let checker = Checkers::default().checker(&parse(check).unwrap()).unwrap();
        checker.needs_judge(&answer("x"), opinions)
    };
    let judge = || json!({"judge": "rubric"});
    let (hit, miss, open) = (
        json!({"contains": "x"}),
        json!({"contains": "y"}),
        json!({"max_tokens": 1}),
    );
    for (check, is_needed) in [
        (judge(), true),
        (json!({"all": [judge(), hit]}), true),
        (json!({"all": [judge(), miss]}), false),
        (json!({"any": [judge(), hit]}), false),
        (json!({"any": [judge(), miss]}), true),
        // What cannot be judged decides nothing.
        (json!({"all": [judge(), open]}), true),
        (json!({"any": [judge(), open]}), true),
        (json!({"all": [{"any": [judge(), hit]}, open]}), false),
        (json!({"all": [{"any": [judge(), miss]}, hit]}), true),
        (json!({"any": [{"all": [judge(), hit]}, hit]}), false),
    ] {
        assert_eq!(needs(&check, &[]), is_needed, "{check}");
    }
    // What the first judge says may settle it for the second; there is no third.
    let both = json!({"all": [judge(), judge()]});
    assert!(!needs(&both, &[opinion(Some(0.0), "")]));
    assert!(needs(&both, &[opinion(Some(1.0), "")]));
    assert!(needs(&both, &[opinion(None, "no rating")]));
    assert!(!needs(
        &both,
        &[opinion(Some(1.0), ""), opinion(Some(1.0), "")]
    ));
}

/// A part that passes, fails, or cannot be judged.
fn part(passed: Option<bool>) -> Value {
    match passed {
        Some(true) => json!({"contains": "x"}),
        Some(false) => json!({"contains": "y"}),
        None => json!({"max_tokens": 1}),
    }
}

#[test]
fn three_values_are_joined_as_kleene_does() {
    let values = [Some(true), Some(false), None];
    for one in values {
        for other in values {
            let joined = |kind: &str| found(&json!({kind: [part(one), part(other)]}), "x").0;
            let all = match (one, other) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            };
            let any = match (one, other) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            };
            assert_eq!(
                (joined("all"), joined("any")),
                (all, any),
                "{one:?} {other:?}"
            );
        }
    }
}

#[test]
fn the_opposite_of_a_check_and_what_nobody_can_say() {
    let not_red = json!({ "not": { "contains": "red" } });
    assert_passes(&not_red, "blue", "`contains`: not found: `red`");
    assert_fails(&not_red, "red", "`contains`: found: `red`");
    let by_hand = json!({ "not_judged": "a script would say" });
    assert_eq!(
        found(&by_hand, "x"),
        (None, "a script would say".to_owned())
    );
    assert_eq!(found(&json!({ "not": by_hand }), "x").0, None);
    // It fails with another part, and never passes with one.
    let both = |text: &str| found(&json!({ "all": [not_red, by_hand] }), text).0;
    assert_eq!((both("red"), both("blue")), (Some(false), None));
    // The opinion of a judge inside reaches it, and a lane that failed passes nothing.
    let judged = json!({ "not": { "judge": "Kind" } });
    let opinions = [opinion(Some(0.2), "Rude.")];
    assert_eq!(verdict(&judged, &answer("x"), &opinions).passed, Some(true));
    let failed = Answer {
        status: LaneStatus::Failed,
        ..answer("blue")
    };
    assert_eq!(verdict(&not_red, &failed, &[]).passed, Some(false));
}

#[test]
fn the_first_part_that_decides_gives_the_reason() {
    let all = |parts: &[Option<bool>]| {
        found(
            &json!({"all": parts.iter().map(|one| part(*one)).collect::<Vec<_>>()}),
            "x",
        )
        .1
    };
    let any = |parts: &[Option<bool>]| {
        found(
            &json!({"any": parts.iter().map(|one| part(*one)).collect::<Vec<_>>()}),
            "x",
        )
        .1
    };
    assert_eq!(all(&[Some(true), Some(true)]), "2 checks passed");
    assert_eq!(
        all(&[None, Some(false), Some(false)]),
        "2 of 3 failed; `contains`: not found: `y`"
    );
    assert_eq!(
        all(&[Some(true), None]),
        "1 of 2 could not be judged; `max_tokens`: the number of tokens is not known"
    );
    assert_eq!(any(&[Some(false), Some(true)]), "`contains`: found: `x`");
    assert_eq!(
        any(&[Some(false)]),
        "1 of 1 failed; `contains`: not found: `y`"
    );
}

#[test]
fn several_checks_have_a_verdict_each() {
    let mut checkers = Checkers::default();
    let mut verdicts = |check: Value| {
        let checker = checkers.checker(&parse(&check).unwrap()).unwrap();
        let verdicts = checker.verdicts(&answer("19 x"), &[opinion(Some(1.0), "")]);
        verdicts
            .into_iter()
            .map(|verdict| (verdict.check, verdict.passed))
            .collect::<Vec<_>>()
    };
    let each = |name: &str, passed| (name.to_owned(), passed);
    assert_eq!(
        verdicts(json!({"number": 19})),
        [each("number", Some(true))]
    );
    assert_eq!(
        verdicts(json!({"number": 18, "judge": "Kind", "contains": "x"})),
        [
            each("number", Some(false)),
            each("judge", Some(true)),
            each("contains", Some(true))
        ]
    );
    assert_eq!(
        verdicts(json!({"any": [{"number": 18}]})),
        [each("any", Some(false))]
    );
}

#[test]
fn a_verdict_without_opinions_says_whether_a_judge_is_needed() {
    let needs = |check: Value| verdict(&check, &answer("x"), &[]).passed.is_none();
    assert!(needs(json!({"contains": "x", "judge": "Kind"})));
    assert!(!needs(json!({"contains": "y", "judge": "Kind"})));
    assert!(!needs(
        json!({"any": [{"contains": "x"}, {"judge": "Kind"}]})
    ));
}

#[test]
fn many_different_patterns_are_not_all_kept() {
    let mut checkers = Checkers::default();
    for at in 0..200 {
        let spec =
            parse(&json!({"regex": format!("^a{at}$"), "json_schema": {"minimum": at}})).unwrap();
        let checker = checkers.checker(&spec).unwrap();
        let verdict = checker.evaluate(&answer(&format!("a{at}")), &[]);
        assert_eq!(verdict.parts[0].passed, Some(true), "{at}");
    }
    let written = format!("{checkers:?}");
    assert!(written.len() < 200_000, "{}", written.len());
}

#[test]
fn a_judge_within_a_denial_is_asked_where_it_decides() {
    let checker = |check: Value| {
        let spec = parse(&check).unwrap();
        Checkers::default().checker(&spec).unwrap()
    };
    let denied = checker(json!({"not": {"judge": "Rude"}}));
    assert!(denied.needs_judge(&answer("x"), &[]));
    let decided = checker(json!({"contains": "y", "not": {"judge": "Rude"}}));
    assert!(!decided.needs_judge(&answer("x"), &[]));
    let open =
        checker(json!({"contains": "x", "not": {"any": [{"contains": "z"}, {"judge": "Rude"}]}}));
    assert!(open.needs_judge(&answer("x"), &[]));
}
