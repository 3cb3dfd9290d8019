//! The catalogue as a table for a person. Decides nothing.

use crate::{
    catalog::{Access, Model, Prices, Reasoning},
    domain::{sanitise::sanitise_line, summary::cut},
};
use unicode_width::UnicodeWidthStr;

const COLUMNS: usize = 10;
const HEADINGS: [&str; COLUMNS] = [
    "LAB",
    "MODEL",
    "GENERATION",
    "TIER",
    "THINKS",
    "ACCESS",
    "CONTEXT",
    "IN",
    "OUT",
    "AS OF",
];
/// From here on numbers stand, which end below each other.
const NUMBERS: std::ops::Range<usize> = 6..9;
const UNKNOWN: &str = "?";
/// Columns between two columns.
const GAP: usize = 2;

/// The columns that go first where there is no room for all; the last to go comes last.
const LEAST: [usize; 5] = [9, 2, 5, 4, 0];
/// The column of names, which are cut where nothing else is left to go.
const NAMES: usize = 1;
/// The columns of prices, where `+` may stand behind the number.
const PRICES: std::ops::Range<usize> = 7..9;
/// Says that long prompts cost more.
const MORE: char = '+';

/// Writes the table, at most `width` columns wide where that can be had; all of it where nobody says.
pub(super) fn render(models: &[&Model], width: Option<usize>) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(models.iter().map(|model| cells(model)));
    make_room_for_more(&mut rows);
    let mut widths = [0; COLUMNS];
    for (width, column) in widths.iter_mut().zip(0..) {
        let longest = rows.iter().filter_map(|row| row.get::<usize>(column));
        *width = longest.map(|cell| cell.width()).max().unwrap_or(0);
    }
    let mut shown = vec![true; COLUMNS];
    if let Some(width) = width {
        for column in LEAST {
            if total(&widths, &shown) <= width {
                break;
            }
            shown[column] = false;
        }
        let excess = total(&widths, &shown).saturating_sub(width);
        widths[NAMES] = widths[NAMES]
            .saturating_sub(excess)
            .max(HEADINGS[NAMES].len());
        for row in &mut rows {
            row[NAMES] = cut(&row[NAMES], widths[NAMES]);
        }
    }
    rows.iter().map(|row| line(row, &widths, &shown)).collect()
}

/// How wide a row of these columns is.
fn total(widths: &[usize; COLUMNS], shown: &[bool]) -> usize {
    let columns = widths.iter().zip(shown).filter(|(_, shown)| **shown);
    columns.map(|(width, _)| width + GAP).sum::<usize>() - GAP
}

/// Where a sign stands behind some prices of a column, the others end before it.
fn make_room_for_more(rows: &mut [[String; COLUMNS]]) {
    for column in PRICES {
        if rows.iter().any(|row| row[column].ends_with(MORE)) {
            for row in rows.iter_mut().filter(|row| !row[column].ends_with(MORE)) {
                row[column].push(' ');
            }
        }
    }
}

/// A text in lines of at most so many columns, broken between words.
pub(super) fn broken(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        if let Some(line) = lines.last_mut() {
            if line.is_empty() {
                word.clone_into(line);
                continue;
            }
            if line.width().saturating_add(1 + word.width()) <= width {
                line.push(' ');
                line.push_str(word);
                continue;
            }
        }
        lines.push(word.to_owned());
    }
    lines
}

fn cells(model: &Model) -> [String; COLUMNS] {
    let or_unknown = |text: Option<String>| text.unwrap_or_else(|| UNKNOWN.to_owned());
    let named = |text: &Option<String>| or_unknown(text.as_deref().map(sanitise_line));
    let prices = model.price.as_ref();
    let price = |of: fn(&Prices) -> Option<f64>| {
        let more = prices.is_some_and(|prices| !prices.above.is_empty());
        let sign = if more { "+" } else { "" };
        or_unknown(prices.and_then(of).map(|price| dollars(price) + sign))
    };
    [
        named(&model.lab),
        sanitise_line(&model.id),
        named(&model.generation),
        or_unknown(model.tier.map(|tier| tier.name().to_owned())),
        or_unknown(model.reasoning.map(|thinks| thinks_word(thinks).to_owned())),
        or_unknown(model.access.map(|access| access_word(access).to_owned())),
        or_unknown(model.context_tokens.map(tokens)),
        price(|prices| prices.input),
        price(|prices| prices.output),
        named(&model.price_as_of),
    ]
}

fn thinks_word(reasoning: Reasoning) -> &'static str {
    match reasoning {
        Reasoning::None => "no",
        Reasoning::Hybrid => "hybrid",
        Reasoning::Always => "always",
    }
}

fn access_word(access: Access) -> &'static str {
    match access {
        Access::OpenWeights => "open weights",
        Access::Api => "API",
    }
}

/// Cents at least, and what is below them where there is something.
fn dollars(price: f64) -> String {
    let exact = price.to_string();
    let places = exact.rsplit_once('.').map_or(0, |(_, places)| places.len());
    format!("{price:.*}", places.max(2))
}

/// With commas at the thousands, so that windows can be compared at a glance.
fn tokens(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

fn line(row: &[String; COLUMNS], widths: &[usize; COLUMNS], shown: &[bool]) -> String {
    let mut line = String::new();
    let columns = row.iter().zip(widths).zip(shown).enumerate();
    for (column, ((cell, width), _)) in columns.filter(|(_, (_, shown))| **shown) {
        let room = std::iter::repeat_n(' ', width.saturating_sub(cell.width()));
        if NUMBERS.contains(&column) {
            line.extend(room);
            line += cell;
        } else {
            line += cell;
            line.extend(room);
        }
        line.extend(std::iter::repeat_n(' ', GAP));
    }
    format!("{}\n", line.trim_end())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_keep_what_is_below_a_cent() {
        let shown = [0.15, 0.6, 2.5, 10.0, 0.075, 0.0375].map(dollars);
        assert_eq!(shown, ["0.15", "0.60", "2.50", "10.00", "0.075", "0.0375"]);
    }

    #[test]
    fn thousands_are_marked() {
        let shown = [512, 8_192, 128_000, 1_048_576].map(tokens);
        assert_eq!(shown, ["512", "8,192", "128,000", "1,048,576"]);
    }

    #[test]
    fn the_table_keeps_within_the_terminal() {
        let models: Vec<&Model> = crate::catalog::models().iter().collect();
        for width in [60, 80, 100, 120, 200] {
            let text = render(&models, Some(width));
            let widest = text.lines().map(UnicodeWidthStr::width).max().unwrap();
            assert!(widest <= width, "{widest} of {width}");
            let heading = text.lines().next().unwrap();
            for needed in ["MODEL", "TIER", "CONTEXT", "IN", "OUT"] {
                assert!(heading.contains(needed), "{needed} at {width}: {heading}");
            }
        }
        let full = render(&models, None);
        assert!(HEADINGS.iter().all(|heading| full.contains(heading)));
        let wide = render(&models, Some(120));
        assert!(wide.starts_with("LAB "), "{wide}");
        assert!(wide.contains("mistralai") == full.contains("mistralai"));
    }

    #[test]
    fn prices_stand_below_each_other_with_and_without_a_sign() {
        let of = |name| crate::catalog::find(name).unwrap();
        let text = render(
            &[of("gemini-2.5-pro"), of("gpt-4o"), of("llama-3-8b")],
            None,
        );
        let ends: Vec<_> = ["1.25+", "2.50 ", "? "]
            .iter()
            .zip(text.lines().skip(1))
            .map(|(price, line)| {
                line.rfind(price).unwrap() + price.trim_end_matches(['+', ' ']).len()
            })
            .collect();
        assert!(ends[0] == ends[1], "{text}");
        assert!(text.contains("10.00+"), "{text}");
    }

    #[test]
    fn sentences_are_broken_between_words() {
        assert_eq!(broken("one two three", 7), ["one two", "three"]);
        assert_eq!(broken("one two", usize::MAX), ["one two"]);
        assert_eq!(broken("overlong x", 3), ["overlong", "x"]);
    }
}
