//! Bytes to the terminal, past the standard library's buffered and locked stream, so that a panic in the middle of a
//! frame can still write; and the terminal's size. Knows nothing of escape sequences.

use ratatui::layout::Rect;
use std::io;

/// Writes all of it. An error means that the terminal is gone.
#[cfg(unix)]
pub fn write(mut bytes: &[u8]) -> io::Result<()> {
    use rustix::{
        event::{PollFd, PollFlags, poll},
        io::Errno,
        stdio::stdout,
    };
    while !bytes.is_empty() {
        match rustix::io::write(stdout(), bytes) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => bytes = bytes.get(written..).unwrap_or_default(),
            Err(Errno::INTR) => {}
            // Whoever shares the terminal may have made it non-blocking.
            Err(Errno::AGAIN) => {
                let ready = poll(&mut [PollFd::new(&stdout(), PollFlags::OUT)], None);
                if let Err(error) = ready
                    && error != Errno::INTR
                {
                    return Err(error.into());
                }
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// Writes all of it. An error means that the terminal is gone.
#[cfg(not(unix))]
pub fn write(bytes: &[u8]) -> io::Result<()> {
    use std::io::Write;
    let mut stdout = io::stdout().lock();
    stdout.write_all(bytes)?;
    stdout.flush()
}

/// The terminal's size; 80 × 24 where it does not tell.
#[cfg(unix)]
pub fn size() -> Rect {
    rustix::termios::tcgetwinsize(rustix::stdio::stdout())
        .map_or(USUAL, |size| within_reason(size.ws_col, size.ws_row))
}

/// The terminal's size; 80 × 24 where it does not tell.
#[cfg(not(unix))]
pub fn size() -> Rect {
    crossterm::terminal::size().map_or(USUAL, |(width, height)| within_reason(width, height))
}

const USUAL: Rect = Rect::new(0, 0, 80, 24);

/// What a terminal claims is not trusted with memory: 65 535 columns and rows would be 4 billion cells.
fn within_reason(columns: u16, rows: u16) -> Rect {
    if columns == 0 || rows == 0 {
        return USUAL;
    }
    Rect::new(0, 0, columns.min(1000), rows.min(500))
}

/// Whether keys can be read: from standard input, or from the terminal behind it.
#[cfg(unix)]
pub fn has_keys() -> bool {
    use std::io::IsTerminal;
    io::stdin().is_terminal()
        || std::fs::File::open("/dev/tty").is_ok_and(|terminal| terminal.is_terminal())
}

/// Whether keys can be read.
#[cfg(not(unix))]
pub fn has_keys() -> bool {
    use std::io::IsTerminal;
    io::stdin().is_terminal()
}

#[cfg(test)]
mod tests {
    use super::{USUAL, within_reason};
    use ratatui::layout::Rect;

    #[test]
    fn a_size_is_taken_within_reason() {
        assert_eq!(within_reason(0, 24), USUAL);
        assert_eq!(within_reason(1, 1), Rect::new(0, 0, 1, 1));
        assert_eq!(within_reason(u16::MAX, u16::MAX).area(), 500_000);
    }
}
