//! The table of a run for a person, as plain text: the same after `ask` and after the playground. Prints nothing.

use super::{figures, lane::LaneState, plan::LanePlan, sanitise::sanitise_line, wording};
use unicode_width::UnicodeWidthStr;

/// The widest cell of a text column; a longer name is cut with `…`.
const MAX_CELL: usize = 24;

/// One column of the table.
struct Column {
    title: &'static str,
    /// Columns with the highest number are left out first when the table is too wide.
    priority: u8,
    align: Align,
    cell: fn(&LanePlan, &LaneState) -> String,
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
    let mut columns: Vec<(Column, Vec<String>)> = columns()
        .into_iter()
        .map(|column| {
            let cells = lanes
                .iter()
                .map(|(plan, lane)| cut(&(column.cell)(plan, lane), MAX_CELL))
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
    for row in 0..lanes.len() {
        push_line(
            &mut out,
            columns
                .iter()
                .map(|(column, cells)| pad(&cells[row], column_width(column, cells), column.align)),
        );
    }
    for (plan, lane) in lanes {
        for remark in remarks(plan, lane) {
            out.push_str(&remark);
            out.push('\n');
        }
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
    for warning in lane.warnings() {
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
        column("lane", 0, Align::Left, |plan, _| sanitise_line(&plan.name)),
        column("tier", 6, Align::Left, |plan, _| {
            plan.tier.map_or("–", |tier| tier.name()).to_owned()
        }),
        column("model", 9, Align::Left, |plan, _| {
            sanitise_line(&plan.model)
        }),
        column("outcome", 1, Align::Left, |_, lane| short_outcome(lane)),
        column("first", 4, Align::Right, |_, lane| {
            figures::time(lane.timing().ttft_ms)
        }),
        column("answer", 3, Align::Right, |_, lane| {
            figures::time(lane.timing().ttfa_ms)
        }),
        column("tok/s", 2, Align::Right, |_, lane| {
            let rate = lane.rates().decode_tokens_per_sec;
            let mark = if lane.disturbed { "!" } else { "" };
            format!("{}{mark}", figures::rate(rate, lane.usage().source))
        }),
        column("tokens", 5, Align::Right, |_, lane| {
            figures::tokens(lane.usage().completion_tokens, lane.usage().source)
        }),
        column("thinking", 8, Align::Right, |_, lane| {
            figures::tokens(lane.usage().reasoning_tokens, lane.usage().source)
        }),
        column("time", 2, Align::Right, |_, lane| {
            figures::time(lane.timing().e2e_ms)
        }),
        column("cost", 3, Align::Right, |plan, lane| {
            wording::cost(plan, lane, None)
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
