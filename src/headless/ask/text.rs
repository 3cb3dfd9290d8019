//! The answers of all lanes as readable text: one lane streams, the others wait for it to end; then a table.

use super::{
    Style,
    voice::{Thoughts, Voice},
};
use crate::{
    domain::{event::LaneEvent, run::RunState, sanitise::sanitise_line, summary},
    run::Lane,
};
use std::fmt::Write as _;

const BOLD: &str = "\u{1b}[1m";
const PLAIN: &str = "\u{1b}[0m";

/// Puts the lanes' texts one after another. A single lane has no heading.
pub(super) struct TextFace {
    lanes: Vec<Lane>,
    voices: Vec<Voice>,
    /// Lanes that have said something and whose turn has not come, in the order of their first words.
    waiting: Vec<usize>,
    /// The lane that streams.
    live: Option<usize>,
    has_begun: bool,
    style: Style,
}

impl TextFace {
    /// A face on which nothing stands yet.
    pub(super) fn new(lanes: &[Lane], style: Style) -> Self {
        Self {
            lanes: lanes.to_vec(),
            voices: lanes.iter().map(|_| Voice::new(style.is_exact)).collect(),
            waiting: Vec::new(),
            live: None,
            has_begun: false,
            style,
        }
    }

    /// Whether anything was printed.
    pub(super) const fn has_begun(&self) -> bool {
        self.has_begun
    }

    /// Takes one event; returns what is to be printed now.
    pub(super) fn apply(&mut self, event: &LaneEvent) -> String {
        let id = event.lane.0;
        let thoughts = self.thoughts();
        let mut out = String::new();
        let Some(voice) = self.voices.get_mut(id) else {
            return out;
        };
        voice.apply(&event.kind, thoughts);
        if self.live != Some(id) && voice.is_ready() && !self.waiting.contains(&id) {
            self.waiting.push(id);
        }
        self.advance(&mut out);
        out
    }

    /// Prints what the live lane has said, and gives the next one its turn when it has ended.
    fn advance(&mut self, out: &mut String) {
        loop {
            if let Some(id) = self.live {
                let Some(voice) = self.voices.get_mut(id) else {
                    return;
                };
                out.push_str(&voice.take());
                if !voice.has_ended() {
                    return;
                }
                self.live = None;
            }
            let Some(next) = self.next() else {
                return;
            };
            self.live = Some(next);
            self.waiting.retain(|id| *id != next);
            self.push_heading(next, out);
            self.has_begun = true;
        }
    }

    /// The lane to print next: one that has ended, so that nobody waits for its end, else the first that spoke.
    fn next(&self) -> Option<usize> {
        let has_ended = |id: &&usize| self.voices.get(**id).is_some_and(Voice::has_ended);
        let ended = self.waiting.iter().find(has_ended);
        ended.or_else(|| self.waiting.first()).copied()
    }

    fn push_heading(&self, id: usize, out: &mut String) {
        let Some(lane) = self.lanes.get(id).filter(|_| self.lanes.len() > 1) else {
            return;
        };
        if self.has_begun {
            out.push('\n');
        }
        let (bold, plain) = if self.style.is_colored {
            (BOLD, PLAIN)
        } else {
            ("", "")
        };
        let name = sanitise_line(&lane.plan.name);
        let _ = write!(out, "── {bold}{name}{plain}");
        let tier = lane.plan.tier.map(|tier| tier.name().to_owned());
        let facts = [
            tier,
            Some(lane.plan.model.clone()),
            Some(lane.provider.place()),
        ];
        for fact in facts.into_iter().flatten() {
            let fact = sanitise_line(&fact);
            if !fact.is_empty() && fact != name {
                let _ = write!(out, " · {fact}");
            }
        }
        out.push('\n');
    }

    /// What is printed when all lanes have ended: the table for standard output, or, where only the answers are wanted,
    /// what went wrong for standard error.
    pub(super) fn end(&self, lanes: &[Lane], state: &RunState) -> (String, String) {
        let lanes = lanes
            .iter()
            .map(|lane| lane.plan.as_ref())
            .zip(&state.lanes);
        if self.style.is_quiet {
            let failed = lanes.filter(|(_, lane)| lane.failure().is_some());
            let remarks = failed.flat_map(|(plan, lane)| summary::remarks(plan, lane));
            let err = remarks.fold(String::new(), |err, remark| err + &remark + "\n");
            return (String::new(), err);
        }
        let space = if self.has_begun { "\n" } else { "" };
        let table = summary::table(lanes, self.style.width.unwrap_or(usize::MAX));
        (format!("{space}{table}"), String::new())
    }

    const fn thoughts(&self) -> Thoughts {
        if self.style.is_quiet {
            Thoughts::Left
        } else if self.style.is_colored {
            Thoughts::Dim
        } else {
            Thoughts::Marked
        }
    }
}
