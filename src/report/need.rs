//! What a person needs of a lane, as they write it: `pass>=0.9,ttfa<2s,cost<0.001`. Judges no lane.

use serde::Serialize;
use std::{fmt, str::FromStr};

/// All of these must hold.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Need {
    /// The terms in the order in which they were written.
    pub terms: Vec<Term>,
}

/// One figure and its bound.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Term {
    /// Which figure.
    pub figure: Figure,
    /// Which side of the bound is good.
    pub bound: Bound,
    /// The bound, in the figure's own unit.
    pub value: f64,
}

/// A figure of a lane that can be needed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Figure {
    /// Passed of judged, 0 to 1.
    Pass,
    /// Median time to the first piece, in milliseconds.
    Ttft,
    /// Median time to the first piece of the answer, in milliseconds.
    Ttfa,
    /// Median time to the last piece, in milliseconds.
    E2e,
    /// Median decode rate, in tokens per second.
    Speed,
    /// Median cost of a prompt, in US dollars.
    Cost,
    /// Median completion tokens of an answer.
    Tokens,
}

/// Which side of a bound is good.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Bound {
    /// The bound or more.
    #[serde(rename = ">=")]
    AtLeast,
    /// More than the bound.
    #[serde(rename = ">")]
    Above,
    /// The bound or less.
    #[serde(rename = "<=")]
    AtMost,
    /// Less than the bound.
    #[serde(rename = "<")]
    Below,
}

/// A need that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct NeedError(String);

impl Figure {
    const ALL: [(&'static str, Self); 9] = [
        ("pass", Self::Pass),
        ("ttft", Self::Ttft),
        ("ttfa", Self::Ttfa),
        ("e2e", Self::E2e),
        ("time", Self::E2e),
        ("speed", Self::Speed),
        ("tok/s", Self::Speed),
        ("cost", Self::Cost),
        ("tokens", Self::Tokens),
    ];

    /// The word it is written with.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Ttft => "ttft",
            Self::Ttfa => "ttfa",
            Self::E2e => "e2e",
            Self::Speed => "speed",
            Self::Cost => "cost",
            Self::Tokens => "tokens",
        }
    }
}

impl Bound {
    const ALL: [(&'static str, Self); 4] = [
        (">=", Self::AtLeast),
        ("<=", Self::AtMost),
        (">", Self::Above),
        ("<", Self::Below),
    ];

    /// The sign it is written with.
    pub const fn sign(self) -> &'static str {
        match self {
            Self::AtLeast => ">=",
            Self::Above => ">",
            Self::AtMost => "<=",
            Self::Below => "<",
        }
    }

    /// Whether a figure is on the good side.
    pub fn is_met(self, figure: f64, value: f64) -> bool {
        match self {
            Self::AtLeast => figure >= value,
            Self::Above => figure > value,
            Self::AtMost => figure <= value,
            Self::Below => figure < value,
        }
    }
}

impl FromStr for Need {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        let terms: Vec<Term> = text
            .split(',')
            .map(str::trim)
            .filter(|term| !term.is_empty())
            .map(Term::from_str)
            .collect::<Result<_, _>>()?;
        if terms.is_empty() {
            return Err(NeedError(format!(
                "`{text}` names no figure; such as `pass>=0.9,ttfa<2s,cost<0.001`"
            )));
        }
        Ok(Self { terms })
    }
}

impl FromStr for Term {
    type Err = NeedError;

    fn from_str(text: &str) -> Result<Self, NeedError> {
        let (bound, (name, value)) = Bound::ALL
            .into_iter()
            .find_map(|(sign, bound)| Some((bound, text.split_once(sign)?)))
            .ok_or_else(|| NeedError(format!("`{text}` has no `<`, `<=`, `>` or `>=`")))?;
        let name = name.trim();
        let figure = Figure::ALL
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, figure)| figure)
            .ok_or_else(|| {
                let known: Vec<&str> = Figure::ALL.iter().map(|(known, _)| *known).collect();
                NeedError(format!(
                    "`{name}` is no figure that can be needed; there are {}",
                    known.join(", ")
                ))
            })?;
        let value = value.trim();
        let read = match figure {
            Figure::Pass => match value.strip_suffix('%') {
                Some(percent) => number(percent).map(|percent| percent / 100.0),
                None => number(value),
            }
            .filter(|share| (0.0..=1.0).contains(share)),
            Figure::Ttft | Figure::Ttfa | Figure::E2e => milliseconds(value),
            Figure::Speed => number(value.strip_suffix("tok/s").unwrap_or(value)),
            Figure::Cost => number(value.strip_prefix('$').unwrap_or(value)),
            Figure::Tokens => number(value),
        };
        let value = read.ok_or_else(|| {
            let such = match figure {
                Figure::Pass => "a share such as `0.9` or `90%`",
                Figure::Ttft | Figure::Ttfa | Figure::E2e => "a time such as `800ms` or `2s`",
                Figure::Speed => "tokens per second such as `50`",
                Figure::Cost => "US dollars such as `0.001`",
                Figure::Tokens => "a number of tokens such as `500`",
            };
            NeedError(format!("`{value}` in `{text}` must be {such}"))
        })?;
        Ok(Self {
            figure,
            bound,
            value,
        })
    }
}

fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    (number.is_finite() && number >= 0.0).then_some(number)
}

fn milliseconds(text: &str) -> Option<f64> {
    let (digits, factor) = match (text.strip_suffix("ms"), text.strip_suffix('s')) {
        (Some(digits), _) => (digits, 1.0),
        (None, Some(digits)) => (digits, 1_000.0),
        (None, None) => match text.strip_suffix('m') {
            Some(digits) => (digits, 60_000.0),
            None => (text, 1_000.0),
        },
    };
    number(digits).map(|number| number * factor)
}

impl fmt::Display for Term {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, sign, value) = (self.figure.name(), self.bound.sign(), self.value);
        match self.figure {
            Figure::Pass => write!(out, "{name} {sign} {} %", trimmed(value * 100.0)),
            Figure::Ttft | Figure::Ttfa | Figure::E2e => {
                write!(out, "{name} {sign} {} s", trimmed(value / 1_000.0))
            }
            Figure::Speed => write!(out, "{name} {sign} {value} tok/s"),
            Figure::Cost => write!(out, "{name} {sign} ${value}"),
            Figure::Tokens => write!(out, "{name} {sign} {value}"),
        }
    }
}

/// Without what division leaves behind the digits that were written.
fn trimmed(value: f64) -> f64 {
    (value * 1e6).round() / 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_need_is_read_with_its_units() {
        let need: Need = "pass>=0.9, ttfa<2s,cost<0.001,e2e<=800ms,speed>50,tokens<500"
            .parse()
            .unwrap();
        let shown: Vec<String> = need.terms.iter().map(Term::to_string).collect();
        assert_eq!(
            shown,
            [
                "pass >= 90 %",
                "ttfa < 2 s",
                "cost < $0.001",
                "e2e <= 0.8 s",
                "speed > 50 tok/s",
                "tokens < 500"
            ]
        );
        let same: [Need; 2] = [
            "pass>=90%,ttfa<2000ms,cost<$0.001".parse().unwrap(),
            "pass >= .9,ttfa<2,cost<1e-3".parse().unwrap(),
        ];
        assert_eq!(same[0], same[1]);
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("", "names no figure"),
            ("pass", "`pass` has no"),
            ("quality>1", "`quality` is no figure"),
            ("pass>=90", "`90` in `pass>=90` must be a share"),
            ("ttfa<soon", "must be a time"),
            ("cost<-1", "US dollars"),
            ("cost<NaN", "US dollars"),
        ] {
            let error = text.parse::<Need>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
