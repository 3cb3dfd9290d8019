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

/// Lines of the child's log that are kept for the message of a failure.
const LAST_LINES: usize = 40;
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
            Ok(Ok(status)) => cause_of_death(status),
            Ok(Err(error)) => format!("cannot be waited for: {error}"),
            Err(_) => {
                let _ = self.process.kill().await;
                "did not answer and was ended".to_owned()
            }
        };
        let words = self.last_words().await;
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
        failure.message.push_str(&self.last_words().await);
        failure
    }

    async fn last_words(&mut self) -> String {
        let _ = timeout(Duration::from_millis(500), &mut self.log).await;
        let words = self.words.lock().unwrap_or_else(PoisonError::into_inner);
        let telling: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|line| is_telling(line))
            .collect();
        let last = telling.len().saturating_sub(3);
        match telling.get(last..) {
            Some([]) | None => String::new(),
            Some(lines) => format!(" ({})", lines.join("; ")),
        }
    }
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
    ]
    .iter()
    .any(|word| line.contains(word))
}

async fn keep_log(stderr: ChildStderr, words: Arc<Mutex<VecDeque<String>>>) {
    let mut lines = BufReader::new(stderr);
    let mut line = Vec::new();
    loop {
        line.clear();
        match lines.read_until(b'\n', &mut line).await {
            Ok(0) | Err(_) => return,
            Ok(_) => {}
        }
        let text = String::from_utf8_lossy(&line).trim_end().to_owned();
        if text.is_empty() {
            continue;
        }
        tracing::info!(target: "tierscope::engine", "{text}");
        let mut words = words.lock().unwrap_or_else(PoisonError::into_inner);
        if words.len() == LAST_LINES {
            words.pop_front();
        }
        words.push_back(text);
    }
}

#[cfg(unix)]
fn cause_of_death(status: ExitStatus) -> String {
    use std::os::unix::process::ExitStatusExt;
    let Some(signal) = status.signal() else {
        return format!("ended with {status}");
    };
    let (name, meaning) = match signal {
        4 => (
            "SIGILL",
            ": this build uses instructions that this processor lacks",
        ),
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
fn cause_of_death(status: ExitStatus) -> String {
    format!("ended with {status}")
}
