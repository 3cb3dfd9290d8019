//! The command over a history in a folder of its own.

use super::{Exit, run};
use crate::{
    cli::{Cli, Command, context::Context, options::GlobalOptions},
    domain::{
        environment::Environment,
        id::{BatchId, RunId},
        stats::Outcome,
    },
    failure::CliError,
    history::{History, NewBatch, NewCell, StoredVote},
    report::tests::made::{self, Made},
};
use clap::Parser;
use std::{fs, path::PathBuf};

struct Home(tempfile::TempDir);

impl Home {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    /// Stores a batch of the suite `Sums`.
    fn store(&self, id: &str, is_over: bool, runs: &[Made]) {
        let mut history = History::open(&self.path("history.db")).unwrap().history;
        let mut head = made::batch(id);
        // In the order of their ids.
        head.started_at = format!("2026-11-25T10:00:00.00{}Z", id.len());
        let cells: usize = runs.iter().map(|(_, cells)| cells.len()).sum();
        let batch = NewBatch {
            head,
            fingerprint: None,
            part: None,
            planned: Some(cells as u64 + u64::from(!is_over)),
        };
        history.begin_batch(&batch).unwrap();
        for (place, (run, cells)) in runs.iter().enumerate() {
            for (lane, record) in cells.iter().enumerate() {
                let mut run = run.clone();
                run.head.id.0 = format!("{id}-{}", run.head.id.0);
                let cell = NewCell {
                    batch: BatchId(id.to_owned()),
                    run,
                    run_position: place as u64,
                    lane_position: lane as u64,
                    started_at: "2026-11-25T10:00:01.000Z".to_owned(),
                    record: record.clone(),
                    judge_cost_usd: None,
                    at_most_usd: 0.0,
                    tape: Vec::new(),
                    is_same_attempt: false,
                };
                history.store_cell(&cell).unwrap();
            }
        }
        if is_over {
            let ended = Some("2026-11-25T11:00:00.000Z");
            history.end_batch(&batch.head.id, ended).unwrap();
        }
    }

    /// Runs the command and gives its status and what it wrote.
    fn report(&self, typed: &[&str]) -> Result<(Exit, String), CliError> {
        let out = self.path("out");
        let out = out.to_str().unwrap();
        let line = ["tierscope", "report", "-o", out];
        let cli = Cli::try_parse_from(line.iter().chain(typed)).unwrap();
        let Some(Command::Report(args)) = cli.command else {
            panic!("not a report");
        };
        let home = self.0.path().to_str().unwrap().to_owned();
        let context = Context {
            environment: Environment::from_iter([("TIERSCOPE_HOME", home)]),
            global: GlobalOptions {
                quiet: true,
                ..GlobalOptions::default()
            },
        };
        let exit = run(&context, &args)?;
        Ok((exit, fs::read_to_string(out).unwrap()))
    }

    #[track_caller]
    fn refuses(&self, typed: &[&str], message: &str, hint: &str, status: u8) {
        let error = self.report(typed).unwrap_err();
        assert!(error.message.contains(message), "{}", error.message);
        assert!(error.hints.iter().any(|h| h.contains(hint)), "{error:?}");
        assert_eq!(error.exit().code(), status);
    }
}

fn sums(passes: u32) -> Vec<Made> {
    let lanes = [
        ("mini", passes, 200.0, Some(0.0001)),
        ("maxi", 10, 900.0, Some(0.0012)),
    ];
    made::runs(10, &lanes)
}

#[test]
fn every_form_is_written_of_the_latest_batch() {
    let home = Home::new();
    home.store("a", true, &sums(10));
    home.store("bb", true, &sums(9));
    for (format, begin, part) in [
        ("markdown", "# Sums\n", "- replay `bb`"),
        ("html", "<!DOCTYPE html>\n", "<code>bb</code>"),
        ("csv", "batch,run,", "\nbb,bb-run-p0-1,p0,1,mini,"),
        (
            "json",
            "{\n\"schema\": 1,\n\"batch\": {\"id\":\"bb\"",
            "\"summary\": [",
        ),
        (
            "junit",
            "<?xml",
            "tests=\"20\" failures=\"1\" errors=\"0\" skipped=\"0\"",
        ),
    ] {
        let (exit, text) = home.report(&["--format", format]).unwrap();
        assert_eq!(exit, Exit::Success);
        assert!(text.starts_with(begin) && text.contains(part), "{text}");
    }
    let left = fs::read_dir(home.0.path()).unwrap();
    let names = left.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let parts: Vec<String> = names.filter(|name| name.contains(".part")).collect();
    assert!(parts.is_empty(), "{parts:?}");
}

#[test]
fn a_lane_that_raced_with_one_that_is_left_out_is_told_all_the_same() {
    let home = Home::new();
    let cells = ["near", "by"].map(|lane| made::local(lane, Some(true), 100.0));
    home.store("a", true, &[(made::run("p0", 1), cells.to_vec())]);
    let (_, text) = home.report(&["--lane", "near"]).unwrap();
    assert!(
        text.contains("> `near` and `by` computed at the same time"),
        "{text}"
    );
    assert!(!text.contains("| by |"), "{text}");
}

#[test]
fn batches_and_runs_are_chosen_and_count_once() {
    let home = Home::new();
    home.store("a", true, &sums(10));
    home.store("bb", true, &sums(9));
    let rows = |typed: &[&str]| {
        let typed = [&["--format", "csv"], typed].concat();
        home.report(&typed).unwrap().1.lines().count() - 1
    };
    assert_eq!(rows(&["a", "bb"]), 40);
    assert_eq!(rows(&["a", "a", "a-run-p1-1"]), 20);
    assert_eq!(rows(&["bb-run-p1-1", "bb-run-p2-1", "bb-run-p1-1"]), 4);
    assert_eq!(rows(&["a", "--lane", "mini"]), 10);
    let (_, json) = home
        .report(&["--format", "json", "a-run-p1-1", "--lane", "maxi"])
        .unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["run"]["id"], "a-run-p1-1");
    assert_eq!(json["lanes"].as_array().map(Vec::len), Some(1));
    let (_, json) = home.report(&["--format", "json", "a", "bb"]).unwrap();
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["batch"].is_null());
    assert_eq!(json["batches"].as_array().map(Vec::len), Some(2));
}

#[test]
fn a_need_a_month_and_a_batch_that_is_not_over() {
    let home = Home::new();
    home.store("a", false, &sums(9));
    let typed = [
        "--need",
        "pass>=0.9,cost<0.001",
        "--requests-per-month",
        "1000",
    ];
    let (_, text) = home.report(&typed).unwrap();
    for part in [
        "> Batch `a` is not over: 20 of 21 cells are here",
        "## What is needed: pass >= 90 %, cost < $0.001",
        "`mini` is the cheapest lane that meets the need.",
        "## Cost of 1 000 requests a month",
        "| maxi | $1.20 | $0.0012 | 10 cells |",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn regressions_and_checks_set_the_status() {
    let home = Home::new();
    home.store("a", true, &sums(10));
    let status = |typed: &[&str]| home.report(typed).unwrap().0.code();
    // The first of its suite has nothing to regress from.
    assert_eq!(status(&["--fail-on", "regressions"]), 0);
    assert_eq!(status(&["--fail-on", "checks"]), 0);
    home.store("bb", true, &sums(8));
    assert_eq!(status(&["--fail-on", "checks"]), 3);
    assert_eq!(status(&["--fail-on", "regressions"]), 3);
    assert_eq!(status(&["bb", "--compare", "a"]), 0);
    assert_eq!(
        status(&[
            "bb",
            "--compare",
            "a",
            "--fail-on",
            "regressions",
            "--lane",
            "maxi"
        ]),
        0
    );
    assert_eq!(
        status(&["a", "--compare", "bb", "--fail-on", "regressions"]),
        0
    );
    let (_, text) = home.report(&["bb", "--compare", "a"]).unwrap();
    for part in [
        "## Since batch `a`",
        "2 regressions, 0 new failures, 0 fixed; 10 prompts are in both.",
        "| mini | p8 | passed | not passed |",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
}

#[test]
fn what_cannot_be_is_said_with_what_to_do() {
    let home = Home::new();
    home.refuses(&[], "there is no history yet", "tierscope replay", 1);
    home.store("a", true, &sums(10));
    home.store("ab", true, &sums(10));
    home.refuses(&["zz"], "begins with `zz`", "tierscope history", 1);
    home.refuses(&["ab-"], "beginning of several ids", "tierscope history", 1);
    home.refuses(
        &["--lane", "mimi"],
        "no cell of the lane `mimi`",
        "maxi, mini",
        2,
    );
    home.refuses(
        &["a", "--compare", "a"],
        "held against itself",
        "earlier",
        2,
    );
    home.refuses(&["a", "--compare", "ab-run-p1-1"], "is a run", "batches", 2);
    home.refuses(
        &["a", "ab", "--compare", "a"],
        "one batch",
        "--compare EARLIER",
        2,
    );
    let typed = ["tierscope", "report", "--need", "quality>1"];
    let error = Cli::try_parse_from(typed).unwrap_err().to_string();
    assert!(error.contains("`quality` is no figure"), "{error}");
}

#[test]
fn a_file_is_replaced_as_a_whole_or_stays() {
    let home = Home::new();
    home.store("a", true, &sums(10));
    fs::write(home.path("out"), "before").unwrap();
    assert!(home.report(&["zz"]).is_err());
    assert_eq!(fs::read_to_string(home.path("out")).unwrap(), "before");
    assert!(home.report(&[]).unwrap().1.starts_with("# Sums"));
    fs::remove_file(home.path("out")).unwrap();
    fs::create_dir(home.path("out")).unwrap();
    let error = home.report(&[]).unwrap_err();
    assert!(error.message.contains("is a folder"), "{}", error.message);
}

#[test]
fn votes_say_how_many_were_asked_and_what_that_cost() {
    let home = Home::new();
    let lanes = [("mini", 3, 1.0, None), ("maxi", 3, 1.0, None)];
    home.store("b1", true, &made::runs(3, &lanes));
    let history = History::open(&home.path("history.db")).unwrap().history;
    let reasons = [("so", Some(0.001)), ("so", None), (StoredVote::SAME, None)];
    for (place, (reason, cost_usd)) in reasons.into_iter().enumerate() {
        let vote = StoredVote {
            run: RunId(format!("b1-run-p{place}-1")),
            voter: "judge".to_owned(),
            first: "mini".to_owned(),
            second: "maxi".to_owned(),
            outcome: Outcome::Tie,
            reason: reason.to_owned(),
            cost_usd,
        };
        history
            .store_vote(&vote, "2026-11-25T12:00:00.000Z")
            .unwrap();
    }
    drop(history);
    let pairs = |typed: &[&str]| -> serde_json::Value {
        let (_, json) = home
            .report(&[typed, &["--format", "json"]].concat())
            .unwrap();
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        json["pairs"].clone()
    };
    assert_eq!(
        pairs(&["b1"]),
        serde_json::json!({ "voters": ["judge"], "pairs": 3, "asked": 2, "equal": 1, "cost_usd": 0.001, "is_cost_partial": true })
    );
    assert!(pairs(&["b1", "--lane", "mini"]).is_null());
    let two = pairs(&["b1-run-p0-1", "b1-run-p2-1"]);
    assert_eq!(
        (&two["pairs"], &two["asked"]),
        (&2.into(), &1.into()),
        "those of these runs"
    );
    let (_, text) = home.report(&["b1"]).unwrap();
    let said = "`judge` was asked about 2, each in both orders";
    assert!(
        text.contains(said) && text.contains("Asking cost $0.0010 + ? besides."),
        "{text}"
    );
}
