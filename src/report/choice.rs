//! Which lane is enough: the cheapest one that meets a need, what the others miss, and whether there is evidence enough.

use super::{
    evidence::{Evidence, LaneEvidence, RunFigures},
    need::{Bound, Figure, Need, Term},
    quoted, sentence,
    summary::{LaneSummary, MOST_FAILED_SHARE},
};
use crate::domain::{
    record::LaneStatus,
    stats::{Cluster, Interval, PassRate, Z_95, effective_size, quantile},
};
use serde::Serialize;
use std::collections::BTreeMap;

/// What a need came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// The need, and the term that is assumed, at its end.
    pub need: Need,
    /// Nobody wrote the last term of the need: where neither `pass` nor `failed` is named, a lane must not fail on more than
    /// 5 % of its cells, for its other figures are those of the cells that it did not fail on.
    pub is_failed_assumed: bool,
    /// The cheapest lane that meets it; the fastest where no price is known. `None` where none does.
    pub chosen: Option<String>,
    /// Whether the lane that was chosen is the cheapest; else it is the fastest, because a price is missing.
    pub is_by_cost: bool,
    /// Why it is not the cheapest, and what limits that it is the fastest.
    #[serde(skip)]
    because: String,
    /// All lanes.
    pub lanes: Vec<LaneChoice>,
}

/// What a need came to on one lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct LaneChoice {
    /// The lane.
    pub lane: String,
    /// Whether every term holds; an unknown figure meets nothing.
    pub is_met: bool,
    /// Whether the interval of every term lies on one side of its bound, so that more prompts would hardly change it.
    pub is_certain: bool,
    /// Its cells.
    pub cells: u64,
    /// Those on which it failed; they have no figures.
    pub failed: u64,
    /// Each term.
    pub terms: Vec<TermChoice>,
}

/// One term on one lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TermChoice {
    /// The term.
    pub term: Term,
    /// The lane's figure.
    pub figure: Option<f64>,
    /// Where the figure lies with 95 % confidence: Wilson's interval of a rate, the order statistics around a median.
    pub interval: Option<Interval>,
    /// Whether the figure is on the good side.
    pub is_met: bool,
    /// Whether the whole interval is on the same side as the figure.
    pub is_certain: bool,
    /// The figure rests on token counts that are estimates.
    pub is_estimated: bool,
}

impl Choice {
    /// Holds all lanes against a need.
    pub fn of(need: &Need, evidence: &Evidence) -> Self {
        let summaries = evidence.summaries();
        let (need, is_failed_assumed) = completed(need);
        let judged = evidence.lanes.iter().zip(&summaries);
        let lanes: Vec<LaneChoice> = judged
            .map(|(lane, summary)| LaneChoice::of(&need, is_failed_assumed, lane, summary))
            .collect();
        let met = || {
            let both = lanes.iter().zip(&summaries);
            both.filter(|(lane, _)| lane.is_met)
                .map(|(_, summary)| summary)
        };
        let is_by_cost = met().all(|lane| cost(lane).is_some());
        let because = if is_by_cost {
            String::new()
        } else {
            sentence::by_time(&met().collect::<Vec<_>>())
        };
        let key = |lane: &&LaneSummary| {
            let time = lane.e2e_ms.map_or(f64::INFINITY, |spread| spread.median);
            if is_by_cost {
                (cost(lane).unwrap_or(f64::INFINITY), time)
            } else {
                (time, 0.0)
            }
        };
        let chosen = met().min_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        Self {
            need,
            is_failed_assumed,
            chosen: chosen.map(|lane| lane.lane.clone()),
            is_by_cost,
            because,
            lanes,
        }
    }

    /// The need in words.
    pub fn terms(&self) -> String {
        let terms: Vec<String> = self.need.terms.iter().map(ToString::to_string).collect();
        let assumed = if self.is_failed_assumed {
            " (assumed, where neither `pass` nor `failed` is named)"
        } else {
            ""
        };
        terms.join(", ") + assumed
    }

    /// What it came to, in sentences.
    pub fn sentences(&self) -> Vec<String> {
        let mut out = Vec::new();
        match &self.chosen {
            Some(chosen) => {
                let how = if self.is_by_cost {
                    "cheapest"
                } else {
                    "fastest"
                };
                out.push(format!(
                    "{} is the {how} lane that meets the need{}.",
                    quoted(chosen),
                    self.because
                ));
            }
            None => out.push("No lane meets the need.".to_owned()),
        }
        for lane in &self.lanes {
            out.push(lane.sentence());
        }
        out
    }
}

/// The need with what nobody wrote and everybody means; and whether there is such a term.
fn completed(need: &Need) -> (Need, bool) {
    let is_named = |term: &Term| matches!(term.figure, Figure::Pass | Figure::Failed);
    let mut need = need.clone();
    let is_assumed = !need.terms.iter().any(is_named);
    if is_assumed {
        need.terms.push(Term {
            figure: Figure::Failed,
            bound: Bound::AtMost,
            value: MOST_FAILED_SHARE,
        });
    }
    (need, is_assumed)
}

impl LaneChoice {
    fn of(
        need: &Need,
        is_failed_assumed: bool,
        lane: &LaneEvidence,
        summary: &LaneSummary,
    ) -> Self {
        let mut terms: Vec<TermChoice> = need
            .terms
            .iter()
            .map(|term| TermChoice::of(*term, lane, summary))
            .collect();
        // Nobody asked how sure it is that a lane which never failed seldom does.
        if let Some(assumed) = terms.last_mut().filter(|_| is_failed_assumed) {
            assumed.is_certain |= summary.failed == 0 && summary.done > 0;
        }
        let misses_for_certain = terms.iter().any(|term| !term.is_met && term.is_certain);
        let is_met = terms.iter().all(|term| term.is_met);
        Self {
            lane: lane.lane.clone(),
            is_certain: misses_for_certain || terms.iter().all(|term| term.is_certain),
            is_met,
            cells: summary.cells,
            failed: summary.failed,
            terms,
        }
    }

    /// Whether it meets the need, what it misses by how much, and how sure that is.
    pub fn sentence(&self) -> String {
        let name = quoted(&self.lane);
        let missed: Vec<String> = self
            .terms
            .iter()
            .filter(|term| !term.is_met)
            .map(TermChoice::miss)
            .collect();
        let doubt = if self.is_certain {
            String::new()
        } else {
            let open: Vec<String> = self
                .terms
                .iter()
                .filter(|term| !term.is_certain)
                .map(TermChoice::range)
                .collect();
            format!(
                "; the evidence does not suffice to be sure: {}",
                open.join(", ")
            )
        };
        let counts = self
            .terms
            .iter()
            .any(|term| matches!(term.term.figure, Figure::Pass));
        let doubt = if self.failed > 0 {
            let as_what = if counts {
                ", which count as not passed where they have checks"
            } else {
                ""
            };
            format!(
                "{doubt}; it failed on {} of {} cells{as_what}",
                self.failed, self.cells
            )
        } else {
            doubt
        };
        if missed.is_empty() {
            format!("{name} meets it{doubt}.")
        } else {
            format!("{name} misses it: {}{doubt}.", missed.join(", "))
        }
    }
}

impl TermChoice {
    fn of(term: Term, lane: &LaneEvidence, summary: &LaneSummary) -> Self {
        let (figure, interval) = match term.figure {
            Figure::Pass => (summary.checks.pass_rate, summary.checks.interval),
            Figure::Failed => failures(lane),
            Figure::Ttft => median(lane, |figures| figures.ttft_ms),
            Figure::Ttfa => median(lane, |figures| figures.ttfa_ms),
            Figure::E2e => median(lane, |figures| figures.e2e_ms),
            Figure::Speed => median(lane, |figures| figures.decode_tokens_per_sec),
            Figure::Cost => match summary.cost_usd {
                // A median of the prices that happen to be known is not the lane's.
                Some(_) => median(lane, |figures| figures.cost_usd),
                None => (None, None),
            },
            Figure::Tokens => median(lane, |figures| {
                figures.completion_tokens.map(|tokens| tokens as f64)
            }),
        };
        let is_met = figure.is_some_and(|figure| term.bound.is_met(figure, term.value));
        let is_certain = interval.is_some_and(|interval| {
            [interval.low, interval.high]
                .iter()
                .all(|end| term.bound.is_met(*end, term.value) == is_met)
        });
        Self {
            term,
            figure,
            interval,
            is_met,
            is_certain,
            is_estimated: summary.is_estimated
                && matches!(term.figure, Figure::Speed | Figure::Cost | Figure::Tokens),
        }
    }

    fn miss(&self) -> String {
        let (name, value) = (self.term.figure.name(), self.term.value);
        let Some(figure) = self.figure else {
            return format!("{name} is not known");
        };
        let side = match self.term.bound {
            Bound::AtLeast | Bound::Above => "below",
            Bound::AtMost | Bound::Below => "above",
        };
        let gap = (figure - value).abs();
        if gap == 0.0 {
            return format!("{name} is exactly {}", self.written(value));
        }
        let mark = if self.is_estimated { "~" } else { "" };
        let (own, by, bound) = match self.term.figure {
            Figure::Pass | Figure::Failed => {
                // So many digits that the two are not written alike.
                let digits = if gap < 0.001 {
                    2
                } else {
                    usize::from(gap < 0.01)
                };
                (
                    format!("{:.digits$} %", figure * 100.0),
                    format!("{:.digits$} points", gap * 100.0),
                    self.written(value),
                )
            }
            // Figures that are written alike are not the same.
            Figure::Cost if self.written(figure) == self.written(value) => {
                (exact_usd(figure), exact_usd(gap), exact_usd(value))
            }
            Figure::Ttft
            | Figure::Ttfa
            | Figure::E2e
            | Figure::Speed
            | Figure::Cost
            | Figure::Tokens => (self.written(figure), self.written(gap), self.written(value)),
        };
        format!("{name} is {mark}{own}, {by} {side} {bound}")
    }

    fn range(&self) -> String {
        let name = self.term.figure.name();
        match self.interval {
            Some(interval) => format!(
                "{name} lies between {} and {}",
                self.written(interval.low),
                self.written(interval.high)
            ),
            None => format!("{name} has too few values"),
        }
    }

    fn written(&self, value: f64) -> String {
        match self.term.figure {
            Figure::Pass | Figure::Failed => super::words::percent(value),
            Figure::Ttft | Figure::Ttfa | Figure::E2e => crate::domain::figures::time(Some(value)),
            Figure::Speed => format!("{value:.1} tok/s"),
            Figure::Cost => crate::domain::figures::usd(Some(value), None),
            Figure::Tokens => format!("{value:.0}"),
        }
    }
}

/// US dollars with three digits that count: `$0.000104`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // between 0 and 12
fn exact_usd(value: f64) -> String {
    let decimals = (2.0 - value.abs().log10().floor()).clamp(0.0, 12.0) as usize;
    format!("${value:.decimals$}")
}

fn cost(lane: &LaneSummary) -> Option<f64> {
    lane.cost_usd.map(|spread| spread.median)
}

/// How often a lane failed, of the cells that were not stopped, with the interval of that by prompts.
fn failures(lane: &LaneEvidence) -> (Option<f64>, Option<Interval>) {
    let ended = lane
        .cells
        .iter()
        .filter(|cell| cell.status != LaneStatus::Cancelled);
    let rate =
        PassRate::of(ended.map(|cell| (cell.prompt, Some(cell.status == LaneStatus::Failed))));
    (rate.share(), rate.interval())
}

/// The median of a figure and its interval by order statistics: the ranks m/2 ± 1.96 √m/2 (Conover, "Practical Nonparametric
/// Statistics", 3.2), where m is how many independent values say as much as these, of which several may be of one prompt
/// (Woodruff, "Confidence intervals for medians and other position measures", JASA 47, 1952). Fewer than 6 independent values give none: then even the extremes cover less than 95 %.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // ranks lie between 0 and the length
fn median(
    lane: &LaneEvidence,
    of: fn(&RunFigures) -> Option<f64>,
) -> (Option<f64>, Option<Interval>) {
    let known = lane.done().filter_map(|cell| {
        let value = of(&cell.figures).filter(|value| value.is_finite())?;
        Some((cell.prompt, value))
    });
    let mut values: Vec<(usize, f64)> = known.collect();
    values.sort_unstable_by(|a, b| a.1.total_cmp(&b.1));
    let (prompts, values): (Vec<usize>, Vec<f64>) = values.into_iter().unzip();
    let middle = quantile(&values, 0.5);
    let mut clusters: BTreeMap<usize, Cluster> = BTreeMap::new();
    for (prompt, value) in prompts.iter().zip(&values) {
        let cluster = clusters.entry(*prompt).or_default();
        cluster.size += 1;
        cluster.hits += u64::from(middle.is_some_and(|middle| *value <= middle));
    }
    let independent = effective_size(&clusters.into_values().collect::<Vec<_>>());
    let reach = Z_95 * independent.sqrt() / 2.0;
    // Ranks among so many independent values, and where they are among all of these.
    let times = values.len() as f64 / independent.max(1.0);
    let low = (independent / 2.0 - reach).floor().max(1.0) - 1.0;
    let low = (low * times).floor() as usize;
    let high = (independent / 2.0 + 1.0 + reach).ceil() * times;
    let high = (high.ceil() as usize).min(values.len());
    let interval = (independent >= 6.0 - 1e-9).then(|| {
        let high = high.checked_sub(1)?;
        Some(Interval {
            low: *values.get(low)?,
            high: *values.get(high)?,
        })
    });
    (middle, interval.flatten())
}
