//! The catalogue as a table for a person. Decides nothing.

use crate::catalog::{Access, Model, Reasoning};

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

/// Writes the table.
pub(super) fn render(models: &[&Model]) -> String {
    let mut rows = vec![HEADINGS.map(str::to_owned)];
    rows.extend(models.iter().map(|model| cells(model)));
    let mut widths = [0; COLUMNS];
    for (width, column) in widths.iter_mut().zip(0..) {
        let longest = rows.iter().filter_map(|row| row.get::<usize>(column));
        *width = longest.map(|cell| cell.chars().count()).max().unwrap_or(0);
    }
    rows.iter().map(|row| line(row, &widths)).collect()
}

fn cells(model: &Model) -> [String; COLUMNS] {
    let dollars = |price: Option<f64>| price.map_or_else(|| UNKNOWN.to_owned(), dollars);
    let prices = model.price.as_ref();
    [
        model.lab.clone(),
        model.id.clone(),
        model.generation.clone(),
        model.tier.name().to_owned(),
        thinks(model.reasoning).to_owned(),
        access(model.access).to_owned(),
        model
            .context_tokens
            .map_or_else(|| UNKNOWN.to_owned(), tokens),
        dollars(prices.and_then(|prices| prices.input)),
        dollars(prices.and_then(|prices| prices.output)),
        model
            .price_as_of
            .clone()
            .unwrap_or_else(|| UNKNOWN.to_owned()),
    ]
}

fn thinks(reasoning: Reasoning) -> &'static str {
    match reasoning {
        Reasoning::None => "no",
        Reasoning::Hybrid => "hybrid",
        Reasoning::Always => "always",
    }
}

fn access(access: Access) -> &'static str {
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

fn line(row: &[String; COLUMNS], widths: &[usize; COLUMNS]) -> String {
    let mut line = String::new();
    for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
        let room = std::iter::repeat_n(' ', width - cell.chars().count());
        if NUMBERS.contains(&column) {
            line.extend(room);
            line += cell;
        } else {
            line += cell;
            line.extend(room);
        }
        line += "  ";
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
}
