//! Server-sent events, as servers really write them: bytes to events. Knows no dialect; what an event means is not its
//! business.
//!
//! Beyond the standard it keeps what a strict reader would drop in silence: an `error:` field, and JSON that stands in
//! the stream without a `data:` before it.

use super::lines::{Lines, too_long};
use crate::domain::failure::LaneFailure;

/// What a stream of events holds. Texts are decoded line by line; invalid UTF-8 has become U+FFFD.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SseItem<'a> {
    /// An event that has data.
    Event {
        /// The value of its `event:` line, or nothing.
        name: &'a str,
        /// Its `data:` lines, joined with `\n`.
        data: &'a str,
    },
    /// The value of an `error:` line.
    Error(&'a str),
    /// JSON that stands in the stream without a field before it.
    Json(&'a str),
    /// A line that is no field of an event.
    Junk(&'a str),
}

/// The beginning of one of these at the very end says nothing.
const FIELDS: [&[u8]; 5] = [b"data:", b"event:", b"error:", b"id:", b"retry:"];

/// Reads events out of bytes that may be split anywhere.
#[derive(Debug)]
pub struct SseReader {
    lines: Lines,
    event: EventParts,
}

impl SseReader {
    /// Events of at most `limit` bytes.
    pub const fn new(limit: usize) -> Self {
        Self {
            lines: Lines::new(limit),
            event: EventParts {
                name: String::new(),
                data: String::new(),
                has_data: false,
                json: None,
                limit,
            },
        }
    }

    /// Takes the bytes of one read and hands every item that they complete to `take`.
    ///
    /// Fails with `protocol` when an event is longer than the limit, and with what `take` fails with.
    pub fn feed(
        &mut self,
        bytes: &[u8],
        mut take: impl FnMut(SseItem<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let event = &mut self.event;
        self.lines
            .feed(bytes, |line| event.take_line(line, &mut take))
    }

    /// The stream ended: hands over what was begun and not closed with a blank line. It may be cut anywhere.
    pub fn finish(
        &mut self,
        mut take: impl FnMut(SseItem<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        if let Some(line) = self.lines.finish()
            && !FIELDS.iter().any(|field| field.starts_with(&line))
        {
            self.event.take_line(&line, &mut take)?;
        }
        if let Some(json) = self.event.json.take() {
            take(SseItem::Json(&json.text))?;
        }
        self.event.dispatch(&mut take)
    }
}

/// The event that is being read.
#[derive(Debug)]
struct EventParts {
    name: String,
    data: String,
    has_data: bool,
    json: Option<BareJson>,
    limit: usize,
}

impl EventParts {
    fn take_line(
        &mut self,
        line: &[u8],
        take: &mut impl FnMut(SseItem<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let line = String::from_utf8_lossy(line);
        if self.json.is_some() && !line.starts_with("data:") {
            return self.take_json_line(&line, take);
        }
        if let Some(json) = self.json.take() {
            take(SseItem::Junk(&json.text))?;
        }
        if line.is_empty() {
            return self.dispatch(take);
        }
        if line.starts_with(['{', '[']) {
            self.json = Some(BareJson::default());
            return self.take_json_line(&line, take);
        }
        let (field, value) = line.split_once(':').unwrap_or((&line, ""));
        let value = value.strip_prefix(' ').unwrap_or(value);
        match field {
            "data" => self.push_data(value),
            "event" => {
                value.clone_into(&mut self.name);
                Ok(())
            }
            "error" => take(SseItem::Error(value)),
            "" | "id" | "retry" => Ok(()),
            _ => take(SseItem::Junk(&line)),
        }
    }

    fn push_data(&mut self, value: &str) -> Result<(), LaneFailure> {
        if self.data.len() + value.len() >= self.limit {
            return Err(too_long(self.limit));
        }
        if self.has_data {
            self.data.push('\n');
        }
        self.has_data = true;
        self.data.push_str(value);
        Ok(())
    }

    fn take_json_line(
        &mut self,
        line: &str,
        take: &mut impl FnMut(SseItem<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let Some(json) = &mut self.json else {
            return Ok(());
        };
        if json.text.len() + line.len() >= self.limit {
            return Err(too_long(self.limit));
        }
        json.push(line);
        if json.is_closed() {
            let text = std::mem::take(&mut json.text);
            self.json = None;
            return take(SseItem::Json(&text));
        }
        Ok(())
    }

    fn dispatch(
        &mut self,
        take: &mut impl FnMut(SseItem<'_>) -> Result<(), LaneFailure>,
    ) -> Result<(), LaneFailure> {
        let name = std::mem::take(&mut self.name);
        if !std::mem::take(&mut self.has_data) {
            return Ok(());
        }
        let data = std::mem::take(&mut self.data);
        take(SseItem::Event {
            name: &name,
            data: &data,
        })
    }
}

/// JSON in the making; it is closed when its brackets balance.
#[derive(Debug, Default)]
struct BareJson {
    text: String,
    depth: usize,
    in_text: bool,
    escaped: bool,
}

impl BareJson {
    fn push(&mut self, line: &str) {
        for byte in line.bytes() {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' if self.in_text => self.escaped = true,
                b'"' => self.in_text = !self.in_text,
                b'{' | b'[' if !self.in_text => self.depth += 1,
                b'}' | b']' if !self.in_text => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
        }
        self.text.push_str(line);
        self.text.push('\n');
    }

    const fn is_closed(&self) -> bool {
        self.depth == 0
    }
}

#[cfg(test)]
mod tests;
