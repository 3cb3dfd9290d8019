//! The last number of an answer. Reads what can be read in one way only, and guesses nothing else.
//!
//! Read: ASCII digits with a sign (`-` or `−`), decimals after a point, an exponent (`1.5e-3`), thousands in commas, thin
//! or protected spaces, apostrophes or underscores (`1,234.5`), a currency before or after (`-$5`), a percent sign or a
//! unit after it (`19 %`, `19kg`); a percent sign changes nothing: 50 % is 50. One comma between digits is a thousands
//! separator where three digits follow: `1,234` is 1234. English words behind it multiply it: `5 million` is 5000000.
//!
//! Passed over, as if they were words: versions and addresses (`9.11.2`), dates (`2024-01-05`), times and ratios (`12:30`),
//! and digits inside of words (`H2O`, `COVID-19`, `0x1F`, `x_1`).
//!
//! Not read, and said so where they come last: fractions (`3/4`, `½`, `\frac{3}{4}`), powers and roots (`10^6`, `√2`), and
//! what may be one number or several, or a number in another country's way (`3,14`, `1.234.567`, `12 345`), or a multiple
//! that is not said in one way only (`5k`, `$1.5M`, `7B`, `5 Millionen`, `2 million 500`).

mod context;
mod multiple;
mod run;

use self::{
    context::{Before, before},
    run::{Reading, Run},
};

/// The last number of an answer.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum LastNumber<'a> {
    /// There is none.
    None,
    /// It can be read.
    Value(f64),
    /// It stands there, but cannot be read in one way only.
    Unreadable {
        /// As it is written.
        text: &'a str,
        /// What it is, after "which is".
        what: &'static str,
    },
}

/// Finds it, in time linear in the answer.
pub(super) fn last(answer: &str) -> LastNumber<'_> {
    let chars: Vec<(usize, char)> = answer.char_indices().collect();
    let mut found = LastNumber::None;
    let mut behind_multiple = None;
    let mut at = 0;
    while at < chars.len() {
        if !is_start(&chars, at) {
            at += 1;
            continue;
        }
        let run = Run::at(&chars, at);
        let text = answer
            .get(run.bytes(&chars, answer.len()))
            .unwrap_or_default();
        let is_continued =
            behind_multiple.is_some_and(|behind| multiple::is_continued(&chars, behind, at));
        behind_multiple = run.behind_multiple();
        match (before(&chars, at), run.reading(&chars)) {
            _ if is_continued => {
                let what = "a part of a larger number";
                found = LastNumber::Unreadable { text, what };
            }
            (Before::Word, _) | (_, Reading::Skip) => {}
            (Before::Unreadable(what), _) | (_, Reading::Unreadable(what)) => {
                found = LastNumber::Unreadable { text, what };
            }
            // The sign belongs to the first number of the run.
            (sign, Reading::Value { value, is_first }) => {
                let is_negative = sign == Before::Minus && is_first;
                found = LastNumber::Value(if is_negative { -value } else { value });
            }
        }
        at = run.end.max(at + 1);
    }
    found
}

/// A text that is one number and nothing else but its sign, a currency and a percent sign.
pub(super) fn read(text: &str) -> Option<f64> {
    let text = text.trim();
    let is_sign = |c: char| matches!(c, '+' | '-' | '−');
    let is_around = |c: char| matches!(c, '%' | ' ') || context::is_currency(c);
    let start = text.trim_start_matches(|c| is_sign(c) || context::is_currency(c));
    let signs = text
        .chars()
        .take_while(|c| is_sign(*c) || context::is_currency(*c))
        .filter(|c| is_sign(*c));
    let chars: Vec<(usize, char)> = start.trim_end_matches(is_around).char_indices().collect();
    let is_whole =
        is_start(&chars, 0) && Run::at(&chars, 0).end == chars.len() && signs.count() < 2;
    match last(text) {
        LastNumber::Value(value) if is_whole => Some(value),
        _ => None,
    }
}

/// Whether a number begins here; asked only outside of the numbers before.
fn is_start(chars: &[(usize, char)], at: usize) -> bool {
    let digit = |at: usize| chars.get(at).is_some_and(|(_, c)| c.is_ascii_digit());
    match chars.get(at).map(|(_, c)| *c) {
        Some(c) if c.is_ascii_digit() || run::is_fraction(c) => true,
        Some('.') => {
            let is_inside = at.checked_sub(1).is_some_and(|at| {
                chars
                    .get(at)
                    .is_some_and(|(_, c)| c.is_alphanumeric() || *c == '.')
            });
            digit(at + 1) && !is_inside
        }
        _ => false,
    }
}
