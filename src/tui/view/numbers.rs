//! The numbers of a pane: in fixed places, right-aligned, so that the eye can rest while they change.

use super::{is_contended, put};
use crate::{
    domain::{figures, lane::LaneState, usage::UsageSource, wording},
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

/// The numbers of a lane; each width has its own way to write them.
#[derive(Debug)]
struct Numbers {
    first_ms: Option<f64>,
    answer_ms: Option<f64>,
    all_ms: Option<f64>,
    rate: Option<f64>,
    tokens: Option<u64>,
    thinking: Option<u64>,
    source: Option<UsageSource>,
    /// At most ten columns.
    cost: String,
    /// Stands beside a rate that our own back-pressure or other local lanes may have moved.
    mark: char,
}

impl Numbers {
    fn of(model: &Model, lane: usize, state: &LaneState) -> Self {
        let usage = state.usage();
        let timing = state.timing();
        let plan = &model.panes[lane].entry.plan;
        Self {
            first_ms: timing.ttft_ms,
            answer_ms: timing.ttfa_ms,
            all_ms: timing.e2e_ms,
            rate: state.rates().decode_tokens_per_sec,
            tokens: usage.completion_tokens,
            thinking: usage.reasoning_tokens.filter(|tokens| *tokens > 0),
            source: usage.source,
            cost: wording::cost(plan, state),
            mark: if state.disturbed || is_contended(model, lane) {
                '!'
            } else {
                ' '
            },
        }
    }

    /// 37 columns at most; every field but the first of a line begins with a blank, whatever its figure.
    fn narrow(&self, theme: Theme) -> [Line<'static>; 2] {
        let unit = |text: &'static str| Span::styled(text, theme.dim());
        let thinking = match self.thinking {
            Some(_) => format!("…{}", self.short(self.thinking, 5).replace(' ', "")),
            None => String::new(),
        };
        [
            Line::from(vec![
                unit("first"),
                Span::raw(format!("{:>7}", figures::short_time(self.first_ms))),
                unit(" answer"),
                Span::raw(format!("{:>7}", figures::short_time(self.answer_ms))),
                Span::raw(format!("{:>11}", self.cost)),
            ]),
            Line::from(vec![
                Span::raw(format!("{:>6}", self.short_rate(6))),
                Span::styled(self.mark.to_string(), theme.warning()),
                unit("tok/s"),
                Span::raw(format!("{:>7}", self.short(self.tokens, 6))),
                unit(" tok"),
                Span::raw(format!("{thinking:>7}")),
                Span::raw(format!("{:>7}", figures::short_time(self.all_ms))),
            ]),
        ]
    }

    /// 56 columns at most.
    fn wide(&self, theme: Theme) -> [Line<'static>; 2] {
        let unit = |text: &'static str| Span::styled(text, theme.dim());
        let mut counts = vec![
            Span::raw(format!("{:>7}", self.short_rate(7))),
            Span::styled(self.mark.to_string(), theme.warning()),
            unit("tok/s"),
            Span::raw(format!("{:>9}", self.short(self.tokens, 8))),
            unit(" tok"),
        ];
        if self.thinking.is_some() {
            counts.push(Span::raw(format!("{:>9}", self.short(self.thinking, 8))));
            counts.push(unit(" of them thought"));
        }
        [
            Line::from(vec![
                unit("first"),
                Span::raw(format!("{:>7}", figures::short_time(self.first_ms))),
                unit("  answer"),
                Span::raw(format!("{:>7}", figures::short_time(self.answer_ms))),
                unit("  all"),
                Span::raw(format!("{:>7}", figures::short_time(self.all_ms))),
                unit("  cost"),
                Span::raw(format!("{:>11}", self.cost)),
            ]),
            Line::from(counts),
        ]
    }

    fn short(&self, tokens: Option<u64>, columns: usize) -> String {
        figures::short_tokens(tokens, self.source, columns)
    }

    fn short_rate(&self, columns: usize) -> String {
        figures::short_rate(self.rate, self.source, columns)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tui::theme::Colors;
    use proptest::prelude::*;

    fn numbers() -> impl Strategy<Value = Numbers> {
        let time = || {
            prop_oneof![
                Just(None),
                (-4.0f64..12.0).prop_map(|e| Some(10f64.powf(e)))
            ]
        };
        let count = || proptest::option::of((any::<u64>(), 0u32..64).prop_map(|(n, by)| n >> by));
        let source = proptest::sample::select(vec![
            None,
            Some(UsageSource::Estimated),
            Some(UsageSource::Reported),
        ]);
        let disturbed = proptest::sample::select(vec![' ', '!']);
        (
            [time(), time(), time(), time(), time()],
            [count(), count()],
            source,
            disturbed,
        )
            .prop_map(|(times, [tokens, thinking], source, mark)| {
                let [first_ms, answer_ms, all_ms, rate, cost] = times;
                Numbers {
                    first_ms,
                    answer_ms,
                    all_ms,
                    rate,
                    tokens,
                    thinking,
                    source,
                    cost: figures::usd(cost.map(|cost| cost / 1e6), source),
                    mark,
                }
            })
    }

    proptest! {
        /// Nothing is cut where lines are no wider than their place; a blank is where one figure could touch another.
        #[test]
        fn every_figure_is_whole_and_apart(numbers in numbers()) {
            let theme = Theme::new(Colors::None);
            let blanks: [(_, usize, &[&[usize]]); 2] = [
                (numbers.narrow(theme), 37, &[&[5, 12, 19, 26], &[12, 19, 23, 30]]),
                (numbers.wide(theme), 56, &[&[5, 12, 20, 27, 32, 39, 45], &[13, 22]]),
            ];
            for (lines, columns, blanks) in blanks {
                for (line, blanks) in lines.iter().zip(blanks) {
                    prop_assert!(line.width() <= columns, "{line}");
                    let text: Vec<char> = line.to_string().chars().collect();
                    for at in *blanks {
                        prop_assert!(text.get(*at).is_none_or(|c| *c == ' '), "{line}: {at}");
                    }
                }
                prop_assert!(lines[1].to_string().contains("tok/s "));
                prop_assert!(lines[1].to_string().contains(" tok"));
            }
        }
    }
}
