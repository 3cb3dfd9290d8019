//! Tests of the event reader.

use super::*;
use crate::domain::failure::FailureKind;
use proptest::prelude::*;

/// The items of a body that comes in these reads, as short texts.
fn items(reads: &[&[u8]]) -> Vec<String> {
    let mut reader = SseReader::new(1 << 10);
    let mut found = Vec::new();
    let mut take = |item: SseItem<'_>| {
        found.push(match item {
            SseItem::Event { name, data } => format!("{name}|{data}"),
            SseItem::Error(text) => format!("error {text}"),
            SseItem::Json(text) => format!("json {}", text.trim()),
            SseItem::Junk(line) => format!("junk {}", line.trim()),
        });
        Ok(())
    };
    for read in reads {
        reader.feed(read, &mut take).unwrap();
    }
    reader.finish(&mut take).unwrap();
    found
}

/// The body whole, byte by byte, and cut in two at every byte.
#[track_caller]
fn assert_items(body: &[u8], expected: &[&str]) {
    assert_eq!(items(&[body]), expected);
    assert_eq!(items(&body.chunks(1).collect::<Vec<_>>()), expected);
    for at in 0..body.len() {
        let (head, tail) = body.split_at(at);
        assert_eq!(items(&[head, tail]), expected, "cut at {at}");
    }
}

#[test]
fn events_end_with_a_blank_line_of_any_form() {
    assert_items(
        b"data: a\n\ndata: b\r\n\r\ndata: c\r\rdata: d\n\n",
        &["|a", "|b", "|c", "|d"],
    );
}

#[test]
fn several_lines_of_data_are_one_event() {
    assert_items(
        b"event: output\ndata: :\ndata: \ndata: Why\n\n",
        &["output|:\n\nWhy"],
    );
    assert_items(b"data\n\ndata:\n\n", &["|", "|"]);
}

#[test]
fn one_space_after_the_colon_is_dropped() {
    assert_items(b"data:  did\n\ndata:x\n\n", &["| did", "|x"]);
}

#[test]
fn comments_blank_lines_ids_and_waits_are_no_events() {
    let body = b"\n\n\n: ping\n\n:\n\nid: 7\nretry: 3\n\nevent: x\n\ndata: a\n\n";
    assert_items(body, &["|a"]);
}

#[test]
fn a_character_that_is_cut_by_a_read_is_whole_and_a_wrong_one_is_replaced() {
    assert_items("data: 🌍é\u{2028}ß\n\n".as_bytes(), &["|🌍é\u{2028}ß"]);
    assert_items(b"data: a\xff\xf0\x9fb\n\n", &["|a\u{fffd}\u{fffd}b"]);
}

#[test]
fn an_error_field_is_kept() {
    assert_items(
        b"data: a\n\nerror: {\"code\":500}\n\n",
        &["|a", "error {\"code\":500}"],
    );
}

#[test]
fn bare_json_is_read_to_its_last_bracket() {
    let body = b"data: a\n\n{\n  \"error\": {\n    \"message\": \"} \\\"]\"\n  }\n}\n\ndata: b\n\n";
    let json = "json {\n  \"error\": {\n    \"message\": \"} \\\"]\"\n  }\n}";
    assert_items(body, &["|a", json, "|b"]);
    assert_items(b"{\"a\":\n\n1", &["json {\"a\":\n\n1"]);
    assert_items(b"{\"a\":\ndata: b\n\n", &["junk {\"a\":", "|b"]);
}

#[test]
fn what_is_no_field_is_junk() {
    assert_items(
        b"<!DOCTYPE html>\r\n<p style=\"color: red\">\n",
        &["junk <!DOCTYPE html>", "junk <p style=\"color: red\">"],
    );
}

#[test]
fn the_end_gives_what_was_not_closed() {
    assert_items(b"data: a\n\ndata: b", &["|a", "|b"]);
    assert_items(b"data: a\n\ndata: b\n", &["|a", "|b"]);
    assert_items(b"data: a\n\ndat", &["|a"]);
}

#[test]
fn an_event_over_the_limit_is_refused_in_every_form() {
    let line = vec![b'x'; 200];
    let forms: [(&[u8], &[u8]); 3] = [(b"", b""), (b"data: ", b"\n"), (b"{", b"\n")];
    for (before, after) in forms {
        let mut reader = SseReader::new(1 << 10);
        let mut fed = reader.feed(before, |_| Ok(()));
        for _ in 0..20 {
            let part = [line.as_slice(), after, before].concat();
            fed = fed.and_then(|()| reader.feed(&part, |_| Ok(())));
        }
        assert_eq!(fed.unwrap_err().kind, FailureKind::Protocol);
    }
}

proptest! {
    #[test]
    fn any_split_gives_the_same_items(
        tokens in proptest::collection::vec(
            prop::sample::select(vec!["data:", "data: ", "event: e", ":", "\n", "\r\n", "\r", "\n\n", "{", "}", "\"", "\\", "a", "é", "error: x"]), 0..20),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let body = tokens.concat().into_bytes();
        let mut at: Vec<usize> = cuts.iter().map(|cut| cut.index(body.len() + 1)).collect();
        at.sort_unstable();
        let mut reads = Vec::new();
        let mut from = 0;
        for to in at.into_iter().chain([body.len()]) {
            reads.push(&body[from..to]);
            from = to;
        }
        prop_assert_eq!(items(&reads), items(&[&body]));
    }
}
