//! By how much a lane misses a term, in words: with so many digits that what differs is not written alike. Judges no lane.

use super::{
    choice::TermChoice,
    need::{Bound, Figure},
    words,
};
use crate::domain::figures;

/// Digits after which a difference is none that anybody could mean.
const MOST_DIGITS: usize = 12;

impl TermChoice {
    /// What it misses, and by how much.
    pub(super) fn miss(&self) -> String {
        let (name, value) = (self.term.figure.name(), self.term.value);
        let Some(figure) = self.figure else {
            return format!("{name} is not known");
        };
        let side = match self.term.bound {
            Bound::AtLeast | Bound::Above => "below",
            Bound::AtMost | Bound::Below => "above",
        };
        let gap = (figure - value).abs();
        if gap == 0.0 {
            return format!("{name} is exactly {}", self.written(value, 0));
        }
        let digits = (0..=MOST_DIGITS).find(|digits| {
            let is_apart = self.written(figure, *digits) != self.written(value, *digits);
            // A gap below a point is not written in whole points.
            let is_fine = !self.is_share() || gap >= 0.01 || *digits > 0;
            is_apart && is_fine && self.gap(gap, *digits) != self.gap(0.0, *digits)
        });
        let Some(digits) = digits else {
            return format!("{name} is hardly {side} {}", self.written(value, 0));
        };
        let mark = if self.is_estimated { "~" } else { "" };
        format!(
            "{name} is {mark}{}, {} {side} {}",
            self.written(figure, digits),
            self.gap(gap, digits),
            self.written(value, digits)
        )
    }

    /// Where the figure lies.
    pub(super) fn range(&self) -> String {
        let name = self.term.figure.name();
        if self.is_partial {
            return format!("{name} may be higher, for what some cells cost nobody told");
        }
        let Some(interval) = self.interval else {
            return format!("{name} has too few values");
        };
        // The ends and the bound between them, as far as they differ.
        let mut values = vec![interval.low, self.term.value, interval.high];
        values.sort_unstable_by(f64::total_cmp);
        values.dedup();
        let digits = (0..=MOST_DIGITS).find(|digits| {
            let written = values.iter().map(|value| self.written(*value, *digits));
            let written: Vec<String> = written.collect();
            written
                .windows(2)
                .all(|pair| matches!(pair, [a, b] if a != b))
        });
        let digits = digits.unwrap_or(MOST_DIGITS);
        format!(
            "{name} lies between {} and {}",
            self.written(interval.low, digits),
            self.written(interval.high, digits)
        )
    }

    const fn is_share(&self) -> bool {
        matches!(self.term.figure, Figure::Pass | Figure::Failed)
    }

    /// A value as everywhere, or with so many digits more.
    fn written(&self, value: f64, digits: usize) -> String {
        if digits == 0 {
            return match self.term.figure {
                Figure::Pass | Figure::Failed => words::percent(value),
                Figure::Ttft | Figure::Ttfa | Figure::E2e => figures::time(Some(value)),
                Figure::Speed => format!("{value:.1} tok/s"),
                Figure::Cost => figures::usd(Some(value), None),
                Figure::Tokens => format!("{value:.0}"),
            };
        }
        match self.term.figure {
            Figure::Pass | Figure::Failed => format!("{} %", fine(value * 100.0, digits)),
            Figure::Ttft | Figure::Ttfa | Figure::E2e if self.term.value >= 999.5 => {
                format!("{} s", fine(value / 1e3, digits + 1))
            }
            Figure::Ttft | Figure::Ttfa | Figure::E2e => format!("{} ms", fine(value, digits)),
            Figure::Speed => format!("{} tok/s", fine(value, digits + 1)),
            Figure::Cost => format!("${}", fine(value, digits + 3)),
            Figure::Tokens => fine(value, digits),
        }
    }

    /// A difference of two values.
    fn gap(&self, gap: f64, digits: usize) -> String {
        if !self.is_share() {
            return self.written(gap, digits);
        }
        let points = fine(gap * 100.0, digits);
        let word = if points == "1" { "point" } else { "points" };
        format!("{points} {word}")
    }
}

/// So many digits behind the point, without zeros at the end.
fn fine(value: f64, digits: usize) -> String {
    let written = format!("{value:.digits$}");
    if !written.contains('.') {
        return written;
    }
    written
        .trim_end_matches('0')
        .trim_end_matches('.')
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::stats::Interval;

    fn term(need: &str, figure: f64, interval: Option<(f64, f64)>) -> TermChoice {
        let term = need.parse().unwrap();
        let interval = interval.map(|(low, high)| Interval { low, high });
        TermChoice {
            term,
            figure: Some(figure),
            interval,
            is_met: false,
            is_certain: false,
            is_estimated: false,
            is_partial: false,
        }
    }

    #[test]
    fn what_misses_by_little_is_not_written_like_the_bound() {
        for (need, figure, said) in [
            (
                "speed>=50",
                49.996,
                "speed is 49.996 tok/s, 0.004 tok/s below 50 tok/s",
            ),
            (
                "cost<0.001",
                0.001_000_01,
                "cost is $0.00100001, $0.00000001 above $0.001",
            ),
            (
                "cost<0.001",
                0.002,
                "cost is $0.0020, $0.0010 above $0.0010",
            ),
            (
                "pass>=0.9",
                0.899_99,
                "pass is 89.999 %, 0.001 points below 90 %",
            ),
            ("pass>=0.9", 0.89, "pass is 89 %, 1 point below 90 %"),
            ("ttfa<2s", 2_000.4, "ttfa is 2.0004 s, 0.0004 s above 2 s"),
            ("ttfa<9ms", 9.01, "ttfa is 9.01 ms, 0.01 ms above 9 ms"),
            ("tokens<500", 500.5, "tokens is 500.5, 0.5 above 500"),
        ] {
            assert_eq!(term(need, figure, None).miss(), said);
        }
    }

    #[test]
    fn the_ends_and_the_bound_are_not_written_alike() {
        for (need, low, high, said) in [
            (
                "cost<0.001",
                0.000_999_99,
                0.001_000_02,
                "cost lies between $0.00099999 and $0.00100002",
            ),
            (
                "pass>=0.9",
                0.898,
                0.91,
                "pass lies between 89.8 % and 91 %",
            ),
            ("pass>=0.9", 0.68, 1.0, "pass lies between 68 % and 100 %"),
        ] {
            assert_eq!(term(need, low, Some((low, high))).range(), said);
        }
        let nearly = term("cost<0.001", 0.001 + 1e-18, None).miss();
        assert_eq!(nearly, "cost is hardly above $0.0010");
        assert_eq!(term("pass>0", 1.0, None).range(), "pass has too few values");
    }
}
