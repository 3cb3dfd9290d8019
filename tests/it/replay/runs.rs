//! What a replay does when all goes well.

use super::stage::{Home, answer, asked, cells, sums_server};
use crate::loopback::{Loopback, Reply, Speech};
use std::collections::BTreeSet;

#[test]
fn a_suite_is_asked_checked_and_kept() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini", "maxi"], "");
    let suite = home.sums(6);
    let ended = home.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("Sums: 6 prompts × 2 lanes, 12 cells to do"),
        "{}",
        ended.err
    );
    assert!(
        ended.out.contains("mini") && ended.out.contains("50 %"),
        "{}",
        ended.out
    );
    assert_eq!(server.requests().len(), 12);
    let batch = home.batch();
    assert_eq!(batch["batch"]["suite"], "Sums");
    assert_eq!(cells(&batch).len(), 12);
    let first = &batch["runs"][0];
    assert_eq!(
        (&first["prompt_id"], &first["repetition"]),
        (&"sum-0".into(), &1.into())
    );
    let checks = &first["lanes"][0]["checks"];
    assert_eq!(
        (&checks[0]["check"], &checks[0]["passed"]),
        (&"number".into(), &true.into()),
        "{checks}"
    );
    let summary = &batch["summary"];
    assert_eq!(summary[0]["checks"]["passed"], 3);
    assert_eq!(summary[0]["checks"]["judged"], 6);
    // Each run has both lanes, in the order of the configuration, whichever was asked first.
    for run in batch["runs"].as_array().unwrap() {
        let lanes: Vec<&str> = run["lanes"]
            .as_array()
            .unwrap()
            .iter()
            .map(|lane| lane["lane"].as_str().unwrap())
            .collect();
        assert_eq!(lanes, ["mini", "maxi"]);
    }
    let failed = home.run(&["replay", &suite, "--fail-on", "checks"]);
    assert_eq!(failed.status, Some(3), "{}", failed.err);
}

#[test]
fn every_second_half_of_a_replay_is_resumed_and_all_done_says_so() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(8);
    assert_eq!(home.run(&["replay", &suite, "--resume"]).status, Some(0));
    let again = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(again.status, Some(0));
    assert!(
        again.err.contains("all of it is done") && again.err.contains("Nothing was sent"),
        "{}",
        again.err
    );
    assert_eq!(server.requests().len(), 8);
    // As that batch did.
    let again = home.run(&["replay", &suite, "--resume", "--fail-on", "checks"]);
    assert_eq!(again.status, Some(3), "{}", again.err);
    // Another setting is another batch.
    assert_eq!(
        home.run(&["replay", &suite, "--resume", "--max-tokens", "5"])
            .status,
        Some(0)
    );
    assert_eq!(server.requests().len(), 16);
}

#[test]
fn only_what_failed_is_tried_again() {
    let server = Loopback::route(|request| {
        let (prompt, _) = asked(request);
        // The first time two prompts are not to its taste.
        if request.index < 6 && (prompt.contains("2 +") || prompt.contains("4 +")) {
            Reply::json(
                400,
                "{\"error\":{\"message\":\"no\",\"type\":\"invalid_request_error\"}}",
            )
        } else {
            answer()
        }
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(6);
    assert_eq!(home.run(&["replay", &suite]).status, Some(3));
    let again = home.run(&["replay", &suite, "--retry-failed"]);
    assert_eq!(again.status, Some(0), "{}", again.err);
    let later: Vec<String> = server
        .requests()
        .iter()
        .skip(6)
        .map(|request| asked(request).0)
        .collect();
    assert_eq!(later.len(), 2, "{later:?}");
    assert_eq!(cells(&home.batch()).len(), 6);
    let none = home.run(&["replay", &suite, "--retry-failed"]);
    assert!(none.err.contains("nothing failed"), "{}", none.err);
}

#[test]
fn shards_are_all_of_it_together_and_become_one_batch() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(20);
    let mut seen = BTreeSet::new();
    let mut files = Vec::new();
    for shard in ["1/3", "2/3", "3/3"] {
        let one = Home::with_lanes(&server, &["mini"], "");
        let ended = one.run(&["replay", &suite, "--shard", shard]);
        assert_eq!(ended.status, Some(0), "{}", ended.err);
        for cell in cells(&one.batch()) {
            assert!(seen.insert(cell), "in two shards");
        }
        let file = home.path().join(format!("{}.db", shard.replace('/', "-")));
        let out = file.display().to_string();
        assert_eq!(one.run(&["history", "export", "-o", &out]).status, Some(0));
        files.push(out);
    }
    assert_eq!(seen.len(), 20);
    let mut arguments = vec!["history", "import"];
    arguments.extend(files.iter().map(String::as_str));
    let imported = home.run(&arguments);
    assert_eq!(imported.status, Some(0), "{}", imported.err);
    assert_eq!(cells(&home.batch()).len(), 20);
    let listed = home.run(&["history", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).unwrap();
    assert_eq!(listed.as_array().unwrap().len(), 1, "{listed}");
    assert_eq!(listed[0]["planned_cells"], 20);
}

#[test]
fn a_judge_rates_and_never_itself() {
    let server = Loopback::route(|request| {
        let (prompt, model) = asked(request);
        match model.as_str() {
            "judge" if prompt.contains("rubric") => {
                Speech::of(&["{\"reason\": \"it is right\", \"score\": 0.9}"]).openai()
            }
            _ => answer(),
        }
    });
    let home = Home::with_lanes(&server, &["mini", "judge"], "");
    let suite = home.file(
        "judged.toml",
        "[[prompt]]\nid = \"a\"\nprompt = \"12 + 7?\"\ncheck = { judge = \"Is it 19?\" }\n",
    );
    let ended = home.run(&["replay", &suite, "--judge", "judge"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let batch = home.batch();
    let lanes = &batch["runs"][0]["lanes"];
    let verdict = &lanes[0]["checks"][0];
    assert_eq!(
        (&verdict["passed"], &verdict["score"]),
        (&true.into(), &0.9.into()),
        "{verdict}"
    );
    assert!(
        verdict["reason"].as_str().unwrap().contains("it is right"),
        "{verdict}"
    );
    let own = &lanes[1]["checks"][0];
    assert!(own["passed"].is_null(), "{own}");
    assert!(
        own["reason"]
            .as_str()
            .unwrap()
            .contains("does not judge its own"),
        "{own}"
    );
    assert_eq!(server.requests().len(), 3);
    let unjudged = home.run(&["replay", &suite]);
    assert!(unjudged.err.contains("--judge LANE"), "{}", unjudged.err);
}

#[test]
fn conversations_systems_and_limits_of_a_suite_are_sent_and_the_command_line_goes_before() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.file(
        "talk.toml",
        "[[prompt]]\nid = \"a\"\nsystem = \"Be brief.\"\nmax_tokens = 7\nmessages = [\n\
         { role = \"user\", content = \"Hi\" }, { role = \"assistant\", content = \"Hello\" },\n\
         { role = \"user\", content = \"12 + 7?\" } ]\n",
    );
    assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    assert_eq!(
        home.run(&["replay", &suite, "--system", "Mine.", "--max-tokens", "3"])
            .status,
        Some(0)
    );
    let bodies: Vec<serde_json::Value> = server
        .requests()
        .iter()
        .map(|request| serde_json::from_slice(&request.body).unwrap())
        .collect();
    let contents = |body: &serde_json::Value| -> Vec<String> {
        let messages = body["messages"].as_array().unwrap().iter();
        messages
            .map(|message| message["content"].as_str().unwrap().to_owned())
            .collect()
    };
    assert_eq!(
        contents(&bodies[0]),
        ["Be brief.", "Hi", "Hello", "12 + 7?"]
    );
    assert_eq!(bodies[0]["max_tokens"], 7);
    assert_eq!(contents(&bodies[1]), ["Mine.", "Hi", "Hello", "12 + 7?"]);
    assert_eq!(bodies[1]["max_tokens"], 3);
    assert_eq!(
        home.batch()["runs"][0]["run"]["prompt"]["earlier"]
            .as_array()
            .unwrap()
            .len(),
        2
    );
}

#[test]
fn nothing_is_kept_where_nobody_wants_it() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(2);
    let ended = home.run(&["replay", &suite, "--no-history"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.out.contains("mini") && ended.out.contains("50 %"),
        "{}",
        ended.out
    );
    assert!(!home.history().exists());
    let asked = home.run(&["ask", "hi", "--no-history"]);
    assert_eq!(asked.status, Some(0), "{}", asked.err);
    assert!(!home.history().exists());
    for goes_on in ["--resume", "--retry-failed"] {
        let ended = home.run(&["replay", &suite, "--no-history", goes_on]);
        assert_eq!(ended.status, Some(2), "{goes_on}: {}", ended.err);
    }
    let off = Home::new(&format!(
        "[history]\nenabled = false\n[[lane]]\nname = \"mini\"\nprovider = \"openai-compatible\"\nmodel = \"m\"\nbase_url = \"{}\"\n",
        server.url("/v1")
    ));
    assert_eq!(off.run(&["replay", &suite]).status, Some(0));
    assert_eq!(off.run(&["ask", "hi"]).status, Some(0));
    assert!(!off.history().exists());
}

#[test]
fn what_was_asked_can_be_played_shown_and_taken_away() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    assert_eq!(home.run(&["ask", "12 + 7?"]).status, Some(0));
    let played = home.run(&["play", "--speed", "100"]);
    assert_eq!(played.status, Some(0), "{}", played.err);
    assert!(played.out.contains("19"), "{}", played.out);
    let tape = home.run(&["history", "export", "--tape"]);
    assert!(tape.out.lines().count() > 4, "{}", tape.out);
    let file = home.file("run.tape", &tape.out);
    let again = home.run(&["play", &file, "--speed", "100"]);
    assert_eq!(again.out, played.out);
    assert_eq!(server.requests().len(), 1);
    let shown = home.run(&["history", "show"]);
    assert!(shown.out.contains("12 + 7?"), "{}", shown.out);
    assert_eq!(home.run(&["history", "rm", "--all"]).status, Some(0));
    let gone = home.run(&["play"]);
    assert_eq!(gone.status, Some(1));
    assert!(gone.err.contains("the history is empty"), "{}", gone.err);
    let lane = Home::new(&format!(
        "[[lane]]\nname = \"t\"\nprovider = \"tape\"\npath = \"{file}\"\n"
    ));
    let asked = lane.run(&["ask", "anything"]);
    assert_eq!(asked.status, Some(0), "{}", asked.err);
    assert!(asked.out.contains("19"), "{}", asked.out);
}

#[test]
fn a_judge_chooses_in_both_orders_and_one_that_follows_the_order_is_a_tie() {
    let server = Loopback::route(|request| {
        let (prompt, model) = asked(request);
        let better = |word: &str| {
            Speech::of(&[&format!("{{\"reason\": \"so\", \"better\": \"{word}\"}}")]).openai()
        };
        match model.as_str() {
            // The right answer, wherever it stands; where there is a colour, the first one.
            "judge" if prompt.contains("colour") => better("first"),
            "judge" => {
                let place = |text: &str| prompt.find(text).unwrap_or(usize::MAX);
                better(if place("\nforty-two\n") < place("\nforty\n") {
                    "first"
                } else {
                    "second"
                })
            }
            "good" => Speech::of(&["forty-two"]).openai(),
            _ => Speech::of(&["forty"]).openai(),
        }
    });
    let home = Home::with_lanes(&server, &["good", "bad", "judge"], "");
    let suite = home.file("p.txt", "What is 6 * 7?\n---\nWhich colour?\n");
    let lanes = ["--lane", "good", "--lane", "bad"];
    let mut arguments = vec!["replay", &suite, "--judge", "judge", "--pairs"];
    arguments.extend(lanes);
    let ended = home.run(&arguments);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("2 pairs chosen, 1 of them tied"),
        "{}",
        ended.err
    );
    assert_eq!(server.requests().len(), 4 + 4);
    let report = home.run(&["report", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&report.out).unwrap();
    let first = &report["votes"][0];
    assert_eq!(
        (&first["lane"], &first["wins"], &first["ties"]),
        (&"good".into(), &1.into(), &1.into()),
        "{first}"
    );
    let page = home.run(&["report"]);
    assert!(
        page.out.contains("Which answers were chosen"),
        "{}",
        page.out
    );
    // Nothing is chosen twice.
    arguments.push("--resume");
    let again = home.run(&arguments);
    assert!(again.err.contains("0 pairs chosen"), "{}", again.err);
    assert_eq!(server.requests().len(), 8);
    assert_eq!(home.run(&["replay", &suite, "--pairs"]).status, Some(2));
}
