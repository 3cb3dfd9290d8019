//! The playground: puts its lanes together and hands them to the terminal.

use super::{context::Context, options::RunOptions};
use crate::{
    domain::batch::BatchKind,
    failure::{CliError, Exit},
    run::playback::Playback,
    tui::{self, TuiSpec, model::Prepared, theme::Colors},
    wiring::{self, Assembly, Search},
};
use std::{
    io::{self, Write},
    path::PathBuf,
};
use tokio::runtime::Runtime;

/// Runs the playground until the person quits.
pub fn run(context: &Context, options: &RunOptions) -> Result<Exit, CliError> {
    let log = context.start_log();
    let runtime = wiring::runtime()?;
    let assembly = runtime.block_on(wiring::assemble(context, options, Search::Later))?;
    let has_pocket = assembly
        .lanes
        .iter()
        .any(|lane| wiring::is_pocket(&lane.plan.name));
    show(
        context,
        runtime,
        Stage {
            prepared: Prepared::new(if has_pocket {
                wiring::prompts_to_try()
            } else {
                Vec::new()
            }),
            footer: None,
            playback: None,
            is_kept: !options.no_history,
            assembly,
            log,
        },
    )
}

/// What the playground shows.
pub(super) struct Stage {
    /// The lanes, and what else was configured.
    pub(super) assembly: Assembly,
    /// Prompts to try.
    pub(super) prepared: Prepared,
    /// What must stand below the table that is left behind.
    pub(super) footer: Option<&'static str>,
    /// Whether its runs go into the history.
    pub(super) is_kept: bool,
    /// A past run to play.
    pub(super) playback: Option<Playback>,
    /// Where standard error goes meanwhile.
    pub(super) log: Option<PathBuf>,
}

/// Shows it until the person quits.
pub(super) fn show(context: &Context, runtime: Runtime, stage: Stage) -> Result<Exit, CliError> {
    let Assembly {
        settings,
        lanes,
        later,
    } = stage.assembly;
    let keep = if stage.is_kept {
        context.keep(BatchKind::Sitting, &settings)?
    } else {
        None
    };
    let variable = |name| context.environment.var(name).map(str::to_owned);
    let spec = TuiSpec {
        prepared: stage.prepared,
        lanes,
        later,
        // Each lane's plan holds its own, with the command line above it.
        system: None,
        schedule: settings.schedule,
        max_cost_usd: settings.max_cost_usd,
        colors: if context.is_colored(true) {
            Colors::Ansi
        } else {
            Colors::None
        },
        history: Vec::new(),
        editor: variable("VISUAL").or_else(|| variable("EDITOR")),
        log: stage.log,
        playback: stage.playback,
        keep,
        notices: settings.warnings,
    };
    let summary = tui::run(runtime, spec).map_err(|error| {
        let hint = error.hint();
        CliError {
            hints: hint.map(str::to_owned).into_iter().collect(),
            ..CliError::from_error(error)
        }
    })?;
    // The reader may have gone with the terminal; what was measured is then for nobody.
    let mut out = io::stdout().lock();
    let _ = out.write_all(summary.text.as_bytes());
    if let Some(footer) = stage.footer.filter(|_| !summary.text.is_empty()) {
        let _ = writeln!(out, "! {footer}");
    }
    Ok(match summary.exit {
        // What was paid for and is not kept is an error, which the table has told.
        tui::Exit::Quit if !summary.is_kept => Exit::Failed,
        tui::Exit::Quit => Exit::Success,
        tui::Exit::Interrupted => Exit::Interrupted,
        tui::Exit::Terminated => Exit::Terminated,
    })
}
