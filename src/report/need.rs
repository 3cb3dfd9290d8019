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
    /// Passed of judged and failed, 0 to 1: an answer that never came has not passed.
    Pass,
    /// Cells that failed, of all that ended, 0 to 1.
    Failed,
    /// Median time to the first piece, in milliseconds.
    Ttft,
    /// Median time to the first piece of the answer, in milliseconds.
    Ttfa,
    /// Median time to the last piece, in milliseconds.
    E2e,
    /// Median decode rate, in tokens per second.
    Speed,
    /// Mean cost of a prompt, in US dollars: what a month is reckoned by.
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
    const ALL: [(&'static str, Self); 10] = [
        ("pass", Self::Pass),
        ("failed", Self::Failed),
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
            Self::Failed => "failed",
            Self::Ttft => "ttft",
            Self::Ttfa => "ttfa",
            Self::E2e => "e2e",
            Self::Speed => "speed",
            Self::Cost => "cost",
            Self::Tokens => "tokens",
        }
    }

    /// How a bound of it is written.
    const fn sample(self) -> &'static str {
        match self {
            Self::Pass | Self::Failed => "a share from 0 to 1 such as `0.9`, or `90%`",
            Self::Ttft | Self::Ttfa | Self::E2e => "a time such as `800ms` or `2s`",
            Self::Speed => "tokens per second such as `50`",
            Self::Cost => "US dollars such as `0.001`",
            Self::Tokens => "a number of tokens such as `500`",
        }
    }

    /// A bound of it in its own unit; `None` where it is none.
    fn read(self, text: &str) -> Option<f64> {
        match self {
            Self::Pass | Self::Failed => match text.strip_suffix('%') {
                Some(percent) => number(percent).map(|percent| percent / 100.0),
                None => number(text),
            },
            Self::Ttft | Self::Ttfa | Self::E2e => milliseconds(text),
            Self::Speed => number(text.strip_suffix("tok/s").unwrap_or(text)),
            Self::Cost => number(text.strip_prefix('$').unwrap_or(text)),
            Self::Tokens => number(text),
        }
    }

    /// The most that it can be.
    const fn most(self) -> f64 {
        match self {
            Self::Pass | Self::Failed => 1.0,
            Self::Ttft | Self::Ttfa | Self::E2e | Self::Speed | Self::Cost | Self::Tokens => {
                f64::INFINITY
            }
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

    /// Whether it is the least that a figure may be.
    const fn is_lower(self) -> bool {
        matches!(self, Self::AtLeast | Self::Above)
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
        if text.trim().is_empty() {
            return Err(NeedError(format!(
                "`{text}` names no figure; such as `pass>=0.9,ttfa<2s,cost<0.001`"
            )));
        }
        let mut terms: Vec<Term> = Vec::new();
        for written in text.split(',').map(str::trim) {
            if written.is_empty() {
                return Err(NeedError(format!(
                    "there is nothing between two commas, or beside one, in `{text}`"
                )));
            }
            let term: Term = written.parse()?;
            for earlier in &terms {
                term.agrees_with(earlier)?;
            }
            terms.push(term);
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
        let written = value.trim();
        let must_be = || format!("`{written}` in `{text}` must be {}", figure.sample());
        let value = figure.read(written).ok_or_else(|| NeedError(must_be()))?;
        if value.is_sign_negative() {
            return Err(NeedError(format!("{}, and never less than 0", must_be())));
        }
        if value > figure.most() {
            return Err(NeedError(must_be()));
        }
        let term = Self {
            figure,
            bound,
            value,
        };
        if term.is_impossible() {
            return Err(NeedError(format!(
                "nothing can meet `{text}`: {} is never {} {written}",
                figure.name(),
                if bound.is_lower() { "above" } else { "below" },
            )));
        }
        Ok(term)
    }
}

impl Term {
    /// Whether no figure is on its good side.
    fn is_impossible(self) -> bool {
        match self.bound {
            Bound::Below => self.value <= 0.0,
            Bound::Above => self.value >= self.figure.most(),
            Bound::AtLeast | Bound::AtMost => false,
        }
    }

    /// Another bound of the same figure must be on the other side, and leave something between the two.
    fn agrees_with(self, earlier: &Self) -> Result<(), NeedError> {
        if self.figure != earlier.figure {
            return Ok(());
        }
        let name = self.figure.name();
        if self.bound.is_lower() == earlier.bound.is_lower() {
            return Err(NeedError(format!(
                "`{name}` has two bounds on the same side, `{earlier}` and `{self}`: one of them says nothing"
            )));
        }
        let (low, high) = if self.bound.is_lower() {
            (&self, earlier)
        } else {
            (earlier, &self)
        };
        let both =
            |value| low.bound.is_met(value, low.value) && high.bound.is_met(value, high.value);
        if low.value < high.value || both(low.value) {
            return Ok(());
        }
        Err(NeedError(format!(
            "nothing can meet `{earlier}` and `{self}` together"
        )))
    }
}

fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
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
            Figure::Pass | Figure::Failed => {
                write!(out, "{name} {sign} {} %", trimmed(value * 100.0))
            }
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
    fn a_figure_may_have_a_bound_on_either_side() {
        for text in [
            "tokens>100,tokens<500",
            "tokens>=5,tokens<=5",
            "failed<=0,pass>=1",
        ] {
            assert_eq!(
                text.parse::<Need>().map(|need| need.terms.len()),
                Ok(2),
                "{text}"
            );
        }
    }

    #[test]
    fn what_cannot_be_read_is_named() {
        for (text, part) in [
            ("", "names no figure"),
            ("pass", "`pass` has no"),
            ("quality>1", "`quality` is no figure"),
            ("pass>=90", "`90` in `pass>=90` must be a share"),
            ("ttfa<soon", "must be a time"),
            (
                "cost<-1",
                "`-1` in `cost<-1` must be US dollars such as `0.001`, and never less than 0",
            ),
            (
                "cost<-0",
                "`-0` in `cost<-0` must be US dollars such as `0.001`, and never less than 0",
            ),
            ("cost<$-0.5", "never less than 0"),
            ("ttfa<-2s", "never less than 0"),
            ("pass>=-5%", "never less than 0"),
            ("cost<NaN", "US dollars"),
            ("cost<inf", "US dollars"),
            ("pass>=101%", "must be a share"),
            ("cost<", "`` in `cost<` must be"),
            ("pass>=0.9,,cost<1", "nothing between two commas"),
            ("pass>=0.9,", "nothing between two commas, or beside one"),
            (" ", "names no figure"),
            (
                "pass>=0.9,pass>=0.8",
                "`pass` has two bounds on the same side, `pass >= 90 %` and `pass >= 80 %`",
            ),
            ("time<2s,e2e<=2s", "`e2e` has two bounds on the same side"),
            (
                "tokens>500,tokens<100",
                "nothing can meet `tokens > 500` and `tokens < 100` together",
            ),
            ("tokens<5,tokens>=5", "nothing can meet"),
            ("cost<0", "nothing can meet `cost<0`: cost is never below 0"),
            ("pass>1", "nothing can meet `pass>1`: pass is never above 1"),
        ] {
            let error = text.parse::<Need>().unwrap_err().to_string();
            assert!(error.contains(part), "{text}: {error}");
        }
    }
}
