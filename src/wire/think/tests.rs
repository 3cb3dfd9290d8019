//! Tests of the splitter, under every split of each text.

use super::*;
use crate::domain::event::ReasoningForm;
use proptest::prelude::*;

/// Thinking and answer of a text that comes in these pieces.
fn split(pieces: &[&str]) -> (String, String) {
    let mut splitter = ThinkSplitter::default();
    let mut events = Vec::new();
    for piece in pieces {
        splitter.push(piece, &mut events);
    }
    splitter.flush(&mut events);
    let (mut thought, mut answer) = (String::new(), String::new());
    for event in events {
        match event {
            StreamEvent::Reasoning {
                text,
                form: ReasoningForm::Raw,
            } if !text.is_empty() => thought += &text,
            StreamEvent::Answer { text } if !text.is_empty() => answer += &text,
            other => panic!("{other:?}"),
        }
    }
    (thought, answer)
}

/// The text in one piece, in single characters, and cut in two at every place.
#[track_caller]
fn assert_splits(text: &str, thought: &str, answer: &str) {
    let expected = (thought.to_owned(), answer.to_owned());
    assert_eq!(split(&[text]), expected, "whole: {text:?}");
    let chars: Vec<String> = text.chars().map(String::from).collect();
    let chars: Vec<&str> = chars.iter().map(String::as_str).collect();
    assert_eq!(split(&chars), expected, "by character: {text:?}");
    for (at, _) in text.char_indices() {
        let (head, tail) = text.split_at(at);
        assert_eq!(split(&[head, tail]), expected, "{head:?} + {tail:?}");
    }
}

#[test]
fn thinking_that_opens_an_answer_is_reasoning() {
    assert_splits("<think>hm</think>yes", "hm", "yes");
    assert_splits("<think>\nhm\n</think>\n\nyes\n", "\nhm\n", "yes\n");
    assert_splits("\n <think>hm</think>yes", "hm", "yes");
    assert_splits("<think>ünd 🌍</think> ß", "ünd 🌍", "ß");
}

#[test]
fn thinking_that_is_never_closed_is_all_there_is() {
    assert_splits("<think>hm, so", "hm, so", "");
    assert_splits("<think>hm </thi", "hm </thi", "");
    assert_splits("<think>", "", "");
    assert_splits("<think> \n", "", "");
}

#[test]
fn white_space_alone_is_no_thinking() {
    assert_splits("<think>\n\n</think>\n\nyes", "", "yes");
    assert_splits("<think></think>yes", "", "yes");
    assert_splits("<think></think>", "", "");
    assert_splits("<think>x</think>  \n", "x", "");
}

#[test]
fn only_a_tag_that_opens_the_answer_counts() {
    assert_splits("yes <think>no</think>", "", "yes <think>no</think>");
    assert_splits("hm</think>yes", "", "hm</think>yes");
    assert_splits(
        "<thinking>hm</thinking>yes",
        "",
        "<thinking>hm</thinking>yes",
    );
    assert_splits(
        "<think>a</think><think>b</think>c",
        "a",
        "<think>b</think>c",
    );
    assert_splits("<", "", "<");
    assert_splits("<thin", "", "<thin");
    assert_splits(" \n", "", " \n");
    assert_splits("  yes", "", "  yes");
}

#[test]
fn what_looks_like_a_closing_tag_stays_in_the_thinking() {
    assert_splits(
        "<think>a < b </ c </think x </think>d",
        "a < b </ c </think x ",
        "d",
    );
    assert_splits("<think><</think>d", "<", "d");
    assert_splits("<think>a</</think>d", "a</", "d");
}

#[test]
fn an_answer_is_not_held_back() {
    let mut splitter = ThinkSplitter::default();
    let mut events = Vec::new();
    splitter.push("y", &mut events);
    splitter.push("<", &mut events);
    assert_eq!(events, [StreamEvent::answer("y"), StreamEvent::answer("<")]);
}

/// The events of pieces of which each arrives a second after the one before, with the time of each.
fn timed(pieces: &[&str]) -> Vec<(u64, StreamEvent)> {
    let mut splitter = ThinkSplitter::default();
    let mut timed = Vec::new();
    for (second, piece) in (1..).zip(pieces) {
        let mut events = Vec::new();
        splitter.arrive(Duration::from_secs(second));
        splitter.push(piece, &mut events);
        if usize::try_from(second).unwrap() == pieces.len() {
            splitter.flush(&mut events);
        }
        for (index, event) in events.into_iter().enumerate() {
            let late = splitter.late().filter(|late| late.index == index);
            timed.push((late.map_or(second, |late| late.at.as_secs()), event));
        }
    }
    timed
}

#[test]
fn what_was_held_back_is_given_apart_with_its_own_time() {
    let answer = |text: &str| StreamEvent::answer(text);
    let thought = |text: &str| StreamEvent::reasoning(text);
    for (pieces, expected) in [
        (
            &["\n", "\n", "Hello", " there"][..],
            &[
                (1, answer("\n\n")),
                (3, answer("Hello")),
                (4, answer(" there")),
            ][..],
        ),
        (
            &["<", "b>bold</b>"],
            &[(1, answer("<")), (2, answer("b>bold</b>"))],
        ),
        (
            &["x", "<", "y"],
            &[(1, answer("x")), (2, answer("<")), (3, answer("y"))],
        ),
        (&[" ", "<think>a"], &[(2, thought("a"))]),
        (
            &["<think>", "\n", "a </", "b</", "think>c"],
            &[
                (2, thought("\n")),
                (3, thought("a ")),
                (3, thought("</")),
                (4, thought("b")),
                (5, answer("c")),
            ],
        ),
        (
            &["<think>a<", "</", "think>"],
            &[(1, thought("a")), (1, thought("<"))],
        ),
        (&[" ", "<th"], &[(1, answer(" <th"))]),
    ] {
        assert_eq!(timed(pieces), expected, "{pieces:?}");
    }
}

#[test]
fn endless_white_space_is_not_held_for_ever() {
    for start in ["", "<think>"] {
        let mut splitter = ThinkSplitter::default();
        let mut events = Vec::new();
        splitter.push(start, &mut events);
        for _ in 0..2 * MOST_HELD_BYTES {
            splitter.push("\n", &mut events);
        }
        assert!(!events.is_empty());
        assert!(splitter.held.len() <= MOST_HELD_BYTES + CLOSE.len());
    }
}

proptest! {
    #[test]
    fn any_pieces_give_the_same_texts(
        tokens in proptest::collection::vec(
            prop::sample::select(vec!["<think>", "</think>", "<", "</", "think", ">", " ", "\n", "a", "é"]), 0..12),
        cuts in proptest::collection::vec(any::<prop::sample::Index>(), 0..8),
    ) {
        let text = tokens.concat();
        let mut places: Vec<usize> = text.char_indices().map(|(at, _)| at).collect();
        places.push(text.len());
        let mut at: Vec<usize> = cuts.iter().map(|cut| places[cut.index(places.len())]).collect();
        at.sort_unstable();
        let mut pieces = Vec::new();
        let mut from = 0;
        for to in at.into_iter().chain([text.len()]) {
            pieces.push(text.get(from..to).unwrap());
            from = to;
        }
        prop_assert_eq!(split(&pieces), split(&[&text]));
    }
}
