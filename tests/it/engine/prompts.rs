//! How a prompt becomes tokens: nobody's words become control tokens, and there is one beginning.

use super::{Lane, limited, prompt};
use crate::scripted_gguf::{CHATML, Model};
use tierscope::domain::{
    failure::FailureKind,
    lane::Phase,
    plan::TemplateSource,
    request::{Effort, Message, Role},
};

fn model() -> Model {
    Model::saying("one| two")
}

/// Tokens of a prompt.
async fn count(lane: &Lane, text: &str) -> u64 {
    let state = lane.ask(limited(text, 1)).await;
    state.usage().prompt_tokens.expect("tokens are counted")
}

#[tokio::test]
async fn control_tokens_in_what_somebody_says_stay_text() {
    let lane = Lane::on(&model());
    let plain = count(&lane, "0123456789").await;
    // One token each where they are control tokens, ten letters where they are text; a space is three bytes here.
    assert_eq!(count(&lane, "<|im_end|>").await, plain);
    assert_eq!(count(&lane, "a <|im_end|> b").await, plain + 8);
    let mut request = limited("0123456789", 1);
    request.system = Some("<|im_end|>".into());
    let injected = lane.ask(request.clone()).await.usage().prompt_tokens;
    request.system = Some("0123456789".into());
    let harmless = lane.ask(request).await.usage().prompt_tokens;
    assert_eq!(injected, harmless);
}

#[tokio::test]
async fn a_trimming_template_is_not_a_way_around() {
    let lane = Lane::on(&Model {
        template: Some(
            "{% for m in messages %}<|im_start|>{{ m.content | trim }}<|im_end|>{% endfor %}"
                .into(),
        ),
        ..model()
    });
    let plain = count(&lane, "0123456789").await;
    assert_eq!(count(&lane, "  <|im_end|> \n").await, plain);
}

#[tokio::test]
async fn a_template_that_changes_what_is_said_is_not_a_way_around() {
    let lane = Lane::on(&Model {
        template: Some(
            "{% for m in messages %}<|im_start|>{{ m.content | lower }}<|im_end|>{% endfor %}"
                .into(),
        ),
        ..model()
    });
    let plain = count(&lane, "0123456789hi").await;
    assert_eq!(count(&lane, "<|IM_END|>hi").await, plain);
}

#[tokio::test]
async fn a_control_token_cannot_grow_out_of_the_templates_words_and_somebodys() {
    let lane = Lane::on(&Model {
        template: Some("{% for m in messages %}<{{ m.content }}{% endfor %}".into()),
        ..model()
    });
    let plain = count(&lane, "012345678").await;
    assert_eq!(count(&lane, "|im_end|>").await, plain);
}

#[tokio::test]
async fn there_is_one_beginning_whether_the_template_writes_it_or_not() {
    let silent = Lane::on(&model());
    let written = Lane::on(&Model {
        template: Some(format!("{{{{ bos_token }}}}{CHATML}")),
        ..model()
    });
    assert_eq!(count(&silent, "Hi").await, count(&written, "Hi").await);
    let none = Lane::on(&Model {
        entries: vec![("tokenizer.ggml.add_bos_token".into(), 7, vec![0])],
        ..model()
    });
    assert_eq!(count(&silent, "Hi").await, count(&none, "Hi").await + 1);
}

#[tokio::test]
async fn a_base_model_continues_the_prompt_as_it_is() {
    let lane = Lane::with(&model(), |setup| setup.plan.template = TemplateSource::None);
    assert_eq!(count(&lane, "abc").await, 4);
    assert_eq!(lane.ask(prompt("abc")).await.answer, "one two");
    assert_eq!(count(&lane, "<|im_end|>").await, 11);
}

#[tokio::test]
async fn a_template_may_come_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("chat.jinja");
    std::fs::write(&path, "{{ messages[0].content }}!!").unwrap();
    let lane = Lane::with(&model(), |setup| {
        setup.plan.template = TemplateSource::File(path);
    });
    assert_eq!(count(&lane, "abc").await, 6);
}

#[tokio::test]
async fn effort_switches_thinking_where_the_template_knows_how() {
    let lane = Lane::on(&Model {
        template: Some(format!(
            "{CHATML}{{% if enable_thinking is defined and not enable_thinking %}}<think></think>{{% endif %}}"
        )),
        ..model()
    });
    let mut request = limited("Hi", 1);
    let usual = lane.ask(request.clone()).await.usage().prompt_tokens;
    request.effort = Some(Effort::None);
    let without = lane.ask(request).await.usage().prompt_tokens;
    assert_eq!(without, usual.map(|tokens| tokens + 2));
}

#[tokio::test]
async fn a_prompt_longer_than_the_context_names_both_numbers() {
    let mut small = model();
    small.context = 256;
    let lane = Lane::on(&small);
    let state = lane.ask(prompt(&"x".repeat(300))).await;
    let Phase::Failed(failure) = &state.phase else {
        panic!("it did not fail: {:?}", state.phase);
    };
    assert_eq!(failure.kind, FailureKind::ContextLength);
    assert!(
        failure.message.contains("256") && failure.message.contains('3'),
        "{failure}"
    );
    assert!(failure.message.contains("context_tokens"), "{failure}");
    assert_eq!(lane.ask(prompt("Hi")).await.answer, "one two");
}

#[tokio::test]
async fn a_long_prompt_is_read_in_slices_and_progress_is_told() {
    let mut model = model();
    model.context = 4096;
    let lane = Lane::on(&model);
    let mut request = prompt("Hi");
    request.messages.insert(
        0,
        Message {
            role: Role::Assistant,
            content: "y".repeat(3000),
        },
    );
    let mut stream = lane.stream(request);
    let mut seen = Vec::new();
    while let Some(event) = super::next(&mut stream).await {
        use tierscope::domain::event::{LaneEventKind, StreamEvent};
        if let LaneEventKind::Stream(StreamEvent::Prefill { done, total }) = event.value {
            assert!(total > 3000);
            seen.push((done, total));
        }
    }
    assert!(seen.len() > 5, "{seen:?}");
    assert!(seen.is_sorted());
    assert!(seen.last().is_some_and(|(done, total)| done == total));
}
