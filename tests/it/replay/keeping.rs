//! What a person does with the history: imports into it, takes away from it, puts parts together, compares.

use super::stage::{Ended, Home, answer, asked, cells, sums_server};
use crate::loopback::{Gate, Loopback, Step};
use std::fs;

/// The ids of the batches, the latest first.
fn batches(home: &Home) -> Vec<String> {
    let listed = home.run(&["history", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
    let rows = listed.as_array().into_iter().flatten();
    rows.map(|row| row["id"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn what_is_no_history_is_refused_in_words_of_an_import() {
    let home = Home::new("");
    let garbage = "not a database ".repeat(1_000);
    let file = home.file("notes.db", &garbage);
    let folder = home.path().display().to_string();
    for (file, why) in [
        (file.as_str(), "it is no SQLite file"),
        (folder.as_str(), "it is a folder"),
        ("none.db", "No such file"),
    ] {
        let ended = home.run(&["history", "import", file]);
        assert_eq!(ended.status, Some(1), "{}", ended.err);
        assert!(ended.err.contains(why), "{}", ended.err);
        assert!(ended.err.contains("history export ID"), "{}", ended.err);
        for wrong in ["puts it aside", "CREATE TABLE", "no history yet"] {
            assert!(!ended.err.contains(wrong), "{}", ended.err);
        }
    }
    assert_eq!(fs::read_to_string(&file).expect("read"), garbage);
}

#[test]
fn what_was_taken_away_is_counted_in_words_and_not_in_the_file() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(3);
    for _ in 0..2 {
        assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    }
    let latest = home.batch();
    let run = latest["runs"][0]["run"]["id"].as_str().expect("an id");
    let gone = home.run(&["history", "rm", run, run]);
    assert!(gone.err.contains("1 run is gone; "), "{}", gone.err);
    assert!(!gone.err.contains("batches"), "{}", gone.err);
    let of = latest["batch"]["id"].as_str().expect("an id");
    let gone = home.run(&["history", "rm", of]);
    assert!(gone.err.contains("1 batch is gone; "), "{}", gone.err);
    assert!(gone.err.contains("KiB of disk are free"), "{}", gone.err);
    let bytes = fs::read(home.history()).expect("read");
    let holds = bytes.windows(of.len()).any(|part| part == of.as_bytes());
    assert!(!holds, "its id is still in the file");
}

/// A replay that is held in its first answer.
fn held(sums: usize) -> (Gate, Loopback, Home, std::process::Child) {
    let gate = Gate::closed();
    let shut = gate.clone();
    let server = Loopback::route(move |_| {
        let mut reply = answer();
        reply.steps.insert(1, Step::Gate(shut.clone()));
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(sums);
    let child = home.spawn(&["replay", &suite]);
    server.wait_blocking(|log| (!log.requests.is_empty()).then_some(()));
    (gate, server, home, child)
}

#[cfg(unix)]
#[test]
fn a_batch_that_is_replayed_is_not_taken_away() {
    let (gate, _server, home, child) = held(2);
    let id = batches(&home).remove(0);
    let refused = home.run(&["history", "rm", &id]);
    assert_eq!(refused.status, Some(1), "{}", refused.err);
    let who = format!(
        "batch {id} is being worked on by another process ({})",
        child.id()
    );
    assert!(refused.err.contains(&who), "{}", refused.err);
    let all = home.run(&["history", "rm", "--all"]);
    assert_eq!(all.status, Some(0), "{}", all.err);
    assert!(all.err.contains("0 batches are gone."), "{}", all.err);
    assert!(all.err.contains("1 batch is kept"), "{}", all.err);
    gate.open();
    let ended = Ended::of(child);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(cells(&home.batch()).len(), 2);
}

#[cfg(unix)]
#[test]
fn a_replay_whose_batch_is_gone_says_so_and_offers_no_report() {
    let (gate, _server, home, child) = held(2);
    // Nobody is kept out where the lock is taken away as well.
    for entry in fs::read_dir(home.path()).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.extension().is_some_and(|end| end == "lock") {
            fs::remove_file(path).expect("gone");
        }
    }
    assert_eq!(home.run(&["history", "rm", "--all"]).status, Some(0));
    gate.open();
    let ended = Ended::of(child);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    let words = "was taken out of the history while it was worked on";
    assert!(ended.err.contains(words), "{}", ended.err);
    for wrong in ["FOREIGN KEY", "--resume", "tierscope report"] {
        assert!(!ended.err.contains(wrong), "{}", ended.err);
    }
}

#[test]
fn a_part_that_is_missing_is_said_and_asked_and_nothing_is_asked_twice() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(20);
    let mut files = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let one = Home::with_lanes(&server, &["mini"], "");
        let ended = one.run(&["replay", &suite, "--shard", shard]);
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        let file = home.path().join(format!("{}.db", shard.replace('/', "-")));
        let file = file.display().to_string();
        assert_eq!(one.run(&["history", "export", "-o", &file]).status, Some(0));
        files.push(file);
    }
    let [first, second, third] = files.as_slice() else {
        panic!("{files:?}");
    };
    let lacking = Home::with_lanes(&server, &["mini"], "");
    for home in [&home, &lacking] {
        let imported = home.run(&["history", "import", first, third]);
        assert!(
            imported.err.contains("1 new batch and "),
            "{}",
            imported.err
        );
    }
    let missing = "is not whole: part 2 of 3 is missing";
    let listed = home.run(&["history", "list"]);
    assert!(listed.err.contains(missing), "{}", listed.err);
    assert!(listed.out.contains("/?"), "{}", listed.out);
    let shown = home.run(&["history", "show"]);
    assert!(
        shown.out.contains("It is not whole: part 2 of 3"),
        "{}",
        shown.out
    );
    let report = home.run(&["report"]);
    assert!(report.out.contains(missing), "{}", report.out);
    // With the missing part it is whole, and nothing is left to do.
    let mark = server.requests().len();
    assert_eq!(mark, 20);
    assert_eq!(home.run(&["history", "import", second]).status, Some(0));
    let resumed = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(resumed.status, Some(0), "{}", resumed.err);
    assert!(
        resumed.err.contains("all of it is done, 20 cells"),
        "{}",
        resumed.err
    );
    assert_eq!(server.requests().len(), mark, "nothing is asked again");
    assert!(!home.run(&["report"]).out.contains("not whole"));
    // Without it only its prompts are asked.
    let there = lacking.kept();
    let resumed = lacking.run(&["replay", &suite, "--resume"]);
    assert_eq!(resumed.status, Some(0), "{}", resumed.err);
    assert!(
        resumed.err.contains("part 2 of 3 is missing: "),
        "{}",
        resumed.err
    );
    let again = server
        .requests()
        .iter()
        .skip(mark)
        .map(asked)
        .collect::<Vec<_>>();
    assert_eq!(again.len(), 20 - there.len());
    assert!(again.iter().all(|cell| !there.contains(cell)));
    assert_eq!((batches(&lacking).len(), lacking.kept().len()), (1, 20));
    assert!(!lacking.run(&["report"]).out.contains("not whole"));
}

#[test]
fn a_batch_of_another_suite_makes_no_regression_of_its_ids() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    for (title, text, right) in [("Sums", "12 + 7?", 19), ("Other", "4 + 4?", 8)] {
        let suite = format!(
            "title = \"{title}\"\n[[prompt]]\nid = \"s1\"\nprompt = \"{text}\"\ncheck = {{ number = {right} }}\n"
        );
        let file = home.file("suite.toml", &suite);
        assert_eq!(home.run(&["replay", &file]).status, Some(0));
    }
    let [_, earlier] = <[String; 2]>::try_from(batches(&home)).expect("two batches");
    let report = home.run(&["report", "--compare", &earlier, "--fail-on", "regressions"]);
    assert_eq!(report.status, Some(0), "{}", report.out);
    assert!(report.out.contains("0 regressions"), "{}", report.out);
    assert!(
        report.out.contains("0 prompts are in both"),
        "{}",
        report.out
    );
}
