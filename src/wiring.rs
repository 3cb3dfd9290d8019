//! Composition: builds lanes with their providers out of plans. Starts none of them.

mod ground;

pub use ground::{Ground, is_pocket, keyring};

use crate::{
    cli::{context::Context, options::RunOptions},
    config::{
        Settings, discover,
        layer::Selection,
        select::{Candidates, SelectionError},
        spec::LaneSpec,
    },
    domain::plan::LanePlan,
    failure::CliError,
    run::Lane,
};
use futures_util::future::{BoxFuture, join};
use std::{fmt, sync::Arc};
use tokio::runtime::Runtime;

/// The lanes of a face, and what else was configured.
pub struct Assembly {
    /// The merged configuration; `settings.lanes` are the plans of `lanes`.
    pub settings: Settings,
    /// The lanes in the order of panes and records. Those whose plan is not enabled are there to be switched on.
    pub lanes: Vec<Lane>,
    /// Lanes of local servers and of keys in the keyring that are still being looked for; ready within a quarter of a
    /// second, unless the keyring takes longer. `None` where nobody looks.
    pub later: Option<BoxFuture<'static, Vec<Lane>>>,
}

impl fmt::Debug for Assembly {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Assembly")
            .field("settings", &self.settings)
            .field("lanes", &self.lanes)
            .field("later", &self.later.is_some())
            .finish()
    }
}

/// Whether to wait for lanes that are looked for on this machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Search {
    /// They are part of [`Assembly::lanes`].
    Awaited,
    /// They come with [`Assembly::later`], so that nothing blocks a first frame.
    Later,
}

/// Puts the lanes together that the configuration, the environment and the command line ask for.
pub async fn assemble(
    context: &Context,
    options: &RunOptions,
    search: Search,
) -> Result<Assembly, CliError> {
    assemble_on(Ground::load(context, options)?, search).await
}

/// The same on a ground that is there already.
pub async fn assemble_on(ground: Ground, search: Search) -> Result<Assembly, CliError> {
    let selection = ground.overrides.selection.clone();
    let known = ground.candidates(&[])?;
    match known.clone().pick(&selection) {
        Ok(plans) if is_complete(&ground, &selection) => ground.assembly(plans, None),
        Ok(plans) if search == Search::Later => {
            let later = later(ground.clone(), selection, known);
            ground.assembly(plans, Some(Box::pin(later)))
        }
        Err(error @ SelectionError::NoSuchTier(_)) if ground.is_configured() => {
            Err(refused(&error))
        }
        Ok(_) | Err(_) => {
            let (servers, ground) = look_around(ground).await;
            let plans = ground.candidates(&servers)?.pick(&selection);
            ground.assembly(plans.map_err(|error| refused(&error))?, None)
        }
    }
}

/// Prompts that show what the pocket models can and cannot do, for the key that tries one.
pub fn prompts_to_try() -> Vec<String> {
    let prompts = if cfg!(feature = "local") {
        PROMPTS_TO_TRY
    } else {
        &[]
    };
    prompts.iter().map(|prompt| (*prompt).to_owned()).collect()
}

/// What the pocket tiers differ in, and what none of them knows.
const PROMPTS_TO_TRY: &[&str] = &[
    "How many r in strawberry?",
    "What is 4738 + 9675?",
    "Which is larger, 9.11 or 9.9?",
    "What is 47 * 86?",
    "What is the capital of France?",
    "Spell strawberry backwards.",
    "What day is 10 days after Tuesday?",
    "Write a poem about the sea.",
];

/// Whether neither a local server nor the keyring could add a lane to what was picked.
fn is_complete(ground: &Ground, selection: &Selection) -> bool {
    ground.is_configured() || (!selection.names.is_empty() && selection.tiers.is_empty())
}

/// Looks for local servers and for keys in the keyring, both at the same time.
pub async fn look_around(ground: Ground) -> (Vec<LaneSpec>, Ground) {
    join(
        discover::of_servers(&discover::HAUNTS),
        ground.with_stored_keys(),
    )
    .await
}

/// The lanes of local servers and of stored keys that belong to a selection and are not known yet.
async fn later(ground: Ground, selection: Selection, known: Candidates) -> Vec<Lane> {
    let (servers, ground) = look_around(ground).await;
    let tier_only = Selection {
        names: Vec::new(),
        tiers: selection.tiers,
    };
    let picked = ground
        .candidates(&servers)
        .ok()
        .and_then(|candidates| candidates.pick(&tier_only).ok());
    let plans = picked.unwrap_or_default();
    let is_new = |plan: &LanePlan| known.plans().all(|other| other.name != plan.name);
    ground.lanes(plans.into_iter().filter(is_new).map(Arc::new).collect())
}

/// A selection that cannot be met, with what can be.
fn refused(error: &SelectionError) -> CliError {
    let message = error.to_string();
    match error {
        SelectionError::NoSuchTier(_) => {
            CliError::usage(message).hint("`tierscope lanes` shows the tiers of the lanes that run")
        }
        SelectionError::UnknownLane { name, .. } if is_pocket(name) => CliError::usage(format!(
            "lane `{name}` needs local models, which this program was built without"
        )),
        SelectionError::UnknownLane { nearest, known, .. } => {
            let error = CliError::usage(message);
            match (nearest, known.is_empty()) {
                (Some(nearest), _) => error.hint(format!("did you mean `{nearest}`?")),
                (None, false) => error.hint(format!("there are: {}", known.join(", "))),
                (None, true) => error.hint("`tierscope config init` writes a configuration"),
            }
        }
    }
}

/// The runtime of a face. Two threads: one for the face, one so that sockets are read while it draws.
pub fn runtime() -> Result<Runtime, CliError> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::failed("cannot start the async runtime").caused_by(error))?;
    #[cfg(unix)]
    survive_large_files(&runtime);
    Ok(runtime)
}

/// A file that may not grow, as `ulimit -f` has it, is an error of the one who writes, as on a full disk, and kills nobody.
#[cfg(unix)]
fn survive_large_files(runtime: &Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let _inside = runtime.enter();
    let kind = SignalKind::from_raw(rustix::process::Signal::XFSZ.as_raw());
    // What was installed stays so; nobody waits for it. Where it cannot be, all is as before.
    drop(signal(kind));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{cli::options::GlobalOptions, domain::environment::Environment};
    use futures_util::FutureExt;

    #[test]
    fn neither_servers_nor_the_keyring_are_waited_for_before_a_first_frame() {
        let home = tempfile::tempdir().unwrap();
        let variables = [
            ("TIERSCOPE_HOME", home.path().to_str().unwrap()),
            ("ANTHROPIC_API_KEY", "sk-ant-abcdef"),
        ];
        let context = Context {
            environment: Environment::from_iter(variables),
            global: GlobalOptions::default(),
        };
        // There is no runtime here: whatever would ask anybody fails, and whatever would wait is not ready.
        let options = RunOptions::default();
        let assembly = assemble(&context, &options, Search::Later)
            .now_or_never()
            .expect("no wait")
            .unwrap();
        assert!(assembly.later.is_some(), "they come later");
        assert!(
            assembly
                .lanes
                .iter()
                .any(|lane| lane.plan.name == "claude-haiku-4-5")
        );
    }
}
