//! `tierscope models`: the catalogue as a table or as JSON, and newer prices for it. Asks nobody but the address that
//! the person names.

mod refresh;
mod select;
mod table;

use super::{
    context::{Context, columns},
    print_data,
};
use crate::{
    catalog::{self, Catalog},
    domain::tier::Tier,
    failure::{CliError, Exit},
};
use clap::ValueEnum;
use std::io::{self, IsTerminal};

/// A sentence is not broken into longer lines than this.
const LINE: usize = 100;

/// What a tier is, for a person who reads the table.
const EXPLANATION: [&str; 3] = [
    "A base model is pretrained only and continues text. Small, mid and flagship are sizes of one generation: the small \
     ones are cheap and quick, the large ones know more. A reasoning model thinks before it answers: slower, dearer by \
     its hidden tokens, better at hard problems; `hybrid` ones think where they are asked to.",
    "Prices are US dollars per million tokens, on the lab's own API; `+` behind one says that long prompts cost more, \
     `?` is unknown, not free. Open weights run on your own machine.",
    "The best tier is rarely the largest: it is the cheapest one that is good enough.",
];

/// What can be typed after `models`.
#[derive(Debug, clap::Args)]
pub struct ModelsArgs {
    /// Only models with these words in their name, lab, family or generation
    #[arg(value_name = "WORDS")]
    pub words: Vec<String>,
    /// Only models of this tier (repeatable)
    #[arg(long = "tier", value_name = "TIER", value_enum)]
    pub tiers: Vec<Tier>,
    /// Only models that can be had so
    #[arg(long, value_name = "ACCESS", value_enum)]
    pub access: Option<AccessName>,
    /// The order: by lab and tier, by price from cheap to dear, or by context window from large to small
    #[arg(long, value_name = "ORDER", value_enum, default_value = "lab")]
    pub sort: Order,
    /// Takes newer prices from a table in litellm's public form, a file or an https address, keeps them for later runs, and says what changed
    #[arg(long, value_name = "FILE|URL")]
    pub refresh: Option<String>,
    /// Prints JSON: an array of objects
    #[arg(long)]
    pub json: bool,
}

/// How a model can be had.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AccessName {
    /// The weights are published
    OpenWeights,
    /// Behind an API only
    Api,
}

/// The order of the rows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Order {
    /// By lab, then by tier
    #[default]
    Lab,
    /// The cheapest first, those without a price last
    Price,
    /// The largest context window first
    Context,
}

/// Chooses, orders and prints.
pub fn run(context: &Context, args: &ModelsArgs) -> Result<Exit, CliError> {
    if let Some(from) = &args.refresh {
        refresh::run(context, from)?;
        if !args.json && args.words.is_empty() && args.tiers.is_empty() && args.access.is_none() {
            return Ok(Exit::Success);
        }
    }
    // What was kept just now counts here too, although the process has looked prices up before.
    let renewed = args.refresh.as_ref().map(|_| Catalog::kept());
    let catalog = renewed.as_ref().unwrap_or_else(|| catalog::current());
    context.warn(catalog.warning().map(str::to_owned).as_slice());
    let models = select::selected(catalog.models(), args);
    if models.is_empty() {
        return Err(nothing_found(catalog, args));
    }
    if args.json {
        let json = serde_json::to_string_pretty(&models)
            .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))?;
        print_data((json + "\n").as_bytes())?;
        return Ok(Exit::Success);
    }
    let width = io::stdout().is_terminal().then(columns).flatten();
    print_data(table::render(&models, width).as_bytes())?;
    context.say(&format!(
        "{} of {} models.",
        models.len(),
        catalog.models().len()
    ));
    if let Some(refreshed) = catalog.refreshed() {
        let catalog::Refreshed { day, source } = refreshed;
        context.say(&format!("Newer prices were taken on {day} from {source}."));
    }
    // A person reads lines, a log takes them whole.
    let width = io::stderr().is_terminal().then(columns).flatten();
    for sentence in EXPLANATION {
        for line in table::broken(sentence, width.map_or(usize::MAX, |width| width.min(LINE))) {
            context.say(&line);
        }
    }
    Ok(Exit::Success)
}

fn nothing_found(catalog: &Catalog, args: &ModelsArgs) -> CliError {
    let labs = select::labs(catalog.models()).join(", ");
    let message = if args.words.is_empty() {
        "no model of the catalogue is all of that".to_owned()
    } else {
        format!(
            "no model of the catalogue matches `{}`",
            args.words.join(" ")
        )
    };
    CliError::failed(message).hint(format!(
        "`tierscope models` lists all of them; the labs are {labs}"
    ))
}
