//! The signals that stop a command, as a stream. Stops nothing itself.

use crate::headless::ask::Signal;
use futures_util::stream::{self, BoxStream, StreamExt};
use std::io;

/// SIGINT and SIGTERM from now on; they no longer end the process by themselves.
#[cfg(unix)]
pub(super) fn signals() -> io::Result<BoxStream<'static, Signal>> {
    use tokio::signal::unix::{Signal as Source, SignalKind, signal};

    fn of(source: Source, signal: Signal) -> BoxStream<'static, Signal> {
        stream::unfold(source, move |mut source| async move {
            source.recv().await.map(|()| (signal, source))
        })
        .boxed()
    }

    let interrupts = of(signal(SignalKind::interrupt())?, Signal::Interrupt);
    let terminations = of(signal(SignalKind::terminate())?, Signal::Terminate);
    Ok(stream::select(interrupts, terminations).boxed())
}

/// SIGHUP and SIGQUIT from now on, where they too must find the process able to tidy up; they count as SIGTERM.
#[cfg(unix)]
pub(super) fn rare_signals() -> io::Result<BoxStream<'static, Signal>> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut hang_up = signal(SignalKind::hangup())?;
    let mut quit = signal(SignalKind::quit())?;
    let came = stream::poll_fn(move |context| {
        let hang_up = hang_up.poll_recv(context);
        if hang_up.is_ready() {
            return hang_up;
        }
        quit.poll_recv(context)
    });
    Ok(came.map(|()| Signal::Terminate).boxed())
}

/// There are none.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // the same signature everywhere
pub(super) fn rare_signals() -> io::Result<BoxStream<'static, Signal>> {
    Ok(stream::empty().boxed())
}

/// Ctrl-C from now on; it no longer ends the process by itself.
#[cfg(not(unix))]
#[allow(clippy::unnecessary_wraps)] // the same signature everywhere
pub(super) fn signals() -> io::Result<BoxStream<'static, Signal>> {
    Ok(stream::unfold((), |()| async {
        let pressed = tokio::signal::ctrl_c().await;
        pressed.ok().map(|()| (Signal::Interrupt, ()))
    })
    .boxed())
}
