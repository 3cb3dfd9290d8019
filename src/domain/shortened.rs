//! Names on little room: what tells them apart stays. Measures columns; knows no screen and no page.

use unicode_segmentation::UnicodeSegmentation;
use unicode_width::UnicodeWidthStr;

/// What all names begin with, up to a hyphen or a slash: where they are cut, it would be all that is left of them.
pub fn common_start(names: &[String]) -> &str {
    let Some((first, others)) = names.split_first().filter(|(_, others)| !others.is_empty()) else {
        return "";
    };
    let ends = first.match_indices(['-', '/']).map(|(at, _)| at + 1);
    ends.rev()
        .filter_map(|end| first.get(..end))
        .find(|start| others.iter().all(|name| name.starts_with(start)))
        .unwrap_or_default()
}

/// The text in at most so many columns, with `…` in its middle where it was cut: names often differ at their ends.
pub fn cut_middle(text: &str, width: usize) -> String {
    if text.width() <= width {
        return text.to_owned();
    }
    let room = width.saturating_sub(1);
    let fitting = |graphemes: &mut dyn Iterator<Item = &str>, room: usize| {
        let mut used = 0;
        let within = graphemes.take_while(|grapheme| {
            used += grapheme.width();
            used <= room
        });
        within.map(str::len).sum::<usize>()
    };
    let start = fitting(&mut text.graphemes(true), room.div_ceil(2));
    let end = fitting(&mut text.graphemes(true).rev(), room / 2);
    let start = text.get(..start).unwrap_or_default();
    let end = text.get(text.len() - end..).unwrap_or_default();
    if width == 0 {
        String::new()
    } else {
        format!("{start}…{end}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_all_names_begin_with_ends_at_a_hyphen() {
        let start = |names: &[&str]| {
            let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
            common_start(&names).to_owned()
        };
        assert_eq!(start(&["pocket-small", "pocket-flagship"]), "pocket-");
        assert_eq!(start(&["gpt-4o-mini", "gpt-4o"]), "gpt-");
        assert_eq!(start(&["host/small", "host/large"]), "host/");
        assert_eq!(start(&["small", "smaller"]), "");
        assert_eq!(start(&["pocket-small"]), "");
    }

    #[test]
    fn a_name_is_cut_in_its_middle() {
        assert_eq!(cut_middle("claude-opus", 11), "claude-opus");
        assert_eq!(cut_middle("claude-opus-4", 9), "clau…us-4");
        assert_eq!(cut_middle("claude-opus-4", 8), "clau…s-4");
        assert_eq!(cut_middle("字字字字字", 6), "字…字");
        for width in 0..20 {
            assert!(cut_middle("e\u{301}a字-b🎉c-dddddddd", width).width() <= width);
        }
        assert_eq!(cut_middle("abc", 1), "…");
    }
}
