//! How an editor is started and ended where there are processes in groups and signals.

use rustix::process::{Pid, Signal, kill_process, test_kill_process};
use std::{
    fs::{self, DirBuilder},
    os::unix::fs::DirBuilderExt,
    path::Path,
    time::Duration,
};
use tokio::{
    process::{Child, Command},
    time,
};

/// How long an editor that was asked to end may take.
const PATIENCE: Duration = Duration::from_millis(300);
/// How often the processes that it had started are looked at meanwhile.
const GLANCE: Duration = Duration::from_millis(10);
/// Most processes of one editor that are followed.
const MOST_PROCESSES: usize = 64;

/// The variable may hold options: a shell takes it apart, and the file's name is never part of what it reads. The shell
/// becomes the editor where it can, so that what ends our child ends the editor.
pub fn editing(command: &str, file: &Path) -> Command {
    let line = if is_simple(command) {
        format!("exec {command} \"$@\"")
    } else {
        format!("{command} \"$@\"")
    };
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(line).arg(command).arg(file);
    shell
}

/// Whether a shell can become the command: one program and its words, without operators or assignments.
fn is_simple(command: &str) -> bool {
    let first = command.split_whitespace().next().unwrap_or_default();
    let is_of_the_shell = ["!", "{", ":", ".", "command", "eval", "exec", "if", "while"]
        .contains(&first)
        || first.contains('=');
    let mut quote = None;
    let mut characters = command.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None | Some('"'), '\\') => _ = characters.next(),
            (None, '\'' | '"') => quote = Some(character),
            (None, ';' | '&' | '|' | '(' | ')' | '`' | '#' | '\n') => return false,
            (Some(_) | None, _) => {}
        }
    }
    !is_of_the_shell && quote.is_none()
}

/// Asks the editor and all that it has started to end, and waits a while. What is left of the processes that it has
/// started is ended then; the editor itself is left to the caller.
pub async fn ask_to_end(child: &mut Child) {
    let Some(pid) = child.id().and_then(pid) else {
        return;
    };
    // Before the signal: whoever loses its parent cannot be found any more.
    let started = started_by(pid);
    for process in started.iter().chain([&pid]) {
        // One that has ended by itself needs no signal.
        let _ = kill_process(*process, Signal::TERM);
    }
    let ended = async {
        if let Err(error) = child.wait().await {
            tracing::warn!(%error, "the editor was lost");
        }
        while started.iter().any(|pid| test_kill_process(*pid).is_ok()) {
            time::sleep(GLANCE).await;
        }
    };
    if time::timeout(PATIENCE, ended).await.is_err() {
        for process in &started {
            let _ = kill_process(*process, Signal::KILL);
        }
    }
}

fn pid(number: u32) -> Option<Pid> {
    Pid::from_raw(number.try_into().ok()?)
}

/// The processes that a process has started, and those that these have: only where the system lists them.
fn started_by(parent: Pid) -> Vec<Pid> {
    let mut family = vec![parent];
    let mut looked_at = 0;
    while let Some(process) = family.get(looked_at).copied()
        && family.len() < MOST_PROCESSES
    {
        let id = process.as_raw_nonzero();
        let list = fs::read_to_string(format!("/proc/{id}/task/{id}/children"));
        family.extend(
            list.unwrap_or_default()
                .split_whitespace()
                .filter_map(|number| pid(number.parse().ok()?)),
        );
        looked_at += 1;
    }
    family.split_off(1)
}

/// Makes folders that only this person can enter.
pub fn folder() -> DirBuilder {
    let mut folder = DirBuilder::new();
    folder.mode(0o700);
    folder
}
