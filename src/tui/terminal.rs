//! The terminal's state: the only place that enters and leaves it. Leaving happens exactly once for each entering,
//! whoever asks first: the end of the loop, a panic, a signal, a suspend, an editor. Draws nothing, reads no keys.

pub mod backend;
mod line;
mod output;
mod rows;
mod stderr;
mod wheel;

use backend::FrameBackend;
use crossterm::{
    cursor::{Hide, Show},
    event::{
        DisableBracketedPaste, DisableFocusChange, DisableMouseCapture, EnableBracketedPaste,
        EnableFocusChange, KeyboardEnhancementFlags, PopKeyboardEnhancementFlags,
        PushKeyboardEnhancementFlags,
    },
    queue,
    style::ResetColor,
    terminal::{
        Clear, ClearType, EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen,
        disable_raw_mode, enable_raw_mode,
    },
};
use line::Line;
use ratatui::{Frame, Terminal, TerminalOptions, Viewport, layout::Rect};
use std::{
    io::{self, IsTerminal},
    panic,
    path::{Path, PathBuf},
    sync::{Mutex, MutexGuard, Once, PoisonError},
    thread,
};

pub use output::size;
use wheel::{GiveWheelBack, KeepWheel};

/// What [`leave`] has to undo; `None` while the terminal is the shell's.
static ENTERED: Mutex<Option<Entered>> = Mutex::new(None);

#[derive(Debug)]
struct Entered {
    stderr: stderr::Diverted,
}

/// The screen while it is ours. Dropping it leaves the terminal.
pub struct Screen {
    terminal: Terminal<FrameBackend>,
    log: Option<PathBuf>,
    is_up: bool,
    /// How another program got the terminal, while it has it.
    lent: Option<Line>,
}

impl Screen {
    /// Enters the terminal. `log` takes what is written to standard error meanwhile.
    pub fn enter(log: Option<PathBuf>) -> io::Result<Self> {
        let area = size();
        let terminal = Terminal::with_options(
            FrameBackend::new(area),
            TerminalOptions {
                // Fixed: the size is asked for when it changes, not at each frame, and never by starting `tput`.
                viewport: Viewport::Fixed(area),
            },
        )?;
        enter(log.as_deref())?;
        Ok(Self {
            terminal,
            log,
            is_up: true,
            lent: None,
        })
    }

    /// Draws one frame: one write, inside one synchronised update. An error means that the terminal is gone.
    pub fn draw(&mut self, render: impl FnOnce(&mut Frame<'_>)) -> io::Result<()> {
        if !self.is_up || self.area().is_empty() {
            return Ok(());
        }
        self.terminal.backend().begin()?;
        self.terminal.draw(render)?;
        self.terminal.backend().commit()
    }

    /// The area to draw on.
    pub fn area(&self) -> Rect {
        self.terminal.backend().area()
    }

    /// Takes over the terminal's present size; the next frame draws everything anew.
    pub fn refresh(&mut self) -> io::Result<()> {
        let area = size();
        self.terminal.backend_mut().resize(area);
        self.terminal.resize(area)?;
        self.terminal.clear()
    }

    /// Whether the screen is ours now.
    pub const fn is_up(&self) -> bool {
        self.is_up
    }

    /// Gives the terminal back for a while, to the shell.
    pub fn lend(&mut self) -> io::Result<()> {
        self.is_up = false;
        leave()
    }

    /// Gives the terminal to another program for a while, such as an editor. When this is dropped before the terminal
    /// was taken back, that program was ended from outside, and what it did to the terminal is undone.
    pub fn lend_to_program(&mut self) -> io::Result<()> {
        let left = self.lend();
        self.lent = Some(Line::saved());
        left
    }

    /// Takes the terminal again, whatever others did to it meanwhile; the next frame draws everything anew.
    pub fn take_back(&mut self) -> io::Result<()> {
        leave()?;
        if let Some(line) = self.lent.take() {
            line.give_back()?;
        }
        enter(self.log.as_deref())?;
        self.is_up = true;
        self.refresh()
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let left = leave();
        let undone = self.lent.take().map_or(Ok(()), undo);
        if let Err(error) = left.and(undone) {
            tracing::warn!(%error, "the terminal could not be put back in full");
        }
    }
}

impl std::fmt::Debug for Screen {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.debug_struct("Screen")
            .field("area", &self.area())
            .field("is_up", &self.is_up)
            .finish_non_exhaustive()
    }
}

/// Whether the process has a terminal to draw on and one to read from.
pub fn is_there() -> Result<(), &'static str> {
    if !io::stdout().is_terminal() {
        return Err("standard output");
    }
    if !output::has_keys() {
        return Err("standard input");
    }
    Ok(())
}

/// Puts the terminal back as it was: exactly once for each entering, a further call does nothing. Never stops at a
/// step that fails; reports the first failure after all steps.
pub fn leave() -> io::Result<()> {
    let Some(entered) = entered().take() else {
        return Ok(());
    };
    let mut first = Ok(());
    for step in [
        output::write(&closing()),
        disable_raw_mode(),
        entered.stderr.give_back(),
    ] {
        first = first.and(step);
    }
    first
}

/// Undoes what a program that had the terminal and was ended from outside may have done to it.
fn undo(line: Line) -> io::Result<()> {
    if !line::is_in_foreground() {
        return Ok(());
    }
    let mut bytes = closing();
    let queued = queue!(bytes, DisableMouseCapture);
    debug_assert!(queued.is_ok() || cfg!(windows));
    output::write(&bytes).and(line.give_back())
}

/// Makes a panic of this thread leave the terminal before it is reported. A panic of another thread is a lane's or a
/// task's: its message goes where standard error goes, and the screen stays.
pub fn restore_on_panic() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        let drawing = thread::current().id();
        let report = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            if thread::current().id() == drawing {
                // What fails here cannot be told: the panic itself is about to be.
                let _ = leave();
            } else {
                tracing::error!(%info, "a task panicked");
            }
            report(info);
        }));
    });
}

fn enter(log: Option<&Path>) -> io::Result<()> {
    // First of all, because it stops a process that is not in the foreground before it writes on the shell's screen.
    enable_raw_mode()?;
    *entered() = Some(Entered {
        stderr: stderr::Diverted::to(log),
    });
    output::write(&opening()).inspect_err(|_| {
        let _ = leave();
    })
}

/// A panic while the lock was held leaves a whole value behind: each change is one assignment.
fn entered() -> MutexGuard<'static, Option<Entered>> {
    ENTERED.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Mouse reports stay off, so that the terminal's own selection works. Focus reports are on: clocks that nobody sees run
/// slower.
fn opening() -> Vec<u8> {
    let mut bytes = Vec::new();
    let queued = queue!(
        bytes,
        EnterAlternateScreen,
        EnableBracketedPaste,
        EnableFocusChange,
        KeepWheel,
        Hide,
        Clear(ClearType::All)
    );
    // Pushed without asking first: the answer may take a terminal for ever, and one that does not know it ignores it.
    // The screens of a terminal have a stack each, so this comes after the alternate screen is entered.
    let pushed = queue!(
        bytes,
        PushKeyboardEnhancementFlags(KeyboardEnhancementFlags::DISAMBIGUATE_ESCAPE_CODES)
    );
    debug_assert!(queued.is_ok() && (pushed.is_ok() || cfg!(windows)));
    bytes
}

fn closing() -> Vec<u8> {
    let mut bytes = Vec::new();
    // The frame that a panic cut off may have begun a synchronised update.
    let ended = queue!(bytes, EndSynchronizedUpdate, ResetColor);
    let popped = queue!(bytes, PopKeyboardEnhancementFlags);
    let queued = queue!(
        bytes,
        DisableFocusChange,
        DisableBracketedPaste,
        GiveWheelBack,
        LeaveAlternateScreen,
        Show
    );
    debug_assert!(ended.is_ok() && queued.is_ok() && (popped.is_ok() || cfg!(windows)));
    bytes
}

#[cfg(test)]
mod tests {
    use super::{closing, leave, opening};

    #[test]
    fn every_mode_that_is_opened_is_closed() {
        let opening = String::from_utf8(opening()).unwrap();
        let closing = String::from_utf8(closing()).unwrap();
        for (on, off) in [
            ("\x1b[?1049h", "\x1b[?1049l"),
            ("\x1b[?2004h", "\x1b[?2004l"),
            ("\x1b[?1004h", "\x1b[?1004l"),
            ("\x1b[?25l", "\x1b[?25h"),
            ("\x1b[>1u", "\x1b[<1u"),
            ("\x1b[?1007s\x1b[?1007l", "\x1b[?1007h\x1b[?1007r"),
        ] {
            assert!(opening.contains(on), "{on:?}");
            assert!(closing.contains(off), "{off:?}");
        }
        assert!(!opening.contains("?1000"), "the mouse is the terminal's");
    }

    #[test]
    fn the_keyboard_is_given_back_on_the_screen_where_it_was_taken() {
        let opening = String::from_utf8(opening()).unwrap();
        let closing = String::from_utf8(closing()).unwrap();
        assert!(opening.find("\x1b[?1049h") < opening.find("\x1b[>1u"));
        assert!(closing.find("\x1b[<1u") < closing.find("\x1b[?1049l"));
    }

    #[test]
    fn leaving_what_was_not_entered_does_nothing() {
        leave().unwrap();
        leave().unwrap();
    }
}
