//! Answers and their judges: kept before they are judged, judged later where they were not, judges that are busy.

use super::stage::{Ended, Home, answer, asked, cells};
use crate::loopback::{Gate, Loopback, Reply, Request, Speech, Step};
use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    sync::atomic::{AtomicUsize, Ordering},
};

const PROMPTS: usize = 12;

fn suite(home: &Home) -> String {
    let suite = (0..PROMPTS).fold(String::new(), |mut suite, at| {
        let _ = write!(
            suite,
            "[[prompt]]\nid = \"p{at}\"\nprompt = \"{at} + 7?\"\ncheck = {{ judge = \"Is it 19?\" }}\n"
        );
        suite
    });
    home.file("judged.toml", &suite)
}

fn is_judge(request: &Request) -> bool {
    asked(request).1 == "judge"
}

fn rating() -> Reply {
    Speech::of(&["{\"reason\": \"it is right\", \"score\": 0.9}"]).openai()
}

/// Answers at once; the judge says nothing before the gate is open.
fn server_behind(gate: &Gate) -> Loopback {
    let held = gate.clone();
    Loopback::route(move |request| {
        if !is_judge(request) {
            return answer();
        }
        let mut reply = rating();
        reply.steps.insert(1, Step::Gate(held.clone()));
        reply
    })
}

fn asked_for_answers(server: &Loopback) -> usize {
    let requests = server.requests();
    requests.iter().filter(|request| !is_judge(request)).count()
}

/// Every answer of the latest batch is judged.
fn all_passed(home: &Home) -> bool {
    let batch = home.batch();
    let runs = batch["runs"].as_array().expect("runs");
    runs.len() == PROMPTS
        && runs
            .iter()
            .all(|run| run["lanes"][0]["checks"][0]["passed"] == true)
}

#[test]
fn an_answer_is_kept_before_it_is_judged_and_judged_when_the_replay_goes_on() {
    let gate = Gate::closed();
    let server = server_behind(&gate);
    let home = Home::with_lanes(&server, &["mini", "judge"], "");
    let suite = suite(&home);
    let replay = ["replay", &suite, "--lane", "mini", "--judge", "judge"];
    let mut child = home.spawn(&replay);
    server.wait_blocking(|log| {
        let judged = log.requests.iter().filter(|request| is_judge(request));
        (judged.count() >= 4).then_some(())
    });
    child.kill().expect("killed");
    child.wait().expect("its end");
    let kept = home.kept().len();
    assert!(kept >= 4, "an answer whose judge was asked is kept: {kept}");
    gate.open();
    let before = asked_for_answers(&server);
    let again = [&replay[..], &["--resume"]].concat();
    let ended = home.run(&again);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(asked_for_answers(&server) - before, PROMPTS - kept);
    assert!(all_passed(&home), "{}", ended.err);
    let mark = server.requests().len();
    let ended = home.run(&again);
    assert!(ended.err.contains("Nothing was sent"), "{}", ended.err);
    assert_eq!(server.requests().len(), mark);
}

#[cfg(unix)]
#[test]
fn an_interrupt_waits_for_the_judges_that_are_asked_and_for_no_other() {
    use rustix::process::{Pid, Signal, kill_process};
    let gate = Gate::closed();
    let server = server_behind(&gate);
    let home = Home::with_lanes(&server, &["mini", "judge"], "");
    let suite = suite(&home);
    let replay = ["replay", &suite, "--lane", "mini", "--judge", "judge"];
    // Two judges at once, so that answers wait for one.
    let replay = [&replay[..], &["--concurrency", "2"]].concat();
    let mut child = home.spawn(&replay);
    server.wait_blocking(|log| {
        let judged = log.requests.iter().filter(|request| is_judge(request));
        (judged.count() >= 1).then_some(())
    });
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::INT).expect("sent");
    let mut words = BufReader::new(child.stderr.take().expect("piped"));
    let mut said = String::new();
    while !said.contains("stopping: ") {
        assert!(words.read_line(&mut said).expect("read") > 0, "{said}");
    }
    gate.open();
    words.read_to_string(&mut said).expect("read");
    assert_eq!(Ended::of(child).status, Some(130), "{said}");
    let judged = server
        .requests()
        .iter()
        .filter(|request| is_judge(request))
        .count();
    assert!(judged < PROMPTS, "{judged}");
    let kept = cells(&home.batch()).len();
    let before = asked_for_answers(&server);
    let ended = home.run(&[&replay[..], &["--resume"]].concat());
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert_eq!(asked_for_answers(&server) - before, PROMPTS - kept);
    assert!(all_passed(&home), "{}", ended.err);
}

#[test]
fn a_judge_that_turns_answers_away_is_asked_again_and_one_that_fails_can_be_asked_later() {
    let (busy, is_broken) = (
        AtomicUsize::new(6),
        std::sync::Arc::new(AtomicUsize::new(1)),
    );
    let broken = std::sync::Arc::clone(&is_broken);
    let server = Loopback::route(move |request| {
        if !is_judge(request) {
            return answer();
        }
        if broken.load(Ordering::SeqCst) == 1 {
            return Reply::json(400, "{\"error\":{\"message\":\"no\"}}");
        }
        let turn = busy.fetch_update(Ordering::SeqCst, Ordering::SeqCst, |left| {
            left.checked_sub(1)
        });
        match turn {
            Ok(_) => Reply::json(429, "{\"error\":{\"message\":\"busy\"}}"),
            Err(_) => rating(),
        }
    });
    let home = Home::with_lanes(&server, &["mini", "judge"], "max_retries = 1");
    let suite = suite(&home);
    let replay = ["replay", &suite, "--lane", "mini", "--judge", "judge"];
    let ended = home.run(&replay);
    assert!(
        ended.err.contains("12 answers could not be judged"),
        "{}",
        ended.err
    );
    is_broken.store(0, Ordering::SeqCst);
    let before = asked_for_answers(&server);
    let ended = home.run(&[&replay[..], &["--retry-failed"]].concat());
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended
            .err
            .contains("12 answers that were not judged before are now"),
        "{}",
        ended.err
    );
    assert_eq!(asked_for_answers(&server), before, "no lane was asked");
    assert!(all_passed(&home), "{}", ended.err);
}
