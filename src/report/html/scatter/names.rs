//! The names in a chart, each where there is room for it, told apart even where they are long. Knows no scale.

use super::{
    super::text::{line, prose},
    Point,
    place::Labels,
};
use crate::{
    domain::{
        sanitise::sanitise_line,
        shortened::{common_start, cut_middle},
    },
    report::quoted,
};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr;

/// The most columns of a label.
const LABEL: usize = 22;

/// The points with their labels, those of the line first, and what must be said of the labels.
pub(super) fn draw(
    out: &mut String,
    points: &[Point<'_>],
    front: &[Point<'_>],
    at: impl Fn(&Point<'_>) -> (f64, f64),
    mut labels: Labels,
) -> String {
    let names: Vec<String> = points
        .iter()
        .map(|point| sanitise_line(point.name))
        .collect();
    let is_cut = names.iter().any(|name| name.width() > LABEL);
    let start = if is_cut { common_start(&names) } else { "" };
    let mut unnamed = Vec::new();
    let mut circles = String::new();
    let mut all: Vec<(&Point<'_>, &String)> = points.iter().zip(&names).collect();
    all.sort_by_key(|(point, _)| !front.contains(point));
    for (point, name) in all {
        let (x, y) = at(point);
        let best = if front.contains(point) { " best" } else { "" };
        let _ = writeln!(
            circles,
            "<circle class=\"point{best}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"5.5\"/>"
        );
        let rest = name.strip_prefix(start).filter(|rest| !rest.is_empty());
        let label = cut_middle(rest.unwrap_or(name), LABEL);
        let Some(spot) = labels.place(x, y, label.width()) else {
            unnamed.push(quoted(point.name));
            continue;
        };
        if let Some((end, down)) = spot.leader {
            let _ = writeln!(
                out,
                "<path class=\"leader\" d=\"M{x:.1} {y:.1}L{end:.1} {down:.1}\"/>"
            );
        }
        let (edge, anchor) = if spot.right < x {
            (spot.right, " text-anchor=\"end\"")
        } else {
            (spot.left, "")
        };
        let _ = writeln!(
            circles,
            "<text x=\"{edge:.1}\" y=\"{:.1}\"{anchor}>{}</text>",
            spot.base,
            line(&label)
        );
    }
    out.push_str(&circles);
    let mut said = String::new();
    if !start.is_empty() {
        let _ = write!(
            said,
            "All names begin with {}, left out here. ",
            quoted(start)
        );
    }
    if !unnamed.is_empty() {
        let _ = write!(said, "Without room for a name: {}. ", unnamed.join(", "));
    }
    prose(&said)
}

#[cfg(test)]
mod tests {
    use super::super::{Axis, Point, drawing, tests::point};

    #[test]
    fn long_names_are_told_apart() {
        let names: Vec<String> = (0..8)
            .map(|at| format!("lane-with-a-very-long-name-number-{at:02}-of-the-twenty-there-are"))
            .collect();
        let points: Vec<Point<'_>> = (1_i32..)
            .zip(&names)
            .map(|(at, name)| point(name, f64::from(at * at), f64::from(at) / 10.0))
            .collect();
        let (svg, said) = drawing(&points, Axis::Time);
        for at in 0..8 {
            assert!(svg.contains(&format!(">{at:02}-of-the-")), "{svg}");
        }
        let start = "<code>lane-with-a-very-long-name-number-</code>, left out here.";
        assert!(said.contains(start), "{said}");
        let (_, said) = drawing(&[point("lane-a", 1.0, 0.5)], Axis::Time);
        assert_eq!(said, "");
        // Where they cover each other, all are still named.
        let many: Vec<Point<'_>> = (0..60)
            .map(|_| point("a-lane-among-many-more", 1.0, 0.5))
            .collect();
        let (svg, said) = drawing(&many, Axis::Cost);
        let drawn = svg.matches("a-lane-among-many-more</text>").count();
        assert_eq!(drawn + said.matches("a-lane").count(), 60);
        assert!(drawn > 6);
    }
}
