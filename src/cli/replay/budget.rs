//! What a replay will take, before anything is sent: cells, tokens, money. Refuses what has no bound.

use super::{Stage, aside};
use crate::{
    cli::context::Context,
    domain::{
        case::Case,
        cost::CostSum,
        figures,
        forecast::{self, Forecast},
        wording,
    },
    failure::CliError,
    headless::replay::Marks,
    run::Lane,
};

/// An amount of US dollars.
pub(super) fn usd(text: &str) -> Result<f64, String> {
    let amount: f64 = text
        .strip_prefix('$')
        .unwrap_or(text)
        .parse()
        .map_err(|_| format!("must be an amount of US dollars such as 0.50, not `{text}`"))?;
    if amount.is_finite() && amount >= 0.0 {
        Ok(amount)
    } else {
        Err(format!(
            "must be an amount of US dollars such as 0.50, not `{text}`"
        ))
    }
}

/// Says what is to come.
pub(super) fn announce(
    context: &Context,
    stage: &Stage,
    is_done: &Marks,
    limit: Option<f64>,
) -> Result<(), CliError> {
    let Stage {
        suite, runs, lanes, ..
    } = stage;
    let (mut cells, mut tokens, mut cost) = (0_u64, 0_u64, CostSum::default());
    let mut unpriced: Vec<&str> = Vec::new();
    for (run, (at, _)) in runs.iter().enumerate() {
        let Some(case) = suite.cases.case(at).map_err(aside)? else {
            continue;
        };
        for (at, lane) in lanes.iter().enumerate() {
            if is_done.has(run, at) != Some(false) {
                continue;
            }
            let (prompt_tokens, forecast) = of_case(lane, &case);
            cells += 1;
            tokens += prompt_tokens;
            cost = cost.with(forecast::sum([forecast]));
            if forecast == Forecast::Unknown && !unpriced.contains(&lane.plan.name.as_str()) {
                unpriced.push(&lane.plan.name);
            }
        }
    }
    for judge in stage.judges.values() {
        let forecast = Forecast::of(&judge.plan, 0);
        if forecast == Forecast::Unknown {
            unpriced.push(&judge.plan.name);
        }
    }
    if let (Some(limit), false) = (limit, unpriced.is_empty()) {
        return Err(CliError::usage(format!(
            "a limit of {} cannot be kept: what {} costs is not known",
            figures::usd(Some(limit), None),
            unpriced.join(", ")
        ))
        .hint("`price` in a [[lane]] gives one, --max-tokens bounds an answer")
        .hint("or leave those lanes out: --lane NAME or --tier TIER"));
    }
    let money = if cost.is_empty() {
        String::new()
    } else {
        format!(", at most {}", wording::sum(&cost))
    };
    let judging = if stage.judges.is_empty() {
        ""
    } else {
        ", judging not counted"
    };
    context.say(&format!(
        "{}: {} × {}, {cells} cells to do; ~{} prompt tokens{money}{judging}.",
        suite.title,
        counted(runs.len(), "prompt"),
        counted(lanes.len(), "lane"),
        figures::count(tokens)
    ));
    Ok(())
}

fn counted(many: usize, word: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {word}{plural}")
}

fn of_case(lane: &Lane, case: &Case) -> (u64, Forecast) {
    let mut plan = (*lane.plan).clone();
    plan.sampling.max_tokens = case.max_tokens.or(plan.sampling.max_tokens);
    if case.system.is_some() {
        plan.system.clone_from(&case.system);
    }
    let texts: Vec<&str> = case
        .messages
        .iter()
        .map(|message| message.content.as_str())
        .collect();
    let tokens = forecast::prompt_tokens(&plan, &texts.join("\n"));
    (tokens, Forecast::of(&plan, tokens))
}
