//! When the pieces of an answer arrived. Keeps no text and reads no clock: every time is given, since the run began.

use std::time::Duration;

/// The marks of one lane, and its pieces in three tracks.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Timeline {
    /// Asked for.
    pub queued: Option<Duration>,
    /// The latest wait began: for a turn, or before another attempt.
    pub waiting: Option<Duration>,
    /// Loading began.
    pub loading: Option<Duration>,
    /// t0: the last attempt was handed to the transport.
    pub sent: Option<Duration>,
    /// A new connection stood.
    pub connected: Option<Duration>,
    /// Response headers, or an engine slot.
    pub accepted: Option<Duration>,
    /// The last event that ended the lane.
    pub ended: Option<Duration>,
    /// Every piece, reasoning and answer.
    pub all: Track,
    /// The pieces of thinking.
    pub reasoning: Track,
    /// The pieces of the answer.
    pub answer: Track,
}

impl Timeline {
    /// Begins another attempt: the marks of the last one no longer count.
    pub fn restart(&mut self, at: Duration) {
        *self = Self {
            queued: self.queued,
            loading: self.loading,
            sent: Some(at),
            ..Self::default()
        };
    }

    /// Takes a piece of thinking with its number of characters.
    pub fn push_reasoning(&mut self, at: Duration, chars: u64) {
        self.all.push(at, chars);
        self.reasoning.push(at, chars);
    }

    /// Takes a piece of the answer with its number of characters.
    pub fn push_answer(&mut self, at: Duration, chars: u64) {
        self.all.push(at, chars);
        self.answer.push(at, chars);
    }
}

/// Pieces of one kind: first and last arrival, sizes, and the gaps between neighbours.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Track {
    span: Option<(Duration, Duration)>,
    chars: u64,
    first_arrival_chars: u64,
    chunks: u64,
    gaps_us: Vec<u32>,
}

impl Track {
    /// The most gaps kept: four times the longest answers of today. Later ones no longer move the percentiles.
    pub const MAX_GAPS: usize = 1 << 20;

    fn push(&mut self, at: Duration, chars: u64) {
        match &mut self.span {
            None => {
                self.span = Some((at, at));
                self.first_arrival_chars = chars;
            }
            Some((first, last)) => {
                if at == *first {
                    self.first_arrival_chars += chars;
                }
                if self.gaps_us.len() < Self::MAX_GAPS {
                    let gap = at.saturating_sub(*last).as_micros();
                    self.gaps_us.push(u32::try_from(gap).unwrap_or(u32::MAX));
                }
                *last = at.max(*last);
            }
        }
        self.chars += chars;
        self.chunks += 1;
    }

    /// Arrival of the first piece.
    pub fn first(&self) -> Option<Duration> {
        self.span.map(|(first, _)| first)
    }

    /// Arrival of the last piece.
    pub fn last(&self) -> Option<Duration> {
        self.span.map(|(_, last)| last)
    }

    /// Last arrival − first arrival.
    pub fn window(&self) -> Option<Duration> {
        self.span.map(|(first, last)| last.saturating_sub(first))
    }

    /// Characters of all pieces.
    pub const fn chars(&self) -> u64 {
        self.chars
    }

    /// Characters of all pieces that came with the first arrival.
    pub const fn first_arrival_chars(&self) -> u64 {
        self.first_arrival_chars
    }

    /// Pieces.
    pub const fn chunks(&self) -> u64 {
        self.chunks
    }

    /// Gaps between neighbouring pieces in microseconds, in the order of arrival.
    pub fn gaps_us(&self) -> &[u32] {
        &self.gaps_us
    }

    /// Whether nothing came.
    pub const fn is_empty(&self) -> bool {
        self.chunks == 0
    }
}
