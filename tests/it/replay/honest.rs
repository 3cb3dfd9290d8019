//! What is said of money, of judges and of recordings is all that there is to say: nothing is paid for nothing, nothing that is
//! not known is left out, and nobody waits for a broken file.

use super::stage::{Ended, Home, answer, asked, sums_server};
use crate::loopback::{Loopback, Request, Speech};
use serde_json::Value;

/// A server that answers `19`, and as a judge rates everything with 1.
fn judged_server() -> Loopback {
    Loopback::route(|request| match asked(request).1.as_str() {
        "judge" => Speech::of(&["{\"reason\": \"so\", \"score\": 1}"]).openai(),
        _ => answer(),
    })
}

/// The lane `mini` with a price, and the lane `judge` with these further keys.
fn with_judge(server: &Loopback, more: &str) -> Home {
    let url = server.url("/v1");
    Home::new(&format!(
        "[[lane]]\nname = \"mini\"\nprovider = \"openai-compatible\"\nmodel = \"mini\"\nbase_url = \"{url}\"\n\
         price = {{ input = 1.0, output = 1.0 }}\n\
         [[lane]]\nname = \"judge\"\nprovider = \"openai-compatible\"\nmodel = \"judge\"\nbase_url = \"{url}\"\n{more}\n"
    ))
}

const DECIDED: &str = "
[[prompt]]
id = \"failed\"
prompt = \"12 + 7?\"
check = { all = [{ judge = \"Never\" }, { number = 20 }] }
[[prompt]]
id = \"passed\"
prompt = \"12 + 7?\"
check = { any = [{ number = 19 }, { judge = \"Never\" }] }
[[prompt]]
id = \"inside\"
prompt = \"12 + 7?\"
check = { all = [{ any = [{ judge = \"Never\" }, { number = 19 }] }, { judge = \"Always\" }] }
";

#[test]
fn a_judge_is_not_paid_where_the_rest_of_a_check_decides() {
    let server = judged_server();
    let home = with_judge(&server, "");
    let suite = home.file("decided.toml", DECIDED);
    let ended = home.run(&["replay", &suite, "--lane", "mini", "--judge", "judge"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let requests = server.requests();
    let judged = requests
        .iter()
        .filter(|request| asked(request).1 == "judge");
    let asked: Vec<String> = judged.map(|request: &Request| asked(request).0).collect();
    assert_eq!(asked.len(), 1, "{asked:?}");
    assert!(asked[0].contains("Always"), "{asked:?}");
    let batch = home.batch();
    let checks = |at: usize| batch["runs"][at]["lanes"][0]["checks"].clone();
    // `all` at the top is a list of checks.
    assert_eq!(checks(0)[1]["passed"], false);
    assert!(
        checks(0)[0]["reason"]
            .as_str()
            .unwrap()
            .contains("was not asked"),
        "{}",
        checks(0)
    );
    assert_eq!(checks(1)[0]["passed"], true);
    let reason = checks(1)[0]["reason"].to_string();
    assert!(
        reason.contains("`number`: the last number is 19"),
        "{reason}"
    );
    assert_eq!(checks(2)[0]["passed"], true);
    assert_eq!(checks(2)[1]["passed"], true);
    // The judge has no price, and what it cost is not nothing.
    assert!(
        ended.err.contains("Judging cost ? besides."),
        "{}",
        ended.err
    );
    let listed = home.run(&["history", "list"]);
    let last = listed.out.lines().nth(1).unwrap_or_default();
    assert!(
        listed.out.contains("JUDGING") && last.ends_with(" ?"),
        "{}",
        listed.out
    );
    assert!(last.contains('$'), "{}", listed.out);
}

#[test]
fn a_list_of_the_history_says_what_it_does_not_know_and_what_judging_cost() {
    let server = judged_server();
    let home = with_judge(&server, "price = { input = 1.0, output = 1.0 }");
    let suite = home.file(
        "judged.toml",
        "[[prompt]]\nid = \"a\"\nprompt = \"12 + 7?\"\ncheck = { judge = \"Is it 19?\" }\n",
    );
    let ended = home.run(&["replay", &suite, "--lane", "mini", "--judge", "judge"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let row = |home: &Home| -> Value {
        let listed = home.run(&["history", "list", "--json"]);
        serde_json::from_str::<Value>(&listed.out).expect("JSON")[0].clone()
    };
    let known = row(&home);
    assert!(known["cost_usd"].as_f64() > Some(0.0), "{known}");
    assert!(known["judge_cost_usd"].as_f64() > Some(0.0), "{known}");
    assert_eq!(
        (&known["unknown_costs"], &known["unknown_judge_costs"]),
        (&0.into(), &0.into())
    );
    // One lane has a price and the other has none.
    let url = server.url("/v1");
    let mixed = Home::new(&format!(
        "[[lane]]\nname = \"mini\"\nprovider = \"openai-compatible\"\nmodel = \"mini\"\nbase_url = \"{url}\"\n\
         price = {{ input = 1.0, output = 1.0 }}\n\
         [[lane]]\nname = \"dark\"\nprovider = \"openai-compatible\"\nmodel = \"dark\"\nbase_url = \"{url}\"\n"
    ));
    let ended = mixed.run(&["replay", &mixed.sums(3)]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(row(&mixed)["unknown_costs"], 3);
    let listed = mixed.run(&["history", "list"]);
    assert!(listed.out.contains(" + ?"), "{}", listed.out);
}

#[test]
fn what_could_not_be_judged_fails_a_replay_and_its_report_alike() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.file(
        "judged.toml",
        "[[prompt]]\nid = \"a\"\nprompt = \"12 + 7?\"\ncheck = { judge = \"Is it 19?\" }\n",
    );
    let replayed = home.run(&["replay", &suite, "--fail-on", "checks"]);
    let resumed = home.run(&["replay", &suite, "--resume", "--fail-on", "checks"]);
    let reported = home.run(&["report", "--fail-on", "checks"]);
    for ended in [&replayed, &resumed, &reported] {
        assert_eq!(ended.status, Some(3), "{}", ended.err);
        assert!(
            ended
                .err
                .contains("Not all is well: 1 could not be judged."),
            "{}",
            ended.err
        );
    }
    let junit = home.run(&["report", "--format", "junit"]).out;
    assert!(
        junit.contains("failures=\"0\" errors=\"1\" skipped=\"0\"")
            && junit.contains("<error type=\"unjudged\" message=\"could not be judged: "),
        "{junit}"
    );
    // Without the option neither is a failure.
    assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    assert_eq!(home.run(&["report"]).status, Some(0));
}

#[test]
fn a_played_run_costs_what_it_was_recorded_to() {
    let server = sums_server();
    let priced = "price = { input = 100.0, output = 1000.0 }\n";
    for (more, known) in [(priced, true), ("", false)] {
        let home = Home::with_lanes(&server, &["mini"], more);
        let file = home.path().join("events.jsonl");
        let asked = home.run(&["ask", "12 + 7?", "--format", "events"]);
        std::fs::write(&file, &asked.out).expect("written");
        let batch = home.batch();
        let cost = batch["runs"][0]["lanes"][0]["cost_usd"].as_f64();
        assert_eq!(cost.is_some(), known, "{batch}");
        let of_history = home.run(&["play", "--speed", "100"]);
        let of_file = home.run(&["play", &file.display().to_string(), "--speed", "100"]);
        for played in [&of_history, &of_file] {
            assert_eq!(played.status, Some(0), "{}", played.err);
            let row = played.out.lines().find(|line| line.starts_with("mini "));
            let shown = row.and_then(|row| row.split_whitespace().next_back());
            let shown = shown.unwrap_or_default();
            assert_eq!(shown.starts_with('$'), known, "{}", played.out);
            assert_eq!(shown == "?", !known, "{}", played.out);
        }
        assert_eq!(of_history.out, of_file.out);
    }
}

#[test]
fn what_cannot_be_played_is_said_in_words() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let tape = home.run(&["ask", "12 + 7?", "--format", "events"]).out;
    let refused = |args: &[&str], expected: &str| {
        let played = home.run(args);
        assert_eq!(played.status, Some(1), "{}", played.err);
        assert!(played.err.contains(expected), "{}", played.err);
    };
    let absent = "no batch and no run begins with `no/such.tape`, and there is no such file";
    refused(&["play", "no/such.tape"], absent);
    let newer = home.file("newer.jsonl", "{\"schema\":99}\n");
    refused(&["play", &newer], "written by a newer tierscope");
    let lane = format!(
        "[[lane]]\nname = \"again\"\nprovider = \"tape\"\nmodel = \"mini\"\npath = '{newer}'\n"
    );
    let asked = Home::new(&lane).run(&["ask", "12 + 7?"]);
    let said = format!("{}{}", asked.out, asked.err);
    assert!(said.contains("written by a newer tierscope"), "{said}");
    // Without its last lines, as when the disk was full.
    let lines: Vec<&str> = tape.lines().collect();
    let short = home.file("short.jsonl", &lines[..lines.len() - 3].join("\n"));
    let lane = format!(
        "[[lane]]\nname = \"again\"\nprovider = \"tape\"\nmodel = \"mini\"\npath = '{short}'\n"
    );
    for said in [
        home.run(&["play", &short, "--text"]),
        Home::new(&lane).run(&["ask", "12 + 7?"]),
    ] {
        let said = format!("{}{}", said.out, said.err);
        let expected = "the tape ends here, before this lane did";
        assert!(said.contains(expected), "{said}");
    }
}

#[test]
fn nobody_waits_for_the_years_of_a_broken_tape() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let tape = home.run(&["ask", "12 + 7?", "--format", "events"]).out;
    let last = tape.lines().count() - 1;
    let broken: Vec<String> = tape
        .lines()
        .enumerate()
        .map(|(at, line)| {
            let mut event: Value = serde_json::from_str(line).expect("JSON");
            if at + 2 >= last {
                event["at_us"] = u64::MAX.into();
            }
            event.to_string()
        })
        .collect();
    let broken = broken.join("\n");
    let file = home.file("broken.jsonl", &broken);
    let played = home.run(&["play", &file, "--text"]);
    assert_eq!(played.status, Some(0), "{}", played.err);
    assert!(played.err.contains("cut short"), "{}", played.err);
    assert!(played.out.contains("19"), "{}", played.out);
    let quiet = home.run(&["play", &file, "--text", "-q"]);
    assert_eq!(quiet.err, "");
    let lanes = ["again", "and again"].map(|name| {
        format!(
            "[[lane]]\nname = \"{name}\"\nprovider = \"tape\"\nmodel = \"mini\"\npath = '{file}'\n"
        )
    });
    let lane = Home::new(&lanes.concat());
    let asked = lane.run(&["ask", "12 + 7?"]);
    assert_eq!(asked.status, Some(0), "{}", asked.err);
    assert!(asked.out.contains("long pauses cut short"), "{}", asked.out);
}

#[cfg(unix)]
#[test]
fn a_quiet_replay_says_how_to_go_on_and_nothing_else() {
    use crate::loopback::Step;
    use rustix::process::{Pid, Signal, kill_process, test_kill_process};
    let server = Loopback::route(|_| {
        let mut reply = answer();
        reply.steps.insert(1, Step::Stall);
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(20);
    let child = home.spawn(&["replay", &suite, "--concurrency", "2", "--quiet"]);
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    let pulses = std::thread::spawn({
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
        move || {
            while test_kill_process(pid).is_ok() {
                let _ = kill_process(pid, Signal::INT);
                std::thread::yield_now();
            }
        }
    });
    let ended = Ended::of(child);
    pulses.join().expect("joined");
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    assert!(
        ended
            .err
            .starts_with("Stopped; 20 cells are left; the same command with --resume goes on"),
        "{}",
        ended.err
    );
    assert_eq!(ended.err.lines().count(), 1, "{}", ended.err);
}
