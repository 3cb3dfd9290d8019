//! One prompt at all lanes, printed as text, as one JSON document or as a tape. Reads no prompt and builds no lanes.

mod progress;
#[cfg(test)]
mod tests;
mod text;
mod voice;

use super::{
    json,
    sink::{Outputs, Sink},
};
use crate::{
    domain::{
        event::LaneEvent,
        forecast,
        lane::Phase,
        plan::LanePlan,
        record::{RunHead, RunRecord, SCHEMA},
        run::RunState,
        tape::{TapeHeader, TapeLine},
    },
    run::{
        self, Lane, RunHandle, RunSpec,
        keep::{Keep, Keeping},
    },
};
use futures_util::stream::{BoxStream, StreamExt};
use progress::Progress;
use std::{
    future::pending,
    io,
    pin::pin,
    time::{Duration, Instant},
};
use text::TextFace;
use tokio::time::sleep;

/// How long a reader may take for what is left to print after a signal.
const LAST_WORDS: Duration = Duration::from_secs(1);

/// What to ask and how to print it.
#[derive(Debug)]
pub struct Ask {
    /// The prompt and the lanes.
    pub run: RunSpec,
    /// What is printed.
    pub format: Format,
    /// How text is printed.
    pub style: Style,
    /// Whether a line on standard error says what the lanes do while there is nothing to print.
    pub shows_progress: bool,
    /// Where the run is kept.
    pub keep: Option<Keep>,
}

/// What is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Format {
    /// The answers as they come, then a table.
    #[default]
    Text,
    /// One JSON document at the end.
    Json,
    /// A tape: a header, then every event as it happens.
    Events,
}

/// How text is printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// With the colours of a terminal.
    pub is_colored: bool,
    /// The answers alone: no thinking and no table.
    pub is_quiet: bool,
    /// The model's exact text: for pipes and files. Else what acts on a terminal is taken out.
    pub is_exact: bool,
    /// Columns of the terminal; `None` where standard output is none.
    pub width: Option<usize>,
}

/// Someone wants this to end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// Ctrl-C.
    Interrupt,
    /// SIGTERM.
    Terminate,
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// Every lane is done.
    Done,
    /// At least one lane failed.
    LaneFailed,
    /// A signal stopped it. What there was by then is printed, unless the reader is stuck or a second signal came.
    Stopped(Signal),
    /// Whoever read the data has gone: no error, and nobody to tell.
    ReaderGone,
    /// All went well but for the history, which lacks an answer; that was said.
    NotKept,
}

/// Asks, prints, and returns when all lanes have ended. The first signal stops the lanes and lets the reader a short while
/// for the rest, the second everything.
///
/// # Errors
/// The data could not be written, for a reason other than a closed pipe.
pub async fn ask(
    ask: Ask,
    outputs: Outputs,
    signals: BoxStream<'static, Signal>,
) -> io::Result<Outcome> {
    let lanes = ask.run.lanes.clone();
    let handle = run::spawn(ask.run);
    let keep = ask.keep;
    let faces = Faces {
        format: ask.format,
        style: ask.style,
        shows_progress: ask.shows_progress,
    };
    show(lanes, handle, faces, keep, outputs, signals).await
}

/// How a run is printed.
#[derive(Debug, Clone, Copy)]
pub struct Faces {
    /// What is printed.
    pub format: Format,
    /// How text is printed.
    pub style: Style,
    /// Whether a line on standard error says what the lanes do while there is nothing to print.
    pub shows_progress: bool,
}

/// Prints a run that is under way, as [`ask`] does.
///
/// # Errors
/// As [`ask`].
pub async fn show(
    lanes: Vec<Lane>,
    handle: RunHandle,
    ask: Faces,
    keep: Option<Keep>,
    outputs: Outputs,
    signals: BoxStream<'static, Signal>,
) -> io::Result<Outcome> {
    let face = match ask.format {
        Format::Text => Face::Text(TextFace::new(&lanes, ask.style)),
        Format::Json => Face::Json,
        Format::Events => Face::Events,
    };
    let printer = Printer {
        progress: ask
            .shows_progress
            .then(|| Progress::new(ask.style.width))
            .filter(|_| ask.format != Format::Events),
        state: estimated(&lanes, &handle.head),
        sink: Sink::new(outputs)?,
        head: handle.head.clone(),
        keeping: keep.as_ref().map(|keep| {
            let plans = lanes.iter().map(|lane| lane.plan.clone());
            keep.begin(handle.head.clone(), plans.collect())
        }),
        keep,
        face,
        lanes,
    };
    printer.print(handle, signals).await
}

/// The state of a run before its first event, with what its prompt is guessed to hold.
fn estimated(lanes: &[Lane], head: &RunHead) -> RunState {
    let mut state = RunState::new(lanes.len());
    for (lane, state) in lanes.iter().zip(&mut state.lanes) {
        state.prompt_estimate = Some(forecast::prompt_tokens(&lane.plan, &head.prompt.text));
    }
    state
}

async fn sleep_until(due: Option<Instant>) {
    match due {
        Some(due) => tokio::time::sleep_until(due.into()).await,
        None => pending().await,
    }
}

enum Face {
    Text(TextFace),
    Json,
    Events,
}

struct Printer {
    head: RunHead,
    lanes: Vec<Lane>,
    state: RunState,
    face: Face,
    progress: Option<Progress>,
    sink: Sink,
    keep: Option<Keep>,
    keeping: Option<Keeping>,
}

impl Printer {
    async fn print(
        mut self,
        mut handle: RunHandle,
        mut signals: BoxStream<'static, Signal>,
    ) -> io::Result<Outcome> {
        let mut stopped = None;
        self.begin()?;
        loop {
            self.sink.offer();
            let due = self.keeping.as_ref().and_then(Keeping::due);
            tokio::select! {
                biased;
                Some(signal) = signals.next() => {
                    if let Some(first) = stopped {
                        return Ok(Outcome::Stopped(first));
                    }
                    stopped = Some(signal);
                    handle.cancel_all();
                }
                // What comes after a signal is little, and the lanes must not wait for a reader that may be stuck.
                event = handle.events.recv(), if stopped.is_some() || !self.sink.is_full() => match event {
                    Some(event) => self.take(&event)?,
                    None => break,
                },
                () = sleep_until(due) => {
                    if let Some(keeping) = &mut self.keeping {
                        keeping.write_so_far(Instant::now());
                    }
                }
                drained = self.sink.drain(), if self.sink.is_waiting() => {
                    if drained.is_err() {
                        break;
                    }
                }
            }
        }
        // Stops the lanes where they still run because nobody reads.
        drop(handle);
        self.end()?;
        let is_kept = self.store().await;
        let outcome = if is_kept {
            self.outcome()
        } else {
            Outcome::NotKept
        };
        let mut closing = pin!(self.sink.close());
        let closed = loop {
            let limit = async {
                match stopped {
                    Some(_) => sleep(LAST_WORDS).await,
                    None => pending().await,
                }
            };
            tokio::select! {
                biased;
                Some(signal) = signals.next() => match stopped {
                    Some(first) => return Ok(Outcome::Stopped(first)),
                    None => stopped = Some(signal),
                },
                closed = &mut closing => break closed,
                () = limit => break Ok(()),
            }
        };
        match (closed, stopped) {
            (Err(error), _) if error.kind() != io::ErrorKind::BrokenPipe => Err(error),
            (Ok(()) | Err(_), Some(signal)) => Ok(Outcome::Stopped(signal)),
            (Ok(()), None) => Ok(outcome),
            (Err(_), None) if is_kept => Ok(Outcome::ReaderGone),
            (Err(_), None) => Ok(Outcome::NotKept),
        }
    }

    fn begin(&mut self) -> io::Result<()> {
        if matches!(self.face, Face::Events) {
            let header = TapeHeader {
                schema: SCHEMA,
                run: self.head.clone(),
                lanes: self.plans().map(Into::into).collect(),
            };
            self.sink.out(&json::line(&header)?);
        }
        Ok(())
    }

    fn take(&mut self, event: &LaneEvent) -> io::Result<()> {
        self.state.apply(event);
        if let Some(keeping) = &mut self.keeping {
            keeping.apply(event);
            // Where events never pause, nothing else would.
            keeping.write_so_far(Instant::now());
        }
        let text = match &mut self.face {
            Face::Text(text) => text.apply(event),
            Face::Json => String::new(),
            Face::Events => match self.lanes.get(event.lane.0) {
                Some(lane) => json::line(&TapeLine {
                    lane: lane.plan.name.clone(),
                    at_us: u64::try_from(event.at.as_micros()).unwrap_or(u64::MAX),
                    event: event.kind.clone(),
                })?,
                None => String::new(),
            },
        };
        if !text.is_empty() {
            self.wipe_progress();
            self.sink.out(&text);
        } else if let Some(progress) = &mut self.progress
            && let Some(line) = progress.apply(&self.lanes, &self.state, event)
        {
            self.sink.err(&line);
        }
        if matches!(&self.face, Face::Text(text) if text.has_begun()) {
            self.progress = None;
        }
        Ok(())
    }

    fn end(&mut self) -> io::Result<()> {
        self.wipe_progress();
        match &mut self.face {
            Face::Text(text) => {
                let (out, err) = text.end(&self.lanes, &self.state);
                self.sink.out(&out);
                self.sink.err(&err);
            }
            Face::Json => {
                let record = RunRecord::new(self.head.clone(), self.plans(), &self.state);
                self.sink.out(&json::document(&record)?);
            }
            Face::Events => {}
        }
        Ok(())
    }

    /// Waits until every lane is in the history, and says where one is not. Whether all are, or none was to be.
    async fn store(&mut self) -> bool {
        let Some(keeping) = self.keeping.take() else {
            return true;
        };
        for receipt in keeping.finish() {
            if let Err(error) = receipt.stored().await {
                tracing::warn!(%error, "the run is not kept");
                self.sink
                    .err(&format!("error: this run is not kept: {error}\n"));
                return false;
            }
        }
        if let Some(keep) = self.keep.take() {
            keep.end().await;
        }
        true
    }

    fn wipe_progress(&mut self) {
        if let Some(progress) = &mut self.progress {
            self.sink.err(progress.wipe());
        }
    }

    fn plans(&self) -> impl Iterator<Item = &LanePlan> {
        self.lanes.iter().map(|lane| lane.plan.as_ref())
    }

    fn outcome(&self) -> Outcome {
        let has_failed = |phase: &Phase| matches!(phase, Phase::Failed(_));
        if self.state.lanes.iter().any(|lane| has_failed(&lane.phase)) {
            Outcome::LaneFailed
        } else {
            Outcome::Done
        }
    }
}
