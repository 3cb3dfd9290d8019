//! What a pane keeps of its lane: the wrapped texts, the scroll position, the fold. Draws nothing.

use super::LaneEntry;
use crate::{
    domain::{
        lane::{LaneState, Phase},
        usage::Estimator,
        wording,
    },
    provider::Readiness,
    tui::transcript::Transcript,
};
use unicode_width::UnicodeWidthStr;

/// Columns by which thoughts are set in.
const THOUGHT_INDENT: u16 = 2;

/// Rows of an answer that stay on the screen above what there is to know about its end.
const ANSWER_ROWS: usize = 2;

/// Which part of the text is on the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scroll {
    /// The end, and along with it; above remarks the end of the answer.
    #[default]
    Follow,
    /// From this row on.
    Top(usize),
}

/// Whether thoughts are unfolded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Fold {
    /// Until the answer begins.
    #[default]
    Auto,
    /// Always: the person said so.
    Open,
    /// Never: the person said so.
    Folded,
}

/// One row of a pane's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DocRow<'a> {
    /// The line above the thoughts, which says how to fold them.
    ThoughtHead,
    /// A row of thinking.
    Thought(&'a str),
    /// A row of the answer.
    Answer(&'a str),
    /// A row of what the person should know.
    Remark(&'a str),
    /// An empty row between two parts.
    Gap,
}

/// A lane on the screen.
#[derive(Debug)]
pub struct Pane {
    pub(in crate::tui) entry: LaneEntry,
    /// The tokens of the instructions before every prompt, guessed.
    pub(in crate::tui) system: Estimator,
    pub(in crate::tui) is_on: bool,
    pub(in crate::tui) readiness: Option<Readiness>,
    pub(in crate::tui) fold: Fold,
    pub(in crate::tui) scroll: Scroll,
    thoughts: Transcript,
    answer: Transcript,
    remarks: Transcript,
    /// The columns of the remarks, where the line of the phase says the same when it has room.
    said_above: Option<usize>,
    columns: u16,
    rows: u16,
}

impl Pane {
    pub(in crate::tui) fn new(entry: LaneEntry) -> Self {
        let mut system = Estimator::default();
        system.push(entry.plan.system.as_deref().unwrap_or_default());
        Self {
            system,
            is_on: entry.plan.is_enabled,
            entry,
            readiness: None,
            fold: Fold::Auto,
            scroll: Scroll::Follow,
            thoughts: Transcript::new(0),
            answer: Transcript::new(0),
            remarks: Transcript::new(0),
            said_above: None,
            columns: 0,
            rows: 0,
        }
    }

    /// Forgets the last run.
    pub(in crate::tui) fn clear(&mut self) {
        self.scroll = Scroll::Follow;
        self.fold = Fold::Auto;
        self.said_above = None;
        self.thoughts = Transcript::new(usize::from(self.columns.saturating_sub(THOUGHT_INDENT)));
        self.answer = Transcript::new(usize::from(self.columns));
        self.remarks = Transcript::new(usize::from(self.columns));
    }

    /// How far the lane is in getting ready; why it would fail is told in full.
    pub(in crate::tui) fn ready(&mut self, readiness: Readiness) {
        if let Readiness::Failed(failure) = &readiness
            && self.remarks.is_empty()
        {
            let text = format!("✗ {}", wording::failed(&self.entry.plan, failure));
            self.said_above = Some(text.width());
            self.remarks.follow(&text);
        }
        self.readiness = Some(readiness);
    }

    /// Takes what is new in the lane's texts.
    pub(in crate::tui) fn follow(&mut self, lane: &LaneState) {
        self.thoughts.follow(&lane.reasoning);
        self.answer.follow(&lane.answer);
        if lane.settled && self.remarks.is_empty() {
            let (text, is_said_above) = self.remarks_of(lane);
            self.said_above = is_said_above.then(|| text.width());
            self.remarks.follow(&text);
        }
    }

    /// What the person should know, and whether the line of the phase says all of it.
    fn remarks_of(&self, lane: &LaneState) -> (String, bool) {
        let plan = &self.entry.plan;
        let mut lines: Vec<String> = lane
            .warnings_with(plan)
            .into_iter()
            .map(|warning| format!("! {warning}"))
            .collect();
        let mut is_said_above = false;
        if let Phase::Failed(failure) = &lane.phase {
            let text = wording::failed(plan, failure);
            is_said_above = lines.is_empty() && text == wording::outcome(plan, lane).text;
            lines.insert(0, format!("✗ {text}"));
        }
        (lines.join("\n"), is_said_above)
    }

    pub(super) fn set_size(&mut self, columns: u16, rows: u16) {
        self.rows = rows;
        if self.columns != columns {
            self.columns = columns;
            self.thoughts
                .set_width(usize::from(columns.saturating_sub(THOUGHT_INDENT)));
            self.answer.set_width(usize::from(columns));
            self.remarks.set_width(usize::from(columns));
        }
    }

    /// Whether there are thoughts.
    pub(in crate::tui) fn has_thoughts(&self) -> bool {
        !self.thoughts.is_empty()
    }

    /// Whether the thoughts are unfolded.
    pub(in crate::tui) fn is_unfolded(&self) -> bool {
        match self.fold {
            Fold::Auto => self.answer.is_empty(),
            Fold::Open => true,
            Fold::Folded => false,
        }
    }

    /// How many rows the text has.
    pub(in crate::tui) fn doc_rows(&self) -> usize {
        let [thoughts, answer, remarks] = self.parts();
        let gaps = [thoughts, answer, remarks]
            .iter()
            .filter(|rows| **rows > 0)
            .count();
        thoughts + answer + remarks + gaps.saturating_sub(1)
    }

    /// A row of the text; a gap beyond its end.
    pub(in crate::tui) fn doc_row(&self, row: usize) -> DocRow<'_> {
        let [thoughts, answer, remarks] = self.parts();
        let mut row = row;
        if row < thoughts {
            return match row.checked_sub(1) {
                None => DocRow::ThoughtHead,
                Some(row) => DocRow::Thought(self.thoughts.row(row)),
            };
        }
        row -= thoughts;
        if thoughts > 0 {
            match row.checked_sub(1) {
                None => return DocRow::Gap,
                Some(next) => row = next,
            }
        }
        if row < answer {
            return DocRow::Answer(self.answer.row(row));
        }
        row -= answer;
        if answer > 0 {
            match row.checked_sub(1) {
                None => return DocRow::Gap,
                Some(next) => row = next,
            }
        }
        if row < remarks {
            DocRow::Remark(self.remarks.row(row))
        } else {
            DocRow::Gap
        }
    }

    /// Rows of thoughts with their head, of the answer, of the remarks.
    fn parts(&self) -> [usize; 3] {
        let thoughts = match (self.has_thoughts(), self.is_unfolded()) {
            (false, _) => 0,
            (true, false) => 1,
            (true, true) => 1 + self.thoughts.len(),
        };
        let remarks = match self.said_above {
            Some(columns) if columns <= usize::from(self.columns) => 0,
            Some(_) | None => self.remarks.len(),
        };
        [thoughts, self.answer.len(), remarks]
    }

    /// Whether the line of the phase would only repeat what is on the screen below it, with so many rows of text.
    pub(in crate::tui) fn tells_phase_below(&self, room: u16) -> bool {
        let is_same = self
            .said_above
            .is_some_and(|columns| columns > usize::from(self.columns));
        let remarks = self.parts()[2];
        is_same && self.top(room) + usize::from(room) > self.doc_rows() - remarks
    }

    /// The first row on the screen when so many rows have room.
    pub(in crate::tui) fn top(&self, room: u16) -> usize {
        match self.scroll {
            Scroll::Follow => self.followed(room),
            Scroll::Top(top) => top.min(self.last_top(room)),
        }
    }

    /// The first row when the last one is at the bottom.
    fn last_top(&self, room: u16) -> usize {
        self.doc_rows().saturating_sub(usize::from(room))
    }

    /// The first row when the text is followed: its end, but remarks do not push the answer away.
    fn followed(&self, room: u16) -> usize {
        let last = self.last_top(room);
        let [_, answer, remarks] = self.parts();
        if answer == 0 || remarks == 0 {
            return last;
        }
        let end = self.doc_rows() - remarks - 1;
        last.min(end - ANSWER_ROWS.min(answer).min(usize::from(room)))
    }

    /// Scrolls by so many rows; at the end the text is followed again. Tells whether anything moved.
    pub(in crate::tui) fn scroll_by(&mut self, rows: isize) -> bool {
        let before = self.top(self.rows);
        self.scroll_to(before.saturating_add_signed(rows));
        self.top(self.rows) != before
    }

    /// Scrolls to a row.
    pub(in crate::tui) fn scroll_to(&mut self, top: usize) {
        let last = self.last_top(self.rows);
        self.scroll = if top >= last && self.followed(self.rows) == last {
            Scroll::Follow
        } else {
            Scroll::Top(top.min(last))
        };
    }

    /// Rows that a page moves: one row of the last page stays.
    pub(in crate::tui) fn page(&self) -> isize {
        isize::try_from(self.rows.saturating_sub(1).max(1)).unwrap_or(1)
    }

    /// Folds or unfolds the thoughts.
    pub(in crate::tui) fn toggle_fold(&mut self) {
        self.fold = if self.is_unfolded() {
            Fold::Folded
        } else {
            Fold::Open
        };
        self.scroll_by(0);
    }

    /// Bytes wrapped so far, for tests that bound it.
    #[cfg(test)]
    pub(in crate::tui) const fn work(&self) -> usize {
        self.thoughts.work() + self.answer.work() + self.remarks.work()
    }
}
