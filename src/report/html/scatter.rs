//! Quality against cost and against time, as drawings without a script: a lane is a point with its interval, and a line
//! leads along the lanes that no other one beats. Computes no figure of a lane.

use super::text::{line, prose};
use crate::{
    domain::{figures, stats::Interval},
    report::{quoted, summary::LaneSummary, words},
};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

mod names;
mod place;

use place::{Frame, Labels};

/// What stands on the horizontal axis, always logarithmic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Axis {
    Cost,
    Time,
}

/// A lane in a chart.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Point<'a> {
    name: &'a str,
    x: f64,
    rate: f64,
    interval: Interval,
}

impl Axis {
    const fn id(self) -> &'static str {
        match self {
            Self::Cost => "cost",
            Self::Time => "time",
        }
    }

    const fn title(self) -> &'static str {
        match self {
            Self::Cost => "Quality and cost",
            Self::Time => "Quality and time",
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Cost => "median US dollars a prompt, logarithmic",
            Self::Time => "median time to the last piece, logarithmic",
        }
    }

    const fn better(self) -> &'static str {
        match self {
            Self::Cost => "cheaper",
            Self::Time => "faster",
        }
    }

    fn of(self, lane: &LaneSummary) -> Option<f64> {
        match self {
            Self::Cost => lane.cost_usd.map(|spread| spread.median),
            Self::Time => lane.e2e_ms.map(|spread| spread.median),
        }
    }

    fn written(self, value: f64) -> String {
        match self {
            Self::Cost => figures::usd(Some(value), None),
            Self::Time => figures::time(Some(value)),
        }
    }

    fn tick(self, value: f64) -> String {
        trimmed(&self.written(value))
    }
}

/// Without zeros that say nothing: `$0.001`, `10 s`.
fn trimmed(written: &str) -> String {
    let (number, unit) = written.split_once(' ').unwrap_or((written, ""));
    let number = if number.contains('.') {
        number.trim_end_matches('0').trim_end_matches('.')
    } else {
        number
    };
    format!("{number} {unit}").trim_end().to_owned()
}

/// The section with both charts.
pub(super) fn section(lanes: &[LaneSummary]) -> String {
    let mut out =
        "<section aria-labelledby=\"charts\"><h2 id=\"charts\">Quality, cost and time</h2>\n"
            .to_owned();
    if lanes.iter().all(|lane| lane.checks.pass_rate.is_none()) {
        out.push_str("<p>No answer was checked, so there is no quality to draw.</p></section>\n");
        return out;
    }
    out.push_str("<div class=\"charts\">\n");
    let mut empty = String::new();
    for axis in [Axis::Cost, Axis::Time] {
        match figure(lanes, axis) {
            Ok(figure) => out.push_str(&figure),
            Err(why) => empty += &why,
        }
    }
    out.push_str("</div>\n");
    out.push_str(&empty);
    out.push_str("</section>\n");
    out
}

/// The chart, or why there is none.
fn figure(lanes: &[LaneSummary], axis: Axis) -> Result<String, String> {
    let points: Vec<Point<'_>> = lanes
        .iter()
        .filter_map(|lane| {
            Some(Point {
                name: &lane.lane,
                x: axis.of(lane).filter(|x| x.is_finite() && *x >= 0.0)?,
                rate: lane.checks.pass_rate?,
                interval: lane.checks.interval?,
            })
        })
        .collect();
    let missing = missing(lanes, &points, axis);
    if points.is_empty() {
        return Err(format!(
            "<p class=\"note\">{}: nothing to draw. {missing}</p>\n",
            axis.title()
        ));
    }
    let (drawing, labels) = drawing(&points, axis);
    Ok(format!(
        "<figure><h3>{}</h3>\n{drawing}<figcaption>Filled, along the dashed Pareto line: no other lane here is {} and passes as often, or \
         more often at the same {}. \
         Upright strokes: 95 % intervals. {labels}{missing}</figcaption></figure>\n",
        axis.title(),
        axis.better(),
        axis.id()
    ))
}

/// The lanes that a chart lacks, by reason.
fn missing(lanes: &[LaneSummary], points: &[Point<'_>], axis: Axis) -> String {
    let mut reasons: Vec<(&str, Vec<String>)> = Vec::new();
    for lane in lanes {
        if points.iter().any(|point| point.name == lane.lane) {
            continue;
        }
        let why = match (lane.checks.pass_rate, axis) {
            (None, _) => "nothing was judged",
            (Some(_), Axis::Cost) if lane.access == "local" => "they run here and have no price",
            (Some(_), Axis::Cost) => "their price is not known",
            (Some(_), Axis::Time) => "they have no times",
        };
        let name = quoted(&lane.lane);
        match reasons.iter_mut().find(|(known, _)| *known == why) {
            Some((_, names)) => names.push(name),
            None => reasons.push((why, vec![name])),
        }
    }
    let sentences: Vec<String> = reasons
        .iter()
        .map(|(why, names)| format!("Not in this chart, because {why}: {}.", names.join(", ")))
        .collect();
    prose(&sentences.join(" "))
}

/// The points that no other one beats, from the left; of equal ones all.
fn front<'a>(points: &[Point<'a>]) -> Vec<Point<'a>> {
    let is_beaten = |point: &Point<'_>| {
        points.iter().any(|other| {
            other.x <= point.x
                && other.rate >= point.rate
                && (other.x < point.x || other.rate > point.rate)
        })
    };
    let mut front: Vec<Point<'a>> = points
        .iter()
        .filter(|point| !is_beaten(point))
        .copied()
        .collect();
    front.sort_by(|a, b| a.x.total_cmp(&b.x).then(a.rate.total_cmp(&b.rate)));
    front
}

/// The chart, and what must be said of its labels.
fn drawing(points: &[Point<'_>], axis: Axis) -> (String, String) {
    let frame = Frame::around(
        points.iter().map(|point| point.x),
        points.iter().map(|point| point.interval),
    );
    let id = axis.id();
    let mut out = format!(
        "<svg viewBox=\"0 0 {} {}\" role=\"img\" aria-labelledby=\"{id}-title {id}-desc\"><title id=\"{id}-title\">{}</title>\
         <desc id=\"{id}-desc\">{}</desc>\n",
        Frame::WIDTH,
        Frame::HEIGHT,
        axis.title(),
        described(points, axis)
    );
    grid(&mut out, &frame, axis);
    let front = front(points);
    let mut path = String::new();
    for (place, point) in front.iter().enumerate() {
        let (x, y) = frame.at(point.x, point.rate);
        if place == 0 {
            let _ = write!(path, "M{x:.1} {y:.1}");
        } else {
            let _ = write!(path, "H{x:.1}V{y:.1}");
        }
    }
    if front.len() > 1 {
        let _ = writeln!(out, "<path class=\"front\" d=\"{path}\"/>");
    }
    let mut labels = Labels::default();
    for pair in front.windows(2) {
        if let [from, to] = pair {
            labels.block_step(frame.at(from.x, from.rate), frame.at(to.x, to.rate));
        }
    }
    for point in points {
        let (x, y) = frame.at(point.x, point.rate);
        let (_, low) = frame.at(point.x, point.interval.low);
        let (_, high) = frame.at(point.x, point.interval.high);
        labels.block(x, (high, low), y);
        let _ = writeln!(
            out,
            "<path class=\"whisker\" d=\"M{x:.1} {low:.1}V{high:.1}M{:.1} {low:.1}h8M{:.1} {high:.1}h8\"/>",
            x - 4.0,
            x - 4.0
        );
    }
    let said = names::draw(
        &mut out,
        points,
        &front,
        |point| frame.at(point.x, point.rate),
        labels,
    );
    out.push_str("</svg>\n");
    (out, said)
}

/// The same for those who do not see it.
fn described(points: &[Point<'_>], axis: Axis) -> String {
    let points: Vec<String> = points
        .iter()
        .map(|point| {
            format!(
                "{}: {} passed, {}",
                line(point.name),
                words::percent(point.rate),
                axis.written(point.x)
            )
        })
        .collect();
    points.join("; ")
}

fn grid(out: &mut String, frame: &Frame, axis: Axis) {
    let (left, right, top, bottom) = (frame.left, Frame::RIGHT, Frame::TOP, Frame::BOTTOM);
    for rate in frame.rates() {
        let (_, y) = frame.at(f64::NAN, rate);
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{left:.1} {y:.1}H{right:.1}\"/><text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" \
             text-anchor=\"end\">{:.0} %</text>",
            Frame::LEFT - 8.0,
            y + 4.0,
            rate * 100.0
        );
    }
    for tick in frame.ticks() {
        let (x, _) = frame.at(tick, 0.0);
        let label = axis.tick(tick);
        let middle = Frame::tick_label(x, label.width());
        let _ = writeln!(
            out,
            "<path class=\"grid\" d=\"M{x:.1} {top:.1}V{bottom:.1}\"/><text class=\"dim\" x=\"{middle:.1}\" y=\"{:.1}\" \
             text-anchor=\"middle\">{label}</text>",
            bottom + 18.0
        );
    }
    let _ = writeln!(
        out,
        "<path class=\"axis\" d=\"M{:.1} {top:.1}V{bottom:.1}H{right:.1}\"/><text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\" \
         text-anchor=\"middle\">{}</text><text class=\"dim\" x=\"{:.1}\" y=\"{:.1}\">checks passed</text>",
        Frame::LEFT,
        f64::midpoint(Frame::LEFT, right),
        Frame::HEIGHT - 8.0,
        axis.words(),
        8.0,
        top - 10.0
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn point(name: &str, x: f64, rate: f64) -> Point<'_> {
        Point {
            name,
            x,
            rate,
            interval: Interval {
                low: (rate - 0.1).max(0.0),
                high: (rate + 0.1).min(1.0),
            },
        }
    }

    #[test]
    fn the_line_leads_along_what_nothing_beats() {
        let points = [
            point("a", 1.0, 0.5),
            point("b", 2.0, 0.4),
            point("c", 3.0, 0.9),
            point("d", 3.0, 0.9),
            point("e", 9.0, 0.9),
        ];
        let names: Vec<&str> = front(&points).iter().map(|point| point.name).collect();
        assert_eq!(names, ["a", "c", "d"]);
    }

    #[test]
    fn ticks_are_short() {
        let written = [0.001, 0.0, 1.0].map(|cost| Axis::Cost.tick(cost));
        assert_eq!(written, ["$0.001", "$0", "$1"]);
        let written = [1.0, 300.0, 10_000.0].map(|ms| Axis::Time.tick(ms));
        assert_eq!(written, ["1 ms", "300 ms", "10 s"]);
    }

    #[test]
    fn free_equal_and_single_lanes_can_be_drawn() {
        for xs in [
            &[0.0][..],
            &[0.0, 0.0],
            &[5.0],
            &[5.0, 5.0],
            &[0.0, 1e-9, 1e9],
        ] {
            let points: Vec<Point<'_>> = xs.iter().map(|x| point("a", *x, 1.0)).collect();
            for axis in [Axis::Cost, Axis::Time] {
                let (svg, _) = drawing(&points, axis);
                assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
                assert_eq!(svg.matches("<circle").count(), xs.len());
            }
        }
    }
}
