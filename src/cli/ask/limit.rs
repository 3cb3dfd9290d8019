//! Holds a prompt to `max_cost` before anything is sent. Prints nothing.

use crate::{
    domain::{
        cost::CostSum,
        figures,
        forecast::{self, Forecast},
        plan::LanePlan,
        sanitise::sanitise_line,
        wording,
    },
    failure::CliError,
};

/// Refuses a prompt that may cost more than the limit, in US dollars, on these lanes together. A lane whose price is not
/// known cannot be held to a limit and is no reason to refuse: the warnings name it.
pub(super) fn held<'a>(
    limit: f64,
    prompt: &str,
    plans: impl Iterator<Item = &'a LanePlan>,
) -> Result<Vec<String>, CliError> {
    let forecasts: Vec<(&LanePlan, Forecast)> = plans
        .map(|plan| {
            let tokens = forecast::prompt_tokens(plan, prompt);
            (plan, Forecast::of(plan, tokens))
        })
        .collect();
    let sum = forecast::sum(forecasts.iter().map(|(_, forecast)| *forecast));
    if sum.known_usd.is_some_and(|known| known > limit) {
        return Err(refused(limit, &sum, &forecasts));
    }
    let unknown = forecasts
        .iter()
        .filter(|(_, forecast)| *forecast == Forecast::Unknown);
    Ok(unknown
        .map(|(plan, _)| {
            format!(
                "max_cost cannot hold lane `{}`: the price of `{}` is not known; `price` in its [[lane]] gives one",
                plan.name, plan.model
            )
        })
        .collect())
}

fn refused(limit: f64, sum: &CostSum, forecasts: &[(&LanePlan, Forecast)]) -> CliError {
    let lanes: Vec<String> = forecasts
        .iter()
        .filter(|(_, forecast)| *forecast != Forecast::Free)
        .map(|(plan, forecast)| {
            format!(
                "{} {}",
                sanitise_line(&plan.name),
                wording::forecast(*forecast)
            )
        })
        .collect();
    CliError::usage(format!(
        "this prompt may cost up to {}, more than max_cost {}: {}; nothing was sent",
        wording::sum(sum),
        figures::usd(Some(limit), None),
        lanes.join(", ")
    ))
    .hint("shorter answers cost less: --max-tokens N")
    .hint("so do fewer lanes: --lane NAME or --tier TIER")
    .hint("or raise `max_cost` under [defaults] in the configuration")
}
