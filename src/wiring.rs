//! Composition: builds lanes with their providers out of plans. Starts none of them.

use crate::{
    cli::{context::Context, options::RunOptions},
    config::Settings,
    failure::CliError,
    run::Lane,
};
use futures_util::future::BoxFuture;
use std::fmt;
use tokio::runtime::Runtime;

/// The lanes of a face, and what else was configured.
pub struct Assembly {
    /// The merged configuration; `settings.lanes` are the plans of `lanes`.
    pub settings: Settings,
    /// The lanes in the order of panes and records.
    pub lanes: Vec<Lane>,
    /// Lanes of local servers that are still being looked for; ready within a quarter of a second. `None` where nobody
    /// looks.
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
    let _ = (context, options, search);
    Err(CliError::failed("lanes are being built"))
}

/// The runtime of a face. Two threads: one for the face, one so that sockets are read while it draws.
pub fn runtime() -> Result<Runtime, CliError> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .map_err(|error| CliError::failed("cannot start the async runtime").caused_by(error))
}
