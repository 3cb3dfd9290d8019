//! Binary frames to a dialect. An event becomes an object with its type as the only key, which is how AWS's models write
//! it; exceptions end the answer. Knows no dialect by name.

use super::{Format, Reading};
use crate::{
    domain::{event::StreamEvent, failure::LaneFailure},
    wire::{
        Dialect, error_body,
        eventstream::{Frame, FrameReader},
        json,
        lines::MAX_EVENT_BYTES,
        think::LateText,
    },
};
use serde_json::{Map, Value};
use std::time::Duration;

/// A dialect over binary frames.
#[derive(Debug)]
pub struct FrameDialect<F> {
    frames: FrameReader,
    reading: Reading<F>,
}

impl<F: Format + Default> Default for FrameDialect<F> {
    /// Before the first byte.
    fn default() -> Self {
        Self {
            frames: FrameReader::new(MAX_EVENT_BYTES),
            reading: Reading::default(),
        }
    }
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
            return self.not_an_answer(out);
        };
        self.take_value(&Value::from_iter([(name, payload)]), out)
    }
}

impl<F: Format> Dialect for FrameDialect<F> {
    fn arrive(&mut self, at: Duration) {
        self.reading.flow.arrive(at);
    }

    fn late(&self) -> Option<LateText> {
        self.reading.flow.late()
    }

    fn feed(&mut self, bytes: &[u8], out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        let reading = &mut self.reading;
        if reading.flow.is_over() {
            return Ok(());
        }
        let fed = self
            .frames
            .feed(bytes, |frame| reading.take_frame(frame, out));
        fed.map_err(|failure| self.reading.flow.fail(failure, out))
    }

    fn end(&mut self, out: &mut Vec<StreamEvent>) -> Result<(), LaneFailure> {
        if !self.reading.flow.is_over() {
            self.frames
                .finish()
                .map_err(|failure| self.reading.flow.fail(failure, out))?;
        }
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
