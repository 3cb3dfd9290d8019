//! From bytes to a dialect: the framings (events, lines of JSON, binary frames), what is no answer at all, and the errors
//! that come inside a stream. Knows no dialect by name.

mod frames;

use super::{
    Dialect, error_body,
    flow::Flow,
    json,
    lines::{Lines, MAX_EVENT_BYTES},
    sse::{SseItem, SseReader},
    think::LateText,
};
use crate::domain::{
    event::StreamEvent,
    failure::{FailureKind, LaneFailure},
};
pub use frames::Frames;
use serde_json::Value;
use std::time::Duration;

/// What a dialect adds to the framing: the meaning of one JSON value.
pub trait Format: Send {
    /// Whether only trailers can follow a finish reason.
    const SETTLES: bool;

    /// Takes one value. Calls [`Flow::know`] for what belongs to the dialect, [`Flow::conclude`] at its terminator.
    fn take(
        &mut self,
        value: &Value,
        flow: &mut Flow,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure>;
}

/// Bytes of anything else than events that are borne before the first event.
const MOST_JUNK_BYTES: usize = 256 << 10;

/// What all framings share.
#[derive(Debug, Default)]
pub struct Reading<F> {
    format: F,
    flow: Flow,
    junk: Junk,
}

/// What came that is no event: the beginning of the first of it, and how much it was.
#[derive(Debug, Default)]
struct Junk {
    first: Option<String>,
    bytes: usize,
}

impl Junk {
    fn push(&mut self, text: &str) {
        self.bytes += text.len();
        if self.first.is_none() && !text.trim().is_empty() {
            self.first = Some(error_body::excerpt(text));
        }
    }
}

impl<F: Format> Reading<F> {
    /// One JSON value. What it holds beside an error counts too.
    fn take_value(&mut self, value: &Value, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.flow.is_over() {
            return Ok(());
        }
        self.format
            .take(value, &mut self.flow, out)
            .map_err(|failure| self.flow.fail(failure, out))?;
        let failure = if self.flow.is_known() {
            error_body::amid_answer(value)
        } else {
            error_body::in_stream(value)
        };
        match failure {
            Some(failure) if !self.flow.is_over() => Err(self.flow.fail(failure, out)),
            _ => Ok(()),
        }
    }

    /// Text that says that it is an error, in whatever form.
    fn take_error(&mut self, text: &str, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.flow.is_over() {
            return Ok(());
        }
        Err(self.flow.fail(error_body::spoken(text), out))
    }

    /// Text that is no part of the format. It is borne where answers came before it.
    fn take_junk(&mut self, text: &str, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.flow.is_over() || self.flow.is_known() {
            return Ok(());
        }
        self.junk.push(text);
        let is_page = text.trim_start().starts_with('<');
        if is_page || self.junk.bytes > MOST_JUNK_BYTES {
            return Err(self.not_an_answer(out));
        }
        Ok(())
    }

    /// The failure of a body that is none of this format.
    fn not_an_answer(&mut self, out: &mut Vec<StreamEvent>) -> LaneFailure {
        let what = self.junk.first.as_deref().unwrap_or_default();
        let failure = LaneFailure::new(
            FailureKind::Protocol,
            format!("the server did not answer in the format of its API, but with: {what}"),
        );
        self.flow.fail(failure, out)
    }

    /// The data of one event, or one line. `is_cut`: it stands at the very end and may lack its rest.
    fn take_text(
        &mut self,
        text: &str,
        is_cut: bool,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let text = text.trim();
        if self.flow.is_over() || text.is_empty() {
            return Ok(());
        }
        match json::parse(text) {
            Some(value) => {
                self.take_value(&value, out)?;
                if !self.flow.is_known() {
                    self.junk.push(text);
                }
                Ok(())
            }
            None if is_cut && text.starts_with('{') => {
                self.flow.know();
                Ok(())
            }
            None if is_cut => self.take_junk(text, out),
            None => {
                self.junk.first = None;
                self.junk.push(text);
                Err(self.not_an_answer(out))
            }
        }
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.flow.is_over() {
            return Ok(());
        }
        if !self.flow.is_known() && self.junk.first.is_some() {
            return Err(self.not_an_answer(out));
        }
        self.flow.conclude(out)
    }
}

/// How bytes are cut into the values that a dialect reads. What it fails with is the end of the answer.
pub trait Framing: Send {
    /// Before the first byte.
    fn begin() -> Self;

    /// Takes the bytes of one read.
    fn feed<F: Format>(
        &mut self,
        bytes: &[u8],
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure>;

    /// No more bytes come; what was not complete is read as far as it can be.
    fn end<F: Format>(
        &mut self,
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure>;
}

/// A dialect over a framing.
#[derive(Debug)]
pub struct Framed<R, F> {
    framing: R,
    reading: Reading<F>,
}

/// A dialect over server-sent events.
pub type EventDialect<F> = Framed<SseReader, F>;
/// A dialect over lines of JSON.
pub type LineDialect<F> = Framed<Lines, F>;
/// A dialect over binary frames.
pub type FrameDialect<F> = Framed<Frames, F>;

impl<R: Framing, F: Format + Default> Default for Framed<R, F> {
    /// Before the first byte.
    fn default() -> Self {
        Self {
            framing: R::begin(),
            reading: Reading::default(),
        }
    }
}

impl<R: Framing, F: Format> Dialect for Framed<R, F> {
    fn arrive(&mut self, at: Duration) {
        self.reading.flow.arrive(at);
    }

    fn late(&self) -> Option<LateText> {
        self.reading.flow.late()
    }

    fn feed(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.is_finished() {
            return Ok(());
        }
        let fed = self.framing.feed(bytes, &mut self.reading, out);
        fed.map_err(|failure| self.reading.flow.fail(failure, out))
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if self.is_finished() {
            return Ok(());
        }
        let ended = self.framing.end(&mut self.reading, out);
        ended.map_err(|failure| self.reading.flow.fail(failure, out))?;
        self.reading.end(out)
    }

    fn is_finished(&self) -> bool {
        self.reading.flow.is_over()
    }

    fn has_finish(&self) -> bool {
        self.reading.flow.is_finishing()
    }

    fn is_settling(&self) -> bool {
        self.is_finished() || (F::SETTLES && self.reading.flow.is_finishing())
    }
}

impl Framing for SseReader {
    fn begin() -> Self {
        Self::new(MAX_EVENT_BYTES)
    }

    fn feed<F: Format>(
        &mut self,
        bytes: &[u8],
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        self.feed(bytes, |item| reading.take_item(item, false, out))
    }

    fn end<F: Format>(
        &mut self,
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        self.finish(|item| reading.take_item(item, true, out))
    }
}

impl Framing for Lines {
    fn begin() -> Self {
        Self::new(MAX_EVENT_BYTES)
    }

    fn feed<F: Format>(
        &mut self,
        bytes: &[u8],
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        self.feed(bytes, |line| {
            reading.take_text(&String::from_utf8_lossy(line), false, out)
        })
    }

    fn end<F: Format>(
        &mut self,
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        match self.finish() {
            Some(line) => reading.take_text(&String::from_utf8_lossy(&line), true, out),
            None => Ok(()),
        }
    }
}

impl<F: Format> Reading<F> {
    fn take_item(
        &mut self,
        item: SseItem<'_>,
        is_cut: bool,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        match item {
            SseItem::Event { data, .. } if data.trim() == "[DONE]" => {
                if self.flow.is_over() {
                    return Ok(());
                }
                if !self.flow.is_known() && self.junk.first.is_some() {
                    return Err(self.not_an_answer(out));
                }
                self.flow.know();
                self.flow.conclude(out)
            }
            SseItem::Event {
                name: "error",
                data,
            } => {
                if let Some(value) = json::parse(data) {
                    self.take_value(&value, out)?;
                }
                self.take_error(data, out)
            }
            SseItem::Event { data, .. } => self.take_text(data, is_cut, out),
            SseItem::Error(text) => self.take_error(text, out),
            SseItem::Json(text) => self.take_bare_json(text, is_cut, out),
            SseItem::Junk(line) => self.take_junk(line, out),
        }
    }

    /// JSON that stands in the stream by itself is an error that came too late for a status.
    fn take_bare_json(
        &mut self,
        text: &str,
        is_cut: bool,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let failure = match json::parse(text) {
            Some(value) => error_body::in_stream(&value),
            None if is_cut => error_body::cut(text),
            None => None,
        };
        match failure {
            Some(failure) if !self.flow.is_over() => Err(self.flow.fail(failure, out)),
            _ => self.take_junk(text, out),
        }
    }
}
