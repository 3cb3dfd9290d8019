//! `tierscope history show`: a batch or a run for a person. Computes nothing that a report does not.

use super::{Walk, race, refused};
use crate::{
    cli::grid::{self, Column},
    domain::{
        figures,
        id::{BatchId, RunId},
        record::LaneRecord,
        sanitise::{sanitise, sanitise_line},
        summary::cut,
    },
    failure::CliError,
    history::{History, StoredRun},
    report::{Evidence, sentence, words},
};
use std::io::{self, Write};

/// Columns of a prompt in a list.
const PROMPT: usize = 48;

/// A batch: its lanes, and its runs in a line each.
pub(super) fn batch(history: &History, id: &BatchId, out: &mut impl Write) -> Result<(), CliError> {
    let head = history.batch(id).map_err(|error| refused(&error))?;
    let mut evidence = Evidence::default();
    let mut rows = Vec::new();
    history
        .each_run(id, |stored| {
            evidence.begin_run(race(&stored));
            for cell in &stored.cells {
                evidence.add(&stored.run, &cell.record, cell.judge_cost_usd);
            }
            rows.push(row(&stored));
            Ok::<_, Walk>(())
        })
        .map_err(Walk::into_error)?;
    let title = head.suite.as_deref().unwrap_or(head.kind.name());
    let written = writeln!(
        out,
        "{} · {} · {} · {}\n\n{}\n",
        head.kind.name(),
        sanitise_line(title),
        head.started_at,
        head.id,
        sanitise_line(&sentence::summary(&evidence.summaries()))
    );
    written.map_err(CliError::output)?;
    if let Some(missing) = history.missing_parts(id).map_err(|error| refused(&error))? {
        writeln!(out, "It is not whole: {missing}.\n").map_err(CliError::output)?;
    }
    let columns = [
        Column::Words("RUN"),
        Column::Words("PROMPT"),
        Column::Words("TEXT"),
        Column::Words("LANES"),
    ];
    out.write_all(grid::render(&columns, &rows).as_bytes())
        .map_err(CliError::output)
}

fn row(stored: &StoredRun) -> Vec<String> {
    let run = &stored.run;
    let id = run.prompt_id.as_deref().unwrap_or_default();
    let id = if run.repetition > 1 {
        format!("{id} ({})", run.repetition)
    } else {
        id.to_owned()
    };
    let lanes = stored.cells.iter().map(|cell| {
        let mark = words::outcome(&cell.record);
        format!("{} {mark}", sanitise_line(&cell.record.lane.lane))
    });
    vec![
        run.head.id.to_string(),
        sanitise_line(&id),
        cut(&sanitise_line(&run.head.prompt.text), PROMPT),
        lanes.collect::<Vec<_>>().join(", "),
    ]
}

/// A run: the prompt, and each lane's answer with its figures.
pub(super) fn run(history: &History, id: &RunId, out: &mut impl Write) -> Result<(), CliError> {
    let stored = history.run(id).map_err(|error| refused(&error))?;
    write_run(&stored, out).map_err(CliError::output)
}

fn write_run(stored: &StoredRun, out: &mut impl Write) -> io::Result<()> {
    let head = &stored.run.head;
    let prompt = sanitise(&head.prompt.text).replace('\n', "\n> ");
    writeln!(out, "run {} · {}\n\n> {prompt}", head.id, head.started_at)?;
    for cell in &stored.cells {
        let lane = &cell.record.lane;
        let (name, model) = (sanitise_line(&lane.lane), sanitise_line(&lane.model));
        writeln!(out, "\n── {name} · {model} ──")?;
        if !lane.reasoning.is_empty() {
            let thought = lane.reasoning.chars().count();
            writeln!(out, "(thinking: {thought} characters)")?;
        }
        writeln!(out, "{}", sanitise(&lane.answer))?;
        if let Some(error) = &lane.error {
            writeln!(out, "✗ {}", sanitise_line(&error.to_string()))?;
        }
        for verdict in &cell.record.checks {
            let mark = match verdict.passed {
                Some(true) => "✓",
                Some(false) => "✗",
                None => "?",
            };
            let reason = sanitise_line(&verdict.reason);
            writeln!(out, "{mark} {}: {reason}", verdict.check)?;
        }
        writeln!(out, "{}", numbers(lane))?;
    }
    Ok(())
}

fn numbers(lane: &LaneRecord) -> String {
    let source = lane.usage.source;
    let mut parts = vec![
        format!("first {}", figures::time(lane.timing.ttft_ms).trim()),
        format!("answer {}", figures::time(lane.timing.ttfa_ms).trim()),
        format!("all {}", figures::time(lane.timing.e2e_ms).trim()),
        format!(
            "{} tok",
            figures::tokens(lane.usage.completion_tokens, source)
        ),
        format!(
            "{} tok/s",
            figures::rate(lane.speed.decode_tokens_per_sec, source).trim()
        ),
    ];
    if lane.cost_usd.is_some() {
        parts.push(figures::usd(lane.cost_usd, source));
    }
    parts.join(" · ")
}
