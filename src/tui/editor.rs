//! The prompt editor: a text with a cursor, wrapped, with undo. Knows no keys and draws nothing.
//!
//! Keeps the text as the person gave it; only what is shown of it is made safe.

mod undo;

use super::wrap::{self, Row};
use crate::domain::{sanitise::sanitise, usage::Estimator};
use undo::{Change, Undo};
use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// Rows before a change that it can move: the row before ends where its first word after that does not fit, and that
/// is decided at most a row further on.
const ROWS_BEFORE: usize = 3;

/// The longest prompt, in bytes: more than any model's context, little enough to wrap when the width changes.
pub const MAX_BYTES: usize = 1 << 20;

/// What a key does to the text or the cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Edit {
    /// One character back.
    Left,
    /// One character on.
    Right,
    /// To the start of the word.
    WordLeft,
    /// To the end of the word.
    WordRight,
    /// One row up.
    Up,
    /// One row down.
    Down,
    /// To the start of the line.
    LineStart,
    /// To the end of the line.
    LineEnd,
    /// Deletes the character before the cursor.
    DeleteBack,
    /// Deletes the character after the cursor.
    DeleteForward,
    /// Deletes to the start of the word.
    DeleteWordBack,
    /// Deletes to the start of the line.
    DeleteToLineStart,
    /// Deletes to the end of the line.
    DeleteToLineEnd,
    /// Takes the last change back.
    Undo,
    /// Makes the change again that was taken back.
    Redo,
}

/// A text with a cursor.
#[derive(Debug, Clone)]
pub struct Editor {
    text: String,
    /// Byte position; always between graphemes.
    cursor: usize,
    /// The column that moving up and down aims at.
    goal: Option<usize>,
    rows: Vec<Row>,
    width: usize,
    undo: Undo,
    /// Kept along with every change: to count a long prompt anew per key would be felt.
    estimate: Estimator,
}

impl Editor {
    /// Empty, for rows of so many columns.
    pub fn new(width: usize) -> Self {
        let mut editor = Self {
            text: String::new(),
            cursor: 0,
            goal: None,
            rows: Vec::new(),
            width,
            undo: Undo::default(),
            estimate: Estimator::default(),
        };
        editor.wrap();
        editor
    }

    /// The text as the person gave it.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The tokens of the text, guessed.
    pub const fn estimate(&self) -> Estimator {
        self.estimate
    }

    /// Replaces everything; can be undone.
    pub fn set_text(&mut self, text: &str) {
        self.replace(0, self.text.len(), text);
    }

    /// Inserts at the cursor, as far as there is room; tells whether all of it fitted.
    pub fn insert(&mut self, text: &str) -> bool {
        self.replace(self.cursor, self.cursor, text)
    }

    /// Does one edit; tells whether it had anything to do.
    pub fn apply(&mut self, edit: Edit) -> bool {
        let (text, cursor) = (self.text.len(), self.cursor);
        match edit {
            Edit::Left => self.move_to(self.before(cursor)),
            Edit::Right => self.move_to(self.after(cursor)),
            Edit::WordLeft => self.move_to(self.word_before(cursor)),
            Edit::WordRight => self.move_to(self.word_after(cursor)),
            Edit::LineStart => self.move_to(self.line_start(cursor)),
            Edit::LineEnd => self.move_to(self.line_end(cursor)),
            Edit::Up => return self.move_rows(-1),
            Edit::Down => return self.move_rows(1),
            Edit::DeleteBack => _ = self.replace(self.before(cursor), cursor, ""),
            Edit::DeleteForward => _ = self.replace(cursor, self.after(cursor), ""),
            Edit::DeleteWordBack => _ = self.replace(self.word_before(cursor), cursor, ""),
            Edit::DeleteToLineStart => _ = self.replace(self.line_start(cursor), cursor, ""),
            Edit::DeleteToLineEnd => _ = self.replace(cursor, self.line_end(cursor), ""),
            Edit::Undo => {
                let change = self.undo.back();
                return change.is_some_and(|change| self.take_back(&change));
            }
            Edit::Redo => {
                let change = self.undo.again();
                return change.is_some_and(|change| self.make_again(&change));
            }
        }
        (text, cursor) != (self.text.len(), self.cursor)
    }

    /// Rows of so many columns from now on; the cursor needs one column more than the text.
    pub fn set_width(&mut self, width: usize) {
        if self.width != width {
            self.width = width;
            self.wrap();
        }
    }

    /// How many rows the text has; at least one.
    pub fn rows(&self) -> usize {
        self.rows.len()
    }

    /// What a row shows.
    pub fn shown(&self, row: usize) -> String {
        self.rows
            .get(row)
            .and_then(|row| self.text.get(row.start..row.end))
            .unwrap_or("")
            .graphemes(true)
            .map(shown)
            .collect()
    }

    /// The row and the column of the cursor.
    pub fn cursor_cell(&self) -> (usize, usize) {
        let row = self.row_at(self.cursor);
        let start = self.rows.get(row).map_or(0, |row| row.start);
        let before = self.text.get(start..self.cursor).unwrap_or("");
        (row, before.graphemes(true).map(columns).sum())
    }

    /// Puts text in the place of a range; tells whether all of it fitted.
    fn replace(&mut self, start: usize, end: usize, with: &str) -> bool {
        let room = MAX_BYTES - (self.text.len() - (end - start)).min(MAX_BYTES);
        let fitting = with
            .char_indices()
            .map(|(at, c)| at + c.len_utf8())
            .take_while(|end| *end <= room)
            .last()
            .unwrap_or(0);
        let inserted = with.get(..fitting).unwrap_or("");
        if start < end || !inserted.is_empty() {
            let change = Change {
                at: start,
                removed: self.text.get(start..end).unwrap_or("").to_owned(),
                inserted: inserted.to_owned(),
                cursor: self.cursor,
            };
            self.make_again(&change);
            self.undo.push(change);
        }
        fitting == with.len()
    }

    fn make_again(&mut self, change: &Change) -> bool {
        let end = change.at + change.removed.len();
        self.text.replace_range(change.at..end, &change.inserted);
        self.estimate.remove(&change.removed);
        self.estimate.push(&change.inserted);
        self.rewrap(change.at, change.removed.len(), change.inserted.len());
        self.settle(change.at + change.inserted.len());
        true
    }

    fn take_back(&mut self, change: &Change) -> bool {
        let end = change.at + change.inserted.len();
        self.text.replace_range(change.at..end, &change.removed);
        self.estimate.remove(&change.inserted);
        self.estimate.push(&change.removed);
        self.rewrap(change.at, change.inserted.len(), change.removed.len());
        self.settle(change.cursor);
        true
    }

    /// After a change: puts the cursor between graphemes. Rows begin between two.
    fn settle(&mut self, cursor: usize) {
        let start = self
            .rows
            .get(self.row_at(cursor))
            .map_or(0, |row| row.start);
        self.cursor = self
            .text
            .get(start..)
            .unwrap_or("")
            .grapheme_indices(true)
            .map(|(offset, _)| start + offset)
            .find(|at| *at >= cursor)
            .unwrap_or(self.text.len());
        self.goal = None;
    }

    fn wrap(&mut self) {
        self.rows.clear();
        wrap::wrap(&self.text, 0, self.width, columns, &mut self.rows);
    }

    /// Wraps what a change at `at` may have moved, `removed` bytes having given way to `inserted` ones: a long prompt
    /// costs no more per key than a short one. Returns the bytes looked at.
    fn rewrap(&mut self, at: usize, removed: usize, inserted: usize) -> usize {
        let first = self.row_at(at).saturating_sub(ROWS_BEFORE);
        let from = self.rows.get(first).map_or(0, |row| row.start);
        let moved = |old: usize| old - removed + inserted;
        // Rows that began behind the change may still begin there.
        let behind = self.rows.partition_point(|row| row.start <= at + removed);
        let old = self.rows.get(behind..).unwrap_or_default();
        let (mut new, mut kept) = (Vec::new(), old.len());
        let looked = wrap::wrap_until(&self.text, from, self.width, columns, &mut new, |next| {
            let found = old.binary_search_by_key(&next, |row| moved(row.start));
            kept = found.unwrap_or(old.len());
            found.is_ok()
        });
        for row in self.rows.iter_mut().skip(behind + kept) {
            *row = Row {
                start: moved(row.start),
                end: moved(row.end),
            };
        }
        self.rows.splice(first..behind + kept, new);
        looked
    }

    /// The row that a byte is on.
    fn row_at(&self, at: usize) -> usize {
        let after = self.rows.partition_point(|row| row.start <= at);
        after.saturating_sub(1)
    }

    fn move_to(&mut self, cursor: usize) {
        self.cursor = cursor;
        self.goal = None;
    }

    fn move_rows(&mut self, by: isize) -> bool {
        let (row, column) = self.cursor_cell();
        let Some(target) = row
            .checked_add_signed(by)
            .and_then(|row| self.rows.get(row).copied())
        else {
            return false;
        };
        let goal = self.goal.unwrap_or(column);
        let is_last = self.rows.len() - 1 == row.saturating_add_signed(by);
        let (mut at, mut used) = (target.start, 0);
        for grapheme in self
            .text
            .get(target.start..target.end)
            .unwrap_or("")
            .graphemes(true)
        {
            let next = at + grapheme.len();
            // The end of a broken row is the start of the next one: the cursor stays before it.
            let is_end = next == target.end
                && !is_last
                && self
                    .text
                    .get(next..)
                    .is_some_and(|rest| !rest.starts_with('\n'));
            if used + columns(grapheme) > goal || is_end {
                break;
            }
            used += columns(grapheme);
            at = next;
        }
        self.cursor = at;
        self.goal = Some(goal);
        true
    }

    fn before(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before
            .grapheme_indices(true)
            .next_back()
            .map_or(0, |(at, _)| at)
    }

    fn after(&self, at: usize) -> usize {
        let after = self.text.get(at..).unwrap_or("");
        at + after.graphemes(true).next().map_or(0, str::len)
    }

    fn word_before(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before
            .split_word_bound_indices()
            .rev()
            .find(|(_, word)| !word.trim().is_empty())
            .map_or(0, |(at, _)| at)
    }

    fn word_after(&self, at: usize) -> usize {
        let after = self.text.get(at..).unwrap_or("");
        after
            .split_word_bound_indices()
            .find(|(_, word)| !word.trim().is_empty())
            .map_or(self.text.len(), |(offset, word)| at + offset + word.len())
    }

    fn line_start(&self, at: usize) -> usize {
        let before = self.text.get(..at).unwrap_or("");
        before.rfind('\n').map_or(0, |at| at + 1)
    }

    fn line_end(&self, at: usize) -> usize {
        let after = self.text.get(at..).unwrap_or("");
        after
            .find('\n')
            .map_or(self.text.len(), |offset| at + offset)
    }
}

/// What is shown of a grapheme: tabs as blanks, nothing of what a terminal would act on.
fn shown(grapheme: &str) -> String {
    match grapheme {
        "\t" => "    ".to_owned(),
        _ => sanitise(grapheme).replace('\n', ""),
    }
}

fn columns(grapheme: &str) -> usize {
    match grapheme {
        _ if grapheme.len() == 1 && !grapheme.starts_with(char::is_control) => 1,
        _ => shown(grapheme).width(),
    }
}

#[cfg(test)]
mod tests;
