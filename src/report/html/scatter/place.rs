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

    /// Where a label of so many characters begins, and its base line: beside the point, or where there is room nearby.
    pub(super) fn place(&mut self, x: f64, y: f64, chars: usize) -> (f64, f64) {
        let width = chars as f64 * Self::CHAR;
        let (right, left) = (x + 11.0, x - 11.0 - width);
        let lines = [0.0, -14.0, 14.0, -28.0, 28.0, -42.0, 42.0];
        let places = lines
            .iter()
            .flat_map(|down| [(right, y + 4.5 + down), (left, y + 4.5 + down)]);
        let area =
            |(left, base): (f64, f64)| (left, base - Self::HEIGHT + 2.0, left + width, base + 2.0);
        let is_free = |place: &(f64, f64)| {
            let own = area(*place);
            let is_inside = own.0 >= Frame::LEFT
                && own.2 <= Frame::WIDTH
                && own.1 >= 0.0
                && own.3 <= Frame::BOTTOM;
            is_inside && self.taken.iter().all(|other| !is_over(own, *other))
        };
        let fallback = ((right).min(Frame::WIDTH - width).max(0.0), y + 4.5);
        let place = places.into_iter().find(is_free).unwrap_or(fallback);
        self.taken.push(area(place));
        place
    }
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
            labels.place(250.0, y, 10);
        }
        for (place, own) in labels.taken.iter().enumerate().skip(before) {
            for other in &labels.taken[..place] {
                assert!(!is_over(*own, *other), "{own:?} {other:?}");
            }
        }
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
