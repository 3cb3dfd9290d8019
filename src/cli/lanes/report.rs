//! What is known about each lane without asking its host: only the keyring is asked, for keys that no variable holds.

use super::check::Checked;
use crate::{
    config::{discover, spec::LaneSpec},
    domain::{
        plan::{GpuLayers, LanePlan, LaneSource, LocalPlan, TemplateSource},
        tier::Tier,
    },
    engine::gguf::Header,
    failure::CliError,
    provider::{self, KeyFound, KeyPlace, Readiness},
    run::Lane,
    wiring::Ground,
};
use futures_util::StreamExt;
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
    /// Where its key stands; `None` where it has none, or needs none.
    pub(super) key: Option<Key>,
    /// What its host said; `None` where it was not asked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) check: Option<Checked>,
}

/// Where a key stands; never the key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(super) struct Key {
    /// The name of its variable.
    pub(super) name: String,
    /// `environment`, `env_file` or `keyring`.
    pub(super) source: &'static str,
    /// The same for a person.
    #[serde(skip)]
    pub(super) place: KeyPlace,
}

impl Key {
    fn of(found: KeyFound) -> Self {
        Self {
            source: found.place.name(),
            place: found.place,
            name: found.name,
        }
    }
}

/// A lane and what is known about it.
pub(super) struct Known {
    pub(super) row: Row,
    pub(super) lane: Lane,
    /// It takes part unless it is named out: one that would fail is worth an exit status.
    pub(super) is_expected: bool,
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
pub(super) async fn lanes(ground: &Ground, servers: &[LaneSpec]) -> Result<Vec<Known>, CliError> {
    let candidates = ground.candidates(servers)?;
    let mut known = Vec::new();
    let usual: BTreeSet<String> = candidates
        .usual
        .iter()
        .map(|plan| plan.name.clone())
        .collect();
    let plans = candidates.usual.into_iter().chain(candidates.by_name);
    let mut lanes = ground.lanes(plans.map(Arc::new).collect());
    let device = usual_device(&lanes).await;
    if !ground.is_configured() {
        let keyless = discover::of_keys(|provider| !ground.has_key(provider));
        lanes.extend(ground.lanes(ground.plans(&keyless)?.into_iter().map(Arc::new).collect()));
    }
    for lane in lanes {
        let is_usual = usual.contains(&lane.plan.name);
        let key = provider::find_key(&lane.plan, &ground.services).await;
        let is_shown_so = is_usual || !ground.is_configured();
        let row = Row {
            key: key.map(Key::of),
            ..row(&lane, is_shown_so, device.as_deref()).await
        };
        known.push(Known {
            row,
            is_expected: is_usual && lane.plan.is_enabled,
            lane,
        });
    }
    known.sort_by_key(|known| known.row.state != State::Runs);
    Ok(known)
}

async fn row(lane: &Lane, is_usual: bool, device: Option<&str>) -> Row {
    let plan = &lane.plan;
    let place = match (lack(lane).await, &plan.source) {
        (Some(lack), _) => Err(lack),
        (None, LaneSource::Local(local)) => local_place(lane, local, device).await,
        (None, LaneSource::Remote(_) | LaneSource::Tape(_) | LaneSource::Played(_)) => {
            Ok(lane.provider.place())
        }
    };
    let state = match (&place, is_usual, plan.is_enabled) {
        (Err(_), _, _) => State::Lacking,
        (Ok(_), false, _) => State::ByName,
        (Ok(_), true, false) => State::Off,
        (Ok(_), true, true) => State::Runs,
    };
    let (place, lacks) = match place {
        Ok(place) => (Some(place), None),
        Err(lack) => (None, Some(lack)),
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
        key: None,
        check: None,
    }
}

/// What a lane lacks, with what to do about it.
async fn lack(lane: &Lane) -> Option<String> {
    match &lane.plan.source {
        LaneSource::Remote(_) | LaneSource::Played(_) => refusal(lane).await,
        LaneSource::Tape(path) => match readable(path) {
            Some(problem) => Some(problem),
            None => refusal(lane).await,
        },
        LaneSource::Local(_) if !cfg!(feature = "local") => Some(
            "local models: this program was built without them; build it with the feature `local`"
                .to_owned(),
        ),
        LaneSource::Local(_) if is_pocket(&lane.plan) => None,
        LaneSource::Local(local) => broken_gguf(&local.path).or_else(|| match &local.template {
            TemplateSource::File(path) => readable(path),
            TemplateSource::Model | TemplateSource::None => None,
        }),
    }
}

/// A remote lane that cannot run says so without sending anything, at once or when the keyring has answered.
async fn refusal(lane: &Lane) -> Option<String> {
    match lane.provider.prepare().next().await? {
        Readiness::Failed(failure) => Some(failure.message),
        Readiness::Loading { .. } | Readiness::Ready => None,
    }
}

/// What is wrong with a GGUF file, as far as its header tells.
fn broken_gguf(path: &Path) -> Option<String> {
    readable(path).or_else(|| Header::read(path).err().map(|error| error.to_string()))
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

/// Whether a backend is built in that needs a device to be asked for.
const HAS_GPU_BACKEND: bool = cfg!(any(feature = "vulkan", feature = "cuda", feature = "metal"));

/// The device that takes layers here: `CPU` without a GPU backend, else what a pocket model says once it is loaded.
async fn usual_device(lanes: &[Lane]) -> Option<String> {
    if !HAS_GPU_BACKEND {
        return Some("CPU".to_owned());
    }
    let pocket = lanes.iter().find(|lane| is_pocket(&lane.plan))?;
    let place = loaded_place(pocket).await.ok()?;
    let device = place.split_once(" · ").map(|(device, _)| device.to_owned());
    Some(device.unwrap_or(place))
}

/// Where a local lane runs. Only pocket models are loaded to find out: the person's may be large.
async fn local_place(lane: &Lane, plan: &LocalPlan, usual: Option<&str>) -> Result<String, String> {
    if HAS_GPU_BACKEND && is_pocket(&lane.plan) {
        return loaded_place(lane).await;
    }
    Ok(match (plan.gpu_layers, usual) {
        (GpuLayers::Count(0), _) => "CPU".to_owned(),
        (GpuLayers::Auto | GpuLayers::All | GpuLayers::Count(_), Some(device)) => device.to_owned(),
        (GpuLayers::Auto | GpuLayers::All | GpuLayers::Count(_), None) => "local".to_owned(),
    })
}

async fn loaded_place(lane: &Lane) -> Result<String, String> {
    let mut progress = lane.provider.prepare();
    while let Some(news) = progress.next().await {
        match news {
            Readiness::Loading { .. } => {}
            Readiness::Ready => break,
            Readiness::Failed(failure) => return Err(failure.message),
        }
    }
    Ok(lane.provider.place())
}
