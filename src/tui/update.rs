//! The only place where the playground's model changes: a message in, effects out. Does no I/O.

use super::{
    effect::Effect,
    model::{Model, Urgency},
    msg::Msg,
};
use ratatui::crossterm::event::{KeyCode, KeyModifiers};

/// Takes one message.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    match msg {
        Msg::Key { key, .. } => {
            let quits =
                key.code == KeyCode::Char('c') && key.modifiers.contains(KeyModifiers::CONTROL);
            quits.then_some(Effect::Quit).into_iter().collect()
        }
        Msg::Resize { columns, rows } => {
            model.size = (columns, rows);
            model.change = Urgency::Input;
            Vec::new()
        }
        Msg::RunStarted { run, origin } => {
            if let Some(active) = model.run.as_mut().filter(|active| active.number == run) {
                active.origin = Some(origin);
            }
            Vec::new()
        }
        Msg::RunEvents { run, events } => {
            if let Some(active) = model.run.as_mut().filter(|active| active.number == run) {
                for event in &events {
                    active.state.apply(event);
                }
                model.change = model.change.max(Urgency::Stream);
            }
            Vec::new()
        }
        Msg::Readiness { lane, readiness } => {
            if let Some(slot) = model.readiness.get_mut(lane) {
                *slot = Some(readiness);
                model.change = model.change.max(Urgency::Stream);
            }
            Vec::new()
        }
        Msg::Place { lane, place } => {
            if let Some(entry) = model.lanes.get_mut(lane) {
                entry.place = place;
                model.change = model.change.max(Urgency::Stream);
            }
            Vec::new()
        }
        Msg::Terminate => vec![Effect::Quit],
        Msg::Paste(_)
        | Msg::Wheel { .. }
        | Msg::WindowFocus { .. }
        | Msg::RunClosed { .. }
        | Msg::LanesFound(_)
        | Msg::EditorClosed(_)
        | Msg::Notice(_) => Vec::new(),
    }
}
