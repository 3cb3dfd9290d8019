//! How the state of a lane is said to a person: a symbol and words, the same in every face. Decides no colour and
//! shows no text of the answer.

use super::{
    cost::CostSum,
    event::FinishReason,
    failure::{FailureKind, LaneFailure},
    figures,
    forecast::{self, Forecast},
    lane::{LaneState, Phase},
    plan::{LanePlan, LaneSource},
    sanitise::sanitise_line,
    usage::{Usage, UsageSource},
};
use std::time::Duration;

/// A state in one symbol and in words; either alone is enough to know it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Words {
    /// One column wide.
    pub symbol: char,
    /// Safe to show, on one line.
    pub text: String,
}

impl Words {
    /// A state in words.
    pub fn new(symbol: char, text: impl Into<String>) -> Self {
        Self {
            symbol,
            text: text.into(),
        }
    }
}

impl std::fmt::Display for Words {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "{} {}", self.symbol, self.text)
    }
}

/// The phase of a lane, `now` being the time since the run began.
pub fn phase(plan: &LanePlan, lane: &LaneState, now: Duration) -> Words {
    match &lane.phase {
        Phase::Queued => match &lane.retry {
            Some(retry) => {
                let from = lane.timeline.waiting.unwrap_or(now);
                let wait = Duration::from_millis(retry.after_ms);
                let left = wait.saturating_sub(now.saturating_sub(from));
                Words::new('↻', format!("{}, again in {}", retry.kind, seconds(left)))
            }
            None => Words::new('·', "queued"),
        },
        Phase::Loading { percent } => Words::new('◌', format!("loading {percent} %")),
        Phase::Connecting => Words::new('·', waiting_words(plan)),
        Phase::Prefill { total: 0, .. } => Words::new('·', "prefill"),
        Phase::Prefill { done, total } => Words::new(
            '·',
            format!(
                "prefill {}/{}",
                figures::count(u64::from(*done)),
                figures::count(u64::from(*total))
            ),
        ),
        Phase::Thinking => {
            let since = lane.timeline.reasoning.first().unwrap_or(now);
            let clock = figures::clock(now.saturating_sub(since));
            Words::new('…', format!("thinking {clock}"))
        }
        Phase::Answering => Words::new('▸', "answering"),
        Phase::Done(_) | Phase::Failed(_) | Phase::Cancelled => outcome(plan, lane),
    }
}

/// A number with its word: `1 cell`, `2 cells`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    let word = if number == 1 { one } else { many };
    format!("{} {word}", figures::count(number))
}

/// How a lane ended, with what to do about it; a lane that never ended counts as stopped.
pub fn outcome(plan: &LanePlan, lane: &LaneState) -> Words {
    match &lane.phase {
        Phase::Done(reason) => finished(*reason, lane),
        Phase::Failed(failure) => Words::new('✗', failed_short(plan, failure)),
        Phase::Cancelled
        | Phase::Queued
        | Phase::Loading { .. }
        | Phase::Connecting
        | Phase::Prefill { .. }
        | Phase::Thinking
        | Phase::Answering => Words::new('■', "stopped"),
    }
}

fn finished(reason: FinishReason, lane: &LaneState) -> Words {
    match reason {
        FinishReason::Stop if lane.answer.is_empty() => {
            Words::new('✓', "done, with an empty answer")
        }
        FinishReason::Stop => Words::new('✓', "done"),
        FinishReason::Length => {
            let usage = lane.usage();
            let text = match (usage.reasoning_tokens, usage.completion_tokens) {
                (Some(thought), Some(all)) if thought > 0 && thought <= all => format!(
                    "length (thinking took {} of {} tokens)",
                    figures::count(thought),
                    figures::count(all)
                ),
                (_, Some(all)) => format!("length (after {} tokens)", figures::count(all)),
                (_, None) => "length".to_owned(),
            };
            Words::new('✂', text)
        }
        FinishReason::ContentFilter => Words::new('⊘', "cut by the provider's filter"),
        FinishReason::Refusal => Words::new('⊘', "refused"),
        FinishReason::ToolCalls => Words::new('✓', "done, wants to call a tool"),
        FinishReason::Other => Words::new('✓', "done, for another reason"),
    }
}

/// A failure with its words and what to do: `401 wrong key: invalid key; set OPENAI_API_KEY`.
pub fn failed(plan: &LanePlan, failure: &LaneFailure) -> String {
    let mut text = failed_in_brief(failure);
    let message = sanitise_line(&failure.message);
    if failure.is_no_key() {
        text.clone_from(&message);
    } else if !message.is_empty() {
        text = format!("{text}: {message}");
    }
    if let Some(remedy) = remedy(plan, failure).filter(|remedy| !message.contains(remedy)) {
        text = format!("{text}; {remedy}");
    }
    text
}

/// A failure with what to do about it; in the server's words where that is all there is: `401 wrong key: set
/// OPENAI_API_KEY`.
fn failed_short(plan: &LanePlan, failure: &LaneFailure) -> String {
    match remedy(plan, failure) {
        Some(remedy) => format!("{}: {remedy}", failed_in_brief(failure)),
        None => failed(plan, failure),
    }
}

/// A failure in its first words, where all of them stand nearby: `500 server error`.
pub fn failed_in_brief(failure: &LaneFailure) -> String {
    match failure.status {
        Some(status) => format!("{status} {}", failure.words()),
        None => failure.words().to_owned(),
    }
}

/// What the person can do about a failure, where that is the same whatever the server says.
fn remedy(plan: &LanePlan, failure: &LaneFailure) -> Option<String> {
    match (failure.kind, &plan.source) {
        (FailureKind::Auth, LaneSource::Remote(remote)) => remote
            .api_key_env
            .as_deref()
            .filter(|name| !name.is_empty())
            .map(|name| format!("set {}", sanitise_line(name))),
        (FailureKind::Timeout, LaneSource::Remote(_) | LaneSource::Local(_)) => {
            Some(format!("raise {}", limit_of(failure)))
        }
        (FailureKind::ContextLength, LaneSource::Local(_)) => {
            Some("shorten the prompt or raise context_tokens".to_owned())
        }
        _ => None,
    }
}

/// The setting that ran out: our own message names it where it is not the limit for all of the answer.
fn limit_of(failure: &LaneFailure) -> &'static str {
    ["idle_timeout", "connect_timeout"]
        .into_iter()
        .find(|setting| failure.status.is_none() && failure.message.contains(setting))
        .unwrap_or("timeout")
}

/// What a lane cost: `–` where there is no price to know, as on a local lane, and `?` where it may have cost something and
/// nobody said how much.
///
/// While a lane runs, its own estimate stands in for a prompt count that has not been reported; the cost is then an
/// estimate.
pub fn cost(plan: &LanePlan, lane: &LaneState) -> String {
    if has_no_price(plan) {
        return figures::UNKNOWN.to_owned();
    }
    let usage = usage_for_cost(lane);
    let has_counts = usage.prompt_tokens.is_some() && usage.completion_tokens.is_some();
    if (plan.price.is_some() || was_recorded(plan)) && !has_counts {
        let is_open = lane.phase.is_terminal() && (usage.is_known() || was_lost(lane));
        let words = if is_open {
            figures::UNKNOWN_PRICE
        } else {
            figures::UNKNOWN
        };
        return words.to_owned();
    }
    figures::usd(amount(plan, &usage), usage.source)
}

/// What a lane cost in US dollars; `None` while any part of it is unknown.
pub fn cost_usd(plan: &LanePlan, lane: &LaneState) -> Option<f64> {
    amount(plan, &lane.usage())
}

/// What so many tokens cost; of a past run, what they were recorded to.
fn amount(plan: &LanePlan, usage: &Usage) -> Option<f64> {
    let recorded = match &plan.source {
        LaneSource::Played(played) => played.cost_usd.filter(|_| usage.is_known()),
        LaneSource::Local(_) | LaneSource::Remote(_) | LaneSource::Tape(_) => None,
    };
    recorded.or_else(|| plan.price.as_ref()?.cost_usd(usage))
}

/// What all lanes cost together, as [`sum`] writes it.
pub fn total_cost<'a>(lanes: impl IntoIterator<Item = (&'a LanePlan, &'a LaneState)>) -> String {
    sum(&cost_sum(lanes))
}

/// What lanes cost together. A lane whose answer was being paid for and whose counts never came is an unknown part.
pub fn cost_sum<'a>(lanes: impl IntoIterator<Item = (&'a LanePlan, &'a LaneState)>) -> CostSum {
    let mut all = CostSum::default();
    for (plan, lane) in lanes {
        let usage = usage_for_cost(lane);
        let cost = amount(plan, &usage);
        let is_estimated = usage.source == Some(UsageSource::Estimated);
        let is_unknown = !has_no_price(plan) && (usage.is_known() || was_lost(lane));
        if cost.is_some() || is_unknown {
            all.add(cost, is_estimated);
        }
    }
    all
}

/// A sum for a person: what is known, with `+ ?` where a part of it is not; `–` where nothing costs anything.
pub fn sum(sum: &CostSum) -> String {
    let source = sum.is_estimated.then_some(UsageSource::Estimated);
    match (sum.known_usd, sum.has_unknown) {
        (Some(_), false) => figures::usd(sum.known_usd, source),
        (Some(_), true) => format!("{} + ?", figures::usd(sum.known_usd, source)),
        (None, true) => figures::UNKNOWN_PRICE.to_owned(),
        (None, false) => figures::UNKNOWN.to_owned(),
    }
}

/// What one lane will cost at the most.
pub fn forecast(forecast: Forecast) -> String {
    match forecast {
        Forecast::Free => figures::UNKNOWN.to_owned(),
        Forecast::Unknown => figures::UNKNOWN_PRICE.to_owned(),
        Forecast::AtMost(cost) => figures::usd(Some(cost), Some(UsageSource::Estimated)),
    }
}

/// Whether a lane had begun to be served and ended without a count: what it cost, nobody said.
const fn was_lost(lane: &LaneState) -> bool {
    lane.phase.is_terminal() && lane.timeline.accepted.is_some()
}

/// While a lane runs, its prompt may be estimated. Once it has ended, its cost is what its record says of it: without a
/// reported prompt nobody knows it.
fn usage_for_cost(lane: &LaneState) -> Usage {
    let usage = lane.usage();
    if lane.phase.is_terminal() {
        return usage;
    }
    match (
        usage.prompt_tokens,
        usage.completion_tokens,
        lane.prompt_estimate,
    ) {
        (None, Some(_), Some(estimate)) => Usage {
            prompt_tokens: Some(estimate),
            source: Some(UsageSource::Estimated),
            ..usage
        },
        _ => usage,
    }
}

fn has_no_price(plan: &LanePlan) -> bool {
    plan.price.is_none() && !was_recorded(plan) && forecast::is_own(plan)
}

/// Whether the cost of a past run is known.
const fn was_recorded(plan: &LanePlan) -> bool {
    matches!(&plan.source, LaneSource::Played(played) if played.cost_usd.is_some())
}

const fn waiting_words(plan: &LanePlan) -> &'static str {
    match plan.source {
        LaneSource::Remote(_) => "connecting",
        LaneSource::Local(_) | LaneSource::Tape(_) | LaneSource::Played(_) => "starting",
    }
}

fn seconds(time: Duration) -> String {
    format!("{} s", time.as_millis().div_ceil(1_000))
}

#[cfg(test)]
mod tests;
