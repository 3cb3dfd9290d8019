//! Children that die, and children that must not outlive their lane.

use super::{Lane, engine_failure, finish, limited, prompt, until};
use crate::scripted_gguf::Model;
use futures_util::StreamExt;
use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    time::Duration,
};
use tierscope::{
    domain::{event::LaneEventKind, lane::LaneState},
    provider::{Provider, Readiness},
};

fn endless() -> Model {
    let mut model = Model::saying("one|, |two|; ");
    model.is_endless = true;
    model.context = 32_768;
    model
}

/// A program that notes its number in a file and then is the engine; `first` runs before that.
fn wrapper(folder: &Path, first: &str) -> PathBuf {
    let path = folder.join("wrapper.sh");
    let script = format!(
        "#!/bin/sh\necho $$ >> '{pids}'\n{first}\nexec '{program}' \"$@\"\n",
        pids = folder.join("pids").display(),
        program = env!("CARGO_BIN_EXE_tierscope"),
    );
    fs::write(&path, script).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    path
}

fn wrapped(model: &Model, first: &str) -> (Lane, tempfile::TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let program = wrapper(folder.path(), first);
    (Lane::with(model, |setup| setup.program = program), folder)
}

/// The children that were started, in order.
fn pids(folder: &Path) -> Vec<Pid> {
    fs::read_to_string(folder.join("pids"))
        .unwrap()
        .lines()
        .filter_map(|line| Pid::from_raw(line.parse().unwrap()))
        .collect()
}

/// Waits until a process is gone, reaped and all.
async fn gone(pid: Pid) {
    let waiting = async {
        while test_kill_process(pid).is_ok() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(super::PATIENCE, waiting)
        .await
        .expect("the child lives on");
}

#[tokio::test]
async fn a_child_killed_while_answering_fails_its_prompt_and_not_the_next() {
    let (lane, folder) = wrapped(&endless(), "");
    let mut stream = lane.stream(prompt("Hi"));
    let mut state = LaneState::default();
    until(&mut stream, &mut state, |state| state.answer.len() > 20).await;
    kill_process(pids(folder.path())[0], Signal::KILL).unwrap();
    finish(&mut stream, &mut state).await;
    let failure = engine_failure(&state);
    assert!(
        failure.message.contains("SIGKILL") && failure.message.contains("answering"),
        "{failure}"
    );
    assert!(state.answer.starts_with("one, two; one"));
    let next = lane.ask(limited("Hi", 3)).await;
    assert_eq!(next.answer, "one, two");
    assert!(next.timeline.loading.is_some(), "a fresh child loads");
    assert_eq!(pids(folder.path()).len(), 2);
}

#[tokio::test]
async fn a_child_that_dies_fails_all_that_it_had_in_hand() {
    let folder = tempfile::tempdir().unwrap();
    let program = wrapper(folder.path(), "");
    let lane = Lane::with(&endless(), |setup| {
        setup.program = program;
        setup.plan.parallel = 2;
        setup.plan.context_tokens = Some(16_384);
    });
    let mut streams = [lane.stream(prompt("Hi")), lane.stream(prompt("Hi"))];
    let mut states = [LaneState::default(), LaneState::default()];
    for (stream, state) in streams.iter_mut().zip(&mut states) {
        until(stream, state, |state| state.answer.len() > 20).await;
    }
    kill_process(pids(folder.path())[0], Signal::KILL).unwrap();
    for (stream, state) in streams.iter_mut().zip(&mut states) {
        finish(stream, state).await;
        let failure = engine_failure(state);
        assert!(failure.message.contains("SIGKILL"), "{failure}");
    }
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[tokio::test]
async fn a_child_killed_while_idle_is_replaced() {
    let (lane, folder) = wrapped(&endless(), "");
    assert_eq!(lane.ask(limited("Hi", 1)).await.answer, "one");
    let first = pids(folder.path())[0];
    kill_process(first, Signal::KILL).unwrap();
    gone(first).await;
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[tokio::test]
async fn a_child_killed_while_loading_fails_with_its_signal() {
    // The first child says that it loads and dies of it; the second is the engine.
    let dies = "if [ ! -e \"$0.once\" ]; then : > \"$0.once\"; echo '{\"loading\":40}'; \
        echo 'ggml: failed to allocate' >&2; kill -9 $$; fi";
    let (lane, _folder) = wrapped(&endless(), dies);
    let state = lane.ask(limited("Hi", 3)).await;
    let failure = engine_failure(&state);
    assert!(
        failure.message.contains("SIGKILL") && failure.message.contains("loading"),
        "{failure}"
    );
    assert!(failure.message.contains("failed to allocate"), "{failure}");
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[tokio::test]
async fn a_child_killed_while_reading_the_prompt_says_so() {
    // A child that is ready at once and dies of its first prompt.
    let dies = "if [ ! -e \"$0.once\" ]; then : > \"$0.once\"; read load; \
        echo '{\"ready\":{\"device\":\"CPU\",\"gpu_layers\":0,\"layers\":1,\"context_tokens\":9,\"threads\":1}}'; \
        read prompt; echo '{\"started\":1}'; kill -11 $$; fi";
    let (lane, _folder) = wrapped(&endless(), dies);
    let state = lane.ask(limited("Hi", 3)).await;
    let failure = engine_failure(&state);
    assert!(
        failure.message.contains("SIGSEGV") && failure.message.contains("reading"),
        "{failure}"
    );
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[tokio::test]
async fn a_child_that_talks_nonsense_is_ended() {
    let nonsense =
        "if [ ! -e \"$0.once\" ]; then : > \"$0.once\"; echo 'Hello!'; exec sleep 600; fi";
    let (lane, folder) = wrapped(&endless(), nonsense);
    let state = lane.ask(limited("Hi", 3)).await;
    assert!(engine_failure(&state).message.contains("was ended"));
    gone(pids(folder.path())[0]).await;
}

#[tokio::test]
async fn a_program_that_is_not_there_is_named() {
    let lane = Lane::with(&endless(), |setup| {
        setup.program = "/no/such/program".into();
    });
    let state = lane.ask(prompt("Hi")).await;
    assert!(engine_failure(&state).message.contains("/no/such/program"));
}

#[tokio::test]
async fn a_load_that_nobody_waits_for_is_given_up() {
    // A child that loads for ever.
    let slow = "if [ ! -e \"$0.once\" ]; then : > \"$0.once\"; echo '{\"loading\":40}'; exec sleep 600; fi";
    let (lane, folder) = wrapped(&endless(), slow);
    let mut preparing = lane.provider.prepare();
    while preparing.next().await != Some(Readiness::Loading { percent: 40 }) {}
    drop(preparing);
    gone(pids(folder.path())[0]).await;
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[tokio::test]
async fn a_child_ends_with_its_lane() {
    let (lane, folder) = wrapped(&endless(), "");
    let mut stream = lane.stream(prompt("Hi"));
    let mut state = LaneState::default();
    until(&mut stream, &mut state, |state| !state.answer.is_empty()).await;
    let pid = pids(folder.path())[0];
    assert!(test_kill_process(pid).is_ok());
    drop(stream);
    drop(lane);
    gone(pid).await;
}

#[tokio::test]
async fn a_child_whose_input_ends_ends() {
    use std::process::{Command, Stdio};
    let mut child = Command::new(env!("CARGO_BIN_EXE_tierscope"))
        .arg("engine")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdin.take());
    let status = tokio::task::spawn_blocking(move || child.wait())
        .await
        .unwrap();
    assert!(status.unwrap().success());
}

const READY: &str = "echo '{\"ready\":{\"device\":\"CPU\",\"gpu_layers\":0,\"layers\":1,\"context_tokens\":9,\"threads\":1}}'";

/// What a child does the first time it is started; after that it is the engine.
fn once(script: &str) -> String {
    format!("if [ ! -e \"$0.once\" ]; then : > \"$0.once\"; {script}; fi")
}

#[tokio::test]
async fn the_line_that_tells_is_kept_and_no_trace_hides_it() {
    let dies = once(
        "echo \"memory allocation of 99 bytes failed, trace $RUST_BACKTRACE\" >&2; \
        for i in 1 2 3 4 5 6 7 8 9 10; do for j in 1 2 3 4 5 6; do echo \"frame $i$j\" >&2; done; done; kill -6 $$",
    );
    let (lane, _folder) = wrapped(&endless(), &dies);
    let state = lane.ask(limited("Hi", 3)).await;
    let failure = engine_failure(&state);
    assert!(
        failure.message.contains("99 bytes failed, trace 0"),
        "{failure}"
    );
    assert!(failure.message.contains("out of memory"), "{failure}");
}

#[tokio::test]
async fn a_line_of_any_length_is_a_short_part_of_the_message() {
    let dies = once("printf 'error: %0200000d\\nerror: the last\\n' 7 >&2; kill -6 $$");
    let (lane, _folder) = wrapped(&endless(), &dies);
    let state = lane.ask(limited("Hi", 3)).await;
    let failure = engine_failure(&state);
    assert!(failure.message.contains("error: the last"), "{failure}");
    assert!(failure.message.contains("error: 000"), "{failure}");
    assert!(failure.message.chars().count() < 1200);
}

#[tokio::test(start_paused = true)]
async fn a_child_that_freezes_while_loading_is_ended() {
    let (lane, folder) = wrapped(&endless(), "exec sleep 3600");
    let mut stream = lane.stream(prompt("Hi"));
    let mut state = LaneState::default();
    // The paused clock runs ahead to the only deadline there is: that of the load.
    while let Some(event) = stream.next().await {
        state.apply(event.at, &event.value);
    }
    let failure = engine_failure(&state);
    assert!(
        failure.message.contains("was ended") && failure.message.contains("loading"),
        "{failure}"
    );
    drop((lane, folder));
}

#[tokio::test]
async fn a_child_that_does_not_read_its_prompt_can_be_left() {
    let (lane, folder) = wrapped(
        &endless(),
        &once(&format!("read load; {READY}; exec sleep 3600")),
    );
    let mut stream = lane.stream(prompt(&"x".repeat(1 << 20)));
    loop {
        let event = super::next(&mut stream).await.unwrap();
        if matches!(event.value, LaneEventKind::Sent { .. }) {
            break;
        }
    }
    drop(stream);
    gone(pids(folder.path())[0]).await;
    assert_eq!(lane.ask(limited("Hi", 3)).await.answer, "one, two");
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_child_is_the_first_to_go_when_memory_runs_out() {
    let (lane, folder) = wrapped(&endless(), "");
    assert_eq!(lane.ask(limited("Hi", 1)).await.answer, "one");
    let pid = pids(folder.path())[0].as_raw_nonzero();
    let score = fs::read_to_string(format!("/proc/{pid}/oom_score_adj")).unwrap();
    assert_eq!(score.trim(), "1000");
}
