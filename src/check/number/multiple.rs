//! What stands behind a number and makes a multiple of it: `5 million`, `$1.5M`. Calculates nothing.
//!
//! English words that say one power of ten are read (`billion` is 10⁹, as English has it today). Where a letter or a
//! word may as well be a unit (`5k` is a race, `7B` a size, `M` a thousand to some), or is of another language, the
//! number is not read. `K` after a space is kelvin, and `m` is metres, unless a currency stands before the number.

use super::context::{is_currency, is_letter};

/// What a number is multiplied by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Multiple {
    /// By ten to the power of it.
    Power(u8),
    /// By something that may be read in more than one way.
    Unclear(&'static str),
}

const MULTIPLE: Multiple = Multiple::Unclear("a multiple that can be read in more than one way");
const PART: Multiple = Multiple::Unclear("a part of one");

/// What stands between a number and a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    None,
    Space,
    Hyphen,
}

/// Looks behind a number that begins and ends here; with the position behind what it found.
pub(super) fn multiple(
    chars: &[(usize, char)],
    start: usize,
    end: usize,
) -> Option<(Multiple, usize)> {
    let char_at = |at: usize| chars.get(at).map(|(_, c)| *c);
    // Chinese, Japanese and Korean.
    let first = char_at(end)?;
    if "十百千万萬億亿兆만억조".contains(first) {
        return Some((MULTIPLE, end + 1));
    }
    let (gap, at) = gap(chars, end);
    let word: String = letters(chars, at);
    let behind = at + word.chars().count();
    let is_whole = !char_at(behind).is_some_and(|c| c.is_ascii_digit());
    if word.is_empty() || !is_whole {
        return None;
    }
    let is_compound =
        matches!(char_at(behind), Some('-' | '‑')) && char_at(behind + 1).is_some_and(is_letter);
    if let Some(multiple) = of_word(&word.to_lowercase()) {
        return Some((if is_compound { MULTIPLE } else { multiple }, behind));
    }
    let is_free = !is_compound && !matches!(char_at(behind), Some('&' | '\'' | '’'));
    let is_money = has_currency(chars, start, behind);
    (is_free && of_letters(&word, gap, is_money)).then_some((MULTIPLE, behind))
}

/// Whether nothing but a space, or the word `and`, stands between a multiple and a number: `2 million 500 thousand`.
pub(super) fn is_continued(chars: &[(usize, char)], behind: usize, start: usize) -> bool {
    let between: String = chars
        .get(behind..start)
        .unwrap_or_default()
        .iter()
        .map(|(_, c)| *c)
        .collect();
    let is_one_line = !between.contains('\n');
    is_one_line && !between.is_empty() && matches!(between.trim(), "" | "and")
}

fn of_word(word: &str) -> Option<Multiple> {
    Some(match word {
        "hundred" => Multiple::Power(2),
        "thousand" | "thousands" => Multiple::Power(3),
        "lakh" | "lakhs" => Multiple::Power(5),
        "million" | "millions" | "mln" => Multiple::Power(6),
        "crore" | "crores" => Multiple::Power(7),
        "billion" | "billions" | "bn" | "bln" => Multiple::Power(9),
        "trillion" | "trillions" => Multiple::Power(12),
        "quadrillion"
        | "dozen"
        | "dozens"
        | "mn"
        | "tn"
        | "trn"
        | "mio"
        | "mrd"
        | "tausend"
        | "millionen"
        | "milliarde"
        | "milliarden"
        | "billionen"
        | "mille"
        | "milliard"
        | "milliards"
        | "mil"
        | "millón"
        | "millones"
        | "mila"
        | "milione"
        | "milioni"
        | "miliardo"
        | "miliardi"
        | "milhão"
        | "milhões"
        | "bilhão"
        | "bilhões"
        | "miljoen"
        | "miljard"
        | "tys"
        | "milion"
        | "miliony"
        | "milionów"
        | "тыс"
        | "тысяча"
        | "тысячи"
        | "тысяч"
        | "млн"
        | "миллион"
        | "миллиона"
        | "миллионов"
        | "млрд"
        | "миллиард"
        | "миллиарда"
        | "миллиардов" => MULTIPLE,
        "tenth" | "tenths" | "hundredth" | "hundredths" | "thousandths" | "millionths"
        | "billionths" => PART,
        _ => return None,
    })
}

/// Whether letters may stand for a thousand or more.
fn of_letters(word: &str, gap: Gap, is_money: bool) -> bool {
    match gap {
        Gap::Hyphen => false,
        _ if is_money => {
            matches!(
                word,
                "k" | "K" | "m" | "M" | "mm" | "MM" | "b" | "B" | "t" | "T"
            )
        }
        Gap::None => matches!(word, "k" | "K" | "M" | "MM" | "B" | "T"),
        Gap::Space => matches!(word, "k" | "M" | "MM"),
    }
}

fn has_currency(chars: &[(usize, char)], start: usize, behind: usize) -> bool {
    let is_currency_at = |at: Option<usize>| {
        at.and_then(|at| chars.get(at))
            .is_some_and(|(_, c)| is_currency(*c))
    };
    is_currency_at(start.checked_sub(1))
        || is_currency_at(Some(behind))
        || chars.get(behind).is_some_and(|(_, c)| *c == ' ') && is_currency_at(Some(behind + 1))
}

/// Passes over spaces, a hyphen, and the marks of Markdown and LaTeX: `**5** million`, `5\text{ million}`.
fn gap(chars: &[(usize, char)], mut at: usize) -> (Gap, usize) {
    let mut gap = Gap::None;
    while let Some((_, c)) = chars.get(at) {
        match c {
            ' ' | '\t' | '\u{a0}' | '\u{2009}' | '\u{202f}' | '~' => gap = Gap::Space,
            '*' | '_' | '{' | '}' => {}
            '-' | '‑' if gap == Gap::None => gap = Gap::Hyphen,
            '\\' => {
                let command = letters(chars, at + 1);
                match command.as_str() {
                    "text" | "mathrm" | "textbf" | "mathbf" => at += command.len(),
                    "" => {
                        at += 1;
                        gap = Gap::Space;
                    }
                    _ => break,
                }
            }
            _ => break,
        }
        at += 1;
    }
    (gap, at)
}

/// The letters from here on, as many as a word of this table may have.
fn letters(chars: &[(usize, char)], at: usize) -> String {
    const MOST: usize = 16;
    let rest = chars.get(at..).unwrap_or_default();
    rest.iter()
        .map(|(_, c)| *c)
        .take(MOST)
        .take_while(|c| is_letter(*c))
        .collect()
}
