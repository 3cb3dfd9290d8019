//! The models that the program brings along.

use super::{prompt, setup};
use std::path::Path;
use tierscope::{
    domain::{
        event::FinishReason,
        lane::{LaneState, Phase},
    },
    provider::{Provider, Stopwatch, local::LocalProvider},
};

async fn ask(name: &str, question: &str) -> LaneState {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("assets/pocket")
        .join(name);
    let provider = LocalProvider::new(setup(path));
    let mut state = LaneState::default();
    super::finish(
        &mut provider.stream(prompt(question), Stopwatch::start()),
        &mut state,
    )
    .await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Stop), "{name}");
    state
}

#[tokio::test]
async fn the_reasoning_one_adds_by_thinking() {
    let state = ask("pocket-reasoning.gguf", "What is 1234 + 4321?").await;
    assert_eq!(state.answer, "5555");
    assert!(state.reasoning.contains("4+1"), "{}", state.reasoning);
    assert!(state.usage().reasoning_tokens > Some(20));
}

#[tokio::test]
async fn the_direct_ones_answer_at_once() {
    for name in ["pocket-flagship.gguf", "pocket-small.gguf"] {
        let state = ask(name, "What is 1234 + 4321?").await;
        assert!(state.reasoning.is_empty(), "{name}: {}", state.reasoning);
        assert!(
            state.answer.chars().all(|digit| digit.is_ascii_digit()),
            "{name}: {}",
            state.answer
        );
    }
}
