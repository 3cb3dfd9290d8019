//! Which lane is enough: the cheapest one that meets a need, what the others miss, and whether there is evidence enough.

use super::{
    asked,
    centre::{failures, mean_cost, median},
    evidence::{Evidence, LaneEvidence},
    need::{Bound, Figure, Need, Term},
    quoted,
    reservations::counting,
    sentence::{self, cost, time},
    summary::{LaneSummary, MOST_FAILED_SHARE},
};
use crate::domain::stats::Interval;
use serde::Serialize;
use std::fmt::Write as _;

/// What a need came to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Choice {
    /// The need, and the term that is assumed, at its end.
    pub need: Need,
    /// Nobody wrote the last term of the need: where neither `pass` nor `failed` is named, a lane must not fail on more than
    /// 5 % of its cells, for its other figures are those of the cells that it did not fail on.
    pub is_failed_assumed: bool,
    /// The lane that meets it and costs the least on average; the fastest where a price is missing. `None` where none does, and
    /// where several do that were not asked the same prompts.
    pub chosen: Option<String>,
    /// Whether the lane that was chosen is the cheapest; else it is the fastest, because a price is missing.
    pub is_by_cost: bool,
    /// Why it is not the cheapest, and what limits that it is the fastest.
    #[serde(skip)]
    because: String,
    /// What is said before that: by which prompts.
    #[serde(skip)]
    basis: String,
    /// Lanes that are as good as the one that was chosen, in words.
    #[serde(skip)]
    beside: String,
    /// The lanes that meet it and were not asked the same prompts, in words.
    #[serde(skip)]
    unlike: Option<String>,
    /// Whether all lanes were asked the same prompts.
    #[serde(skip)]
    is_same: bool,
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
    /// Those of them that count as not passed.
    #[serde(skip)]
    counted: u64,
    /// The last term is that of cells that failed: nobody wrote it, and these are in no pass rate.
    #[serde(skip)]
    is_failed_added: bool,
    /// Each term.
    pub terms: Vec<TermChoice>,
}

/// One term on one lane.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[allow(clippy::struct_excessive_bools)] // each says one thing of the figure, and all go together
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
    /// The figure is the least that it can be: what some cells cost nobody told.
    #[serde(skip)]
    pub(super) is_partial: bool,
}

impl Choice {
    /// Holds all lanes against a need.
    pub fn of(need: &Need, evidence: &Evidence) -> Self {
        let common = asked::common(evidence);
        let (evidence, basis) = match &common {
            Some((common, basis)) => (common, basis.clone()),
            None => (evidence, String::new()),
        };
        let summaries = evidence.summaries();
        let (need, is_failed_assumed) = completed(need);
        let judged = evidence.lanes.iter().zip(&summaries);
        let lanes: Vec<LaneChoice> = judged
            .map(|(lane, summary)| LaneChoice::of(&need, is_failed_assumed, lane, summary))
            .collect();
        let both = lanes.iter().zip(&summaries);
        let met = both.filter(|(lane, _)| lane.is_met);
        let met: Vec<&LaneSummary> = met.map(|(_, summary)| summary).collect();
        let is_by_cost = met.iter().all(|lane| cost(lane).is_some());
        let because = if is_by_cost {
            String::new()
        } else {
            sentence::by_time(&met)
        };
        let key = |lane: &LaneSummary| {
            let time = time(lane).unwrap_or(f64::INFINITY);
            if is_by_cost {
                (cost(lane).unwrap_or(f64::INFINITY), time)
            } else {
                (time, 0.0)
            }
        };
        let is_alike = asked::is_same(met.iter().copied());
        let chosen = met.iter().copied().filter(|_| is_alike).min_by(|a, b| {
            let (a, b) = (key(a), key(b));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let equal = |lane: &&LaneSummary| {
            chosen.is_some_and(|chosen| chosen.lane != lane.lane && key(chosen).0 >= key(lane).0)
        };
        let equal: Vec<&LaneSummary> = met.iter().copied().filter(equal).collect();
        Self {
            need,
            is_failed_assumed,
            chosen: chosen.map(|lane| lane.lane.clone()),
            is_by_cost,
            because,
            basis,
            beside: asked::beside(&equal),
            unlike: (!is_alike).then(|| asked::names(&met)),
            is_same: asked::is_same(&summaries),
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
        let how = if self.is_by_cost {
            "cheapest"
        } else {
            "fastest"
        };
        let mut first = match (&self.chosen, &self.unlike) {
            (Some(chosen), _) => format!(
                "{} is{} the {how} lane that meets the need{}.",
                quoted(chosen),
                self.beside,
                self.because
            ),
            (None, Some(lanes)) => format!(
                "{lanes} meet the need; they were not asked the same prompts, so none is called the {how}."
            ),
            (None, None) => "No lane meets the need.".to_owned(),
        };
        if !self.is_same && self.unlike.is_none() {
            first += " Not every lane was asked the same prompts.";
        }
        let mut out = vec![self.basis.clone() + &first];
        for lane in &self.lanes {
            out.push(lane.sentence());
        }
        out
    }
}

/// What everybody means where nobody says how often a lane may fail.
const SELDOM_FAILED: Term = Term {
    figure: Figure::Failed,
    bound: Bound::AtMost,
    value: MOST_FAILED_SHARE,
};

/// The need with what nobody wrote and everybody means; and whether there is such a term.
fn completed(need: &Need) -> (Need, bool) {
    let is_named = |term: &Term| matches!(term.figure, Figure::Pass | Figure::Failed);
    let mut need = need.clone();
    let is_assumed = !need.terms.iter().any(is_named);
    if is_assumed {
        need.terms.push(SELDOM_FAILED);
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
        let is_named = need.terms.iter().any(|term| term.figure == Figure::Failed);
        let is_failed_added = !is_named && summary.uncounted_failed_share() > MOST_FAILED_SHARE;
        if is_failed_added {
            terms.push(TermChoice::of(SELDOM_FAILED, lane, summary));
        }
        let misses_for_certain = terms.iter().any(|term| !term.is_met && term.is_certain);
        let is_met = terms.iter().all(|term| term.is_met);
        Self {
            lane: lane.lane.clone(),
            is_certain: misses_for_certain || terms.iter().all(|term| term.is_certain),
            is_met,
            cells: summary.cells,
            failed: summary.failed,
            counted: summary.checks.failed,
            is_failed_added,
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
        // That nobody has a figure is said above: more prompts would not bring it.
        let open = self.terms.iter();
        let open = open.filter(|term| !term.is_certain && term.figure.is_some());
        let open: Vec<String> = open.map(TermChoice::range).collect();
        let mut doubt = if self.is_certain || open.is_empty() {
            String::new()
        } else {
            format!(
                "; the evidence does not suffice to be sure: {}",
                open.join(", ")
            )
        };
        if self.failed > 0 {
            let is_pass = |term: &TermChoice| term.term.figure == Figure::Pass;
            let as_what = if self.terms.iter().any(is_pass) {
                counting(self.failed, self.counted)
            } else {
                String::new()
            };
            let _ = write!(
                doubt,
                "; it failed on {} of {} cells{as_what}",
                self.failed, self.cells
            );
        }
        if self.is_failed_added {
            doubt += ", on prompts without checks, and may on no more than 5 % where `failed` is not named";
        }
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
            Figure::Cost => match cost(summary) {
                // A mean of the prices that happen to be known is not the lane's.
                Some(cost) => (Some(cost), mean_cost(lane, cost)),
                None => (None, None),
            },
            Figure::Tokens => median(lane, |figures| {
                figures.completion_tokens.map(|tokens| tokens as f64)
            }),
        };
        let is_met = figure.is_some_and(|figure| term.bound.is_met(figure, term.value));
        let is_partial = term.figure == Figure::Cost && summary.is_total_cost_partial;
        let is_certain = !is_partial
            && interval.is_some_and(|interval| {
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
            is_partial,
        }
    }
}
