//! The local engine as a lane uses it: the real program as the child, models whose answers are known.

mod answers;
#[cfg(unix)]
mod deaths;
mod files;
mod pocket;
mod prompts;
mod together;

use crate::scripted_gguf::Model;
use futures_util::StreamExt;
use std::{path::PathBuf, time::Duration};
use tempfile::TempDir;
use tierscope::{
    domain::{
        event::{LaneEventKind, Timed},
        failure::{FailureKind, LaneFailure},
        lane::{LaneState, Phase},
        plan::{GpuLayers, LocalPlan, TemplateSource},
        request::{ChatRequest, Message, Role, Sampling},
    },
    provider::{
        LaneStream, Provider, Stopwatch,
        local::{LocalProvider, LocalSetup},
    },
};
use tokio::time::timeout;

/// Longer than anything here takes on a loaded machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// A lane on a model in a folder of its own.
struct Lane {
    provider: LocalProvider,
    /// Holds the model's file while the lane lives.
    _folder: TempDir,
}

impl Lane {
    fn on(model: &Model) -> Self {
        Self::with(model, |_| {})
    }

    fn with(model: &Model, adjust: impl FnOnce(&mut LocalSetup)) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("scripted.gguf");
        model.write(&path);
        let mut setup = setup(path);
        adjust(&mut setup);
        Self {
            provider: LocalProvider::new(setup),
            _folder: folder,
        }
    }

    fn stream(&self, request: ChatRequest) -> LaneStream {
        self.provider.stream(request, Stopwatch::start())
    }

    /// Asks and waits for the end.
    async fn ask(&self, request: ChatRequest) -> LaneState {
        let mut state = LaneState::default();
        finish(&mut self.stream(request), &mut state).await;
        state
    }
}

fn setup(path: PathBuf) -> LocalSetup {
    LocalSetup {
        program: env!("CARGO_BIN_EXE_tierscope").into(),
        plan: LocalPlan {
            path,
            gpu_layers: GpuLayers::Auto,
            devices: Vec::new(),
            context_tokens: None,
            threads: 1,
            parallel: 1,
            template: TemplateSource::Model,
            thinking_budget: None,
        },
        sharing: 1,
    }
}

/// A prompt, answered greedily.
fn prompt(text: &str) -> ChatRequest {
    ChatRequest {
        messages: vec![Message {
            role: Role::User,
            content: text.to_owned(),
        }],
        sampling: Sampling {
            temperature: Some(0.0),
            ..Sampling::default()
        },
        ..ChatRequest::default()
    }
}

fn limited(text: &str, max_tokens: u32) -> ChatRequest {
    let mut request = prompt(text);
    request.sampling.max_tokens = Some(max_tokens);
    request
}

async fn next(stream: &mut LaneStream) -> Option<Timed<LaneEventKind>> {
    timeout(PATIENCE, stream.next())
        .await
        .expect("the engine is silent")
}

/// Folds events until the stream ends.
async fn finish(stream: &mut LaneStream, state: &mut LaneState) {
    while let Some(event) = next(stream).await {
        state.apply(event.at, &event.value);
    }
}

/// Folds events until the lane has got that far.
async fn until(
    stream: &mut LaneStream,
    state: &mut LaneState,
    reached: impl Fn(&LaneState) -> bool,
) {
    while !reached(state) {
        let event = next(stream).await.expect("the stream ended too early");
        state.apply(event.at, &event.value);
    }
}

/// The failure of a lane that must have failed for the engine.
fn engine_failure(state: &LaneState) -> &LaneFailure {
    match &state.phase {
        Phase::Failed(failure) => {
            assert_eq!(failure.kind, FailureKind::Engine, "{failure}");
            failure
        }
        other => panic!("it did not fail: {other:?}"),
    }
}
