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
        .ok()
        .filter(|size| size.ws_col > 0 && size.ws_row > 0)
        .map_or(Rect::new(0, 0, 80, 24), |size| {
            Rect::new(0, 0, size.ws_col, size.ws_row)
        })
}

/// The terminal's size; 80 × 24 where it does not tell.
#[cfg(not(unix))]
pub fn size() -> Rect {
    let (width, height) = crossterm::terminal::size().unwrap_or((80, 24));
    Rect::new(0, 0, width, height)
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
