//! promptfoo's tests in CSV: columns are variables, and those that begin with `__` are assertions and settings. Asks
//! nobody.

use super::{
    super::{csv, error::shorten, node::Node, source::Source},
    Reading, asserts,
    trials::Trial,
};

/// Reads a test a row.
pub(super) fn read(source: &Source, reading: &mut Reading<'_>) -> Vec<Trial> {
    let Some(rows) = csv::rows(source, reading.findings) else {
        return Vec::new();
    };
    let trials = rows.rows.iter().map(|(line, cells)| {
        let mut trial = Trial {
            line: *line,
            ..Trial::default()
        };
        for (name, cell) in rows.header.iter().zip(cells) {
            column(&mut trial, name, cell, reading);
        }
        trial
    });
    trials.collect()
}

fn column(trial: &mut Trial, name: &str, cell: &str, reading: &mut Reading<'_>) {
    let Some(special) = name.strip_prefix("__") else {
        trial
            .vars
            .push((name.to_owned(), Node::of_text(cell, trial.line)));
        return;
    };
    let cell = cell.trim();
    if cell.is_empty() {
        return;
    }
    match special {
        "prefix" => trial.prefix = Some(cell.to_owned()),
        "suffix" => trial.suffix = Some(cell.to_owned()),
        "description" => trial.description = Some(cell.to_owned()),
        special if special.starts_with("expected") => {
            let check = asserts::of_cell(cell, trial.line, reading);
            trial.checks.extend(check);
        }
        special if special == "metadata" || special.starts_with("metadata:") => {}
        _ => {
            let place = reading.file.at(1);
            reading.leave_out(&place, &format!("the column `{}`", shorten(name)));
        }
    }
}
