//! The lines of a tape: a header, then one object per event. Reads and writes no file.

use super::{
    cost::Price,
    event::{LaneEventKind, StreamEvent},
    failure::{FailureKind, LaneFailure},
    plan::LanePlan,
    record::RunHead,
    tier::Tier,
};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// A longer time in which nothing happens is cut short when a tape is played: nobody waits for hours that were recorded, nor
/// for what a broken file says.
pub const LONGEST_PAUSE: Duration = Duration::from_secs(300);
/// What is left of it.
const SHORT_PAUSE: Duration = Duration::from_secs(1);

/// The first line of a tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TapeHeader {
    /// [`super::record::SCHEMA`].
    pub schema: u32,
    /// What was asked.
    pub run: RunHead,
    /// The lanes; events name them.
    pub lanes: Vec<TapeLane>,
}

/// One lane of a tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TapeLane {
    /// Name.
    pub lane: String,
    /// Tier, where it is known.
    pub tier: Option<Tier>,
    /// Provider.
    pub provider: String,
    /// Model.
    pub model: String,
    /// `local` or `api`.
    pub access: String,
    /// Its prices, where they were known; left out where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Price>,
    /// What it cost in US dollars, where that was recorded; left out where not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_usd: Option<f64>,
}

impl From<&LanePlan> for TapeLane {
    fn from(plan: &LanePlan) -> Self {
        Self {
            lane: plan.name.clone(),
            tier: plan.tier,
            provider: plan.provider.name().to_owned(),
            model: plan.model.clone(),
            access: plan.access().to_owned(),
            price: plan.price.clone(),
            cost_usd: None,
        }
    }
}

/// Every other line of a tape.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct TapeLine {
    /// The lane's name.
    pub lane: String,
    /// Microseconds since the run began; pieces of one read share it.
    pub at_us: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: LaneEventKind,
}

/// Whether an event says how its lane ended.
pub const fn ends_lane(event: &LaneEventKind) -> bool {
    matches!(
        event,
        LaneEventKind::Failed { .. }
            | LaneEventKind::Cancelled
            | LaneEventKind::Stream(StreamEvent::Finished { .. })
    )
}

/// What is said of a lane whose recording does not say how it ended.
pub fn cut_off() -> LaneFailure {
    LaneFailure::new(
        FailureKind::Truncated,
        "the tape ends here, before this lane did",
    )
}

/// When the events of a tape are played: when they came, long pauses cut short. The events keep their own times.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Pauses {
    last: Duration,
    skipped: Duration,
}

impl Pauses {
    /// When the next event is played, which came at this time.
    pub fn play_at(&mut self, at: Duration) -> Duration {
        let pause = at.saturating_sub(self.last);
        self.last = self.last.max(at);
        if pause > LONGEST_PAUSE {
            self.skipped += pause.saturating_sub(SHORT_PAUSE);
        }
        at.saturating_sub(self.skipped)
    }

    /// What is said where events at these times have pauses that are cut short; `None` where none is.
    pub fn notice(times: impl IntoIterator<Item = Duration>) -> Option<String> {
        let mut pauses = Self::default();
        for at in times {
            pauses.play_at(at);
        }
        (!pauses.skipped.is_zero()).then(|| {
            format!(
                "pauses of more than {} minutes are cut short to {} s; the figures are those of the recording",
                LONGEST_PAUSE.as_secs() / 60,
                SHORT_PAUSE.as_secs()
            )
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_nobody_would_wait_for_is_cut_short() {
        let seconds = Duration::from_secs;
        let mut pauses = Pauses::default();
        let played = [0, 2, 302, 10_000, 10_001].map(|at| pauses.play_at(seconds(at)));
        assert_eq!(played, [0, 2, 302, 303, 304].map(seconds));
        assert_eq!(Pauses::notice([seconds(1), seconds(300)]), None);
        let said = Pauses::notice([seconds(1), seconds(302)]).unwrap();
        assert!(said.contains("more than 5 minutes"), "{said}");
        // The longest time that a tape can say.
        let end = Duration::from_micros(u64::MAX);
        let mut pauses = Pauses::default();
        assert_eq!(pauses.play_at(end), seconds(1));
        assert_eq!(pauses.play_at(end), seconds(1));
    }
}
