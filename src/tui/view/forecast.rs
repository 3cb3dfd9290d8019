//! The line above the prompt: what it will cost at the most, together and on each lane. Counts no tokens itself.

use super::put;
use crate::{
    domain::{figures, forecast, sanitise::sanitise_line, summary, wording},
    tui::model::Model,
};
use ratatui::{
    buffer::Buffer,
    layout::Rect,
    text::{Line, Span},
};

/// The most columns of a lane's name.
const NAME: usize = 16;
/// Stands for the lanes that have no room.
const MORE: &str = ", …";

/// Draws the line: the sum first, then the lanes that have room.
pub(super) fn draw(model: &Model, buffer: &mut Buffer, area: Rect) {
    if area.is_empty() {
        return;
    }
    let theme = model.theme;
    let forecasts = model.forecasts(model.editor.estimate());
    let sum = forecast::sum(forecasts.iter().map(|(_, forecast)| *forecast));
    let mut line = Line::from(vec![
        Span::styled(" at most ", theme.dim()),
        Span::raw(wording::sum(&sum)),
    ]);
    if model.is_over_limit(&sum) {
        let limit = figures::usd(model.max_cost_usd, None);
        line.push_span(Span::styled(
            format!("  over max_cost {limit}"),
            theme.warning(),
        ));
    }
    let room = usize::from(area.width);
    let mut separator = ":  ";
    let mut lanes = forecasts.iter().peekable();
    while let Some((lane, forecast)) = lanes.next() {
        let Some(plan) = model.plan(*lane) else {
            continue;
        };
        let name = summary::cut(&sanitise_line(&plan.name), NAME);
        let cost = wording::forecast(*forecast);
        let part = Span::styled(format!("{separator}{name} {cost}"), theme.dim());
        let reserved = lanes.peek().map_or(0, |_| Span::raw(MORE).width());
        if line.width() + part.width() + reserved > room {
            if line.width() + Span::raw(MORE).width() <= room {
                line.push_span(Span::styled(MORE, theme.dim()));
            }
            break;
        }
        line.push_span(part);
        separator = ", ";
    }
    put(buffer, area, 0, 0, &line);
}
