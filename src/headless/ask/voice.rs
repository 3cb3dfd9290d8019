//! One lane's text, made safe where that is wanted, and marked up as it arrives. Decides nothing about when it is printed.

use crate::domain::{
    event::{LaneEventKind, StreamEvent},
    sanitise::Sanitiser,
};

/// Stands before each line of thinking.
const MARGIN: &str = "│ ";
const DIM: &str = "\u{1b}[2m";
const PLAIN: &str = "\u{1b}[0m";

/// What a lane has said and what of it has not been taken yet.
#[derive(Debug, Default)]
pub(super) struct Voice {
    answer: Cleaner,
    reasoning: Cleaner,
    part: Part,
    is_mid_line: bool,
    ready: String,
    has_ended: bool,
}

/// What was said last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Part {
    #[default]
    Nothing,
    Thinking,
    Answer,
}

/// How thinking is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Thoughts {
    /// Not at all.
    Left,
    /// With a margin.
    Marked,
    /// With a margin, and dim.
    Dim,
}

/// What becomes of a text on its way out.
#[derive(Debug)]
enum Cleaner {
    /// The model's exact text.
    Exact,
    Safe(Sanitiser),
}

impl Default for Cleaner {
    fn default() -> Self {
        Self::Safe(Sanitiser::keeping_joiners())
    }
}

impl Cleaner {
    fn push(&mut self, piece: &str, out: &mut String) {
        match self {
            Self::Exact => out.push_str(piece),
            Self::Safe(sanitiser) => sanitiser.push(piece, out),
        }
    }
}

impl Voice {
    /// One that says exactly what the model says, or what is safe on a terminal.
    pub(super) fn new(is_exact: bool) -> Self {
        let cleaner = || {
            if is_exact {
                Cleaner::Exact
            } else {
                Cleaner::default()
            }
        };
        Self {
            answer: cleaner(),
            reasoning: cleaner(),
            ..Self::default()
        }
    }

    /// Takes one event of the lane.
    pub(super) fn apply(&mut self, event: &LaneEventKind, thoughts: Thoughts) {
        match event {
            LaneEventKind::Stream(StreamEvent::Answer { text }) => {
                let mut safe = String::new();
                self.answer.push(text, &mut safe);
                self.push_answer(&safe);
            }
            LaneEventKind::Stream(StreamEvent::Reasoning { text, .. })
                if thoughts != Thoughts::Left =>
            {
                let mut safe = String::new();
                self.reasoning.push(text, &mut safe);
                self.push_thought(&safe, thoughts);
            }
            LaneEventKind::Stream(StreamEvent::Finished { .. })
            | LaneEventKind::Failed { .. }
            | LaneEventKind::Cancelled => self.end(),
            LaneEventKind::Queued { .. }
            | LaneEventKind::Loading { .. }
            | LaneEventKind::Sent { .. }
            | LaneEventKind::Connected
            | LaneEventKind::Settled { .. }
            | LaneEventKind::Stream(
                StreamEvent::Accepted
                | StreamEvent::Prefill { .. }
                | StreamEvent::Reasoning { .. }
                | StreamEvent::Usage { .. }
                | StreamEvent::Server { .. },
            ) => {}
        }
    }

    /// Whether there is something to print.
    pub(super) fn is_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Whether nothing more will be said.
    pub(super) const fn has_ended(&self) -> bool {
        self.has_ended
    }

    /// What is to be printed next.
    pub(super) fn take(&mut self) -> String {
        std::mem::take(&mut self.ready)
    }

    fn push_answer(&mut self, safe: &str) {
        if safe.is_empty() {
            return;
        }
        if self.part == Part::Thinking {
            self.break_line();
            self.ready.push('\n');
        }
        self.part = Part::Answer;
        self.ready.push_str(safe);
        self.is_mid_line = !safe.ends_with('\n');
    }

    fn push_thought(&mut self, safe: &str, thoughts: Thoughts) {
        if safe.is_empty() {
            return;
        }
        if self.part == Part::Answer {
            self.break_line();
        }
        self.part = Part::Thinking;
        if thoughts == Thoughts::Dim {
            self.ready.push_str(DIM);
        }
        for line in safe.split_inclusive('\n') {
            if !self.is_mid_line {
                self.ready.push_str(MARGIN);
            }
            self.ready.push_str(line);
            self.is_mid_line = !line.ends_with('\n');
        }
        if thoughts == Thoughts::Dim {
            self.ready.push_str(PLAIN);
        }
    }

    fn break_line(&mut self) {
        if std::mem::take(&mut self.is_mid_line) {
            self.ready.push('\n');
        }
    }

    fn end(&mut self) {
        self.break_line();
        self.has_ended = true;
    }
}
