//! Whatever the order of arrival, each lane's text is printed whole and in one place.

use super::stage::{PLAIN, named};
use crate::{
    domain::{
        event::{FinishReason, LaneEvent, LaneEventKind, StreamEvent},
        id::LaneId,
    },
    headless::ask::{
        text::TextFace,
        voice::{Thoughts, Voice},
    },
};
use proptest::prelude::*;
use std::time::Duration;

fn finished() -> LaneEventKind {
    LaneEventKind::Stream(StreamEvent::Finished {
        reason: FinishReason::Stop,
    })
}

/// Cuts a text into pieces of these lengths in characters, again and again.
fn cut(text: &str, lengths: &[usize]) -> Vec<String> {
    let mut chars = text.chars().peekable();
    let mut pieces = Vec::new();
    for length in lengths.iter().cycle() {
        if chars.peek().is_none() {
            break;
        }
        pieces.push(chars.by_ref().take(*length).collect());
    }
    pieces
}

proptest! {
    #[test]
    fn texts_of_lanes_never_mix(order in prop::collection::vec(0usize..3, 0..60)) {
        let lanes: Vec<_> = ["a", "b", "c"].map(|name| named(name, [])).into();
        let mut face = TextFace::new(&lanes, PLAIN);
        let mut said = [const { String::new() }; 3];
        let mut out = String::new();
        let mut apply = |id: usize, kind| {
            let at = Duration::ZERO;
            out.push_str(&face.apply(&LaneEvent { lane: LaneId(id), at, kind }));
        };
        for (count, id) in order.into_iter().enumerate() {
            let word = format!("{id}:{count} ");
            said[id].push_str(&word);
            apply(id, LaneEventKind::Stream(StreamEvent::answer(word)));
        }
        for id in [1, 0, 2] {
            apply(id, finished());
        }
        let spoken = said.iter().filter(|text| !text.is_empty());
        for text in spoken.clone() {
            prop_assert!(out.contains(&format!("· script\n{text}\n")), "{}", out);
        }
        prop_assert_eq!(out.matches("── ").count(), spoken.count());
    }

    #[test]
    fn a_voice_is_the_same_however_it_is_split(
        thought in "[a-c\n\u{1b}]{0,12}",
        answer in "[a-c\n\u{9b}]{1,12}",
        lengths in prop::collection::vec(1usize..5, 1..4),
    ) {
        let say = |lengths: &[usize]| {
            let mut voice = Voice::default();
            let thoughts = cut(&thought, lengths).into_iter().map(StreamEvent::reasoning);
            let answers = cut(&answer, lengths).into_iter().map(StreamEvent::answer);
            for event in thoughts.chain(answers) {
                voice.apply(&LaneEventKind::Stream(event), Thoughts::Marked);
            }
            voice.apply(&finished(), Thoughts::Marked);
            assert!(voice.has_ended());
            voice.take()
        };
        prop_assert_eq!(say(&lengths), say(&[usize::MAX]));
    }
}
