//! What the model asks of the outside world, done. Decides nothing: each effect is one step.

use super::{Effect, Exit, Msg, News, Reader, RunNumber, Schedule, Sitting};
use crate::{
    run::{self, RunSpec, playback},
    tui::runtime::{Run, external::External},
};
use futures_util::StreamExt;
use tokio::sync::mpsc;

impl Sitting {
    pub(super) fn perform(&mut self, effect: Effect) {
        match effect {
            Effect::Prepare { lanes } => {
                for lane in lanes {
                    self.prepare(lane);
                }
            }
            Effect::StartRun {
                run,
                prompt,
                schedule,
                lanes,
            } => self.start(run, prompt, schedule, lanes),
            Effect::CancelLane { run, lane } => {
                if let Some(active) = self.run.as_ref().filter(|active| active.number == run) {
                    active.handle.cancel(lane);
                }
            }
            Effect::CancelAll { run } => {
                if let Some(active) = self.run.as_ref().filter(|active| active.number == run) {
                    active.handle.cancel_all();
                }
            }
            Effect::OpenEditor(text) => self.open_editor(&text),
            Effect::Repaint => self.repaint(),
            Effect::Suspend => self.suspend(),
            Effect::Quit => self.exit = self.exit.or(Some(Exit::Quit)),
        }
    }

    /// On a worker: whatever a provider does to get ready never holds up a frame.
    fn prepare(&self, position: usize) {
        let Some(lane) = self.lanes.get(position) else {
            return;
        };
        let provider = lane.provider.clone();
        let tell: mpsc::Sender<News> = self.tell.clone();
        tokio::spawn(async move {
            let mut progress = provider.prepare();
            while let Some(readiness) = progress.next().await {
                let news = News::Readiness {
                    lane: position,
                    readiness,
                };
                if tell.send(news).await.is_err() {
                    return;
                }
            }
        });
    }

    fn start(&mut self, number: RunNumber, prompt: String, schedule: Schedule, lanes: Vec<usize>) {
        self.overtake();
        let past = self.playback.as_ref();
        let handle = match past.filter(|past| past.head.prompt.text == prompt) {
            Some(past) => playback::play(past, &lanes),
            None => run::spawn(RunSpec {
                prompt,
                earlier: Vec::new(),
                max_tokens: None,
                system: self.system.clone(),
                schedule,
                lanes: lanes
                    .iter()
                    .filter_map(|lane| self.lanes.get(*lane).cloned())
                    .collect(),
            }),
        };
        let keeping = self.keep.as_ref().map(|keep| {
            let plans = lanes
                .iter()
                .filter_map(|lane| Some(self.lanes.get(*lane)?.plan.clone()));
            keep.begin(handle.head.clone(), plans.collect())
        });
        let origin = self.now().saturating_sub(handle.watch.elapsed());
        self.events.clear();
        self.run = Some(Run {
            number,
            handle,
            lanes,
            keeping,
        });
        self.take(Msg::RunStarted {
            run: number,
            origin,
        });
    }

    /// The loop goes on beside the editor, so that running lanes are not held up; it only does not draw.
    fn open_editor(&mut self, text: &str) {
        // The thread must be gone, not just unheard: it would take every other key from the editor.
        self.reader = None;
        if let Err(error) = self.screen.lend_to_program() {
            tracing::warn!(%error, "the terminal could not be put back in full");
        }
        match External::open(self.editor.as_deref(), text) {
            Ok(external) => self.external = Some(external),
            Err(reason) => self.close_editor(Err(reason)),
        }
    }

    pub(super) fn close_editor(&mut self, text: Result<String, String>) {
        self.external = None;
        match Reader::start() {
            Ok(reader) => self.reader = Some(reader),
            Err(_) => self.terminal_is_gone(),
        }
        self.take_screen_back();
        self.take(Msg::EditorClosed(text));
    }

    /// Gives the terminal to the shell and stops the process, and whoever shares its group, such as the `make` that
    /// started it; the shell's SIGCONT comes to [`Sitting::resume`].
    pub(super) fn suspend(&mut self) {
        if self.external.is_none()
            && let Err(error) = self.screen.lend()
        {
            tracing::warn!(%error, "the terminal could not be put back in full");
        }
        super::signals::stop();
        if cfg!(not(unix)) {
            self.resume();
        }
    }

    /// Also after a stop that nobody announced: the shell has used the terminal meanwhile.
    pub(super) fn resume(&mut self) {
        if self.external.is_none() {
            self.take_screen_back();
        }
    }

    fn take_screen_back(&mut self) {
        if self.screen.take_back().is_err() {
            self.terminal_is_gone();
        }
        self.tell_size();
        self.repaint();
    }
}
