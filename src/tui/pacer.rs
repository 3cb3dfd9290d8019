//! When the next frame is due: a request becomes a deadline, many requests become one frame. Pure: it reads no clock,
//! waits for nothing and draws nothing.

use std::time::Duration;

/// Why a frame is wanted; decides how soon after the last one it may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cause {
    /// The person did something and waits to see it.
    Key,
    /// Text or figures arrived.
    Stream,
    /// Only a running clock moved on.
    Clock,
}

impl Cause {
    /// The shortest time between two frames.
    pub const fn gap(self) -> Duration {
        Duration::from_millis(match self {
            Self::Key => 16,
            Self::Stream => 33,
            Self::Clock => 100,
        })
    }
}

/// Collects requests for a frame. Times count from any fixed moment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pacer {
    drawn_at: Option<Duration>,
    due: Option<Duration>,
}

impl Pacer {
    /// Something changed at `now`: a frame is due as soon as the gap to the last one allows, at once after a quiet time.
    /// The earliest of several requests counts.
    pub fn request(&mut self, cause: Cause, now: Duration) {
        let at = self
            .drawn_at
            .map_or(now, |drawn| now.max(drawn.saturating_add(cause.gap())));
        self.due = Some(self.due.map_or(at, |due| due.min(at)));
    }

    /// When the next frame is due; never, while nothing changed.
    pub const fn due(&self) -> Option<Duration> {
        self.due
    }

    /// Whether a frame is to be drawn now.
    pub fn is_due(&self, now: Duration) -> bool {
        self.due.is_some_and(|due| due <= now)
    }

    /// A frame was drawn at `now`; it shows all that was requested so far.
    pub const fn drawn(&mut self, now: Duration) {
        self.drawn_at = Some(now);
        self.due = None;
    }
}

#[cfg(test)]
mod tests {
    use super::{Cause, Pacer};
    use proptest::prelude::*;
    use std::time::Duration;

    const fn ms(value: u64) -> Duration {
        Duration::from_millis(value)
    }

    fn drawn_at(at: u64) -> Pacer {
        let mut pacer = Pacer::default();
        pacer.drawn(ms(at));
        pacer
    }

    #[test]
    fn nothing_is_due_while_nothing_changed() {
        assert_eq!(Pacer::default().due(), None);
        assert!(!drawn_at(5).is_due(ms(10_000)));
    }

    #[test]
    fn the_first_frame_is_due_at_once() {
        let mut pacer = Pacer::default();
        pacer.request(Cause::Stream, ms(7));
        assert!(pacer.is_due(ms(7)));
    }

    #[test]
    fn a_quiet_time_before_the_change_means_no_wait() {
        let mut pacer = drawn_at(0);
        pacer.request(Cause::Stream, ms(500));
        assert_eq!(pacer.due(), Some(ms(500)));
    }

    #[test]
    fn streaming_waits_33_ms_and_a_key_16_ms_after_the_last_frame() {
        let mut pacer = drawn_at(100);
        pacer.request(Cause::Stream, ms(101));
        assert_eq!(pacer.due(), Some(ms(133)));
        pacer.request(Cause::Key, ms(102));
        assert_eq!(pacer.due(), Some(ms(116)));
    }

    #[test]
    fn a_later_request_never_puts_a_frame_off() {
        let mut pacer = drawn_at(100);
        pacer.request(Cause::Key, ms(101));
        pacer.request(Cause::Clock, ms(110));
        pacer.request(Cause::Stream, ms(115));
        assert_eq!(pacer.due(), Some(ms(116)));
    }

    #[test]
    fn drawing_settles_every_request() {
        let mut pacer = drawn_at(100);
        pacer.request(Cause::Key, ms(101));
        pacer.request(Cause::Stream, ms(101));
        pacer.drawn(ms(116));
        assert_eq!(pacer.due(), None);
    }

    proptest! {
        /// However often text arrives, frames stay at least 33 ms apart, and the last change is always shown.
        #[test]
        fn a_stream_is_drawn_at_most_every_33_ms(steps in prop::collection::vec(0_u64..20, 1..200)) {
            let mut pacer = Pacer::default();
            let mut now = ms(0);
            let mut last = None;
            for step in steps {
                now += ms(step);
                pacer.request(Cause::Stream, now);
                if pacer.is_due(now) {
                    if let Some(last) = last {
                        prop_assert!(now.saturating_sub(last) >= ms(33));
                    }
                    last = Some(now);
                    pacer.drawn(now);
                }
            }
            prop_assert!(last == Some(now) || pacer.due().is_some_and(|due| due <= now + ms(33)));
        }
    }
}
