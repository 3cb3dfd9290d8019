//! What a batch has cost is not forgotten when it is continued: attempts, replaced cells, kills, choosing between pairs.

use super::stage::{Ended, Home, answer, asked, sums_server};
use crate::loopback::{Loopback, Reply, Speech, Step};
use std::{
    sync::atomic::{AtomicUsize, Ordering},
    time::Duration,
};

/// An answer of ten tokens costs a dollar, and none has more.
const A_DOLLAR: &str = "price = { input = 0.0, output = 100000.0 }\nmax_tokens = 10\n";

/// Answers of `good` and `bad` differ; what the judge says is up to the caller.
fn choosing(judge: impl Fn(usize) -> Reply + Send + Sync + 'static) -> Loopback {
    let calls = AtomicUsize::new(0);
    Loopback::route(move |request| match asked(request).1.as_str() {
        "judge" => judge(calls.fetch_add(1, Ordering::SeqCst)),
        model => Speech::of(&[model]).openai(),
    })
}

fn better(word: &str) -> Reply {
    Speech::of(&[&format!("{{\"reason\": \"so\", \"better\": \"{word}\"}}")]).openai()
}

/// Two lanes for nothing, and a judge whose answers cost something.
fn home_of_pairs(server: &Loopback) -> Home {
    let url = server.url("/v1");
    let lane = |name: &str, price: &str| {
        format!(
            "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nmodel = \"{name}\"\nbase_url = \"{url}\"\n\
             max_tokens = 10\nmax_retries = 0\nprice = {{ input = 0.0, output = {price} }}\n"
        )
    };
    let lanes = [
        lane("good", "0.0"),
        lane("bad", "0.0"),
        lane("judge", "100000.0"),
    ];
    Home::new(&lanes.concat())
}

fn pairs<'a>(suite: &'a str, limit: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec![
        "replay", suite, "--lane", "good", "--lane", "bad", "--judge", "judge", "--pairs",
    ];
    arguments.extend(["--max-cost", limit]);
    arguments.extend(more);
    arguments
}

#[test]
fn attempts_that_others_followed_count_in_the_next_part_as_well() {
    let silent = Loopback::route(|_| answer().broken_after(1, Step::Cut));
    let home = Home::with_lanes(&silent, &["mini"], A_DOLLAR);
    let suite = home.sums(3);
    let first = home.run(&["replay", &suite, "--max-cost", "2.5"]);
    assert_eq!(
        (first.status, silent.requests().len()),
        (Some(1), 2),
        "{}",
        first.err
    );
    let again = home.run(&["replay", &suite, "--max-cost", "2.5", "--resume"]);
    assert_eq!(
        (again.status, silent.requests().len()),
        (Some(1), 2),
        "{}",
        again.err
    );
    let told = "Attempts that the table does not show: ";
    assert!(
        again.err.contains(told) && again.err.contains("at most $2.00, which --max-cost counts"),
        "{}",
        again.err
    );
    let more = home.run(&["replay", &suite, "--max-cost", "3.5", "--resume"]);
    assert_eq!(silent.requests().len(), 3, "{}", more.err);
    let listed = home.run(&["history", "list"]);
    assert!(listed.out.contains('?'), "{}", listed.out);
}

#[test]
fn what_is_tried_again_has_cost_what_it_cost() {
    let server = Loopback::route(|_| answer().broken_after(3, Step::Cut));
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(2);
    let first = home.run(&["replay", &suite, "--max-cost", "2.5"]);
    assert_eq!(
        (first.status, server.requests().len()),
        (Some(3), 2),
        "{}",
        first.err
    );
    for _ in 0..2 {
        let again = home.run(&["replay", &suite, "--max-cost", "3.5", "--retry-failed"]);
        assert_eq!(
            (again.status, server.requests().len()),
            (Some(1), 3),
            "{}",
            again.err
        );
    }
}

#[test]
fn what_was_in_flight_at_a_kill_counts_with_the_most_that_it_may_have_cost() {
    let server = Loopback::route(|_| answer().after(Duration::from_secs(600)));
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(6);
    let mut child = home.spawn(&["replay", &suite, "--max-cost", "2.5"]);
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    child.kill().expect("killed");
    child.wait().expect("its end");
    let again = home.run(&["replay", &suite, "--max-cost", "2.5", "--resume"]);
    assert_eq!(
        (again.status, server.requests().len()),
        (Some(1), 2),
        "{}",
        again.err
    );
    assert!(
        again.err.contains("at most $2.00, which --max-cost counts"),
        "{}",
        again.err
    );
}

#[test]
fn a_replay_that_ends_leaves_nothing_in_flight() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], A_DOLLAR);
    let suite = home.sums(2);
    let ended = home.run(&["replay", &suite, "--max-cost", "9"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(!ended.err.contains("does not show"), "{}", ended.err);
    let listed = home.run(&["history", "list"]);
    assert!(
        listed.out.contains("$0.40") && !listed.out.contains('?'),
        "{}",
        listed.out
    );
}

#[test]
fn an_answer_that_is_longer_than_it_may_be_counts_when_it_has_come() {
    let server = Loopback::route(|request| match asked(request).1.as_str() {
        "judge" => Speech::of(&["{\"reason\": \"so\", \"score\": 1}"])
            .openai()
            .after(Duration::from_millis(300)),
        _ => Speech::of(&["1"; 30]).openai(),
    });
    let home = Home::with_lanes(&server, &["mini", "judge"], A_DOLLAR);
    let suite = (0..4).fold(String::new(), |suite, at| {
        format!("{suite}[[prompt]]\nid = \"p{at}\"\nprompt = \"{at}?\"\ncheck = {{ judge = \"Is it?\" }}\n")
    });
    let file = home.file("j.toml", &suite);
    let arguments = [
        "replay",
        &file,
        "--lane",
        "mini",
        "--judge",
        "judge",
        "--concurrency",
        "1",
        "--max-cost",
        "4.5",
    ];
    let ended = home.run(&arguments);
    let answers = server.requests();
    let answers = answers.iter().filter(|request| asked(request).1 == "mini");
    assert_eq!(
        (ended.status, answers.count()),
        (Some(1), 1),
        "{}",
        ended.err
    );
}

#[test]
fn a_judge_that_is_not_there_costs_nothing() {
    let server = sums_server();
    let lane = |name: &str, url: &str| {
        format!(
            "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nmodel = \"{name}\"\nbase_url = \"{url}\"\n\
             max_retries = 0\n{A_DOLLAR}"
        )
    };
    let away = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a port");
    let nobody = format!("http://{}/v1", away.local_addr().expect("its address"));
    drop(away);
    let home = Home::new(&format!(
        "{}{}",
        lane("mini", &server.url("/v1")),
        lane("judge", &nobody)
    ));
    let suite = (0..6).fold(String::new(), |suite, at| {
        format!("{suite}[[prompt]]\nid = \"p{at}\"\nprompt = \"{at}?\"\ncheck = {{ judge = \"Is it?\" }}\n")
    });
    let file = home.file("j.toml", &suite);
    let arguments = [
        "replay",
        &file,
        "--lane",
        "mini",
        "--judge",
        "judge",
        "--max-cost",
        "4",
    ];
    let ended = home.run(&arguments);
    assert_eq!(
        (ended.status, server.requests().len()),
        (Some(0), 6),
        "{}",
        ended.err
    );
}

#[test]
fn choosing_is_held_to_the_limit_and_half_of_a_vote_is_not_paid_twice() {
    // The second order fails at first.
    let server = choosing(|call| match call {
        0 => better("first"),
        1 => Reply::status(400),
        _ => better("second"),
    });
    let home = home_of_pairs(&server);
    let suite = home.file("p.txt", "What is 6 * 7?\n");
    let little = home.run(&pairs(&suite, "1.5", &[]));
    assert_eq!(
        (little.status, server.requests().len()),
        (Some(1), 2),
        "{}",
        little.err
    );
    assert!(
        little.err.contains("next pair might cost more"),
        "{}",
        little.err
    );
    let half = home.run(&pairs(&suite, "2.5", &["--resume"]));
    assert_eq!(
        (half.status, server.requests().len()),
        (Some(3), 4),
        "{}",
        half.err
    );
    assert!(half.err.contains("1 pairs have no vote"), "{}", half.err);
    // A tenth is spent, and one order is left to ask.
    let little = home.run(&pairs(&suite, "1.05", &["--resume"]));
    assert_eq!(
        (little.status, server.requests().len()),
        (Some(1), 4),
        "{}",
        little.err
    );
    let whole = home.run(&pairs(&suite, "1.5", &["--resume"]));
    assert_eq!(
        (whole.status, server.requests().len()),
        (Some(0), 5),
        "{}",
        whole.err
    );
    assert!(
        whole.err.contains("1 pairs chosen, 0 of them tied"),
        "{}",
        whole.err
    );
    let listed = home.run(&["history", "list", "--json"]);
    let listed: serde_json::Value = serde_json::from_str(&listed.out).expect("JSON");
    assert_eq!(listed[0]["judge_cost_usd"], 0.2, "{listed}");
}

#[cfg(unix)]
#[test]
fn a_signal_while_a_judge_chooses_gives_its_status() {
    use rustix::process::{Pid, Signal, kill_process};
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 143)] {
        let server = choosing(|_| better("first").after(Duration::from_secs(600)));
        let home = home_of_pairs(&server);
        let suite = home.file("p.txt", "What is 6 * 7?\n");
        let child = home.spawn(&pairs(&suite, "9", &[]));
        server.wait_blocking(|log| (log.requests.len() == 3).then_some(()));
        let pid = Pid::from_raw(i32::try_from(child.id()).expect("a small id")).expect("an id");
        // Twice: the judge is not waited for. The second time it may be gone already.
        kill_process(pid, signal).expect("sent");
        let ended = std::thread::scope(|scope| {
            let waited = scope.spawn(|| Ended::of(child));
            while !waited.is_finished() {
                let _ = kill_process(pid, signal);
                std::thread::yield_now();
            }
            waited.join().expect("its end")
        });
        assert_eq!(ended.status, Some(status), "{}", ended.err);
        // What the judge was asked may have been paid for.
        let again = home.run(&pairs(&suite, "2.5", &["--resume"]));
        assert_eq!(
            (again.status, server.requests().len()),
            (Some(1), 3),
            "{}",
            again.err
        );
    }
}
