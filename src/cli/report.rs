//! `tierscope report`: what batches and runs of the history come to, for a person, a script or a build server. Asks no lane.

mod select;
mod target;

use super::{
    context::Context,
    history::{Walk, read, refused},
};
use crate::{
    domain::{batch::CellRecord, id::BatchId},
    failure::{CliError, Exit},
    history::{Found, History, StoredRun},
    report::{
        BatchComparison, Evidence, Findings, Need, Picks, Wishes, csv, html, json, junit, markdown,
        votes::{Asking, LaneVotes},
    },
};
use clap::{Args, ValueEnum};
use select::Selection;
use std::{io::Write, path::PathBuf};
use target::Target;

/// What can be typed after `report`.
#[derive(Debug, Args)]
pub struct ReportArgs {
    /// Ids of batches or runs, or how they begin; without one the latest batch
    #[arg(value_name = "ID")]
    pub ids: Vec<String>,
    /// The form
    #[arg(long, value_name = "FORMAT", value_enum, default_value = "markdown")]
    pub format: Format,
    /// What a lane has to be, such as `pass>=0.9,ttfa<2s,cost<0.001`: names the cheapest that is, and what the others miss
    #[arg(long, value_name = "EXPR")]
    pub need: Option<Need>,
    /// Projects what each lane would cost in a month
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u64).range(1..))]
    pub requests_per_month: Option<u64>,
    /// Holds the batch against this earlier one: what passed before and does not now, what is slower or dearer
    #[arg(long, value_name = "BATCH")]
    pub compare: Option<String>,
    /// Only this lane (repeatable)
    #[arg(long = "lane", value_name = "NAME")]
    pub lanes: Vec<String>,
    /// Ends with status 3 where a check did not pass or could not be judged or a lane failed, or where something passed in
    /// the batch before (that of `--compare`, or the last one of the same suite) and does not now
    #[arg(long, value_name = "WHAT", value_enum)]
    pub fail_on: Vec<FailOn>,
    /// Writes into this file instead of standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

/// The forms of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, ValueEnum)]
pub enum Format {
    /// Tables for code hosts and chats
    #[default]
    Markdown,
    /// One page with all answers
    Html,
    /// A row per cell
    Csv,
    /// Everything, for scripts
    Json,
    /// Test cases, for build servers
    Junit,
}

/// What makes a report end with another status.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum FailOn {
    /// Something passed before and does not now
    Regressions,
    /// A check did not pass or could not be judged, or a lane failed
    Checks,
}

/// What is kept of all cells after the first look at them.
#[derive(Debug, Default)]
struct Gathered {
    evidence: Evidence,
    picks: Picks,
    /// Of each batch.
    counts: Vec<junit::Counts>,
}

/// Looks at all cells twice: for what is said over them, and to write them.
pub fn run(context: &Context, args: &ReportArgs) -> Result<Exit, CliError> {
    let history = read(context)?;
    let selection = Selection::find(&history, &args.ids, &args.lanes)?;
    let gathered = gather(&history, &selection)?;
    selection.know_lanes(&history, &gathered.evidence)?;
    let change = change(context, args, &history, &selection, &gathered.evidence)?;
    let wishes = Wishes {
        need: args.need.clone(),
        requests_per_month: args.requests_per_month,
    };
    warn_of_loss(context, args, &selection);
    let mut findings = Findings::new(selection.batches.clone(), gathered.evidence, &wishes);
    findings.remarks.extend(selection.remarks(&history)?);
    findings.change = change;
    (findings.votes, findings.asking) = votes(&history, &selection)?;
    let mut target = Target::open(args.output.as_deref())?;
    let written = write(
        &mut target,
        args.format,
        &history,
        &selection,
        &findings,
        &gathered.picks,
        &gathered.counts,
    );
    match written {
        Ok(()) => target.finish()?,
        Err(Walk::History(error)) => return Err(refused(&error)),
        Err(Walk::Output(error)) => return Err(target.error(error)),
    }
    if let Some(path) = &args.output {
        context.say(&format!("{} written", path.display()));
    }
    Ok(exit(context, args, &findings))
}

fn gather(history: &History, selection: &Selection) -> Result<Gathered, CliError> {
    let mut gathered = Gathered {
        counts: vec![junit::Counts::default(); selection.batches.len()],
        ..Gathered::default()
    };
    selection
        .each_racing(history, |batch, stored, race| {
            gathered.evidence.begin_batch(batch);
            gathered.evidence.begin_run(race);
            for cell in &stored.cells {
                gathered
                    .evidence
                    .add(&stored.run, &cell.record, cell.judge_cost_usd);
                if let Some(counts) = gathered.counts.get_mut(batch) {
                    counts.add(&cell.record);
                }
            }
            gathered.picks.add(&records(stored));
            Ok(())
        })
        .map_err(Walk::into_error)?;
    Ok(gathered)
}

/// The votes on the batches and runs that were chosen, between the lanes that were chosen.
fn votes(history: &History, selection: &Selection) -> Result<(Vec<LaneVotes>, Asking), CliError> {
    let mut votes = Vec::new();
    let mut asking = Asking::default();
    for (place, batch) in selection.batches.iter().enumerate() {
        let mut of_batch = history.votes(&batch.id).map_err(|error| refused(&error))?;
        of_batch.retain(|vote| {
            let is_of_lanes = selection.has_lane(&vote.first) && selection.has_lane(&vote.second);
            is_of_lanes && selection.has_run(place, &vote.run)
        });
        for vote in &of_batch {
            let is_free = batch
                .lane_settings(&vote.voter)
                .and_then(|lane| lane.get("provider"))
                .is_some_and(|provider| provider == "local");
            asking.add(&vote.voter, vote.was_asked(), vote.cost_usd, is_free);
        }
        votes.extend(of_batch);
    }
    let votes = votes
        .iter()
        .map(|vote| (vote.first.as_str(), vote.second.as_str(), vote.outcome));
    Ok((LaneVotes::of(votes), asking))
}

fn records(stored: &StoredRun) -> Vec<&CellRecord> {
    stored.cells.iter().map(|cell| &cell.record).collect()
}

/// What became of an earlier batch, where that is asked.
fn change(
    context: &Context,
    args: &ReportArgs,
    history: &History,
    selection: &Selection,
    now: &Evidence,
) -> Result<Option<BatchComparison>, CliError> {
    let is_needed = args.fail_on.contains(&FailOn::Regressions);
    if args.compare.is_none() && !is_needed {
        return Ok(None);
    }
    let Some(own) = selection.one_batch() else {
        return Err(CliError::usage(
            "one batch can be held against another one, and nothing else was chosen",
        )
        .hint(
            "name one batch, or none for the latest: `tierscope report BATCH --compare EARLIER`",
        ));
    };
    let before = if let Some(id) = &args.compare {
        named_batch(history, id)?
    } else {
        let before = history.batch_before(own);
        let Some(batch) = before.map_err(|error| refused(&error))? else {
            context.say("There is no earlier batch of this suite, so nothing can have regressed.");
            return Ok(None);
        };
        batch
    };
    if before == *own {
        return Err(
            CliError::usage(format!("batch {own} is held against itself"))
                .hint("--compare takes an earlier batch; `tierscope history` lists them"),
        );
    }
    let old = Selection::batch(history, &before, &args.lanes)?;
    let suite = |selection: &Selection| selection.batches.first().map(|head| head.suite.clone());
    let compare = if suite(&old) == suite(selection) {
        BatchComparison::of
    } else {
        BatchComparison::of_other_suites
    };
    let old = gather(history, &old)?;
    let change = compare((&before.0, &old.evidence), (&own.0, now));
    Ok(Some(change))
}

fn named_batch(history: &History, id: &str) -> Result<BatchId, CliError> {
    match history.find(Some(id)).map_err(|error| refused(&error))? {
        Found::Batch(batch) => Ok(batch),
        Found::Run(run) => Err(CliError::usage(format!(
            "`{run}` is a run, and --compare takes a batch"
        ))
        .hint("`tierscope history` lists the batches")),
    }
}

/// Says what a form has no place for.
fn warn_of_loss(context: &Context, args: &ReportArgs, selection: &Selection) {
    let is_bare = match args.format {
        Format::Markdown | Format::Html => false,
        Format::Json => selection.one_run().is_some(),
        Format::Csv | Format::Junit => true,
    };
    let asked = [
        (args.need.is_some(), "--need"),
        (args.requests_per_month.is_some(), "--requests-per-month"),
        (args.compare.is_some(), "--compare"),
    ];
    let lost: Vec<&str> = asked
        .iter()
        .filter_map(|(is_asked, name)| is_asked.then_some(*name))
        .collect();
    if is_bare && !lost.is_empty() {
        let warning = format!("this form has no place for {}", lost.join(" and "));
        context.warn(&[warning]);
    }
}

fn write(
    out: &mut Target,
    format: Format,
    history: &History,
    selection: &Selection,
    findings: &Findings,
    picks: &Picks,
    counts: &[junit::Counts],
) -> Result<(), Walk> {
    let id = |batch: usize| selection.batches.get(batch).map_or("", |head| &head.id.0);
    match format {
        Format::Markdown => markdown::write(out, findings).map_err(Walk::Output),
        Format::Html => {
            let mut page = html::Page::new(out, findings, picks).map_err(Walk::Output)?;
            selection.each(history, |_, stored| {
                page.run(&stored.run, &records(stored))
                    .map_err(Walk::Output)
            })?;
            page.finish().map_err(Walk::Output)
        }
        Format::Csv => {
            let mut rows = csv::Rows::new(out).map_err(Walk::Output)?;
            selection.each(history, |batch, stored| {
                stored.cells.iter().try_for_each(|cell| {
                    rows.cell(id(batch), &stored.run, &cell.record)
                        .map_err(Walk::Output)
                })
            })?;
            rows.finish().map_err(Walk::Output)
        }
        Format::Json if selection.one_run().is_some() => selection.each(history, |_, stored| {
            let text = json::one_run(&stored.run, &records(stored));
            text.map_err(std::io::Error::from)
                .and_then(|text| out.write_all(text.as_bytes()))
                .map_err(Walk::Output)
        }),
        Format::Json => {
            let document = json::Document::new(out, &selection.batches);
            let mut document = document.map_err(Walk::Output)?;
            selection.each(history, |_, stored| {
                document
                    .run(&stored.run, &records(stored))
                    .map_err(Walk::Output)
            })?;
            document.finish_with(findings).map_err(Walk::Output)
        }
        Format::Junit => {
            let mut document = junit::Document::new(out, counts).map_err(Walk::Output)?;
            let mut open = None;
            selection.each(history, |batch, stored| {
                if open != Some(batch) {
                    open = Some(batch);
                    if let (Some(head), Some(counts)) =
                        (selection.batches.get(batch), counts.get(batch))
                    {
                        document.suite(head, *counts).map_err(Walk::Output)?;
                    }
                }
                document
                    .run(&stored.run, &records(stored))
                    .map_err(Walk::Output)
            })?;
            document.finish().map_err(Walk::Output)
        }
    }
}

fn exit(context: &Context, args: &ReportArgs, findings: &Findings) -> Exit {
    let change = findings.change.as_ref();
    let has_regressions = change.is_some_and(BatchComparison::has_regressions);
    let mut exit = Exit::Success;
    if args.fail_on.contains(&FailOn::Regressions) && has_regressions {
        context.say("Something passed before and does not now.");
        exit = Exit::LaneFailed;
    }
    if let Some(sentence) = findings.shortfall().sentence()
        && args.fail_on.contains(&FailOn::Checks)
    {
        context.say(&sentence);
        exit = Exit::LaneFailed;
    }
    exit
}

#[cfg(test)]
mod tests;
