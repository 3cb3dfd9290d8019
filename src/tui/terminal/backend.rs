//! Where ratatui draws: a frame is collected, wrapped in a synchronised update and written at once. Never asks the
//! terminal anything: an answer that does not come would stop the program.

use super::output;
use crossterm::{
    queue,
    terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate},
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

/// The backend of the playground.
#[derive(Debug)]
pub struct FrameBackend {
    commands: CrosstermBackend<Bytes>,
    frame: Bytes,
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
            area,
            cursor: Position::ORIGIN,
        }
    }

    /// The terminal's area.
    pub const fn area(&self) -> Rect {
        self.area
    }

    /// The terminal has this size now.
    pub const fn resize(&mut self, area: Rect) {
        self.area = area;
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
}

impl Backend for FrameBackend {
    type Error = io::Error;

    fn draw<'a, I>(&mut self, content: I) -> io::Result<()>
    where
        I: Iterator<Item = (u16, u16, &'a Cell)>,
    {
        self.commands.draw(content)
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
        self.commands.clear()
    }

    fn clear_region(&mut self, region: ClearType) -> io::Result<()> {
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

    fn drawn(terminal: &mut Terminal<FrameBackend>, text: &str) -> String {
        terminal.backend().begin().unwrap();
        terminal
            .draw(|frame| frame.render_widget(Paragraph::new(text), frame.area()))
            .unwrap();
        let bytes = std::mem::take(&mut *terminal.backend().frame.0.borrow_mut());
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_frame_holds_only_what_changed() {
        let area = Rect::new(0, 0, 20, 2);
        let mut terminal = Terminal::with_options(
            FrameBackend::new(area),
            TerminalOptions {
                viewport: Viewport::Fixed(area),
            },
        )
        .unwrap();
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
        let area = Rect::new(0, 0, 4, 1);
        let mut terminal = Terminal::with_options(
            FrameBackend::new(area),
            TerminalOptions {
                viewport: Viewport::Fixed(area),
            },
        )
        .unwrap();
        terminal.resize(Rect::new(0, 0, 3, 1)).unwrap();
        terminal.clear().unwrap();
        let frame = drawn(&mut terminal, "x");
        assert!(!frame.contains("\x1b[6n"), "{frame:?}");
        assert!(
            frame.starts_with("\x1b[?2026h\x1b["),
            "the clearing is inside: {frame:?}"
        );
    }
}
