//! Runs on the screen: asking, stopping, folding what arrives. Starts nothing itself.

use super::notify;
use crate::{
    domain::{
        event::{LaneEvent, LaneEventKind},
        failure::{FailureKind, LaneFailure},
        id::LaneId,
        lane::LaneState,
        plan::LaneSource,
        usage::Estimator,
    },
    tui::{
        effect::Effect,
        model::{ActiveRun, Asked, AtEnd, Model, Origin, RunNumber, Urgency},
    },
};
use std::time::Duration;

/// Sends what stands in the prompt.
pub(super) fn send(model: &mut Model) -> Vec<Effect> {
    let prompt = model.editor.text().trim_end().to_owned();
    if prompt.trim().is_empty() {
        notify(model, "type a prompt first");
        return Vec::new();
    }
    ask(model, prompt, Origin::Typed)
}

/// Asks the last prompt again.
pub(super) fn ask_again(model: &mut Model) -> Vec<Effect> {
    if let Some(prompt) = model.run.as_ref().map(|run| run.prompt.clone()) {
        return ask(model, prompt, Origin::Again);
    }
    notify(model, "nothing was asked yet");
    Vec::new()
}

/// Asks the next of the prompts to try; it can be gone back to like one that was typed. Where a lane would send it off
/// this machine it is only put into the editor: what goes there, the person sends.
pub(super) fn ask_prepared(model: &mut Model) -> Vec<Effect> {
    let Some(prompt) = model.prepared.next().map(str::to_owned) else {
        notify(
            model,
            "there is no prepared prompt; `tierscope demo` has some",
        );
        return Vec::new();
    };
    let is_local = |lane: &usize| {
        let source = model.plan(*lane).map(|plan| &plan.source);
        matches!(source, Some(LaneSource::Local(_)))
    };
    if !model.prepared.is_for_all_lanes && !model.shown().iter().all(is_local) {
        if model.editor.text().is_empty() {
            model.editor.set_text(&prompt);
            model.prepared.advance();
            notify(model, "Enter sends it to all lanes, the remote ones too");
        } else {
            notify(
                model,
                "with remote lanes a prepared prompt needs an empty editor",
            );
        }
        return Vec::new();
    }
    ask(model, prompt, Origin::Prepared)
}

/// Sends a prompt, or asks first where it may cost more than the person wants.
fn ask(model: &mut Model, prompt: String, origin: Origin) -> Vec<Effect> {
    let asked = Asked { prompt, origin };
    model.question = model.question(&asked);
    if model.question.is_some() {
        model.changed(Urgency::Input);
        return Vec::new();
    }
    begin(model, &asked)
}

/// Sends a prompt to all lanes that are on; nothing of what was typed is lost where there is none.
pub(super) fn begin(model: &mut Model, asked: &Asked) -> Vec<Effect> {
    let prompt = asked.prompt.as_str();
    let effects = start(model, prompt);
    if effects.is_empty() {
        return effects;
    }
    if asked.origin != Origin::Again {
        model.prompts.push(prompt);
    }
    match asked.origin {
        Origin::Typed => model.editor.set_text(""),
        Origin::Again => {}
        Origin::Prepared => {
            model.prepared.advance();
            if !model.editor.text().is_empty() {
                notify(model, &format!("asked: {prompt}"));
            }
        }
    }
    if model.max_cost_usd.is_some() {
        let unlimited = model.unlimited(Estimator::default()).join(", ");
        if !unlimited.is_empty() {
            notify(
                model,
                &format!("max_cost cannot hold {unlimited}: no price is known"),
            );
        }
    }
    effects
}

fn start(model: &mut Model, prompt: &str) -> Vec<Effect> {
    let lanes = model.shown();
    if lanes.is_empty() {
        notify(model, "no lane is switched on: F2 lists them");
        return Vec::new();
    }
    let mut effects = cancel_all(model);
    model.overtake();
    model.at_end = AtEnd::Stays;
    model.runs += 1;
    let number = RunNumber(model.runs);
    for pane in &mut model.panes {
        pane.clear();
    }
    let mut estimate = Estimator::default();
    estimate.push(prompt);
    let mut run = ActiveRun::new(number, prompt, model.schedule, lanes.clone());
    for (lane, state) in run.lanes.iter().zip(&mut run.state.lanes) {
        let pane = model.panes.get(*lane);
        state.prompt_estimate = pane.map(|pane| pane.system.tokens_with(estimate));
    }
    model.run = Some(run);
    model.changed(Urgency::Input);
    effects.push(Effect::StartRun {
        run: number,
        prompt: prompt.to_owned(),
        schedule: model.schedule,
        lanes,
    });
    effects
}

/// Stops all lanes, when any is running.
pub(super) fn cancel_all(model: &Model) -> Vec<Effect> {
    let running = model.run.as_ref().filter(|run| run.is_running());
    running
        .map(|run| Effect::CancelAll { run: run.number })
        .into_iter()
        .collect()
}

/// Stops one lane, when it is running.
pub(super) fn cancel(model: &Model, lane: usize) -> Vec<Effect> {
    let effect = model.run.as_ref().and_then(|run| {
        let is_running = !run.lane(lane)?.phase.is_terminal();
        is_running.then_some(Effect::CancelLane {
            run: run.number,
            lane: run.place_of(lane)?,
        })
    });
    effect.into_iter().collect()
}

/// The run's clock began.
pub(super) fn started(model: &mut Model, number: RunNumber, origin: Duration) {
    if let Some(run) = model.run.as_mut().filter(|run| run.number == number) {
        run.origin = Some(origin);
        model.changed(Urgency::Stream);
    }
}

/// Folds events and hands each touched lane's new text to its pane.
pub(super) fn fold(model: &mut Model, number: RunNumber, events: &[LaneEvent]) {
    if let Some(run) = model.overtaken.iter_mut().find(|run| run.number == number) {
        run.apply(events);
        model.settle_overtaken();
        model.changed(Urgency::Stream);
        return;
    }
    let Some(run) = model.run.as_mut().filter(|run| run.number == number) else {
        return;
    };
    run.apply(events);
    let mut touched = vec![false; run.lanes.len()];
    for event in events {
        if let Some(touched) = touched.get_mut(event.lane.0) {
            *touched = true;
        }
    }
    for (index, lane) in run.lanes.iter().enumerate() {
        if touched[index]
            && let Some(pane) = model.panes.get_mut(*lane)
        {
            pane.follow(&run.state.lanes[index]);
        }
    }
    model.changed(Urgency::Stream);
}

/// Nothing more will come: a lane that did not say how it ended has failed.
pub(super) fn closed(model: &mut Model, number: RunNumber, at: Duration) {
    let runs = model.overtaken.iter().chain(&model.run);
    let Some(run) = runs.into_iter().find(|run| run.number == number) else {
        return;
    };
    let mut events = Vec::new();
    for (index, lane) in run.state.lanes.iter().enumerate() {
        events.extend(ending(lane).into_iter().map(|kind| LaneEvent {
            lane: LaneId(index),
            at,
            kind,
        }));
    }
    fold(model, number, &events);
}

fn ending(lane: &LaneState) -> Vec<LaneEventKind> {
    let error = LaneFailure::new(FailureKind::Truncated, "the lane ended without saying why");
    let failed = (!lane.phase.is_terminal()).then_some(LaneEventKind::Failed { error });
    let settled = (!lane.settled).then_some(LaneEventKind::Settled { disturbed: false });
    failed.into_iter().chain(settled).collect()
}
