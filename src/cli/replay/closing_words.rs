//! What is said when a replay has ended: a table on standard output, what to do next on standard error, the status.

use super::{FailOn, ReplayArgs, aside, budget::counted, past::Past};
use crate::{
    cli::{
        context::Context,
        grid::{self, Column},
        history::{Walk, race, refused},
        print_data,
    },
    domain::{
        cost::CostSum, figures, plan::Schedule, record::LaneStatus, sanitise::sanitise_line,
        stats::Spread, usage::UsageSource, wording,
    },
    failure::{CliError, Exit},
    headless::{
        ask::Signal,
        replay::{Outcome, Report, Tally},
    },
    history::History,
    report::{
        self, BatchComparison, Evidence, LaneSummary, Shortfall, Totals, compare::ChangeKind,
        sentence, sharing, words,
    },
};
use std::{mem, path::Path};

/// Says it.
pub(super) fn say(
    context: &Context,
    args: &ReplayArgs,
    past: &Past,
    schedule: Schedule,
    mut report: Report,
) -> Result<Exit, CliError> {
    let is_done =
        matches!(report.outcome, Outcome::Done) && report.left == 0 && !past.is_incomplete;
    let totals = match &past.file {
        Some(path) => kept(path, past, &report)?,
        None => mem::take(&mut report.totals),
    };
    if is_done {
        past.end()?;
    }
    let mut summaries = totals.summaries().map_err(aside)?;
    let race = sharing::race_of(schedule, &mut summaries);
    print_data(table(&summaries).as_bytes())?;
    context.say(&sentence::summary(&summaries));
    let shared = sharing::remarks(&summaries, &[race]);
    if !shared.is_empty() {
        context.say(&shared.join(" "));
    }
    let shortfall = Shortfall::of(&summaries);
    judged(context, shortfall.unjudged, &summaries);
    lost(context, past, &report.tally)?;
    for (lane, failure) in &report.given_up {
        context.insist(&format!("warning: lane `{lane}` was given up: {failure}"));
    }
    are_left(context, past, &report.outcome, report.left);
    if past.file.is_some() {
        context.say(&format!(
            "tierscope report {} --format html -o report.html writes a page of it.",
            past.head.id
        ));
    }
    match report.outcome {
        Outcome::Unstored(error) => {
            Err(refused(&error).hint("what was stored before is there; --resume goes on"))
        }
        Outcome::Unread(error) => Err(aside(error)),
        Outcome::Stopped(Signal::Interrupt) => Ok(Exit::Interrupted),
        Outcome::Stopped(Signal::Terminate) => Ok(Exit::Terminated),
        Outcome::GivenUp => Ok(Exit::LaneFailed),
        Outcome::Spent => Ok(Exit::Failed),
        Outcome::Done => {
            let fails = match args.fail_on {
                Some(FailOn::Checks) => fails_checks(context, shortfall),
                Some(FailOn::Regressions) => has_regressed(context, past)?,
                None => false,
            };
            Ok(if shortfall.failed > 0 || fails {
                Exit::LaneFailed
            } else {
                Exit::Success
            })
        }
    }
}

/// What is not done, and how to go on with it.
fn are_left(context: &Context, past: &Past, outcome: &Outcome, left: usize) {
    let again = match (&past.file, outcome) {
        (None, _) => "",
        // What failed costs as much as what is left.
        (Some(_), Outcome::Spent) => {
            "; the same command with --resume and a higher --max-cost goes on"
        }
        (Some(_), _) => {
            "; the same command with --resume goes on, with --retry-failed on what failed"
        }
    };
    let words = match left {
        1 => format!("1 cell is left{again}."),
        _ => format!("{left} cells are left{again}."),
    };
    // Whoever wants only errors and results wants to know, too, that these are not all of them.
    match outcome {
        Outcome::Done | Outcome::GivenUp if left == 0 => {}
        Outcome::Done => context.say(&words),
        Outcome::GivenUp => context.insist(&words),
        Outcome::Stopped(_) => context.insist(&format!("Stopped; {words}")),
        Outcome::Spent => context.insist(&format!(
            "The next cell might cost more than is allowed; {words}"
        )),
        Outcome::Unstored(_) | Outcome::Unread(_) => {}
    }
}

/// Whether `--fail-on checks` makes it a failure; says why.
fn fails_checks(context: &Context, shortfall: Shortfall) -> bool {
    if let Some(sentence) = shortfall.sentence() {
        context.say(&sentence);
    }
    !shortfall.is_none()
}

/// The same for a batch that is in the history.
pub(super) fn has_shortfall(context: &Context, past: &Past) -> Result<bool, CliError> {
    let Some(path) = &past.file else {
        return Ok(false);
    };
    let history = History::open_to_read(path).map_err(|error| refused(&error))?;
    let totals = totals_of(&history, past)?;
    let summaries = totals.summaries().map_err(aside)?;
    Ok(fails_checks(context, Shortfall::of(&summaries)))
}

/// What is to be said about the judging.
fn judged(context: &Context, unjudged: u64, summaries: &[LaneSummary]) {
    if unjudged > 0 {
        let answers = if unjudged == 1 { "answer" } else { "answers" };
        context.warn(&[format!(
            "{unjudged} {answers} could not be judged; `tierscope history show` says why, answer by answer"
        )]);
    }
    let judging = summaries.iter().map(LaneSummary::judging);
    let judging = judging.fold(CostSum::default(), CostSum::with);
    if judging.has_unknown || judging.known_usd.is_some_and(|cost| cost > 0.0) {
        context.say(&format!("Judging cost {} besides.", wording::sum(&judging)));
    }
}

/// What is to be said about answers whose cost nobody told: those that broke off, and those of hosts that count nothing.
fn lost(context: &Context, past: &Past, tally: &Tally) -> Result<(), CliError> {
    if tally.lost > 0 {
        let plural = if tally.lost == 1 { "" } else { "s" };
        context.say(&format!(
            "What {} request{plural} cost nobody told: at least {}; --max-cost counts the most.",
            tally.lost,
            figures::usd(Some(tally.lost_at_least_usd), Some(UsageSource::Estimated))
        ));
    }
    unshown(context, past)
}

/// What the batch cost that the table does not show: attempts that others followed, and what was cut off.
fn unshown(context: &Context, past: &Past) -> Result<(), CliError> {
    let Some(path) = &past.file else {
        return Ok(());
    };
    let history = History::open_to_read(path).map_err(|error| refused(&error))?;
    let unshown = history
        .unshown_spend(&past.head.id)
        .map_err(|error| refused(&error))?;
    if unshown.at_most_usd > 0.0 {
        let source = unshown.is_estimated.then_some(UsageSource::Estimated);
        context.say(&format!(
            "Attempts that the table does not show: {} known, at most {}, which --max-cost counts.",
            figures::usd(Some(unshown.known_usd()), source),
            figures::usd(Some(unshown.at_most_usd), None)
        ));
    }
    Ok(())
}

/// What the history holds of the batch; an error where that is less than was put into it.
fn kept(path: &Path, past: &Past, report: &Report) -> Result<Totals, CliError> {
    let (ended, _) = report.tally.progress();
    let lost = |found: usize| {
        CliError::failed(format!(
            "the history {} holds {} of this batch, and {ended} ended: it was moved, deleted or replaced meanwhile",
            path.display(),
            counted(found, "cell"),
        ))
        .hint("what was answered is lost, unless the file lies elsewhere")
    };
    // Whoever opens one that is not there makes a new one.
    if !path.exists() {
        return Err(lost(0));
    }
    let history = History::open_to_read(path).map_err(|error| refused(&error))?;
    let (totals, found) = counted_totals(&history, past)?;
    if found < ended {
        return Err(lost(found));
    }
    Ok(totals)
}

/// What all cells of the batch come to.
fn totals_of(history: &History, past: &Past) -> Result<Totals, CliError> {
    counted_totals(history, past).map(|(totals, _)| totals)
}

/// The same, and how many they are.
fn counted_totals(history: &History, past: &Past) -> Result<(Totals, usize), CliError> {
    let (mut totals, mut found) = (Totals::new(past.is_repeated), 0);
    history
        .each_run(&past.head.id, |stored| {
            let done = stored.cells.iter().map(|cell| &cell.record);
            let mut done = done.filter(|cell| cell.lane.status == LaneStatus::Done);
            let first = done.next().map(|cell| !cell.checks.is_empty());
            let asked = report::Asked {
                prompt: stored.run.prompt_id.as_deref().unwrap_or_default(),
                has_checks: first.map(|first| first || done.any(|cell| !cell.checks.is_empty())),
            };
            found += stored.cells.len();
            for cell in &stored.cells {
                totals.add(asked, &cell.record, cell.judge_cost_usd);
            }
            Ok::<_, Walk>(())
        })
        .map_err(Walk::into_error)?;
    Ok((totals, found))
}

/// The evidence of a batch: a hundred bytes a cell in memory.
fn evidence_of(history: &History, id: &crate::domain::id::BatchId) -> Result<Evidence, CliError> {
    let mut evidence = Evidence::default();
    history
        .each_run(id, |stored| {
            evidence.begin_run(race(&stored));
            for cell in &stored.cells {
                evidence.add(&stored.run, &cell.record, cell.judge_cost_usd);
            }
            Ok::<_, Walk>(())
        })
        .map_err(Walk::into_error)?;
    Ok(evidence)
}

/// Whether a check passed in the batch before and does not now; names them.
pub(super) fn has_regressed(context: &Context, past: &Past) -> Result<bool, CliError> {
    let Some(path) = &past.file else {
        context.warn(&["--fail-on regressions needs the history".to_owned()]);
        return Ok(false);
    };
    let history = History::open_to_read(path).map_err(|error| refused(&error))?;
    let Some(before) = history
        .batch_before(&past.head.id)
        .map_err(|error| refused(&error))?
    else {
        context.say("There is no batch before this one to compare with.");
        return Ok(false);
    };
    let then = evidence_of(&history, &before)?;
    let now = evidence_of(&history, &past.head.id)?;
    let change = BatchComparison::of((&before.0, &then), (&past.head.id.0, &now));
    let found: Vec<String> = change
        .of_kind(ChangeKind::Regression)
        .map(|change| format!("{} on {}", change.lane, change.prompt))
        .collect();
    if !found.is_empty() {
        context.warn(&[format!(
            "passed in batch {before} and does not now: {}",
            found.join(", ")
        )]);
    }
    Ok(!found.is_empty())
}

fn table(lanes: &[LaneSummary]) -> String {
    let columns = [
        Column::Words("LANE"),
        Column::Words("TIER"),
        Column::Figures("CELLS"),
        Column::Figures("FAILED"),
        Column::Figures("PASSED"),
        Column::Words("95 %"),
        Column::Words("OF"),
        Column::Figures("FIRST"),
        Column::Figures("ANSWER"),
        Column::Figures("ALL"),
        Column::Figures("TOK/S"),
        Column::Figures("COST"),
    ];
    let rows: Vec<Vec<String>> = lanes.iter().map(row).collect();
    grid::render(&columns, &rows)
}

fn row(lane: &LaneSummary) -> Vec<String> {
    let source = lane.is_estimated.then_some(UsageSource::Estimated);
    let time = |spread: &Option<Spread>| {
        figures::time(spread.map(|spread| spread.median))
            .trim()
            .to_owned()
    };
    let passed = lane.checks.pass_rate.map(words::percent);
    let interval = lane.checks.interval.map(words::interval);
    let cost = match (lane.total_cost_usd, lane.access.as_str()) {
        (Some(_), _) => wording::sum(&lane.total_cost()),
        (None, "local") => "–".to_owned(),
        (None, _) => "?".to_owned(),
    };
    vec![
        sanitise_line(&lane.lane),
        lane.tier.map_or("?", |tier| tier.name()).to_owned(),
        lane.cells.to_string(),
        if lane.failed == 0 {
            String::new()
        } else {
            lane.failed.to_string()
        },
        passed.unwrap_or_default(),
        interval.unwrap_or_default(),
        // Where it is not simply the number of cells.
        if lane.checks.pass_rate.is_none() || lane.checks.prompts == lane.cells {
            String::new()
        } else {
            words::of_cells(&lane.checks, lane.cells)
        },
        time(&lane.ttft_ms),
        time(&lane.ttfa_ms),
        time(&lane.e2e_ms),
        figures::rate(
            lane.decode_tokens_per_sec.map(|spread| spread.median),
            source,
        )
        .trim()
        .to_owned(),
        cost,
    ]
}
