//! Files that cannot be run, and settings that cannot be met: each a failure of kind `engine` that says what to do.

use super::{Lane, engine_failure, prompt, setup};
use crate::scripted_gguf::{Model, text};
use std::{fs, path::Path};
use tierscope::{
    domain::{
        lane::LaneState,
        plan::{GpuLayers, TemplateSource},
    },
    provider::local::{LocalProvider, LocalSetup},
};

/// Asks a lane whose file holds these bytes; gives what it failed with.
async fn complaint(bytes: &[u8]) -> String {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("broken.gguf");
    fs::write(&path, bytes).unwrap();
    complaint_about(&path, |_| {}).await
}

async fn complaint_about(path: &Path, adjust: impl FnOnce(&mut LocalSetup)) -> String {
    let mut setup = setup(path.to_owned());
    adjust(&mut setup);
    let lane = Lane {
        provider: LocalProvider::new(setup),
        _folder: tempfile::tempdir().unwrap(),
    };
    let state = lane.ask(prompt("Hi")).await;
    engine_failure(&state).message.clone()
}

fn good() -> Model {
    Model::saying("one| two")
}

#[tokio::test]
async fn missing_empty_and_foreign_files_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let missing = complaint_about(&folder.path().join("none.gguf"), |_| {}).await;
    assert!(
        missing.contains("none.gguf") && missing.contains("path"),
        "{missing}"
    );
    let directory = complaint_about(folder.path(), |_| {}).await;
    assert!(directory.contains("not a file"), "{directory}");
    let empty = complaint(b"").await;
    assert!(empty.contains("empty"), "{empty}");
    let page = complaint(b"<!DOCTYPE html><html>").await;
    assert!(page.contains("not a GGUF file"), "{page}");
}

#[tokio::test]
async fn old_and_truncated_files_are_named() {
    let mut old = good().bytes();
    old[4] = 1;
    let old = complaint(&old).await;
    assert!(old.contains("version 1"), "{old}");
    let whole = good().bytes();
    for length in [10, 200, whole.len() / 2, whole.len() - 1] {
        let cut = complaint(&whole[..length]).await;
        assert!(cut.contains("cut off") && cut.contains("download"), "{cut}");
    }
}

#[tokio::test]
async fn hostile_headers_are_refused_before_llama_cpp_sees_them() {
    let two: Vec<u8> = ["same", "same"]
        .iter()
        .flat_map(|token| text(token))
        .collect();
    let tokens = [
        8u32.to_le_bytes().to_vec(),
        2u64.to_le_bytes().to_vec(),
        two,
    ]
    .concat();
    let twice = with("tokenizer.ggml.tokens", 9, tokens).await;
    assert!(twice.contains("comes twice"), "{twice}");
    let layers = with("llama.block_count", 4, u32::MAX.to_le_bytes().to_vec()).await;
    assert!(layers.contains("layers"), "{layers}");
    let mut counts = good().bytes();
    counts[8..24].fill(0xff);
    let counts = complaint(&counts).await;
    assert!(counts.contains("claims"), "{counts}");
    let length = with("general.name", 8, (u64::MAX / 2).to_le_bytes().to_vec()).await;
    assert!(length.contains("claims"), "{length}");
}

async fn with(key: &str, kind: u32, value: Vec<u8>) -> String {
    let mut model = good();
    model.entries.push((key.to_owned(), kind, value));
    complaint(&model.bytes()).await
}

#[tokio::test]
async fn what_only_llama_cpp_can_judge_fails_with_its_words() {
    let unknown = with("general.architecture", 8, text("unheard-of")).await;
    assert!(unknown.contains("llama.cpp cannot load"), "{unknown}");
    assert!(unknown.contains("unheard-of"), "{unknown}");
}

#[tokio::test]
async fn a_context_that_does_not_fit_into_memory_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    good().write(&path);
    let told = complaint_about(&path, |setup| {
        setup.plan.context_tokens = Some(2_000_000_000);
    })
    .await;
    assert!(
        told.contains("not enough memory") && told.contains("context_tokens"),
        "{told}"
    );
}

#[tokio::test]
async fn a_gpu_that_is_not_there_is_not_promised() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.gguf");
    good().write(&path);
    let told = complaint_about(&path, |setup| {
        setup.plan.gpu_layers = GpuLayers::All;
        setup.plan.devices = vec!["no-such-device".into()];
    })
    .await;
    assert!(
        told.contains("no-such-device") || told.contains("gpu_layers"),
        "{told}"
    );
}

#[tokio::test]
async fn a_template_that_is_none_says_what_to_do() {
    let mut model = good();
    model.template = None;
    let none = complaint(&model.bytes()).await;
    assert!(
        none.contains("no chat template") && none.contains("\"none\""),
        "{none}"
    );
    model.template = Some("{% if %}".into());
    let broken = complaint(&model.bytes()).await;
    assert!(broken.contains("not valid"), "{broken}");
    let lane = Lane::with(&good(), |setup| {
        setup.plan.template = TemplateSource::File("/no/such/file.jinja".into());
    });
    let state = lane.ask(prompt("Hi")).await;
    assert!(engine_failure(&state).message.contains("file.jinja"));
}

#[tokio::test]
async fn a_template_that_refuses_a_prompt_fails_that_prompt_only() {
    let lane = Lane::on(&Model {
        template: Some(
            "{% if 'bad' in messages[0].content %}{{ raise_exception('not this one') }}{% endif %}{{ messages[0].content }}"
                .into(),
        ),
        ..good()
    });
    let refused = lane.ask(prompt("bad")).await;
    assert!(engine_failure(&refused).message.contains("not this one"));
    let state: LaneState = lane.ask(prompt("fine")).await;
    assert_eq!(state.answer, "one two", "{:?}", state.phase);
    assert_eq!(state.timeline.loading, None);
}

#[tokio::test]
async fn what_a_file_says_is_not_the_length_of_the_message() {
    let unknown = with("general.architecture", 8, text(&"z".repeat(3 << 20))).await;
    assert!(unknown.contains("llama.cpp cannot load"), "{unknown}");
    assert!(unknown.chars().count() < 2000);
    let typed = with(&"k".repeat(60_000), 77, Vec::new()).await;
    assert!(typed.contains("unknown type 77"), "{typed}");
    assert!(typed.chars().count() < 1200);
    let lane = Lane::on(&Model {
        template: Some("{{ raise_exception('z' * 100000) }}".into()),
        ..good()
    });
    let refused = lane.ask(prompt("Hi")).await;
    assert!(engine_failure(&refused).message.chars().count() < 1200);
}
