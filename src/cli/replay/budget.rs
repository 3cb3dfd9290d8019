//! What a replay will take, before anything is sent: cells, tokens, money, time. What nobody can know is said to be unknown,
//! and a limit that has no bound is refused.

use super::{ReplayArgs, Stage, aside, past::Past, posts, settings};
use crate::{
    cli::context::Context,
    domain::{
        case::Case,
        cost::CostSum,
        figures,
        forecast::{
            self, Forecast,
            asking::Asking,
            expected::{self, Habit, Share},
        },
        plan::LanePlan,
        sanitise::sanitise_line,
        summary, wording,
    },
    failure::CliError,
    headless::replay::Runs,
    history::History,
    run::Lane,
};
use serde_json::Value;

/// The last cells of a lane that a forecast goes by.
const MOST_CELLS: usize = 200;
/// What a line may take.
const COLUMNS: usize = 80;

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
    args: &ReplayArgs,
    stage: &Stage,
    past: &Past,
    limit: Option<f64>,
) -> Result<(), CliError> {
    let habits = habits(stage, past);
    let mut forecasts: Vec<LaneForecast> = habits.into_iter().map(LaneForecast::of).collect();
    let (mut tokens, mut judging) = (0, CostSum::default());
    for (run, (at, _)) in stage.runs.iter().enumerate() {
        let Some(case) = stage.suite.cases.case(at).map_err(aside)? else {
            continue;
        };
        let judges = stage.judges_of(&case, args);
        for (at, (lane, forecast)) in stage.lanes.iter().zip(&mut forecasts).enumerate() {
            if past.is_done.has(run, at) == Some(false) {
                let asking = asking(args, &lane.plan, &case);
                tokens += asking.prompt_tokens();
                forecast.add(&asking);
                judging = judging.with(asking.most_judging(judges.iter().copied()));
            }
        }
    }
    held(limit, stage, &forecasts)?;
    let Stage { runs, lanes, .. } = stage;
    let cells: u64 = forecasts.iter().map(|lane| lane.cells).sum();
    context.say(&format!(
        "{}: {} × {}, {} to do.",
        stage.suite.title,
        asked(runs),
        counted(lanes.len(), "lane"),
        counted(usize::try_from(cells).unwrap_or(usize::MAX), "cell"),
    ));
    let most = forecasts
        .iter()
        .fold(CostSum::default(), |sum, lane| sum.with(lane.most));
    let at_most = |what: &str, sum: &CostSum| {
        let told = format!(", {what}at most {}", wording::sum(sum));
        if sum.is_empty() { String::new() } else { told }
    };
    context.say(&format!(
        "~{} prompt tokens{}{}.",
        figures::count(tokens),
        at_most("", &most),
        at_most("judging ", &judging)
    ));
    if args.pairs {
        context.say("Choosing between pairs is not counted.");
    }
    for line in expected(context, args, stage, &forecasts, past.file.is_some()) {
        context.say(&line);
    }
    Ok(())
}

/// What one lane will take.
struct LaneForecast {
    /// What it did before; `None` where nothing is known of that.
    habit: Option<Habit>,
    cells: u64,
    /// At the most.
    most: CostSum,
    is_unpriced: bool,
    /// By its habit.
    usual: CostSum,
}

impl LaneForecast {
    fn of(habit: Option<Habit>) -> Self {
        Self {
            habit,
            cells: 0,
            most: CostSum::default(),
            is_unpriced: false,
            usual: CostSum::default(),
        }
    }

    fn add(&mut self, asking: &Asking<'_>) {
        let most = asking.most();
        self.cells += 1;
        self.most = self.most.with(forecast::sum([most]));
        self.is_unpriced |= most == Forecast::Unknown;
        let tokens = self.habit.and_then(|habit| habit.completion_tokens);
        match tokens.and_then(|tokens| asking.usd_with(tokens)) {
            Some(cost) => self.usual.add(Some(cost), true),
            None if forecast::is_own(asking.plan) => {}
            None => self.usual.add(None, true),
        }
    }

    /// What is known of it, where all of it is.
    fn known(&self) -> Option<(usize, f64, f64)> {
        let habit = self.habit?;
        Some((habit.cells, habit.completion_tokens?, habit.seconds?))
    }
}

/// Refuses a limit that cannot be kept.
fn held(limit: Option<f64>, stage: &Stage, forecasts: &[LaneForecast]) -> Result<(), CliError> {
    let lanes = stage.lanes.iter().zip(forecasts);
    let lanes = lanes.filter(|(_, forecast)| forecast.is_unpriced);
    let judges = stage.judges.values();
    let judges = judges.filter(|judge| Forecast::of(&judge.plan, 0) == Forecast::Unknown);
    let unpriced: Vec<&str> = lanes
        .map(|(lane, _)| lane)
        .chain(judges)
        .map(|lane| lane.plan.name.as_str())
        .collect();
    match limit {
        Some(limit) if !unpriced.is_empty() => Err(unheld(limit, &unpriced)),
        _ => Ok(()),
    }
}

/// A limit that cannot be kept, for nobody knows what these lanes cost.
pub(super) fn unheld(limit: f64, unpriced: &[&str]) -> CliError {
    CliError::usage(format!(
        "a limit of {} cannot be kept: what {} costs is not known",
        figures::usd(Some(limit), None),
        unpriced.join(", ")
    ))
    .hint("`price` in a [[lane]] gives one, --max-tokens bounds an answer")
    .hint("or leave those lanes out: --lane NAME or --tier TIER")
}

/// What it will take by what the lanes did before, and what is not known of that.
fn expected(
    context: &Context,
    args: &ReplayArgs,
    stage: &Stage,
    forecasts: &[LaneForecast],
    has_history: bool,
) -> Vec<String> {
    let posts = posts(context, args, &stage.settings, &stage.lanes);
    let (mut from, mut tokens, mut cost) = (0, 0.0, CostSum::default());
    let (mut shares, mut unknown) = (Vec::new(), Vec::new());
    let lanes = stage.lanes.iter().zip(&posts).zip(forecasts);
    for ((lane, post), forecast) in lanes.filter(|(_, forecast)| forecast.cells > 0) {
        let Some((cells, completion_tokens, seconds)) = forecast.known() else {
            unknown.push(lane.plan.name.as_str());
            continue;
        };
        from += cells;
        tokens += completion_tokens * forecast.cells as f64;
        cost = cost.with(forecast.usual);
        shares.push(Share {
            place: &post.key,
            most: post.most,
            cells: forecast.cells,
            seconds,
        });
    }
    if shares.is_empty() {
        let why = if has_history {
            "the history has no such cells yet"
        } else {
            "no history is kept"
        };
        return vec![format!("Answer tokens and time are not known: {why}.")];
    }
    let money = cost
        .known_usd
        .map_or(String::new(), |_| format!(", {}", wording::sum(&cost)));
    let mut said = vec![format!(
        "Going by {}: ~{} answer tokens{money}, about {}{}.",
        counted(from, "earlier cell"),
        figures::count(rounded(tokens)),
        figures::clock(expected::time(&shares)),
        if stage.judges.is_empty() {
            ""
        } else {
            " without judging"
        }
    )];
    if !unknown.is_empty() {
        let names = unknown.join(", ");
        let line = format!("Not in that, for want of earlier cells: {names}");
        said.push(summary::cut(&sanitise_line(&line), COLUMNS - 1) + ".");
    }
    said
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // tokens are no less than none
fn rounded(tokens: f64) -> u64 {
    tokens.round() as u64
}

/// What each lane did before, run the same way. A history that cannot be read tells nothing; that is said when it is to
/// be written.
fn habits(stage: &Stage, past: &Past) -> Vec<Option<Habit>> {
    let history = past
        .file
        .as_ref()
        .and_then(|file| History::open_to_read(file).ok());
    let of_lane = |lane: &Lane| {
        let name = lane.plan.name.as_str();
        let own = settings::of_lane(&past.head.settings, name)?;
        let is_same = |how: &Value| settings::of_lane(how, name).is_some_and(|then| then == own);
        let cells = history
            .as_ref()?
            .past_cells(name, MOST_CELLS, is_same)
            .ok()?;
        Habit::of(&cells)
    };
    stage.lanes.iter().map(of_lane).collect()
}

/// How many prompts, and how often each: `40 prompts`, `40 prompts × 3`.
fn asked(runs: &Runs) -> String {
    let prompts = counted(runs.prompts(), "prompt");
    match runs.times() {
        Some(..=1) => prompts,
        Some(times) => format!("{prompts} × {times}"),
        None => format!("{prompts} ({} with repetitions)", runs.len()),
    }
}

pub(super) fn counted(many: usize, word: &str) -> String {
    let plural = if many == 1 { "" } else { "s" };
    format!("{many} {word}{plural}")
}

/// A case as a lane is asked it.
pub(super) fn asking<'a>(args: &ReplayArgs, plan: &'a LanePlan, case: &'a Case) -> Asking<'a> {
    Asking {
        plan,
        system: case.system.as_deref().filter(|_| args.run.system.is_none()),
        messages: &case.messages,
        max_tokens: case.max_tokens.filter(|_| args.run.max_tokens.is_none()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn repetitions_are_told_from_prompts() {
        let said = |repeats: &[u32]| asked(&Runs::of(repeats));
        assert_eq!(said(&[1]), "1 prompt");
        assert_eq!(said(&[1, 1]), "2 prompts");
        assert_eq!(said(&[3; 49]), "49 prompts × 3");
        assert_eq!(said(&[1, 3]), "2 prompts (4 with repetitions)");
    }
}
