//! The only place where the playground's model changes: a message in, effects out. Does no I/O.

mod keys;
mod runs;

use super::{
    effect::Effect,
    model::{AtEnd, Focus, Model, Overlay, Pane, Urgency},
    msg::Msg,
};
use crate::domain::sanitise::sanitise_line;

/// Takes one message; the effects are to be done in their order.
pub fn update(model: &mut Model, msg: Msg) -> Vec<Effect> {
    let effects = match msg {
        Msg::RunEvents { run, events } => {
            runs::fold(model, run, &events);
            return Vec::new();
        }
        Msg::Key { key, at } => keys::press(model, &key, at),
        Msg::AskPrepared => runs::ask_prepared(model),
        Msg::Paste(text) => paste(model, &text),
        Msg::Resize { columns, rows } => resize(model, columns, rows),
        Msg::WindowFocus { has_focus } => {
            model.has_window_focus = has_focus;
            Vec::new()
        }
        Msg::RunStarted { run, origin } => {
            runs::started(model, run, origin);
            Vec::new()
        }
        Msg::RunClosed { run, at } => {
            runs::closed(model, run, at);
            let is_over = model.at_end == AtEnd::Quits && !model.is_running();
            is_over.then_some(Effect::Quit).into_iter().collect()
        }
        Msg::NotKept(reason) => {
            notify(model, &format!("an answer is not in the history: {reason}"));
            model.unkept.get_or_insert(sanitise_line(&reason));
            Vec::new()
        }
        Msg::Readiness { lane, readiness } => {
            if let Some(pane) = model.panes.get_mut(lane) {
                pane.ready(readiness);
                model.changed(Urgency::Stream);
            }
            Vec::new()
        }
        Msg::Place { lane, place } => {
            if let Some(pane) = model.panes.get_mut(lane)
                && pane.entry.place != place
            {
                pane.entry.place = place;
                model.changed(Urgency::Stream);
            }
            Vec::new()
        }
        Msg::LanesFound(entries) => {
            let first = model.panes.len();
            model.panes.extend(entries.into_iter().map(Pane::new));
            model.changed(Urgency::Stream);
            prepare(model, first)
        }
        Msg::EditorClosed(text) => {
            editor_closed(model, text);
            Vec::new()
        }
        Msg::Notice(text) => {
            notify(model, &text);
            Vec::new()
        }
        Msg::Terminate => quit(model),
    };
    model.relayout();
    effects
}

/// Shows a line until the next key.
fn notify(model: &mut Model, text: &str) {
    model.notice = Some(sanitise_line(text));
    model.changed(Urgency::Input);
}

/// Stops all lanes and ends.
fn quit(model: &Model) -> Vec<Effect> {
    let mut effects = runs::cancel_all(model);
    effects.push(Effect::Quit);
    effects
}

/// Gets the lanes from this position on ready, those that are switched on.
fn prepare(model: &Model, first: usize) -> Vec<Effect> {
    let lanes: Vec<usize> = model
        .shown()
        .into_iter()
        .filter(|lane| *lane >= first)
        .collect();
    if lanes.is_empty() {
        Vec::new()
    } else {
        vec![Effect::Prepare { lanes }]
    }
}

fn resize(model: &mut Model, columns: u16, rows: u16) -> Vec<Effect> {
    if model.size != (columns, rows) {
        model.size = (columns, rows);
        model.changed(Urgency::Input);
    }
    if std::mem::replace(&mut model.has_begun, true) {
        Vec::new()
    } else {
        prepare(model, 0)
    }
}

/// Pasted text goes to the prompt, wherever the focus is: it is never taken for commands.
fn paste(model: &mut Model, text: &str) -> Vec<Effect> {
    if model.overlay.is_none() {
        // Whoever goes on writing has not said yes.
        model.question = None;
        model.focus = Focus::Prompt;
        let text = text.replace("\r\n", "\n").replace('\r', "\n");
        if !model.editor.insert(&text) {
            notify(
                model,
                "the prompt is full: the end of the paste was left out",
            );
        }
        model.changed(Urgency::Input);
    }
    Vec::new()
}

fn editor_closed(model: &mut Model, text: Result<String, String>) {
    match text {
        Ok(text) => {
            let text = text.replace("\r\n", "\n");
            model.editor.set_text(text.trim_end_matches('\n'));
            model.focus = Focus::Prompt;
            model.changed(Urgency::Input);
        }
        Err(reason) => notify(model, &reason),
    }
}

/// Opens an overlay, or closes it when it is open.
fn toggle_overlay(model: &mut Model, overlay: Overlay) {
    let is_same = model
        .overlay
        .is_some_and(|open| std::mem::discriminant(&open) == std::mem::discriminant(&overlay));
    model.overlay = (!is_same).then_some(overlay);
}

#[cfg(test)]
mod tests;
