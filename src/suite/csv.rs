//! CSV: a prompt a row; `prompt`, `id`, `system`, `expected` and `tags` are what they say, every other column is a
//! variable. Renders no template.

mod columns;

use super::{
    draft::{Check, Draft, Text, id},
    error::{Findings, Place, advice, shorten},
    node::{self, Node},
    source::Source,
};
use crate::{check, domain::check::CheckSpec};
use columns::Columns;
use serde_json::{Value, json};
use std::io::{self, BufRead};

/// The columns with a meaning of their own.
const COLUMNS: [&str; 5] = ["prompt", "id", "system", "expected", "tags"];

/// Rows of cells under names.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) header: Vec<String>,
    /// Each with the line that it begins on; as many cells as names.
    pub(super) rows: Vec<(usize, Vec<String>)>,
}

/// The names of the columns, and what parts the cells.
#[derive(Debug)]
struct Header {
    names: Vec<String>,
    delimiter: u8,
}

/// Reads a suite and hands each prompt over.
///
/// # Errors
/// The file cannot be read.
pub(super) fn read(
    source: &Source,
    findings: &mut Findings,
    take: &mut dyn FnMut(Draft),
) -> io::Result<()> {
    let Some(header) = looked_through(source, findings)? else {
        return Ok(());
    };
    if !header.names.iter().any(|name| name == "prompt") {
        let names: Vec<&str> = header.names.iter().map(String::as_str).collect();
        let near = advice("prompt", &names, "columns");
        findings.refuse(&source.place(1), format!("needs a column `prompt`{near}"));
        return Ok(());
    }
    let mut columns = Columns::of(&header.names);
    each_row(source, header.delimiter, |line, cells| {
        columns.look_at(&header.names, &cells);
        let draft = draft(&header.names, &cells, &source.place(line), findings);
        draft.into_iter().for_each(&mut *take);
    })?;
    columns.tell(&source.place(1), findings);
    Ok(())
}

fn draft(
    header: &[String],
    cells: &[String],
    place: &Place,
    findings: &mut Findings,
) -> Option<Draft> {
    let line = place.line;
    let mut draft = Draft::of_prompt(place.clone(), "");
    let mut problems = Vec::new();
    for (name, cell) in header.iter().zip(cells) {
        let is_given = !cell.trim().is_empty();
        match name.as_str() {
            "prompt" if !is_given => problems.push("`prompt` must not be empty".to_owned()),
            "prompt" => {
                for (_, text) in &mut draft.messages {
                    text.text.clone_from(cell);
                }
            }
            "id" if is_given => match id(&Node::of_text(cell, line)) {
                Ok(id) => draft.id = Some(id),
                Err(problem) => problems.push(format!("`id` {problem}")),
            },
            "system" if is_given => {
                draft.system = Some(Text {
                    text: cell.clone(),
                    line,
                });
            }
            "expected" if is_given => match expected(cell) {
                Ok(value) => draft.checks.push(Check {
                    value,
                    place: draft.place.clone(),
                }),
                Err(problem) => problems.push(format!("`expected` {problem}")),
            },
            "tags" if is_given => {
                let tags = cell
                    .split([';', ','])
                    .map(str::trim)
                    .filter(|tag| !tag.is_empty());
                draft.tags = tags.map(str::to_owned).collect();
            }
            name if COLUMNS.contains(&name) => {}
            name => draft
                .vars
                .push((name.to_owned(), Node::of_text(cell, line))),
        }
    }
    let is_sound = problems.is_empty();
    for problem in problems {
        findings.refuse(place, problem);
    }
    is_sound.then_some(draft)
}

/// The check of a cell: a JSON object is one as it stands, a number is the answer's last number, a text is in the answer.
fn expected(cell: &str) -> Result<Value, String> {
    let cell = cell.trim();
    if cell.starts_with('{') && !cell.starts_with("{{") && !cell.starts_with("{%") {
        return node::of_json(cell, 1).map(|node| node.json()).map_err(|_| {
            format!(
                "begins like a check in JSON, but is none: {}",
                shorten(cell)
            )
        });
    }
    let number = cell.parse::<f64>().ok().or_else(|| grouped(cell));
    let is_usable = |number: &f64| check::parse(&json!({ "number": number })).is_ok();
    let number = number.filter(|number| number.is_finite() && is_usable(number));
    Ok(number.map_or_else(
        || json!({ "contains": cell }),
        |number| json!({ "number": number }),
    ))
}

/// A number with thousands apart, as an answer's is read: `1,000`. One with a unit stays a text.
fn grouped(cell: &str) -> Option<f64> {
    let is_plain = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+-−.,'’_".contains(c);
    let parsed = cell
        .chars()
        .all(is_plain)
        .then(|| check::parse(&json!({ "number": cell })));
    match parsed {
        Some(Ok(CheckSpec::Number { value, .. })) => Some(value),
        _ => None,
    }
}

/// Reads rows; `None` where they are wrong, which is noted.
pub(super) fn rows(source: &Source, findings: &mut Findings) -> Option<Rows> {
    let mut rows = Vec::new();
    let read = looked_through(source, findings).and_then(|header| {
        if let Some(header) = &header {
            each_row(source, header.delimiter, |line, cells| {
                rows.push((line, cells));
            })?;
        }
        Ok(header)
    });
    match read {
        Ok(header) => header.map(|header| Rows {
            header: header.names,
            rows,
        }),
        Err(error) => {
            findings.refuse(&source.place(0), format!("cannot be read: {error}"));
            None
        }
    }
}

/// The header of rows that all have as many cells; `None` where something is wrong, which is noted.
fn looked_through(source: &Source, findings: &mut Findings) -> io::Result<Option<Header>> {
    let mut first = String::new();
    source.reader()?.read_line(&mut first)?;
    let delimiter = delimiter(&first);
    if let Some(line) = unclosed_quote(source.reader()?, delimiter)? {
        findings.refuse(&source.place(line), "has a quote that is never closed");
        return Ok(None);
    }
    let mut reader = reader(source, delimiter)?;
    let names: Vec<String> = match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim().to_owned()).collect(),
        Err(error) => {
            findings.refuse(&source.place(1), error.to_string());
            return Ok(None);
        }
    };
    for (index, name) in names.iter().enumerate() {
        let problem = if name.is_empty() {
            format!("column {} has no name", index + 1)
        } else if names.iter().take(index).any(|before| before == name) {
            format!("there are two columns `{}`", shorten(name))
        } else {
            continue;
        };
        findings.refuse(&source.place(1), problem);
        return Ok(None);
    }
    let mut is_sound = true;
    each_row(source, delimiter, |line, cells| {
        if cells.len() != names.len() {
            is_sound = false;
            findings.refuse(
                &source.place(line),
                format!(
                    "has {} cells, but the header has {} columns",
                    cells.len(),
                    names.len()
                ),
            );
        }
    })?;
    Ok(is_sound.then_some(Header { names, delimiter }))
}

type Reader<'s> = ::csv::Reader<Box<dyn BufRead + 's>>;

fn reader(source: &Source, delimiter: u8) -> io::Result<Reader<'_>> {
    let mut builder = ::csv::ReaderBuilder::new();
    builder.delimiter(delimiter).flexible(true);
    Ok(builder.from_reader(source.reader()?))
}

/// Hands over the cells of each row, with the line that it begins on.
fn each_row(
    source: &Source,
    delimiter: u8,
    mut take: impl FnMut(usize, Vec<String>),
) -> io::Result<()> {
    for record in reader(source, delimiter)?.records() {
        let record = match record {
            Ok(record) => record,
            Err(error) if error.is_io_error() => return Err(error.into()),
            Err(_) => continue,
        };
        let line = record.position().map_or(0, ::csv::Position::line);
        let cells = record.iter().map(str::to_owned).collect();
        take(usize::try_from(line).unwrap_or(0), cells);
    }
    Ok(())
}

/// What parts the cells: a comma, or what stands in a header that has no comma.
fn delimiter(header: &str) -> u8 {
    let others = [(';', b';'), ('\t', b'\t')];
    let other = others
        .iter()
        .find(|(mark, _)| !header.contains(',') && header.contains(*mark));
    other.map_or(b',', |(_, byte)| *byte)
}

/// The line of a quote that is still open at the end; the reader itself takes the end for a closing quote.
fn unclosed_quote(mut text: impl BufRead, delimiter: u8) -> io::Result<Option<usize>> {
    let (mut line, mut opened) = (1, None);
    let (mut is_start, mut may_be_closed) = (true, false);
    loop {
        let piece = text.fill_buf()?;
        for byte in piece {
            // Inside of quotes two of them are one; a single one closes.
            if std::mem::take(&mut may_be_closed) {
                if *byte == b'"' {
                    continue;
                }
                opened = None;
            }
            match (byte, opened) {
                (b'"', None) if is_start => opened = Some(line),
                (b'"', Some(_)) => may_be_closed = true,
                _ => {}
            }
            line += usize::from(*byte == b'\n');
            is_start = opened.is_none() && (*byte == delimiter || *byte == b'\n');
        }
        let read = piece.len();
        if read == 0 {
            return Ok(opened.filter(|_| !may_be_closed));
        }
        text.consume(read);
    }
}

#[cfg(test)]
mod tests;
