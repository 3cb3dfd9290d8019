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
    /// The cells that the mean is of.
    pub cells: u64,
    /// Mean cost of a cell that is done, in US dollars: means add up, medians do not. `None` where a price is not known.
    pub mean_cost_usd: Option<f64>,
    /// The same, as often as there are requests.
    pub cost_usd_per_month: Option<f64>,
}

impl Projection {
    /// Of one lane.
    pub fn of(lane: &LaneSummary, requests_per_month: u64) -> Self {
        let total = lane.total_cost_usd.filter(|_| lane.done > 0);
        let mean = total.map(|total| total / lane.done as f64);
        Self {
            lane: lane.lane.clone(),
            requests_per_month,
            cells: lane.done,
            mean_cost_usd: mean,
            cost_usd_per_month: mean.map(|mean| mean * requests_per_month as f64),
        }
    }
}
