//! What is known about each lane without asking it. Sends nothing to anybody.

use crate::{
    config::{discover, spec::LaneSpec},
    domain::{
        plan::{LanePlan, LaneSource, TemplateSource},
        tier::Tier,
    },
    failure::CliError,
    provider::Readiness,
    run::Lane,
    wiring::Ground,
};
use futures_util::{FutureExt, StreamExt};
use serde::Serialize;
use std::{collections::BTreeSet, fs::File, path::Path, sync::Arc};

/// One lane, as `lanes --json` prints it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub(super) struct Row {
    pub(super) lane: String,
    pub(super) tier: Option<Tier>,
    pub(super) provider: &'static str,
    pub(super) model: String,
    /// `local` or `api`.
    pub(super) access: &'static str,
    pub(super) state: State,
    /// Where it runs: a device, or a host.
    pub(super) place: Option<String>,
    /// What it lacks and what to do about it; `None` where it lacks nothing.
    pub(super) lacks: Option<String>,
}

/// Whether a lane would run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum State {
    /// It runs when a prompt is sent.
    Runs,
    /// It is switched off in the configuration.
    Off,
    /// It runs when it is named.
    ByName,
    /// Something is missing.
    Lacking,
}

/// All lanes: first those that run, in their order, then the others.
pub(super) fn rows(ground: &Ground, servers: &[LaneSpec]) -> Result<Vec<Row>, CliError> {
    let candidates = ground.candidates(servers)?;
    let mut rows = Vec::new();
    let usual: BTreeSet<String> = candidates
        .usual
        .iter()
        .map(|plan| plan.name.clone())
        .collect();
    let plans = candidates.usual.into_iter().chain(candidates.by_name);
    for lane in ground.lanes(plans.map(Arc::new)) {
        let is_usual = usual.contains(&lane.plan.name);
        rows.push(row(&lane, is_usual));
    }
    if !ground.is_configured() {
        let keyless = discover::of_keys(|provider| !ground.has_key(provider));
        for lane in ground.lanes(ground.plans(&keyless)?.into_iter().map(Arc::new)) {
            rows.push(row(&lane, true));
        }
    }
    rows.sort_by_key(|row| row.state != State::Runs);
    Ok(rows)
}

fn row(lane: &Lane, is_usual: bool) -> Row {
    let plan = &lane.plan;
    let lacks = lack(lane);
    let state = match (&lacks, is_usual, plan.is_enabled) {
        (Some(_), _, _) => State::Lacking,
        (None, false, _) => State::ByName,
        (None, true, false) => State::Off,
        (None, true, true) => State::Runs,
    };
    let place = match &plan.source {
        _ if lacks.is_some() => None,
        LaneSource::Local(_) => Some(device(lane)),
        LaneSource::Remote(_) | LaneSource::Tape(_) => Some(lane.provider.place()),
    };
    Row {
        lane: plan.name.clone(),
        tier: plan.tier,
        provider: plan.provider.name(),
        model: plan.model.clone(),
        access: plan.access(),
        state,
        place,
        lacks,
    }
}

/// What a lane lacks, with what to do about it.
fn lack(lane: &Lane) -> Option<String> {
    match &lane.plan.source {
        LaneSource::Remote(_) => refusal(lane),
        LaneSource::Tape(path) => readable(path).or_else(|| refusal(lane)),
        LaneSource::Local(_) if !cfg!(feature = "local") => Some(
            "local models: this program was built without them; build it with the feature `local`"
                .to_owned(),
        ),
        LaneSource::Local(_) if is_pocket(&lane.plan) => None,
        LaneSource::Local(local) => gguf(&local.path).or_else(|| match &local.template {
            TemplateSource::File(path) => readable(path),
            TemplateSource::Model | TemplateSource::None => None,
        }),
    }
}

/// A remote lane that cannot run says so at once, without sending anything.
fn refusal(lane: &Lane) -> Option<String> {
    match lane.provider.prepare().next().now_or_never().flatten()? {
        Readiness::Failed(failure) => Some(failure.message),
        Readiness::Loading { .. } | Readiness::Ready => None,
    }
}

fn readable(path: &Path) -> Option<String> {
    let found = File::open(path).and_then(|file| file.metadata());
    let problem = match found {
        Ok(metadata) if metadata.is_file() => return None,
        Ok(_) => "is no file".to_owned(),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            "is not there: put it there, or correct the path".to_owned()
        }
        Err(error) => format!("cannot be opened: {error}"),
    };
    Some(format!("{} {problem}", path.display()))
}

#[cfg(feature = "local")]
fn gguf(path: &Path) -> Option<String> {
    readable(path)
}

#[cfg(not(feature = "local"))]
fn gguf(path: &Path) -> Option<String> {
    readable(path)
}

/// Whether the model is inside the program: its file is written when it is needed.
#[cfg(feature = "local")]
fn is_pocket(plan: &LanePlan) -> bool {
    crate::pocket::POCKETS
        .iter()
        .any(|pocket| pocket.name == plan.name && matches!(&plan.source, LaneSource::Local(_)))
}

#[cfg(not(feature = "local"))]
fn is_pocket(_plan: &LanePlan) -> bool {
    false
}

/// Where a local lane runs. Without a GPU backend there is only one answer.
fn device(lane: &Lane) -> String {
    if !cfg!(any(feature = "vulkan", feature = "cuda", feature = "metal")) {
        return "CPU".to_owned();
    }
    lane.provider.place()
}
