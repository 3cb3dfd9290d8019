//! Where things stand in a chart: the frame with its two scales, and labels that cover nothing.

use crate::domain::stats::Interval;

/// The scales of a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Frame {
    /// Where the logarithmic scale begins; left of it stands what is 0.
    pub(super) left: f64,
    has_zero: bool,
    logs: (f64, f64),
    rates: (f64, f64),
}

/// A rectangle: left, top, right, bottom.
type Area = (f64, f64, f64, f64);

/// What is taken already.
#[derive(Debug, Clone, PartialEq, Default)]
pub(super) struct Labels {
    taken: Vec<Area>,
}

/// Where a label stands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Spot {
    /// Where it begins.
    pub(super) left: f64,
    /// Where it ends at the latest.
    pub(super) right: f64,
    /// Its base line.
    pub(super) base: f64,
    /// The end of the line that leads to it from its point, where it does not stand beside it.
    pub(super) leader: Option<(f64, f64)>,
}

impl Frame {
    pub(super) const WIDTH: f64 = 520.0;
    pub(super) const HEIGHT: f64 = 340.0;
    pub(super) const LEFT: f64 = 58.0;
    pub(super) const RIGHT: f64 = 506.0;
    pub(super) const TOP: f64 = 30.0;
    pub(super) const BOTTOM: f64 = 286.0;

    pub(super) fn around(
        xs: impl Iterator<Item = f64>,
        intervals: impl Iterator<Item = Interval>,
    ) -> Self {
        let (mut has_zero, mut low, mut high) = (false, f64::INFINITY, f64::NEG_INFINITY);
        for x in xs {
            if x > 0.0 {
                low = low.min(x.log10());
                high = high.max(x.log10());
            } else {
                has_zero = true;
            }
        }
        if low > high {
            (low, high) = (0.0, 0.0);
        }
        let pad = ((high - low) * 0.12).max(0.15);
        let (least, most) = intervals.fold((1.0_f64, 0.0_f64), |ends, interval| {
            (ends.0.min(interval.low), ends.1.max(interval.high))
        });
        let bottom = ((least * 10.0).floor() / 10.0).min(0.8);
        let top = ((most * 10.0).ceil() / 10.0).max(bottom + 0.2);
        Self {
            left: if has_zero {
                Self::LEFT + 56.0
            } else {
                Self::LEFT
            },
            has_zero,
            logs: (low - pad, high + pad),
            rates: (bottom, top),
        }
    }

    /// Where a lane stands.
    pub(super) fn at(&self, x: f64, rate: f64) -> (f64, f64) {
        let across = if x > 0.0 {
            let share = (x.log10() - self.logs.0) / (self.logs.1 - self.logs.0);
            self.left + share * (Self::RIGHT - self.left)
        } else {
            Self::LEFT + 28.0
        };
        let share = (rate - self.rates.0) / (self.rates.1 - self.rates.0);
        (across, Self::BOTTOM - share * (Self::BOTTOM - Self::TOP))
    }

    /// The rates that have a line.
    pub(super) fn rates(&self) -> Vec<f64> {
        let step = if self.rates.1 - self.rates.0 > 0.55 {
            0.2
        } else {
            0.1
        };
        let steps = |value: f64| (value / step).round();
        let mut rates = Vec::new();
        let mut at = (self.rates.0 / step - 1e-9).ceil();
        while at <= steps(self.rates.1) + 1e-9 && at * step <= self.rates.1 + 1e-9 {
            // Not −0.
            rates.push(at * step + 0.0);
            at += 1.0;
        }
        rates
    }

    /// Where the label of so many characters below a value stands, in its middle: inside of the drawing.
    pub(super) fn tick_label(x: f64, chars: usize) -> f64 {
        let half = chars as f64 * Labels::CHAR / 2.0;
        x.min(Self::WIDTH - half - 1.0)
    }

    /// The values that have a line: 0 where something is free, then powers of ten, and steps between them where there is
    /// room.
    pub(super) fn ticks(&self) -> Vec<f64> {
        let mut ticks = Vec::new();
        if self.has_zero {
            ticks.push(0.0);
        }
        let span = self.logs.1 - self.logs.0;
        let steps: &[f64] = if span < 1.0 {
            &[1.0, 2.0, 3.0, 5.0]
        } else if span < 2.8 {
            &[1.0, 3.0]
        } else {
            &[1.0]
        };
        let every = (span / 6.0).ceil().max(1.0);
        let mut power = (self.logs.0 / every).floor() * every;
        while power <= self.logs.1 {
            let inside = steps
                .iter()
                .map(|step| step * 10_f64.powf(power))
                .filter(|tick| (self.logs.0..=self.logs.1).contains(&tick.log10()));
            ticks.extend(inside);
            power += every;
        }
        ticks
    }
}

impl Labels {
    const HEIGHT: f64 = 13.0;
    const CHAR: f64 = 7.0;
    /// A label farther from its point than this is looked for in vain.
    const FARTHEST: f64 = 90.0;
    /// Steps in each direction.
    const REACH: i32 = 20;

    /// Keeps labels away from a point and its interval.
    pub(super) fn block(&mut self, x: f64, (high, low): (f64, f64), y: f64) {
        self.taken.push((x - 2.0, high, x + 2.0, low));
        self.taken.push((x - 7.0, y - 7.0, x + 7.0, y + 7.0));
    }

    /// Keeps labels away from a step of the line: across, then up.
    pub(super) fn block_step(&mut self, from: (f64, f64), to: (f64, f64)) {
        self.taken.push((from.0, from.1 - 1.5, to.0, from.1 + 1.5));
        self.taken
            .push((to.0 - 1.5, to.1.min(from.1), to.0 + 1.5, to.1.max(from.1)));
    }

    /// Where a label of so many columns stands: beside the point, or as near as there is room, with a line that leads there.
    /// `None` where there is none nearby.
    pub(super) fn place(&mut self, x: f64, y: f64, columns: usize) -> Option<Spot> {
        let width = columns as f64 * Self::CHAR;
        let beside = [
            (x + 11.0, y + 4.5),
            (x - 11.0 - width, y + 4.5),
            (x - width / 2.0, y - 10.0),
            (x - width / 2.0, y + 19.0),
        ];
        let free = beside.into_iter().find(|place| self.is_free(*place, width));
        let spot = match free {
            Some((left, base)) => Spot {
                left,
                right: left + width,
                base,
                leader: None,
            },
            None => self.nearest(x, y, width)?,
        };
        self.taken.push(area((spot.left, spot.base), width));
        if let Some(end) = spot.leader {
            self.taken.extend(along((x, y), end).map(dot));
        }
        Some(spot)
    }

    /// The free place with the shortest line to the point that covers no label and no other point.
    fn nearest(&self, x: f64, y: f64, width: f64) -> Option<Spot> {
        let mut places: Vec<(f64, Spot)> = Vec::new();
        for row in -Self::REACH..=Self::REACH {
            for column in -Self::REACH..=Self::REACH {
                let (left, base) = (
                    x - width / 2.0 + f64::from(column) * 14.0,
                    y + 4.5 + f64::from(row) * 7.0,
                );
                let own = area((left, base), width);
                let end = (x.clamp(own.0, own.2), y.clamp(own.1 + 1.0, own.3 - 1.0));
                let distance = (end.0 - x).hypot(end.1 - y);
                if (9.0..=Self::FARTHEST).contains(&distance) && self.is_free((left, base), width) {
                    let leader = Some(end);
                    let right = left + width;
                    let spot = Spot {
                        left,
                        right,
                        base,
                        leader,
                    };
                    places.push((distance, spot));
                }
            }
        }
        places.sort_by(|a, b| a.0.total_cmp(&b.0));
        let is_clear = |spot: &Spot| {
            let end = spot.leader.unwrap_or((x, y));
            let mut dots = along((x, y), end).map(dot);
            dots.all(|dot| {
                self.taken.iter().all(|other| {
                    // Across an interval it may lead, and out of its own point it has to.
                    let is_interval = other.2 - other.0 < 5.0;
                    let is_own = other.0 <= x && x <= other.2 && other.1 <= y && y <= other.3;
                    is_interval || is_own || !is_over(dot, *other)
                })
            })
        };
        places.into_iter().map(|(_, spot)| spot).find(is_clear)
    }

    fn is_free(&self, place: (f64, f64), width: f64) -> bool {
        let own = area(place, width);
        let is_inside =
            own.0 >= Frame::LEFT && own.2 <= Frame::WIDTH && own.1 >= 0.0 && own.3 <= Frame::BOTTOM;
        is_inside && self.taken.iter().all(|other| !is_over(own, *other))
    }
}

/// What a label covers.
fn area((left, base): (f64, f64), width: f64) -> Area {
    (left, base - Labels::HEIGHT + 2.0, left + width, base + 2.0)
}

/// Places on a line, its beginning aside.
fn along(from: (f64, f64), to: (f64, f64)) -> impl Iterator<Item = (f64, f64)> {
    (2..12).map(move |step| {
        let share = f64::from(step) / 12.0;
        (
            from.0 + share * (to.0 - from.0),
            from.1 + share * (to.1 - from.1),
        )
    })
}

const fn dot((x, y): (f64, f64)) -> Area {
    (x - 1.0, y - 1.0, x + 1.0, y + 1.0)
}

fn is_over(a: Area, b: Area) -> bool {
    a.0 < b.2 && b.0 < a.2 && a.1 < b.3 && b.1 < a.3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_cover_nothing() {
        let mut labels = Labels::default();
        for y in [100.0, 101.0, 103.0] {
            labels.block(250.0, (80.0, 120.0), y);
        }
        let before = labels.taken.len();
        for y in [100.0, 101.0, 103.0] {
            labels.place(250.0, y, 10).unwrap();
        }
        let all = labels.taken.iter().enumerate().skip(before);
        // The lines that lead to them may cross an interval.
        for (place, own) in all.filter(|(_, own)| own.2 - own.0 > 5.0) {
            for other in &labels.taken[..place] {
                assert!(!is_over(*own, *other), "{own:?} {other:?}");
            }
        }
    }

    #[test]
    fn crowded_labels_stand_near_their_points_or_nowhere() {
        let mut labels = Labels::default();
        for _ in 0..60 {
            labels.block(250.0, (80.0, 120.0), 100.0);
        }
        let mut spots: Vec<Option<Spot>> =
            (0..60).map(|_| labels.place(250.0, 100.0, 20)).collect();
        assert!(spots.contains(&None), "there is no room for sixty");
        spots.retain(Option::is_some);
        assert!(spots.len() > 6, "{}", spots.len());
        let mut covered: Vec<Area> = Vec::new();
        for spot in spots.into_iter().flatten() {
            let own = area((spot.left, spot.base), 140.0);
            assert!(covered.iter().all(|other| !is_over(own, *other)));
            covered.push(own);
            let far = spot.leader.map(|end| (end.0 - 250.0).hypot(end.1 - 100.0));
            assert!(far.is_none_or(|far| far <= Labels::FARTHEST), "{spot:?}");
        }
    }

    #[test]
    fn the_last_value_of_a_scale_is_not_cut_off() {
        let end = Frame::tick_label(Frame::RIGHT, "100 ms".len()) + 3.0 * Labels::CHAR;
        assert!(end < Frame::WIDTH, "{end}");
        assert!((Frame::tick_label(100.0, 6) - 100.0).abs() < 1e-9);
    }

    #[test]
    fn a_scale_has_few_lines() {
        for xs in [[1.0, 1.1], [1.0, 50.0], [1e-6, 10.0], [1e-12, 1e12]] {
            let interval = Interval {
                low: 0.1,
                high: 0.9,
            };
            let frame = Frame::around(xs.into_iter(), [interval].into_iter());
            let ticks = frame.ticks();
            assert!((1..=9).contains(&ticks.len()), "{xs:?}: {ticks:?}");
            assert!((2..=8).contains(&frame.rates().len()));
        }
    }
}
