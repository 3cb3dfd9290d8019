//! Wire formats: turns a request into a JSON body, and bytes into events. Pure: no sockets, no clock, no keys.

use crate::domain::{event::StreamEvent, failure::LaneFailure};

/// Reads one answer in one wire format. One value per stream.
///
/// Bytes may be split anywhere, inside a UTF-8 character or between `\r` and `\n`; the events are the same. A reader
/// sends [`StreamEvent::Finished`] once, as its last event: when the format's terminator comes, or from [`Dialect::end`].
/// It never sends [`StreamEvent::Accepted`], nor an empty text.
pub trait Dialect: Send {
    /// Takes the bytes of one read. An error is the end of the stream; what is in `out` by then still counts.
    fn feed(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure>;

    /// The stream ended without a transport error. Without a finish it is `truncated`.
    fn end(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure>;

    /// The format's terminator has come: nothing more needs to be read.
    fn is_finished(&self) -> bool;

    /// A finish reason was seen and only trailers (usage, terminator) can follow; a server that then stays silent need
    /// not be waited for as long.
    fn is_settling(&self) -> bool {
        self.is_finished()
    }
}
