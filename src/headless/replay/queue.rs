//! Which cell comes next. Pure: knows neither lanes nor prompts, only their numbers.
//!
//! Every lane goes through the same runs in the same order, each at its own pace. Lanes of one station take turns, the one
//! that is furthest behind first; which of them begins rotates from run to run, so that none is always first or last.

use super::runs::Marks;
use std::collections::VecDeque;

/// A run and a lane, by their positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Place {
    pub(super) run: usize,
    pub(super) lane: usize,
}

/// What is still to be done.
#[derive(Debug, Clone)]
pub(super) struct Queue {
    runs: usize,
    lanes: Vec<Track>,
    /// Cells there is nothing to do for.
    is_done: Marks,
}

#[derive(Debug, Clone, Default)]
struct Track {
    next: usize,
    /// Cells that are to be tried again.
    again: VecDeque<usize>,
    is_given_up: bool,
    /// The next one is a new one, where there is one: what was turned away is not always the first to be tried again.
    is_new_first: bool,
}

impl Queue {
    /// All runs at all lanes, but for those that are done.
    pub(super) fn new(runs: usize, lanes: usize, is_done: Marks) -> Self {
        Self {
            runs,
            is_done,
            lanes: vec![Track::default(); lanes],
        }
    }

    /// Cells of one lane that are still to be sent.
    pub(super) fn left_of(&self, lane: usize) -> usize {
        let Some(track) = self.lanes.get(lane).filter(|track| !track.is_given_up) else {
            return 0;
        };
        let ahead = (track.next..self.runs).filter(|run| !self.has(Place { run: *run, lane }));
        track.again.len() + ahead.count()
    }

    /// The lane of these that is furthest behind and has something to do.
    pub(super) fn hindmost(&mut self, lanes: &[usize]) -> Option<usize> {
        for lane in lanes {
            self.skip_done(*lane);
        }
        let behind = |lane: usize| {
            let track = self.lanes.get(lane).filter(|track| !track.is_given_up)?;
            let run = match track.again.front() {
                Some(again) => (*again).min(track.next),
                None => track.next,
            };
            let has_some = !track.again.is_empty() || track.next < self.runs;
            has_some.then_some(run)
        };
        let many = lanes.len();
        lanes
            .iter()
            .enumerate()
            .filter_map(|(place, lane)| {
                let run = behind(*lane)?;
                Some(((run, (place + many - run % many) % many), *lane))
            })
            .min()
            .map(|(_, lane)| lane)
    }

    /// Whether nothing is to be sent now; what is given back later comes again.
    pub(super) fn is_empty(&mut self) -> bool {
        (0..self.lanes.len()).all(|lane| self.peek(lane).is_none())
    }

    /// The next cell of a lane, which stays.
    pub(super) fn peek(&mut self, lane: usize) -> Option<Place> {
        self.skip_done(lane);
        let track = self.lanes.get(lane).filter(|track| !track.is_given_up)?;
        let ahead = (track.next < self.runs).then_some(track.next);
        let again = track.again.front().copied();
        let run = if track.is_new_first {
            ahead.or(again)
        } else {
            again.or(ahead)
        }?;
        Some(Place { run, lane })
    }

    /// The next cell of a lane.
    pub(super) fn take(&mut self, lane: usize) -> Option<Place> {
        let place = self.peek(lane)?;
        let track = self.lanes.get_mut(lane)?;
        if track.again.front() == Some(&place.run) {
            track.again.pop_front();
        } else {
            track.next += 1;
            track.is_new_first = false;
        }
        Some(place)
    }

    /// A cell that was taken is to be tried again.
    pub(super) fn give_back(&mut self, place: Place) {
        if let Some(track) = self.lanes.get_mut(place.lane) {
            track.again.push_back(place.run);
            track.is_new_first = true;
        }
    }

    /// Nothing more of this lane is sent.
    pub(super) fn give_up(&mut self, lane: usize) {
        if let Some(track) = self.lanes.get_mut(lane) {
            track.is_given_up = true;
        }
    }

    fn has(&self, place: Place) -> bool {
        self.is_done.has(place.run, place.lane).unwrap_or(true)
    }

    fn skip_done(&mut self, lane: usize) {
        let Some(mut next) = self.lanes.get(lane).map(|track| track.next) else {
            return;
        };
        while next < self.runs && self.has(Place { run: next, lane }) {
            next += 1;
        }
        if let Some(track) = self.lanes.get_mut(lane) {
            track.next = next;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    fn marks(runs: usize, lanes: usize, is_done: impl Fn(Place) -> bool) -> Marks {
        let mut marks = Marks::none(runs, lanes);
        for run in 0..runs {
            for lane in 0..lanes {
                marks.set(run, lane, is_done(Place { run, lane }));
            }
        }
        marks
    }

    fn left(queue: &Queue) -> usize {
        (0..queue.lanes.len()).map(|lane| queue.left_of(lane)).sum()
    }

    #[test]
    fn lanes_take_turns_and_who_begins_rotates() {
        let mut queue = Queue::new(3, 3, Marks::none(3, 3));
        let mut order = Vec::new();
        while let Some(lane) = queue.hindmost(&[0, 1, 2]) {
            order.extend(queue.take(lane).map(|place| (place.run, place.lane)));
        }
        assert_eq!(
            order,
            [
                (0, 0),
                (0, 1),
                (0, 2),
                (1, 1),
                (1, 2),
                (1, 0),
                (2, 2),
                (2, 0),
                (2, 1)
            ]
        );
    }

    #[test]
    fn what_is_given_back_comes_again_and_a_lane_that_is_given_up_does_not() {
        let mut queue = Queue::new(
            2,
            2,
            marks(2, 2, |place| place == Place { run: 0, lane: 1 }),
        );
        assert_eq!(left(&queue), 3);
        let first = queue.take(0).unwrap();
        queue.give_back(first);
        assert_eq!(left(&queue), 3);
        // A new one goes before it, once.
        assert_eq!(queue.take(0), Some(Place { run: 1, lane: 0 }));
        assert_eq!(queue.take(0), Some(first));
        queue.give_back(first);
        assert_eq!(queue.take(0), Some(first), "nothing new is left");
        queue.give_back(first);
        queue.give_up(1);
        assert_eq!((left(&queue), queue.hindmost(&[1])), (1, None));
    }

    proptest! {
        #[test]
        fn every_cell_comes_exactly_once(runs in 0_usize..12, lanes in 1_usize..5, done in any::<u64>()) {
            let is_done = |place: Place| done >> ((place.run * lanes + place.lane) % 64) & 1 == 1;
            let mut queue = Queue::new(runs, lanes, marks(runs, lanes, is_done));
            let all: Vec<usize> = (0..lanes).collect();
            let mut seen = BTreeSet::new();
            let before = left(&queue);
            while let Some(lane) = queue.hindmost(&all) {
                let place = queue.take(lane).expect("it has one");
                prop_assert!(!is_done(place) && seen.insert(place));
            }
            prop_assert_eq!(seen.len(), before);
            let expected = (0..runs).flat_map(|run| (0..lanes).map(move |lane| Place { run, lane })).filter(|p| !is_done(*p)).count();
            prop_assert_eq!(before, expected);
        }
    }
}
