//! promptfoo's tests in CSV: columns are variables, and those that begin with `__` are assertions and settings. Asks
//! nobody.

use super::{
    super::{csv, error::shorten, node::Node, source::Source},
    Reading, asserts,
    trials::{THRESHOLD, Trial},
};

/// Reads a test a row.
pub(super) fn read(source: &Source, reading: &mut Reading<'_>) -> Vec<Trial> {
    let Some(rows) = csv::rows(source, reading.findings) else {
        return Vec::new();
    };
    let trials = rows.rows.iter().map(|(line, cells)| {
        let mut trial = Trial::at(source.place(*line));
        let mut thresholds = Vec::new();
        for (name, cell) in rows.header.iter().zip(cells) {
            match name.strip_prefix("__config:") {
                Some(config) => thresholds.extend(threshold(config, cell, *line, reading)),
                None => column(&mut trial, name, cell, *line, reading),
            }
        }
        for (index, threshold) in thresholds {
            if let Some(check) = trial.checks.get_mut(index) {
                asserts::set_threshold(check, threshold);
            }
        }
        trial
    });
    trials.collect()
}

/// The threshold of one of the row's assertions, from a column such as `__config:__expected2:threshold`.
fn threshold(
    config: &str,
    cell: &str,
    line: usize,
    reading: &mut Reading<'_>,
) -> Option<(usize, f64)> {
    let number = config
        .strip_suffix(":threshold")
        .and_then(|expected| expected.strip_prefix("__expected"));
    let index = match number {
        Some("") => Some(0),
        Some(number) => number
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1)),
        None => None,
    };
    let Some(index) = index else {
        let place = reading.file.at(1);
        reading.leave_out(
            &place,
            &format!("the column `__config:{}`", shorten(config)),
        );
        return None;
    };
    let threshold = cell.trim().parse().ok();
    if threshold.is_none() {
        let problem = format!(
            "`__config:{config}` must be a number, not `{}`",
            shorten(cell)
        );
        let place = reading.file.at(line);
        reading.findings.refuse(&place, problem);
    }
    threshold.map(|threshold| (index, threshold))
}

fn column(trial: &mut Trial, name: &str, cell: &str, line: usize, reading: &mut Reading<'_>) {
    let Some(special) = name.strip_prefix("__") else {
        trial
            .vars
            .push((name.to_owned(), Node::of_text(cell, line)));
        return;
    };
    if cell.trim().is_empty() {
        return;
    }
    match special {
        "prefix" => trial.prefix = Some(cell.to_owned()),
        "suffix" => trial.suffix = Some(cell.to_owned()),
        "description" => trial.description = Some(cell.to_owned()),
        "threshold" => trial.not_judged = Some(THRESHOLD.to_owned()),
        "providerOutput" => trial.lost = Some("it brings its answer along".to_owned()),
        "metric" => {
            let place = reading.file.at(1);
            let sentence = "`__metric` names a figure of promptfoo's and is not used";
            reading.findings.note(&place, sentence);
        }
        special if special.starts_with("expected") => {
            let check = asserts::of_cell(cell.trim(), line, reading);
            trial.checks.extend(check);
        }
        special if special == "metadata" || special.starts_with("metadata:") => {}
        _ => {
            let place = reading.file.at(1);
            reading.leave_out(&place, &format!("the column `{}`", shorten(name)));
        }
    }
}
