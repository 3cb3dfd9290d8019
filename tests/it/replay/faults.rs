//! What a replay survives: kills, signals, hosts that go away, keys that are wrong, files that are broken.

use super::stage::{Ended, Home, answer, asked, cells, sums_server};
use crate::loopback::{Gate, Loopback, Reply, Step};
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Read},
    sync::atomic::{AtomicUsize, Ordering},
};

const OVERLOADED: &str = "{\"error\":{\"message\":\"busy\",\"type\":\"overloaded_error\"}}";

#[test]
fn a_killed_replay_loses_nothing_and_asks_nothing_twice() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini", "maxi"], "");
    let suite = home.sums(40);
    for killed_at in [1, 3, 9, 25, 50] {
        let mut child = home.spawn(&["replay", &suite, "--resume", "--quiet"]);
        let before = server.requests().len();
        // The moment is that of a request, wherever the program is then.
        server.wait_blocking(|log| {
            let is_over = log.requests.len() >= before + killed_at || log.requests.len() >= 80;
            is_over.then_some(())
        });
        child.kill().expect("killed");
        child.wait().expect("its end");
        let there: BTreeSet<_> = home.kept().into_iter().collect();
        let mark = server.requests().len();
        let mut next = home.spawn(&["replay", &suite, "--resume", "--quiet"]);
        server.wait_blocking(|log| (log.requests.len() > mark || mark >= 80).then_some(()));
        next.kill().expect("killed");
        next.wait().expect("its end");
        let again: Vec<_> = server
            .requests()
            .iter()
            .skip(mark)
            .map(asked)
            .filter(|cell| there.contains(cell))
            .collect();
        assert_eq!(again, [], "asked again though it was kept");
    }
    let ended = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let all = cells(&home.batch());
    let distinct: BTreeSet<_> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (80, 80));
}

#[cfg(unix)]
fn interrupt(child: &std::process::Child) {
    use rustix::process::{Pid, Signal, kill_process};
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::INT).expect("sent");
}

#[cfg(unix)]
#[test]
fn an_interrupt_lets_what_is_in_flight_finish_and_a_second_one_does_not() {
    let gate = Gate::closed();
    let held = gate.clone();
    let server = Loopback::route(move |_| {
        let mut reply = answer();
        reply.steps.insert(1, Step::Gate(held.clone()));
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(20);
    let mut child = home.spawn(&["replay", &suite, "--concurrency", "3"]);
    server.wait_blocking(|log| (log.requests.len() == 3).then_some(()));
    interrupt(&child);
    // Only when the program has heard it may the answers go on.
    let mut words = BufReader::new(child.stderr.take().expect("piped"));
    let mut said = String::new();
    while !said.contains("stopping: 3 cells are finished") {
        let read = words.read_line(&mut said).expect("read");
        assert!(read > 0, "it ended: {said}");
    }
    gate.open();
    words.read_to_string(&mut said).expect("read");
    let ended = Ended::of(child);
    assert_eq!(ended.status, Some(130), "{said}");
    assert!(said.contains("--resume goes on"), "{said}");
    let kept = cells(&home.batch()).len();
    assert_eq!(kept, 3);
    let ended = home.run(&["replay", &suite, "--resume"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(cells(&home.batch()).len(), 20);
    assert_eq!(server.requests().len(), 20, "nothing was paid for twice");
}

#[cfg(unix)]
#[test]
fn a_second_interrupt_stops_at_once() {
    let server = Loopback::route(|_| {
        let mut reply = answer();
        reply.steps.insert(1, Step::Stall);
        reply
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(20);
    let child = home.spawn(&["replay", &suite, "--concurrency", "2"]);
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    // The second one is as good as the first one where both come before it looks.
    let pulses = std::thread::spawn({
        let pid = child.id();
        move || {
            use rustix::process::{Pid, Signal, kill_process, test_kill_process};
            let pid = Pid::from_raw(i32::try_from(pid).expect("a pid")).expect("a pid");
            while test_kill_process(pid).is_ok() {
                let _ = kill_process(pid, Signal::INT);
                std::thread::yield_now();
            }
        }
    });
    let ended = Ended::of(child);
    pulses.join().expect("joined");
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    assert_eq!(
        home.run(&[
            "replay",
            &suite,
            "--concurrency",
            "2",
            "--no-history",
            "--lane",
            "nobody"
        ])
        .status,
        Some(2)
    );
}

#[test]
fn a_host_that_goes_down_half_way_and_comes_back_costs_no_cell() {
    let down = AtomicUsize::new(0);
    let server = Loopback::route(move |request| {
        // Ten requests long it has no capacity.
        if request.index >= 8 && down.fetch_add(1, Ordering::SeqCst) < 10 {
            Reply::json(529, OVERLOADED).header("retry-after", "0")
        } else {
            answer()
        }
    });
    let home = Home::with_lanes(&server, &["mini"], "max_retries = 1\n");
    let suite = home.sums(20);
    let ended = home.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    let batch = home.batch();
    assert_eq!(cells(&batch).len(), 20);
    assert_eq!(batch["summary"][0]["failed"], 0);
}

#[test]
fn a_wrong_key_stops_its_lane_and_not_the_other() {
    let server = Loopback::route(|request| match asked(request).1.as_str() {
        "locked" => Reply::json(401, "{\"error\":{\"message\":\"bad key\"}}"),
        _ => answer(),
    });
    let home = Home::with_lanes(&server, &["locked", "open"], "");
    let suite = home.sums(30);
    let ended = home.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert!(
        ended.err.contains("lane `locked` was given up"),
        "{}",
        ended.err
    );
    let tries = server
        .requests()
        .iter()
        .filter(|request| asked(request).1 == "locked")
        .count();
    assert!(
        (3..30).contains(&tries),
        "{tries} requests with a wrong key"
    );
    let open = server
        .requests()
        .iter()
        .filter(|request| asked(request).1 == "open")
        .count();
    assert_eq!(open, 30);
    let again = home.run(&["replay", &suite, "--resume"]);
    assert!(
        again.err.contains("goes on"),
        "the rest is still to be done: {}",
        again.err
    );
}

#[test]
fn a_broken_history_is_put_aside_and_a_newer_one_is_refused_before_anything_is_sent() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(2);
    fs::write(home.history(), "not a database ".repeat(500)).expect("written");
    let ended = home.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("was damaged; it is kept as"),
        "{}",
        ended.err
    );
    assert_eq!(cells(&home.batch()).len(), 2);
    let sent = server.requests().len();
    let folder = Home::with_lanes(&server, &["mini"], "");
    fs::create_dir(folder.history()).expect("a folder in the way");
    let ended = folder.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(1), "{}", ended.err);
    assert!(ended.err.contains("history"), "{}", ended.err);
    assert_eq!(server.requests().len(), sent, "nothing was sent");
    // An answer is worth more than its record; that it was not kept is an error all the same.
    let asked = folder.run(&["ask", "hi"]);
    assert_eq!(asked.status, Some(1), "{}", asked.err);
    assert!(
        asked.out.contains("19") && asked.err.contains("not kept"),
        "{}",
        asked.err
    );
}

#[test]
fn broken_prompt_files_are_named_before_anything_is_sent() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let broken = [
        ("a.toml", "[[prompt]]\nprompt = \"x\nid = 1", "a.toml:2"),
        ("b.csv", "prompt,id\n\"open,1\n", "b.csv"),
        ("c.jsonl", "{\"prompt\": 1}\n", "c.jsonl:1"),
        (
            "d.toml",
            "[[prompt]]\nid = \"a\"\nprompt = \"{{ x }}\"\nvars = { y = 1 }\n",
            "`x`",
        ),
        ("e.toml", "", "e.toml"),
        (
            "f.toml",
            "[[prompt]]\nid = \"a\"\nprompt = \"b\"\ncheck = { regex = \"(\" }\n",
            "regex",
        ),
    ];
    for (name, text, part) in broken {
        let path = home.file(name, text);
        let ended = home.run(&["replay", &path]);
        assert_eq!(ended.status, Some(2), "{name}: {}", ended.err);
        assert!(ended.err.contains(part), "{name}: {}", ended.err);
    }
    assert_eq!(server.requests().len(), 0);
    assert!(!home.history().exists());
}

#[test]
fn no_key_is_in_the_history() {
    let server = Loopback::route(|_| {
        Reply::json(
            400,
            "{\"error\":{\"message\":\"your key sk-verysecret123456 is odd\"}}",
        )
    });
    let home = Home::with_lanes(
        &server,
        &["mini"],
        "api_key_env = \"MY_KEY\"\nheaders = { x-api-token = \"tok-alsosecret98765\" }\n",
    );
    let suite = home.sums(2);
    let mut command = home.command(&["replay", &suite]);
    command.env("MY_KEY", "sk-verysecret123456");
    let ended = Ended::of(command.spawn().expect("the program"));
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    for entry in fs::read_dir(home.path()).expect("the folder") {
        let path = entry.expect("an entry").path();
        if path.ends_with("config.toml") || path.is_dir() {
            continue;
        }
        let bytes = fs::read(&path).expect("read");
        for secret in ["sk-verysecret123456", "tok-alsosecret98765"] {
            let found = bytes
                .windows(secret.len())
                .any(|window| window == secret.as_bytes());
            assert!(!found, "{} holds {secret}", path.display());
        }
    }
    assert!(!format!("{}{}", ended.out, ended.err).contains("verysecret"));
    let tape = home.run(&["history", "export", "--tape"]);
    assert!(!tape.out.contains("verysecret"), "{}", tape.out);
}

#[test]
fn a_history_that_is_damaged_in_its_middle_is_put_aside_too() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(30);
    assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    let mut bytes = fs::read(home.history()).expect("read");
    let middle = bytes.len() / 4;
    for byte in bytes.iter_mut().skip(middle) {
        *byte = 0x5a;
    }
    fs::write(home.history(), bytes).expect("written");
    let ended = home.run(&["replay", &suite]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("was damaged; it is kept as"),
        "{}",
        ended.err
    );
    assert_eq!(cells(&home.batch()).len(), 30);
}

#[test]
fn what_failed_is_tried_again_in_the_latest_batch_and_what_is_missing_stays_missing() {
    let server = Loopback::route(|request| {
        if request.index == 1 {
            Reply::json(400, "{\"error\":{\"message\":\"no\"}}")
        } else {
            answer()
        }
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(5);
    assert_eq!(home.run(&["replay", &suite]).status, Some(3));
    assert_eq!(
        home.run(&["replay", &suite]).status,
        Some(0),
        "a second batch"
    );
    let again = home.run(&["replay", &suite, "--retry-failed"]);
    assert!(
        again.err.contains("nothing failed"),
        "the latest one: {}",
        again.err
    );
    let switched_off = Home::new("[history]\nenabled = false\n");
    let ended = switched_off.run(&["replay", &suite, "--resume", "--lane", "pocket-small"]);
    assert_eq!(ended.status, Some(2), "{}", ended.err);
    let many = home.run(&["replay", &suite, "--repeat", "4294967295"]);
    assert_eq!(many.status, Some(2), "{}", many.err);
}

#[test]
fn a_check_that_nobody_could_judge_fails_where_checks_must_pass() {
    let server = Loopback::route(|request| match asked(request).1.as_str() {
        "judge" => crate::loopback::Speech::of(&["I cannot say"]).openai(),
        _ => answer(),
    });
    let home = Home::with_lanes(&server, &["mini", "judge"], "");
    let suite = home.file(
        "j.toml",
        "[[prompt]]\nid = \"a\"\nprompt = \"b\"\ncheck = { judge = \"Is it good?\" }\n",
    );
    let arguments = [
        "replay",
        &suite,
        "--lane",
        "mini",
        "--judge",
        "judge",
        "--fail-on",
        "checks",
    ];
    let ended = home.run(&arguments);
    assert_eq!(ended.status, Some(3), "{}", ended.err);
    assert!(
        ended.err.contains("1 answer could not be judged"),
        "{}",
        ended.err
    );
}

#[test]
fn what_extra_holds_is_masked_in_the_history() {
    let server = sums_server();
    let home = Home::with_lanes(
        &server,
        &["mini"],
        "extra = { api_key = \"sk-extrasecret123\" }\n",
    );
    let suite = home.sums(1);
    assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    let batch = home.batch();
    assert_eq!(
        batch["batch"]["settings"]["lane"][0]["extra"]["api_key"],
        "***"
    );
    assert!(!batch.to_string().contains("extrasecret"));
}
