//! The engine child as a process: pipes, arrival times, its last words, its end. Knows no prompts.

use crate::{
    domain::failure::{FailureKind, LaneFailure},
    engine::protocol::{Command, Event},
};
use std::{
    collections::VecDeque,
    io,
    path::Path,
    process::{ExitStatus, Stdio},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    process::{self, ChildStderr, ChildStdin, ChildStdout},
    task::JoinHandle,
    time::timeout,
};

/// Telling lines of the child's log that are kept for the message of a failure.
const LAST_LINES: usize = 3;
/// How much of one line is read; what is beyond is dropped.
const MAX_LINE_BYTES: u64 = 1 << 16;
/// How much of one line is kept, in characters.
const MAX_LINE_CHARS: usize = 300;
/// How much of what the engine says of itself a failure tells, in characters.
const MAX_MESSAGE_CHARS: usize = 1000;
/// How long a child may take to go when it was asked to, or after its pipe closed.
const PATIENCE: Duration = Duration::from_secs(3);

/// A running engine.
#[derive(Debug)]
pub(super) struct Child {
    process: process::Child,
    input: ChildStdin,
    output: ChildStdout,
    buffer: Vec<u8>,
    words: Arc<Mutex<VecDeque<String>>>,
    log: JoinHandle<()>,
}

/// What one read of the pipe brought.
#[derive(Debug)]
pub(super) struct Arrival {
    /// When the bytes left the pipe.
    pub(super) at: Instant,
    /// What they said.
    pub(super) events: Vec<Event>,
}

impl Child {
    /// Starts the program as an engine. It has its own process group: a Ctrl-C in the terminal is for the parent, which
    /// then stops what is to be stopped.
    pub(super) fn spawn(program: &Path) -> io::Result<Self> {
        let mut command = process::Command::new(program);
        command
            .arg("engine")
            .env("GGML_NO_BACKTRACE", "1")
            // A trace is dozens of lines behind the one that says what happened.
            .env("RUST_BACKTRACE", "0")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        #[cfg(unix)]
        command.process_group(0);
        let mut process = command.spawn()?;
        let missing = || io::Error::other("a pipe is missing");
        let input = process.stdin.take().ok_or_else(missing)?;
        let output = process.stdout.take().ok_or_else(missing)?;
        let stderr = process.stderr.take().ok_or_else(missing)?;
        let words = Arc::default();
        Ok(Self {
            process,
            input,
            output,
            buffer: Vec::with_capacity(1 << 16),
            log: tokio::spawn(keep_log(stderr, Arc::clone(&words))),
            words,
        })
    }

    pub(super) async fn send(&mut self, command: &Command) -> io::Result<()> {
        let mut line = Vec::new();
        command.write_line(&mut line).map_err(io::Error::other)?;
        self.input.write_all(&line).await?;
        self.input.flush().await
    }

    /// Waits for the next events; `None` when the pipe is closed. Nothing is lost when the wait is given up.
    pub(super) async fn read(&mut self) -> io::Result<Option<Arrival>> {
        loop {
            if self.output.read_buf(&mut self.buffer).await? == 0 {
                return Ok(None);
            }
            let at = Instant::now();
            let Some(end) = self.buffer.iter().rposition(|byte| *byte == b'\n') else {
                continue;
            };
            let lines: Vec<u8> = self.buffer.drain(..=end).collect();
            let events = lines
                .split(|byte| *byte == b'\n')
                .filter(|line| !line.is_empty())
                .map(Event::read_line)
                .collect::<Result<_, _>>()
                .map_err(io::Error::other)?;
            return Ok(Some(Arrival { at, events }));
        }
    }

    /// Ends the child whatever it does.
    pub(super) async fn kill(mut self) {
        let _ = self.process.kill().await;
    }

    /// Closes the pipe, which asks the child to go, and sees to it that it does.
    pub(super) async fn close(self) {
        let Self {
            mut process,
            input,
            output,
            ..
        } = self;
        drop((input, output));
        if timeout(PATIENCE, process.wait()).await.is_err() {
            let _ = process.kill().await;
        }
    }

    /// The failure of a child that has died, or is of no use any more: how it ended and what it said last.
    pub(super) async fn post_mortem(mut self, while_what: &str) -> LaneFailure {
        let ended = match timeout(PATIENCE, self.process.wait()).await {
            Ok(Ok(status)) => Ok(status),
            Ok(Err(error)) => Err(format!("cannot be waited for: {error}")),
            Err(_) => {
                let _ = self.process.kill().await;
                Err("did not answer and was ended".to_owned())
            }
        };
        let words = self.last_words().await;
        let ended = ended.map_or_else(|why| why, |status| cause_of_death(status, &words));
        LaneFailure::new(
            FailureKind::Engine,
            format!(
                "the engine {ended} while {while_what}; the next prompt starts it again{words}"
            ),
        )
    }

    /// A failure that the child told before it went, with what llama.cpp said to it.
    pub(super) async fn explain(mut self, mut failure: LaneFailure) -> LaneFailure {
        if timeout(PATIENCE, self.process.wait()).await.is_err() {
            let _ = self.process.kill().await;
        }
        failure = bounded(failure);
        failure.message.push_str(&self.last_words().await);
        failure
    }

    async fn last_words(&mut self) -> String {
        let _ = timeout(Duration::from_millis(500), &mut self.log).await;
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.is_empty() {
            return String::new();
        }
        let lines: Vec<&str> = words.iter().map(String::as_str).collect();
        format!(" ({})", lines.join("; "))
    }
}

/// A failure whose message a person can read: a file or a template can make it as long as it likes.
pub(super) fn bounded(mut failure: LaneFailure) -> LaneFailure {
    failure.message = shortened(&failure.message, MAX_MESSAGE_CHARS);
    failure
}

/// A text without its middle where it is longer than `most` characters: the end often says what to do.
fn shortened(text: &str, most: usize) -> String {
    let length = text.chars().count();
    if length <= most {
        return text.to_owned();
    }
    let tail = most / 4;
    let start = text.chars().take(most.saturating_sub(tail + 1));
    start
        .chain(['\u{2026}'])
        .chain(text.chars().skip(length - tail))
        .collect()
}

/// Whether a line of the log says why something failed.
fn is_telling(line: &str) -> bool {
    let line = line.to_ascii_lowercase();
    [
        "error",
        "fail",
        "panic",
        "abort",
        "assert",
        "unable",
        "invalid",
        "out of memory",
        "memory allocation of",
    ]
    .iter()
    .any(|word| line.contains(word))
}

async fn keep_log(stderr: ChildStderr, words: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    let mut is_rest = false;
    loop {
        line.clear();
        let mut bounded = (&mut lines).take(MAX_LINE_BYTES);
        match bounded.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let is_dropped = is_rest;
        is_rest = line.last() != Some(&b'\n');
        let text = shortened(String::from_utf8_lossy(&line).trim_end(), MAX_LINE_CHARS);
        if is_dropped || text.is_empty() {
            continue;
        }
        tracing::info!(target: "tierscope::engine", "{text}");
        if !is_telling(&text) {
            continue;
        }
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() == LAST_LINES {
            words.pop_front();
        }
        words.push_back(text);
    }
}

#[cfg(unix)]
fn cause_of_death(status: ExitStatus, words: &str) -> String {
    use std::os::unix::process::ExitStatusExt;
    let Some(signal) = status.signal() else {
        return format!("ended with {status}");
    };
    let (name, meaning) = match signal {
        4 => (
            "SIGILL",
            ": this build uses instructions that this processor lacks",
        ),
        6 if words.contains("memory allocation of") => ("SIGABRT", ": out of memory"),
        6 => ("SIGABRT", ": llama.cpp gave up"),
        7 => ("SIGBUS", ": a file or a disk has gone"),
        8 => ("SIGFPE", ""),
        9 => ("SIGKILL", ": from outside, or for want of memory"),
        11 => ("SIGSEGV", ": llama.cpp or a driver crashed"),
        15 => ("SIGTERM", ""),
        _ => ("another signal", ""),
    };
    format!("was killed by signal {signal} ({name}{meaning})")
}

#[cfg(not(unix))]
fn cause_of_death(status: ExitStatus, _words: &str) -> String {
    format!("ended with {status}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_loses_its_middle_and_keeps_its_end() {
        let text = format!("it begins {} do this next", "\u{e9}".repeat(5000));
        let short = shortened(&text, 100);
        assert_eq!(short.chars().count(), 100);
        assert!(short.starts_with("it begins \u{e9}") && short.ends_with("\u{e9} do this next"));
        assert_eq!(shortened("as it is", 8), "as it is");
    }
}
