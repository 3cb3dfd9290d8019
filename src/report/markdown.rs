//! The report as Markdown, as code hosts show it. Holds no answer; whatever stands in a name is text there, too.

use super::{
    compare::{BatchComparison, Change, ChangeKind, Paired, Standing},
    findings::Findings,
    formulas::FORMULAS,
    quoted, rows, votes, words,
};
use crate::domain::{figures, sanitise::sanitise_line, wording};
use std::io::{self, Write};

/// More changes of a kind are counted, not listed.
const MOST_CHANGES: usize = 50;

/// What stands in the column of pass rates.
pub(super) const PASSED: &str = "passed with Wilson's interval of 95 %, the prompts as clusters, of so many answers (prompts × \
                                 repetitions, where there are several); a cell that failed has not passed.";

/// Stands where a month's cost cannot be told for any lane.
pub(super) const NO_MONTH: &str =
    "No lane has a price that is known for all of its cells, so nothing can be said about a month.";

/// Writes all of it.
pub fn write(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    writeln!(out, "# {}\n", plain(&findings.title()))?;
    for batch in &findings.batches {
        writeln!(
            out,
            "- {} {}, {}",
            batch.kind.name(),
            quoted(&batch.id.0),
            plain(&batch.started_at)
        )?;
    }
    writeln!(out, "- {}\n", findings.extent())?;
    writeln!(out, "{}\n", findings.sentence)?;
    for remark in &findings.remarks {
        writeln!(out, "> {remark}\n")?;
    }
    lanes(out, findings)?;
    need(out, findings)?;
    months(out, findings)?;
    comparisons(out, findings)?;
    votes(out, findings)?;
    if let Some(change) = &findings.change {
        changes(out, change)?;
    }
    writeln!(out, "## What the figures mean\n")?;
    for (name, meaning) in FORMULAS {
        writeln!(out, "- **{name}**: {meaning}")?;
    }
    out.flush()
}

fn lanes(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    if findings.summaries.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Lanes\n")?;
    let heads = [
        "Lane",
        "Tier",
        "Model",
        "Passed",
        "First piece",
        "First answer",
        "tok/s",
        "Time",
        "Cost a prompt",
        "Thinking",
        "Cells",
    ];
    head(out, &heads, 3)?;
    for lane in &findings.summaries {
        let [passed, first, answer, time, rate, cost, thinking, cells] =
            rows::lane(lane).map(|figure| figure.line());
        row(
            out,
            &[
                plain(&lane.lane),
                lane.tier
                    .map_or(figures::UNKNOWN, |tier| tier.name())
                    .to_owned(),
                plain(&lane.model),
                passed,
                first,
                answer,
                rate,
                time,
                cost,
                thinking,
                cells,
            ],
        )?;
    }
    writeln!(
        out,
        "\nMedian [25th, 75th percentile] of the cells that are done; {PASSED} `~` marks an estimate, `–` is not known, `?` is \
         a price that is not known.{}\n",
        rows::count_note(&findings.summaries)
    )?;
    let days = rows::price_days(findings);
    if !days.is_empty() {
        writeln!(out, "Prices: {}.\n", days.join(", "))?;
    }
    for lane in &findings.summaries {
        if !lane.judging().is_empty() {
            writeln!(
                out,
                "Judging the answers of {} cost {} besides.\n",
                quoted(&lane.lane),
                wording::sum(&lane.judging())
            )?;
        }
    }
    Ok(())
}

fn need(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let Some(choice) = &findings.choice else {
        return Ok(());
    };
    writeln!(out, "## What is needed: {}\n", choice.terms())?;
    for (place, sentence) in choice.sentences().iter().enumerate() {
        let end = if place == 0 { "\n" } else { "" };
        let bullet = if place == 0 { "" } else { "- " };
        writeln!(out, "{bullet}{sentence}{end}")?;
    }
    writeln!(out)
}

fn months(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let Some(first) = findings.projections.first() else {
        return Ok(());
    };
    writeln!(
        out,
        "## Cost of {} requests a month\n",
        figures::count(first.requests_per_month)
    )?;
    if findings
        .projections
        .iter()
        .all(|month| month.cost_usd_per_month.is_none())
    {
        return writeln!(out, "{NO_MONTH}\n");
    }
    head(out, &["Lane", "A month", "Mean of a prompt", "Over"], 1)?;
    for (month, lane) in findings.projections.iter().zip(&findings.summaries) {
        row(
            out,
            &[
                plain(&month.lane),
                words::usd(lane, month.cost_usd_per_month),
                words::usd(lane, month.mean_cost_usd),
                words::counted(month.cells, "cell", "cells"),
            ],
        )?;
    }
    writeln!(
        out,
        "\nWhat all cells cost, failed and stopped ones too, over those that ended, as often as there are requests: true where they are like these \
         prompts.\n"
    )
}

fn votes(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    if findings.votes.is_empty() {
        return Ok(());
    }
    writeln!(out, "## Which answers were chosen\n")?;
    head(out, &votes::HEADS, 1)?;
    for lane in &findings.votes {
        let [wins, ties, losses, strength] = lane.cells();
        row(out, &[plain(&lane.lane), wins, ties, losses, strength])?;
    }
    writeln!(out, "\n{}\n", findings.asking.meaning())
}

fn comparisons(out: &mut impl Write, findings: &Findings) -> io::Result<()> {
    let Some(first) = findings.comparisons.first() else {
        return Ok(());
    };
    writeln!(
        out,
        "## The same prompts, against {}\n",
        quoted(&first.base)
    )?;
    paired_head(out)?;
    for comparison in &findings.comparisons {
        paired_row(out, &comparison.lane, &comparison.paired)?;
    }
    writeln!(
        out,
        "\nGeometric means of the ratios of single prompts, with bootstrap intervals; pass rates in points; p of McNemar's \
         exact test.\n"
    )?;
    notes(out, &findings.comparisons.iter().map(|one| &one.paired))
}

/// Explains the marks of these rows.
fn notes<'a>(
    out: &mut impl Write,
    pairs: &(impl Iterator<Item = &'a Paired> + Clone),
) -> io::Result<()> {
    let notes = rows::paired_notes(pairs);
    notes.iter().try_for_each(|note| writeln!(out, "{note}\n"))
}

fn changes(out: &mut impl Write, change: &BatchComparison) -> io::Result<()> {
    writeln!(out, "## Since batch {}\n", quoted(&change.before))?;
    for sentence in change_sentences(change) {
        writeln!(out, "{sentence}\n")?;
    }
    for kind in ChangeKind::ALL {
        let all = change.of_kind(kind).count();
        if all == 0 {
            continue;
        }
        writeln!(out, "### {} ({all})\n", kind.title())?;
        head(out, &["Lane", "Prompt", "Before", "Now"], 4)?;
        for one in change.of_kind(kind).take(MOST_CHANGES) {
            let [before, now] = standings(one);
            row(out, &[plain(&one.lane), plain(&one.prompt), before, now])?;
        }
        if all > MOST_CHANGES {
            writeln!(out, "\n… and {} more", all - MOST_CHANGES)?;
        }
        writeln!(out)?;
    }
    if !change.lanes.is_empty() {
        writeln!(out, "### Now against before\n")?;
        paired_head(out)?;
        for lane in &change.lanes {
            paired_row(out, &lane.lane, &lane.paired)?;
        }
        writeln!(out)?;
    }
    notes(out, &change.lanes.iter().map(|lane| &lane.paired))
}

/// How a change stood before and stands now.
pub(super) fn standings(change: &Change) -> [String; 2] {
    let before = change
        .before
        .map_or_else(|| "not there".to_owned(), Standing::words);
    [before, change.now.words()]
}

/// What a change came to, and what could not be compared.
pub(super) fn change_sentences(change: &BatchComparison) -> Vec<String> {
    let number = |kind| change.of_kind(kind).count() as u64;
    let counted = words::counted;
    let mut out = vec![format!(
        "{}, {}, {} fixed; {} in both.",
        counted(number(ChangeKind::Regression), "regression", "regressions"),
        counted(
            number(ChangeKind::NewFailure),
            "new failure",
            "new failures"
        ),
        figures::count(number(ChangeKind::Fixed)),
        counted(change.prompts, "prompt is", "prompts are"),
    )];
    if change.changed_prompts > 0 {
        let changed = counted(change.changed_prompts, "of them has", "of them have");
        out.push(format!(
            "{changed} another text, or other instructions, now."
        ));
    }
    for (prompts, when) in [
        (change.prompts_only_before, "before"),
        (change.prompts_only_now, "now"),
    ] {
        if prompts > 0 {
            let prompts = counted(prompts, "prompt is", "prompts are");
            out.push(format!("{prompts} there {when} alone."));
        }
    }
    for (lanes, when) in [
        (&change.lanes_only_before, "before"),
        (&change.lanes_only_now, "now"),
    ] {
        if !lanes.is_empty() {
            let names: Vec<String> = lanes.iter().map(String::as_str).map(quoted).collect();
            out.push(format!("Lanes {when} alone: {}.", names.join(", ")));
        }
    }
    out
}

fn paired_head(out: &mut impl Write) -> io::Result<()> {
    head(out, &rows::PAIRED, 1)
}

fn paired_row(out: &mut impl Write, lane: &str, figures: &Paired) -> io::Result<()> {
    let [time, answer, cost, points, p] = rows::paired(figures);
    row(out, &[plain(lane), time, answer, cost, points, p])
}

/// The first columns hold words, the others figures.
fn head(out: &mut impl Write, titles: &[&str], words: usize) -> io::Result<()> {
    writeln!(out, "| {} |", titles.join(" | "))?;
    let rules = (0..titles.len()).map(|place| if place < words { " --- |" } else { " ---: |" });
    writeln!(out, "|{}", rules.collect::<String>())
}

fn row(out: &mut impl Write, cells: &[String]) -> io::Result<()> {
    writeln!(out, "| {} |", cells.join(" | "))
}

/// Untrusted text on one line, none of which means anything to Markdown.
pub(super) fn plain(text: &str) -> String {
    let text = sanitise_line(text);
    let mut out = String::with_capacity(text.len());
    for (place, c) in text.char_indices() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '>' | '#' | '|' | '~' | '@' => {
                out.push('\\');
                out.push(c);
            }
            // An address would become a link by itself.
            ':' if text
                .get(place..)
                .is_some_and(|rest| rest.starts_with("://")) =>
            {
                out.push_str("\\:");
            }
            _ => out.push(c),
        }
    }
    out
}
