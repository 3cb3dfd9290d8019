//! Where ratatui draws: a frame is collected, wrapped in a synchronised update and written at once. Never asks the
//! terminal anything: an answer that does not come would stop the program.

use super::{
    output,
    rows::{Rows, is_doubtful},
};
use crossterm::{
    cursor::MoveTo,
    queue,
    terminal::{
        self, BeginSynchronizedUpdate, DisableLineWrap, EnableLineWrap, EndSynchronizedUpdate,
    },
};
use ratatui::{
    backend::{Backend, ClearType, CrosstermBackend, WindowSize},
    buffer::Cell,
    layout::{Position, Rect, Size},
};
use std::{
    cell::RefCell,
    io::{self, Write},
    mem,
    rc::Rc,
};

/// A frame under construction, shared by the backend and the drawing commands that it wraps.
#[derive(Debug, Clone, Default)]
struct Bytes(Rc<RefCell<Vec<u8>>>);

impl Write for Bytes {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    /// Nothing: a frame is written whole, by [`FrameBackend::commit`].
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// A cell with its column and row.
type Placed<'a> = (u16, u16, &'a Cell);

/// The backend of the playground.
#[derive(Debug)]
pub struct FrameBackend {
    commands: CrosstermBackend<Bytes>,
    frame: Bytes,
    rows: Rows,
    area: Rect,
    cursor: Position,
}

impl FrameBackend {
    /// A backend for a terminal of this size.
    pub fn new(area: Rect) -> Self {
        let frame = Bytes::default();
        Self {
            commands: CrosstermBackend::new(frame.clone()),
            frame,
            rows: Rows::new(area),
            area,
            cursor: Position::ORIGIN,
        }
    }

    /// The terminal's area.
    pub const fn area(&self) -> Rect {
        self.area
    }

    /// The terminal has this size now.
    pub fn resize(&mut self, area: Rect) {
        self.area = area;
        self.rows = Rows::new(area);
    }

    /// Begins a frame. What was drawn before it, such as the clearing of the screen, becomes part of it.
    pub fn begin(&self) -> io::Result<()> {
        let mut bytes = self.frame.0.borrow_mut();
        let earlier = mem::take(&mut *bytes);
        queue!(bytes, BeginSynchronizedUpdate)?;
        bytes.extend(earlier);
        Ok(())
    }

    /// Writes the frame. An error means that the terminal is gone.
    pub fn commit(&self) -> io::Result<()> {
        let mut bytes = self.frame.0.borrow_mut();
        queue!(bytes, EndSynchronizedUpdate)?;
        let written = output::write(&bytes);
        bytes.clear();
        written
    }

    /// Writes a row whole, so that nothing is left of what the terminal made wider or narrower than we did. After each
    /// cell that it may see so, the cursor is put where the next one belongs; without line wrap, because a cell that
    /// grows at the edge would go on in the next row.
    fn rewrite(&mut self, y: u16) -> io::Result<()> {
        self.rows.settle(y);
        queue!(
            self.frame,
            DisableLineWrap,
            MoveTo(0, y),
            terminal::Clear(terminal::ClearType::UntilNewLine)
        )?;
        let cells: Vec<(u16, u16, &Cell)> =
            self.rows.cells(y).map(|(x, cell)| (x, y, cell)).collect();
        // A drawing of its own begins by placing the cursor.
        for run in cells.chunk_by(|(_, _, before), _| !is_doubtful(before)) {
            self.commands.draw(run.iter().copied())?;
        }
        queue!(self.frame, EnableLineWrap)
    }
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        let changed: Vec<Placed<'_>> = content.collect();
        for (x, y, cell) in &changed {
            self.rows.put(*x, *y, cell);
        }
        let doubtful = |(_, y, _): &Placed<'_>| self.rows.is_doubtful(*y).then_some(*y);
        // One drawing for all rows between two doubtful ones.
        let drawings: Vec<(Option<u16>, &[Placed<'_>])> = changed
            .chunk_by(|one, next| doubtful(one) == doubtful(next))
            .filter_map(|drawing| Some((doubtful(drawing.first()?), drawing)))
            .collect();
        for (row, cells) in drawings {
            match row {
                Some(y) => self.rewrite(y)?,
                None => self.commands.draw(cells.iter().copied())?,
            }
        }
        Ok(())
    }

    fn hide_cursor(&mut self) -> io::Result<()> {
        self.commands.hide_cursor()
    }

    fn show_cursor(&mut self) -> io::Result<()> {
        self.commands.show_cursor()
    }

    /// The position that was set last.
    fn get_cursor_position(&mut self) -> io::Result<Position> {
        Ok(self.cursor)
    }

    fn set_cursor_position<P: Into<Position>>(&mut self, position: P) -> io::Result<()> {
        self.cursor = position.into();
        self.commands.set_cursor_position(self.cursor)
    }

    fn clear(&mut self) -> io::Result<()> {
        self.rows = Rows::new(self.area);
        self.commands.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
        // Only the whole viewport is ever cleared, and it is the whole screen.
        self.rows = Rows::new(self.area);
        self.commands.clear_region(region)
    }

    fn size(&self) -> io::Result<Size> {
        Ok(self.area.as_size())
    }

    fn window_size(&mut self) -> io::Result<WindowSize> {
        Ok(WindowSize {
            columns_rows: self.area.as_size(),
            pixels: Size::default(),
        })
    }

    fn flush(&mut self) -> io::Result<()> {
        Backend::flush(&mut self.commands)
    }
}

#[cfg(test)]
mod tests {
    use super::FrameBackend;
    use ratatui::{Terminal, TerminalOptions, Viewport, layout::Rect, widgets::Paragraph};
    use unicode_width::UnicodeWidthStr;

    fn drawn(terminal: &mut Terminal<FrameBackend>, text: &str) -> String {
        terminal.backend().begin().unwrap();
        terminal
            .draw(|frame| frame.render_widget(Paragraph::new(text), frame.area()))
            .unwrap();
        let bytes = std::mem::take(&mut *terminal.backend().frame.0.borrow_mut());
        String::from_utf8(bytes).unwrap()
    }

    fn terminal(columns: u16, rows: u16) -> Terminal<FrameBackend> {
        let area = Rect::new(0, 0, columns, rows);
        Terminal::with_options(
            FrameBackend::new(area),
            TerminalOptions {
                viewport: Viewport::Fixed(area),
            },
        )
        .unwrap()
    }

    #[test]
    fn a_frame_holds_only_what_changed() {
        let mut terminal = terminal(20, 2);
        let first = drawn(&mut terminal, "hello_there");
        assert!(first.starts_with("\x1b[?2026h"), "{first:?}");
        assert!(first.contains("hello_there"), "{first:?}");
        let second = drawn(&mut terminal, "hello_Where");
        assert!(
            second.contains('W') && !second.contains("hello"),
            "{second:?}"
        );
    }

    #[test]
    fn clearing_asks_the_terminal_nothing() {
        let mut terminal = terminal(4, 1);
        terminal.resize(Rect::new(0, 0, 3, 1)).unwrap();
        terminal.clear().unwrap();
        let frame = drawn(&mut terminal, "x");
        assert!(!frame.contains("\x1b[6n"), "{frame:?}");
        assert!(
            frame.starts_with("\x1b[?2026h\x1b["),
            "the clearing is inside: {frame:?}"
        );
    }

    #[test]
    fn after_what_terminals_measure_differently_the_cursor_is_placed() {
        for text in ["a🇩🇪b", "aहिन्दीb", "aநிலைb", "a❤\u{fe0f}b", "ae\u{301}b"]
        {
            let frame = drawn(&mut terminal(20, 2), text);
            let column = text.width();
            let placed = format!("\x1b[1;{column}Hb");
            assert!(frame.contains(&placed), "{text}: {frame:?}");
        }
        assert_eq!(
            drawn(&mut terminal(20, 2), "a日b")
                .matches("\x1b[K")
                .count(),
            0
        );
    }

    #[test]
    fn a_row_that_held_such_a_thing_is_written_whole_when_it_changes() {
        let mut terminal = terminal(20, 2);
        drawn(&mut terminal, "🇩🇪_same\nbelow");
        let second = drawn(&mut terminal, "xy_same\nbelow");
        assert!(second.contains("\x1b[1;1H\x1b[K"), "{second:?}");
        assert!(second.contains("xy_same             "), "{second:?}");
        assert!(!second.contains("below"), "{second:?}");
        let third = drawn(&mut terminal, "xz_same\nbelow");
        assert!(!third.contains("same"), "it is settled: {third:?}");
    }

    #[test]
    fn a_cell_that_grows_at_the_edge_does_not_reach_the_next_row() {
        let frame = drawn(&mut terminal(4, 2), "ab🇩🇪");
        let (off, on) = (frame.find("\x1b[?7l"), frame.find("\x1b[?7h"));
        let flag = frame.find('🇩');
        assert!(off.is_some() && off < flag && flag < on, "{frame:?}");
    }
}
