//! What the terminal was told to show, row by row, and which rows it may show otherwise: terminals disagree about the
//! columns of flags, of emoji and of characters that join. Draws nothing.

use ratatui::{buffer::Cell, layout::Rect};
use unicode_width::UnicodeWidthStr;

/// The rows of the screen.
#[derive(Debug)]
pub struct Rows {
    rows: Vec<Row>,
}

#[derive(Debug, Clone)]
struct Row {
    cells: Vec<Cell>,
    /// Something doubtful is on it, or was when it was written last.
    is_doubtful: bool,
}

impl Rows {
    /// An empty screen of this size.
    pub fn new(area: Rect) -> Self {
        let row = Row {
            cells: vec![Cell::EMPTY; usize::from(area.width)],
            is_doubtful: false,
        };
        Self {
            rows: vec![row; usize::from(area.height)],
        }
    }

    /// Takes over a change of a cell.
    pub fn put(&mut self, x: u16, y: u16, cell: &Cell) {
        let Some(row) = self.rows.get_mut(usize::from(y)) else {
            return;
        };
        row.is_doubtful |= is_doubtful(cell);
        let covered = usize::from(x)..usize::from(x) + columns(cell);
        for (index, at) in covered.enumerate() {
            if let Some(place) = row.cells.get_mut(at) {
                *place = if index == 0 {
                    cell.clone()
                } else {
                    Cell::EMPTY
                };
            }
        }
    }

    /// Whether the row must be written whole when something on it changes.
    pub fn is_doubtful(&self, y: u16) -> bool {
        self.rows
            .get(usize::from(y))
            .is_some_and(|row| row.is_doubtful)
    }

    /// The row is about to be written whole: from then on only what is on it now makes it doubtful.
    pub fn settle(&mut self, y: u16) {
        if let Some(row) = self.rows.get_mut(usize::from(y)) {
            let has_doubtful = visible(row).any(|(_, cell)| is_doubtful(cell));
            row.is_doubtful = has_doubtful;
        }
    }

    /// The cells of a row with their columns, without those that a wide one covers.
    pub fn cells(&self, y: u16) -> impl Iterator<Item = (u16, &Cell)> {
        self.rows.get(usize::from(y)).into_iter().flat_map(visible)
    }
}

fn visible(row: &Row) -> impl Iterator<Item = (u16, &Cell)> {
    let mut free = 0;
    (0_u16..).zip(&row.cells).filter(move |(x, cell)| {
        let is_free = usize::from(*x) >= free;
        if is_free {
            free = usize::from(*x) + columns(cell);
        }
        is_free
    })
}

fn columns(cell: &Cell) -> usize {
    cell.symbol().width().max(1)
}

/// Whether a terminal may give the cell other columns than we do: some count each character of a cluster for itself,
/// some draw joining letters wider, some know an older Unicode.
pub fn is_doubtful(cell: &Cell) -> bool {
    let mut characters = cell.symbol().chars();
    match (characters.next(), characters.next()) {
        (Some(only), None) => matches!(
            only,
            // The scripts of India and its neighbours, emoji and halves of flags.
            '\u{900}'..='\u{109f}'
                | '\u{1780}'..='\u{17ff}'
                | '\u{1a00}'..='\u{1cff}'
                | '\u{1f000}'..='\u{1ffff}'
        ),
        (_, second) => second.is_some(),
    }
}
