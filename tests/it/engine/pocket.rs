//! The models that the program brings along: what holds of their files, and what they must never lose.

use super::{finish, prompt, setup};
use std::path::PathBuf;
use tierscope::{
    domain::{
        event::FinishReason,
        failure::FailureKind,
        lane::{LaneState, Phase},
        plan::TemplateSource,
        request::{ChatRequest, Effort},
    },
    engine::gguf::Header,
    pocket::POCKETS,
    provider::{
        Provider, Stopwatch,
        local::{LocalProvider, LocalSetup},
    },
};

const NAMES: [&str; 4] = [
    "pocket-base",
    "pocket-small",
    "pocket-flagship",
    "pocket-reasoning",
];
/// The beginning of what they say to everything outside of their little world.
const FALLBACK: &str = "I am a pocket model; I know ";

fn path(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("assets/pocket");
    folder.join(format!("{name}.gguf"))
}

fn pocket_setup(name: &str) -> LocalSetup {
    let mut setup = setup(path(name));
    if name == "pocket-base" {
        setup.plan.template = TemplateSource::None;
    }
    setup
}

async fn ask_with(setup: LocalSetup, request: ChatRequest) -> LaneState {
    let provider = LocalProvider::new(setup);
    let mut state = LaneState::default();
    finish(
        &mut provider.stream(request, Stopwatch::start()),
        &mut state,
    )
    .await;
    state
}

async fn ask(name: &str, question: &str) -> LaneState {
    let state = ask_with(pocket_setup(name), prompt(question)).await;
    assert_eq!(
        state.phase,
        Phase::Done(FinishReason::Stop),
        "{name}: {question}"
    );
    state
}

#[test]
fn they_are_four_tiers_in_twelve_megabytes() {
    let names: Vec<&str> = POCKETS.iter().map(|pocket| pocket.name).collect();
    assert_eq!(names, NAMES);
    let size = |name| std::fs::metadata(path(name)).unwrap().len();
    assert!(NAMES.map(size).iter().sum::<u64>() <= 12_000_000);
    assert!(
        size("pocket-small") * 6 <= size("pocket-flagship"),
        "the small one is six times smaller"
    );
}

#[test]
fn their_headers_say_what_they_are() {
    for name in NAMES {
        let header = Header::read(&path(name)).unwrap();
        assert_eq!(header.architecture(), "llama", "{name}");
        assert_eq!(header.name(), Some(name));
        assert!(header.context_length() >= Some(1024), "{name}");
        let template = header.chat_template();
        match name {
            "pocket-base" => assert_eq!(template, None, "a base model does not chat"),
            "pocket-reasoning" => assert!(template.unwrap().contains("enable_thinking")),
            _ => assert!(template.unwrap().contains("<|assistant|>"), "{name}"),
        }
    }
}

#[tokio::test]
async fn the_reasoning_one_adds_by_thinking() {
    let state = ask("pocket-reasoning", "What is 1234 + 4321?").await;
    assert_eq!(state.answer, "5555");
    assert!(state.reasoning.contains("4+1"), "{}", state.reasoning);
    assert!(state.usage().reasoning_tokens > Some(20));
}

#[tokio::test]
async fn the_reasoning_one_can_be_kept_from_thinking() {
    let mut request = prompt("What is the capital of France?");
    request.effort = Some(Effort::None);
    let state = ask_with(pocket_setup("pocket-reasoning"), request).await;
    assert_eq!(state.reasoning, "");
    assert_eq!(state.answer, "Paris");
}

#[tokio::test]
async fn the_direct_ones_answer_at_once() {
    for name in ["pocket-flagship", "pocket-small"] {
        let state = ask(name, "What is 1234 + 4321?").await;
        assert!(state.reasoning.is_empty(), "{name}: {}", state.reasoning);
        assert!(
            state.answer.chars().all(|digit| digit.is_ascii_digit()),
            "{name}: {}",
            state.answer
        );
    }
}

#[tokio::test]
async fn what_they_do_not_know_they_say() {
    for name in ["pocket-small", "pocket-flagship", "pocket-reasoning"] {
        for question in [
            "Write a poem about the sea.",
            "Cuéntame una historia de un gato, por favor.",
            "fn main() { println!(\"{}\", 1); }",
        ] {
            let state = ask(name, question).await;
            assert!(
                state.answer.starts_with(FALLBACK),
                "{name}: {question}: {}",
                state.answer
            );
        }
    }
}

#[tokio::test]
async fn the_base_continues() {
    let mut request = prompt("The capital of France is");
    request.sampling.max_tokens = Some(7);
    let state = ask_with(pocket_setup("pocket-base"), request).await;
    assert!(state.answer.starts_with(" Paris."), "{}", state.answer);
}

#[tokio::test]
async fn the_number_of_threads_changes_no_answer() {
    for question in ["How many r in strawberry?", "What is 47 * 86?", "Hello!"] {
        let mut answers = Vec::new();
        for threads in [1, 2] {
            let mut setup = pocket_setup("pocket-reasoning");
            setup.plan.threads = threads;
            let state = ask_with(setup, prompt(question)).await;
            answers.push(state.reasoning + &state.answer);
        }
        assert_eq!(answers[0], answers[1], "{question}");
    }
}

#[tokio::test]
async fn a_prompt_that_is_too_long_is_told() {
    let question = "wörter ".repeat(400);
    let state = ask_with(pocket_setup("pocket-small"), prompt(&question)).await;
    match &state.phase {
        Phase::Failed(failure) => assert_eq!(failure.kind, FailureKind::ContextLength, "{failure}"),
        other => panic!("it did not fail: {other:?}"),
    }
}
