//! Breaks text into the rows of a given width. Knows nothing of styles; expects text that is safe to show.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// One row: a range of bytes, white space at its end included, the line feed not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Row {
    /// First byte.
    pub start: usize,
    /// Byte after the last one.
    pub end: usize,
}

/// The columns of a grapheme.
pub type Measure = fn(&str) -> usize;

/// The columns that a terminal gives to safe text.
pub fn columns(grapheme: &str) -> usize {
    grapheme.width()
}

/// Appends the rows of `text` from byte `start` on, which must begin a row; always at least one row, and an empty last
/// one after a line feed. Returns the number of bytes looked at.
///
/// Breaks after white space and wide characters, inside of words only where a word is longer than a row. Greedy, so
/// that text appended later can move nothing but the last row: wrapping again from the start of that row gives what
/// wrapping all would give.
pub fn wrap(
    text: &str,
    start: usize,
    width: usize,
    measure: Measure,
    rows: &mut Vec<Row>,
) -> usize {
    wrap_until(text, start, width, measure, rows, |_| false)
}

/// Like [`wrap`], but ends before the first row that begins at a byte for which `is_known` says so: what follows
/// depends on nothing before it, so that rows which were known to begin there still stand.
pub fn wrap_until(
    text: &str,
    start: usize,
    width: usize,
    measure: Measure,
    rows: &mut Vec<Row>,
    mut is_known: impl FnMut(usize) -> bool,
) -> usize {
    let Some(rest) = text.get(start..) else {
        return 0;
    };
    let width = width.max(1);
    let mut row = start;
    let mut used = 0;
    // Where the row may be broken, and the columns used up to there.
    let mut chance: Option<(usize, usize)> = None;
    let mut push = |start, end, next| {
        rows.push(Row { start, end });
        is_known(next)
    };
    for (offset, grapheme) in rest.grapheme_indices(true) {
        let (at, next) = (start + offset, start + offset + grapheme.len());
        if grapheme.ends_with('\n') {
            if push(row, at, next) {
                return next - start;
            }
            (row, used, chance) = (next, 0, None);
            continue;
        }
        let columns = measure(grapheme);
        let is_space = grapheme == " " || grapheme == "\t";
        // White space may hang over the edge, but not without end.
        let limit = if is_space { width * 2 } else { width };
        if used + columns > limit && at > row {
            let (broken_at, before) = chance.unwrap_or((at, used));
            if push(row, broken_at, broken_at) {
                return next - start;
            }
            (row, used, chance) = (broken_at, used - before, None);
            if used + columns > limit && at > row {
                if push(row, at, at) {
                    return next - start;
                }
                (row, used) = (at, 0);
            }
        }
        used += columns;
        if is_space || columns > 1 {
            chance = Some((next, used));
        }
    }
    push(row, text.len(), text.len());
    rest.len()
}

#[cfg(test)]
#[allow(clippy::string_slice)] // the rows say where to cut
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn wrapped(text: &str, width: usize) -> Vec<&str> {
        let mut rows = Vec::new();
        wrap(text, 0, width, columns, &mut rows);
        rows.iter().map(|row| &text[row.start..row.end]).collect()
    }

    #[test]
    fn breaks_between_words() {
        assert_eq!(
            wrapped("the quick brown fox", 10),
            ["the quick ", "brown fox"]
        );
        assert_eq!(wrapped("one\ntwo\n", 10), ["one", "two", ""]);
        assert_eq!(wrapped("", 10), [""]);
        assert_eq!(wrapped("a  b", 2), ["a  ", "b"]);
    }

    #[test]
    fn breaks_inside_a_word_that_is_longer_than_a_row() {
        assert_eq!(wrapped("ab cdefghij", 5), ["ab ", "cdefg", "hij"]);
    }

    #[test]
    fn gives_wide_characters_their_columns() {
        assert_eq!(wrapped("日本語テスト", 5), ["日本", "語テ", "スト"]);
        assert_eq!(wrapped("日本", 1), ["日", "本"]);
        assert_eq!(
            wrapped("e\u{301}e\u{301}e\u{301}", 2),
            ["e\u{301}e\u{301}", "e\u{301}"]
        );
    }

    #[test]
    fn white_space_does_not_make_endless_rows() {
        assert!(wrapped(&" ".repeat(1_000), 10).len() > 40);
    }

    fn text() -> impl Strategy<Value = String> {
        let c = proptest::sample::select("ab cd \n é日🦀\u{301}-".chars().collect::<Vec<_>>());
        proptest::collection::vec(c, 0..80).prop_map(|chars| chars.into_iter().collect())
    }

    proptest! {
        #[test]
        fn rows_hold_everything_in_order_and_fit(text in text(), width in 2usize..12) {
            let mut rows = Vec::new();
            wrap(&text, 0, width, columns, &mut rows);
            let mut at = 0;
            for row in &rows {
                let between = &text[at..row.start];
                prop_assert!(between.is_empty() || between == "\n");
                prop_assert!(text[row.start..row.end].trim_end().width() <= width);
                at = row.end;
            }
            prop_assert_eq!(at, text.len());
        }

        #[test]
        fn appending_moves_only_the_last_row(text in text(), width in 1usize..12, cut in 0usize..80) {
            let mut whole = Vec::new();
            wrap(&text, 0, width, columns, &mut whole);
            let cut = text.char_indices().map(|(at, _)| at).nth(cut).unwrap_or(text.len());
            let mut rows = Vec::new();
            wrap(&text[..cut], 0, width, columns, &mut rows);
            let from = rows.pop().unwrap().start;
            wrap(&text, from, width, columns, &mut rows);
            prop_assert_eq!(rows, whole);
        }
    }
}
