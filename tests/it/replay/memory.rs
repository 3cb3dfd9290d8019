//! What a replay puts aside so that it need not hold it.

use super::stage::{Ended, Home, asked, sums_server};

#[test]
fn without_a_temporary_folder_a_long_suite_is_held_in_memory_and_that_is_said() {
    let server = sums_server();
    let home = Home::with_lanes(&server, &["mini"], "");
    // More than what stays in memory anyway.
    let long = "x".repeat(700_000);
    let text = format!("{long}\n---\n{long}\n---\nWhat is 12 + 7?\n");
    let suite = home.file("long.txt", &text);
    let ended = home
        .command(&["replay", &suite])
        .env("TMPDIR", home.path().join("missing"))
        .spawn()
        .map(Ended::of)
        .unwrap();
    assert_eq!(ended.status, Some(0), "{}", ended.err);
    assert!(
        ended.err.contains("all prompts are held in memory"),
        "{}",
        ended.err
    );
    let sent: Vec<usize> = server
        .requests()
        .iter()
        .map(|request| asked(request).0.len())
        .collect();
    assert_eq!(sent.iter().sum::<usize>(), 1_400_015);
    let with = home.run(&["replay", &suite]);
    assert!(!with.err.contains("in memory"), "{}", with.err);
    assert_eq!(server.requests().len(), 6);
}
