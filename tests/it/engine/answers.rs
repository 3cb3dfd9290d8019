//! What a local lane says, and how it ends.

use super::{Lane, finish, limited, prompt, until};
use crate::scripted_gguf::{CHATML, Model};
use tierscope::domain::{
    event::FinishReason,
    lane::{LaneState, Phase},
    usage::UsageSource,
};

const THOUGHTFUL: &str = "<think>|I| weigh| it|.|</think>|Hello|,| tiny| tier| here|!";

#[tokio::test]
async fn thinking_and_answer_come_apart_with_counts_and_times() {
    let lane = Lane::on(&Model::saying(THOUGHTFUL));
    let state = lane.ask(prompt("Hi")).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Stop));
    assert_eq!(state.reasoning, "I weigh it.");
    assert_eq!(state.answer, "Hello, tiny tier here!");
    let usage = state.usage();
    assert_eq!(usage.source, Some(UsageSource::Counted));
    assert_eq!(usage.completion_tokens, Some(12));
    assert_eq!(usage.reasoning_tokens, Some(6));
    assert_eq!(usage.cached_prompt_tokens, Some(0));
    assert!(usage.prompt_tokens > Some(3));
    assert!(state.server.prefill_ms > Some(0.0) && state.server.decode_ms > Some(0.0));
    assert_eq!(tierscope::provider::Provider::place(&lane.provider), "CPU");
}

#[tokio::test]
async fn a_character_in_four_tokens_comes_whole() {
    let lane = Lane::on(&Model::saying("a|<0xF0>|<0x9F>|<0xA6>|<0x99>|b"));
    let state = lane.ask(prompt("Hi")).await;
    assert_eq!(state.answer, "a🦙b");
    assert_eq!(state.usage().completion_tokens, Some(6));
}

#[tokio::test]
async fn bytes_that_are_no_text_do_not_stop_an_answer() {
    let lane = Lane::on(&Model::saying("a|<0xFF>|b|<0xF0>"));
    assert_eq!(lane.ask(prompt("Hi")).await.answer, "a\u{fffd}b\u{fffd}");
}

#[tokio::test]
async fn a_character_that_the_limit_cuts_is_left_out() {
    let lane = Lane::on(&Model::saying("a|<0xF0>|<0x9F>|<0xA6>|<0x99>|b"));
    let state = lane.ask(limited("Hi", 3)).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Length));
    assert_eq!(state.answer, "a");
}

#[tokio::test]
async fn a_template_that_opens_the_thinking_is_understood() {
    let lane = Lane::on(&Model {
        template: Some(format!("{CHATML}<think>")),
        ..Model::saying("I| weigh|</think>|Yes")
    });
    let state = lane.ask(prompt("Hi")).await;
    assert_eq!(
        (state.reasoning.as_str(), state.answer.as_str()),
        ("I weigh", "Yes")
    );
}

#[tokio::test]
async fn thinking_ends_with_its_budget() {
    // A model that thinks for ever, unless its thinking is closed for it.
    let mut model = Model::saying("on|, and ");
    model.is_endless = true;
    model.template = Some(format!("{CHATML}<think>"));
    let lane = Lane::with(&model, |setup| setup.plan.thinking_budget = Some(3));
    let state = lane.ask(limited("Hi", 7)).await;
    assert_eq!(state.reasoning, "on, and on");
    // What follows a closing tag that is not in its script is its beginning.
    assert_eq!(state.answer, "on, and on");
    let usage = state.usage();
    assert_eq!(
        (usage.completion_tokens, usage.reasoning_tokens),
        (Some(7), Some(4))
    );
}

#[tokio::test]
async fn an_endless_answer_stops_at_the_token_limit() {
    let lane = Lane::on(&endless(2048));
    let state = lane.ask(limited("Hi", 7)).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Length));
    assert_eq!(state.answer, "one, two; one, two");
    assert_eq!(state.usage().completion_tokens, Some(7));
}

#[tokio::test]
async fn a_full_context_ends_with_length() {
    let lane = Lane::on(&endless(256));
    let state = lane.ask(prompt("Hi")).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Length));
    let usage = state.usage();
    assert_eq!(
        usage.prompt_tokens.unwrap() + usage.completion_tokens.unwrap(),
        256
    );
}

#[tokio::test]
async fn a_stop_text_over_several_tokens_ends_the_answer() {
    let lane = Lane::on(&Model::saying("one| two|, th|ree|. four"));
    let mut request = prompt("Hi");
    request.sampling.stop = vec!["never".into(), " three".into()];
    let state = lane.ask(request).await;
    assert_eq!(state.phase, Phase::Done(FinishReason::Stop));
    assert_eq!(state.answer, "one two,");
}

#[tokio::test]
async fn a_seed_repeats_a_sampled_answer() {
    // Random weights: without the same seed, no two answers are alike.
    let lane = Lane::on(&Model {
        random: Some(7),
        ..Model::saying("a|b|c|d")
    });
    let mut request = limited("Hi", 24);
    request.sampling.temperature = Some(2.0);
    request.sampling.top_k = Some(0);
    request.sampling.top_p = Some(1.0);
    request.sampling.min_p = Some(0.0);
    request.sampling.seed = Some(1);
    let first = lane.ask(request.clone()).await;
    let again = lane.ask(request.clone()).await;
    request.sampling.seed = Some(2);
    let other = lane.ask(request).await;
    assert_eq!(first.answer, again.answer);
    assert_ne!(first.answer, other.answer);
}

#[tokio::test]
async fn a_cancelled_prompt_leaves_the_engine_ready_for_the_next() {
    let lane = Lane::on(&endless(32_768));
    for _ in 0..3 {
        let mut state = LaneState::default();
        let mut stream = lane.stream(prompt("Hi"));
        until(&mut stream, &mut state, |state| state.answer.len() > 20).await;
        drop(stream);
        let state = lane.ask(limited("Hi", 3)).await;
        assert_eq!(state.answer, "one, two", "{:?}", state.phase);
        assert_eq!(state.timeline.loading, None);
    }
}

#[tokio::test]
async fn prompts_to_one_lane_take_turns() {
    let lane = Lane::on(&Model::saying("one| two"));
    let (first, second) = tokio::join!(lane.ask(prompt("Hi")), lane.ask(prompt("Hi")));
    assert_eq!(
        (first.answer.as_str(), second.answer.as_str()),
        ("one two", "one two")
    );
}

#[tokio::test]
async fn what_was_prepared_does_not_load_again() {
    use futures_util::StreamExt;
    use tierscope::provider::{Provider, Readiness};
    let lane = Lane::on(&Model::saying("one| two"));
    let told: Vec<Readiness> = lane.provider.prepare().collect().await;
    assert_eq!(told.last(), Some(&Readiness::Ready));
    let mut state = LaneState::default();
    finish(&mut lane.stream(prompt("Hi")), &mut state).await;
    assert_eq!(state.answer, "one two");
    assert_eq!(state.timeline.loading, None);
}

fn endless(context: u32) -> Model {
    let mut model = Model::saying("one|, |two|; ");
    model.is_endless = true;
    model.context = context;
    model
}
