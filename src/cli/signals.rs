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
