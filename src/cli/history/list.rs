//! `tierscope history list`: the batches as a table or as JSON.

use super::{read, refused};
use crate::{
    cli::{
        context::Context,
        grid::{self, Column},
        print_data,
    },
    domain::{
        cost::CostSum,
        sanitise::{escaped_json, sanitise_line},
        summary::cut,
        wording,
    },
    failure::{CliError, Exit},
    history::BatchRow,
};

/// Columns of a title, a prompt or the names of lanes that a table shows.
const WORDS: usize = 36;
/// Characters of an id that tell batches apart: its time to the millisecond, and some that are random.
const ID: usize = 18;

/// What can be typed after `history list`.
#[derive(Debug, clap::Args)]
pub struct ListArgs {
    /// The most batches to list
    #[arg(long, value_name = "N", default_value = "20")]
    limit: u64,
    /// Prints JSON: an array of all batches
    #[arg(long)]
    json: bool,
}

/// Lists.
pub(super) fn run(context: &Context, args: &ListArgs) -> Result<Exit, CliError> {
    let history = read(context)?;
    let limit = (!args.json).then_some(args.limit);
    let rows = history.batches(limit).map_err(|error| refused(&error))?;
    if args.json {
        let json = serde_json::to_string_pretty(&rows)
            .map_err(|error| CliError::failed("cannot write as JSON").caused_by(error))?;
        print_data((escaped_json(&json) + "\n").as_bytes())?;
        return Ok(Exit::Success);
    }
    if rows.is_empty() {
        context.say("The history is empty.");
        return Ok(Exit::Success);
    }
    let columns = [
        Column::Words("ID"),
        Column::Words("BEGAN (UTC)"),
        Column::Words("WHAT"),
        Column::Words("LANES"),
        Column::Figures("RUNS"),
        Column::Figures("CELLS"),
        Column::Figures("FAILED"),
        Column::Figures("PASSED"),
        Column::Figures("COST"),
        Column::Figures("JUDGING"),
    ];
    let cells: Vec<Vec<String>> = rows.iter().map(cells).collect();
    print_data(grid::render(&columns, &cells).as_bytes())?;
    for row in &rows {
        if let Some(missing) = &row.missing_parts {
            context.say(&format!("Batch {} is not whole: {missing}.", short(row)));
        }
    }
    Ok(Exit::Success)
}

fn short(row: &BatchRow) -> String {
    row.id.0.chars().take(ID).collect()
}

fn cells(row: &BatchRow) -> Vec<String> {
    let what = match (row.kind.as_str(), &row.suite, &row.prompt) {
        ("replay", Some(suite), _) => format!("replay {suite}"),
        (kind, _, Some(prompt)) => format!("{kind}: {prompt}"),
        (kind, _, None) => kind.to_owned(),
    };
    let cells = match row.planned_cells {
        // Nobody here knows how many a part has that is missing.
        _ if row.missing_parts.is_some() => format!("{}/?", row.cells),
        Some(planned) if planned != row.cells => format!("{}/{planned}", row.cells),
        Some(_) | None => row.cells.to_string(),
    };
    let judged = row.checks_passed + row.checks_failed;
    vec![
        short(row),
        row.started_at
            .chars()
            .take(16)
            .collect::<String>()
            .replace('T', " "),
        cut(&sanitise_line(&what), WORDS),
        cut(&sanitise_line(&row.lanes.join(" ")), WORDS),
        row.runs.to_string(),
        cells,
        if row.failed == 0 {
            String::new()
        } else {
            row.failed.to_string()
        },
        if judged == 0 {
            String::new()
        } else {
            format!("{}/{judged}", row.checks_passed)
        },
        cost(row.cost_usd, row.unknown_costs, row.is_cost_estimated),
        cost(row.judge_cost_usd, row.unknown_judge_costs, false),
    ]
}

/// What is known, and that it is not all; nothing where nothing costs anything.
fn cost(known_usd: Option<f64>, unknown: u64, is_estimated: bool) -> String {
    let sum = CostSum {
        known_usd,
        has_unknown: unknown > 0,
        is_estimated,
        ..CostSum::default()
    };
    if sum.is_empty() {
        String::new()
    } else {
        wording::sum(&sum)
    }
}
