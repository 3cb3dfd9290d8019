//! `tierscope completions` and `tierscope man`: what the command line says about itself, for shells and for `man`.

use super::{Cli, print_data};
use crate::failure::{CliError, Exit};
use clap::CommandFactory;
use clap_complete::Shell;
use clap_mangen::{
    Man,
    roff::{Roff, bold, roman},
};

/// What can be typed after `completions`.
#[derive(Debug, clap::Args)]
pub struct CompletionsArgs {
    /// The shell to complete for
    pub shell: Shell,
}

/// Prints a completion script.
pub fn completions(args: &CompletionsArgs) -> Result<Exit, CliError> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "tierscope", &mut script);
    print_data(&script)?;
    Ok(Exit::Success)
}

/// Prints the manual page.
pub fn man() -> Result<Exit, CliError> {
    let mut page = Vec::new();
    Man::new(Cli::command())
        .render(&mut page)
        .and_then(|()| more_sections().to_writer(&mut page))
        .map_err(|error| CliError::failed("cannot write the manual page").caused_by(error))?;
    print_data(&page)?;
    Ok(Exit::Success)
}

/// Variables that the program reads, with what each is for.
const ENVIRONMENT: &[(&str, &str)] = &[
    (
        "TIERSCOPE_HOME",
        "One folder for configuration, history, log and cache.",
    ),
    (
        "TIERSCOPE_CONFIG",
        "The configuration file, where --config does not say.",
    ),
    (
        "TIERSCOPE_LANE, TIERSCOPE_TIER",
        "Lanes and tiers to run, parted by commas.",
    ),
    (
        "TIERSCOPE_MAX_TOKENS, TIERSCOPE_TEMPERATURE, TIERSCOPE_TOP_P, TIERSCOPE_SEED, TIERSCOPE_STOP, \
                 TIERSCOPE_SYSTEM, TIERSCOPE_EFFORT, TIERSCOPE_SCHEDULE, TIERSCOPE_TIMEOUT",
        "As the options of these names; the options go before them, the configuration file after them.",
    ),
    (
        "OPENAI_API_KEY, ANTHROPIC_API_KEY, GEMINI_API_KEY or GOOGLE_API_KEY",
        "Keys of the providers. They go before those of --env-file, and these before the keyring.",
    ),
    (
        "TIERSCOPE_KEYRING",
        "`off` leaves the system's keyring alone; `auto` asks it for keys that no variable holds.",
    ),
    ("NO_COLOR", "No colours, unless --color always."),
];

fn more_sections() -> Roff {
    let mut roff = Roff::new();
    let mut section = |title: &str, items: &[(&str, &str)]| {
        roff.control("SH", [title]);
        for (term, text) in items {
            roff.control("TP", []);
            roff.text([bold(*term)]);
            roff.text([roman(*text)]);
        }
    };
    section(
        "FILES",
        &[
            (
                "$XDG_CONFIG_HOME/tierscope/config.toml",
                "The configuration. The platform's own places are used on macOS and Windows.",
            ),
            (
                "$XDG_STATE_HOME/tierscope/tierscope.log",
                "The log, and tierscope.log.1 before it.",
            ),
            (
                "$XDG_CACHE_HOME/tierscope/",
                "Unpacked pocket models. Can be deleted.",
            ),
        ],
    );
    section("ENVIRONMENT", ENVIRONMENT);
    section(
        "EXIT STATUS",
        &[
            ("0", "All well."),
            ("1", "An error."),
            (
                "2",
                "A mistake on the command line or in the configuration.",
            ),
            ("3", "Finished, but at least one lane failed."),
            ("130, 143", "Interrupted; terminated."),
        ],
    );
    roff
}
