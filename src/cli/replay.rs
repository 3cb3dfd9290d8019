//! `tierscope replay`: prompt files to all lanes, kept in the history, to be continued where it was stopped. Reads the
//! files, builds the lanes, says what it will cost; the asking is done by `headless`.

mod budget;
mod choosing;
mod closing_words;
mod past;
mod settings;

use super::{
    context::{Context, columns},
    options::RunOptions,
    signals,
};
use crate::{
    check::Checkers,
    config::Settings,
    domain::{
        batch::{BatchHead, BatchKind},
        case::Suite,
        id::BatchId,
        plan::LaneSource,
    },
    failure::{CliError, Exit},
    headless::{
        replay::{self, Face, Replay, Report},
        sink::Outputs,
    },
    provider::USUAL_CONCURRENCY,
    run::{self, Lane},
    suite::{self, Pick, PickError, Shard},
    wiring::{self, Assembly, Ground, Search},
};
use choosing::Choosing;
use clap::ValueEnum;
use past::Past;
use std::{
    collections::{BTreeSet, HashMap},
    io::{self, IsTerminal, Read},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

/// More than this is a mistake, or belongs on several machines.
const MOST_RUNS: u64 = 1_000_000;

/// How long connections and children may take to close after the last word was printed.
const CLOSING: Duration = Duration::from_millis(500);

/// What can be typed after `replay`.
#[derive(Debug, clap::Args)]
#[allow(clippy::struct_excessive_bools)] // switches of the command line
pub struct ReplayArgs {
    /// Prompt files (TOML, JSONL, CSV, text, promptfoo's YAML) and folders of them; `-` reads standard input
    #[arg(value_name = "PATH", required = true)]
    pub paths: Vec<PathBuf>,
    /// Continues the latest unfinished batch of the same suite, lanes and settings
    #[arg(long)]
    pub resume: bool,
    /// Asks again only what failed in the latest batch of the same suite, lanes and settings
    #[arg(long, conflicts_with = "resume")]
    pub retry_failed: bool,
    /// Only prompts with an id like this, such as `sum-*` (repeatable)
    #[arg(long, value_name = "GLOB", help_heading = "Which prompts")]
    pub filter: Vec<String>,
    /// Only prompts with this tag (repeatable)
    #[arg(long = "tag", value_name = "TAG", help_heading = "Which prompts")]
    pub tags: Vec<String>,
    /// Only so many prompts, drawn by chance
    #[arg(long, value_name = "N", help_heading = "Which prompts")]
    pub sample: Option<usize>,
    /// Which sample
    #[arg(
        long,
        value_name = "S",
        default_value = "0",
        help_heading = "Which prompts"
    )]
    pub sample_seed: u64,
    /// Asks every prompt so often, instead of what the suite says
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..), help_heading = "Which prompts")]
    pub repeat: Option<u32>,
    /// Only one part of several, such as 1/4; all parts together are the whole
    #[arg(long, value_name = "I/N", help_heading = "Which prompts")]
    pub shard: Option<Shard>,
    /// Requests at once at each host
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    pub concurrency: Option<u32>,
    /// Stops before the cell that might bring the cost above this, in US dollars
    #[arg(long, value_name = "USD", value_parser = budget::usd)]
    pub max_cost: Option<f64>,
    /// Keeps nothing
    #[arg(long, conflicts_with_all = ["resume", "retry_failed"])]
    pub no_history: bool,
    /// Ends with status 3 where a check did not pass, or where one passed in the batch before and does not now
    #[arg(long, value_name = "WHAT", value_enum)]
    pub fail_on: Option<FailOn>,
    /// The lane that judges answers where a check says `judge` and names none
    #[arg(long, value_name = "LANE")]
    pub judge: Option<String>,
    /// Has the judge choose the better of every two answers to a prompt, in both orders
    #[arg(long, requires = "judge", conflicts_with = "no_history")]
    pub pairs: bool,
    #[command(flatten)]
    pub run: RunOptions,
}

/// What else makes a replay fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// A check that did not pass
    Checks,
    /// A check that passed in the batch before and does not now
    Regressions,
}

/// Replays.
pub fn run(context: &Context, args: &ReplayArgs) -> Result<Exit, CliError> {
    context.start_log();
    let Some((suite, whole)) = suite_of(context, args)? else {
        return Ok(Exit::Success);
    };
    let runtime = wiring::runtime()?;
    let ended = runtime.block_on(replay_on(context, args, suite, &whole));
    // Name look-ups that nobody waits for any more must not hold up the end.
    runtime.shutdown_timeout(CLOSING);
    ended
}

/// The prompts, and the fingerprint of all of them where this is a part; `None` where the part is empty.
fn suite_of(context: &Context, args: &ReplayArgs) -> Result<Option<(Suite, String)>, CliError> {
    let stdin = || {
        let mut bytes = Vec::new();
        io::stdin().lock().read_to_end(&mut bytes).map(|_| bytes)
    };
    let suite = suite::load(&args.paths, stdin).map_err(|error| {
        CliError::usage(format!("the prompt files cannot be used\n{error}"))
            .hint("prompts/README.md shows how a suite is written")
    })?;
    context.warn(&suite.notes);
    context.warn_of_changes(&suite.warnings);
    let pick = Pick {
        filter: args.filter.clone(),
        tags: args.tags.clone(),
        sample: args.sample,
        sample_seed: args.sample_seed,
        repeat: args.repeat,
        shard: None,
    };
    let wrong = |error: PickError| CliError::usage(error.to_string());
    let suite = pick.apply(suite).map_err(wrong)?;
    let cells: u64 = suite.cases.iter().map(|case| u64::from(case.repeat)).sum();
    if cells > MOST_RUNS {
        return Err(CliError::usage(format!(
            "{cells} prompts, repetitions counted, are more than {MOST_RUNS}"
        ))
        .hint("--shard parts them, --sample takes some, --repeat says how often"));
    }
    let whole = suite::fingerprint(&suite);
    let part = Pick {
        shard: args.shard,
        ..Pick::default()
    };
    match part.apply(suite) {
        Ok(suite) => Ok(Some((suite, whole))),
        // A job array may have more jobs than there are prompts.
        Err(error @ PickError::EmptyShard { .. }) => {
            context.say(&format!("Nothing to do: {error}."));
            Ok(None)
        }
        Err(error) => Err(wrong(error)),
    }
}

/// What is asked, of whom and how.
struct Stage {
    suite: Suite,
    /// A case and a repetition, in the order in which they are asked.
    runs: Vec<(usize, u32)>,
    lanes: Vec<Lane>,
    judges: HashMap<String, Lane>,
    settings: Settings,
}

async fn replay_on(
    context: &Context,
    args: &ReplayArgs,
    suite: Suite,
    whole: &str,
) -> Result<Exit, CliError> {
    let stage = stage(context, args, suite).await?;
    let how = settings::of(&stage.settings, &stage.lanes, args)?;
    let keys = settings::keys(&stage.suite, whole, &how, args);
    let head = BatchHead {
        id: BatchId(uuid::Uuid::now_v7().to_string()),
        started_at: run::now(),
        kind: BatchKind::Replay,
        suite: Some(stage.suite.title.clone()),
        settings: how,
    };
    if !stage.settings.history.is_enabled && (args.resume || args.retry_failed || args.pairs) {
        return Err(CliError::usage(
            "the history is switched off, and nothing can be continued without one",
        )
        .hint("`enabled = true` under [history] in the configuration keeps what is run"));
    }
    let keeps = !args.no_history && stage.settings.history.is_enabled;
    let past = if keeps {
        Past::open(context, args, head, keys, &stage)?
    } else {
        Past::none(head, stage.runs.len() * stage.lanes.len())
    };
    let choosing = Choosing::of(args, &stage);
    if let Some(exit) = past.is_over(context, args)? {
        choosing.run(context, &past).await?;
        return Ok(exit);
    }
    let max_cost_usd = args.max_cost.or(stage.settings.max_cost_usd);
    budget::announce(context, &stage, &past.is_done, max_cost_usd)?;
    let replay = Replay {
        max_cost_usd,
        ..of(context, args, stage, &past)?
    };
    let signals = signals::signals()
        .map_err(|error| CliError::failed("cannot listen for signals").caused_by(error))?;
    let outputs = Outputs {
        out: Box::new(io::stdout()),
        err: Box::new(io::stderr()),
    };
    let report: Report = replay::replay(replay, outputs, signals)
        .await
        .map_err(CliError::output)?;
    let is_done = matches!(report.outcome, replay::Outcome::Done);
    let exit = closing_words::say(context, args, &past, report)?;
    if is_done {
        choosing.run(context, &past).await?;
    }
    Ok(exit)
}

async fn stage(context: &Context, args: &ReplayArgs, suite: Suite) -> Result<Stage, CliError> {
    let mut ground = Ground::load(context, &args.run)?;
    if let Some(most) = args.concurrency {
        ground = ground.with_concurrency(most);
    }
    let assembly = wiring::assemble_on(ground, Search::Awaited).await?;
    context.warn(&assembly.settings.warnings);
    let judges = judges(context, args, &suite, &assembly).await?;
    let mut settings = assembly.settings;
    settings.lanes.retain(|plan| plan.is_enabled);
    let mut lanes = assembly.lanes;
    lanes.retain(|lane| lane.plan.is_enabled);
    if lanes.is_empty() {
        return Err(CliError::usage("there is no lane to ask")
            .hint("`tierscope lanes` says which lanes there are and what the others lack"));
    }
    Ok(Stage {
        runs: runs_of(&suite),
        suite,
        lanes,
        judges,
        settings,
    })
}

/// The replay of a stage into a batch; without a limit of its cost.
fn of(context: &Context, args: &ReplayArgs, stage: Stage, past: &Past) -> Result<Replay, CliError> {
    let settings = stage.settings;
    let concurrency = |lane: &Lane| {
        let usual = u32::try_from(USUAL_CONCURRENCY).unwrap_or(1);
        let host = settings.hosts.get(&lane.plan.provider);
        let of_host = host.map(|host| host.concurrency);
        args.concurrency.or(of_host).unwrap_or(usual)
    };
    let mut checkers = Checkers::default();
    let cases = stage.suite.cases.into_iter().map(|case| {
        let checker = case.check.as_ref().map(|check| checkers.checker(check));
        let checker = checker
            .transpose()
            .map_err(|error| CliError::usage(format!("{}: {error}", case.id)))?;
        Ok((Arc::new(case), checker.map(Arc::new)))
    });
    let posts = stage.lanes.iter();
    Ok(Replay {
        batch: past.head.clone(),
        cases: cases.collect::<Result<_, CliError>>()?,
        runs: stage.runs,
        posts: posts
            .map(|lane| replay::post(lane, settings.schedule, concurrency))
            .collect(),
        lanes: stage.lanes,
        judges: stage.judges,
        judge: args.judge.clone(),
        schedule: settings.schedule,
        is_done: past.is_done.clone(),
        spent_usd: past.spent_usd,
        max_cost_usd: None,
        is_system_fixed: args.run.system.is_some(),
        is_max_tokens_fixed: args.run.max_tokens.is_some(),
        recorder: past.recorder()?,
        face: face(context),
    })
}

/// How progress is shown.
fn face(context: &Context) -> Face {
    let is_plain = context.environment.var("TERM") == Some("dumb");
    match (
        context.global.quiet,
        io::stderr().is_terminal() && !is_plain,
    ) {
        (true, _) => Face::Silent,
        (false, true) => Face::Bars { columns: columns() },
        (false, false) => Face::Lines,
    }
}

/// All repetitions of a prompt lie far apart, so that what changes over time is not taken for noise.
fn runs_of(suite: &Suite) -> Vec<(usize, u32)> {
    let most = suite
        .cases
        .iter()
        .map(|case| case.repeat)
        .max()
        .unwrap_or(1);
    (1..=most)
        .flat_map(|repetition| {
            let cases = suite.cases.iter().enumerate();
            cases
                .filter(move |(_, case)| repetition <= case.repeat.max(1))
                .map(move |(at, _)| (at, repetition))
        })
        .collect()
}

/// The lanes that judge: those that checks name, and the one of the command line.
async fn judges(
    context: &Context,
    args: &ReplayArgs,
    suite: &Suite,
    assembly: &Assembly,
) -> Result<HashMap<String, Lane>, CliError> {
    let mut names: BTreeSet<&str> = BTreeSet::new();
    let (mut wants_one, checks) = (
        false,
        suite.cases.iter().filter_map(|case| case.check.as_ref()),
    );
    for judge in checks.flat_map(|check| check.judges()) {
        match &judge.lane {
            Some(name) => drop(names.insert(name)),
            None => wants_one = true,
        }
    }
    if let Some(name) = args.judge.as_deref().filter(|_| wants_one || args.pairs) {
        names.insert(name);
    }
    if wants_one && args.judge.is_none() {
        context.warn(&[
            "checks that say `judge` are not judged: --judge LANE names the lane that does"
                .to_owned(),
        ]);
    }
    let mut found = HashMap::new();
    let mut missing = Vec::new();
    for name in names {
        match assembly.lanes.iter().find(|lane| lane.plan.name == name) {
            Some(lane) => drop(found.insert(name.to_owned(), lane.clone())),
            None => missing.push(name.to_owned()),
        }
    }
    if !missing.is_empty() {
        let options = RunOptions {
            lanes: missing,
            ..RunOptions::default()
        };
        let more = wiring::assemble(context, &options, Search::Awaited).await?;
        found.extend(
            more.lanes
                .into_iter()
                .map(|lane| (lane.plan.name.clone(), lane)),
        );
    }
    Ok(found)
}

/// Whether a lane's model is a file of this machine.
fn is_file(lane: &Lane) -> bool {
    matches!(lane.plan.source, LaneSource::Local(_))
}
