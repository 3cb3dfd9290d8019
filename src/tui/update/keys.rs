//! What every key does, once the table has said which action it means.

use super::{notify, quit, runs, toggle_overlay};
use crate::{
    domain::plan::Schedule,
    tui::{
        editor::Edit,
        effect::Effect,
        keymap::{self, Action, Context},
        model::{AtEnd, Focus, Model, Overlay, Question, Topic, Urgency},
        view::pages,
    },
};
use ratatui::crossterm::event::{KeyCode, KeyEvent};
use std::time::Duration;

/// Two interrupts within this quit, whatever runs.
const TWICE: Duration = Duration::from_secs(1);

/// A key was pressed.
pub(super) fn press(model: &mut Model, key: &KeyEvent, at: Duration) -> Vec<Effect> {
    let context = match (model.overlay, model.focus) {
        (Some(Overlay::Help { .. } | Overlay::Details { .. }), _) => Context::Page,
        (Some(Overlay::Lanes { .. }), _) => Context::Lanes,
        (None, Focus::Prompt) => Context::Prompt,
        (None, Focus::Panes) => Context::Panes,
    };
    if model.notice.take().is_some() {
        model.changed(Urgency::Input);
    }
    if model.at_end == AtEnd::Quits {
        model.changed(Urgency::Input);
        if model.question.is_none() && key.code == KeyCode::Esc {
            model.at_end = AtEnd::Stays;
            return Vec::new();
        }
    }
    if let Some(effects) = answer(model, key, at) {
        return effects;
    }
    if let Some(action) = keymap::action(context, key) {
        model.changed(Urgency::Input);
        if action == Action::PickPane {
            pick_pane(model, keymap::digit(key));
            return Vec::new();
        }
        return act(model, action, at);
    }
    if let Some(c) = keymap::typed(key).filter(|_| context == Context::Prompt) {
        if !model.editor.insert(c.encode_utf8(&mut [0; 4])) {
            notify(model, "the prompt is full");
        }
        model.changed(Urgency::Input);
    }
    Vec::new()
}

/// What a key means while the person is asked something; nothing where nobody asks. Keys that are no answer do nothing,
/// but those that stop, suspend or repaint; nor does a yes to what was not seen yet.
fn answer(model: &mut Model, key: &KeyEvent, at: Duration) -> Option<Vec<Effect>> {
    let question = model.question.take()?;
    model.changed(Urgency::Input);
    let asked = match &question.topic {
        Topic::Send(asked) => asked,
        Topic::Quit => return Some(answer_quit(model, key, question, at)),
    };
    Some(match (keymap::typed(key), key.code) {
        (Some('y' | 'Y'), _) if model.can_answer(&question, at) => runs::begin(model, asked),
        (Some('n' | 'N'), _) | (None, KeyCode::Esc) => no(model),
        _ => match keymap::action(Context::Everywhere, key) {
            Some(Action::Interrupt) => no(model),
            action => {
                model.question = Some(question);
                match action {
                    Some(action @ (Action::Suspend | Action::Repaint)) => act(model, action, at),
                    Some(_) | None => Vec::new(),
                }
            }
        },
    })
}

/// What a key means while a person who wants to quit is asked about the lanes that run. Whoever asks to quit again has
/// answered: the lanes are stopped.
fn answer_quit(model: &mut Model, key: &KeyEvent, question: Question, at: Duration) -> Vec<Effect> {
    match (keymap::typed(key), key.code) {
        // They may have ended while the person was reading.
        (Some('w' | 'W'), _) if model.lanes_left() == 0 => quit(model),
        (Some('w' | 'W'), _) => {
            model.at_end = AtEnd::Quits;
            Vec::new()
        }
        (Some('s' | 'S' | 'q' | 'Q'), _) => quit(model),
        (Some('g' | 'G'), _) | (None, KeyCode::Esc) => Vec::new(),
        _ => match keymap::action(Context::Everywhere, key) {
            Some(Action::Interrupt) => quit(model),
            action => {
                model.question = Some(question);
                match action {
                    Some(action @ (Action::Suspend | Action::Repaint)) => act(model, action, at),
                    Some(_) | None => Vec::new(),
                }
            }
        },
    }
}

/// Ends, or asks first where lanes run.
fn quit_or_ask(model: &mut Model) -> Vec<Effect> {
    model.question = model.quit_question();
    match model.question {
        Some(_) => Vec::new(),
        None => quit(model),
    }
}

/// Nothing is sent, and nothing is lost.
fn no(model: &mut Model) -> Vec<Effect> {
    notify(model, "not sent");
    Vec::new()
}

fn act(model: &mut Model, action: Action, at: Duration) -> Vec<Effect> {
    match action {
        Action::Interrupt => return interrupt(model, at),
        Action::Quit => return quit_or_ask(model),
        Action::QuitOrDelete if model.editor.text().is_empty() => return quit_or_ask(model),
        Action::QuitOrDelete => _ = model.editor.apply(Edit::DeleteForward),
        Action::Suspend => return vec![Effect::Suspend],
        Action::Repaint => return vec![Effect::Repaint],
        Action::Send => return runs::send(model),
        Action::AskAgain => return runs::ask_again(model),
        Action::AskPrepared => return runs::ask_prepared(model),
        Action::StopLane => return runs::cancel(model, model.focused),
        Action::StopAll => return runs::cancel_all(model),
        Action::OpenEditor => return vec![Effect::OpenEditor(model.editor.text().to_owned())],
        Action::Toggle => return toggle_lane(model),
        Action::Newline => _ = model.editor.insert("\n"),
        Action::Edit(edit) => _ = model.editor.apply(edit),
        Action::UpOrEarlier => earlier(model),
        Action::DownOrLater => later(model),
        Action::Help => toggle_overlay(model, Overlay::Help { top: 0 }),
        Action::Details => toggle_overlay(model, Overlay::Details { top: 0 }),
        Action::LaneList => {
            let selected = model.focused;
            toggle_overlay(model, Overlay::Lanes { selected });
        }
        Action::Schedule => switch_schedule(model),
        Action::FocusPanes | Action::FocusPrompt | Action::NextPane | Action::PreviousPane => {
            move_focus(model, action);
        }
        Action::Zoom => model.is_zoomed = !model.is_zoomed,
        Action::FoldThoughts => {
            if let Some(pane) = model.panes.get_mut(model.focused) {
                pane.toggle_fold();
            }
        }
        Action::Scroll(_) | Action::Page(_) | Action::Top | Action::Bottom => scroll(model, action),
        Action::NextEntry => select(model, 1),
        Action::PreviousEntry => select(model, -1),
        Action::Close => model.overlay = None,
        // Needs the key itself: done where it was pressed.
        Action::PickPane => {}
    }
    Vec::new()
}

/// Stops what runs; with nothing running, or twice within a second, quits.
fn interrupt(model: &mut Model, at: Duration) -> Vec<Effect> {
    let is_twice = model
        .interrupted_at
        .is_some_and(|before| at.saturating_sub(before) < TWICE);
    model.interrupted_at = Some(at);
    if is_twice || model.run.as_ref().is_none_or(|run| run.lanes_left() == 0) {
        return quit(model);
    }
    notify(model, "stopped; Ctrl-C again quits");
    runs::cancel_all(model)
}

fn pick_pane(model: &mut Model, digit: Option<usize>) {
    let place = digit.and_then(|digit| digit.checked_sub(1));
    if let Some(lane) = place.and_then(|place| model.shown().get(place).copied()) {
        model.focused = lane;
    }
}

fn switch_schedule(model: &mut Model) {
    model.schedule = match model.schedule {
        Schedule::Race => Schedule::Fair,
        Schedule::Fair => Schedule::Race,
    };
    let meaning = match model.schedule {
        Schedule::Race => "race: the next prompt goes to all lanes at once",
        Schedule::Fair => "fair: from the next prompt on local lanes run one after another",
    };
    notify(model, meaning);
}

fn earlier(model: &mut Model) {
    if !model.editor.apply(Edit::Up)
        && let Some(prompt) = model.prompts.earlier(model.editor.text())
    {
        model.editor.set_text(prompt);
    }
}

fn later(model: &mut Model) {
    if !model.editor.apply(Edit::Down)
        && let Some(prompt) = model.prompts.later()
    {
        model.editor.set_text(prompt);
    }
}

fn move_focus(model: &mut Model, action: Action) {
    let shown = model.shown();
    let Some(last) = shown.len().checked_sub(1) else {
        notify(model, "no lane is switched on: F2 lists them");
        return;
    };
    let place = shown.iter().position(|lane| *lane == model.focused);
    let is_page = model.overlay.is_some();
    let target = match (action, model.focus) {
        (Action::FocusPrompt, _) if model.is_zoomed => {
            model.is_zoomed = false;
            return;
        }
        (Action::FocusPrompt, _) => None,
        (Action::NextPane, _) if is_page => Some(place.map_or(0, |place| (place + 1) % (last + 1))),
        (Action::PreviousPane, _) if is_page => {
            Some(place.and_then(|place| place.checked_sub(1)).unwrap_or(last))
        }
        (Action::NextPane, Focus::Panes) => {
            place.map(|place| place + 1).filter(|place| *place <= last)
        }
        (Action::PreviousPane, Focus::Panes) => place.and_then(|place| place.checked_sub(1)),
        (Action::PreviousPane, Focus::Prompt) => Some(last),
        _ => Some(place.unwrap_or(0)),
    };
    if !is_page {
        model.focus = match target {
            Some(_) => Focus::Panes,
            None => Focus::Prompt,
        };
    }
    if let Some(lane) = target.and_then(|target| shown.get(target)) {
        model.focused = *lane;
    }
}

fn scroll(model: &mut Model, action: Action) {
    if let Some(overlay) = model.overlay {
        let page = isize::try_from(pages::room(model)).unwrap_or(1);
        let rows = match action {
            Action::Scroll(rows) => isize::from(rows),
            Action::Page(pages) => isize::from(pages) * page,
            Action::Top => isize::MIN,
            _ => isize::MAX,
        };
        scroll_overlay(model, overlay, rows);
        return;
    }
    let Some(pane) = model.panes.get_mut(model.focused) else {
        return;
    };
    match action {
        Action::Scroll(rows) => _ = pane.scroll_by(isize::from(rows)),
        Action::Page(pages) => _ = pane.scroll_by(isize::from(pages) * pane.page()),
        Action::Top => pane.scroll_to(0),
        _ => pane.scroll_to(usize::MAX),
    }
}

/// Scrolls a page of text, or moves through a list.
fn scroll_overlay(model: &mut Model, overlay: Overlay, rows: isize) {
    let last = pages::rows(model).saturating_sub(pages::room(model));
    let moved = |top: usize| top.saturating_add_signed(rows).min(last);
    match overlay {
        Overlay::Help { top } => model.overlay = Some(Overlay::Help { top: moved(top) }),
        Overlay::Details { top } => model.overlay = Some(Overlay::Details { top: moved(top) }),
        Overlay::Lanes { .. } => select(model, rows),
    }
    model.changed(Urgency::Input);
}

fn select(model: &mut Model, by: isize) {
    let last = model.panes.len().saturating_sub(1);
    if let Some(Overlay::Lanes { selected }) = &mut model.overlay {
        *selected = selected.saturating_add_signed(by).min(last);
    }
}

/// Switches the selected lane; one that runs is stopped.
fn toggle_lane(model: &mut Model) -> Vec<Effect> {
    let Some(Overlay::Lanes { selected }) = model.overlay else {
        return Vec::new();
    };
    let Some(pane) = model.panes.get_mut(selected) else {
        return Vec::new();
    };
    pane.is_on = !pane.is_on;
    match (pane.is_on, &pane.readiness) {
        (true, None) => vec![Effect::Prepare {
            lanes: vec![selected],
        }],
        (true, Some(_)) => Vec::new(),
        (false, _) => runs::cancel(model, selected),
    }
}
