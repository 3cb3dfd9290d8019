//! What a lane would cost in a month of so many requests like these. Guesses no price.

use super::summary::LaneSummary;
use serde::Serialize;

/// One lane's cost of a month.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Projection {
    /// The lane.
    pub lane: String,
    /// Requests of a month.
    pub requests_per_month: u64,
    /// The cells that the mean is over: those that ended, done or failed.
    pub cells: u64,
    /// What all cells cost over that, in US dollars: means add up, medians do not. `None` where a price is not known.
    pub mean_cost_usd: Option<f64>,
    /// The same, as often as there are requests.
    pub cost_usd_per_month: Option<f64>,
    /// What some cells cost nobody told: it is at least this.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub is_partial: bool,
}

impl Projection {
    /// Of one lane.
    pub fn of(lane: &LaneSummary, requests_per_month: u64) -> Self {
        let mean = lane.mean_cost_usd();
        Self {
            lane: lane.lane.clone(),
            requests_per_month,
            cells: lane.done + lane.failed,
            mean_cost_usd: mean,
            cost_usd_per_month: mean.map(|mean| mean * requests_per_month as f64),
            is_partial: lane.is_total_cost_partial,
        }
    }
}
