//! Where everything stands on a screen of a given size. Pure arithmetic: knows no texts and draws nothing.

use ratatui::layout::Rect;

/// Below this, only a message is shown.
pub const MIN_COLUMNS: u16 = 40;
/// Below this, only a message is shown.
pub const MIN_ROWS: u16 = 10;
/// A pane narrower than this cannot hold its numbers.
const PANE_COLUMNS: u16 = 40;
/// A pane lower than this shows too little text.
const PANE_ROWS: u16 = 8;
/// Panes are at least this high before the strip below them gets room.
const PANE_ROWS_BESIDE_STRIP: u16 = 10;
/// In a narrower terminal there is no room to say what a prompt will cost.
const FORECAST_COLUMNS: u16 = 60;
/// Nor in a lower one.
const FORECAST_ROWS: u16 = 16;

/// What the layout depends on, beside the size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Needs {
    /// Panes to show.
    pub panes: usize,
    /// Which of them has the focus; the one shown when there is room for one only.
    pub focused: usize,
    /// Whether the focused one takes the whole place.
    pub is_zoomed: bool,
    /// Rows of the prompt.
    pub prompt_rows: usize,
    /// Rows of the strip, where it has something to show.
    pub strip_rows: u16,
    /// Whether there is something to say about the cost of the prompt.
    pub has_forecast: bool,
}

/// The places on the screen. Empty rectangles have no room.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Screen {
    /// Top line.
    pub header: Rect,
    /// The line of names, where not every pane has a place of its own.
    pub tabs: Rect,
    /// Pane by pane: its place among those shown, and where it stands.
    pub panes: Vec<(usize, Rect)>,
    /// All panes together.
    pub body: Rect,
    /// The strip of timelines.
    pub strip: Rect,
    /// The line above the prompt that says what it will cost.
    pub forecast: Rect,
    /// The prompt with its sign.
    pub prompt: Rect,
    /// Bottom line.
    pub hints: Rect,
}

impl Screen {
    /// Where everything stands; nothing when the area is too small.
    pub fn of(area: Rect, needs: Needs) -> Option<Self> {
        if area.width < MIN_COLUMNS || area.height < MIN_ROWS {
            return None;
        }
        let most = (area.height / 4).max(1);
        let prompt_rows = u16::try_from(needs.prompt_rows)
            .unwrap_or(u16::MAX)
            .clamp(1, most);
        let (header, rest) = split_top(area, 1);
        let (rest, hints) = split_bottom(rest, 1);
        let (rest, prompt) = split_bottom(rest, prompt_rows);
        let parts = |rest: Rect| {
            let grid = Grid::of(rest, needs.panes).filter(|_| !needs.is_zoomed);
            let rows_of_panes = grid.map_or(1, |grid| grid.rows);
            let has_strip = needs.strip_rows > 0
                && rest.height >= needs.strip_rows + rows_of_panes * PANE_ROWS_BESIDE_STRIP;
            (grid, has_strip)
        };
        let (grid, has_strip) = parts(rest);
        // A line that comes with the first letter and goes with the last must not move the panes about.
        let (lower, line) = split_bottom(rest, 1);
        let has_forecast = needs.has_forecast
            && area.width >= FORECAST_COLUMNS
            && area.height >= FORECAST_ROWS
            && parts(lower) == (grid, has_strip);
        let (rest, forecast) = if has_forecast {
            (lower, line)
        } else {
            (rest, Rect::ZERO)
        };
        let (body, strip) = split_bottom(rest, if has_strip { needs.strip_rows } else { 0 });
        let (tabs, panes) = match grid {
            Some(grid) => (Rect::ZERO, grid.places(body, needs.panes)),
            None if needs.panes == 0 => (Rect::ZERO, Vec::new()),
            None => {
                let (tabs, pane) = split_top(body, u16::from(needs.panes > 1));
                let shown = needs.focused.min(needs.panes - 1);
                (tabs, vec![(shown, pane)])
            }
        };
        Some(Self {
            header,
            tabs,
            panes,
            body,
            strip,
            forecast,
            prompt,
            hints,
        })
    }
}

/// Panes in rows of nearly equal length.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Grid {
    rows: u16,
    columns: u16,
}

impl Grid {
    /// The fewest rows in which every pane is wide and high enough.
    fn of(area: Rect, panes: usize) -> Option<Self> {
        let panes = u16::try_from(panes).ok().filter(|panes| *panes > 0)?;
        let columns = (area.width / PANE_COLUMNS).min(panes);
        if columns == 0 {
            return None;
        }
        let rows = panes.div_ceil(columns);
        (area.height / rows >= PANE_ROWS).then_some(Self {
            rows,
            columns: panes.div_ceil(rows),
        })
    }

    fn places(self, area: Rect, panes: usize) -> Vec<(usize, Rect)> {
        let mut places = Vec::with_capacity(panes);
        for row in 0..self.rows {
            let first = usize::from(row) * usize::from(self.columns);
            let here = panes.saturating_sub(first).min(usize::from(self.columns));
            let here = u16::try_from(here).unwrap_or(u16::MAX);
            let (top, bottom) = share(area.height, row, self.rows);
            for column in 0..here {
                let (left, right) = share(area.width, column, here);
                let place = Rect {
                    x: area.x + left,
                    y: area.y + top,
                    width: right - left,
                    height: bottom - top,
                };
                places.push((first + usize::from(column), place));
            }
        }
        places
    }
}

/// The places inside of a pane, its frame taken off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct PaneParts {
    /// The line that says how far the lane is.
    pub phase: Rect,
    /// The text.
    pub text: Rect,
    /// The line above the numbers; may have no room.
    pub rule: Rect,
    /// One or two lines of numbers; may have no room.
    pub numbers: Rect,
}

impl PaneParts {
    /// Where the parts of a pane stand.
    pub fn of(pane: Rect) -> Self {
        let inner = Rect {
            x: pane.x.saturating_add(1),
            y: pane.y.saturating_add(1),
            width: pane.width.saturating_sub(2),
            height: pane.height.saturating_sub(2),
        };
        let (phase, rest) = split_top(inner, 1);
        let number_rows = match inner.height {
            0..3 => 0,
            3..5 => 1,
            5.. => 2,
        };
        let (rest, numbers) = split_bottom(rest, number_rows);
        let (text, rule) = split_bottom(rest, u16::from(inner.height >= 8));
        Self {
            phase: padded(phase),
            text: padded(text),
            rule: Rect {
                x: pane.x,
                width: pane.width,
                ..rule
            },
            numbers: padded(numbers),
        }
    }
}

/// A column of air on the left side.
fn padded(area: Rect) -> Rect {
    Rect {
        x: area.x.saturating_add(1),
        width: area.width.saturating_sub(1),
        ..area
    }
}

/// A box in the middle of an area, as large as asked where there is room.
pub fn middle(area: Rect, columns: u16, rows: u16) -> Rect {
    let (width, height) = (columns.min(area.width), rows.min(area.height));
    Rect {
        x: area.x + (area.width - width) / 2,
        y: area.y + (area.height - height) / 2,
        width,
        height,
    }
}

fn split_top(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    (
        Rect {
            height: rows,
            ..area
        },
        Rect {
            y: area.y + rows,
            height: area.height - rows,
            ..area
        },
    )
}

fn split_bottom(area: Rect, rows: u16) -> (Rect, Rect) {
    let rows = rows.min(area.height);
    split_top(area, area.height - rows)
}

/// Where the part `index` of `parts` equal ones begins and ends.
fn share(length: u16, index: u16, parts: u16) -> (u16, u16) {
    let at = |index: u32| {
        let position = u32::from(length) * index / u32::from(parts.max(1));
        u16::try_from(position).unwrap_or(length)
    };
    (at(u32::from(index)), at(u32::from(index) + 1))
}

#[cfg(test)]
mod tests;
