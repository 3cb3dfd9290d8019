//! A table of words and figures for a person. Decides nothing.

use unicode_width::UnicodeWidthStr;

/// Columns between two columns.
const GAP: usize = 2;

/// A column: its heading, and where its cells end or begin.
#[derive(Debug, Clone, Copy)]
pub(super) enum Column {
    /// Words begin below each other.
    Words(&'static str),
    /// Figures end below each other.
    Figures(&'static str),
}

impl Column {
    const fn heading(self) -> &'static str {
        match self {
            Self::Words(heading) | Self::Figures(heading) => heading,
        }
    }
}

/// Writes the table; the cells are safe already. A column without a word in it is left out.
pub(super) fn render(columns: &[Column], rows: &[Vec<String>]) -> String {
    let cells = |at: usize| rows.iter().filter_map(move |row| row.get(at));
    let shown: Vec<(usize, Column, usize)> = columns
        .iter()
        .copied()
        .enumerate()
        .filter(|(at, _)| cells(*at).any(|cell| !cell.is_empty()))
        .map(|(at, column)| {
            let widths = cells(at).map(|cell| cell.width());
            (
                at,
                column,
                widths.chain([column.heading().width()]).max().unwrap_or(0),
            )
        })
        .collect();
    let headings: Vec<String> = columns
        .iter()
        .map(|column| column.heading().to_owned())
        .collect();
    let lines = [&headings].into_iter().chain(rows).map(|row| {
        let mut line = String::new();
        for (at, column, width) in &shown {
            let cell = row.get(*at).map_or("", String::as_str);
            let pad = " ".repeat(width - cell.width());
            match column {
                Column::Words(_) => line.extend([cell, &pad]),
                Column::Figures(_) => line.extend([&pad, cell]),
            }
            line.push_str(&" ".repeat(GAP));
        }
        format!("{}\n", line.trim_end())
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_end_and_words_begin_below_each_other() {
        let columns = [
            Column::Words("LANE"),
            Column::Figures("CELLS"),
            Column::Words("NOTE"),
        ];
        let rows = [["mini", "3", ""], ["flagship", "1 200", ""]]
            .map(|row| row.map(str::to_owned).to_vec());
        assert_eq!(
            render(&columns, &rows),
            "LANE      CELLS\nmini          3\nflagship  1 200\n"
        );
    }
}
