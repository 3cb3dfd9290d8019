//! The lanes as a table for a person. Decides nothing.

use super::report::{Row, State};
use crate::domain::sanitise::sanitise_line;
use unicode_width::UnicodeWidthStr;

const HEADINGS: [&str; 5] = ["LANE", "TIER", "PROVIDER", "MODEL", "WHERE"];

/// Writes the table; names come from files and servers, so they are made safe.
pub(super) fn render<'r>(rows: impl Iterator<Item = &'r Row>) -> String {
    let cells: Vec<[String; 5]> = rows.map(cells).collect();
    let width = |column: usize| {
        let texts = cells.iter().filter_map(|row| row.get(column));
        texts
            .map(|text| text.width())
            .chain(HEADINGS.get(column).map(|heading| heading.width()))
            .max()
            .unwrap_or(0)
    };
    let widths: Vec<usize> = (0..HEADINGS.len()).map(width).collect();
    let mut text = line(HEADINGS.iter().copied(), &widths);
    for row in &cells {
        text += &line(row.iter().map(String::as_str), &widths);
    }
    text
}

fn cells(row: &Row) -> [String; 5] {
    let lane = match row.state {
        State::Runs => sanitise_line(&row.lane),
        State::Off | State::ByName | State::Lacking => format!("- {}", sanitise_line(&row.lane)),
    };
    [
        lane,
        row.tier.map_or("?", |tier| tier.name()).to_owned(),
        row.provider.to_owned(),
        sanitise_line(&row.model),
        ending(row),
    ]
}

fn ending(row: &Row) -> String {
    let place = sanitise_line(row.place.as_deref().unwrap_or_default());
    let place = match &row.key {
        Some(key) => format!("{place}; key: {} ({})", sanitise_line(&key.name), key.place),
        None => place,
    };
    match row.state {
        State::Runs => match &row.check {
            Some(checked) => format!("{place}; {}", sanitise_line(&checked.words())),
            None => place,
        },
        State::Off => format!("{place}; off: `enabled = false`"),
        State::ByName => format!("{place}; runs with --lane {}", sanitise_line(&row.lane)),
        State::Lacking => format!(
            "lacks: {}",
            sanitise_line(row.lacks.as_deref().unwrap_or_default())
        ),
    }
}

fn line<'a>(cells: impl Iterator<Item = &'a str>, widths: &[usize]) -> String {
    let mut line = String::new();
    for (cell, width) in cells.zip(widths) {
        line += cell;
        line.extend(std::iter::repeat_n(' ', width - cell.width() + 2));
    }
    format!("{}\n", line.trim_end())
}
