//! Reads one key: from a terminal without showing it, or one line from a pipe. Keeps nothing.

use crate::failure::{CliError, Exit};
use std::io::{self, BufRead, IsTerminal, Read};
use zeroize::Zeroizing;

/// More than any key.
const MAX_BYTES: u64 = 64 << 10;

/// What came.
pub(super) enum Typed {
    /// A line, without its end.
    Line(Zeroizing<String>),
    /// Ctrl-C, or a signal that ends the process.
    Ended(Exit),
}

/// Reads a key from standard input; a terminal is shown the question first.
pub(super) fn read(question: &str) -> Result<Typed, CliError> {
    if io::stdin().is_terminal() {
        return terminal::read(question);
    }
    piped(io::stdin().lock()).map(Typed::Line)
}

/// The one line of a pipe.
fn piped(input: impl BufRead) -> Result<Zeroizing<String>, CliError> {
    let mut text = Zeroizing::new(String::new());
    input
        .take(MAX_BYTES)
        .read_to_string(&mut text)
        .map_err(|_| CliError::failed("standard input is not text; nothing is stored"))?;
    let mut lines = text.lines();
    let first = lines.next().unwrap_or_default();
    if lines.any(|line| !line.trim().is_empty()) {
        return Err(CliError::failed(
            "standard input holds more than one line; nothing is stored",
        ));
    }
    Ok(Zeroizing::new(first.to_owned()))
}

#[cfg(unix)]
mod terminal {
    use super::{CliError, Exit, MAX_BYTES, Typed, Zeroizing};
    use crate::{cli::line_modes::LineModes, wiring};
    use rustix::{fd::AsFd, termios::LocalModes};
    use std::{
        future::Future,
        io::{self, Read, Write},
    };
    use tokio::signal::unix::{SignalKind, signal};

    pub(super) fn read(question: &str) -> Result<Typed, CliError> {
        let failed =
            |error: io::Error| CliError::failed("cannot read from the terminal").caused_by(error);
        let runtime = wiring::runtime()?;
        let typed = runtime.block_on(async {
            // Before the echo is off: from now on these do not end the process by themselves.
            let ended = ended()?;
            let mut out = io::stderr().lock();
            until(io::stdin(), io::stdin(), ended, || {
                let _ = write!(out, "{question}").and_then(|()| out.flush());
            })
            .await
        });
        // Nobody waits for the thread that still reads.
        runtime.shutdown_background();
        let _ = writeln!(io::stderr().lock());
        typed.map_err(failed)
    }

    /// How the process is asked to end, once it is.
    fn ended() -> io::Result<impl Future<Output = Exit>> {
        let mut terminate = signal(SignalKind::terminate())?;
        let mut hang_up = signal(SignalKind::hangup())?;
        let mut quit = signal(SignalKind::quit())?;
        let mut interrupt = signal(SignalKind::interrupt())?;
        Ok(async move {
            tokio::select! {
                _ = terminate.recv() => Exit::Terminated,
                _ = hang_up.recv() => Exit::Terminated,
                _ = quit.recv() => Exit::Terminated,
                _ = interrupt.recv() => Exit::Interrupted,
            }
        })
    }

    /// Reads a line without echo, or until the process is asked to end; the terminal is as it was in either case.
    pub(super) async fn until(
        terminal: impl AsFd,
        mut input: impl Read + Send + 'static,
        ended: impl Future<Output = Exit>,
        ask: impl FnOnce(),
    ) -> io::Result<Typed> {
        let silent = LineModes::changed(terminal, |modes| {
            // What the keyboard can end comes as bytes; what comes from elsewhere is waited for beside them.
            let shown = LocalModes::ECHO | LocalModes::ICANON | LocalModes::ISIG;
            modes.local_modes.remove(shown);
        })?;
        ask();
        let typed = tokio::task::spawn_blocking(move || line(&mut input));
        let typed = tokio::select! {
            exit = ended => Ok(Typed::Ended(exit)),
            typed = typed => typed.map_err(io::Error::other).and_then(|typed| typed),
        };
        drop(silent);
        typed
    }

    /// Takes bytes up to the end of the line, with the keys that take back.
    pub(super) fn line(input: &mut impl Read) -> io::Result<Typed> {
        let mut bytes = Zeroizing::new(Vec::new());
        let mut byte = [0];
        while input.read(&mut byte)? == 1 && (bytes.len() as u64) < MAX_BYTES {
            match byte[0] {
                b'\r' | b'\n' | 0x04 => break,
                0x03 | 0x1c => return Ok(Typed::Ended(Exit::Interrupted)),
                0x08 | 0x7f => _ = bytes.pop(),
                0x15 => bytes.clear(),
                other => bytes.push(other),
            }
        }
        let text = String::from_utf8_lossy(&bytes).into_owned();
        Ok(Typed::Line(Zeroizing::new(text)))
    }
}

#[cfg(not(unix))]
mod terminal {
    use super::{CliError, Typed};

    pub(super) fn read(_question: &str) -> Result<Typed, CliError> {
        Err(
            CliError::failed("a key cannot be typed unseen on this system; nothing is stored")
                .hint("pipe it into `tierscope keys set NAME`"),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pipe_gives_one_line() {
        let line = |text: &str| piped(text.as_bytes()).map(|line| line.to_string());
        assert_eq!(line("sk-abc\r\n\n").unwrap(), "sk-abc");
        assert_eq!(line("sk-abc").unwrap(), "sk-abc");
        assert_eq!(line("").unwrap(), "");
        let error = line("sk-abc\nsk-def\n").unwrap_err();
        assert!(!error.to_string().contains("sk-"), "{error}");
        assert!(piped(&b"\xff"[..]).is_err());
    }

    #[cfg(unix)]
    #[test]
    fn a_terminal_gives_what_was_not_taken_back() {
        let typed = |text: &str| match terminal::line(&mut text.as_bytes()).unwrap() {
            Typed::Line(line) => Some(line.to_string()),
            Typed::Ended(_) => None,
        };
        assert_eq!(typed("sk-xy\u{7f}\u{7f}ab\rrest").unwrap(), "sk-ab");
        assert_eq!(typed("no\u{15}sk-c\n").unwrap(), "sk-c");
        assert_eq!(typed("sk-d").unwrap(), "sk-d");
        assert_eq!(typed("sk-\u{3}"), None);
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn a_signal_gives_the_terminal_its_echo_back() {
        use portable_pty::{MasterPty, PtySize, native_pty_system};
        use std::fs::File;
        let pair = native_pty_system().openpty(PtySize::default()).unwrap();
        let settings = |master: &dyn MasterPty| format!("{:?}", master.get_termios().unwrap());
        let before = settings(&*pair.master);
        let path = pair.master.tty_name().unwrap();
        let open = || File::options().read(true).write(true).open(&path).unwrap();
        let (end, ended) = tokio::sync::oneshot::channel();
        let master = &*pair.master;
        let typed = terminal::until(open(), open(), async { ended.await.unwrap() }, || {
            assert_ne!(settings(master), before, "no echo");
            end.send(Exit::Terminated).ok();
        });
        assert!(matches!(typed.await, Ok(Typed::Ended(Exit::Terminated))));
        assert_eq!(settings(&*pair.master), before);
        // Ends the thread that still reads.
        pair.master.take_writer().unwrap().write_all(b"\n").unwrap();
    }
}
