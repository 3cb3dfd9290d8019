//! How an answer differs from another one, word by word, as marks in its text. Judges no meaning.

use super::text::escape;

/// Longer comparisons than so many pairs of words are not made.
const MOST_PAIRS: usize = 1_000_000;
/// Where less than this part of the words is common, marks would cover everything.
const LEAST_COMMON: f64 = 0.4;

/// What came of a comparison.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Difference {
    /// Word for word the same.
    Same,
    /// The text with its marks: `<ins>` stands here alone, `<del>` there alone.
    Marked(String),
    /// So small a part of the words is common, 0 to 1, that marks would say nothing.
    Other(f64),
    /// Too long to be compared.
    TooLong,
}

/// A word with the white space behind it.
type Word<'a> = &'a str;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Same,
    Added,
    Gone,
}

/// Compares a text with the one that it is shown beside; both are safe already and not yet escaped.
pub(super) fn compare(base: &str, own: &str) -> Difference {
    let (base, own) = (words(base), words(own));
    let is_same = |pair: (&Word<'_>, &Word<'_>)| pair.0.trim_end() == pair.1.trim_end();
    let before = base
        .iter()
        .zip(&own)
        .take_while(|pair| is_same(*pair))
        .count();
    if before == base.len() && before == own.len() {
        return Difference::Same;
    }
    let (head, base_rest) = (own.get(..before), base.get(before..).unwrap_or_default());
    let own_rest = own.get(before..).unwrap_or_default();
    let after = base_rest
        .iter()
        .rev()
        .zip(own_rest.iter().rev())
        .take_while(|pair| is_same(*pair))
        .count();
    let base_middle = base_rest.get(..base_rest.len() - after).unwrap_or_default();
    let own_middle = own_rest.get(..own_rest.len() - after).unwrap_or_default();
    let tail = own_rest.get(own_rest.len() - after..).unwrap_or_default();
    if base_middle.len() * own_middle.len() > MOST_PAIRS {
        return Difference::TooLong;
    }
    let mut parts: Vec<(Kind, Word<'_>)> = Vec::with_capacity(base.len() + own.len());
    parts.extend(
        head.unwrap_or_default()
            .iter()
            .map(|word| (Kind::Same, *word)),
    );
    middle(base_middle, own_middle, &mut parts);
    parts.extend(tail.iter().map(|word| (Kind::Same, *word)));
    let common = parts.iter().filter(|(kind, _)| *kind == Kind::Same).count();
    let share = common as f64 / base.len().max(own.len()).max(1) as f64;
    if share < LEAST_COMMON && base.len().max(own.len()) > 3 {
        return Difference::Other(share);
    }
    Difference::Marked(marked(&parts))
}

fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut start = 0;
    let mut is_space = false;
    for (place, c) in text.char_indices() {
        if !c.is_whitespace() && is_space {
            words.extend(text.get(start..place));
            start = place;
        }
        is_space = c.is_whitespace();
    }
    words.extend(text.get(start..).filter(|word| !word.is_empty()));
    words
}

/// The longest common subsequence, walked from the beginning.
fn middle<'a>(base: &[Word<'a>], own: &[Word<'a>], parts: &mut Vec<(Kind, Word<'a>)>) {
    let width = own.len() + 1;
    // For each pair of places the length of what the rests have in common.
    let mut lengths = vec![0_u32; (base.len() + 1) * width];
    let is_same = |b: usize, o: usize| match (base.get(b), own.get(o)) {
        (Some(b), Some(o)) => b.trim_end() == o.trim_end(),
        _ => false,
    };
    for b in (0..base.len()).rev() {
        for o in (0..own.len()).rev() {
            lengths[b * width + o] = if is_same(b, o) {
                lengths[(b + 1) * width + o + 1] + 1
            } else {
                lengths[(b + 1) * width + o].max(lengths[b * width + o + 1])
            };
        }
    }
    let (mut b, mut o) = (0, 0);
    while b < base.len() || o < own.len() {
        if is_same(b, o) {
            parts.push((Kind::Same, own[o]));
            b += 1;
            o += 1;
        } else if o == own.len()
            || b < base.len() && lengths[(b + 1) * width + o] >= lengths[b * width + o + 1]
        {
            parts.push((Kind::Gone, base[b]));
            b += 1;
        } else {
            parts.push((Kind::Added, own[o]));
            o += 1;
        }
    }
}

fn marked(parts: &[(Kind, Word<'_>)]) -> String {
    let mut out = String::new();
    for group in parts.chunk_by(|a, b| a.0 == b.0) {
        let kind = group.first().map_or(Kind::Same, |(kind, _)| *kind);
        let text: String = group.iter().map(|(_, word)| *word).collect();
        let (word, space) = text.split_at(text.trim_end().len());
        match kind {
            Kind::Same => out.push_str(&escape(&text)),
            Kind::Added => {
                out.push_str("<ins>");
                out.push_str(&escape(word));
                out.push_str("</ins>");
                out.push_str(space);
            }
            Kind::Gone => {
                out.push_str("<del>");
                out.push_str(&escape(word));
                out.push_str("</del>");
                // The other text's line breaks are not this one's.
                out.push(' ');
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_that_differ_are_marked() {
        assert_eq!(compare("a b c", "a b c"), Difference::Same);
        assert_eq!(compare("a b c", "a  b\nc"), Difference::Same);
        assert_eq!(
            compare("There are 3 r's in it.", "There are two r's in it."),
            Difference::Marked("There are <del>3</del> <ins>two</ins> r&#39;s in it.".to_owned())
        );
        assert_eq!(
            compare("19", "18"),
            Difference::Marked("<del>19</del> <ins>18</ins>".to_owned())
        );
        assert_eq!(
            compare("yes", ""),
            Difference::Marked("<del>yes</del> ".to_owned())
        );
        assert_eq!(
            compare("a b c d e f", "u v w x y f"),
            Difference::Other(1.0 / 6.0)
        );
    }

    #[test]
    fn what_is_marked_is_escaped() {
        let Difference::Marked(html) = compare("a b c <b>", "a b c <script>\"&") else {
            panic!("nothing is marked");
        };
        assert_eq!(
            html,
            "a b c <del>&lt;b&gt;</del> <ins>&lt;script&gt;&quot;&amp;</ins>"
        );
    }

    #[test]
    fn long_texts_are_left_as_they_are() {
        let text = |word: &str| format!("{word} ").repeat(2_000);
        assert_eq!(compare(&text("a"), &text("b")), Difference::TooLong);
        // What is common at both ends is cheap.
        let long = |middle: &str| format!("{}{middle} {}", text("a"), text("b"));
        assert!(matches!(
            compare(&long("x"), &long("y")),
            Difference::Marked(_)
        ));
    }
}
