//! Draws the model. Changes nothing but its own cache.

use super::model::Model;
use ratatui::{Frame, text::Line};
use std::time::Duration;

/// What the view keeps between frames so that a frame does not cost more as answers grow.
#[derive(Debug, Default)]
pub struct ViewCache {}

/// Draws one frame as of `now`, on the playground's own clock. Never draws outside of the frame, whatever its size.
pub fn view(model: &Model, _cache: &mut ViewCache, frame: &mut Frame<'_>, _now: Duration) {
    let header = format!(
        " tierscope  {} · {} lanes",
        model.schedule.name(),
        model.lanes.len()
    );
    frame.render_widget(Line::styled(header, model.theme.strong()), frame.area());
}

/// What is left on the normal screen after quitting: a table of the last run; empty when nothing ran.
pub fn quit_summary(_model: &Model) -> String {
    String::new()
}
