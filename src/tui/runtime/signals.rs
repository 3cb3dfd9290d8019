//! Signals of the process as values. Does nothing about them, but for stopping the process when it is asked to.

use std::io;

/// What the outside wants of the process.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// End: SIGTERM, SIGHUP, SIGQUIT.
    Terminate,
    /// SIGINT; Ctrl-C on the screen is a key and no signal.
    Interrupt,
    /// SIGTSTP.
    Suspend,
    /// SIGCONT.
    Continue,
    /// SIGWINCH.
    Resize,
}

#[cfg(unix)]
pub use unix::{Signals, stop};

#[cfg(not(unix))]
pub use portable::{Signals, stop};

#[cfg(unix)]
mod unix {
    use super::{Signal, io};
    use rustix::process::{Signal as Raw, kill_current_process_group};
    use tokio::signal::unix::{Signal as Stream, SignalKind, signal};

    /// Watches the signals.
    #[derive(Debug)]
    pub struct Signals {
        terminate: Stream,
        hang_up: Stream,
        quit: Stream,
        interrupt: Stream,
        suspend: Stream,
        resume: Stream,
        resize: Stream,
    }

    impl Signals {
        /// Begins to watch; needs a runtime.
        pub fn new() -> io::Result<Self> {
            Ok(Self {
                terminate: signal(SignalKind::terminate())?,
                hang_up: signal(SignalKind::hangup())?,
                quit: signal(SignalKind::quit())?,
                interrupt: signal(SignalKind::interrupt())?,
                suspend: signal(SignalKind::from_raw(Raw::TSTP.as_raw()))?,
                resume: signal(SignalKind::from_raw(Raw::CONT.as_raw()))?,
                resize: signal(SignalKind::window_change())?,
            })
        }

        /// The next signal. Cancel-safe.
        pub async fn recv(&mut self) -> Signal {
            tokio::select! {
                biased;
                _ = self.terminate.recv() => Signal::Terminate,
                _ = self.hang_up.recv() => Signal::Terminate,
                _ = self.quit.recv() => Signal::Terminate,
                _ = self.interrupt.recv() => Signal::Interrupt,
                _ = self.suspend.recv() => Signal::Suspend,
                _ = self.resume.recv() => Signal::Continue,
                _ = self.resize.recv() => Signal::Resize,
            }
        }
    }

    /// Stops the whole process group until the shell continues it. SIGSTOP, because SIGTSTP has our own handler.
    pub fn stop() {
        if let Err(error) = kill_current_process_group(Raw::STOP) {
            tracing::warn!(%error, "the process could not be stopped");
        }
    }
}

#[cfg(not(unix))]
mod portable {
    use super::{Signal, io};

    /// Watches for Ctrl-C from outside.
    #[derive(Debug)]
    pub struct Signals {}

    impl Signals {
        /// Begins to watch; needs a runtime.
        pub fn new() -> io::Result<Self> {
            Ok(Self {})
        }

        /// The next signal. Cancel-safe.
        pub async fn recv(&mut self) -> Signal {
            match tokio::signal::ctrl_c().await {
                Ok(()) => Signal::Interrupt,
                Err(_) => std::future::pending().await,
            }
        }
    }

    /// There is no such thing here.
    pub fn stop() {}
}
