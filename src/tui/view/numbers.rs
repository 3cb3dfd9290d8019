//! The numbers of a pane: in fixed places, right-aligned, so that the eye can rest while they change.

use super::put;
use crate::{
    domain::{figures, lane::LaneState, wording},
    tui::{model::Model, theme::Theme},
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

/// From this width on there is room for words instead of signs.
const WIDE: u16 = 57;

/// One or two lines of numbers; with room for one only, the second.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect, lane: usize, state: &LaneState) {
    let numbers = Numbers::of(model, lane, state);
    let [times, counts] = if area.width >= WIDE {
        numbers.wide(model.theme)
    } else {
        numbers.narrow(model.theme)
    };
    match area.height {
        0 => {}
        1 => put(buffer, area, 0, 0, &counts),
        2.. => {
            put(buffer, area, 0, 0, &times);
            put(buffer, area, 1, 0, &counts);
        }
    }
}

/// The numbers as they are written.
struct Numbers {
    first: String,
    answer: String,
    time: String,
    rate: String,
    tokens: String,
    thinking: Option<String>,
    cost: String,
    /// Stands beside a rate that our own back-pressure may have moved.
    mark: char,
}

impl Numbers {
    fn of(model: &Model, lane: usize, state: &LaneState) -> Self {
        let usage = state.usage();
        let timing = state.timing();
        let plan = &model.panes[lane].entry.plan;
        let estimate = model.run.as_ref().map(|run| run.prompt_estimate);
        Self {
            first: figures::time(timing.ttft_ms),
            answer: figures::time(timing.ttfa_ms),
            time: figures::time(timing.e2e_ms),
            rate: figures::rate(state.rates().decode_tokens_per_sec, usage.source),
            tokens: figures::tokens(usage.completion_tokens, usage.source),
            thinking: usage
                .reasoning_tokens
                .filter(|tokens| *tokens > 0)
                .map(|tokens| figures::tokens(Some(tokens), usage.source)),
            cost: wording::cost(plan, state, estimate),
            mark: if state.disturbed { '!' } else { ' ' },
        }
    }

    /// 37 columns.
    fn narrow(&self, theme: Theme) -> [Line<'static>; 2] {
        let unit = |text: &'static str| Span::styled(text, theme.dim());
        let thinking = match &self.thinking {
            Some(tokens) => format!("…{}", tokens.replace(' ', "")),
            None => String::new(),
        };
        [
            Line::from(vec![
                unit("first"),
                Span::raw(format!("{:>8}", self.first)),
                unit(" answer"),
                Span::raw(format!("{:>8}{:>9}", self.answer, self.cost)),
            ]),
            Line::from(vec![
                Span::raw(format!("{:>6}", self.rate)),
                Span::styled(self.mark.to_string(), theme.warning()),
                unit("tok/s"),
                Span::raw(format!("{:>7}", self.tokens)),
                unit(" tok"),
                Span::raw(format!("{thinking:>6}{:>8}", self.time)),
            ]),
        ]
    }

    fn wide(&self, theme: Theme) -> [Line<'static>; 2] {
        let unit = |text: &'static str| Span::styled(text, theme.dim());
        let thinking = match &self.thinking {
            Some(tokens) => vec![Span::raw(format!("{tokens:>9}")), unit(" of them thought")],
            None => Vec::new(),
        };
        let mut counts = vec![
            Span::raw(format!("{:>7}", self.rate)),
            Span::styled(self.mark.to_string(), theme.warning()),
            unit("tok/s"),
            Span::raw(format!("{:>9}", self.tokens)),
            unit(" tok"),
        ];
        counts.extend(thinking);
        [
            Line::from(vec![
                unit("first"),
                Span::raw(format!("{:>8}", self.first)),
                unit("  answer"),
                Span::raw(format!("{:>8}", self.answer)),
                unit("  all"),
                Span::raw(format!("{:>8}", self.time)),
                unit("  cost"),
                Span::raw(format!("{:>9}", self.cost)),
            ]),
            Line::from(counts),
        ]
    }
}
