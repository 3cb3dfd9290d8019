//! Several prompts answered together by one engine.

use super::{Lane, limited, next, prompt, until};
use crate::scripted_gguf::Model;
use futures_util::future::join_all;
use tierscope::domain::{
    event::{FinishReason, LaneEventKind, StreamEvent},
    failure::FailureKind,
    lane::{LaneState, Phase},
    request::{Message, Role},
};

/// Two words for ever; its four sequences have this context each.
fn endless(context: u32) -> Lane {
    let mut model = Model::saying("one|, |two|; ");
    model.is_endless = true;
    model.context = context;
    Lane::with(&model, |setup| setup.plan.parallel = 4)
}

#[tokio::test]
async fn none_waits_for_another_and_each_says_that_it_was_not_alone() {
    let lane = endless(16_384);
    let mut streams: Vec<_> = (0..4).map(|_| lane.stream(prompt("Hi"))).collect();
    let mut states = vec![LaneState::default(); 4];
    // None of them ends by itself: that each gets so far shows that they are answered together.
    for (stream, state) in streams.iter_mut().zip(&mut states) {
        until(stream, state, |state| state.answer.len() > 20).await;
    }
    // A fifth one waits until there is room, and has it when one is given up.
    let last = streams.pop();
    let (fifth, ()) = tokio::join!(lane.ask(limited("Hi", 3)), async { drop(last) });
    assert_eq!(fifth.answer, "one, two", "{:?}", fifth.phase);
    assert!(fifth.server.sequences.is_some_and(|many| many >= 4));
    assert!(
        fifth
            .warnings()
            .iter()
            .any(|told| told.contains("together")),
        "{:?}",
        fifth.warnings()
    );
    assert_eq!(fifth.timeline.loading, None);
    for (stream, state) in streams.iter_mut().zip(&mut states) {
        let before = state.answer.len();
        until(stream, state, |state| state.answer.len() > before + 20).await;
        assert!(state.answer.starts_with("one, two; one, two; "));
    }
    drop(streams);
    // Those that were given up may still be at work when the next one begins; sooner or later they are not.
    let mut alone = lane.ask(limited("Hi", 3)).await;
    while alone.server.sequences.is_some() {
        alone = lane.ask(limited("Hi", 3)).await;
    }
    assert_eq!(alone.answer, "one, two");
    assert!(alone.warnings().is_empty(), "{:?}", alone.warnings());
}

#[tokio::test]
async fn each_has_its_own_prompt_limit_thinking_and_end() {
    let mut model = Model::saying("<think>|hm|, |</think>|yes|. |Bye");
    model.context = 1024;
    let lane = Lane::with(&model, |setup| setup.plan.parallel = 3);
    let mut long = prompt("Hi");
    long.messages.insert(
        0,
        Message {
            role: Role::Assistant,
            content: "y".repeat(700),
        },
    );
    let mut stopped = prompt("Hi");
    stopped.sampling.stop = vec![". ".into()];
    let asked = [
        prompt("Hi"),
        limited("Hi", 3),
        prompt(&"x".repeat(2000)),
        long,
        stopped,
        limited("Hi", 5),
    ];
    let states = join_all(asked.map(|request| lane.ask(request))).await;
    let told = states.iter().map(|state| {
        (
            state.reasoning.as_str(),
            state.answer.as_str(),
            state.finish(),
        )
    });
    let (stop, length) = (Some(FinishReason::Stop), Some(FinishReason::Length));
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            ("hm, ", "yes. Bye", stop),
            ("hm, ", "", length),
            ("", "", None),
            ("hm, ", "yes. Bye", stop),
            ("hm, ", "yes", stop),
            ("hm, ", "yes", length),
        ]
    );
    let prompts = |at: usize| states.get(at).and_then(|state| state.usage().prompt_tokens);
    assert!(prompts(0) < prompts(3), "{:?} {:?}", prompts(0), prompts(3));
    let Some(Phase::Failed(failure)) = states.get(2).map(|state| &state.phase) else {
        panic!("it fits into no context: {states:?}");
    };
    assert_eq!(failure.kind, FailureKind::ContextLength);
}

#[tokio::test]
async fn a_long_prompt_is_read_while_others_are_answered() {
    let lane = endless(16_384);
    let mut talking = lane.stream(prompt("Hi"));
    let mut state = LaneState::default();
    until(&mut talking, &mut state, |state| !state.answer.is_empty()).await;
    let mut reading = lane.stream(prompt(&"y".repeat(6000)));
    let mut slices = 0;
    loop {
        let event = next(&mut reading).await.expect("it goes on");
        match event.value {
            LaneEventKind::Stream(StreamEvent::Prefill { .. }) => slices += 1,
            LaneEventKind::Stream(StreamEvent::Answer { .. }) => break,
            _ => {}
        }
    }
    assert!(slices > 5, "{slices}");
    let before = state.answer.len();
    until(&mut talking, &mut state, |state| {
        state.answer.len() > before + 40
    })
    .await;
    drop(reading);
    let text = state.answer.len();
    until(&mut talking, &mut state, |state| {
        state.answer.len() > text + 40
    })
    .await;
}

#[tokio::test]
async fn a_full_context_ends_one_and_not_the_others() {
    let lane = endless(256);
    let (full, short) = tokio::join!(lane.ask(prompt("Hi")), lane.ask(limited("Hi", 200)));
    assert_eq!(full.phase, Phase::Done(FinishReason::Length));
    let usage = full.usage();
    assert_eq!(
        usage.prompt_tokens.unwrap() + usage.completion_tokens.unwrap(),
        256
    );
    assert_eq!(short.usage().completion_tokens, Some(200));
}

#[tokio::test]
async fn prompts_that_are_refused_do_not_hold_up_one_that_is_answered() {
    let mut model = Model::saying("one|, |two|; ");
    model.is_endless = true;
    model.context = 16_384;
    let lane = Lane::with(&model, |setup| setup.plan.parallel = 8);
    let mut talking = lane.stream(prompt("Hi"));
    let mut state = LaneState::default();
    until(&mut talking, &mut state, |state| !state.answer.is_empty()).await;
    let refused = join_all((0..40).map(|_| lane.ask(prompt(&"x".repeat(60_000)))));
    let talk = async {
        let mut heard = 0;
        loop {
            next(&mut talking).await.expect("it goes on");
            heard += 1;
            if heard == 40 {
                return;
            }
        }
    };
    // Between any two of them it goes on.
    let (refused, talk) = (std::pin::pin!(refused), std::pin::pin!(talk));
    let first = futures_util::future::select(refused, talk).await;
    assert!(
        matches!(first, futures_util::future::Either::Right(_)),
        "all were refused before the answer went on"
    );
}
