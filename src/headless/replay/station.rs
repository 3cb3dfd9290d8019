//! A place where cells are worked on, such as a host or this machine: how many at once, and how it backs off. Pure; time
//! is handed in.
//!
//! Additive increase, multiplicative decrease: trouble halves the number of cells at once and pauses the place; each cell
//! that gets through lets the number grow again.

use super::shift::Shifts;
use crate::domain::failure::FailureKind;
use std::time::Duration;
use tokio::time::Instant;

/// The first pause; each further trouble without a success doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
/// The longest pause that nobody asked for.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// The longest pause that a host may ask for.
const LONGEST_ASKED_PAUSE: Duration = Duration::from_secs(15 * 60);
/// A place that lets nothing through for so long is given up.
pub(super) const GIVEN_UP_AFTER: Duration = Duration::from_secs(10 * 60);

/// A place where cells are worked on.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Station {
    /// Cells at once when all is well.
    most: u32,
    /// Cells at once now.
    limit: f64,
    in_flight: u32,
    successes: u64,
    /// Troubles since the last success, and when they began.
    troubles: u32,
    since: Option<Instant>,
    paused_until: Option<Instant>,
    /// Where lanes have it to themselves, whose turn it is.
    shifts: Option<Shifts>,
    /// A cell has it to itself.
    is_held: bool,
}

impl Station {
    pub(super) fn new(most: u32) -> Self {
        Self {
            most: most.max(1),
            limit: f64::from(most.max(1)),
            in_flight: 0,
            successes: 0,
            troubles: 0,
            since: None,
            paused_until: None,
            shifts: None,
            is_held: false,
        }
    }

    /// A station whose lanes have it to themselves, one after another.
    pub(super) fn in_turns() -> Self {
        Self {
            shifts: Some(Shifts::new()),
            ..Self::new(1)
        }
    }

    /// A lane works here, with so many cells at once.
    pub(super) fn add(&mut self, lane: usize, most: u32) {
        if let Some(shifts) = self.shifts.as_mut() {
            shifts.add(lane, most);
            self.most = self.most.max(most);
            self.limit = f64::from(self.most);
        }
    }

    /// The lane whose turn it is, and whether it may send one more; `None` where any lane may.
    pub(super) fn turn(&self) -> Option<(usize, bool)> {
        self.shifts.as_ref().and_then(Shifts::turn)
    }

    /// Whether one more cell may be sent now.
    pub(super) fn is_open(&self, now: Instant) -> bool {
        let is_paused = self.paused_until.is_some_and(|until| now < until);
        // In trouble, one cell finds out whether it is over.
        let limit = if self.troubles > 0 { 1.0 } else { self.limit };
        !is_paused && !self.is_held && f64::from(self.in_flight) + 1.0 <= limit.max(1.0)
    }

    /// When a pause ends, where one keeps it closed.
    pub(super) fn opens_at(&self, now: Instant) -> Option<Instant> {
        self.paused_until.filter(|until| now < *until)
    }

    /// Cells at once when all is well.
    pub(super) const fn most(&self) -> u32 {
        self.most
    }

    /// Cells that got through so far.
    pub(super) const fn successes(&self) -> u64 {
        self.successes
    }

    /// Whether nothing is in flight.
    pub(super) const fn is_idle(&self) -> bool {
        self.in_flight == 0
    }

    /// What is sent now has it to itself until it comes back.
    pub(super) const fn hold(&mut self) {
        self.is_held = true;
    }

    /// The turn of a lane goes on, for no other one is to be next.
    pub(super) fn renew_turn(&mut self) {
        if let Some(shifts) = self.shifts.as_mut() {
            shifts.renew();
        }
    }

    /// A cell of this lane was sent.
    pub(super) fn sent(&mut self, lane: usize) {
        self.in_flight += 1;
        if let Some(shifts) = self.shifts.as_mut() {
            shifts.sent(lane);
        }
    }

    /// A cell came back, whatever came of it.
    pub(super) fn came_back(&mut self, lane: usize) {
        self.in_flight = self.in_flight.saturating_sub(1);
        self.is_held = false;
        if let Some(shifts) = self.shifts.as_mut() {
            shifts.came_back(lane);
        }
    }

    /// A cell got through; `had_to_wait` where the host turned it away at first.
    pub(super) fn success(&mut self, had_to_wait: bool) {
        self.successes += 1;
        self.troubles = 0;
        self.since = None;
        self.limit = if had_to_wait {
            (self.limit / 2.0).max(1.0)
        } else {
            (self.limit + 1.0 / self.limit).min(f64::from(self.most))
        };
    }

    /// The host turned a cell away, or was not there.
    pub(super) fn trouble(&mut self, now: Instant, asked: Option<Duration>) {
        let doubled = FIRST_PAUSE.saturating_mul(1 << self.troubles.min(10));
        let pause = match asked {
            Some(asked) => asked.min(LONGEST_ASKED_PAUSE),
            None => doubled.min(LONGEST_PAUSE),
        };
        self.troubles += 1;
        self.since.get_or_insert(now);
        self.limit = (self.limit / 2.0).max(1.0);
        let until = now + pause;
        self.paused_until = Some(
            self.paused_until
                .map_or(until, |earlier| earlier.max(until)),
        );
    }

    /// Whether it let nothing through for so long that waiting on is no use.
    pub(super) fn is_given_up(&self, now: Instant) -> bool {
        self.since
            .is_some_and(|since| now.duration_since(since) >= GIVEN_UP_AFTER)
    }
}

/// What a failure says about its host, and so about trying again.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Blame {
    /// The host has too much to do, or is away: later it may work.
    Host,
    /// Something broke; once more may work.
    Chance,
    /// Every prompt will fail the same way until somebody does something.
    Lane,
    /// It is this prompt.
    Prompt,
}

impl Blame {
    pub(super) const fn of(kind: FailureKind) -> Self {
        match kind {
            FailureKind::RateLimited | FailureKind::Overloaded | FailureKind::Connect => Self::Host,
            FailureKind::Server | FailureKind::Truncated | FailureKind::Protocol => Self::Chance,
            FailureKind::Auth
            | FailureKind::Permission
            | FailureKind::NotFound
            | FailureKind::Quota
            | FailureKind::Engine => Self::Lane,
            FailureKind::Rejected
            | FailureKind::ContextLength
            | FailureKind::Timeout
            | FailureKind::Blocked => Self::Prompt,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn trouble_halves_and_pauses_and_success_lets_it_grow_again() {
        let now = Instant::now();
        let mut station = Station::new(8);
        for _ in 0..8 {
            assert!(station.is_open(now));
            station.sent(0);
        }
        assert!(!station.is_open(now), "eight at once");
        station.came_back(0);
        station.trouble(now, None);
        assert!(!station.is_open(now));
        assert_eq!(station.opens_at(now), Some(now + FIRST_PAUSE));
        for _ in 0..7 {
            station.came_back(0);
        }
        let later = now + FIRST_PAUSE;
        assert!(station.is_open(later), "one finds out");
        station.sent(0);
        assert!(!station.is_open(later), "and only one");
        station.came_back(0);
        station.success(false);
        let mut open = 0;
        while station.is_open(later) {
            station.sent(0);
            open += 1;
        }
        assert_eq!(open, 4, "half of eight");
        for _ in 0..60 {
            station.came_back(0);
            station.success(false);
        }
        assert!((station.limit - 8.0).abs() < f64::EPSILON);
    }

    #[test]
    fn pauses_double_up_to_a_bound_and_what_the_host_asks_goes_first() {
        let now = Instant::now();
        let mut station = Station::new(2);
        for _ in 0..12 {
            station.trouble(now, None);
        }
        assert_eq!(station.opens_at(now), Some(now + LONGEST_PAUSE));
        station.trouble(now, Some(Duration::from_secs(90)));
        assert_eq!(station.opens_at(now), Some(now + Duration::from_secs(90)));
        station.trouble(now, Some(Duration::from_secs(1_000_000)));
        assert_eq!(station.opens_at(now), Some(now + LONGEST_ASKED_PAUSE));
        assert!(!station.is_given_up(now));
        assert!(station.is_given_up(now + GIVEN_UP_AFTER));
        station.success(false);
        assert!(!station.is_given_up(now + GIVEN_UP_AFTER));
    }
}
