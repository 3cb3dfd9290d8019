//! What prompts cost: before they are sent, at the most, and after, added up over the sitting. Decides nothing.

use super::{ActiveRun, Model};
use crate::domain::{
    cost::CostSum,
    figures,
    forecast::{self, Forecast},
    plan::LaneSource,
    usage::Estimator,
    wording,
};
use std::time::Duration;

/// A prompt that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Its text.
    pub(in crate::tui) prompt: String,
    /// Where it comes from.
    pub(in crate::tui) origin: Origin,
}

/// Where a prompt comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The editor.
    Typed,
    /// The run on the screen.
    Again,
    /// The prompts to try.
    Prepared,
}

/// What the person is asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// What it is about.
    pub(in crate::tui) topic: Topic,
    /// The question; what matters stands at its beginning.
    pub(in crate::tui) text: String,
    /// When it was first on the screen, since the playground began.
    pub(in crate::tui) shown_at: Option<Duration>,
}

/// What a question is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Topic {
    /// Whether this prompt is sent: yes or no.
    Send(Asked),
    /// Whether lanes that run are waited for, stopped, or left to go on, now that the person wants to quit.
    Quit,
}

/// Nobody reads faster than this: what is typed sooner was not typed as an answer.
const READING: Duration = Duration::from_millis(200);

impl Model {
    /// What a prompt will cost at the most on every lane that is on.
    pub(in crate::tui) fn forecasts(&self, prompt: Estimator) -> Vec<(usize, Forecast)> {
        let of = |lane: usize| {
            let pane = self.panes.get(lane)?;
            let tokens = pane.system.tokens_with(prompt);
            Some((lane, Forecast::of(&pane.entry.plan, tokens)))
        };
        self.shown().into_iter().filter_map(of).collect()
    }

    /// Whether there is something to say about the cost of what stands in the editor.
    pub(super) fn has_forecast(&self) -> bool {
        let is_priced = |(_, forecast): &(usize, Forecast)| *forecast != Forecast::Free;
        !self.editor.text().is_empty() && self.forecasts(Estimator::default()).iter().any(is_priced)
    }

    /// What the runs of this sitting have cost so far.
    pub(in crate::tui) fn sitting(&self) -> CostSum {
        let runs = self.overtaken.iter().chain(&self.run);
        let mut sum = runs.fold(self.spent, |sum, run| sum.with(self.cost_of(run)));
        sum.has_unknown |= self.overtaken.iter().any(|run| self.is_open(run));
        sum
    }

    /// Whether a lane of a run that is being stopped was served, and nobody has said what that costs.
    fn is_open(&self, run: &ActiveRun) -> bool {
        let lanes = run.lanes.iter().zip(&run.state.lanes);
        lanes
            .filter(|(_, state)| !state.phase.is_terminal() && !state.usage().is_known())
            .filter(|(_, state)| state.timeline.accepted.is_some())
            .filter_map(|(lane, _)| self.plan(*lane))
            .any(|plan| plan.price.is_some() || !forecast::is_own(plan))
    }

    /// What a run has cost so far.
    pub(in crate::tui) fn cost_of(&self, run: &ActiveRun) -> CostSum {
        let lanes = run.lanes.iter().zip(&run.state.lanes);
        let lanes = lanes.filter_map(|(lane, state)| Some((self.plan(*lane)?, state)));
        wording::cost_sum(lanes)
    }

    /// Another run takes the place of the one on the screen, which counts until its lanes have ended as far as they have
    /// come.
    pub(in crate::tui) fn overtake(&mut self) {
        self.overtaken.extend(self.run.take());
        self.settle_overtaken();
    }

    /// Adds what has ended to what was spent.
    pub(in crate::tui) fn settle_overtaken(&mut self) {
        let (running, ended): (Vec<_>, Vec<_>) = std::mem::take(&mut self.overtaken)
            .into_iter()
            .partition(ActiveRun::is_running);
        for run in &ended {
            self.spent = self.spent.with(self.cost_of(run));
        }
        self.overtaken = running;
    }

    /// Lanes that are being asked and have not ended; those of a recording lose nothing.
    pub(in crate::tui) fn lanes_left(&self) -> usize {
        let Some(run) = &self.run else { return 0 };
        let is_asked = |lane: usize| {
            let source = self.plan(lane).map(|plan| &plan.source);
            !matches!(source, Some(LaneSource::Played(_)))
        };
        let lanes = run.lanes.iter().zip(&run.state.lanes);
        lanes
            .filter(|(lane, state)| is_asked(**lane) && !state.phase.is_terminal())
            .count()
    }

    /// What to ask a person who wants to quit while lanes run; nothing where none runs.
    pub(in crate::tui) fn quit_question(&self) -> Option<Question> {
        let running = match self.lanes_left() {
            0 => return None,
            1 => "1 lane runs".to_owned(),
            lanes => format!("{lanes} lanes run"),
        };
        Some(Question {
            topic: Topic::Quit,
            text: format!("Quit? {running}: w wait · s stop · g go on"),
            shown_at: None,
        })
    }

    /// Whether this sitting with one more such cost comes above what it may cost; what costs nothing never does.
    pub(in crate::tui) fn is_over_limit(&self, cost: &CostSum) -> bool {
        let Some(limit) = self.max_cost_usd else {
            return false;
        };
        let is_priced = cost.known_usd.is_some_and(|cost| cost > 0.0);
        let together = self.sitting().with(*cost).known_usd;
        is_priced && together.is_some_and(|together| together > limit)
    }

    /// What to ask before a prompt is sent; nothing where it stays within the limit.
    pub(in crate::tui) fn question(&self, asked: &Asked) -> Option<Question> {
        let mut estimate = Estimator::default();
        estimate.push(&asked.prompt);
        let forecasts = self.forecasts(estimate);
        let cost = forecast::sum(forecasts.iter().map(|(_, forecast)| *forecast));
        if !self.is_over_limit(&cost) {
            return None;
        }
        let sitting = self.sitting();
        let before = if sitting.is_empty() {
            String::new()
        } else {
            format!(", with {} before", wording::sum(&sitting))
        };
        Some(Question {
            topic: Topic::Send(asked.clone()),
            text: format!(
                "Send? y/n  up to {}{before}, over max_cost {}",
                wording::sum(&cost),
                figures::usd(self.max_cost_usd, None),
            ),
            shown_at: None,
        })
    }

    /// What is on the screen now was drawn at this time.
    pub(in crate::tui) fn drawn(&mut self, at: Duration) {
        if self.current_screen().is_some()
            && let Some(question) = &mut self.question
        {
            question.shown_at.get_or_insert(at);
        }
    }

    /// Whether a key that was pressed at this time can be meant for what the person is asked: it stands on the screen,
    /// and has stood there for long enough to be read.
    pub(in crate::tui) fn can_answer(&self, question: &Question, at: Duration) -> bool {
        let is_read = |shown: Duration| at >= shown + READING;
        self.current_screen().is_some() && question.shown_at.is_some_and(is_read)
    }

    /// The lanes that a limit cannot hold: their cost is not known before.
    pub(in crate::tui) fn unlimited(&self, prompt: Estimator) -> Vec<&str> {
        let unknown = |(lane, forecast): (usize, Forecast)| {
            let plan = self.plan(lane)?;
            (forecast == Forecast::Unknown).then_some(plan.name.as_str())
        };
        let forecasts = self.forecasts(prompt);
        forecasts.into_iter().filter_map(unknown).collect()
    }
}
