//! Whose turn it is at a place that lanes have to themselves, one after another, such as this machine under `fair`. Pure.
//!
//! A lane that answers one prompt at a time hands over after every cell. One that answers several at once keeps its turn
//! for some rounds: its sequences are empty only at the end of it.

/// So many times the cells that a lane has at once make a turn, where there is more than one.
const ROUNDS: u32 = 8;

/// Turns of the lanes of one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Shifts {
    /// The lanes, and how many cells each has at once.
    lanes: Vec<(usize, u32)>,
    now: Option<Shift>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Shift {
    lane: usize,
    in_flight: u32,
    /// Cells that may still be sent in this turn.
    left: u32,
}

impl Shifts {
    pub(super) const fn new() -> Self {
        Self {
            lanes: Vec::new(),
            now: None,
        }
    }

    /// A lane works here, with so many cells at once.
    pub(super) fn add(&mut self, lane: usize, most: u32) {
        self.lanes.push((lane, most.max(1)));
    }

    /// The lane whose turn it is, and whether it may send one more. `None` where a turn is over: the next one begins.
    pub(super) fn turn(&self) -> Option<(usize, bool)> {
        let now = self.now.filter(|now| now.in_flight > 0)?;
        Some((
            now.lane,
            now.left > 0 && now.in_flight < self.most(now.lane),
        ))
    }

    /// The turn goes on, for no other lane is to be next.
    pub(super) fn renew(&mut self) {
        self.now = self.now.map(|now| Shift {
            left: self.most(now.lane) * ROUNDS,
            ..now
        });
    }

    pub(super) fn sent(&mut self, lane: usize) {
        let most = self.most(lane);
        let whole = if most == 1 { 1 } else { most * ROUNDS };
        let now = self.now.filter(|now| now.in_flight > 0 && now.lane == lane);
        let now = now.unwrap_or(Shift {
            lane,
            in_flight: 0,
            left: whole,
        });
        self.now = Some(Shift {
            in_flight: now.in_flight + 1,
            left: now.left.saturating_sub(1),
            ..now
        });
    }

    pub(super) fn came_back(&mut self, lane: usize) {
        if let Some(now) = self.now.as_mut().filter(|now| now.lane == lane) {
            now.in_flight = now.in_flight.saturating_sub(1);
        }
    }

    fn most(&self, lane: usize) -> u32 {
        let found = self.lanes.iter().find(|(known, _)| *known == lane);
        found.map_or(1, |(_, most)| *most)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_cell_at_a_time_changes_hands_after_each() {
        let mut shifts = Shifts::new();
        shifts.add(0, 1);
        assert_eq!(shifts.turn(), None);
        shifts.sent(0);
        assert_eq!(shifts.turn(), Some((0, false)));
        shifts.came_back(0);
        assert_eq!(shifts.turn(), None);
    }

    #[test]
    fn several_at_once_keep_their_turn_for_some_rounds_and_no_other_is_let_in_before_they_are_done()
    {
        let mut shifts = Shifts::new();
        shifts.add(3, 4);
        for sent in 1..=4 {
            shifts.sent(3);
            assert_eq!(shifts.turn(), Some((3, sent < 4)));
        }
        for _ in 4..4 * ROUNDS {
            shifts.came_back(3);
            assert_eq!(shifts.turn(), Some((3, true)));
            shifts.sent(3);
        }
        for left in (0..4).rev() {
            shifts.came_back(3);
            assert_eq!(shifts.turn(), (left > 0).then_some((3, false)));
        }
    }

    #[test]
    fn a_turn_that_no_other_lane_waits_for_is_not_drained() {
        let mut shifts = Shifts::new();
        shifts.add(3, 2);
        shifts.renew();
        assert_eq!(shifts.turn(), None);
        for _ in 1..2 * ROUNDS {
            shifts.sent(3);
            shifts.came_back(3);
        }
        shifts.sent(3);
        shifts.sent(3);
        assert_eq!(shifts.turn(), Some((3, false)));
        shifts.came_back(3);
        shifts.renew();
        assert_eq!(shifts.turn(), Some((3, true)));
    }
}
