//! What the person does at the terminal: keys and pastes, read on a thread of its own so that no slow or vanished
//! terminal can stop the loop. Decides nothing; resizes come from the runtime's signals.
//!
//! The terminal is read here and not by crossterm's event stream, because that one reads blocking on whoever polls it,
//! spins for ever once the terminal is gone, and forgets what exceeds one kilobyte until the next key.

#[cfg(unix)]
pub mod keys;
#[cfg(unix)]
mod reader;
#[cfg(not(unix))]
#[path = "input/portable.rs"]
mod reader;

use crossterm::event::Event;
pub use reader::Reader;

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Read {
    /// A key, a paste, or a resize where no signal tells of it.
    Event(Event),
    /// The terminal is gone.
    Gone,
}

/// Joins what came in a burst: pastes that follow each other become one, of several resizes the last one counts, and
/// line ends become `\n`. The order of the rest stays.
pub fn coalesce(burst: impl IntoIterator<Item = Read>) -> Vec<Read> {
    let mut joined: Vec<Read> = Vec::new();
    for read in burst {
        match (joined.last_mut(), read) {
            (Some(Read::Event(Event::Paste(text))), Read::Event(Event::Paste(more))) => {
                text.push_str(&with_plain_line_ends(&more));
            }
            (
                Some(Read::Event(last @ Event::Resize(..))),
                Read::Event(event @ Event::Resize(..)),
            ) => {
                *last = event;
            }
            (_, Read::Event(Event::Paste(text))) => {
                joined.push(Read::Event(Event::Paste(with_plain_line_ends(&text))));
            }
            (_, read) => joined.push(read),
        }
    }
    joined
}

/// Terminals paste a line end as `\r`.
fn with_plain_line_ends(text: &str) -> String {
    text.replace("\r\n", "\n").replace('\r', "\n")
}

#[cfg(test)]
mod tests {
    use super::{Read, coalesce};
    use crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};

    fn key(letter: char) -> Read {
        Read::Event(Event::Key(KeyEvent::new(
            KeyCode::Char(letter),
            KeyModifiers::NONE,
        )))
    }

    fn paste(text: &str) -> Read {
        Read::Event(Event::Paste(text.to_owned()))
    }

    #[test]
    fn pastes_in_a_row_become_one_with_plain_line_ends() {
        assert_eq!(
            coalesce([paste("a\r\nb\rc"), paste("d"), key('x'), paste("e")]),
            [paste("a\nb\ncd"), key('x'), paste("e")]
        );
    }

    #[test]
    fn of_resizes_in_a_row_the_last_counts() {
        let resize = |width| Read::Event(Event::Resize(width, 10));
        assert_eq!(
            coalesce([resize(1), resize(2), key('x'), resize(3), Read::Gone]),
            [resize(2), key('x'), resize(3), Read::Gone]
        );
    }
}
