//! Figures of a replay while it goes on: what is done, what it cost, how long the rest takes. Prints nothing.

use super::closing::Closed;
use crate::domain::{cost::CostSum, record::LaneStatus, usage::UsageSource};
use std::time::Duration;
use tokio::time::Instant;

/// Figures of all lanes.
#[derive(Debug, Clone)]
pub struct Tally {
    /// By lane.
    pub lanes: Vec<LaneTally>,
    /// What judging cost.
    pub judging: CostSum,
    /// Times that a lane was asked for money and nobody told what it cost.
    pub lost: usize,
    /// What those cost at the least, estimated.
    pub lost_at_least_usd: f64,
    /// Why a host gets nothing now, and for how long.
    pub waiting: Option<String>,
    began: Instant,
}

/// Figures of one lane.
#[derive(Debug, Clone, Default)]
pub struct LaneTally {
    /// Its name.
    pub name: String,
    /// Cells to be done when this began.
    pub planned: usize,
    /// Cells that are being worked on.
    pub in_flight: usize,
    /// Cells that are done.
    pub done: usize,
    /// Cells that failed.
    pub failed: usize,
    /// Cells that were stopped.
    pub cancelled: usize,
    /// Cells whose checks passed.
    pub passed: usize,
    /// Cells whose checks passed or did not.
    pub judged: usize,
    /// What they cost.
    pub cost: CostSum,
    first_sent: Option<Instant>,
}

impl LaneTally {
    /// Cells that nothing more is to be done about.
    pub const fn ended(&self) -> usize {
        self.done + self.failed
    }
}

impl Tally {
    pub(super) fn new(
        names: impl Iterator<Item = String>,
        planned: &[usize],
        began: Instant,
    ) -> Self {
        let lanes = names.zip(planned).map(|(name, planned)| LaneTally {
            name,
            planned: *planned,
            ..LaneTally::default()
        });
        Self {
            lanes: lanes.collect(),
            judging: CostSum::default(),
            lost: 0,
            lost_at_least_usd: 0.0,
            waiting: None,
            began,
        }
    }

    /// Only now it begins.
    pub(super) const fn begin(&mut self, now: Instant) {
        self.began = now;
    }

    /// US dollars that are known to have been spent.
    pub fn cost_so_far(&self) -> f64 {
        self.cost().known_usd.unwrap_or_default()
    }

    /// Everything that was spent.
    pub fn cost(&self) -> CostSum {
        self.lanes
            .iter()
            .fold(self.judging, |sum, lane| sum.with(lane.cost))
    }

    /// Cells of all lanes that are over, and that there are.
    pub fn progress(&self) -> (usize, usize) {
        let sum = |of: fn(&LaneTally) -> usize| self.lanes.iter().map(of).sum();
        (sum(LaneTally::ended), sum(|lane| lane.planned))
    }

    /// Cells a second since it began.
    pub fn cells_per_sec(&self, now: Instant) -> Option<f64> {
        let (ended, _) = self.progress();
        let elapsed = now.duration_since(self.began).as_secs_f64();
        (ended > 0 && elapsed > 0.0).then(|| ended as f64 / elapsed)
    }

    /// How long the rest takes if every lane goes on as before; `None` while a lane has nothing to tell.
    pub fn time_left(&self, now: Instant) -> Option<Duration> {
        let mut longest = Duration::ZERO;
        for lane in &self.lanes {
            let left = lane.planned.saturating_sub(lane.ended());
            if left == 0 {
                continue;
            }
            let since = now.duration_since(lane.first_sent?);
            if lane.ended() == 0 {
                return None;
            }
            longest = longest.max(since.mul_f64(left as f64 / lane.ended() as f64));
        }
        Some(longest)
    }

    /// How long it has been going on.
    pub fn elapsed(&self, now: Instant) -> Duration {
        now.duration_since(self.began)
    }

    pub(super) fn sent(&mut self, lane: usize, now: Instant) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.in_flight += 1;
            lane.first_sent.get_or_insert(now);
        }
    }

    pub(super) fn came_back(&mut self, lane: usize) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.in_flight = lane.in_flight.saturating_sub(1);
        }
    }

    pub(super) fn ended(&mut self, closed: &Closed) {
        self.judging = self.judging.with(closed.judging);
        let Some(lane) = self.lanes.get_mut(closed.place.lane) else {
            return;
        };
        match closed.status {
            LaneStatus::Done => lane.done += 1,
            LaneStatus::Failed => lane.failed += 1,
            LaneStatus::Cancelled => lane.cancelled += 1,
        }
        if let Some(passed) = closed.passed {
            lane.judged += 1;
            lane.passed += usize::from(passed);
        }
        if let Some(cost) = closed.cost_usd {
            let is_estimated = closed.usage_source == Some(UsageSource::Estimated);
            lane.cost.add(Some(cost), is_estimated);
        } else if !closed.is_free && !closed.untold.is_last {
            lane.cost.add(None, false);
        }
    }

    /// A lane was paid for something that is asked once more.
    pub(super) fn paid(&mut self, lane: usize, cost_usd: f64) {
        if let Some(lane) = self.lanes.get_mut(lane) {
            lane.cost.add(Some(cost_usd), false);
        }
    }

    /// A lane was asked, and nobody told what it cost: at least so much, where anything is known.
    pub(super) fn lost(&mut self, lane: usize, at_least_usd: Option<f64>) {
        self.lost += 1;
        self.lost_at_least_usd += at_least_usd.unwrap_or_default();
        if let Some(lane) = self.lanes.get_mut(lane) {
            if at_least_usd.is_some() {
                lane.cost.add(at_least_usd, true);
            }
            lane.cost.add(None, false);
        }
    }
}
