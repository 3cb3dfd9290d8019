//! Hosts that turn away, break and hang: what is asked of them, and for how long.

use super::stage::{Ended, Home, answer, asked, sums_server};
use crate::loopback::{Loopback, Reply, Step};
use std::{fs, process::Child, time::Duration, time::Instant};

/// A program that nobody lets end by itself, whatever the test finds.
struct Killed(Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[cfg(unix)]
#[test]
fn who_only_waits_for_a_host_ends_at_the_first_interrupt() {
    use rustix::process::{Pid, Signal, kill_process};
    let server = Loopback::route(|_| {
        Reply::json(429, "{\"error\":{\"message\":\"slow down\"}}").header("retry-after", "30")
    });
    let home = Home::with_lanes(&server, &["mini"], "");
    let suite = home.sums(6);
    let began = Instant::now();
    let child = home.spawn(&["replay", &suite, "--concurrency", "2"]);
    server.wait_blocking(|log| (log.requests.len() == 2).then_some(()));
    let pid = Pid::from_raw(i32::try_from(child.id()).expect("a pid")).expect("a pid");
    kill_process(pid, Signal::INT).expect("sent");
    let ended = Ended::of(child);
    assert_eq!(ended.status, Some(130), "{}", ended.err);
    assert!(began.elapsed() < Duration::from_secs(25), "{}", ended.err);
    assert!(
        ended.err.contains("Stopped; 6 cells are left"),
        "{}",
        ended.err
    );
    assert_eq!(server.requests().len(), 2);
}

#[test]
fn a_host_that_only_breaks_is_left_alone_and_then_given_up() {
    let replies: [fn() -> Reply; 2] = [
        || Reply::json(500, "{\"error\":{\"message\":\"broken\"}}"),
        || Reply::json(200, "<html>hello</html>").header("content-type", "text/html"),
    ];
    for reply in replies {
        let server = Loopback::route(move |_| reply());
        let home = Home::with_lanes(&server, &["mini"], "max_retries = 1\n");
        let suite = home.sums(60);
        let ended = home.run(&["replay", &suite, "--concurrency", "4"]);
        assert_eq!(ended.status, Some(3), "{}", ended.err);
        assert!(
            ended.err.contains("lane `mini` was given up"),
            "{}",
            ended.err
        );
        let sent = server.requests().len();
        assert!((4..=20).contains(&sent), "{sent} requests");
    }
}

#[test]
fn a_lane_that_breaks_now_and_then_is_not_given_up() {
    let server = Loopback::route(|request| match request.index % 4 {
        3 => Reply::json(500, "{\"error\":{\"message\":\"broken\"}}"),
        _ => answer(),
    });
    let home = Home::with_lanes(&server, &["mini"], "max_retries = 1\n");
    let suite = home.sums(30);
    let ended = home.run(&["replay", &suite, "--concurrency", "1"]);
    assert_eq!(ended.status, Some(0), "{}", ended.err);
}

#[test]
fn a_lane_that_hangs_leaves_another_one_at_its_address_its_share() {
    let server = Loopback::route(|request| {
        let mut reply = answer();
        if asked(request).1 == "hung" {
            reply.steps.insert(1, Step::Stall);
        }
        reply
    });
    let lane = |name: &str, path: &str| {
        format!(
            "[[lane]]\nname = \"{name}\"\nprovider = \"openai-compatible\"\nmodel = \"{name}\"\nbase_url = \"{}\"\n",
            server.url(path)
        )
    };
    let home = Home::new(&(lane("hung", "/a/v1") + &lane("well", "/b/v1")));
    let suite = home.sums(20);
    let _child = Killed(home.spawn(&["replay", &suite, "--concurrency", "4", "--quiet"]));
    server.wait_blocking(|log| {
        let well = log
            .requests
            .iter()
            .filter(|request| asked(request).1 == "well");
        (well.count() == 20).then_some(())
    });
    // When the last of the other one is sent it may have all of it.
    let requests = server.requests();
    let well = requests.iter().enumerate();
    let mut well = well.filter(|(_, request)| asked(request).1 == "well");
    let (end, _) = well.nth(17).expect("the eighteenth");
    let meanwhile = requests.iter().take(end);
    let hung = meanwhile
        .filter(|request| asked(request).1 == "hung")
        .count();
    assert!(hung <= 2, "{hung} of four at once");
}

#[test]
fn a_batch_goes_on_whatever_the_order_of_lanes_and_their_patience_and_else_it_is_said_why_not() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini", "maxi"], "");
    let suite = home.sums(2);
    assert_eq!(home.run(&["replay", &suite]).status, Some(0));
    let config = home.path().join("config.toml");
    let text = fs::read_to_string(&config).expect("read");
    let mut lanes: Vec<&str> = text.split_inclusive("\n\n").collect();
    lanes.reverse();
    fs::write(&config, lanes.concat()).expect("written");
    let ended = home.run(&["replay", &suite, "--resume", "--timeout", "77s"]);
    assert!(ended.err.contains("Nothing was sent"), "{}", ended.err);
    assert_eq!(server.requests().len(), 4);
    let ended = home.run(&["replay", &suite, "--resume", "--system", "secret words"]);
    assert!(
        ended
            .err
            .contains("of the same suite has others: `command_line.system`"),
        "{}",
        ended.err
    );
    assert!(!ended.err.contains("secret words"), "{}", ended.err);
    assert_eq!(server.requests().len(), 8);
}
