//! The playground: puts its lanes together and hands them to the terminal.

use super::{context::Context, options::RunOptions};
use crate::{
    failure::{CliError, Exit},
    tui::{self, TuiSpec, theme::Colors},
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
    show(context, runtime, assembly, log)
}

/// Shows these lanes until the person quits.
pub(super) fn show(
    context: &Context,
    runtime: Runtime,
    assembly: Assembly,
    log: Option<PathBuf>,
) -> Result<Exit, CliError> {
    let Assembly {
        settings,
        lanes,
        later,
    } = assembly;
    let variable = |name| context.environment.var(name).map(str::to_owned);
    let spec = TuiSpec {
        prepared: wiring::prompts_to_try(&lanes),
        lanes,
        later,
        // Each lane's plan holds its own, with the command line above it.
        system: None,
        schedule: settings.schedule,
        colors: if context.is_colored(true) {
            Colors::Ansi
        } else {
            Colors::None
        },
        history: Vec::new(),
        editor: variable("VISUAL").or_else(|| variable("EDITOR")),
        log,
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
    let _ = io::stdout().lock().write_all(summary.text.as_bytes());
    Ok(match summary.exit {
        tui::Exit::Quit => Exit::Success,
        tui::Exit::Interrupted => Exit::Interrupted,
        tui::Exit::Terminated => Exit::Terminated,
    })
}
