//! `tierscope replay`: prompt files to all lanes, kept in the history, to be continued where it was stopped. Reads the
//! files, builds the lanes, says what it will cost; the asking is done by `headless`.

mod budget;
mod choosing;
mod closing_words;
mod differences;
mod judges;
mod known;
mod past;
mod rejudging;
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
        id::BatchId,
        plan::LaneSource,
    },
    failure::{CliError, Exit},
    headless::{
        replay::{self, Bench, Face, Post, Replay, Report, Runs},
        sink::Outputs,
    },
    provider::{self, USUAL_CONCURRENCY},
    run::{self, Lane},
    spool::SpoolError,
    suite::{self, Pick, PickError, Shard, Suite},
    wiring::{self, Ground, Search},
};
use choosing::Choosing;
use clap::ValueEnum;
use past::Past;
use std::{
    collections::HashMap,
    io::{self, IsTerminal, Read},
    path::PathBuf,
    sync::Mutex,
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
    #[arg(long, conflicts_with = "no_history")]
    pub resume: bool,
    /// Asks again only what failed in the latest batch of the same suite, lanes and settings
    #[arg(long, conflicts_with = "resume", conflicts_with = "no_history")]
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
    /// A check that did not pass, or could not be judged
    Checks,
    /// A check that passed in the batch before and does not now
    Regressions,
}

/// Replays.
pub fn run(context: &Context, args: &ReplayArgs) -> Result<Exit, CliError> {
    context.start_log();
    let runtime = wiring::runtime()?;
    let Some((suite, whole)) = suite_of(context, args)? else {
        return Ok(Exit::Success);
    };
    let ended = runtime.block_on(replay_on(context, args, suite, &whole));
    // Name look-ups that nobody waits for any more must not hold up the end.
    runtime.shutdown_timeout(CLOSING);
    ended
}

/// The prompts, and the fingerprint of all of them where this is a part; `None` where the part is empty.
fn suite_of(context: &Context, args: &ReplayArgs) -> Result<Option<(Suite, String)>, CliError> {
    let stdin = || {
        let mut bytes = Vec::new();
        // One byte more than is taken tells that it is too much.
        let mut most = io::stdin().lock().take(suite::MAX_BYTES + 1);
        most.read_to_end(&mut bytes).map(|_| bytes)
    };
    let suite = suite::load(&args.paths, stdin).map_err(|error| {
        CliError::usage(format!("the prompt files cannot be used\n{error}"))
            .hint("prompts/README.md shows how a suite is written")
    })?;
    context.warn(&suite.notes);
    context.warn_of_changes(&suite.warnings, suite.more_warnings);
    if let Some(error) = suite.cases.refused() {
        context.warn(&[format!(
            "the temporary folder takes nothing ({error}): all prompts are held in memory"
        )]);
    }
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
    let mut cells = 0;
    for case in suite.cases.iter() {
        cells += u64::from(case.map_err(aside)?.repeat);
    }
    if cells > MOST_RUNS {
        return Err(CliError::usage(format!(
            "{cells} prompts, repetitions counted, are more than {MOST_RUNS}"
        ))
        .hint("--shard parts them, --sample takes some, --repeat says how often"));
    }
    let whole = suite::fingerprint(&suite.cases).map_err(aside)?;
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
    /// Its prompts in the order in which they are asked.
    runs: Runs,
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
    let keys = settings::keys(&stage.suite.cases, whole, &how, args).map_err(aside)?;
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
    let keeps = !args.run.no_history && stage.settings.history.is_enabled;
    let mut past = if keeps {
        Past::open(context, args, head, keys, &stage)?
    } else {
        Past::none(head, &stage)
    };
    let choosing = Choosing::of(args, &stage).map_err(aside)?;
    let max_cost_usd = args.max_cost.or(stage.settings.max_cost_usd);
    if let Some(exit) = rejudging::run(context, args, &stage, &mut past, max_cost_usd).await? {
        return Ok(exit);
    }
    if let Some(exit) = past.is_over(context, args)? {
        let chosen = choosing.run(context, &past, max_cost_usd, past.spent_usd);
        return Ok(chosen.await?.unwrap_or(exit));
    }
    budget::announce(context, args, &stage, &past, max_cost_usd)?;
    let schedule = stage.settings.schedule;
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
    past.must_be_there()?;
    let is_done = matches!(report.outcome, replay::Outcome::Done);
    let spent_usd = report.spent_usd;
    let exit = closing_words::say(context, args, &past, schedule, report)?;
    if !is_done {
        return Ok(exit);
    }
    let chosen = choosing
        .run(context, &past, max_cost_usd, spent_usd)
        .await?;
    Ok(chosen.unwrap_or(exit))
}

async fn stage(context: &Context, args: &ReplayArgs, suite: Suite) -> Result<Stage, CliError> {
    let mut ground = Ground::load(context, &args.run)?.with_prompts_together();
    if let Some(most) = args.concurrency {
        ground = ground.with_concurrency(most);
    }
    let assembly = wiring::assemble_on(ground, Search::Awaited).await?;
    context.warn(&assembly.settings.warnings);
    let judges = judges::found(context, args, &suite, &assembly).await?;
    let mut settings = assembly.settings;
    settings.lanes.retain(|plan| plan.is_enabled);
    let mut lanes = assembly.lanes;
    lanes.retain(|lane| lane.plan.is_enabled);
    if lanes.is_empty() {
        return Err(CliError::usage("there is no lane to ask")
            .hint("`tierscope lanes` says which lanes there are and what the others lack"));
    }
    Ok(Stage {
        runs: runs_of(&suite).map_err(aside)?,
        suite,
        lanes,
        judges,
        settings,
    })
}

/// The replay of a stage into a batch; without a limit of its cost.
fn of(context: &Context, args: &ReplayArgs, stage: Stage, past: &Past) -> Result<Replay, CliError> {
    let settings = stage.settings;
    Ok(Replay {
        batch: past.head.clone(),
        cases: stage.suite.cases,
        checkers: Mutex::new(Checkers::default()),
        runs: stage.runs,
        posts: posts(context, args, &settings, &stage.lanes),
        lanes: stage.lanes,
        judges: stage.judges,
        judge: args.judge.clone(),
        bench: Bench::new(
            args.concurrency
                .map_or(USUAL_CONCURRENCY, |most| most as usize),
        ),
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

/// Where each lane is worked on.
fn posts(context: &Context, args: &ReplayArgs, settings: &Settings, lanes: &[Lane]) -> Vec<Post> {
    let concurrency = |lane: &Lane| {
        let usual = u32::try_from(USUAL_CONCURRENCY).unwrap_or(1);
        let host = settings.hosts.get(&lane.plan.provider);
        let of_host = host.map(|host| host.concurrency);
        args.concurrency.or(of_host).unwrap_or(usual)
    };
    let posts = lanes.iter();
    posts
        .map(|lane| {
            let address = provider::address(&lane.plan, &context.environment);
            replay::post(lane, settings.schedule, address, concurrency)
        })
        .collect()
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

fn runs_of(suite: &Suite) -> Result<Runs, SpoolError> {
    let repeats = suite.cases.iter().map(|case| Ok(case?.repeat));
    Ok(Runs::of(
        &repeats.collect::<Result<Vec<u32>, SpoolError>>()?,
    ))
}

/// The prompts, or the figures of the cells, cannot be read back.
fn aside(error: SpoolError) -> CliError {
    CliError::failed("the temporary folder does not keep what is put into it")
        .caused_by(error)
        .hint("TMPDIR names another folder; what is in the history stays there")
}

/// Whether a lane's model is a file of this machine.
fn is_file(lane: &Lane) -> bool {
    matches!(lane.plan.source, LaneSource::Local(_))
}
