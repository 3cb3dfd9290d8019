//! Tests of picking: what remains, that it stays when prompts are added, and what is said when nothing remains.

use super::*;

/// Reckoned apart; a change would move the cells of everybody's job arrays.
const SHARD_1: [&str; 5] = ["sum-1", "sum-2", "sum-5", "sum-7", "sum-8"];

/// Reckoned apart.
const SAMPLE: [&str; 4] = ["sum-2", "sum-6", "sum-7", "sum-10"];

fn suite(count: usize) -> Suite {
    let cases = (1..=count).map(|number| Case {
        id: format!("sum-{number}"),
        tags: vec![if number % 2 == 0 { "even" } else { "odd" }.to_owned()],
        repeat: 1,
        ..Case::default()
    });
    Suite {
        title: "Sums".to_owned(),
        cases: cases.collect(),
        warnings: vec!["w".to_owned()],
        more_warnings: 0,
        notes: Vec::new(),
    }
}

fn picked(pick: &Pick, count: usize) -> Vec<String> {
    ids(&pick.apply(suite(count)).unwrap())
}

fn ids(suite: &Suite) -> Vec<String> {
    suite.cases.iter().map(|case| case.unwrap().id).collect()
}

fn refusal(pick: &Pick) -> String {
    pick.apply(suite(12)).unwrap_err().to_string()
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

#[test]
fn nothing_asked_is_everything() {
    let all = Pick::default().apply(suite(3)).unwrap();
    assert_eq!(ids(&all), ["sum-1", "sum-2", "sum-3"]);
    assert_eq!((all.title.as_str(), all.warnings.len()), ("Sums", 1));
}

#[test]
fn ids_and_tags_narrow_together() {
    let pick = Pick {
        filter: words(&["sum-1?", "sum-2"]),
        tags: words(&["even", "none"]),
        ..Pick::default()
    };
    assert_eq!(picked(&pick, 12), ["sum-2", "sum-10", "sum-12"]);
}

#[test]
fn a_sample_is_the_same_each_time_and_keeps_the_order() {
    let pick = Pick {
        sample: Some(4),
        sample_seed: 7,
        ..Pick::default()
    };
    assert_eq!(picked(&pick, 12), SAMPLE);
    let other = Pick {
        sample_seed: 8,
        ..pick.clone()
    };
    assert_ne!(picked(&other, 12), SAMPLE);
    assert_eq!(
        picked(
            &Pick {
                sample: Some(99),
                ..pick.clone()
            },
            3
        )
        .len(),
        3
    );
    let grown = picked(&pick, 13);
    let kept = SAMPLE
        .iter()
        .filter(|id| grown.contains(&(**id).to_owned()))
        .count();
    assert!(kept >= 3, "{grown:?}");
}

#[test]
fn shards_are_the_whole_and_adding_moves_nothing() {
    let shard = |index, count| {
        picked(
            &Pick {
                shard: Some(Shard { index, of: 3 }),
                ..Pick::default()
            },
            count,
        )
    };
    let mut all: Vec<String> = (1..=3).flat_map(|index| shard(index, 60)).collect();
    assert_eq!(all.len(), 60);
    all.sort();
    all.dedup();
    assert_eq!(all.len(), 60);
    for index in 1..=3 {
        let small = shard(index, 60);
        assert!(small.len() > 10, "{small:?}");
        let large = shard(index, 90);
        assert_eq!(large.get(..small.len()), Some(small.as_slice()));
    }
    assert_eq!(shard(1, 12), SHARD_1);
}

#[test]
fn repetitions_replace_those_of_the_suite() {
    let suite = Pick {
        repeat: Some(5),
        ..Pick::default()
    }
    .apply(suite(2))
    .unwrap();
    assert!(suite.cases.iter().all(|case| case.unwrap().repeat == 5));
}

#[test]
fn shards_are_read_from_text() {
    assert_eq!("2/4".parse(), Ok(Shard { index: 2, of: 4 }));
    for wrong in ["0/4", "5/4", "4", "a/b", "1/0", "-1/2", ""] {
        let message = wrong.parse::<Shard>().unwrap_err();
        assert!(message.starts_with("must be i/n"), "{message}");
    }
}

#[test]
fn when_nothing_remains_it_says_what_there_is() {
    let filter = Pick {
        filter: words(&["max-*"]),
        ..Pick::default()
    };
    assert!(refusal(&filter).starts_with("no prompt has an id like `max-*`; there are `sum-1`, "));
    assert!(refusal(&filter).ends_with("`sum-10` and 2 more"));
    let tag = Pick {
        tags: words(&["prime"]),
        ..Pick::default()
    };
    assert_eq!(
        refusal(&tag),
        "no prompt is tagged `prime`; there are `even`, `odd`"
    );
    let both = Pick {
        filter: words(&["sum-1"]),
        tags: words(&["even"]),
        ..Pick::default()
    };
    assert_eq!(
        refusal(&both),
        "no prompt has both an id like `sum-1` and a tag `even`"
    );
    let pattern = Pick {
        filter: words(&["[a"]),
        ..Pick::default()
    };
    assert!(refusal(&pattern).starts_with("`[a` is no pattern for ids: "));
    assert_eq!(
        refusal(&Pick {
            sample: Some(0),
            ..Pick::default()
        }),
        "`sample` must be at least 1"
    );
    assert_eq!(
        refusal(&Pick {
            repeat: Some(0),
            ..Pick::default()
        }),
        "`repeat` must be at least 1"
    );
    let shard = Pick {
        shard: Some(Shard { index: 3, of: 2 }),
        ..Pick::default()
    };
    assert!(refusal(&shard).starts_with("there is no shard 3 of 2"));
    let one = Pick {
        filter: words(&["sum-1"]),
        ..Pick::default()
    };
    let empty = (1..=2).filter_map(|index| {
        let pick = Pick {
            shard: Some(Shard { index, of: 2 }),
            ..one.clone()
        };
        pick.apply(suite(12)).err()
    });
    let empty: Vec<String> = empty.map(|error| error.to_string()).collect();
    assert_eq!(empty.len(), 1);
    assert!(
        empty
            .iter()
            .all(|message| message.contains("holds none of the 1 prompts")),
        "{empty:?}"
    );
    assert_eq!(
        Pick::default().apply(suite(0)).err(),
        Some(PickError::Empty)
    );
}
