//! The loop of the playground: waits for one thing to happen, lets the model change, does what the model asks for, and
//! draws when the pacer says so. Folds nothing and decides nothing itself.
//!
//! While nothing happens nothing wakes up: every branch of the one `select!` waits for a file descriptor, a signal or a
//! channel, and a deadline is armed only when a frame is wanted.

mod effects;
mod external;
mod keeping;
mod reactions;
#[cfg(debug_assertions)]
mod rehearsal;
mod signals;

use super::{
    Exit, ExitSummary, TuiError, TuiSpec,
    effect::Effect,
    input::{Read, Reader},
    model::{LaneEntry, Model, ModelSpec, RunNumber, Urgency},
    msg::Msg,
    pacer::{Cause, Pacer},
    terminal::{self, Screen},
    view::{ViewCache, quit_summary, view},
};
use crate::{
    domain::{event::LaneEvent, plan::Schedule},
    provider::Readiness,
    run::{Lane, keep::Keep, playback::Playback},
};
use external::External;
use keeping::{Flushed, Run, confirm, follow};
use signals::{Signal, Signals};
use std::{
    future,
    time::{Duration, Instant},
};
use tokio::{runtime::Runtime, sync::mpsc, task::JoinSet, time};

/// Most keys that are taken before the screen is drawn again.
const KEYS_AT_ONCE: usize = 256;
/// News from tasks that wait for the loop.
const NEWS: usize = 64;
/// How long the end waits for the history.
const LAST_WORDS: Duration = Duration::from_secs(2);
/// How long the end waits for threads that cannot be interrupted, such as a name lookup.
const SHUTDOWN: Duration = Duration::from_millis(200);

/// Runs the playground until the person quits or the process is told to end. Blocks the calling thread and draws on it,
/// so that no task of a lane ever waits behind a frame; ends the runtime. Whoever calls prints [`ExitSummary::text`].
///
/// The runtime needs two worker threads and no more: one may be busy with a long line of JSON while the other one
/// stamps what arrives, and all other cores belong to a local model.
pub fn run(runtime: Runtime, spec: TuiSpec) -> Result<ExitSummary, TuiError> {
    terminal::is_there().map_err(TuiError::NotATerminal)?;
    let _flushed = spec.keep.clone().map(Flushed);
    let workers = Workers(Some(runtime));
    terminal::restore_on_panic();
    workers.block_on(async {
        let signals = Signals::new().map_err(TuiError::Signals)?;
        Sitting::new(spec, signals)?.play().await
    })
}

/// The runtime, ended without waiting for what cannot be interrupted, also by a panic.
struct Workers(Option<Runtime>);

impl Workers {
    fn block_on<T>(&self, work: impl Future<Output = Result<T, TuiError>>) -> Result<T, TuiError> {
        match &self.0 {
            Some(runtime) => runtime.block_on(work),
            None => Err(TuiError::Signals(std::io::ErrorKind::NotConnected.into())),
        }
    }
}

impl Drop for Workers {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(SHUTDOWN);
        }
    }
}

/// News from the tasks beside the loop.
#[derive(Debug)]
enum News {
    Readiness {
        lane: usize,
        readiness: Readiness,
    },
    Found(Vec<Lane>),
    NotKept(String),
    /// Of a run whose place another one has taken.
    Overtaken(RunNumber, Vec<LaneEvent>),
    OvertakenClosed(RunNumber, Duration),
}

/// What the loop waited for.
#[derive(Debug)]
enum Happened {
    Signal(Signal),
    Input,
    RunEvents,
    RunClosed,
    News(News),
    EditorClosed(Result<String, String>),
    Deadline,
}

/// From the first frame to the last.
struct Sitting {
    began: Instant,
    /// Before the screen: an editor is ended before what it did to the terminal is undone.
    external: Option<External>,
    screen: Screen,
    model: Model,
    cache: ViewCache,
    pacer: Pacer,
    clock: Option<Duration>,
    signals: Signals,
    reader: Option<Reader>,
    reads: Vec<Read>,
    lanes: Vec<Lane>,
    system: Option<String>,
    run: Option<Run>,
    events: Vec<LaneEvent>,
    news: mpsc::Receiver<News>,
    tell: mpsc::Sender<News>,
    editor: Option<String>,
    notices: Vec<String>,
    playback: Option<Playback>,
    keep: Option<Keep>,
    /// Runs that another one took the place of, until they have ended; then cells on their way into the history.
    storing: JoinSet<()>,
    exit: Option<Exit>,
}

impl Sitting {
    fn new(spec: TuiSpec, signals: Signals) -> Result<Self, TuiError> {
        let reader = Reader::start().map_err(TuiError::Terminal)?;
        let screen = Screen::enter(spec.log).map_err(TuiError::Terminal)?;
        let area = screen.area();
        let (tell, news) = mpsc::channel(NEWS);
        let model = Model::new(ModelSpec {
            lanes: spec.lanes.iter().map(entry).collect(),
            schedule: spec.schedule,
            colors: spec.colors,
            history: spec.history,
            prepared: spec.prepared,
            max_cost_usd: spec.max_cost_usd,
            size: (area.width, area.height),
        });
        let sitting = Self {
            began: Instant::now(),
            screen,
            model,
            cache: ViewCache::default(),
            pacer: Pacer::default(),
            clock: None,
            signals,
            reader: Some(reader),
            reads: Vec::new(),
            lanes: spec.lanes,
            system: spec.system,
            run: None,
            events: Vec::new(),
            news,
            tell,
            editor: spec.editor,
            external: None,
            notices: spec.notices,
            playback: spec.playback,
            keep: spec.keep,
            storing: JoinSet::new(),
            exit: None,
        };
        if let Some(later) = spec.later {
            let tell = sitting.tell.clone();
            tokio::spawn(async move {
                // Nobody listens any more: the playground has ended.
                let _ = tell.send(News::Found(later.await)).await;
            });
        }
        Ok(sitting)
    }

    async fn play(mut self) -> Result<ExitSummary, TuiError> {
        // The first frame comes before anything else is asked for: models load beside it.
        self.draw(Duration::ZERO);
        #[cfg(debug_assertions)]
        rehearsal::after_first_frame()?;
        self.tell_size();
        if !self.notices.is_empty() {
            let notice = self.notices.join(" · ");
            self.take(Msg::Notice(notice));
        }
        if self.playback.is_some() {
            self.take(Msg::AskPrepared);
        }
        while self.exit.is_none() {
            self.draw_if_due();
            let happened = self.wait().await;
            self.react(happened);
        }
        Ok(self.end().await)
    }

    /// Leaves the terminal first, so that the shell need not wait for tasks to end; before that only an open editor
    /// ends, because it has the terminal.
    async fn end(mut self) -> ExitSummary {
        if let Some(external) = self.external.take() {
            external.end().await;
        }
        let exit = self.exit.unwrap_or(Exit::Quit);
        if let Err(error) = self.screen.lend() {
            tracing::warn!(%error, "the terminal could not be put back in full");
        }
        self.overtake();
        let settled = time::timeout(LAST_WORDS, self.settle()).await;
        let keep = self.keep.take();
        let ended = async {
            if let Some(keep) = &keep {
                keep.end().await;
            }
        };
        let ended = time::timeout(LAST_WORDS, ended).await;
        if settled.is_err() || ended.is_err() {
            let reason = "the history did not answer in time".to_owned();
            self.take(Msg::NotKept(reason));
        }
        ExitSummary {
            text: quit_summary(&self.model),
            exit,
            is_kept: self.model.unkept.is_none(),
        }
    }

    /// Waits until all lanes have ended and all that is kept is stored.
    async fn settle(&mut self) {
        while !self.storing.is_empty() {
            let happened = tokio::select! {
                biased;
                Some(told) = self.news.recv() => Happened::News(told),
                _ = self.storing.join_next() => continue,
            };
            self.react(happened);
        }
        while let Ok(told) = self.news.try_recv() {
            self.react(Happened::News(told));
        }
    }

    /// The run under way makes room: it is stopped by now, and followed to its end beside the loop.
    fn overtake(&mut self) {
        let Some(run) = self.run.take() else {
            return;
        };
        run.handle.cancel_all();
        self.storing.spawn(run.follow_to_end(self.tell.clone()));
    }

    fn now(&self) -> Duration {
        self.began.elapsed()
    }

    fn draw_if_due(&mut self) {
        let now = self.now();
        match self.model.take_change() {
            Urgency::None => {}
            Urgency::Stream => self.pacer.request(Cause::Stream, now),
            Urgency::Input => self.pacer.request(Cause::Key, now),
        }
        if self.clock.is_some_and(|clock| clock <= now) {
            self.clock = None;
            self.pacer.request(Cause::Clock, now);
        }
        if self.screen.is_up() && self.pacer.is_due(now) {
            self.draw(now);
        }
    }

    fn draw(&mut self, now: Duration) {
        let Self {
            screen,
            model,
            cache,
            ..
        } = self;
        if screen.draw(|frame| view(model, cache, frame, now)).is_err() {
            self.terminal_is_gone();
        }
        self.model.drawn(self.began.elapsed());
        self.pacer.drawn(now);
        self.clock = self.model.next_clock(now);
    }

    /// Biased: who asks the process to end or presses a key never waits behind a stream.
    async fn wait(&mut self) -> Happened {
        let deadline = self.deadline();
        let Self {
            signals,
            reader,
            reads,
            run,
            events,
            news,
            external,
            ..
        } = self;
        tokio::select! {
            biased;
            signal = signals.recv() => Happened::Signal(signal),
            () = read(reader.as_mut(), reads) => Happened::Input,
            text = edited(external.as_mut()) => Happened::EditorClosed(text),
            count = follow(run.as_mut(), events) => match count {
                0 => Happened::RunClosed,
                1.. => Happened::RunEvents,
            },
            Some(told) = news.recv() => Happened::News(told),
            () = sleep_until(deadline) => Happened::Deadline,
        }
    }

    fn deadline(&self) -> Option<time::Instant> {
        let due = match (self.pacer.due(), self.clock) {
            (Some(due), Some(clock)) => Some(due.min(clock)),
            (due, clock) => due.or(clock),
        };
        let frame = due
            .filter(|_| self.screen.is_up())
            .map(|due| self.began + due);
        let keeping = self
            .run
            .as_ref()
            .and_then(|run| run.keeping.as_ref()?.due());
        let first = match (frame, keeping) {
            (Some(frame), Some(keeping)) => Some(frame.min(keeping)),
            (frame, keeping) => frame.or(keeping),
        };
        first.map(time::Instant::from_std)
    }
}

fn entry(lane: &Lane) -> LaneEntry {
    LaneEntry {
        plan: lane.plan.clone(),
        place: lane.provider.place(),
    }
}

/// Keys are read only while the screen is ours.
async fn read(reader: Option<&mut Reader>, reads: &mut Vec<Read>) {
    match reader {
        Some(reader) => {
            if reader.recv_many(reads, KEYS_AT_ONCE).await == 0 {
                reads.push(Read::Gone);
            }
        }
        None => future::pending().await,
    }
}

async fn edited(external: Option<&mut External>) -> Result<String, String> {
    match external {
        Some(external) => external.wait().await,
        None => future::pending().await,
    }
}

async fn sleep_until(deadline: Option<time::Instant>) {
    match deadline {
        Some(deadline) => time::sleep_until(deadline).await,
        None => future::pending().await,
    }
}
