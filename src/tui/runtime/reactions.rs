//! What follows from what happened: a message to the model, or a change of the screen. Waits for nothing.

use super::{Happened, News, Signal, Sitting, entry};
use crate::{
    domain::event::{LaneEvent, LaneEventKind, StreamEvent},
    history::Receipt,
    run::Lane,
    tui::{
        Exit,
        input::{self, Read},
        msg::Msg,
        pacer::Cause,
        update::update,
    },
};
use crossterm::event::{Event, KeyEventKind};
use std::time::Instant;

impl Sitting {
    pub(super) fn react(&mut self, happened: Happened) {
        match happened {
            Happened::Signal(signal) => self.obey(signal),
            Happened::Input => {
                for read in input::coalesce(std::mem::take(&mut self.reads)) {
                    match read {
                        Read::Event(event) => self.read(event),
                        Read::Gone => self.terminal_is_gone(),
                    }
                }
            }
            Happened::RunEvents => {
                self.keep_events();
                let events = std::mem::take(&mut self.events);
                self.tell_places(&events);
                if let Some(run) = self.run.as_ref().map(|run| run.number) {
                    self.take(Msg::RunEvents { run, events });
                }
                #[cfg(debug_assertions)]
                super::rehearsal::amid_answers(self.model.lanes_left(), self.lanes.len());
            }
            Happened::RunClosed => {
                self.keep_run();
                if let Some(run) = self.run.take() {
                    self.take(Msg::RunClosed {
                        run: run.number,
                        at: run.handle.watch.elapsed(),
                    });
                }
            }
            Happened::News(News::Readiness { lane, readiness }) => {
                self.take(Msg::Readiness { lane, readiness });
                self.tell_place(lane);
            }
            Happened::News(News::Found(lanes)) => self.add(lanes),
            Happened::EditorClosed(text) => self.close_editor(text),
            Happened::News(News::NotKept(reason)) => self.take(Msg::NotKept(reason)),
            Happened::News(News::Overtaken(run, events)) => {
                self.take(Msg::RunEvents { run, events });
            }
            Happened::News(News::OvertakenClosed(run, at)) => self.take(Msg::RunClosed { run, at }),
            Happened::Deadline => self.write_so_far(),
        }
    }

    fn obey(&mut self, signal: Signal) {
        match signal {
            Signal::Terminate => {
                self.take(Msg::Terminate);
                self.exit = Some(Exit::Terminated);
            }
            // Ctrl-C at an editor is the editor's, although we hear of it too.
            Signal::Interrupt if self.external.is_some() => {}
            Signal::Interrupt => {
                self.take(Msg::Terminate);
                self.exit = Some(Exit::Interrupted);
            }
            Signal::Suspend => self.suspend(),
            Signal::Continue => self.resume(),
            Signal::Resize => self.resize(),
        }
    }

    fn read(&mut self, event: Event) {
        match event {
            Event::Key(key) if key.kind == KeyEventKind::Release => {}
            Event::Key(key) => {
                let at = self.now();
                self.take(Msg::Key { key, at });
            }
            Event::Paste(text) => self.take(Msg::Paste(text)),
            Event::Resize(..) => self.resize(),
            Event::FocusGained => self.take(Msg::WindowFocus { has_focus: true }),
            Event::FocusLost => self.take(Msg::WindowFocus { has_focus: false }),
            // The mouse is the terminal's own.
            Event::Mouse(_) => {}
        }
    }

    /// One message, and what follows from it.
    pub(super) fn take(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            self.perform(effect);
        }
    }

    fn resize(&mut self) {
        if self.screen.is_up() {
            self.repaint();
            self.tell_size();
        }
    }

    pub(super) fn tell_size(&mut self) {
        let area = self.screen.area();
        self.take(Msg::Resize {
            columns: area.width,
            rows: area.height,
        });
    }

    pub(super) fn repaint(&mut self) {
        if self.screen.refresh().is_err() {
            self.terminal_is_gone();
        }
        let now = self.now();
        self.pacer.request(Cause::Key, now);
    }

    /// Nobody sees or types anything any more: the end, without a word.
    pub(super) fn terminal_is_gone(&mut self) {
        self.exit = Some(Exit::Terminated);
    }

    fn keep_events(&mut self) {
        let keeping = self.run.as_mut().and_then(|run| run.keeping.as_mut());
        if let Some(keeping) = keeping {
            for event in &self.events {
                keeping.apply(event);
            }
            let receipts = keeping.take_receipts();
            self.confirm(receipts);
        }
        self.write_so_far();
    }

    /// What lanes hold for a second is written down as far as it has come.
    fn write_so_far(&mut self) {
        let keeping = self.run.as_mut().and_then(|run| run.keeping.as_mut());
        if let Some(keeping) = keeping {
            keeping.write_so_far(Instant::now());
        }
    }

    fn confirm(&mut self, receipts: Vec<Receipt>) {
        if !receipts.is_empty() {
            self.storing
                .spawn(super::confirm(receipts, self.tell.clone()));
        }
        while self.storing.try_join_next().is_some() {}
    }

    /// A run is over: what of it is not in the history yet goes there.
    fn keep_run(&mut self) {
        let keeping = self.run.as_mut().and_then(|run| run.keeping.take());
        if let Some(keeping) = keeping {
            self.confirm(keeping.finish());
        }
    }

    /// A local lane knows its device, and a remote one its address, only once it runs.
    fn tell_places(&mut self, events: &[LaneEvent]) {
        for event in events {
            let LaneEventKind::Stream(StreamEvent::Accepted) = event.kind else {
                continue;
            };
            let lane = self
                .run
                .as_ref()
                .and_then(|run| run.lanes.get(event.lane.0).copied());
            if let Some(lane) = lane {
                self.tell_place(lane);
            }
        }
    }

    fn tell_place(&mut self, lane: usize) {
        if let Some(place) = self.lanes.get(lane).map(|lane| lane.provider.place()) {
            self.take(Msg::Place { lane, place });
        }
    }

    /// The model ignores a lane whose name is taken; so do we, and positions stay the same here and there.
    fn add(&mut self, found: Vec<Lane>) {
        let mut entries = Vec::new();
        for lane in found {
            let is_new = self
                .lanes
                .iter()
                .all(|known| known.plan.name != lane.plan.name);
            if is_new {
                entries.push(entry(&lane));
                self.lanes.push(lane);
            }
        }
        if !entries.is_empty() {
            self.take(Msg::LanesFound(entries));
        }
    }
}
