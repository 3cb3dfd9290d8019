//! The table of a run for a person, as plain text: the same after `ask` and after the playground. Prints nothing.

use super::{
    cost::CostSum,
    figures,
    lane::LaneState,
    plan::LanePlan,
    run::{CONTENDED, is_contended},
    sanitise::sanitise_line,
    wording,
};
use unicode_width::UnicodeWidthStr;

/// The widest cell of a text column; a longer name is cut with `…`.
const MAX_CELL: usize = 24;

/// One column of the table.
struct Column {
    title: &'static str,
    /// Columns with the highest number are left out first when the table is too wide.
    priority: u8,
    align: Align,
    cell: fn(&Row<'_>) -> String,
}

/// One lane of the table.
struct Row<'a> {
    plan: &'a LanePlan,
    lane: &'a LaneState,
    is_contended: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Align {
    Left,
    Right,
}

/// The table of a run, at most `width` columns wide where its first columns allow; one line per lane below a line of
/// titles, then what a person should know about single lanes. Every line ends with a line feed; safe to print.
pub fn table<'a>(
    lanes: impl IntoIterator<Item = (&'a LanePlan, &'a LaneState)>,
    width: usize,
) -> String {
    let lanes: Vec<_> = lanes.into_iter().collect();
    if lanes.is_empty() {
        return String::new();
    }
    let rows: Vec<Row<'_>> = (0..)
        .zip(&lanes)
        .map(|(position, (plan, lane))| Row {
            plan,
            lane,
            is_contended: is_contended(position, &lanes),
        })
        .collect();
    let mut columns: Vec<(Column, Vec<String>)> = columns()
        .into_iter()
        .map(|column| {
            let cells = rows
                .iter()
                .map(|row| cut(&(column.cell)(row), MAX_CELL))
                .collect();
            (column, cells)
        })
        .collect();
    while total_width(&columns) > width && columns.len() > 2 {
        let least = columns
            .iter()
            .enumerate()
            .max_by_key(|(_, (column, _))| column.priority)
            .map(|(index, _)| index);
        if let Some(index) = least {
            columns.remove(index);
        }
    }
    let mut out = String::new();
    push_line(
        &mut out,
        columns
            .iter()
            .map(|(column, cells)| pad(column.title, column_width(column, cells), column.align)),
    );
    for row in 0..rows.len() {
        push_line(
            &mut out,
            columns
                .iter()
                .map(|(column, cells)| pad(&cells[row], column_width(column, cells), column.align)),
        );
    }
    let costs = lanes.iter().map(|lane| wording::cost_sum([*lane]));
    let costs: Vec<_> = costs.filter(|cost| !cost.is_empty()).collect();
    if costs.len() > 1 {
        let all = costs.into_iter().fold(CostSum::default(), CostSum::with);
        let line = format!("Σ cost of all lanes: {}", wording::sum(&all));
        push_line(&mut out, [line].into_iter());
    }
    for row in &rows {
        for remark in remarks(row.plan, row.lane) {
            out.push_str(&remark);
            out.push('\n');
        }
    }
    let contended = rows.iter().filter(|row| row.is_contended);
    let names: Vec<_> = contended.map(|row| sanitise_line(&row.plan.name)).collect();
    if !names.is_empty() {
        let remark = format!("! {}: {CONTENDED}", names.join(", "));
        push_line(&mut out, [remark].into_iter());
    }
    out
}

/// What a person should know about one lane: its failure in full, and warnings about its figures.
pub fn remarks(plan: &LanePlan, lane: &LaneState) -> Vec<String> {
    let name = sanitise_line(&plan.name);
    let mut remarks = Vec::new();
    if let Some(failure) = lane.failure() {
        remarks.push(format!("✗ {name}: {}", wording::failed(plan, failure)));
    }
    for warning in lane.warnings_with(plan) {
        remarks.push(format!("! {name}: {}", sanitise_line(&warning)));
    }
    if lane.disturbed {
        remarks.push(format!(
            "! {name}: our own back-pressure may have moved these figures"
        ));
    }
    remarks
}

fn columns() -> Vec<Column> {
    let column = |title, priority, align, cell| Column {
        title,
        priority,
        align,
        cell,
    };
    vec![
        column("lane", 0, Align::Left, |row| sanitise_line(&row.plan.name)),
        column("tier", 6, Align::Left, |row| {
            row.plan.tier.map_or("–", |tier| tier.name()).to_owned()
        }),
        column("model", 9, Align::Left, |row| {
            sanitise_line(&row.plan.model)
        }),
        column("outcome", 1, Align::Left, |row| short_outcome(row.lane)),
        column("first", 4, Align::Right, |row| {
            figures::time(row.lane.timing().ttft_ms)
        }),
        column("answer", 3, Align::Right, |row| {
            figures::time(row.lane.timing().ttfa_ms)
        }),
        column("tok/s", 2, Align::Right, |row| {
            let rate = row.lane.rates().decode_tokens_per_sec;
            let mark = if row.lane.disturbed || row.is_contended {
                "!"
            } else {
                ""
            };
            format!("{}{mark}", figures::rate(rate, row.lane.usage().source))
        }),
        column("tokens", 5, Align::Right, |row| {
            figures::tokens(row.lane.usage().completion_tokens, row.lane.usage().source)
        }),
        column("thinking", 8, Align::Right, |row| {
            figures::tokens(row.lane.usage().reasoning_tokens, row.lane.usage().source)
        }),
        column("time", 2, Align::Right, |row| {
            figures::time(row.lane.timing().e2e_ms)
        }),
        column("cost", 3, Align::Right, |row| {
            wording::cost(row.plan, row.lane)
        }),
    ]
}

/// The outcome without reasons: those stand below the table.
fn short_outcome(lane: &LaneState) -> String {
    use super::{event::FinishReason, lane::Phase};
    match &lane.phase {
        Phase::Done(FinishReason::Stop) => "✓ done".to_owned(),
        Phase::Done(FinishReason::Length) => "✂ length".to_owned(),
        Phase::Done(FinishReason::ContentFilter) => "⊘ filtered".to_owned(),
        Phase::Done(FinishReason::Refusal) => "⊘ refused".to_owned(),
        Phase::Done(FinishReason::ToolCalls) => "✓ tool call".to_owned(),
        Phase::Done(FinishReason::Other) => "✓ ended".to_owned(),
        Phase::Failed(failure) => format!("✗ {}", failure.words()),
        Phase::Cancelled
        | Phase::Queued
        | Phase::Loading { .. }
        | Phase::Connecting
        | Phase::Prefill { .. }
        | Phase::Thinking
        | Phase::Answering => "■ stopped".to_owned(),
    }
}

fn column_width(column: &Column, cells: &[String]) -> usize {
    cells
        .iter()
        .map(|cell| cell.width())
        .chain([column.title.width()])
        .max()
        .unwrap_or(0)
}

fn total_width(columns: &[(Column, Vec<String>)]) -> usize {
    columns
        .iter()
        .map(|(column, cells)| column_width(column, cells) + 2)
        .sum::<usize>()
        .saturating_sub(2)
}

fn push_line(out: &mut String, cells: impl Iterator<Item = String>) {
    let line = cells.collect::<Vec<_>>().join("  ");
    out.push_str(line.trim_end());
    out.push('\n');
}

fn pad(text: &str, width: usize, align: Align) -> String {
    let space = " ".repeat(width.saturating_sub(text.width()));
    match align {
        Align::Left => format!("{text}{space}"),
        Align::Right => format!("{space}{text}"),
    }
}

/// The text in at most `width` columns, with `…` where it was cut.
pub fn cut(text: &str, width: usize) -> String {
    use unicode_segmentation::UnicodeSegmentation;
    if text.width() <= width {
        return text.to_owned();
    }
    let mut out = String::new();
    let mut used = 1;
    for grapheme in text.graphemes(true) {
        used += grapheme.width();
        if used > width {
            break;
        }
        out.push_str(grapheme);
    }
    if width > 0 {
        out.push('…');
    }
    out
}

#[cfg(test)]
mod tests;
