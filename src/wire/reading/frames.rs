//! Binary frames to a dialect. An event becomes an object with its type as the only key, which is how AWS's models write
//! it; exceptions end the answer. Knows no dialect by name.

use super::{Format, Framing, Reading};
use crate::{
    domain::{event::StreamEvent, failure::LaneFailure},
    wire::{
        error_body,
        eventstream::{Frame, FrameReader},
        json,
        lines::MAX_EVENT_BYTES,
    },
};
use serde_json::{Map, Value};

/// More text than this is no explanation.
const MOST_TEXT_BYTES: usize = 64 << 10;

/// Binary frames, or the text that came in their place.
#[derive(Debug)]
pub struct Frames {
    reader: FrameReader,
    text: Option<Vec<u8>>,
    has_begun: bool,
}

impl Framing for Frames {
    fn begin() -> Self {
        Self {
            reader: FrameReader::new(MAX_EVENT_BYTES),
            text: None,
            has_begun: false,
        }
    }

    fn feed<F: Format>(
        &mut self,
        bytes: &[u8],
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        if !self.has_begun
            && let Some(first) = bytes.first()
        {
            self.has_begun = true;
            // A frame begins with its length, which would be far beyond the limit.
            self.text = (*first == b'{' || first.is_ascii_whitespace()).then(Vec::new);
        }
        let Some(text) = &mut self.text else {
            return self
                .reader
                .feed(bytes, |frame| reading.take_frame(frame, out));
        };
        let room = MOST_TEXT_BYTES - text.len();
        text.extend_from_slice(bytes.get(..room).unwrap_or(bytes));
        if bytes.len() < room {
            return Ok(());
        }
        Err(said_in_text(text, reading, out))
    }

    fn end<F: Format>(
        &mut self,
        reading: &mut Reading<F>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        match &self.text {
            Some(text) => Err(said_in_text(text, reading, out)),
            None => self.reader.finish(),
        }
    }
}

/// What a text means that came in the place of frames: an error that its status did not tell, or nothing of this format.
fn said_in_text<F: Format>(
    text: &[u8],
    reading: &mut Reading<F>,
    out: &mut Vec<StreamEvent>,
) -> LaneFailure {
    let text = String::from_utf8_lossy(text);
    let value = json::parse(&text);
    let failure = value.and_then(|value| error_body::in_stream(&value));
    failure.unwrap_or_else(|| {
        reading.junk.push(&text);
        reading.not_an_answer(out)
    })
}

impl<F: Format> Reading<F> {
    fn take_frame(
        &mut self,
        frame: Frame<'_>,
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        if self.flow.is_over() {
            return Ok(());
        }
        let failure = match frame {
            Frame::Event { name, payload } => return self.take_event(name, payload, out),
            Frame::Exception { name, payload } => {
                error_body::named(name, &String::from_utf8_lossy(payload))
            }
            Frame::Error { code, message } => {
                let payload = Value::from_iter([("message", message)]);
                error_body::named(code, &payload.to_string())
            }
        };
        Err(self.flow.fail(failure, out))
    }

    fn take_event(
        &mut self,
        name: &str,
        payload: &[u8],
        out: &mut Vec<StreamEvent>,
    ) -> Result<(), LaneFailure> {
        let text = String::from_utf8_lossy(payload);
        let payload = match text.trim() {
            "" => Some(Value::Object(Map::new())),
            text => json::parse(text),
        };
        let Some(payload) = payload else {
            self.junk.first = None;
            self.junk.push(&text);
            return Err(self.not_an_answer(out));
        };
        self.take_value(&Value::from_iter([(name, payload)]), out)
    }
}
