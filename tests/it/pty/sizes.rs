//! Terminals of any size, and of changing size.

use super::kit::{Setup, lane};

fn config() -> String {
    lane("quiet", "http://127.0.0.1:9/v1")
}

#[test]
fn resized_to_one_cell_and_back_it_draws_everything_again() {
    let mut session = Setup::with_config(&config()).start();
    session.wait_text("quiet");
    session.resize(1, 1);
    let seen = session.raw().len();
    session.wait_raw(seen, "a frame of one cell", |raw| !raw.is_empty());
    session.resize(100, 30);
    session.wait_text("quiet");
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
}

#[test]
fn started_in_one_cell_it_can_be_left() {
    let mut session = Setup::with_config(&config()).size(1, 1).start();
    session.wait_raw(0, "a frame", |raw| {
        String::from_utf8_lossy(raw).contains("\x1b[?2026l")
    });
    session.send("\x03");
    let ended = session.ended();
    ended.assert_restored();
    assert_eq!(ended.status, 0);
}

#[test]
fn many_resizes_end_with_the_last_size() {
    let mut session = Setup::with_config(&config()).start();
    session.wait_text("quiet");
    for columns in 20..120 {
        session.resize(columns, 30);
    }
    session.resize(60, 18);
    session.wait("the header and the pane at 60 columns", |screen| {
        let rows: Vec<String> = screen.rows(0, 60).collect();
        rows[0].contains("tierscope") && rows.iter().any(|row| row.contains("quiet"))
    });
    session.send("\x03");
    assert_eq!(session.ended().status, 0);
}
